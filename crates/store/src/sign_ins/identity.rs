//! Whom identity providers know users as, and what they say of their roles.

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use vpaura_domain::{AuditEntry, BuiltinRole, Timestamp, UserId, WorkspaceId};

use super::end::end_all;
use super::one_use;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::{api_key, member, user, user_identity};
use crate::error::Result;
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::within::Within;
use crate::{api_keys, audit, workspaces};

/// The role that a user's groups give them in the default workspace.
#[derive(Debug, Clone)]
pub struct MappedRole {
    /// The role.
    pub role: BuiltinRole,
    /// What the audit log says when it was another.
    pub entry: AuditEntry,
}

impl Store {
    /// Lets the provider vouch for a user who was there before, by their address. What others may
    /// have left there goes: a password was set by whoever knew the address, and an identity or a
    /// link may be that of somebody who claimed it; with them the second factor, all sign-ins and
    /// all API keys.
    pub async fn link_identity(
        &self,
        user: UserId,
        issuer: String,
        subject: String,
        entry: AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        let input = (user, issuer, subject, entry, now);
        self.write(Within::Installation, input, |tx, (user, issuer, subject, entry, now)| {
            Box::pin(async move {
                link(tx, *user, issuer, subject, *now).await?;
                shut_out_others(tx, *user, *now).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }

    /// Gives a member of the default workspace the role that their groups say. Its last owner
    /// keeps the role; who is no member does not become one.
    pub async fn map_role(&self, user: UserId, mapped: MappedRole, now: Timestamp) -> Result<()> {
        self.write(Within::Installation, (user, mapped, now), |tx, (user, mapped, now)| {
            Box::pin(map_role(tx, *user, mapped, *now))
        })
        .await
    }
}

/// Makes this the only identity that the user has elsewhere.
async fn link(tx: &Tx, user: UserId, issuer: &str, subject: &str, now: Timestamp) -> Result<()> {
    let another = Condition::any()
        .add(user_identity::Column::Issuer.ne(issuer))
        .add(user_identity::Column::Subject.ne(subject));
    user_identity::Entity::delete_many()
        .filter(user_identity::Column::UserId.eq(user.uuid()))
        .filter(another)
        .exec(tx)
        .await?;
    let row = user_identity::ActiveModel {
        issuer: ActiveValue::Set(issuer.to_owned()),
        subject: ActiveValue::Set(subject.to_owned()),
        user_id: ActiveValue::Set(user.uuid()),
        created_at: ActiveValue::Set(now.millis()),
    };
    user_identity::Entity::insert(row)
        .on_conflict_do_nothing_on([user_identity::Column::Issuer, user_identity::Column::Subject])
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Ends every other way to be this user.
async fn shut_out_others(tx: &Tx, user: UserId, now: Timestamp) -> Result<()> {
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::val(None::<String>))
        .col_expr(user::Column::TotpSecret, Expr::val(None::<String>))
        .col_expr(user::Column::TotpConfirmed, Expr::val(false))
        .col_expr(user::Column::TotpLastStep, Expr::val(None::<i64>))
        .col_expr(user::Column::UpdatedAt, Expr::val(now.millis()))
        .filter(user::Column::Id.eq(user.uuid()))
        .exec(tx)
        .await?;
    one_use::forget_all(tx, user).await?;
    let keys = Condition::all().add(api_key::Column::UserId.eq(user.uuid()));
    api_keys::delete(tx, keys).await?;
    end_all(tx, user, None, now).await?;
    revocations::insert(tx, RevocationKind::User, user.uuid(), now).await
}

async fn map_role(tx: &Tx, user: UserId, mapped: &MappedRole, now: Timestamp) -> Result<()> {
    workspaces::lock(tx, WorkspaceId::DEFAULT).await?;
    let place = (WorkspaceId::DEFAULT.uuid(), user.uuid());
    let Some(present) = member::Entity::find_by_id(place).one(tx).await? else { return Ok(()) };
    let word = mapped.role.word();
    if present.role.as_deref() == Some(word) {
        return Ok(());
    }
    if present.role.as_deref() == Some(BuiltinRole::Owner.word()) {
        let owners = member::Entity::find()
            .filter(member::Column::WorkspaceId.eq(WorkspaceId::DEFAULT.uuid()))
            .filter(member::Column::Role.eq(BuiltinRole::Owner.word()))
            .count(tx)
            .await?;
        if owners < 2 {
            return Ok(());
        }
    }
    member::Entity::update_many()
        .col_expr(member::Column::Role, Expr::val(word))
        .col_expr(member::Column::RoleId, Expr::val(None::<uuid::Uuid>))
        .filter(member::Column::WorkspaceId.eq(WorkspaceId::DEFAULT.uuid()))
        .filter(member::Column::UserId.eq(user.uuid()))
        .exec(tx)
        .await?;
    revocations::insert(tx, RevocationKind::Member, user.uuid(), now).await?;
    audit::insert(tx, &mapped.entry).await
}
