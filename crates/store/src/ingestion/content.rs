//! Notes the content that was fetched for a document.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::DocumentClaim;
use crate::codec::to_i64;
use crate::collections;
use crate::documents::Content;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// Gives the document its content, and a better name if there is one. False when the claim is
    /// lost or the collection deleted.
    pub async fn put_document_content(
        &self,
        claim: &DocumentClaim,
        content: Content,
        name: Option<String>,
    ) -> Result<bool> {
        let input = (*claim, content, name);
        self.write(claim.workspace_id, input, |tx, (claim, content, name)| {
            Box::pin(async move {
                let (workspace, collection) = (claim.workspace_id, claim.collection_id.uuid());
                if !collections::is_in_use(tx, workspace, collection).await? {
                    return Ok(false);
                }
                let rows: Vec<Uuid> = Entity::find()
                    .select_only()
                    .column(Column::Id)
                    .filter(claim.held())
                    .lock(LockType::NoKeyUpdate)
                    .into_tuple()
                    .all(tx)
                    .await?;
                if rows.is_empty() {
                    return Ok(false);
                }
                let mut update = Entity::update_many()
                    .col_expr(Column::Sha256, Expr::val(content.sha256.as_str()))
                    .col_expr(Column::MediaType, Expr::val(content.media_type.as_str()))
                    .col_expr(Column::Size, Expr::val(to_i64(content.size)))
                    .filter(Column::Id.eq(claim.document_id.uuid()));
                if let Some(name) = name {
                    update = update
                        .col_expr(Column::Name, Expr::val(name.as_str()))
                        .col_expr(Column::NameKey, Expr::val(name.to_lowercase()));
                }
                update.exec(tx).await?;
                Ok(true)
            })
        })
        .await
    }
}
