//! A run as a client sees it.

use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{Ask, Run};
use vpaura_engine::RunDetail;

/// A run, and what it waits for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunView {
    #[serde(flatten)]
    run: Run,
    /// The questions that nobody has answered yet; none unless it is interrupted.
    asks: Vec<Ask>,
}

impl From<RunDetail> for RunView {
    fn from(RunDetail { run, asks }: RunDetail) -> Self {
        Self { run, asks }
    }
}
