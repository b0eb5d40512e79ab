//! Writes out everything that is a user's, as one JSON document. It is made as it is read: no more
//! than one conversation is in memory at a time.

use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Serialize;
use serde_json::{Value, json};
use vpaura_domain::{
    ConversationId, Origin, Permission, Scope, Subject, User, UserId, WorkspaceId,
};

use crate::audit::{Deed, actor};
use crate::citations::quotes_anything;
use crate::{Engine, Error, Result, Thing};

/// The number of the document's format.
const FORMAT: u32 = 1;

/// A document on its way out.
#[derive(Debug)]
pub struct UserExport {
    /// Whose it is.
    pub user: User,
    engine: Engine,
    /// Who reads; asked again for each conversation.
    scope: Scope,
    head: Option<Value>,
    conversations: std::vec::IntoIter<(WorkspaceId, ConversationId)>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    First,
    Further,
    Ended,
}

impl Engine {
    /// Everything of the user's: oneself, or with `users:write` anybody's. No secret is in it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for users whom the caller may not see.
    pub async fn export_user(
        &self,
        scope: &Scope,
        id: UserId,
        origin: &Origin,
    ) -> Result<UserExport> {
        let missing = || Error::NotFound(Thing::User);
        let is_self = may_export(scope, id)?;
        let user = self.store.get_user(id).await?.ok_or_else(missing)?;
        let holdings = self.store.holdings_of(id).await?;
        let memberships = self.store.standings_of(id).await?;
        let memberships: Vec<Value> = memberships
            .into_iter()
            .map(|place| {
                json!({
                    "workspace_id": place.workspace_id,
                    "workspace_name": place.workspace_name,
                    "role": place.role_name,
                })
            })
            .collect();
        let head = json!({
            "format": FORMAT,
            "exported_at": self.clock.now(),
            "user": user,
            "profile": self.store.get_profile(id).await?,
            "memberships": memberships,
            "sessions": holdings.sessions,
            "api_keys": holdings.api_keys,
            "files": holdings.files,
            "collections": holdings.collections,
            "documents": holdings.documents,
        });
        let deed = Deed::to("user.exported", "user", id, json!({ "by_self": is_self }));
        self.audit(&self.entry_in(None, actor(scope), origin, deed)).await?;
        Ok(UserExport {
            user,
            engine: self.clone(),
            scope: *scope,
            head: Some(head),
            conversations: holdings.conversations.into_iter(),
            state: State::Head,
        })
    }
}

impl UserExport {
    /// The document in pieces.
    pub fn pieces(self) -> impl Stream<Item = Result<Bytes>> + Send + 'static {
        stream::try_unfold(self, async |mut export| {
            Ok(export.next().await?.map(|piece| (piece, export)))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        match self.state {
            State::Ended => Ok(None),
            State::Head => {
                self.state = State::First;
                let head = text(&self.head.take())?;
                // The list of conversations follows as the last field of the same object.
                let open = head.strip_suffix('}').unwrap_or(&head);
                Ok(Some(Bytes::from(format!("{open},\"conversations\":["))))
            }
            State::First | State::Further => {
                let Some(conversation) = self.next_conversation().await? else {
                    self.state = State::Ended;
                    return Ok(Some(Bytes::from_static(b"]}")));
                };
                let comma = if self.state == State::First { "" } else { "," };
                self.state = State::Further;
                Ok(Some(Bytes::from(format!("{comma}{}", text(&conversation)?))))
            }
        }
    }

    /// The next conversation that is still there.
    async fn next_conversation(&mut self) -> Result<Option<Value>> {
        if self.conversations.len() > 0 {
            may_export(&self.engine.still(&self.scope).await?, self.user.id)?;
        }
        for (workspace, id) in self.conversations.by_ref() {
            let scope = Scope {
                subject: Subject::User { id: self.user.id, session: None },
                ..Scope::system(workspace)
            };
            let Some(conversation) = self.engine.store.get_conversation(&scope, id).await? else {
                continue;
            };
            let mut messages = self.engine.store.all_messages(&scope, id).await?;
            if quotes_anything(&messages) {
                // What they may see there now, not what the server may.
                let now = self.engine.current_scope(&scope).await?;
                let now = now.filter(|now| now.permissions.has(Permission::ChatRead));
                self.engine.withhold_in_messages(now.as_ref(), &mut messages).await?;
            }
            return Ok(Some(json!({ "conversation": conversation, "messages": messages })));
        }
        Ok(None)
    }
}

/// Whether it is their own; an error for whoever may not have another's.
fn may_export(scope: &Scope, id: UserId) -> Result<bool> {
    let is_self = matches!(scope.subject, Subject::User { id: own, .. } if own == id);
    if !is_self && scope.require(Permission::UsersWrite).is_err() {
        return Err(Error::NotFound(Thing::User));
    }
    Ok(is_self)
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Internal(format!("an export cannot be written: {error}")))
}
