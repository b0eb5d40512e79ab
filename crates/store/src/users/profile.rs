//! What a user told about themselves.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue, EntityTrait};
use vpaura_domain::{Profile, Timestamp, UserId};

use crate::codec;
use crate::entities::profile::{ActiveModel, Column, Entity};
use crate::error::Result;
use crate::store::Store;
use crate::within::Within;

impl Store {
    /// The user's profile; an empty one where there is none.
    pub async fn get_profile(&self, user: UserId) -> Result<Profile> {
        self.read(Within::Installation, |db| async move {
            match Entity::find_by_id(user.uuid()).one(&db).await? {
                Some(row) => codec::from_text(&row.profile, "profiles.profile"),
                None => Ok(Profile::default()),
            }
        })
        .await
    }

    /// Stores the profile in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::ReferenceMissing`](crate::StoreError::ReferenceMissing) when there is no
    /// such user.
    pub async fn put_profile(&self, user: UserId, profile: &Profile, now: Timestamp) -> Result<()> {
        let text = codec::to_text(profile, "profiles.profile")?;
        self.write(Within::Installation, (user, text, now), |tx, (user, text, now)| {
            Box::pin(async move {
                let row = ActiveModel {
                    user_id: ActiveValue::Set(user.uuid()),
                    profile: ActiveValue::Set(text.clone()),
                    updated_at: ActiveValue::Set(now.millis()),
                };
                Entity::insert(row)
                    .on_conflict(
                        OnConflict::column(Column::UserId)
                            .update_columns([Column::Profile, Column::UpdatedAt])
                            .to_owned(),
                    )
                    .exec_without_returning(tx)
                    .await?;
                Ok(())
            })
        })
        .await
    }
}
