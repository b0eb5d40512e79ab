//! Models that run in this process: sentence embedders and cross-encoders of the BERT family,
//! loaded from a folder or fetched from a model hub.
//!
//! The encoder is ours, over one matrix kernel: texts lie side by side without padding, and each
//! thread works on its own texts. It must not know: what is embedded and why, collections,
//! databases, our HTTP API.

mod bert;
mod embedder;
mod error;
mod folder;
mod hub;
mod math;
mod matrix;
mod models;
mod opened;
mod pieces;
mod reranker;
mod tokens;
mod weights;
mod workers;

pub use embedder::LocalEmbedder;
pub use error::ModelError;
pub use models::{LOCAL, LocalModels, LocalSettings};
pub use reranker::LocalReranker;
pub use workers::Workers;
