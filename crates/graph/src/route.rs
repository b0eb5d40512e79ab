//! Choices: the values that a route can return.

use std::fmt;

/// A choice of ways out of a node, usually `#[derive(Route)]` on an enum without values. All of
/// them are known, so the graph is checked, and drawn, with every way that it can go.
pub trait Route: Copy + PartialEq + fmt::Debug + Send + Sync + 'static {
    /// Every choice, in the order of the graph's edges; each once.
    const ALL: &'static [Self];
}

impl Route for bool {
    const ALL: &'static [Self] = &[true, false];
}
