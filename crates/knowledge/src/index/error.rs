//! What can be wrong with an index.

/// Why a segment cannot be made or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// Stored bytes are not what was written.
    #[error("the index is damaged: {0}")]
    Damaged(&'static str),
    /// A chunk's number is not above the one before it, or outside the segment's range.
    #[error("chunk number {no} does not fit into a segment that begins at {first_no}")]
    Number {
        /// The number.
        no: u32,
        /// Where the segment begins.
        first_no: u32,
    },
    /// Segments that are to be merged overlap, or cover more numbers than a segment may.
    #[error("segments from {first_no} on cannot be merged: {why}")]
    Unmergeable {
        /// Where the first of them begins.
        first_no: u32,
        /// What is wrong.
        why: &'static str,
    },
    /// Vectors are compared that do not have the same number of components.
    #[error("a vector has {found} components where {expected} are expected")]
    Dimension {
        /// Components that the query has.
        expected: usize,
        /// Components that were found.
        found: usize,
    },
}
