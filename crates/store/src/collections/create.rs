//! Creates collections.

use sea_orm::{EntityTrait, IntoActiveModel};
use vpaura_domain::{AuditEntry, Collection, CollectionId, Scope};

use super::read::find;
use super::row;
use crate::audit;
use crate::entities::collection::Entity;
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;

impl Store {
    /// Stores a new, empty collection. Its counts and its embedding are not looked at.
    pub async fn create_collection(
        &self,
        scope: &Scope,
        collection: &Collection,
        key: Option<&IdempotencyKey>,
        entry: &AuditEntry,
    ) -> Result<Created<Collection>> {
        let input = (*scope, collection.clone(), key.cloned(), entry.clone(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, collection, key, entry, now)| {
                Box::pin(async move {
                    let id = collection.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, CollectionId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => {
                            let row = row(scope.workspace_id, collection)?;
                            Entity::insert(row.into_active_model())
                                .exec_without_returning(tx)
                                .await?
                        }
                    };
                    audit::insert(tx, entry).await?;
                    Ok(Created::New(collection.clone()))
                })
            })
            .await;
        let Err(StoreError::Duplicate) = created else { return created };
        // Our own insert, whose commit was confirmed to nobody.
        match self.get_collection(scope, collection.id).await? {
            Some(stored) if stored == *collection => Ok(Created::New(stored)),
            _ => Err(StoreError::Duplicate),
        }
    }
}
