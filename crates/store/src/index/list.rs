//! Lists as one parameter, so that a statement stays the same, and prepared, however long they are.

use std::fmt::Write as _;

use sea_orm::sea_query::Expr;
use sea_orm::{DbBackend, Value};
use uuid::Uuid;

use crate::codec;
use crate::error::Result;

/// A list that a column is compared with.
pub(crate) enum List<'a> {
    Numbers(&'a [u32]),
    Ids(Vec<Uuid>),
    Words(&'a [String]),
}

impl List<'_> {
    /// `= ANY (…)` or `IN (…)`, to stand behind a column, where [`value`](Self::value) is the
    /// parameter `n`.
    pub(crate) fn one_of(&self, backend: DbBackend, n: usize) -> String {
        self.in_sql(backend, &format!("${n}"))
    }

    fn in_sql(&self, backend: DbBackend, parameter: &str) -> String {
        let is_postgres = backend == DbBackend::Postgres;
        match self {
            Self::Numbers(_) if is_postgres => {
                format!("= ANY (string_to_array({parameter}, ',')::bigint[])")
            }
            Self::Ids(_) if is_postgres => {
                format!("= ANY (string_to_array({parameter}, ',')::uuid[])")
            }
            Self::Words(_) if is_postgres => {
                format!("= ANY (ARRAY(SELECT json_array_elements_text({parameter}::json)))")
            }
            Self::Ids(_) => format!("IN (SELECT unhex(value) FROM json_each({parameter}))"),
            Self::Numbers(_) | Self::Words(_) => {
                format!("IN (SELECT value FROM json_each({parameter}))")
            }
        }
    }

    /// The list in one text.
    pub(crate) fn value(&self, backend: DbBackend) -> Result<Value> {
        let is_postgres = backend == DbBackend::Postgres;
        let mut text = String::new();
        match self {
            Self::Words(words) => return Ok(codec::to_text(words, "list")?.into()),
            // Writing to a string cannot fail.
            Self::Numbers(numbers) => {
                for number in *numbers {
                    let _ = write!(text, "{number},");
                }
            }
            Self::Ids(ids) => {
                for id in ids {
                    let _ = match is_postgres {
                        true => write!(text, "{id},"),
                        false => write!(text, "\"{}\",", id.simple()),
                    };
                }
            }
        }
        text.pop();
        Ok(if is_postgres { text.into() } else { format!("[{text}]").into() })
    }

    /// The condition that the column, qualified or not, has one of these.
    pub(crate) fn has(&self, backend: DbBackend, column: &str) -> Result<Expr> {
        let parameter = if backend == DbBackend::Postgres { "$1" } else { "?" };
        let sql = format!("{column} {}", self.in_sql(backend, parameter));
        Ok(Expr::cust_with_values(sql, [self.value(backend)?]))
    }
}
