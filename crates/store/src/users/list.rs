//! Lists users.

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use vpaura_domain::{Listing, Page, User, UserStatus};

use crate::codec::Word;
use crate::entities::user::{Column, Entity};
use crate::error::Result;
use crate::keyset::{self, Place};
use crate::store::Store;
use crate::within::Within;

/// Which users a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Only those whose address, username or full name has this in it, whatever the case.
    pub query: Option<String>,
    /// Only these.
    pub status: Option<UserStatus>,
}

impl Store {
    /// The installation's users, the newest first.
    pub async fn list_users(&self, filter: &UserFilter, page: &Page) -> Result<Listing<User>> {
        let mut select = Entity::find();
        if let Some(status) = filter.status {
            select = select.filter(Column::Status.eq(status.word()));
        }
        if let Some(query) = filter.query.as_deref().filter(|query| !query.is_empty()) {
            select = select.filter(matching(query));
        }
        self.read(Within::Installation, |db| {
            let select = select.clone();
            async move {
                let place =
                    |row: &crate::entities::user::Model| Place { at: row.created_at, id: row.id };
                keyset::page(&db, select, (Column::CreatedAt, Column::Id), page, place).await
            }
        })
        .await
    }
}

/// The words as data: what stands for others in LIKE stands for itself.
fn matching(query: &str) -> Condition {
    let mut pattern = "%".to_owned();
    for c in query.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    let like = || LikeExpr::new(pattern.clone()).escape('\\');
    Condition::any()
        .add(Expr::col(Column::EmailKey).like(like()))
        .add(Expr::col(Column::UsernameKey).like(like()))
        .add(Expr::expr(Func::lower(Expr::col(Column::FullName))).like(like()))
}
