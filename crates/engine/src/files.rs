//! Files: uploads, streamed in, scanned, read in a child process, and kept once per content as long
//! as a row refers to it. One operation, one file.

mod asker;
mod delete;
mod excerpts;
mod extracted;
mod get;
mod in_sight;
mod page;
mod receive;
mod remove;
mod scan;
mod storage;
mod upload;

pub use storage::FileContent;
pub use upload::Upload;

pub(crate) use asker::ReadFor;
pub(crate) use in_sight::in_sight;
pub(crate) use receive::{Kept, Received};
pub(crate) use remove::Released;
pub(crate) use scan::Scanner;
pub(crate) use storage::FileStorage;
