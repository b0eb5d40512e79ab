//! The dialects and the router against a real HTTP server that speaks the providers' formats.

mod anthropic;
mod builtin;
mod embeddings;
mod faults;
mod fetch;
mod metrics;
mod openai;
mod reranking;
mod routing;
mod support;
mod timers;
