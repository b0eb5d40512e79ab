//! What lists of versions take, and going back to one.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which part of the list of versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionsQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    pub(crate) limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(pattern = r"^[0-9]{1,10}$")]
    pub(crate) cursor: Option<String>,
}

/// The version to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "version": 1 }))]
pub(crate) struct Rollback {
    /// Its number.
    #[schema(minimum = 1)]
    pub(crate) version: u32,
}
