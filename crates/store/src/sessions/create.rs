//! Creates a session.

use sea_orm::{EntityTrait, IntoActiveModel};
use vpaura_domain::{Scope, Session, SessionId};

use super::read::find;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::session::{Entity, Model};
use crate::error::{Result, StoreError};
use crate::idempotency::{self, Claim, Created, IdempotencyKey};
use crate::store::Store;
use crate::visible;

impl Store {
    /// Stores a new session. A scope with an owner may only store that very session.
    pub async fn create_session(
        &self,
        scope: &Scope,
        session: &Session,
        key: Option<&IdempotencyKey>,
    ) -> Result<Created<Session>> {
        let visitor = scope.visitor();
        if visitor.is_some_and(|own| own != session.id || session.owner_id.is_some()) {
            return Err(StoreError::OutOfScope);
        }
        let input = (*scope, session.clone(), key.cloned(), self.now());
        let created = self
            .write(visible::within_sessions(scope), input, |tx, (scope, session, key, now)| {
                Box::pin(async move {
                    let id = session.id.uuid();
                    match idempotency::claim(tx, scope, key.as_ref(), id, *now).await? {
                        Claim::Used(used) if used != id => {
                            let first = find(tx, scope, SessionId::from_uuid(used)).await?;
                            return first.map(Created::Replayed).ok_or(StoreError::ReplayGone);
                        }
                        _ => insert(tx, scope, session).await?,
                    }
                    Ok(Created::New(session.clone()))
                })
            })
            .await;
        match created {
            // Our own insert, whose commit was confirmed to nobody.
            Err(StoreError::Duplicate) => match self.get_session(scope, session.id).await? {
                Some(stored) if stored == *session => Ok(Created::New(stored)),
                _ => Err(StoreError::Duplicate),
            },
            created => created,
        }
    }
}

async fn insert(tx: &Tx, scope: &Scope, session: &Session) -> Result<()> {
    let row = Model {
        id: session.id.uuid(),
        workspace_id: visible::workspace(scope),
        user_id: session.user_id.clone(),
        owner_id: session.owner_id.map(|id| id.uuid()),
        title: session.title.clone(),
        status: session.status.word().to_owned(),
        metadata: session.metadata.clone().into_value(),
        user_agent: session.user_agent.clone(),
        ip_address: session.ip_address.clone(),
        created_at: session.created_at.millis(),
        updated_at: session.updated_at.millis(),
        last_accessed: session.last_accessed.millis(),
        expires_at: session.expires_at.millis(),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}
