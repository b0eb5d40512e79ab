//! Changes what is said of a document, or turns it off and on.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, CollectionId, Document, DocumentId, Scope};

use super::DocumentChanges;
use super::read::{condition, find};
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::{audit, codec};

impl Store {
    /// Applies the changes, which searches see at once; `None` when the document is not visible.
    /// That the caller may change it is the engine's to know.
    pub async fn update_document(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: DocumentId,
        changes: &DocumentChanges,
        entry: &AuditEntry,
    ) -> Result<Option<Document>> {
        let input = (*scope, collection, id, changes.clone(), entry.clone(), self.now());
        self.write(scope, input, |tx, (scope, collection, id, changes, entry, now)| {
            Box::pin(async move {
                let mut update = Entity::update_many()
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(condition(scope, *collection));
                if let Some(name) = &changes.name {
                    update = update
                        .col_expr(Column::Name, Expr::val(name.as_str()))
                        .col_expr(Column::NameKey, Expr::val(name.to_lowercase()));
                }
                if let Some(metadata) = &changes.metadata {
                    let json = codec::to_json(metadata, "documents.metadata")?;
                    update = update.col_expr(Column::Metadata, Expr::val(json));
                }
                if let Some(enabled) = changes.enabled {
                    update = update.col_expr(Column::Enabled, Expr::val(enabled));
                }
                if update.exec(tx).await?.rows_affected == 0 {
                    return Ok(None);
                }
                audit::insert(tx, entry).await?;
                find(tx, scope, *collection, *id).await
            })
        })
        .await
    }
}
