//! The passages of a file, split once and kept in memory.

use std::sync::Arc;

use vpaura_domain::FileRecord;

use crate::passages::{self, Excerpt};
use crate::{Engine, Error, Result};

impl Engine {
    /// The file's passages, in order.
    pub(crate) async fn excerpts(&self, file: &FileRecord) -> Result<Arc<[Excerpt]>> {
        if let Some(excerpts) = self.split_files.get(&file.id) {
            return Ok(excerpts);
        }
        let text = self.text_of(file).await?;
        let (id, name) = (file.id, file.name.clone());
        let split = tokio::task::spawn_blocking(move || passages::split(id, &name, &text)).await;
        let excerpts: Arc<[Excerpt]> =
            split.map_err(|error| Error::Internal(format!("splitting a file: {error}")))?.into();
        self.split_files.insert(file.id, Arc::clone(&excerpts));
        Ok(excerpts)
    }
}
