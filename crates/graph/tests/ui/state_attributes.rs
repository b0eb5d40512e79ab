//! Every attribute of a state that cannot be meant, reported at once.

use vpaura_graph::State;

#[derive(Clone, State)]
#[state(version = "two", colour = red, ephemeral)]
#[state(context = (), context = u8)]
#[state(version)]
#[state]
#[reduce(append)]
struct Attributes {
    #[reduce(sum)]
    sum: u8,
    #[reduce(append, last)]
    both: Vec<u8>,
    #[reduce(append, takes = u8)]
    takes: Vec<u8>,
    #[reduce(with)]
    with: u8,
    #[reduce(with = 1 + 1)]
    path: u8,
    #[state(ephemeral, version = 2)]
    version: u8,
    #[state(forever)]
    forever: u8,
}

#[derive(Clone, State)]
#[state(transient, version = 2, migrate = read)]
struct Transient {
    field: u8,
}

#[derive(Clone, State)]
#[state(transient, version = 4_294_967_296)]
struct TooNew {
    field: u8,
}

fn main() {}
