//! From scored candidates to hits: fusing, joining neighbours, dropping near-duplicates.

mod duplicates;
mod fuse;
mod neighbours;
mod select;

pub use duplicates::drop_near_duplicates;
pub use fuse::{Fused, fuse};
pub use neighbours::join_neighbours;
pub use select::select_within;

#[cfg(test)]
mod tests;
