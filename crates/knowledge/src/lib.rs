//! Knowledge: from a file to passages that can be found. Text is extracted from files ([`extract`],
//! in a child process), cut into chunks ([`chunk`]), analysed into terms, indexed in segments
//! ([`index`]), found and fused ([`retrieve`]); and how well that works is measured ([`evaluate`]).
//!
//! Everything here is computation on values that are handed in. It must not know: SQL, HTTP,
//! models, users, or conversations.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod chunk;
pub mod evaluate;
pub mod extract;
pub mod index;
pub mod retrieve;
pub mod terms;
