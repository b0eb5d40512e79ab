//! Moments that leases are compared with: a duration from when the statement is made.
//!
//! On PostgreSQL several servers compare moments, so only the database's clock counts, and the
//! statement asks for it. On SQLite there is one process, and its clock, which is asked when the
//! statement is made: a lease that was counted from before a wait for the writer might be over
//! when it is written.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sea_query::Expr;
use vpaura_domain::{Clock, Timestamp};

use crate::Backend;
use crate::store::Store;

/// PostgreSQL's milliseconds since 1970, as a literal.
macro_rules! postgres_now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}
pub(crate) use postgres_now;

/// This long after the statement is made, as the database that compares it must hear it.
#[derive(Clone)]
pub(crate) struct Moment {
    after: Duration,
    /// Our clock, where it is the one that counts.
    ours: Option<Arc<dyn Clock>>,
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Moment").field("after", &self.after).finish_non_exhaustive()
    }
}

impl Moment {
    /// As an expression of milliseconds since 1970. To be asked for where the statement is made.
    pub(crate) fn expr(&self) -> Expr {
        match self.ours {
            Some(_) => Expr::val(self.value()),
            None => Expr::cust_with_values(concat!(postgres_now!(), " + $1"), [self.value()]),
        }
    }

    /// The same in SQL, where [`value`](Self::value) is the parameter `n`.
    pub(crate) fn sql(&self, n: usize) -> String {
        match self.ours {
            Some(_) => format!("${n}"),
            None => format!("({} + ${n})", postgres_now!()),
        }
    }

    /// The number in it.
    pub(crate) fn value(&self) -> i64 {
        match &self.ours {
            Some(clock) => clock.now().plus(self.after).millis(),
            None => i64::try_from(self.after.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

impl Store {
    /// When a statement is made.
    pub(crate) fn at_once(&self) -> Moment {
        self.after(Duration::ZERO)
    }

    /// This long after a statement is made.
    pub(crate) fn after(&self, after: Duration) -> Moment {
        let ours = (self.backend() == Backend::Sqlite).then(|| self.clock());
        Moment { after, ours }
    }

    /// As long after a statement is made as `until` is from now.
    pub(crate) fn as_long_as_until(&self, until: Timestamp) -> Moment {
        self.after(until.since(self.now()))
    }
}
