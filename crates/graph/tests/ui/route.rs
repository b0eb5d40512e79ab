//! Types that cannot be a route.

use vpaura_graph::Route;

#[derive(Debug, Clone, Copy, PartialEq, Route)]
struct Struct;

#[derive(Debug, Clone, Copy, PartialEq, Route)]
enum Empty {}

#[derive(Debug, Clone, Copy, PartialEq, Route)]
enum Values {
    Good,
    Tuple(u8),
    Named { value: u8 },
}

#[derive(Debug, Clone, Copy, PartialEq, Route)]
enum Generic<T> {
    One(T),
}

#[derive(Route)]
enum Bare {
    One,
}

fn main() {}
