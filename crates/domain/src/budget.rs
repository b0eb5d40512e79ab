//! Budgets: how much may be spent by whom, in tokens or money, per day or month.

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime, Time};
use utoipa::ToSchema;

use crate::{ApiKeyId, BudgetId, ChatbotId, Timestamp, UserId};

/// Whose spending a budget limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Spender {
    /// Everybody in the workspace together.
    Workspace,
    /// One user, their keys included.
    User(UserId),
    /// One chatbot, whoever asks it.
    Chatbot(ChatbotId),
    /// One API key.
    ApiKey(ApiKeyId),
}

/// After what a budget is whole again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// At each midnight, UTC.
    Day,
    /// At the midnight that begins a month, UTC.
    Month,
}

impl BudgetPeriod {
    /// When the period that `now` is in began.
    pub fn begins_at(self, now: Timestamp) -> Timestamp {
        let date = date_of(now);
        midnight(match self {
            Self::Day => date,
            Self::Month => date.replace_day(1).unwrap_or(date),
        })
    }

    /// When the next period begins.
    pub fn renews_at(self, now: Timestamp) -> Timestamp {
        let date = date_of(now);
        midnight(match self {
            Self::Day => date.next_day().unwrap_or(Date::MAX),
            Self::Month => {
                let month = date.month().next();
                let year = date.year() + i32::from(month == Month::January);
                Date::from_calendar_date(year, month, 1).unwrap_or(Date::MAX)
            }
        })
    }
}

/// The day of a moment, UTC. Moments that no calendar has are the first day of 1970.
fn date_of(at: Timestamp) -> Date {
    OffsetDateTime::from_unix_timestamp(at.millis().div_euclid(1_000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .date()
}

fn midnight(date: Date) -> Timestamp {
    let at = date.with_time(Time::MIDNIGHT).assume_utc();
    Timestamp::from_millis(at.unix_timestamp().saturating_mul(1_000))
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetUnit {
    /// Tokens sent and received.
    Tokens,
    /// Money: millionths of a US dollar.
    Money,
}

/// A limit on what may be spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// Whose spending it limits.
    pub spender: Spender,
    /// After what it is whole again.
    pub period: BudgetPeriod,
    /// What is counted.
    pub unit: BudgetUnit,
    /// How much: tokens, or millionths of a US dollar.
    pub amount: u64,
    /// When it was set.
    pub created_at: Timestamp,
}

/// A budget and where it stands in its present period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetState {
    /// The budget.
    pub budget: Budget,
    /// What runs that have ended took of it.
    pub spent: u64,
    /// What is set aside for runs under way.
    pub reserved: u64,
    /// What is left: never negative.
    pub left: u64,
    /// When it is whole again.
    pub renews_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(period: BudgetPeriod, at: &str) -> (String, String) {
        let at: Timestamp = serde_json::from_str(&format!("{at:?}")).expect("a moment");
        (period.begins_at(at).to_string(), period.renews_at(at).to_string())
    }

    #[test]
    fn a_period_is_a_whole_day_or_month_in_utc() {
        let is = |begins: &str, renews: &str| {
            (format!("{begins}T00:00:00.000Z"), format!("{renews}T00:00:00.000Z"))
        };
        for (at, day, month) in [
            (
                "2026-12-31T23:59:59.999Z",
                is("2026-12-31", "2027-01-01"),
                is("2026-12-01", "2027-01-01"),
            ),
            (
                "2028-02-28T00:00:00Z",
                is("2028-02-28", "2028-02-29"),
                is("2028-02-01", "2028-03-01"),
            ),
            (
                "2026-01-31T12:00:00Z",
                is("2026-01-31", "2026-02-01"),
                is("2026-01-01", "2026-02-01"),
            ),
            (
                "1969-12-31T12:00:00Z",
                is("1969-12-31", "1970-01-01"),
                is("1969-12-01", "1970-01-01"),
            ),
        ] {
            assert_eq!(spans(BudgetPeriod::Day, at), day, "{at}");
            assert_eq!(spans(BudgetPeriod::Month, at), month, "{at}");
        }
    }

    #[test]
    fn no_moment_is_too_odd() {
        for millis in [i64::MIN, i64::MAX, 0, -1] {
            for period in [BudgetPeriod::Day, BudgetPeriod::Month] {
                let at = Timestamp::from_millis(millis);
                assert!(period.begins_at(at) <= period.renews_at(at));
            }
        }
    }
}
