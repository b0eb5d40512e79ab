//! The body of the chat routes, and how it becomes a run.

use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vpaura_domain::{
    ChatbotId, ChatbotSettings, ConversationId, FileId, MultitaskStrategy, Role, Scope, SessionId,
};
use vpaura_engine::{RunInput, StartRun, StartedRun, Target};

use crate::access::{Anyone, Visitor};
use crate::extract::IdempotencyKey;
use crate::problem::{Code, Problem};
use crate::routes::{max_tokens, model_ref, temperature};
use crate::state::AppState;

/// What is said. Either `message` or `messages`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "message": "What can you do?" }))]
pub(crate) struct ChatBody {
    /// The new message.
    #[schema(min_length = 1, pattern = r"\S")]
    message: Option<String>,
    /// The dialogue so far, the new message last. With `conversation_id`, the new message alone.
    #[schema(min_items = 1, max_items = 500)]
    messages: Option<Vec<ChatTurn>>,
    /// The conversation to go on with; a new one is made without it.
    conversation_id: Option<ConversationId>,
    /// The chatbot that answers: the conversation's, else the workspace's default one, when absent.
    chatbot_id: Option<ChatbotId>,
    /// Settings to try in the place of the chatbot's, without storing them. Takes the permission
    /// `chatbots:write`.
    #[serde(skip_serializing_if = "Option::is_none")]
    preview: Option<ChatbotSettings>,
    /// Must be the caller's own session; the operator may name any for a new conversation.
    session_id: Option<SessionId>,
    /// Uploads to attach to the new message.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<FileId>>,
    /// The model, as `provider/model`.
    #[schema(pattern = "^[^/]+/.+$", max_length = 200)]
    model: Option<String>,
    /// What to do when the conversation is busy.
    multitask: Option<MultitaskStrategy>,
    /// Randomness of the answer.
    #[schema(minimum = 0, maximum = 2)]
    temperature: Option<f32>,
    /// The answer's limit in tokens.
    #[schema(minimum = 1, maximum = 1_000_000)]
    max_tokens: Option<u32>,
}

/// One message of a dialogue that the client kept itself.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChatTurn {
    /// `user`, `assistant` or `system`.
    role: Role,
    /// The words.
    #[schema(min_length = 1, pattern = r"\S")]
    content: String,
}

const MAX_TURNS: usize = 500;

impl ChatBody {
    /// Starts the run that answers, for the caller or for a new visitor.
    pub(super) async fn start(
        self,
        state: &AppState,
        anyone: Anyone,
        key: IdempotencyKey,
    ) -> Result<(Scope, CookieJar, StartedRun), Problem> {
        let idempotency = key.bind("chat", &self)?;
        let session_id = self.session_id;
        let target = match self.conversation_id {
            Some(id) => Target::Existing(id),
            None => Target::New(session_id),
        };
        let run = StartRun {
            target,
            input: input(self.message, self.messages, self.file_ids.unwrap_or_default())?,
            model: self.model.as_deref().map(model_ref).transpose()?,
            temperature: temperature(self.temperature)?,
            max_tokens: max_tokens(self.max_tokens)?,
            chatbot_id: self.chatbot_id,
            preview: self.preview,
            multitask: self.multitask.unwrap_or_default(),
            idempotency,
        };
        if anyone.scope.is_none() {
            state.engine.admit_first_chat(&anyone.address()).await?;
        }
        let Visitor { scope, cookies } = anyone.or_new_session(state).await?;
        if scope.owner().is_some() && session_id.is_some() && session_id != scope.session_id() {
            return Err(Problem::new(Code::Forbidden, "session_id is not your own session."));
        }
        state.engine.admit_chat(&scope).await?;
        let started = state.engine.start_run(&scope, run).await?;
        Ok((scope, cookies, started))
    }
}

fn input(
    message: Option<String>,
    messages: Option<Vec<ChatTurn>>,
    file_ids: Vec<FileId>,
) -> Result<RunInput, Problem> {
    let (text, history) = match (message, messages) {
        (Some(text), None) => (text, Vec::new()),
        (None, Some(turns)) => split(turns)?,
        (Some(_), Some(_)) => {
            return Err(Problem::validation("messages", "give message or messages, not both"));
        }
        (None, None) => return Err(Problem::validation("message", "is required")),
    };
    Ok(RunInput::Message { text, file_ids, parent_id: None, history })
}

/// The new message and what came before it.
fn split(mut turns: Vec<ChatTurn>) -> Result<(String, Vec<(Role, String)>), Problem> {
    if turns.len() > MAX_TURNS {
        let reason = format!("must be at most {MAX_TURNS} messages");
        return Err(Problem::validation("messages", &reason));
    }
    if let Some(place) = turns.iter().position(|turn| turn.role == Role::Tool) {
        let field = format!("messages[{place}].role");
        return Err(Problem::validation(&field, "must be user, assistant or system"));
    }
    match turns.pop() {
        Some(ChatTurn { role: Role::User, content }) => {
            Ok((content, turns.into_iter().map(|turn| (turn.role, turn.content)).collect()))
        }
        Some(_) => {
            let field = format!("messages[{}].role", turns.len());
            Err(Problem::validation(&field, "the last message must be the user's"))
        }
        None => Err(Problem::validation("messages", "must not be empty")),
    }
}
