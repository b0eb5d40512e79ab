//! Types that cannot be a state, and fields whose methods would share a name.

use vpaura_graph::State;

#[derive(Clone, State)]
struct Tuple(u8);

#[derive(Clone, State)]
struct Unit;

#[derive(Clone, State)]
enum Choice {
    One,
}

#[derive(Clone, State)]
struct Generic<T> {
    field: T,
}

#[derive(Clone, State)]
#[state(transient)]
struct Names {
    #[reduce(append)]
    log: Vec<u8>,
    extend_log: u8,
    overwrite_log: u8,
}

fn main() {}
