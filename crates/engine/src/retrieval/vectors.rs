//! By meaning: the query's vector beside those of the chunks. Their signs are compared first, all
//! of them; of the nearest those whose signs agree where it matters are then compared exactly.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, SegmentId};
use vpaura_knowledge::index::{Signatures, best_agreeing, cosine_f16, nearest};
use vpaura_llm::{Embedder, LlmError, Purpose};

use super::cache::Part;
use super::ground::{Ground, Place, Searched};
use crate::{Engine, Error, Result};

/// How long the query's vector may take: words alone answer without it.
const TIME: Duration = Duration::from_secs(5);
/// So many times more than are wanted are the nearest by the number of signs.
const NEAR: usize = 10;
/// And so many times more are compared exactly: each is read from the database.
const EXACT: usize = 3;

/// What comparing vectors gave.
#[derive(Debug, Default)]
pub(super) struct ByVectors {
    /// The nearest chunks with their cosines, the nearest first.
    pub(super) found: Vec<(Place, f32)>,
    /// Whose vectors they are.
    pub(super) stamp: Option<EmbedderStamp>,
    /// Why nothing was compared, if it should have been.
    pub(super) notice: Option<String>,
}

impl ByVectors {
    fn none(notice: &str) -> Self {
        Self { notice: Some(notice.to_owned()), ..Self::default() }
    }
}

/// The segments of the collections whose vectors can be compared, and by whose they are.
struct Comparable {
    segments: Vec<(usize, EmbeddingId)>,
    stamp: EmbedderStamp,
    /// Other collections have vectors of another.
    leaves_out: bool,
}

const UNREACHABLE: &str = "The embedder cannot be reached: this was found by words alone.";
const CHANGED: &str = "The embedder has changed and the collection's vectors are not made anew \
    yet: this was found by words alone.";
const LEFT_OUT: &str = "Some collections are being embedded anew: they were searched by words \
    alone.";

impl Engine {
    /// The `n` chunks nearest to the query.
    pub(super) async fn by_vectors(
        &self,
        ground: &Ground,
        query: &str,
        n: usize,
    ) -> Result<ByVectors> {
        let Some(embedder) = &self.embedder else { return Ok(ByVectors::default()) };
        let Some(comparable) = comparable(ground) else { return Ok(ByVectors::default()) };
        let vector = match self.vector_for(embedder.as_ref(), &comparable.stamp, query).await {
            Ok(vector) => vector,
            Err(notice) => return Ok(ByVectors::none(notice)),
        };
        let found = self.near(ground, &comparable, vector, n).await?;
        let notice = comparable.leaves_out.then(|| LEFT_OUT.to_owned());
        Ok(ByVectors { found, stamp: Some(comparable.stamp), notice })
    }

    /// The query's vector of this stamp, by the configured embedder or by the one that was; or why
    /// there is none.
    async fn vector_for(
        &self,
        configured: &dyn Embedder,
        stamp: &EmbedderStamp,
        query: &str,
    ) -> Result<Vec<f32>, &'static str> {
        let fits = |vector: &Vec<f32>| vector.len() == stamp.dimension as usize;
        if configured.model() == stamp.model {
            let vector = self.vector_of(configured, query).await.map_err(|error| {
                tracing::warn!(%error, embedder = %stamp.model, "a search goes by words alone");
                UNREACHABLE
            })?;
            if fits(&vector) {
                return Ok(vector);
            }
        }
        let former = self.former_embedders.get(stamp).ok_or(CHANGED)?;
        let vector = self.vector_of(former.as_ref(), query).await.map_err(|error| {
            tracing::warn!(%error, embedder = %stamp.model, "a former embedder does not answer");
            CHANGED
        })?;
        if fits(&vector) { Ok(vector) } else { Err(CHANGED) }
    }

    async fn vector_of(&self, embedder: &dyn Embedder, query: &str) -> Result<Vec<f32>, LlmError> {
        let texts = [query.to_owned()];
        let vectors = tokio::time::timeout(TIME, embedder.embed(&texts, Purpose::Query)).await;
        let vectors = vectors
            .map_err(|_| LlmError::Settings(format!("no vector came within {TIME:?}")))??;
        vectors.into_iter().next().ok_or_else(|| LlmError::Settings("no vector came".to_owned()))
    }

    async fn near(
        &self,
        ground: &Ground,
        comparable: &Comparable,
        vector: Vec<f32>,
        n: usize,
    ) -> Result<Vec<(Place, f32)>> {
        let vector: Arc<[f32]> = vector.into();
        let mut by_embedding: HashMap<EmbeddingId, Vec<usize>> = HashMap::new();
        for (place, embedding) in &comparable.segments {
            by_embedding.entry(*embedding).or_default().push(*place);
        }
        let mut parts: Vec<(usize, Arc<[u8]>)> = Vec::with_capacity(comparable.segments.len());
        for (embedding, places) in &by_embedding {
            let ids: Vec<SegmentId> =
                places.iter().map(|at| ground.segments[*at].head.id).collect();
            let load = async |missing: &[SegmentId]| {
                self.store.signatures(ground.workspace, *embedding, missing).await
            };
            let part = |id| Part::Signatures(*embedding, id);
            let data = self.segment_cache.get(&ids, part, load).await?;
            // Chunks that came with the last commits may have no vectors yet.
            parts.extend(places.iter().copied().zip(data).filter_map(|(at, it)| Some((at, it?))));
        }
        let candidates = scan(ground, parts, Arc::clone(&vector), n).await?;
        let embeddings: HashMap<usize, EmbeddingId> = comparable.segments.iter().copied().collect();
        let mut wanted: HashMap<EmbeddingId, Vec<u32>> = HashMap::new();
        let mut homes: HashMap<EmbeddingId, CollectionId> = HashMap::new();
        for (segment, no) in candidates {
            let (Some(embedding), Some((collection, _))) =
                (embeddings.get(&segment), ground.place(segment, no))
            else {
                continue;
            };
            wanted.entry(*embedding).or_default().push(no);
            homes.insert(*embedding, collection);
        }
        let mut found = Vec::new();
        for (embedding, numbers) in wanted {
            let Some(home) = homes.get(&embedding) else { continue };
            let vectors = self.store.vectors(ground.workspace, embedding, &numbers).await?;
            for (no, data) in vectors.iter() {
                let cosine = cosine_f16(&vector, data)
                    .map_err(|error| Error::Internal(format!("the index: {error}")))?;
                found.push(((*home, no), cosine));
            }
        }
        found.sort_by(|(a_place, a), (b_place, b)| {
            b.total_cmp(a).then(by_place(*a_place, *b_place))
        });
        found.truncate(n);
        Ok(found)
    }
}

/// Equal ones in one order, whatever order they were read in.
fn by_place(a: Place, b: Place) -> Ordering {
    (a.0.uuid(), a.1).cmp(&(b.0.uuid(), b.1))
}

/// What has vectors that can be compared with each other. Those of different embedders cannot: of
/// several kinds, that counts of which there are the most.
fn comparable(ground: &Ground) -> Option<Comparable> {
    let serving = |collection: CollectionId| {
        ground.collections.iter().find(|it| it.id == collection)?.serving.as_ref()
    };
    let mut chunks: HashMap<&EmbedderStamp, u64> = HashMap::new();
    for segment in ground.segments.iter() {
        if let Some((_, stamp)) = serving(segment.collection) {
            *chunks.entry(stamp).or_default() += u64::from(segment.head.chunks);
        }
    }
    let size = |(stamp, chunks): &(&&EmbedderStamp, &u64)| (**chunks, stamp.model.clone());
    let stamp = chunks.iter().max_by_key(size).map(|(stamp, _)| (*stamp).clone())?;
    let of_segment = |(place, segment): (usize, &Searched)| {
        let (embedding, its) = serving(segment.collection)?;
        (*its == stamp).then_some((place, *embedding))
    };
    let segments = ground.segments.iter().enumerate().filter_map(of_segment).collect();
    Some(Comparable { segments, leaves_out: chunks.len() > 1, stamp })
}

/// The nearest by their signs, more than the `n` wanted: segment and number.
async fn scan(
    ground: &Ground,
    parts: Vec<(usize, Arc<[u8]>)>,
    vector: Arc<[f32]>,
    n: usize,
) -> Result<Vec<(usize, u32)>> {
    let segments = Arc::clone(&ground.segments);
    let near = tokio::task::spawn_blocking(move || {
        let views: Vec<Signatures<'_>> = parts
            .iter()
            .filter_map(|(place, data)| {
                let segment = segments.get(*place)?;
                Some(Signatures {
                    segment: *place,
                    first_no: segment.head.first_no,
                    span: segment.head.span,
                    data,
                    allowed: segment.allowed.as_deref(),
                })
            })
            .collect();
        let near = nearest(&vector, &views, n * NEAR)?;
        best_agreeing(&vector, &views, &near, n * EXACT)
    });
    let near = near.await.map_err(|error| Error::Internal(format!("comparing: {error}")))?;
    let near = near.map_err(|error| Error::Internal(format!("the index: {error}")))?;
    Ok(near.into_iter().map(|it| (it.segment, it.no)).collect())
}
