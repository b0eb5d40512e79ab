//! `GET /workspaces/{id}/usage`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use time::macros::format_description;
use time::{Date, OffsetDateTime};
use utoipa::{IntoParams, ToSchema};
use vpaura_domain::{ApiKeyId, ChatbotId, Timestamp, UserId, WorkspaceId};
use vpaura_engine::{UsageBy, UsageGroup, UsageQuery};

use crate::access::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;
use crate::routes::responses::{BadAddress, Denied, Missing};
use crate::state::AppState;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Which usage, and by what it is added up.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UsageReportQuery {
    /// The first day, UTC: 29 days before `to` when absent; at most 366 days of it.
    #[param(pattern = r"^\d{4}-\d{2}-\d{2}$")]
    from: Option<String>,
    /// The last day, UTC: today when absent.
    #[param(pattern = r"^\d{4}-\d{2}-\d{2}$")]
    to: Option<String>,
    /// Any of `user`, `model`, `chatbot`, `day` and `api_key`, with commas between; one sum when
    /// absent.
    #[param(example = "day,model")]
    by: Option<String>,
}

/// A sum. What it was not added up by is absent, and so is what was not there: visitors are no
/// users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageSum {
    /// Who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<UserId>,
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// The model that served.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// The chatbot that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    chatbot_id: Option<ChatbotId>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    chatbot_name: Option<String>,
    /// The day, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-20")]
    day: Option<String>,
    /// The API key that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<ApiKeyId>,
    /// How many runs.
    runs: u64,
    /// Tokens sent, cached ones included.
    input: u64,
    /// Tokens received.
    output: u64,
    /// Of the tokens sent, those served from the provider's cache.
    cached: u64,
    /// Millionths of a US dollar.
    cost: u64,
}

/// Usage added up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageReport {
    /// The sums: by day where that is asked for, then the most expensive first.
    items: Vec<UsageSum>,
    /// The sum of all.
    total: UsageSum,
}

/// Adds up what was used in the workspace. Without the permission `usage:read`: one's own alone.
#[utoipa::path(
    get, path = "/workspaces/{id}/usage", tag = "budgets",
    params(("id" = WorkspaceId, Path), UsageReportQuery),
    responses(
        (status = 200, description = "The sums", body = UsageReport),
        BadAddress, Denied, Missing,
    ),
)]
pub(crate) async fn usage(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<WorkspaceId>,
    Query(query): Query<UsageReportQuery>,
) -> Result<axum::Json<UsageReport>, Problem> {
    let asked = UsageQuery {
        from: query.from.as_deref().map(|text| day("from", text)).transpose()?,
        to: query.to.as_deref().map(|text| day("to", text)).transpose()?,
        by: query.by.as_deref().map(by).transpose()?.unwrap_or_default(),
    };
    let scope = state.engine.scope_in(&caller.scope, id).await?;
    let report = state.engine.usage_report(&scope, asked).await?;
    Ok(axum::Json(UsageReport {
        items: report.groups.into_iter().map(UsageSum::from).collect(),
        total: report.total.into(),
    }))
}

fn day(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map_err(|_| Problem::validation(field, "must be a day written YYYY-MM-DD"))?;
    let seconds = date.midnight().assume_utc().unix_timestamp();
    Ok(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

fn by(text: &str) -> Result<Vec<UsageBy>, Problem> {
    let mut all = Vec::new();
    for word in text.split(',') {
        let one = match word {
            "user" => UsageBy::User,
            "model" => UsageBy::Model,
            "chatbot" => UsageBy::Chatbot,
            "day" => UsageBy::Day,
            "api_key" => UsageBy::ApiKey,
            _ => {
                let reason = "must be of user, model, chatbot, day and api_key";
                return Err(Problem::validation("by", reason));
            }
        };
        if all.contains(&one) {
            return Err(Problem::validation("by", "names something twice"));
        }
        all.push(one);
    }
    Ok(all)
}

fn day_text(day: i64) -> Option<String> {
    let at = OffsetDateTime::from_unix_timestamp(day.saturating_mul(DAY_SECONDS)).ok()?;
    Some(at.date().to_string())
}

impl From<UsageGroup> for UsageSum {
    fn from(group: UsageGroup) -> Self {
        Self {
            user_id: group.user_id,
            username: group.username,
            model: group.model,
            chatbot_id: group.chatbot_id,
            chatbot_name: group.chatbot_name,
            day: group.day.and_then(day_text),
            api_key_id: group.api_key_id,
            runs: group.runs,
            input: group.usage.input,
            output: group.usage.output,
            cached: group.usage.cached,
            cost: group.usage.cost,
        }
    }
}
