//! Chunks of documents: seen, switched off, and corrected by people.

mod list;
mod update;

pub use update::ChunkUpdate;
