//! Works out what a request to answer means for its conversation: the question, where it hangs in
//! the tree, and what has to be stored.

use vpaura_domain::{
    Conversation, ConversationId, FileId, Message, MessageId, MessageStatus, Metadata, Part, Role,
    Scope,
};

use super::start::{RunInput, StartRun, Target};
use crate::{Engine, Error, Result, Thing};

const MAX_FILES: usize = 10;
const TITLE_CHARS: usize = 60;

/// A turn worked out, ready to be stored.
pub(super) struct Turn {
    pub(super) conversation: Conversation,
    pub(super) is_new: bool,
    /// The message to answer.
    pub(super) question: Message,
    /// What is to be stored before it, and itself unless it exists already.
    pub(super) messages: Vec<Message>,
    /// Whether it must follow what is shown when it is stored.
    pub(super) follows_head: bool,
}

impl Engine {
    pub(super) async fn turn(&self, scope: &Scope, request: &StartRun) -> Result<Turn> {
        match (&request.target, &request.input) {
            (Target::New(session), RunInput::Message { text, file_ids, history, .. }) => {
                let owner = self.owner_for(scope, *session).await?;
                let title = Some(title_of(text));
                let conversation = self.conversation_record(owner, title, Metadata::default());
                let mut messages = Vec::with_capacity(history.len() + 1);
                for (place, (role, text)) in history.iter().enumerate() {
                    let parent = messages.last().map(|message: &Message| message.id);
                    self.check_text(&format!("messages[{place}].content"), text)?;
                    let parts = vec![Part::Text { text: text.clone() }];
                    messages.push(self.message(conversation.id, parent, *role, parts));
                }
                let parent = messages.last().map(|message| message.id);
                let question =
                    self.question(scope, conversation.id, parent, text, file_ids).await?;
                messages.push(question.clone());
                Ok(Turn { conversation, is_new: true, question, messages, follows_head: false })
            }
            (Target::New(_), _) => Err(Error::NotFound(Thing::Message)),
            (Target::Existing(id), input) => {
                let conversation = self.find_conversation(scope, *id).await?;
                self.turn_in(scope, conversation, input).await
            }
        }
    }

    async fn turn_in(
        &self,
        scope: &Scope,
        conversation: Conversation,
        input: &RunInput,
    ) -> Result<Turn> {
        let (parent, text, file_ids) = match input {
            RunInput::Message { history, .. } if !history.is_empty() => {
                return Err(Error::invalid(
                    "messages",
                    "must be the new message alone when conversation_id is given",
                ));
            }
            RunInput::Message { text, file_ids, parent_id, .. } => {
                (parent_id.or(conversation.head_message_id), text, file_ids)
            }
            RunInput::Edit { message_id, text, file_ids } => {
                let edited = self.find_message(scope, &conversation, *message_id).await?;
                if edited.role != Role::User {
                    return Err(Error::Conflict("only a user's message can be edited"));
                }
                (edited.parent_id, text, file_ids)
            }
            RunInput::Regenerate { message_id } => {
                let old = self.find_message(scope, &conversation, *message_id).await?;
                let question = match (old.role, old.parent_id) {
                    (Role::User, _) => old,
                    (_, Some(parent)) => self.find_message(scope, &conversation, parent).await?,
                    (_, None) => return Err(Error::Conflict("this message answers nothing")),
                };
                let messages = Vec::new();
                return Ok(Turn {
                    conversation,
                    is_new: false,
                    question,
                    messages,
                    follows_head: false,
                });
            }
        };
        let question = self.question(scope, conversation.id, parent, text, file_ids).await?;
        let messages = vec![question.clone()];
        let follows_head = matches!(input, RunInput::Message { parent_id: None, .. });
        Ok(Turn { conversation, is_new: false, question, messages, follows_head })
    }

    async fn find_message(
        &self,
        scope: &Scope,
        conversation: &Conversation,
        id: MessageId,
    ) -> Result<Message> {
        self.store
            .get_message(scope, id)
            .await?
            .filter(|message| message.conversation_id == conversation.id)
            .ok_or(Error::NotFound(Thing::Message))
    }

    async fn question(
        &self,
        scope: &Scope,
        conversation_id: ConversationId,
        parent: Option<MessageId>,
        text: &str,
        file_ids: &[FileId],
    ) -> Result<Message> {
        self.check_text("message", text)?;
        if file_ids.len() > MAX_FILES {
            return Err(Error::invalid("file_ids", format!("must be at most {MAX_FILES} files")));
        }
        let mut parts = Vec::with_capacity(file_ids.len() + 1);
        if !file_ids.is_empty() {
            let files = self.store.get_files(scope, file_ids).await?;
            for id in file_ids {
                let file = files.iter().find(|file| file.id == *id);
                let file = file.ok_or(Error::NotFound(Thing::File))?;
                parts.push(Part::File {
                    file_id: file.id,
                    name: file.name.clone(),
                    media_type: file.media_type.clone(),
                    size: file.size,
                });
            }
        }
        parts.push(Part::Text { text: text.to_owned() });
        Ok(self.message(conversation_id, parent, Role::User, parts))
    }

    fn check_text(&self, field: &str, text: &str) -> Result<()> {
        let max = self.settings.message_bytes;
        if text.trim().is_empty() {
            Err(Error::invalid(field, "must not be empty"))
        } else if text.len() > max {
            let actual = text.len();
            Err(Error::invalid(field, format!("must be at most {max} bytes, this is {actual}")))
        } else if text.contains('\0') {
            Err(Error::invalid(field, "must not contain the NUL character"))
        } else {
            Ok(())
        }
    }

    fn message(
        &self,
        conversation_id: ConversationId,
        parent_id: Option<MessageId>,
        role: Role,
        parts: Vec<Part>,
    ) -> Message {
        Message {
            id: MessageId::generate(&*self.ids),
            conversation_id,
            parent_id,
            run_id: None,
            role,
            status: MessageStatus::Completed,
            parts,
            model: None,
            usage: None,
            error: None,
            created_at: self.clock.now(),
        }
    }

    /// Names a conversation that was created without a title after its first message.
    pub(super) async fn title_from(&self, scope: &Scope, turn: &Turn) {
        if turn.is_new || turn.conversation.title.is_some() || turn.question.parent_id.is_some() {
            return;
        }
        let title = title_of(&turn.question.text());
        let id = turn.conversation.id;
        if let Err(error) = self.store.set_title_if_none(scope, id, &title).await {
            // The message is stored; a missing title is no reason to refuse it.
            tracing::warn!(conversation.id = %id, %error, "conversation {id} got no title");
        }
    }
}

/// The first line of the text, short enough for a list.
fn title_of(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("…");
    let line: String = line.chars().filter(|c| !c.is_control()).collect();
    match line.char_indices().nth(TITLE_CHARS) {
        None => vpaura_domain::clean_title(&line).unwrap_or_else(|_| "…".to_owned()),
        Some((end, _)) => {
            let cut = line[..end].rfind(char::is_whitespace).filter(|&at| at > end / 2);
            let short = line[..cut.unwrap_or(end)].trim_end();
            vpaura_domain::clean_title(&format!("{short}…")).unwrap_or_else(|_| "…".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn titles_come_from_the_first_line() {
        assert_eq!(title_of("\n  Refund policy?\nmore"), "Refund policy?");
        let long = "word ".repeat(40);
        let title = title_of(&long);
        assert!(title.ends_with("word…") && title.chars().count() <= 61, "{title}");
        assert_eq!(title_of("\u{202E}abc"), "…");
    }
}
