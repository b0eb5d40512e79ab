#![doc = include_str!("../README.md")]

mod handle;
mod state;
mod step;
pub mod store;
pub mod update;
pub mod view;
mod worker;

pub use handle::{END, End, Node, Origin, Origins, Targets, Worker};
pub use state::{
    Durable, Field, FieldSet, Part, ReduceError, Reducer, State, Writes,
};
pub use step::{Send, Step};
pub use store::{MemoryStore, Store, StoreError, ThreadId};
pub use worker::Payload;
