//! The first node: gathers what the model must know, within its token budget.

use std::sync::Arc;

use vpaura_domain::{FileId, Role, RunEventKind, Usage};
use vpaura_graph::{Ctx, NodeError};
use vpaura_llm::ChatMessage;

use super::search_words;
use super::state::{ChatContext, ChatEvent, ChatState, ChatStateUpdate, Prompt};
use crate::files::in_sight;
use crate::history::{self, Past};
use crate::passages::{self, Excerpt};
use crate::tools::SEARCH_COLLECTIONS;

/// Where the model's window is unknown.
const DEFAULT_WINDOW: usize = 8_192;

pub(super) async fn retrieve_context(ctx: Ctx<ChatState>) -> Result<ChatStateUpdate, NodeError> {
    let app = ctx.app();
    let (words, usage) = search_words::find(app, ctx.cancel_token().clone()).await?;
    let mut update = ctx.update();
    if usage != Usage::default() {
        // Told at once: what was consumed was consumed, whatever comes of it.
        let spent = RunEventKind::Usage { usage };
        ctx.emit(ChatEvent::Log(spent.clone())).await;
        update = update.usage(usage).said(spent);
    }
    Ok(update.prompt(assemble(app, &words).await?))
}

/// The prompt of a run's first call, with what was found for these words.
pub(super) async fn assemble(app: &ChatContext, words: &str) -> crate::Result<Prompt> {
    let question = &app.question;
    let system = system_prompts(app).await?;
    let window = app
        .engine
        .history
        .window(&app.engine.store, &app.scope, question.conversation_id, question.message.parent_id)
        .await?;
    let asked = Past::new(&question.message);
    let files = in_sight(&question.message, &window);
    let has_sources = !files.is_empty() || !app.chatbot.settings.collections.is_empty();
    let (instructions, talk) = history::instructions_and_talk(&window);
    let fixed = Fixed { system: &system, instructions: &instructions, asked: &asked };
    let mut left = left_beside(&fixed, &talk, input_budget(app), !has_sources);
    let excerpts = relevant_excerpts(app, &files, words, left / 2).await?;
    left = left.saturating_sub(tokens(&excerpts));

    let mut messages: Vec<_> =
        system.into_iter().map(|text| ChatMessage::text(Role::System, text)).collect();
    for past in instructions.iter().chain(history::fit(&talk, left)) {
        messages.extend(past.messages.iter().cloned());
    }
    messages.extend(asked.messages);
    let can_use_tools = app.engine.models.info(&app.model).is_some_and(|info| info.tools);
    let mut tools = if can_use_tools { app.engine.tools.specs() } else { Vec::new() };
    tools.retain(|tool| app.chatbot.may_use(&tool.name) && is_of_use(app, &tool.name));
    Ok(Prompt { messages, excerpts, tools })
}

/// Whether a tool has anything to do for this chatbot.
fn is_of_use(app: &ChatContext, tool: &str) -> bool {
    tool != SEARCH_COLLECTIONS || !app.chatbot.settings.collections.is_empty()
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

/// What is in the prompt however little room there is.
struct Fixed<'a> {
    system: &'a [Arc<str>],
    /// The system messages of the conversation.
    instructions: &'a [Arc<Past>],
    asked: &'a Past,
}

impl Fixed<'_> {
    fn tokens(&self) -> usize {
        let system = self.system.iter().map(|text| vpaura_llm::count_tokens(text)).sum::<usize>();
        let instructions = self.instructions.iter().map(|past| past.tokens()).sum::<usize>();
        system + instructions + self.asked.tokens()
    }

    /// What [`tokens`](Self::tokens) is at most; costs nothing.
    fn most_tokens(&self) -> usize {
        // A token has at least one byte.
        let system = self.system.iter().map(|text| text.len()).sum::<usize>();
        system + history::most_tokens(self.instructions) + self.asked.most_tokens()
    }
}

/// What the fixed parts leave of the budget. Counted only where it matters: when there are passages
/// to choose, or when the whole might not fit.
fn left_beside(fixed: &Fixed<'_>, talk: &[Arc<Past>], budget: usize, only_history: bool) -> usize {
    let most = fixed.most_tokens();
    if only_history && most + history::most_tokens(talk) <= budget {
        return budget - most;
    }
    budget.saturating_sub(fixed.tokens())
}

/// What fits the question: of the chatbot's collections, and of these files, which are given whole
/// where there is room.
async fn relevant_excerpts(
    app: &ChatContext,
    files: &[FileId],
    words: &str,
    budget: usize,
) -> crate::Result<Vec<Excerpt>> {
    let hits = app.engine.hits_for_chat(&app.scope, &app.chatbot.settings, words).await?;
    let files = app.engine.passages_of(&app.scope, files).await?;
    // The hits come first, but leave the files at least their half.
    let for_hits = if files.is_empty() { budget } else { budget / 2 };
    let hits = within(hits.into_iter().map(Excerpt::from), for_hits);
    if files.is_empty() {
        return Ok(hits);
    }
    let room = budget.saturating_sub(tokens(&hits));
    let words = words.to_owned();
    let selected =
        tokio::task::spawn_blocking(move || passages::select(&words, &files, room)).await;
    let selected = selected.map_err(|error| ranking(&error))?.map_err(|error| ranking(&error))?;
    Ok(selected.into_iter().chain(hits).collect())
}

/// The first ones that fit into the budget together.
fn within(excerpts: impl Iterator<Item = Excerpt>, budget: usize) -> Vec<Excerpt> {
    let mut left = budget;
    let fitting = excerpts.filter(|excerpt| match left.checked_sub(excerpt.tokens as usize) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    fitting.collect()
}

fn tokens(excerpts: &[Excerpt]) -> usize {
    excerpts.iter().map(|excerpt| excerpt.tokens as usize).sum()
}

fn ranking(error: &dyn std::fmt::Display) -> crate::Error {
    crate::Error::Internal(format!("ranking passages: {error}"))
}
