//! What is searched for: the question, in words that stand alone. "And for students?" finds nothing
//! by itself; a model puts it together with what was said before. It has little time for that;
//! without a model, or when it fails, the words of the message before are added to a short question.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{Role, Usage};
use vpaura_llm::{ChatMessage, ChatRequest, Content, LlmError, Params};

use super::reply::Reply;
use super::state::ChatContext;
use crate::history::Window;

/// The template of the request.
const TEMPLATE: &str = "rewrite";
/// How long the model may take: the answer waits for it.
const TIME: Duration = Duration::from_secs(3);
/// Messages before the question that the model is shown.
const MESSAGES: usize = 6;
/// What it is shown of each, in characters.
const MESSAGE_CHARS: usize = 1_000;
/// What is searched for at most, in characters.
pub(crate) const MAX_CHARS: usize = 1_000;
/// The longest query that a model may write, in tokens.
const MAX_TOKENS: u32 = 160;
/// A question shorter than this, in characters, may lean on the message before it.
const SHORT_CHARS: usize = 60;

/// What to ask the model; none where there is no model to ask, or nothing to rewrite for.
pub(super) async fn request(app: &ChatContext) -> crate::Result<Option<ChatRequest>> {
    let settings = &app.chatbot.settings;
    let wanted = settings.retrieval.is_none_or(|it| it.rewrite != Some(false));
    let is_real = app.engine.models.info(&app.model).is_some_and(|info| !info.builtin);
    if settings.collections.is_empty() || !wanted || !is_real {
        return Ok(None);
    }
    let window = window(app).await?;
    if window.is_empty() {
        return Ok(None);
    }
    let question = clip(&app.question.message.text(), MAX_CHARS);
    let values = [("conversation", shown(&window)), ("question", question)];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    let text = app.engine.prompts.render(TEMPLATE, &values)?;
    let params = Params { max_tokens: Some(MAX_TOKENS), ..Params::default() };
    let messages = vec![ChatMessage::text(Role::User, text)];
    Ok(Some(ChatRequest { messages, params, ..ChatRequest::default() }))
}

/// The words to search for, and what finding them took.
pub(super) async fn find(
    app: &ChatContext,
    cancel: CancellationToken,
) -> crate::Result<(String, Usage)> {
    let Some(asked) = request(app).await? else { return Ok((plain(app).await?, Usage::default())) };
    let mut reply = Reply::default();
    let reading = async {
        let mut stream = app.engine.models.stream(&app.model, asked.clone(), cancel).await?;
        while let Some(event) = stream.next().await {
            reply.take(event?);
        }
        Ok::<(), LlmError>(())
    };
    let read = tokio::time::timeout(TIME, reading).await;
    let usage = reply.usage(&app.engine, || asked);
    let written = clip(reply.text().trim().lines().next().unwrap_or_default(), MAX_CHARS);
    match read {
        Ok(Ok(())) if !written.is_empty() => return Ok((written, usage)),
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the question is searched for as it is"),
        Err(_) => tracing::debug!("the question is searched for as it is: no time for more"),
    }
    Ok((plain(app).await?, usage))
}

/// The question, with the user's message before it if it is short.
pub(super) async fn plain(app: &ChatContext) -> crate::Result<String> {
    let question = app.question.message.text();
    if question.chars().count() > SHORT_CHARS {
        return Ok(clip(&question, MAX_CHARS));
    }
    let window = window(app).await?;
    let messages = window.iter().rev().flat_map(|past| past.messages.iter().rev());
    let before = messages.into_iter().find(|message| message.role == Role::User).map(text_of);
    Ok(clip(&format!("{question}\n{}", before.unwrap_or_default()), MAX_CHARS).trim().to_owned())
}

async fn window(app: &ChatContext) -> crate::Result<Window> {
    let (engine, question) = (&app.engine, &app.question);
    let (conversation, parent) = (question.conversation_id, question.message.parent_id);
    Ok(engine.history.window(&engine.store, &app.scope, conversation, parent).await?)
}

/// The last messages, as the model reads them.
fn shown(window: &Window) -> String {
    let all = window.iter().flat_map(|past| &past.messages);
    let said = all.filter_map(|message| {
        let who = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::System | Role::Tool => return None,
        };
        let text = clip(&text_of(message), MESSAGE_CHARS);
        (!text.is_empty()).then(|| format!("{who}: {text}"))
    });
    let said: Vec<String> = said.collect();
    said[said.len().saturating_sub(MESSAGES)..].join("\n")
}

fn text_of(message: &ChatMessage) -> String {
    let texts = message.content.iter().filter_map(|content| match content {
        Content::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    texts.collect::<Vec<&str>>().join(" ")
}

fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect::<String>().trim().to_owned()
}
