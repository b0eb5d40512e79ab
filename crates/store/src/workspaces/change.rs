//! Renames a workspace.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Scope, Timestamp, Workspace};

use super::{lock, read::find};
use crate::audit;
use crate::entities::workspace::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;

impl Store {
    /// Gives the scope's workspace another name.
    pub async fn rename_workspace(
        &self,
        scope: &Scope,
        name: &str,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<Workspace> {
        let input = (scope.workspace_id, name.to_owned(), entry.clone(), now);
        self.write(scope, input, |tx, (id, name, entry, now)| {
            Box::pin(async move {
                lock(tx, *id).await?;
                Entity::update_many()
                    .col_expr(Column::Name, Expr::val(name.as_str()))
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .exec(tx)
                    .await?;
                audit::insert(tx, entry).await?;
                find(tx, *id).await?.ok_or(StoreError::WorkspaceMissing)
            })
        })
        .await
    }
}
