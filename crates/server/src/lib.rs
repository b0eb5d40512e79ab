//! HTTP: the routes, what surrounds them, and the listener.
//!
//! A request passes the layers of `edges`, meets one handler in `routes/<resource>/<verb>.rs`,
//! which parses, calls the engine once and encodes; runs are encoded by `stream`. The route table
//! is in `app`; the API's description is made from it.
//!
//! It must not know: SQL, providers, prompts, or how anything is decided. It is the only crate
//! that knows status codes.
//!
//! # Adding an endpoint
//!
//! Write `src/routes/<resource>/<verb>.rs` with its wire types, its `#[utoipa::path]` and a
//! handler that takes one of the extractors of `access`; add its line to the table in `app`; run
//! `UPDATE_SCHEMA=1 cargo nextest run -p vpaura-server schema` to write `docs/api/openapi.json`.

mod access;
mod app;
mod client_address;
mod edges;
mod error_table;
mod extract;
mod health_checks;
mod listen;
pub mod logging;
mod middleware;
mod openapi;
mod origin;
mod problem;
mod routes;
mod server;
mod signals;
mod state;
mod stream;
#[cfg(test)]
mod testing;

pub use app::app;
pub use middleware::metrics::MetricsError;
pub use server::{Server, ServerError};
pub use signals::stop_signal;

/// Whether the web UI was built into this binary.
pub fn has_web_ui() -> bool {
    !routes::ui::Ui::embedded().is_missing()
}
