//! Reads one user.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use vpaura_domain::{User, UserId};

use super::KnownUser;
use crate::entities::user::{Column, Entity};
use crate::entities::user_identity;
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// Whether there is any user.
    pub async fn has_users(&self) -> Result<bool> {
        self.read(Within::Installation, |db| async move {
            Ok(Entity::find().limit(1).count(&db).await? > 0)
        })
        .await
    }

    /// The user.
    pub async fn get_user(&self, id: UserId) -> Result<Option<User>> {
        Ok(self.known_user(id).await?.map(|known| known.user))
    }

    /// The user with what proves them.
    pub async fn known_user(&self, id: UserId) -> Result<Option<KnownUser>> {
        self.read(Within::Installation, |db| async move {
            let row = Entity::find_by_id(id.uuid()).one(&db).await?;
            row.map(KnownUser::try_from).transpose()
        })
        .await
    }

    /// The user with this address, in the form in which two count as the same.
    pub async fn user_with_email(&self, email_key: &str) -> Result<Option<KnownUser>> {
        self.user_where(Column::EmailKey, email_key).await
    }

    /// The user with this username, in the form in which two count as the same.
    pub async fn user_with_name(&self, username_key: &str) -> Result<Option<KnownUser>> {
        self.user_where(Column::UsernameKey, username_key).await
    }

    /// The user whom an identity provider knows as `subject`.
    pub async fn user_with_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<KnownUser>> {
        self.read(Within::Installation, |db| async move {
            let identity = user_identity::Entity::find_by_id((issuer.into(), subject.into()));
            let Some(identity) = identity.one(&db).await? else { return Ok(None) };
            let row = Entity::find_by_id(identity.user_id).one(&db).await?;
            row.map(KnownUser::try_from).transpose()
        })
        .await
    }

    /// Whether an identity provider vouches for the user.
    pub async fn has_identity(&self, user: UserId) -> Result<bool> {
        self.read(Within::Installation, |db| async move {
            let identities =
                user_identity::Entity::find().filter(user_identity::Column::UserId.eq(user.uuid()));
            Ok(identities.count(&db).await? > 0)
        })
        .await
    }

    async fn user_where(&self, column: Column, key: &str) -> Result<Option<KnownUser>> {
        self.read(Within::Installation, |db| async move {
            let row = Entity::find().filter(column.eq(key)).one(&db).await?;
            row.map(KnownUser::try_from).transpose()
        })
        .await
    }
}
