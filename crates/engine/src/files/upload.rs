//! Takes an upload in: streamed to disk, bounded, hashed, its type found from its content.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use vpaura_domain::{FileId, FileRecord, FileStatus, Owner, Permission, Scope, SessionId};

use super::kind::{self, HEAD_BYTES};
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
}

impl Engine {
    /// Stores an upload for the caller. `content` may end with an error of the transport, which
    /// is the caller's own and leaves nothing behind.
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
        let name = kind::safe_name(name);
        let mut content = content;
        let mut incoming = self.files.receive(self.ids.uuid()).await.map_err(Error::from)?;
        let mut head = Vec::new();
        while let Some(bytes) = content.next().await {
            let bytes = bytes?;
            let wanted = HEAD_BYTES.saturating_sub(head.len()).min(bytes.len());
            head.extend_from_slice(&bytes[..wanted]);
            if incoming.size() + bytes.len() as u64 > max_bytes {
                return Err(Error::FileTooLarge { max_bytes }.into());
            }
            incoming.write(&bytes).await.map_err(Error::from)?;
        }
        if incoming.size() == 0 {
            return Err(Error::invalid("file", "must not be empty").into());
        }
        let media_type = kind::media_type(&name, &head)?;
        let path = incoming.flush().await.map_err(Error::from)?;
        let bytes = tokio::fs::read(path).await.map_err(Error::from)?;
        let text = decode(bytes)?;
        let size = incoming.size();
        let sha256 = incoming.keep(&self.files).await.map_err(Error::from)?;
        let file = FileRecord {
            id: FileId::generate(&*self.ids),
            session_id: owner.and_then(Owner::session_id),
            user_id: owner.and_then(Owner::user_id),
            name,
            media_type: media_type.to_owned(),
            size,
            sha256,
            status: FileStatus::Ready,
            text_chars: text.chars().count() as u64,
            created_at: self.clock.now(),
        };
        let key = idempotency.map(Into::into);
        let created = self.store.create_file(scope, &file, key.as_ref()).await;
        let file = created.map_err(Error::from)?.into_inner();
        Ok(Upload { file, preview: text.chars().take(PREVIEW_CHARS).collect() })
    }
}

/// The text of a file: UTF-8 without its byte order mark.
pub(super) fn decode(bytes: Vec<u8>) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::UnsupportedFile("the file is not UTF-8 text: save it as UTF-8 first".to_owned())
    })?;
    if text.contains('\0') {
        return Err(Error::UnsupportedFile("the file contains binary data".to_owned()));
    }
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}
