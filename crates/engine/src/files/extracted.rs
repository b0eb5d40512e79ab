//! What a content says: read once in a child process, then kept beside it.

use serde::{Deserialize, Serialize};
use vpaura_knowledge::extract::{Extracted, READERS};

use super::ReadFor;
use crate::{Engine, Error, Result};

/// What is kept beside a content. The same bytes read as another type are another text, and so are
/// they to other readers.
#[derive(Deserialize)]
struct Kept {
    media_type: String,
    /// The version of the readers; the first ones noted none.
    #[serde(default)]
    readers: u32,
    extracted: Extracted,
}

#[derive(Serialize)]
struct Keeping<'a> {
    media_type: &'a str,
    readers: u32,
    extracted: &'a Extracted,
}

impl Engine {
    /// The text of the content with this hash, read as this type for whoever wants it. A document
    /// gets what the readers of today make of it; for those who look at one, the text that its
    /// chunks were cut from stays as it is until then.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] with a sentence for people; [`Error::Busy`] when somebody's turn
    /// does not come in time.
    pub(crate) async fn extracted(
        &self,
        who: ReadFor<'_>,
        sha256: &str,
        media_type: &str,
    ) -> Result<Extracted> {
        let is_for_chunks = matches!(who, ReadFor::Document(_));
        let kept = self.kept(sha256, media_type).await?;
        if let Some(kept) = kept.filter(|kept| kept.readers == READERS || !is_for_chunks) {
            return Ok(kept.extracted);
        }
        let asker = self.asker(who).await?;
        let file = self.files.file(sha256).await?;
        let extracted = self.extractor.extract(&asker, media_type, file).await?;
        self.keep_extracted(sha256, media_type, &extracted).await;
        // Its last row may have gone while it was read, and its bytes with it.
        let hash = [sha256.to_owned()];
        if self.store.contents_in_use(&hash).await?.is_empty() {
            self.store.release_content(sha256).await?;
            self.released.notify_one();
        }
        Ok(extracted)
    }

    /// The text, as far as the content was read before.
    pub(crate) async fn kept_text(
        &self,
        sha256: &str,
        media_type: &str,
    ) -> Result<Option<Extracted>> {
        Ok(self.kept(sha256, media_type).await?.map(|kept| kept.extracted))
    }

    async fn kept(&self, sha256: &str, media_type: &str) -> Result<Option<Kept>> {
        let Some(bytes) = self.files.side(sha256).await? else { return Ok(None) };
        Ok(read(bytes).await?.filter(|kept| kept.media_type == media_type))
    }

    /// Keeps a text beside its content. Where that fails it is read again when it is wanted.
    pub(crate) async fn keep_extracted(
        &self,
        sha256: &str,
        media_type: &str,
        extracted: &Extracted,
    ) {
        let kept = match serde_json::to_vec(&Keeping { media_type, readers: READERS, extracted }) {
            Ok(bytes) => self.files.keep_side(sha256, bytes, self.ids.uuid()).await,
            Err(error) => Err(Error::Internal(format!("a text cannot be kept: {error}"))),
        };
        if let Err(error) = kept {
            tracing::warn!(file.sha256 = %sha256, %error, "a text was not kept");
        }
    }
}

/// What was kept; none when it cannot be understood (any more).
async fn read(bytes: Vec<u8>) -> Result<Option<Kept>> {
    let read = tokio::task::spawn_blocking(move || serde_json::from_slice(&bytes).ok()).await;
    read.map_err(|error| Error::Internal(format!("reading a text: {error}")))
}
