//! Segments of an index: postings and signatures, made once, merged, and scored.
