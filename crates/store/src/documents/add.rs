//! Adds documents.

use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, AuditEntry, CollectionId, Document, DocumentId, DocumentSource, DocumentStatus,
    Scope, UserId,
};

use super::NewDocument;
use super::again::read_again;
use super::read::{condition, find};
use crate::codec::{self, Word, to_i64};
use crate::db::Tx;
use crate::entities::document::{Column, Entity, Model};
use crate::entities::{collection, file};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::{audit, visible};

impl Store {
    /// Adds a document, which waits to be read from then on. [`Created::Replayed`] is also what
    /// `unless_there` finds; one that could not be read waits to be read again then. That the
    /// caller may change the collection is the engine's to know.
    ///
    /// # Errors
    /// [`StoreError::CollectionMissing`] when the collection is not visible;
    /// [`StoreError::FileMissing`] when the upload that it is made of is gone.
    pub async fn add_document(
        &self,
        scope: &Scope,
        new: &NewDocument,
        key: Option<&IdempotencyKey>,
        entry: &AuditEntry,
    ) -> Result<Created<Document>> {
        let input = (*scope, new.clone(), key.cloned(), entry.clone(), self.now());
        let added = self
            .write(scope, input, |tx, (scope, new, key, entry, now)| {
                Box::pin(async move {
                    let id = new.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let used = DocumentId::from_uuid(used);
                            let first = find(tx, scope, new.collection_id, used).await?;
                            first.map(Created::Replayed).ok_or(StoreError::ReplayGone)
                        }
                        _ => add(tx, scope, new, entry).await,
                    }
                })
            })
            .await;
        let Err(StoreError::Duplicate) = added else { return added };
        // Our own insert, whose commit was confirmed to nobody. It may be under way already.
        let stored = self.get_document(scope, new.collection_id, new.id).await?;
        stored.map(Created::New).ok_or(StoreError::Duplicate)
    }
}

async fn add(
    tx: &Tx,
    scope: &Scope,
    new: &NewDocument,
    entry: &AuditEntry,
) -> Result<Created<Document>> {
    // Two that add the same content wait for each other here.
    let content = new.content.as_ref().filter(|_| new.unless_there);
    let lock = if content.is_some() { LockType::NoKeyUpdate } else { LockType::KeyShare };
    let visible: Vec<Uuid> = collection::Entity::find_by_id(new.collection_id.uuid())
        .select_only()
        .column(collection::Column::Id)
        .filter(visible::collections(scope))
        .lock(lock)
        .into_tuple()
        .all(tx)
        .await?;
    if visible.is_empty() {
        return Err(StoreError::CollectionMissing);
    }
    if let Some(content) = content {
        let same = condition(scope, new.collection_id)
            .add(Column::Sha256.eq(content.sha256.as_str()))
            .add(Column::Id.ne(new.id.uuid()));
        let same = Entity::find().filter(same).limit(1).all(tx).await?;
        if let Some(row) = same.into_iter().next() {
            let found = Document::try_from(row)?;
            if found.status != DocumentStatus::Failed {
                asked_again(tx, scope, found.id).await?;
                return Ok(Created::Replayed(found));
            }
            // Who hands it over again wants it read: what was wrong may have been mended.
            let again = read_again(tx, scope, new.collection_id, found.id, new.created_at).await?;
            return Ok(Created::Replayed(again.unwrap_or(found)));
        }
    }
    require_file(tx, scope, new).await?;
    let row = row(scope, new)?;
    let document = Document::try_from(row.clone())?;
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    audit::insert(tx, entry).await?;
    Ok(Created::New(document))
}

/// An upload that is made a document must be there still: nothing else may have its content.
async fn require_file(tx: &Tx, scope: &Scope, new: &NewDocument) -> Result<()> {
    let DocumentSource::File { file_id: Some(id) } = &new.source else { return Ok(()) };
    let there: Vec<Uuid> = file::Entity::find_by_id(id.uuid())
        .select_only()
        .column(file::Column::Id)
        .filter(visible::files(scope))
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx)
        .await?;
    if there.is_empty() { Err(StoreError::FileMissing) } else { Ok(()) }
}

/// What waits for somebody who may not ask any more is read for who asks now.
async fn asked_again(tx: &Tx, scope: &Scope, id: DocumentId) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::AskedBy, Expr::val(scope.user_id().map(UserId::uuid)))
        .col_expr(Column::AskedByKey, Expr::val(scope.api_key_id().map(ApiKeyId::uuid)))
        .filter(Column::Id.eq(id.uuid()))
        .filter(Column::Status.ne(DocumentStatus::Ready.word()))
        .exec(tx)
        .await?;
    Ok(())
}

fn row(scope: &Scope, new: &NewDocument) -> Result<Model> {
    let content = new.content.as_ref();
    Ok(Model {
        id: new.id.uuid(),
        workspace_id: visible::workspace(scope),
        collection_id: CollectionId::uuid(new.collection_id),
        name: new.name.clone(),
        name_key: new.name.to_lowercase(),
        source: codec::to_text(&new.source, "documents.source")?,
        media_type: content.map(|content| content.media_type.clone()),
        size: content.map(|content| to_i64(content.size)),
        sha256: content.map(|content| content.sha256.clone()),
        status: DocumentStatus::Pending.word().to_owned(),
        error: None,
        notice: None,
        enabled: true,
        chars: 0,
        pages: None,
        chunks: 0,
        first_no: None,
        attempt: 0,
        tries: 0,
        lost: 0,
        lease_owner: None,
        lease_until: 0,
        created_by: new.created_by.map(UserId::uuid),
        asked_by: scope.user_id().map(UserId::uuid),
        asked_by_key: scope.api_key_id().map(ApiKeyId::uuid),
        created_at: new.created_at.millis(),
        updated_at: new.created_at.millis(),
        metadata: codec::to_json(&new.metadata, "documents.metadata")?,
    })
}
