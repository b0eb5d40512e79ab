//! Documents of one collection that are committed together: many small ones in one transaction.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use vpaura_domain::{CollectionId, WorkspaceId};

use super::prepare::Prepared;

const MAX_DOCUMENTS: usize = 64;
const MAX_CHUNKS: usize = 2_000;
/// Text that may lie here, of all collections together, before some of it has to go.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// How long a batch waits for more documents.
const LINGER: Duration = Duration::from_millis(500);

/// Documents of one collection.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) workspace_id: WorkspaceId,
    pub(super) collection_id: CollectionId,
    pub(super) documents: Vec<Arc<Prepared>>,
    opened: Instant,
    /// It takes no more.
    is_full: bool,
}

/// What is read and not yet being committed, in the order in which the batches were opened.
#[derive(Debug, Default)]
pub(super) struct Batches(Vec<Batch>);

impl Batch {
    fn chunks(&self) -> usize {
        self.documents.iter().map(|document| document.chunks.len()).sum()
    }

    fn bytes(&self) -> usize {
        self.documents.iter().map(|document| document.bytes).sum()
    }

    fn push(&mut self, document: Prepared) {
        self.documents.push(Arc::new(document));
        self.is_full = self.documents.len() >= MAX_DOCUMENTS || self.chunks() >= MAX_CHUNKS;
    }
}

impl Batches {
    /// Puts the document into its collection's batch.
    pub(super) fn add(&mut self, document: Prepared, now: Instant) {
        let claim = &document.claimed.claim;
        let (workspace_id, collection_id) = (claim.workspace_id, claim.collection_id);
        let is_own = |batch: &&mut Batch| batch.collection_id == collection_id && !batch.is_full;
        let own = self.0.iter_mut().find(is_own);
        match own {
            Some(batch) if batch.chunks() + document.chunks.len() <= MAX_CHUNKS => {
                batch.push(document);
            }
            own => {
                if let Some(batch) = own {
                    batch.is_full = true;
                }
                let (documents, is_full) = (Vec::new(), false);
                let mut batch =
                    Batch { workspace_id, collection_id, documents, opened: now, is_full };
                batch.push(document);
                self.0.push(batch);
            }
        }
        if self.0.iter().map(Batch::bytes).sum::<usize>() > MAX_BYTES
            && let Some(largest) = self.0.iter_mut().max_by_key(|batch| batch.bytes())
        {
            largest.is_full = true;
        }
    }

    /// Whether one can do nothing but be committed.
    pub(super) fn is_any_full(&self) -> bool {
        self.0.iter().any(|batch| batch.is_full)
    }

    /// The one that was opened first, of those that are full or have waited long enough; of all,
    /// where nothing more comes.
    pub(super) fn next(&mut self, now: Instant, nothing_comes: bool) -> Option<Batch> {
        let is_due = |it: &Batch| nothing_comes || it.is_full || it.opened + LINGER <= now;
        let due = self.0.iter().position(is_due)?;
        Some(self.0.remove(due))
    }

    /// When the next has waited long enough.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.first().map(|batch| batch.opened + LINGER)
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vpaura_domain::{
        Chunking, Document, DocumentId, DocumentSource, DocumentStatus, Metadata, Timestamp,
    };
    use vpaura_knowledge::terms::Language;
    use vpaura_store::{ClaimedDocument, DocumentClaim};

    use super::*;

    /// A document of this collection, with so many bytes of text.
    fn document(collection: u128, bytes: usize) -> Prepared {
        let (collection_id, document_id) = (
            CollectionId::from_uuid(Uuid::from_u128(collection)),
            DocumentId::from_uuid(Uuid::from_u128(7)),
        );
        let (server, workspace_id) = (Uuid::from_u128(1), WorkspaceId::DEFAULT);
        let now = Timestamp::from_millis(0);
        let document = Document {
            id: document_id,
            collection_id,
            name: "d".to_owned(),
            source: DocumentSource::Text,
            media_type: None,
            size: None,
            sha256: None,
            metadata: Metadata::default(),
            status: DocumentStatus::Processing,
            error: None,
            notice: None,
            enabled: true,
            chars: 0,
            pages: None,
            chunks: 0,
            created_by: None,
            created_at: now,
            updated_at: now,
        };
        let claim = DocumentClaim { server, workspace_id, collection_id, document_id, attempt: 1 };
        let claimed = ClaimedDocument {
            claim,
            document,
            chunking: Chunking::default(),
            asked_by: None,
            tries: 1,
            serving: None,
            building: None,
        };
        let (language, chunks) = (Language::detect(""), Vec::new());
        let (page, pages, notice) = (None, None, None);
        Prepared { claimed, page, language, chars: 0, pages, notice, bytes, chunks }
    }

    /// Whose batches are due one after the other, and how many documents each has.
    fn due(batches: &mut Batches, now: Instant, nothing_comes: bool) -> Vec<(u128, usize)> {
        std::iter::from_fn(|| batches.next(now, nothing_comes))
            .map(|batch| (batch.collection_id.uuid().as_u128(), batch.documents.len()))
            .collect()
    }

    #[test]
    fn a_batch_goes_when_it_was_opened_long_enough_ago_whatever_comes_meanwhile() {
        let (began, mut batches) = (Instant::now(), Batches::default());
        let after = |part: u32| began + LINGER * part / 4;
        assert_eq!(batches.deadline(), None);
        batches.add(document(1, 1), began);
        batches.add(document(2, 1), after(1));
        batches.add(document(1, 1), after(3));
        assert_eq!(due(&mut batches, after(3), false), []);
        assert_eq!(batches.deadline(), Some(after(4)));
        batches.add(document(3, 1), after(4));
        // All that are due, in the order in which they were opened.
        assert_eq!(due(&mut batches, after(5), false), [(1, 2), (2, 1)]);
        assert_eq!(due(&mut batches, after(5), true), [(3, 1)]);
    }

    #[test]
    fn what_is_full_does_not_wait() {
        let (now, mut batches) = (Instant::now(), Batches::default());
        batches.add(document(2, 1), now);
        for _ in 0..=MAX_DOCUMENTS {
            batches.add(document(1, 1), now);
        }
        assert!(batches.is_any_full());
        assert_eq!(due(&mut batches, now, false), [(1, MAX_DOCUMENTS)]);
        // The one with the most text makes room.
        batches.add(document(2, MAX_BYTES), now);
        assert_eq!(due(&mut batches, now, false), [(2, 2)]);
        assert!(!batches.is_any_full());
        assert_eq!(due(&mut batches, now, true), [(1, 1)]);
    }

    #[test]
    fn collections_take_turns() {
        let turns = in_turns(vec!["a1", "a2", "a3", "b1", "c1", "c2"], |name| name.as_bytes()[0]);
        assert_eq!(turns, ["a1", "b1", "c1", "a2", "c2", "a3"]);
    }
}
