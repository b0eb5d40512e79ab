//! What pictures and comparisons are tested on.
#![expect(clippy::unwrap_used, reason = "tests")]

mod diff;
mod diff_properties;
mod shapes;
mod svg;
mod text;
