//! Documents of one collection that are committed together: many small ones in one transaction.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use vpaura_domain::{CollectionId, WorkspaceId};

use super::prepare::Prepared;

const MAX_DOCUMENTS: usize = 64;
const MAX_CHUNKS: usize = 2_000;
/// Text that may lie here, of all collections together.
const MAX_BYTES: usize = 32 * 1024 * 1024;

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

/// The documents in batches, as they become full; the rest at the end.
pub(super) fn in_batches(documents: impl Stream<Item = Prepared>) -> impl Stream<Item = Batch> {
    let start = (Box::pin(documents.fuse()), Vec::<Batch>::new());
    stream::unfold(start, |(mut documents, mut open)| async move {
        while let Some(document) = documents.next().await {
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
