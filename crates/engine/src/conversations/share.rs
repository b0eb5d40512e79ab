//! Shares a conversation by a secret link: whoever has it reads the path as it was when it was
//! shared, and nothing else. Revocable.

use secrecy::ExposeSecret;
use serde_json::json;
use sha2::{Digest, Sha256};
use vpaura_domain::{ConversationId, Message, Origin, Part, Permission, Scope, Timestamp};

use super::KIND;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

/// A new share link's secret. It is shown once; the store has its hash.
#[derive(Debug, Clone)]
pub struct CreatedShare {
    /// The secret part of the link.
    pub token: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a share link shows.
#[derive(Debug, Clone)]
pub struct SharedConversation {
    /// The title.
    pub title: Option<String>,
    /// The messages, oldest first: words and citations alone. Files, reasoning and what tools
    /// were asked and answered stay with the owner.
    pub messages: Vec<Message>,
    /// When the conversation was created.
    pub created_at: Timestamp,
}

impl Engine {
    /// Makes a share link for the path shown now.
    pub async fn share_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        origin: &Origin,
    ) -> Result<CreatedShare> {
        scope.require(Permission::ChatWrite)?;
        let conversation = self.find_conversation(scope, id).await?;
        if conversation.head_message_id.is_none() {
            return Err(Error::Conflict("an empty conversation cannot be shared"));
        }
        let token = self.share_secret();
        let created_at = self.clock.now();
        let deed = Deed::to("conversation.shared", KIND, id, json!({}));
        let entry = self.entry(scope, origin, deed);
        if self.store.create_share(scope, id, &hash(&token), &entry, created_at).await? {
            Ok(CreatedShare { token, created_at })
        } else {
            Err(Error::NotFound(Thing::Conversation))
        }
    }

    /// Revokes every share link of the conversation.
    pub async fn unshare_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
        origin: &Origin,
    ) -> Result<()> {
        scope.require(Permission::ChatWrite)?;
        self.find_conversation(scope, id).await?;
        let deed = Deed::to("conversation.unshared", KIND, id, json!({}));
        let entry = self.entry(scope, origin, deed);
        self.store.delete_shares(scope, id, &entry).await?;
        Ok(())
    }

    /// What the link with this secret shows, as long as the conversation's owner could open it. Of
    /// files and documents it quotes what they may see themselves at this moment.
    pub async fn get_shared(&self, token: &str) -> Result<SharedConversation> {
        let shared = self.store.get_shared(&hash(token)).await?;
        let shared = shared.ok_or(Error::NotFound(Thing::Share))?;
        let owner = shared.owner;
        let system = Scope::system(owner.workspace_id);
        let conversation = shared.conversation;
        let mut messages = self.whole_path(&system, conversation.id, shared.leaf).await?;
        for message in &mut messages {
            message.parts.retain(|part| {
                matches!(part, Part::Text { .. } | Part::Citation(_) | Part::CutOff { .. })
            });
        }
        let reader = Some(&owner).filter(|owner| owner.permissions.has(Permission::ChatRead));
        self.withhold_in_messages(reader, &mut messages).await?;
        Ok(SharedConversation {
            title: conversation.title,
            messages,
            created_at: conversation.created_at,
        })
    }

    /// A secret nobody can guess: a fresh id hashed with the signing secret.
    fn share_secret(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"share link");
        hash.update(self.settings.secret.expose_secret());
        hash.update(self.ids.uuid().as_bytes());
        format!("{:x}", hash.finalize())
    }
}

fn hash(token: &str) -> String {
    format!("{:x}", Sha256::digest(token))
}
