#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! [`GraphBuilder`] collects and checks (`builder`), [`Graph`] is compiled once and shared. A run is
//! opened (`run`), driven step by step (`driver`: execute, barrier, commit), each node in a `task`
//! with its attempts. What is to be remembered goes through the `journal` to a [`Store`]; `codec`
//! says how it is written. `subgraph` runs a driver inside a node.
//!
//! This crate must not know what the graphs are for: no messages, no models, no database, no
//! network. Everything a node needs comes in through [`State::Context`].

#[doc(hidden)]
pub mod __private;
mod builder;
mod codec;
mod ctx;
mod driver;
mod error;
mod event;
mod failure;
mod frontier;
mod graph;
mod handle;
mod issue;
mod journal;
mod policy;
mod reach;
mod route;
mod run;
mod state;
mod step;
pub mod store;
mod subgraph;
mod task;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod thread;
mod tune;
pub mod update;
pub mod view;
mod warning;
mod worker;

pub use builder::GraphBuilder;
pub use ctx::{Ask, Ctx, Key, Partial};
pub use error::{Class, GraphError, NodeError, TimedOut};
pub use event::{Data, Event, EventKind, Events};
pub use failure::Failure;
pub use graph::Graph;
pub use handle::{END, End, Node, Origin, Origins, Targets, Worker};
pub use issue::{BuildError, Issue};
pub use policy::{
    Budget, Cache, JoinPolicy, Limit, OnUnknown, Retry, UnknownEffect, Usage, Verdict,
};
pub use route::Route;
pub use run::{
    DEFAULT_BUFFER, DEFAULT_GRACE, DEFAULT_LEASE, DEFAULT_STEP_LIMIT, Durability, Outcome, Run,
    RunBuilder, SlowReader,
};
pub use state::{Durable, Field, FieldSet, Part, ReduceError, Reducer, State, Writes};
pub use step::{Send, Step};
pub use store::{MemoryStore, Store, StoreError, ThreadId};
pub use subgraph::Subgraph;
pub use thread::{Snapshot, Thread};
pub use tune::Tune;
pub use vpaura_graph_derive::{Route, State};
pub use warning::Warning;
pub use worker::Payload;

// Derived code names the crate; this lets it do so within the crate too.
extern crate self as vpaura_graph;
