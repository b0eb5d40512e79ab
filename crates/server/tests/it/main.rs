//! Stories over HTTP, each against a whole application: a real engine on a temporary database,
//! with a model that says what the test wants, a clock that stands still and ids that count.

mod app;
mod asks;
mod auth;
mod authorization;
mod chat;
mod chatbots;
mod conversations;
mod estate;
mod events;
mod files;
mod idempotency;
mod limits;
mod matrix;
mod models;
mod runs;
mod schema;
mod serving;
mod sessions;
mod users;
mod workspaces;
