//! Stories over HTTP, each against a whole application: a real engine on a temporary database,
//! with a model that says what the test wants, a clock that stands still and ids that count.
//!
//! Who may do what is tried on PostgreSQL too, as in the suite of `vpaura-store`: its address
//! comes from `TEST_DATABASE_URL`, see `scripts/test-services.sh`.

mod app;
mod asks;
mod auth;
mod authorization;
mod chat;
mod chatbots;
mod collections;
mod conversations;
mod estate;
mod events;
mod files;
mod idempotency;
mod limits;
mod matrix;
mod models;
mod postgres;
mod quotes;
mod reading;
mod runs;
mod schema;
mod search;
mod serving;
mod sessions;
mod users;
mod workspaces;
