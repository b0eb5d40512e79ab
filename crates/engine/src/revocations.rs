//! Revocation: what stopped being valid is told to every server, which forgets what it believed,
//! looks again at who reads open streams, and stops the runs of those who may no longer run.
//!
//! The database tells it, once a second; the cache's word only makes that sooner.

mod heard;
mod presence;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, MissedTickBehavior};
use vpaura_domain::{ApiKeyId, Permission, Run, Scope, Subject, UserId, WorkspaceId};
use vpaura_store::{KeyIdentity, Revocation, RevocationKind};

use crate::{Engine, Result};
use heard::Heard;

pub(crate) use presence::{Presence, Presences};

/// The publish–subscribe channel that says: look at the revocations.
const CHANNEL: &str = "revocations";
/// How often the database is asked.
const POLL: Duration = Duration::from_secs(1);
const SWEEP: Duration = Duration::from_secs(60 * 60);
/// How long a revocation is kept for servers to hear of.
const KEPT_MILLIS: i64 = 60 * 60 * 1_000;

/// Who stands behind a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Responsible {
    pub(crate) workspace_id: WorkspaceId,
    /// The conversation's owner.
    pub(crate) user_id: Option<UserId>,
    /// The user who asked, where that is not the owner; of a key its maker.
    pub(crate) asked_by: Option<UserId>,
    pub(crate) api_key_id: Option<ApiKeyId>,
}

impl Responsible {
    pub(crate) const fn of(workspace_id: WorkspaceId, run: &Run, asked_by: Option<UserId>) -> Self {
        Self { workspace_id, user_id: run.user_id, asked_by, api_key_id: run.api_key_id }
    }

    fn users(self) -> impl Iterator<Item = UserId> {
        self.user_id.into_iter().chain(self.asked_by)
    }

    fn is_concerned(self, revocation: &Revocation) -> bool {
        let is = |id: Option<uuid::Uuid>| id == Some(revocation.subject);
        match revocation.kind {
            RevocationKind::User | RevocationKind::Member => {
                self.users().any(|id| is(Some(id.uuid())))
            }
            RevocationKind::ApiKey => is(self.api_key_id.map(ApiKeyId::uuid)),
            RevocationKind::Workspace => is(Some(self.workspace_id.uuid())),
            // Whoever has the role is not known here.
            RevocationKind::Role => self.users().next().is_some() || self.api_key_id.is_some(),
            // What runs goes on when a sign-in ends. A visitor's runs end with their session.
            RevocationKind::Session => false,
        }
    }
}

/// Whether the revocation may change what the scope is worth.
pub(crate) fn concerns(revocation: &Revocation, scope: &Scope) -> bool {
    let is = |id: Option<uuid::Uuid>| id == Some(revocation.subject);
    match revocation.kind {
        RevocationKind::User | RevocationKind::Member => is(scope.user_id().map(UserId::uuid)),
        RevocationKind::Session => is(scope.session_id().map(vpaura_domain::SessionId::uuid)),
        RevocationKind::ApiKey => is(scope.api_key_id().map(ApiKeyId::uuid)),
        RevocationKind::Workspace => is(Some(scope.workspace_id.uuid())),
        // Whoever has the role is not known here.
        RevocationKind::Role => scope.user_id().is_some(),
    }
}

impl Engine {
    /// Lets revocations that have been stored bite: here at once, and on the other servers as
    /// soon as they hear of it.
    pub(crate) async fn revoke(&self, revocations: &[Revocation]) {
        for revocation in revocations {
            if let Err(error) = self.act_on(revocation).await {
                // It is found again with the next look at the database.
                tracing::warn!(%error, "a revocation could not be acted on at once");
            }
        }
        self.kv.publish(CHANNEL, Bytes::from_static(b"look")).await;
    }

    /// Looks for revocations until the engine stops.
    pub(crate) async fn watch_revocations(&self) {
        let mut words = self.kv.subscribe(CHANNEL).await;
        let mut polls = tokio::time::interval(POLL);
        let mut sweeps = tokio::time::interval(SWEEP);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard: Option<Heard> = None;
        loop {
            tokio::select! {
                () = self.stopped.cancelled() => return,
                _ = polls.tick() => {}
                // A lost word is as good as one heard: look.
                _ = words.next() => {}
                _ = sweeps.tick() => {
                    self.sweep_revocations().await;
                    continue;
                }
            }
            if let Err(error) = self.hear_revocations(&mut heard).await {
                tracing::warn!(%error, "revocations could not be looked for");
            }
        }
    }

    async fn hear_revocations(&self, heard: &mut Option<Heard>) -> Result<()> {
        let heard = match heard {
            Some(heard) => heard,
            none => none.insert(Heard::from(self.store.newest_revocation().await?)),
        };
        let rows = self.store.revocations_after(heard.floor()).await?;
        for (id, revocation) in rows {
            if !heard.is_settled(id, Instant::now()) {
                self.act_on(&revocation).await?;
                heard.note(id, Instant::now());
            }
        }
        heard.forget_old(Instant::now());
        Ok(())
    }

    async fn sweep_revocations(&self) {
        let before = self.clock.now().millis().saturating_sub(KEPT_MILLIS);
        let before = vpaura_domain::Timestamp::from_millis(before);
        if let Err(error) = self.store.forget_revocations(before).await {
            tracing::warn!(%error, "old revocations could not be deleted");
        }
    }

    /// Safe to repeat: each step looks at how things are.
    async fn act_on(&self, revocation: &Revocation) -> Result<()> {
        self.credentials.forget(revocation);
        if revocation.kind == RevocationKind::Session {
            self.forget_session(vpaura_domain::SessionId::from_uuid(revocation.subject));
        }
        for present in self.presences.concerned(|scope| concerns(revocation, scope)) {
            let now = self.current_scope(present.scope()).await?;
            if !now.is_some_and(|now| now.permissions.has(Permission::ChatRead)) {
                present.end();
            }
        }
        for live in self.runs.of_responsible(|by| by.is_concerned(revocation)) {
            if !self.may_run(&live.by).await? {
                live.cancel.cancel();
            }
        }
        Ok(())
    }

    /// Whether those who stand behind a run may let it run now.
    pub(crate) async fn may_run(&self, by: &Responsible) -> Result<bool> {
        if by.api_key_id.is_none() && by.users().next().is_none() {
            return Ok(self.store.is_active_workspace(by.workspace_id).await?);
        }
        // Asked for by its id alone: a key that acts for others need not be one of the owner's.
        if let Some(id) = by.api_key_id {
            let key = self.store.key_principal(&KeyIdentity::Id(id), self.clock.now()).await?;
            if !key.is_some_and(|key| key.permissions.has(Permission::ChatWrite)) {
                return Ok(false);
            }
        }
        for id in by.users() {
            let subject = Subject::User { id, session: None };
            let scope = Scope { subject, ..Scope::system(by.workspace_id) };
            let now = self.current_scope(&scope).await?;
            if !now.is_some_and(|now| now.permissions.has(Permission::ChatWrite)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
