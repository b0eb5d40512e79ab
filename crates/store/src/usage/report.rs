//! Adds usage up, by any of its columns.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use vpaura_domain::{ApiKeyId, ChatbotId, Owner, Scope, Usage, UserId};

use crate::codec::to_u64;
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// What usage is added up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UsageBy {
    /// Who asked.
    User,
    /// The model that served.
    Model,
    /// The chatbot that answered.
    Chatbot,
    /// The day on which the run ended, UTC.
    Day,
    /// The API key that asked.
    ApiKey,
}

impl UsageBy {
    /// Its columns, the tables that name them, and what is grouped by.
    const fn sql(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::User => (
                "u.user_id AS user_id, MAX(person.username) AS username",
                "LEFT JOIN users person ON person.id = u.user_id",
                "u.user_id",
            ),
            Self::Model => ("u.model AS model", "", "u.model"),
            Self::Chatbot => (
                "u.chatbot_id AS chatbot_id, MAX(bot.name) AS chatbot_name",
                "LEFT JOIN chatbots bot ON bot.id = u.chatbot_id",
                "u.chatbot_id",
            ),
            Self::Day => ("u.day AS day", "", "u.day"),
            Self::ApiKey => ("u.api_key_id AS api_key_id", "", "u.api_key_id"),
        }
    }
}

/// Which usage is added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageFilter {
    /// From this day on, counted from 1970-01-01.
    pub from: i64,
    /// Up to this day.
    pub to: i64,
    /// Only this one's.
    pub owner: Option<Owner>,
    /// By what; nothing makes one sum.
    pub by: Vec<UsageBy>,
}

/// A sum. What it was not added up by is none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageGroup {
    /// Who asked.
    pub user_id: Option<UserId>,
    /// Their name, while they exist.
    pub username: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// The chatbot.
    pub chatbot_id: Option<ChatbotId>,
    /// Its name, while it exists.
    pub chatbot_name: Option<String>,
    /// The day, counted from 1970-01-01.
    pub day: Option<i64>,
    /// The API key.
    pub api_key_id: Option<ApiKeyId>,
    /// How many runs.
    pub runs: u64,
    /// What they consumed.
    pub usage: Usage,
}

#[derive(Debug, FromQueryResult)]
struct Row {
    user_id: Option<Uuid>,
    username: Option<String>,
    model: Option<String>,
    chatbot_id: Option<Uuid>,
    chatbot_name: Option<String>,
    day: Option<i64>,
    api_key_id: Option<Uuid>,
    runs: i64,
    input: i64,
    output: i64,
    cached: i64,
    cost: i64,
}

impl Store {
    /// The workspace's usage added up: at most `limit` sums, by day where that is asked for, then
    /// the most expensive first.
    pub async fn usage_report(
        &self,
        scope: &Scope,
        filter: &UsageFilter,
        limit: u32,
    ) -> Result<Vec<UsageGroup>> {
        let (sql, values) = query(scope, filter, limit);
        self.read(scope, |db| {
            let (sql, values) = (sql.clone(), values.clone());
            async move {
                let query = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
                let rows = db.query_all_raw(query).await?;
                let rows = rows.iter().map(|row| Ok(Row::from_query_result(row, "")?.into()));
                rows.collect()
            }
        })
        .await
    }
}

fn query(scope: &Scope, filter: &UsageFilter, limit: u32) -> (String, Vec<Value>) {
    let parts: Vec<_> = filter.by.iter().map(|by| by.sql()).collect();
    let columns: String = parts.iter().map(|(columns, ..)| format!("{columns}, ")).collect();
    let joins = parts.iter().map(|(_, join, _)| *join).collect::<Vec<_>>().join(" ");
    let groups = parts.iter().map(|(.., group)| *group).collect::<Vec<_>>().join(", ");
    let grouped = if groups.is_empty() { String::new() } else { format!("GROUP BY {groups}") };
    let by_day = if filter.by.contains(&UsageBy::Day) { "u.day, " } else { "" };
    let mut values: Vec<Value> =
        vec![visible::workspace(scope).into(), filter.from.into(), filter.to.into()];
    let owner = match filter.owner {
        None => "",
        Some(Owner::User(id)) => {
            values.push(id.uuid().into());
            "AND u.user_id = $4"
        }
        Some(Owner::Session(id)) => {
            values.push(id.uuid().into());
            "AND u.session_id = $4"
        }
    };
    let sql = format!(
        "SELECT {columns} COUNT(*) AS runs,
             CAST(COALESCE(SUM(u.input), 0) AS BIGINT) AS input,
             CAST(COALESCE(SUM(u.output), 0) AS BIGINT) AS output,
             CAST(COALESCE(SUM(u.cached), 0) AS BIGINT) AS cached,
             CAST(COALESCE(SUM(u.cost), 0) AS BIGINT) AS cost
         FROM usage u {joins}
         WHERE u.workspace_id = $1 AND u.day >= $2 AND u.day <= $3 {owner}
         {grouped}
         ORDER BY {by_day} SUM(u.cost) DESC, SUM(u.input + u.output) DESC
         LIMIT {limit}"
    );
    (sql, values)
}

impl From<Row> for UsageGroup {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id.map(UserId::from_uuid),
            username: row.username,
            model: row.model,
            chatbot_id: row.chatbot_id.map(ChatbotId::from_uuid),
            chatbot_name: row.chatbot_name,
            day: row.day,
            api_key_id: row.api_key_id.map(ApiKeyId::from_uuid),
            runs: to_u64(row.runs),
            usage: Usage {
                input: to_u64(row.input),
                output: to_u64(row.output),
                cached: to_u64(row.cached),
                cost: to_u64(row.cost),
            },
        }
    }
}
