//! The routes: a folder per resource, a file per verb. A route parses, calls the engine once, and
//! encodes; it takes one of the extractors of [`crate::access`], so that it cannot forget to ask
//! who is calling.

pub(crate) mod api_keys;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod budgets;
pub(crate) mod chat;
pub(crate) mod chatbots;
pub(crate) mod chunks;
pub(crate) mod collections;
pub(crate) mod conversations;
pub(crate) mod docs;
pub(crate) mod documents;
pub(crate) mod files;
pub(crate) mod graphs;
pub(crate) mod health;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod models;
pub(crate) mod prompts;
pub(crate) mod redirect;
pub(crate) mod responses;
pub(crate) mod roles;
pub(crate) mod runs;
pub(crate) mod search;
pub(crate) mod sessions;
pub(crate) mod tools;
pub(crate) mod ui;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod workspaces;

mod attachment;
mod download;
mod hard;
mod kept_status;
mod list_query;
mod multipart;
mod page;
mod patch;
mod text;
mod versions;

use vpaura_engine::ModelRef;

use crate::problem::Problem;

use attachment::attachment;
use download::{download, image};
use hard::DeleteQuery;
use kept_status::KeptStatus;
use list_query::ListQuery;
use page::{limit, page};
use text::DocumentText;
use versions::{Rollback, VersionsQuery};

/// A model's name as given by a caller.
pub(crate) fn model_ref(name: &str) -> Result<ModelRef, Problem> {
    name.parse().map_err(|_| Problem::validation("model", "must be written provider/model"))
}

/// A temperature as given by a caller.
pub(crate) fn temperature(given: Option<f32>) -> Result<Option<f32>, Problem> {
    match given {
        Some(t) if !(0.0..=2.0).contains(&t) => {
            Err(Problem::validation("temperature", "must be between 0 and 2"))
        }
        given => Ok(given),
    }
}

/// An answer's limit as given by a caller.
pub(crate) fn max_tokens(given: Option<u32>) -> Result<Option<u32>, Problem> {
    match given {
        Some(n) if !(1..=1_000_000).contains(&n) => {
            Err(Problem::validation("max_tokens", "must be between 1 and 1000000"))
        }
        given => Ok(given),
    }
}
