//! From chunks to what searches find.

use std::collections::VecDeque;
use std::sync::Arc;

use vpaura_domain::{ChunkId, SegmentId};
use vpaura_knowledge::chunk::embedding_text;
use vpaura_knowledge::index::MAX_SPAN;
use vpaura_store::{CommitDocuments, IndexedDocument, NewChunk};

use super::batches::Batch;
use super::prepare::Prepared;
use super::segment::{IndexedText, build_segments, new_segment};
use super::trouble::Trouble;
use crate::files::Kept;
use crate::{Engine, Error};

impl Engine {
    /// Indexes the batch and makes its documents ready. Where one of several may be to blame for a
    /// failure, each half is tried for itself, down to those that fail alone.
    pub(super) async fn commit(&self, batch: Batch) {
        let Batch { workspace_id, collection_id, documents, .. } = batch;
        let began = tokio::time::Instant::now();
        // The halves line up: those that nothing is wrong with are done before it is narrowed down.
        let mut waiting = VecDeque::from([documents]);
        while let Some(documents) = waiting.pop_front() {
            let Err(trouble) = self.index(&documents).await else { continue };
            if documents.len() > 1 && trouble.may_be_of_one() {
                tracing::debug!(%workspace_id, %collection_id, "a batch is tried by halves");
                let (first, second) = documents.split_at(documents.len() / 2);
                waiting.extend([first.to_vec(), second.to_vec()]);
            } else {
                self.note_all(&documents, &trouble).await;
            }
        }
        metrics::histogram!("vpaura_ingest_seconds", "stage" => "index").record(began.elapsed());
    }

    async fn note_all(&self, documents: &[Arc<Prepared>], trouble: &Trouble) {
        for document in documents {
            self.note_trouble(&document.claimed, trouble).await;
        }
    }

    /// Embeds, indexes and commits documents of one collection.
    async fn index(&self, documents: &[Arc<Prepared>]) -> Result<(), Trouble> {
        let Some(first) = documents.first() else { return Ok(()) };
        let (claim, claimed) = (first.claimed.claim, &first.claimed);
        let total: usize = documents.iter().map(|document| document.chunks.len()).sum();
        let count = u32::try_from(total)
            .map_err(|_| Error::Internal(format!("a batch of {total} chunks")))?;
        let (workspace, collection) = (claim.workspace_id, claim.collection_id);
        let wanted: Vec<_> = claimed.serving.iter().chain(&claimed.building).cloned().collect();
        let texts: Vec<String> = match wanted.is_empty() {
            true => Vec::new(),
            false => indexed(documents)
                .map(|chunk| embedding_text(Some(chunk.title), chunk.headings, chunk.text))
                .collect(),
        };
        let mut vectors = Vec::new();
        for (first, part) in (0..).step_by(MAX_SPAN as usize).zip(texts.chunks(MAX_SPAN as usize)) {
            vectors.push(self.vectors_for(&wanted, first, part).await?);
        }
        let shared = documents.to_vec();
        let built = tokio::task::spawn_blocking(move || {
            build_segments(&indexed(&shared).collect::<Vec<_>>())
        });
        let built =
            built.await.map_err(|error| Error::Internal(format!("indexing: {error}")))??;
        let mut vectors = vectors.into_iter();
        let segment = |built| {
            let id = SegmentId::generate(&*self.ids);
            new_segment(id, built, vectors.next().unwrap_or_default())
        };
        let segments = built.into_iter().map(segment).collect();
        let commit = CommitDocuments {
            server: self.instance,
            workspace_id: workspace,
            collection_id: collection,
            documents: self.rows(documents),
            segments,
        };
        let ready = self.commit_with_pages(documents, commit).await?;
        metrics::counter!("vpaura_ingest_documents_total", "outcome" => "ready")
            .increment(ready as u64);
        metrics::counter!("vpaura_ingest_chunks_total").increment(u64::from(count));
        Ok(())
    }

    /// Commits the documents, and with them the pages that were fetched for them; how many became
    /// ready.
    async fn commit_with_pages(
        &self,
        documents: &[Arc<Prepared>],
        commit: CommitDocuments,
    ) -> Result<usize, Error> {
        let pages = documents.iter().filter_map(|document| document.page.as_ref());
        let kept: Vec<Arc<Kept>> = pages.map(|page| Arc::clone(&page.kept)).collect();
        if kept.is_empty() {
            return Ok(self.store.commit_documents(commit).await?.len());
        }
        let (store, all) = (self.store.clone(), documents.len());
        let storing = async move { Ok(store.commit_documents(commit).await?.len()) };
        let ready = self.store_with_contents(kept, storing, move |ready| *ready == all).await?;
        // What the pages were before.
        self.released.notify_one();
        Ok(ready)
    }

    /// The documents as they are stored.
    fn rows(&self, documents: &[Arc<Prepared>]) -> Vec<IndexedDocument> {
        let mut next = 0_u32;
        let mut row = |document: &Arc<Prepared>| {
            let first = next;
            let chunks: Vec<NewChunk> =
                document.chunks.iter().map(|chunk| self.chunk_row(chunk)).collect();
            next = next.saturating_add(u32::try_from(chunks.len()).unwrap_or(u32::MAX));
            IndexedDocument {
                document_id: document.claimed.document.id,
                attempt: document.claimed.claim.attempt,
                fetched: document.page.as_ref().map(|page| page.fetched.clone()),
                chars: document.chars,
                pages: document.pages,
                notice: document.notice.clone(),
                first,
                chunks,
            }
        };
        documents.iter().map(&mut row).collect()
    }

    fn chunk_row(&self, chunk: &vpaura_knowledge::chunk::NewChunk) -> NewChunk {
        NewChunk {
            id: ChunkId::generate(&*self.ids),
            text: chunk.text.clone(),
            headings: chunk.headings.clone(),
            span: chunk.span,
            tokens: chunk.tokens,
        }
    }
}

/// All chunks of the documents as the index takes them.
fn indexed(documents: &[Arc<Prepared>]) -> impl Iterator<Item = IndexedText<'_>> {
    documents.iter().flat_map(|document| {
        document.chunks.iter().map(|chunk| IndexedText {
            text: &chunk.text,
            headings: &chunk.headings,
            title: &document.claimed.document.name,
            language: document.language,
        })
    })
}
