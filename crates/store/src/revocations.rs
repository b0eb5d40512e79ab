//! What stopped being valid lately. A row is written with the change that it tells of, and every
//! server reads the new ones each second.

use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use vpaura_domain::Timestamp;

use crate::codec::Word;
use crate::db::Tx;
use crate::entities::revocation::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

/// What kind of thing was revoked, or changed in what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RevocationKind {
    /// A user: suspended or deleted.
    User,
    /// A session, anonymous or signed in to.
    Session,
    /// An API key.
    ApiKey,
    /// A user's membership somewhere: removed, or with another role.
    Member,
    /// A custom role: changed or deleted.
    Role,
    /// A workspace that is being deleted.
    Workspace,
}

/// Something that stopped being valid, or as valid as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// What it is.
    pub kind: RevocationKind,
    /// Its id; of a membership, the user's.
    pub subject: Uuid,
}

/// Notes the revocation within the transaction that causes it.
pub(crate) async fn insert(
    tx: &Tx,
    kind: RevocationKind,
    subject: Uuid,
    now: Timestamp,
) -> Result<()> {
    let row = ActiveModel {
        id: ActiveValue::NotSet,
        kind: ActiveValue::Set(kind.word().to_owned()),
        subject_id: ActiveValue::Set(subject),
        at: ActiveValue::Set(now.millis()),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

impl Store {
    /// The revocations numbered above `after`, in order. A number may appear after a greater one
    /// did, when its transaction took longer.
    pub async fn revocations_after(&self, after: i64) -> Result<Vec<(i64, Revocation)>> {
        self.read(Within::Installation, |db| async move {
            let rows = Entity::find()
                .filter(Column::Id.gt(after))
                .order_by_asc(Column::Id)
                .all(&db)
                .await?;
            rows.into_iter()
                .map(|row| {
                    let kind = RevocationKind::from_word(&row.kind, "revocations.kind")?;
                    Ok((row.id, Revocation { kind, subject: row.subject_id }))
                })
                .collect()
        })
        .await
    }

    /// The number of the newest revocation, 0 when there is none.
    pub async fn newest_revocation(&self) -> Result<i64> {
        #[derive(FromQueryResult)]
        struct Newest {
            id: i64,
        }
        self.read(Within::Installation, |db| async move {
            let newest = Entity::find()
                .select_only()
                .column(Column::Id)
                .order_by_desc(Column::Id)
                .limit(1)
                .into_model::<Newest>()
                .one(&db)
                .await?;
            Ok(newest.map_or(0, |row| row.id))
        })
        .await
    }

    /// Forgets revocations from before `before`, which every server has heard of; answers how
    /// many.
    pub async fn forget_revocations(&self, before: Timestamp) -> Result<u64> {
        self.write(Within::Installation, before, |tx, before| {
            Box::pin(async move {
                let gone =
                    Entity::delete_many().filter(Column::At.lt(before.millis())).exec(tx).await?;
                Ok(gone.rows_affected)
            })
        })
        .await
    }
}
