//! What runs consumed: a row for each run that has ended, written with its end.

mod report;

use sea_orm::{EntityTrait, IntoActiveModel, QueryTrait};
use vpaura_domain::{Run, Timestamp, Usage, UserId, WorkspaceId};

pub use report::{UsageBy, UsageFilter, UsageGroup};

use crate::codec::to_i64;
use crate::entities::usage::{Entity, Model};
use crate::error::Result;
use crate::writes::Writes;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The day of a moment, counted from 1970-01-01, UTC.
pub(crate) fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY)
}

/// What an ended run consumed.
pub(crate) struct Consumed<'a> {
    pub(crate) workspace: WorkspaceId,
    pub(crate) run: &'a Run,
    /// Whose it is: who asked, else the conversation's owner.
    pub(crate) user_id: Option<UserId>,
    /// The model that served.
    pub(crate) model: &'a str,
    pub(crate) usage: Usage,
    pub(crate) now: Timestamp,
}

/// Adds the row of an ended run.
pub(crate) async fn add(writes: &mut Writes<'_>, consumed: &Consumed<'_>) -> Result<()> {
    let Consumed { workspace, run, user_id, model, usage, now } = consumed;
    let row = Model {
        run_id: run.id.uuid(),
        workspace_id: workspace.uuid(),
        user_id: user_id.or(run.user_id).map(UserId::uuid),
        session_id: run.session_id.map(|id| id.uuid()),
        api_key_id: run.api_key_id.map(|id| id.uuid()),
        chatbot_id: run.chatbot_id.map(|id| id.uuid()),
        model: (*model).to_owned(),
        input: to_i64(usage.input),
        output: to_i64(usage.output),
        cached: to_i64(usage.cached),
        cost: to_i64(usage.cost),
        day: day_of(*now),
        at: now.millis(),
    };
    writes.add(&Entity::insert(row.into_active_model()).into_query()).await
}
