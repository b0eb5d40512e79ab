#![doc = include_str!("../README.md")]

#[doc(hidden)]
pub mod __private;
mod handle;
mod route;
mod state;
mod step;
pub mod store;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod update;
pub mod view;
mod worker;

pub use handle::{END, End, Node, Origin, Origins, Targets, Worker};
pub use route::Route;
pub use state::{
    Durable, Field, FieldSet, Part, ReduceError, Reducer, State, Writes,
};
pub use step::{Send, Step};
pub use store::{MemoryStore, Store, StoreError, ThreadId};
pub use vpaura_graph_derive::{Route, State};
pub use worker::Payload;

// Derived code names the crate; this lets it do so within the crate too.
extern crate self as vpaura_graph;
