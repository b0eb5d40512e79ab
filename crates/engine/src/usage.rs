//! What was used, added up.

use vpaura_domain::{Owner, Permission, Scope, Timestamp};
use vpaura_store::{UsageBy, UsageFilter, UsageGroup};

use crate::{Engine, Error, Result};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// The longest span of days.
const MAX_DAYS: i64 = 366;
/// The span where none is asked for.
const USUAL_DAYS: i64 = 30;
/// The most sums.
const MAX_GROUPS: u32 = 10_000;

/// Which usage is asked for.
#[derive(Debug, Clone, Default)]
pub struct UsageQuery {
    /// The first day, by any moment of it; 30 days before the last one when absent.
    pub from: Option<Timestamp>,
    /// The last day; today when absent.
    pub to: Option<Timestamp>,
    /// By what it is added up.
    pub by: Vec<UsageBy>,
}

/// Usage added up.
#[derive(Debug, Clone)]
pub struct UsageReport {
    /// The sums asked for.
    pub groups: Vec<UsageGroup>,
    /// The sum of all.
    pub total: UsageGroup,
}

impl Engine {
    /// The workspace's usage; the caller's own where they may not see everybody's.
    pub async fn usage_report(&self, scope: &Scope, query: UsageQuery) -> Result<UsageReport> {
        let owner = if scope.permissions.has(Permission::UsageRead) {
            None
        } else {
            scope.require(Permission::ChatRead)?;
            let own = scope.user_id().map(Owner::User).or(scope.visitor().map(Owner::Session));
            Some(own.ok_or(Error::Forbidden("this credential has no usage of its own"))?)
        };
        let to = day_of(query.to.unwrap_or_else(|| self.clock.now()));
        let from = query.from.map_or(to - USUAL_DAYS + 1, day_of);
        if from > to {
            return Err(Error::invalid("from", "must not be after to"));
        }
        if to - from >= MAX_DAYS {
            return Err(Error::invalid("from", format!("must be at most {MAX_DAYS} days back")));
        }
        let mut filter = UsageFilter { from, to, owner, by: query.by };
        let groups = self.store.usage_report(scope, &filter, MAX_GROUPS + 1).await?;
        if groups.len() > MAX_GROUPS as usize {
            return Err(Error::invalid("by", "gives too many sums: ask for fewer days at a time"));
        }
        filter.by.clear();
        let total = self.store.usage_report(scope, &filter, 1).await?;
        Ok(UsageReport { groups, total: total.into_iter().next().unwrap_or_default() })
    }
}

const fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MILLIS)
}
