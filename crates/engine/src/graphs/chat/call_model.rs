//! Asks the model and passes its answer on as it comes.

use std::sync::Arc;

use futures_util::StreamExt;
use vpaura_domain::{Role, RunEventKind, Usage};
use vpaura_graph::{Ctx, Node, NodeError, Step, Worker};
use vpaura_llm::{ChatRequest, LlmError, Passage};
use vpaura_store::Spend;

use super::MAX_TOOL_ROUNDS;
use super::reply::Reply;
use super::retrieve_context::assemble;
use super::search_words;
use super::since::Gone;
use super::state::{ChatContext, ChatEvent, ChatState, ToolUse};
use crate::tools::PASSAGES;

/// Each tool call goes to a worker of its own; an answer without any goes to `format`.
pub(super) async fn call_model(
    ctx: Ctx<ChatState>,
    tool: Worker<ChatState, ToolUse>,
    format: Node<ChatState>,
) -> Result<Step<ChatState>, NodeError> {
    let app = ctx.app();
    let gone = Gone::from(app, ctx.state()).await?;
    let asked = request(app, ctx.state(), &gone);
    make_room(app, ctx.state(), &asked).await?;
    let cancel = ctx.cancel_token().clone();
    let mut reply = Reply::default();
    let ended = async {
        let mut stream = app.engine.models.stream(&app.model, asked, cancel).await?;
        while let Some(event) = stream.next().await {
            if let Some(event) = reply.take(event?) {
                ctx.emit(event).await;
            }
        }
        Ok::<(), LlmError>(())
    }
    .await;
    let used = reply.usage(&app.engine, || request(app, ctx.state(), &gone));
    let mut usage = ctx.state().usage;
    usage += used;
    // Reported also when the call failed half-way: what was consumed was consumed.
    let spent = RunEventKind::Usage { usage };
    ctx.emit(ChatEvent::Log(spent.clone())).await;
    match ended {
        Ok(()) | Err(LlmError::Cancelled) => {}
        Err(error) => return Err(error.into()),
    }
    let rounds = ctx.state().rounds + 1;
    let update = ctx.update().usage(used).rounds(rounds).extend_cited(reply.cited.iter().copied());
    let update = update.extend_said(reply.said()).said(spent);
    let (message, calls) = reply.into_message();
    if calls.is_empty() || rounds > MAX_TOOL_ROUNDS {
        return Ok(Step::update(update).goto(format));
    }
    let step = Step::update(update.exchanges(message));
    let uses = calls.into_iter().zip(free_numbers(ctx.state()));
    Ok(uses
        .fold(step, |step, (call, first_passage)| step.send(tool, ToolUse { call, first_passage })))
}

/// The number of the first passage of each tool call to come, behind those of the prompt and of the
/// calls so far. Calls are answered side by side, so each has as many numbers as it could need.
fn free_numbers(state: &ChatState) -> impl Iterator<Item = u32> {
    let answered = state.exchanges.iter().filter(|message| message.role == Role::Tool).count();
    let first = 1 + state.prompt.excerpts.len() + answered * PASSAGES;
    (u32::try_from(first).unwrap_or(u32::MAX)..).step_by(PASSAGES)
}

/// What a run asks before any tool is used, as far as it can be known before the run is stored: for
/// the words of a search, where it is to do that, and for an answer.
pub(crate) async fn first_requests(app: &ChatContext) -> crate::Result<Vec<ChatRequest>> {
    let rewriting = search_words::request(app).await?;
    let prompt = Arc::new(assemble(app, &search_words::plain(app).await?).await?);
    let state = ChatState { prompt, ..ChatState::default() };
    let answer = request(app, &state, &Gone::default());
    Ok(rewriting.into_iter().chain([answer]).collect())
}

/// Where the run takes from budgets: sets aside what this call may take beside what the calls
/// before it took.
///
/// # Errors
/// [`crate::Error::BudgetExceeded`]: the call must not be made.
async fn make_room(app: &ChatContext, state: &ChatState, asked: &ChatRequest) -> crate::Result<()> {
    // Another search than was reckoned with finds other passages, and makes another prompt.
    let is_as_reckoned = state.rounds == 0 && state.usage == Usage::default();
    if !app.has_reserved || (is_as_reckoned && app.first_call_is_covered) {
        return Ok(());
    }
    let (took, next) = (Spend::of(&state.usage), app.engine.most_of_call(&app.model, asked));
    let total = Spend {
        tokens: took.tokens.saturating_add(next.tokens),
        money: took.money.saturating_add(next.money),
    };
    app.engine.set_aside(app.scope.workspace_id, app.run.id, total).await
}

/// The prompt with what was said since, without what is gone. The results of one round of tools are
/// one message. Passages keep their numbers.
fn request(app: &ChatContext, state: &ChatState, gone: &Gone) -> ChatRequest {
    let mut messages = state.prompt.messages.clone();
    for message in gone.leaves_of(state) {
        match messages.last_mut() {
            Some(last) if last.role == Role::Tool && message.role == Role::Tool => {
                last.content.extend(message.content.iter().cloned());
            }
            _ => messages.push(message.into_owned()),
        }
    }
    let excerpts = (1..).zip(&state.prompt.excerpts).filter(|(_, excerpt)| gone.leaves(excerpt));
    let passages = excerpts.map(|(index, excerpt)| Passage {
        index,
        document: excerpt.document.to_string(),
        headings: excerpt.headings.to_vec(),
        text: Arc::clone(&excerpt.text),
        score: excerpt.score,
    });
    let found = state.found.iter().filter(|(_, excerpt)| gone.leaves(excerpt));
    ChatRequest {
        messages,
        tools: state.prompt.tools.clone(),
        params: app.params.clone(),
        passages: passages.collect(),
        found: found.map(|(number, _)| *number).collect(),
    }
}
