//! Idempotency keys: the same request sent twice has one effect and one answer.

use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{Scope, Timestamp};

use crate::db::Tx;
use crate::entities::idempotency_key::{Column, Entity};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::visible::workspace;
use crate::within::Within;

/// How long a key is remembered.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// A caller's `Idempotency-Key` and what it was sent with. Keys are kept for 24 hours, per
/// principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key as sent.
    pub key: String,
    /// A hash of method, path and body: the same key with another hash is refused.
    pub request_hash: String,
}

/// The outcome of a creating operation.
#[derive(Debug, Clone, PartialEq)]
pub enum Created<T> {
    /// It was made now.
    New(T),
    /// The key had been used before: this is what it made then, as it is today.
    Replayed(T),
}

impl<T> Created<T> {
    /// The thing, however it came about.
    pub const fn inner(&self) -> &T {
        match self {
            Self::New(thing) | Self::Replayed(thing) => thing,
        }
    }

    /// The thing itself.
    pub fn into_inner(self) -> T {
        match self {
            Self::New(thing) | Self::Replayed(thing) => thing,
        }
    }
}

/// What a key is worth.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Nothing was made under it: go on.
    Fresh,
    /// This was made under it.
    Used(Uuid),
}

/// Reserves the key for `resource` within the transaction that makes it, or finds what it was
/// used for. A concurrent request with the same key waits here for the first one's commit.
pub(crate) async fn claim(
    tx: &Tx,
    scope: &Scope,
    key: Option<&IdempotencyKey>,
    resource: Uuid,
    now: Timestamp,
) -> Result<Claim> {
    let Some(key) = key else { return Ok(Claim::Fresh) };
    let reserve = Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO idempotency_keys AS present
             (workspace_id, principal_key, key, request_hash, resource_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (workspace_id, principal_key, key) DO UPDATE SET
             request_hash = excluded.request_hash,
             resource_id = excluded.resource_id,
             created_at = excluded.created_at
         WHERE present.created_at <= $7",
        [
            workspace(scope).into(),
            scope.principal_key().into(),
            key.key.as_str().into(),
            key.request_hash.as_str().into(),
            resource.into(),
            now.millis().into(),
            expired(now).into(),
        ],
    );
    if tx.execute_raw(reserve).await?.rows_affected() == 1 {
        return Ok(Claim::Fresh);
    }
    match find(tx, scope, key, now).await? {
        Claim::Fresh => Err(StoreError::ReplayGone),
        used @ Claim::Used(_) => Ok(used),
    }
}

/// What the key was used for, without reserving it.
pub(crate) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    key: &IdempotencyKey,
    now: Timestamp,
) -> Result<Claim> {
    let used = Entity::find_by_id((workspace(scope), scope.principal_key(), key.key.clone()))
        .filter(Column::CreatedAt.gt(expired(now)))
        .one(db)
        .await?;
    match used {
        None => Ok(Claim::Fresh),
        Some(used) if used.request_hash == key.request_hash => Ok(Claim::Used(used.resource_id)),
        Some(_) => Err(StoreError::IdempotencyMismatch),
    }
}

/// A key first used then, or before, counts no longer.
fn expired(now: Timestamp) -> i64 {
    now.millis().saturating_sub(i64::try_from(KEPT.as_millis()).unwrap_or(i64::MAX))
}

impl Store {
    /// Forgets keys first used before `before`; answers how many. They stop counting after 24
    /// hours whether or not this runs.
    pub async fn delete_expired_idempotency_keys(&self, before: Timestamp) -> Result<u64> {
        self.write(Within::Installation, before, |tx, before| {
            Box::pin(async move {
                let gone = Entity::delete_many()
                    .filter(Column::CreatedAt.lt(before.millis()))
                    .exec(tx)
                    .await?;
                Ok(gone.rows_affected)
            })
        })
        .await
    }
}
