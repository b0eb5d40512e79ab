//! Tests of the crate from outside.
#![expect(clippy::unwrap_used, reason = "tests")]

mod extract;
mod extract_bad;
mod extract_graphics;
mod extract_marks;
mod extract_notice;
mod extract_sheets;
mod extract_support;
