//! Parts of segments that searches need every time, kept in memory. A segment never changes, so
//! nothing here is ever stale; what a merge retires is forgotten in time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use moka::sync::Cache;
use vpaura_domain::{EmbeddingId, SegmentId};

/// What an entry takes beside its bytes, roughly.
const OVERHEAD_BYTES: usize = 160;

/// Which part of which segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// The lengths of its chunks.
    Lengths(SegmentId),
    /// The signatures of its chunks' vectors.
    Signatures(EmbeddingId, SegmentId),
}

/// The cache.
#[derive(Debug, Clone)]
pub(crate) struct SegmentCache {
    parts: Cache<Part, Arc<[u8]>>,
}

impl SegmentCache {
    /// A cache of at most so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let weigh = |_: &Part, data: &Arc<[u8]>| {
            u32::try_from(data.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
        };
        Self { parts: Cache::builder().max_capacity(bytes).weigher(weigh).build() }
    }

    /// These parts, in their order. Those that are not here are loaded together; one that `load`
    /// does not give is absent.
    pub(crate) async fn get<K, F, E>(
        &self,
        keys: &[K],
        part: impl Fn(K) -> Part,
        load: F,
    ) -> Result<Vec<Option<Arc<[u8]>>>, E>
    where
        K: Copy + Eq + Hash,
        F: AsyncFnOnce(&[K]) -> Result<Vec<(K, Vec<u8>)>, E>,
    {
        let mut here: HashMap<K, Arc<[u8]>> = HashMap::with_capacity(keys.len());
        let mut missing = Vec::new();
        for key in keys {
            match self.parts.get(&part(*key)) {
                Some(data) => {
                    here.insert(*key, data);
                }
                None => missing.push(*key),
            }
        }
        if !missing.is_empty() {
            for (key, data) in load(&missing).await? {
                let data: Arc<[u8]> = data.into();
                self.parts.insert(part(key), Arc::clone(&data));
                here.insert(key, data);
            }
        }
        Ok(keys.iter().map(|key| here.get(key).cloned()).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use vpaura_domain::{IdGen, SequentialIds};

    use super::*;

    #[tokio::test]
    async fn what_is_missing_is_loaded_once_and_the_order_is_kept() {
        let ids = SequentialIds::default();
        let keys: Vec<SegmentId> = (0..3).map(|_| SegmentId::from_uuid(ids.uuid())).collect();
        let cache = SegmentCache::new(1 << 20);
        let load = async |wanted: &[SegmentId]| {
            assert_eq!(wanted, &keys[..2]);
            // The second is gone.
            Ok::<_, Infallible>(vec![(keys[0], vec![1])])
        };
        let first = cache.get(&keys[..2], Part::Lengths, load).await.expect("loads");
        assert_eq!(first, [Some(Arc::from([1])), None]);
        let load = async |wanted: &[SegmentId]| {
            assert_eq!(wanted, &keys[1..]);
            Ok::<_, Infallible>(vec![(keys[2], vec![3]), (keys[1], vec![2])])
        };
        let all = cache.get(&keys, Part::Lengths, load).await.expect("loads");
        assert_eq!(all, [1, 2, 3].map(|byte| Some(Arc::from([byte]))));
    }
}
