//! Files: uploads, streamed to disk, their type found from their content. One operation, one
//! file. The first form reads text, Markdown, JSON and source code.

mod delete;
mod excerpts;
mod get;
mod in_sight;
mod kind;
mod storage;
mod upload;

pub use upload::Upload;

pub(crate) use in_sight::in_sight;
pub(crate) use storage::FileStorage;
