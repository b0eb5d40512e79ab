//! An upload.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{FileId, Owner, SessionId, Timestamp, UserId};

/// The state of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileStatus {
    /// Stored, its text extracted.
    Ready,
}

/// An upload's record. The bytes lie in the file store under the content hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FileRecord {
    /// Its id.
    pub id: FileId,
    /// The anonymous visitor's session it belongs to, if it is a visitor's.
    pub session_id: Option<SessionId>,
    /// The user it belongs to, if it is a user's. With neither it is the operator's own.
    pub user_id: Option<UserId>,
    /// Its name as uploaded, made safe: no path, no control characters, at most 255 bytes.
    pub name: String,
    /// Its media type, from its content.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its state.
    pub status: FileStatus,
    /// How many characters of text it holds.
    pub text_chars: u64,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl FileRecord {
    /// Whom it belongs to; none when it is the operator's own.
    pub fn owner(&self) -> Option<Owner> {
        self.user_id.map(Owner::User).or(self.session_id.map(Owner::Session))
    }
}
