//! Records of uploads. Their bytes lie elsewhere, under the content hash.

use sea_orm::{ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use vpaura_domain::{FileId, FileRecord, FileStatus, Scope, SessionId, Timestamp, UserId};

use crate::codec::{self, Word, to_i64};
use crate::entities::file::{ActiveModel, Column, Entity, Model};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::visible;

impl Store {
    /// Stores a file's record. A scope with an owner may only store its own.
    pub async fn create_file(
        &self,
        scope: &Scope,
        file: &FileRecord,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<FileRecord>> {
        if scope.owner().is_some_and(|owner| file.owner() != Some(owner)) {
            return Err(StoreError::OutOfScope);
        }
        let input = (*scope, file.clone(), key.cloned(), self.now());
        let created = self
            .write(scope, input, |tx, (scope, file, key, now)| {
                Box::pin(async move {
                    let id = file.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, FileId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => Entity::insert(row(scope, file)).exec_without_returning(tx).await?,
                    };
                    Ok(Created::New(file.clone()))
                })
            })
            .await;
        match created {
            // Our own insert, whose commit was confirmed to nobody.
            Err(StoreError::Duplicate) => match self.get_file(scope, file.id).await? {
                Some(stored) if stored == *file => Ok(Created::New(stored)),
                _ => Err(StoreError::Duplicate),
            },
            created => created,
        }
    }

    /// The file's record, if visible.
    pub async fn get_file(&self, scope: &Scope, id: FileId) -> Result<Option<FileRecord>> {
        self.read(scope, |db| async move { find(&db, scope, id).await }).await
    }

    /// The records of those files that are visible, in the order asked for.
    pub async fn get_files(&self, scope: &Scope, ids: &[FileId]) -> Result<Vec<FileRecord>> {
        let mut files = self
            .read(scope, |db| async move {
                let rows = Entity::find()
                    .filter(Column::Id.is_in(ids.iter().map(|id| id.uuid())))
                    .filter(visible::files(scope))
                    .all(&db)
                    .await?;
                rows.into_iter().map(FileRecord::try_from).collect::<Result<Vec<_>>>()
            })
            .await?;
        files.sort_by_key(|file| ids.iter().position(|id| *id == file.id));
        Ok(files)
    }

    /// Removes the record; false when it is not visible. Messages keep
    /// its name and size.
    pub async fn delete_file(&self, scope: &Scope, id: FileId) -> Result<bool> {
        self.write(scope, (*scope, id), |tx, (scope, id)| {
            Box::pin(async move {
                if find(tx, scope, *id).await?.is_none() {
                    return Ok(false);
                }
                Entity::delete_by_id(id.uuid()).exec(tx).await?;
                Ok(true)
            })
        })
        .await
    }
}

async fn find<C: ConnectionTrait>(db: &C, scope: &Scope, id: FileId) -> Result<Option<FileRecord>> {
    let row = Entity::find_by_id(id.uuid()).filter(visible::files(scope)).one(db).await?;
    row.map(FileRecord::try_from).transpose()
}

fn row(scope: &Scope, file: &FileRecord) -> ActiveModel {
    ActiveModel {
        id: ActiveValue::Set(file.id.uuid()),
        workspace_id: ActiveValue::Set(visible::workspace(scope)),
        session_id: ActiveValue::Set(file.session_id.map(|id| id.uuid())),
        user_id: ActiveValue::Set(file.user_id.map(|id| id.uuid())),
        api_key_id: ActiveValue::Set(scope.api_key_id().map(|id| id.uuid())),
        name: ActiveValue::Set(file.name.clone()),
        media_type: ActiveValue::Set(file.media_type.clone()),
        size: ActiveValue::Set(to_i64(file.size)),
        sha256: ActiveValue::Set(file.sha256.clone()),
        status: ActiveValue::Set(file.status.word().to_owned()),
        text_chars: ActiveValue::Set(to_i64(file.text_chars)),
        created_at: ActiveValue::Set(file.created_at.millis()),
    }
}

impl TryFrom<Model> for FileRecord {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: FileId::from_uuid(row.id),
            session_id: row.session_id.map(SessionId::from_uuid),
            user_id: row.user_id.map(UserId::from_uuid),
            name: row.name,
            media_type: row.media_type,
            size: codec::to_u64(row.size),
            sha256: row.sha256,
            status: FileStatus::from_word(&row.status, "files.status")?,
            text_chars: codec::to_u64(row.text_chars),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
