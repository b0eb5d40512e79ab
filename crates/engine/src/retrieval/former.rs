//! Embedders that are configured no longer: while a collection's vectors are made anew, those that
//! it has still serve, and only their own embedder can turn a query into one of their kind.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use vpaura_domain::EmbedderStamp;
use vpaura_llm::Embedder;

use crate::Result;

/// Makes the embedder whose vectors bear this stamp, as far as the configuration still tells how
/// to reach it.
pub type MakeEmbedder = Arc<dyn Fn(&EmbedderStamp) -> Result<Arc<dyn Embedder>> + Send + Sync>;

/// Those that were needed so far. There are as many as collections have had embedders.
pub(crate) struct FormerEmbedders {
    make: MakeEmbedder,
    /// None where one cannot be made.
    made: Mutex<HashMap<EmbedderStamp, Option<Arc<dyn Embedder>>>>,
}

impl FormerEmbedders {
    pub(crate) fn new(make: MakeEmbedder) -> Self {
        Self { make, made: Mutex::default() }
    }

    /// The embedder of this stamp; none where it cannot be made any more.
    pub(super) fn get(&self, stamp: &EmbedderStamp) -> Option<Arc<dyn Embedder>> {
        let mut made = self.made.lock();
        let embedder = made.entry(stamp.clone()).or_insert_with(|| {
            (self.make)(stamp)
                .inspect_err(|error| {
                    tracing::warn!(%error, embedder = %stamp.model, "a former embedder is gone");
                })
                .ok()
        });
        embedder.clone()
    }
}
