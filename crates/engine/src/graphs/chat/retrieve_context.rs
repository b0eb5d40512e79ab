//! The first node: gathers what the model must know, within its token budget.

use std::sync::Arc;

use vpaura_domain::{FileId, Role};
use vpaura_graph::{Ctx, NodeError};
use vpaura_llm::ChatMessage;

use super::state::{ChatContext, ChatState, ChatStateUpdate, Prompt};
use crate::files::in_sight;
use crate::history::{self, Past, Window};
use crate::passages::{self, Excerpt};

/// Where the model's window is unknown.
const DEFAULT_WINDOW: usize = 8_192;

pub(super) async fn retrieve_context(ctx: Ctx<ChatState>) -> Result<ChatStateUpdate, NodeError> {
    Ok(ctx.update().prompt(assemble(ctx.app()).await?))
}

/// The prompt of a run's first call.
pub(super) async fn assemble(app: &ChatContext) -> crate::Result<Prompt> {
    let question = &app.question;
    let system = system_prompts(app).await?;
    let window = app
        .engine
        .history
        .window(&app.engine.store, &app.scope, question.conversation_id, question.message.parent_id)
        .await?;
    let asked = Past::new(&question.message);
    let files = in_sight(&question.message, &window);
    let mut left = left_beside(&system, &asked, &window, input_budget(app), files.is_empty());
    let excerpts = relevant_excerpts(app, &files, left / 2).await?;
    left = left.saturating_sub(excerpts.iter().map(|e| vpaura_llm::count_tokens(&e.text)).sum());

    let mut messages: Vec<_> =
        system.into_iter().map(|text| ChatMessage::text(Role::System, text)).collect();
    for past in history::fit(&window, left) {
        messages.extend(past.messages.iter().cloned());
    }
    messages.extend(asked.messages);
    let can_use_tools = app.engine.models.info(&app.model).is_some_and(|info| info.tools);
    let mut tools = if can_use_tools { app.engine.tools.specs() } else { Vec::new() };
    tools.retain(|tool| app.chatbot.may_use(&tool.name));
    Ok(Prompt { messages, excerpts, tools })
}

/// What the model is told first: who the user is, if they said so, then who it is itself.
async fn system_prompts(app: &ChatContext) -> crate::Result<Vec<Arc<str>>> {
    let mut prompts: Vec<_> = app.engine.profile_prompt(&app.run).await?.into_iter().collect();
    let chatbot = &app.chatbot;
    let prompt = chatbot.settings.system_prompt.as_ref();
    prompts.push(app.engine.system_prompt(prompt, &chatbot.name)?.into());
    Ok(prompts)
}

/// How many tokens the prompt may have: the window less the answer's part.
fn input_budget(app: &ChatContext) -> usize {
    let Some(info) = app.engine.models.info(&app.model) else { return DEFAULT_WINDOW / 2 };
    let window = info.context_window as usize;
    let answer = app.params.max_tokens.unwrap_or(info.max_output).min(info.max_output) as usize;
    window.saturating_sub(answer).max(window / 4)
}

/// What the system prompts and the question leave of the budget. Counted only where it matters:
/// when there are passages to choose, or when the whole might not fit.
fn left_beside(
    system: &[Arc<str>],
    asked: &Past,
    window: &Window,
    budget: usize,
    only_history: bool,
) -> usize {
    // A token has at least one byte.
    let most = system.iter().map(|text| text.len()).sum::<usize>() + asked.most_tokens();
    if only_history && most + history::most_tokens(window) <= budget {
        return budget - most;
    }
    let counted: usize = system.iter().map(|text| vpaura_llm::count_tokens(text)).sum();
    budget.saturating_sub(counted).saturating_sub(asked.tokens())
}

/// The best passages of these files.
async fn relevant_excerpts(
    app: &ChatContext,
    files: &[FileId],
    budget: usize,
) -> crate::Result<Vec<Excerpt>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    // A file that was deleted since is simply not there any more.
    for file in app.engine.store.get_files(&app.scope, files).await? {
        all.extend(app.engine.excerpts(&file).await?.iter().cloned());
    }
    let text = app.question.message.text();
    let selected = tokio::task::spawn_blocking(move || passages::select(&text, all, budget)).await;
    selected.map_err(|error| crate::Error::Internal(format!("ranking passages: {error}")))
}
