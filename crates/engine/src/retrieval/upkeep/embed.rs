//! Makes the vectors that are missing: those of collections that were embedded by another embedder,
//! or by none, and those of segments that were committed without. What serves goes on serving until
//! the new vectors are whole. A chunk that the embedder does not take stays without, and is found by
//! its words.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use vpaura_domain::{EmbedderStamp, EmbeddingId};
use vpaura_knowledge::chunk::embedding_text;
use vpaura_knowledge::index::{decode_f16, encode_f16, signatures_blob};
use vpaura_llm::Embedder;
use vpaura_store::{ChunkToEmbed, EmbeddingClaim, SegmentHead};

use crate::ingestion::{Unembedded, embed};
use crate::{Engine, Error, Result};

/// How long a server that says nothing keeps its claim.
const LEASE: Duration = Duration::from_secs(120);
/// How long an embedder that failed is left alone.
const RETRY: Duration = Duration::from_secs(30);
/// Chunks that are embedded and stored together.
const BATCH: u32 = 256;
/// Chunks of those that the embedder may not take; where there are more, something is wrong with it.
const MOST_REFUSED: usize = 16;
/// Vectors read at a time.
const PAGE: u32 = 4_096;
/// Collections that are begun at a time.
const COLLECTIONS: u32 = 100;

/// How work on an embedding ended.
enum End {
    /// Nothing is missing.
    Done,
    /// It is another server's, or nobody's any more.
    Lost,
}

/// Why there are no vectors.
struct Failure {
    /// In a sentence for people.
    reason: String,
    /// One of the texts is to blame.
    is_due_to_a_text: bool,
}

impl Engine {
    /// Makes all vectors that are missing, by the configured embedder.
    pub(super) async fn embed_due(&self) -> Result<()> {
        let Some(embedder) = &self.embedder else { return Ok(()) };
        let dimension = match embedder.dimension().await {
            Ok(dimension) => dimension,
            Err(error) => {
                tracing::warn!(%error, embedder = embedder.model(), "the embedder does not answer");
                return Ok(());
            }
        };
        let stamp = EmbedderStamp { model: embedder.model().to_owned(), dimension };
        for (workspace, collection) in self.store.collections_without(&stamp, COLLECTIONS).await? {
            let id = EmbeddingId::generate(&*self.ids);
            self.store.begin_embedding(workspace, collection, id, &stamp).await?;
        }
        while let Some(claim) = self.store.claim_embedding(self.instance, LEASE, &stamp).await? {
            if let End::Lost = self.complete(embedder.as_ref(), &claim).await? {
                tracing::debug!(embedding.id = %claim.id, "an embedding is left to others");
            }
        }
        Ok(())
    }

    /// Makes what an embedding lacks, and lets it serve.
    async fn complete(&self, embedder: &dyn Embedder, claim: &EmbeddingClaim) -> Result<End> {
        let mut renewed = Instant::now();
        loop {
            for segment in self.store.unembedded_segments(claim).await? {
                let made = self.embed_segment(embedder, claim, &segment, &mut renewed).await?;
                if let End::Lost = made {
                    return Ok(End::Lost);
                }
            }
            // A segment may have been committed meanwhile.
            if self.store.serve_embedding(claim).await? {
                return Ok(End::Done);
            }
            if !self.store.renew_embedding(claim, LEASE).await? {
                return Ok(End::Lost);
            }
        }
    }

    /// Makes the vectors of a segment's chunks that have none, and then its signatures.
    async fn embed_segment(
        &self,
        embedder: &dyn Embedder,
        claim: &EmbeddingClaim,
        segment: &SegmentHead,
        renewed: &mut Instant,
    ) -> Result<End> {
        let mut range = segment.first_no..segment.first_no.saturating_add(segment.span);
        loop {
            let chunks = self.store.chunks_to_embed(claim, range.clone(), BATCH).await?;
            // Those that stay without are not asked for again.
            let Some(last) = chunks.last() else { break };
            range.start = last.no.saturating_add(1);
            if let End::Lost = self.embed_chunks(embedder, claim, &chunks, renewed).await? {
                return Ok(End::Lost);
            }
        }
        let signatures = self.signatures_of(claim, segment).await?;
        // A segment that was merged meanwhile has others in its place, which come next.
        self.store.put_signatures(claim, segment.id, signatures).await?;
        Ok(End::Done)
    }

    /// Makes the chunks' vectors and stores them: of all at once, or by halves, down to those chunks
    /// that the embedder does not take. Lost when it failed otherwise, which is noted.
    async fn embed_chunks(
        &self,
        embedder: &dyn Embedder,
        claim: &EmbeddingClaim,
        chunks: &[ChunkToEmbed],
        renewed: &mut Instant,
    ) -> Result<End> {
        let mut refused = 0;
        let mut waiting = VecDeque::from([chunks]);
        while let Some(chunks) = waiting.pop_front() {
            match vectors_of(embedder, claim, chunks).await {
                Ok(vectors) => {
                    if !self.store.put_vectors(claim, vectors).await? {
                        return Ok(End::Lost);
                    }
                }
                Err(failure) if !failure.is_due_to_a_text || refused == MOST_REFUSED => {
                    let (model, reason) = (embedder.model(), failure.reason);
                    let told = format!("the embedder {model} failed: {reason}");
                    self.store.fail_embedding(claim, &told, RETRY).await?;
                    return Ok(End::Lost);
                }
                Err(_) if chunks.len() == 1 => {
                    refused += 1;
                    let no = chunks.first().map(|chunk| chunk.no);
                    tracing::warn!(collection.id = %claim.collection_id, no, "a chunk has no vector");
                }
                Err(_) => {
                    let (first, second) = chunks.split_at(chunks.len() / 2);
                    waiting.extend([first, second]);
                }
            }
            if renewed.elapsed() > LEASE / 4 {
                *renewed = Instant::now();
                if !self.store.renew_embedding(claim, LEASE).await? {
                    return Ok(End::Lost);
                }
            }
        }
        Ok(End::Done)
    }

    /// The signs of all vectors of a segment.
    async fn signatures_of(
        &self,
        claim: &EmbeddingClaim,
        segment: &SegmentHead,
    ) -> Result<Vec<u8>> {
        let end = segment.first_no.saturating_add(segment.span);
        let mut next = segment.first_no;
        let mut vectors: Vec<(u32, Vec<f32>)> = Vec::new();
        loop {
            let (workspace, range) = (claim.workspace_id, next..end);
            let page = self.store.vectors_within(workspace, claim.id, range, PAGE).await?;
            vectors.extend(page.iter().map(|(no, data)| (*no, decode_f16(data))));
            match page.last() {
                Some((no, _)) if page.len() == PAGE as usize => next = no.saturating_add(1),
                _ => break,
            }
        }
        let (first_no, span) = (segment.first_no, segment.span);
        let made = tokio::task::spawn_blocking(move || signatures_blob(first_no, span, &vectors));
        let made = made.await.map_err(|error| Error::Internal(format!("signatures: {error}")))?;
        made.map_err(|error| Error::Internal(format!("signatures: {error}")))
    }
}

/// The chunks' vectors as they are stored.
async fn vectors_of(
    embedder: &dyn Embedder,
    claim: &EmbeddingClaim,
    chunks: &[ChunkToEmbed],
) -> std::result::Result<Vec<(u32, Vec<u8>)>, Failure> {
    let text =
        |chunk: &ChunkToEmbed| embedding_text(Some(&chunk.document), &chunk.headings, &chunk.text);
    let texts: Vec<String> = chunks.iter().map(text).collect();
    let wrong = |reason: &str| Err(Failure { reason: reason.to_owned(), is_due_to_a_text: false });
    match embed(embedder, &texts).await {
        Ok(vectors) if vectors.len() != texts.len() => wrong("it gave too few vectors"),
        Ok(vectors) if vectors.iter().any(|it| it.len() != claim.stamp.dimension as usize) => {
            wrong("its vectors have another dimension than it says")
        }
        Ok(vectors) => {
            let numbers = chunks.iter().map(|chunk| chunk.no);
            Ok(numbers.zip(vectors.iter().map(|vector| encode_f16(vector))).collect())
        }
        Err(Unembedded { error, is_due_to_a_text }) => {
            tracing::warn!(%error, embedder = embedder.model(), "vectors could not be made");
            Err(Failure { reason: error.user_message().to_owned(), is_due_to_a_text })
        }
    }
}
