//! Segments of an index: postings and signatures, made once, merged, and scored.
//!
//! A segment covers a range of chunk numbers and never changes. For each term it has a posting list,
//! for each chunk its length, and for each vector its signs. See
//! docs/decisions/0008-the-index-is-rows.md.

mod agreement;
mod bm25;
mod build;
mod error;
mod half_floats;
mod lengths;
mod merge;
mod no_set;
mod postings;
mod signatures;
mod top;

pub use agreement::best_agreeing;
pub use bm25::{PostingList, Scored, SegmentStats, bm25};
pub use build::{BuiltSegment, MAX_SPAN, SegmentBuilder};
pub use error::IndexError;
pub use half_floats::{cosine_f16, decode_f16, encode_f16};
pub use merge::{Merge, MergePart, merge_segments, merge_signatures};
pub use no_set::NoSet;
pub use signatures::{Near, Signatures, nearest, signature, signatures_blob};

#[cfg(test)]
mod tests;
