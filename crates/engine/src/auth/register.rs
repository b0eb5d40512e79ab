//! Registers somebody as a user.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use vpaura_auth::{Email, OpaqueToken, TokenKind, Username};
use vpaura_config::Registration as Policy;
use vpaura_domain::{
    Actor, AuditEntry, BuiltinRole, IdGen, Origin, RoleRef, User, UserId, WorkspaceId,
};
use vpaura_store::{Join, NewUser, StoreError};

use super::signed_in::Proof;
use super::{Arrival, SignedIn};
use crate::audit::Deed;
use crate::users::{clean_full_name, fresh_user, parse_email, parse_username};
use crate::{Engine, Error, Result, Thing};

/// How often another name is tried for somebody who did not choose one.
const NAMES_TRIED: u32 = 5;

/// Who wants to register. `Debug` shows no secret.
#[derive(Debug)]
pub struct Registration {
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: SecretString,
    /// The name that they choose; one is made of the address where absent.
    pub username: Option<String>,
    /// Their name.
    pub full_name: Option<String>,
    /// The invitation that they have.
    pub invitation: Option<SecretString>,
}

impl Engine {
    /// Registers and signs in. The first user of all owns the installation.
    ///
    /// # Errors
    /// [`Error::RegistrationClosed`] by policy, [`Error::Invalid`] for what cannot be an address,
    /// name or password, [`Error::Conflict`] when address or name is another user's,
    /// [`Error::NotFound`] when there is no such invitation (any more).
    pub async fn register(&self, new: Registration, arrival: &Arrival) -> Result<SignedIn> {
        self.admit_attempt(arrival).await?;
        let email = parse_email(&new.email)?;
        let chosen = new.username.as_deref().map(parse_username).transpose()?;
        let full_name = clean_full_name(new.full_name)?;
        let join = self.way_in(&email, new.invitation.as_ref()).await?;
        let password = new.password.expose_secret();
        let hash = self.hash_new_password(password, &email, chosen.as_ref(), false).await?;
        let id = UserId::generate(&*self.ids);
        let workspace = match &join {
            Some(Join::As(id, _) | Join::Invited(id, _)) => *id,
            None => WorkspaceId::DEFAULT,
        };
        let by = match &join {
            Some(Join::Invited(..)) => "invitation",
            _ => "registration",
        };
        let entries = vec![
            self.own_entry(id, &arrival.origin, "user.registered", json!({})),
            self.joined_entry(Actor::User { id }, id, workspace, by, &arrival.origin),
        ];
        let mut user = fresh_user(id, &email, self.clock.now());
        user.full_name = full_name;
        let new = NewUser {
            user,
            email_key: email.key().to_owned(),
            username_key: String::new(),
            password_hash: Some(hash),
            identity: None,
            join,
            idempotency: None,
            entries,
        };
        let user = self.create_named(new, chosen, &email).await?;
        let proof = Proof { method: "registration", ..Proof::default() };
        self.open_session(user, proof, arrival).await
    }

    /// How somebody with this address may join; nothing when only as the first user of all.
    async fn way_in(
        &self,
        email: &Email,
        invitation: Option<&SecretString>,
    ) -> Result<Option<Join>> {
        let policy = self.settings.auth.registration;
        if let (Some(token), true) = (invitation, policy != Policy::Closed) {
            let missing = || Error::NotFound(Thing::Invitation);
            let token = OpaqueToken::parse(TokenKind::Invitation, token.expose_secret());
            let hash = token.map_err(|_| missing())?.hash().as_str().to_owned();
            let open = self.store.open_invitation(&hash, self.clock.now()).await?;
            let open = open.ok_or_else(missing)?;
            if open.email_key != email.key() {
                return Err(Error::Forbidden("the invitation is for another e-mail address"));
            }
            return Ok(Some(Join::Invited(open.workspace_id, hash)));
        }
        match policy {
            Policy::Open => Ok(Some(self.default_join())),
            _ if !self.store.has_users().await? => Ok(None),
            Policy::Invitation => Err(Error::RegistrationClosed(
                "registration is by invitation: open the link that you got",
            )),
            Policy::Closed => Err(Error::RegistrationClosed("registration is closed")),
        }
    }

    /// An entry of the workspace's log: that a new user is a member.
    pub(crate) fn joined_entry(
        &self,
        actor: Actor,
        user: UserId,
        workspace: WorkspaceId,
        by: &str,
        origin: &Origin,
    ) -> AuditEntry {
        let deed = Deed::to("member.joined", "user", user, json!({ "by": by }));
        self.entry_in(Some(workspace), actor, origin, deed)
    }

    /// Into the default workspace with the role for everybody.
    pub(crate) fn default_join(&self) -> Join {
        Join::As(WorkspaceId::DEFAULT, RoleRef::Builtin(self.default_role()))
    }

    /// The role of who joins the default workspace of themselves.
    pub(crate) fn default_role(&self) -> BuiltinRole {
        let named = BuiltinRole::named(self.settings.auth.default_role);
        named.unwrap_or(BuiltinRole::Member)
    }

    /// Stores the user under the chosen name, or under one made of the address that is free.
    pub(crate) async fn create_named(
        &self,
        mut new: NewUser,
        chosen: Option<Username>,
        email: &Email,
    ) -> Result<User> {
        let now = self.clock.now();
        let mut tried = 0;
        loop {
            let name = match &chosen {
                Some(name) => name.clone(),
                None => made_name(email, tried, &*self.ids)?,
            };
            new.user.username = name.as_given().to_owned();
            new.username_key = name.key().to_owned();
            match self.store.create_user(new.clone(), now).await {
                Err(StoreError::NameTaken) if chosen.is_none() && tried < NAMES_TRIED => tried += 1,
                created => return Ok(created?.user),
            }
        }
    }
}

/// A username out of the part before the `@`; from the second try on with a number.
fn made_name(email: &Email, tried: u32, ids: &dyn IdGen) -> Result<Username> {
    let usable = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    let local: String = email.local().chars().filter(usable).take(40).collect();
    let base = if local.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        format!("user-{local}")
    } else {
        local
    };
    let name = match tried {
        0 => base,
        _ => format!("{base}-{:04}", ids.uuid().as_u128() % 10_000),
    };
    parse_username(&name)
}
