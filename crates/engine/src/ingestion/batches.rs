//! Documents of one collection that are committed together: many small ones in one transaction.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::time::timeout;
use vpaura_domain::{CollectionId, WorkspaceId};

use super::prepare::Prepared;

const MAX_DOCUMENTS: usize = 64;
const MAX_CHUNKS: usize = 2_000;
/// Text that may lie here, of all collections together.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// How long what is read waits for what is read next.
const LINGER: Duration = Duration::from_millis(500);

/// Documents of one collection.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) workspace_id: WorkspaceId,
    pub(super) collection_id: CollectionId,
    pub(super) documents: Vec<Arc<Prepared>>,
}

impl Batch {
    pub(super) fn chunks(&self) -> usize {
        self.documents.iter().map(|document| document.chunks.len()).sum()
    }

    fn bytes(&self) -> usize {
        self.documents.iter().map(|document| document.bytes).sum()
    }

    fn takes(&self, document: &Prepared) -> bool {
        self.documents.len() < MAX_DOCUMENTS && self.chunks() + document.chunks.len() <= MAX_CHUNKS
    }
}

/// The same, each key's first ones first, then its second ones, and so on.
pub(super) fn in_turns<T, K: Eq + Hash>(items: Vec<T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen: HashMap<K, usize> = HashMap::new();
    let mut numbered: Vec<(usize, T)> = Vec::with_capacity(items.len());
    for item in items {
        let count = seen.entry(key(&item)).or_default();
        numbered.push((*count, item));
        *count += 1;
    }
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, item)| item).collect()
}

/// The documents in batches, as they become full; the rest at the end, and before a document that
/// takes its time.
pub(super) fn in_batches(documents: impl Stream<Item = Prepared>) -> impl Stream<Item = Batch> {
    let start = (Box::pin(documents.fuse()), Vec::<Batch>::new());
    stream::unfold(start, |(mut documents, mut open)| async move {
        loop {
            let next = if open.is_empty() {
                documents.next().await
            } else {
                let Ok(next) = timeout(LINGER, documents.next()).await else { break };
                next
            };
            let Some(document) = next else { break };
            if let Some(full) = add(&mut open, document) {
                return Some((full, (documents, open)));
            }
        }
        open.pop().map(|batch| (batch, (documents, open)))
    })
}

/// Puts the document into its collection's batch; one that has to go, if any.
fn add(open: &mut Vec<Batch>, document: Prepared) -> Option<Batch> {
    let (workspace_id, collection_id) =
        (document.claimed.claim.workspace_id, document.claimed.claim.collection_id);
    let place = open.iter().position(|batch| batch.collection_id == collection_id);
    let full = match place {
        Some(at) if open[at].takes(&document) => {
            open[at].documents.push(Arc::new(document));
            None
        }
        place => {
            let full = place.map(|at| open.swap_remove(at));
            open.push(Batch { workspace_id, collection_id, documents: vec![Arc::new(document)] });
            full
        }
    };
    if full.is_some() || open.iter().map(Batch::bytes).sum::<usize>() <= MAX_BYTES {
        return full;
    }
    let largest = (0..open.len()).max_by_key(|&at| open[at].bytes())?;
    Some(open.swap_remove(largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_take_turns() {
        let turns = in_turns(vec!["a1", "a2", "a3", "b1", "c1", "c2"], |name| name.as_bytes()[0]);
        assert_eq!(turns, ["a1", "b1", "c1", "a2", "c2", "a3"]);
    }
}
