//! The parameters of a list that takes no others.

use serde::Deserialize;
use utoipa::IntoParams;

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// How many items: 20 when absent.
    #[param(minimum = 1, maximum = 100)]
    pub(crate) limit: Option<u32>,
    /// How many items to skip.
    #[param(minimum = 0, maximum = 1_000_000_000)]
    pub(crate) offset: Option<u64>,
    /// The `next_cursor` of the page before; wins over `offset`.
    #[param(pattern = r"^[A-Za-z0-9_-]{32}$")]
    pub(crate) cursor: Option<String>,
}
