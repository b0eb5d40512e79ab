//! Uploads a file: taken in, read, and recorded.

use bytes::Bytes;
use futures_util::Stream;
use vpaura_domain::{FileId, FileRecord, FileStatus, Owner, Permission, Scope, SessionId};

use crate::idempotency::Idempotency;
use crate::{Engine, Error, Result};

/// How much of an upload's text its answer shows, in characters.
const PREVIEW_CHARS: usize = 2_000;

/// A stored upload.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Its record.
    pub file: FileRecord,
    /// The beginning of its text, at most 2,000 characters.
    pub preview: String,
    /// What of it could not be read, in sentences for people of at most 500 bytes.
    pub notice: Option<String>,
}

impl Engine {
    /// Stores an upload for the caller. `content` may end with an error of the transport, which
    /// is the caller's own and leaves nothing behind.
    ///
    /// # Errors
    /// [`Error::UnreadableFile`] for one without a text that could be found, and [`Error::Busy`] when
    /// its turn to be read does not come in time; nothing of it is kept.
    pub async fn upload_file<S, E>(
        &self,
        scope: &Scope,
        session_id: Option<SessionId>,
        name: &str,
        content: S,
        idempotency: Option<Idempotency>,
    ) -> Result<Upload, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: From<Error>,
    {
        scope.require(Permission::ChatWrite).map_err(Error::from)?;
        let owner = self.owner_for(scope, session_id).await?;
        let max_bytes = self.settings.upload_bytes;
        let mut received = self.receive(name, content, max_bytes).await?;
        let (name, media_type, size) = (received.name.clone(), received.media_type, received.size);
        let asker = self.person(scope, owner).await?;
        let read = self.extractor.extract(&asker, media_type, received.reader().await?).await;
        let extracted = read.map_err(Error::from)?;
        let kept = self.keep_content(received).await?;
        self.keep_extracted(&kept.sha256, media_type, &extracted).await;
        let file = FileRecord {
            id: FileId::generate(&*self.ids),
            session_id: owner.and_then(Owner::session_id),
            user_id: owner.and_then(Owner::user_id),
            name,
            media_type: media_type.to_owned(),
            size,
            sha256: kept.sha256.clone(),
            status: FileStatus::Ready,
            text_chars: extracted.text.chars().count() as u64,
            created_at: self.clock.now(),
        };
        let (store, scope, key) = (self.store.clone(), *scope, idempotency.map(Into::into));
        let sha256 = kept.sha256.clone();
        let created = self.store_with_content(
            kept,
            async move { Ok(store.create_file(&scope, &file, key.as_ref()).await?.into_inner()) },
            move |stored: &FileRecord| stored.sha256 == sha256,
        );
        let file = created.await?;
        let preview = extracted.text.chars().take(PREVIEW_CHARS).collect();
        Ok(Upload { file, preview, notice: extracted.notice })
    }
}
