//! Begins a user's session, in one transaction with everything that follows from signing in.

use std::fmt;

use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ActiveValue, ColumnTrait, EntityTrait, QueryFilter};
use vpaura_domain::{AuditEntry, Session, SessionId, Timestamp, UserId, WorkspaceId};

use super::adopt::adopt;
use crate::audit;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::{recovery_code, refresh_token, session, user};
use crate::error::{Result, StoreError};
use crate::store::Store;
use crate::within::Within;

/// A sign-in that was proved. `Debug` shows no secret.
#[derive(Clone)]
pub struct BeginSignIn {
    /// Who signs in.
    pub user_id: UserId,
    /// The new session; its owner is the user.
    pub session: Session,
    /// The workspace that it begins in.
    pub workspace_id: WorkspaceId,
    /// The hash of its first refresh token.
    pub refresh_hash: String,
    /// The step of the second factor that was used.
    pub totp_step: Option<i64>,
    /// The hash of the recovery code that was used.
    pub recovery_hash: Option<String>,
    /// The password's hash, when it has to be made anew.
    pub password_hash: Option<String>,
    /// The anonymous session that the user came from.
    pub visitor: Option<SessionId>,
    /// What the audit log says of it.
    pub entries: Vec<AuditEntry>,
}

impl fmt::Debug for BeginSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BeginSignIn").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

impl Store {
    /// Stores the session and its first refresh token, and lets what the visitor had move to the
    /// user. A code of the second factor counts once, however many requests bring it.
    ///
    /// # Errors
    /// [`StoreError::TokenUsed`] when the user may not sign in any more, or the code was used
    /// meanwhile.
    pub async fn begin_sign_in(&self, new: BeginSignIn, now: Timestamp) -> Result<()> {
        self.write(Within::Installation, (new, now), |tx, (new, now)| {
            Box::pin(begin(tx, new, *now))
        })
        .await
    }
}

async fn begin(tx: &Tx, new: &BeginSignIn, now: Timestamp) -> Result<()> {
    let own = session::Entity::find_by_id(new.session.id.uuid()).one(tx).await?;
    if own.is_some() {
        // Our own insert, whose commit was confirmed to nobody.
        return Ok(());
    }
    if !is_allowed(tx, new, now).await? {
        return Err(StoreError::TokenUsed);
    }
    session::Entity::insert(row(new)).exec_without_returning(tx).await?;
    let token = refresh_token::ActiveModel {
        token_hash: ActiveValue::Set(new.refresh_hash.clone()),
        user_id: ActiveValue::Set(new.user_id.uuid()),
        session_id: ActiveValue::Set(new.session.id.uuid()),
        created_at: ActiveValue::Set(now.millis()),
        expires_at: ActiveValue::Set(new.session.expires_at.millis()),
        used_at: ActiveValue::Set(None),
    };
    refresh_token::Entity::insert(token).exec_without_returning(tx).await?;
    if let Some(visitor) = new.visitor {
        adopt(tx, visitor, new.user_id, now).await?;
    }
    for entry in &new.entries {
        audit::insert(tx, entry).await?;
    }
    Ok(())
}

/// Whether the user may still sign in with what they gave.
async fn is_allowed(tx: &Tx, new: &BeginSignIn, now: Timestamp) -> Result<bool> {
    Ok(note_success(tx, new, now).await? && use_recovery_code(tx, new, now).await?)
}

/// Whether the user may still sign in, with the step of the second factor that was given.
async fn note_success(tx: &Tx, new: &BeginSignIn, now: Timestamp) -> Result<bool> {
    let mut update = user::Entity::update_many()
        .col_expr(user::Column::FailedSignIns, Expr::val(0_i64))
        .col_expr(user::Column::LastSignInAt, Expr::val(now.millis()))
        .col_expr(user::Column::WorkspaceId, Expr::val(new.workspace_id.uuid()))
        .filter(user::Column::Id.eq(new.user_id.uuid()))
        .filter(user::Column::Status.eq("active"));
    if let Some(hash) = &new.password_hash {
        update = update.col_expr(user::Column::PasswordHash, Expr::val(hash.as_str()));
    }
    if let Some(step) = new.totp_step {
        let unused = Condition::any()
            .add(user::Column::TotpLastStep.is_null())
            .add(Expr::col(user::Column::TotpLastStep).lt(step));
        update = update.col_expr(user::Column::TotpLastStep, Expr::val(step)).filter(unused);
    }
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Whether the recovery code, if one was given, had not been used.
async fn use_recovery_code(tx: &Tx, new: &BeginSignIn, now: Timestamp) -> Result<bool> {
    let Some(hash) = &new.recovery_hash else { return Ok(true) };
    let used = recovery_code::Entity::update_many()
        .col_expr(recovery_code::Column::UsedAt, Expr::val(now.millis()))
        .filter(recovery_code::Column::UserId.eq(new.user_id.uuid()))
        .filter(recovery_code::Column::CodeHash.eq(hash.as_str()))
        .filter(recovery_code::Column::UsedAt.is_null())
        .exec(tx)
        .await?;
    Ok(used.rows_affected == 1)
}

fn row(new: &BeginSignIn) -> session::ActiveModel {
    let session = &new.session;
    session::ActiveModel {
        id: ActiveValue::Set(session.id.uuid()),
        workspace_id: ActiveValue::Set(new.workspace_id.uuid()),
        user_id: ActiveValue::Set(session.user_id.clone()),
        owner_id: ActiveValue::Set(Some(new.user_id.uuid())),
        title: ActiveValue::Set(session.title.clone()),
        status: ActiveValue::Set(session.status.word().to_owned()),
        metadata: ActiveValue::Set(session.metadata.clone().into_value()),
        user_agent: ActiveValue::Set(session.user_agent.clone()),
        ip_address: ActiveValue::Set(session.ip_address.clone()),
        created_at: ActiveValue::Set(session.created_at.millis()),
        updated_at: ActiveValue::Set(session.updated_at.millis()),
        last_accessed: ActiveValue::Set(session.last_accessed.millis()),
        expires_at: ActiveValue::Set(session.expires_at.millis()),
    }
}
