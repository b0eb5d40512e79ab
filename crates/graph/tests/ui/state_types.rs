//! Fields and reducers whose types do not fit.

use serde::{Deserialize, Serialize};
use vpaura_graph::State;

#[derive(Clone, State)]
#[state(transient)]
struct Total {
    #[reduce(append)]
    total: u32,
}

#[derive(Clone, State, Serialize, Deserialize)]
struct Sum {
    #[reduce(with = add)]
    sum: u32,
}

fn add(sum: &mut u32, other: u32) -> u32 {
    *sum + other
}

#[derive(Clone, State)]
#[state(transient)]
struct Scratch {
    #[state(ephemeral)]
    scratch: NoDefault,
}

#[derive(Clone)]
struct NoDefault;

fn main() {}
