//! Asks the model and passes its answer on as it comes.

use std::sync::Arc;

use futures_util::StreamExt;
use vpaura_domain::{Role, RunEventKind, Usage};
use vpaura_graph::{Ctx, Node, NodeError, Step, Worker};
use vpaura_llm::{
    ChatMessage, ChatRequest, Content, LlmError, ModelEvent, ModelRef, Passage, TokenUsage,
};
use vpaura_store::Spend;

use super::MAX_TOOL_ROUNDS;
use super::retrieve_context::assemble;
use super::state::{Call, ChatContext, ChatEvent, ChatState};

/// What has come so far.
#[derive(Default)]
struct Reply {
    text: String,
    reasoning: Option<(String, Option<Arc<str>>)>,
    calls: Vec<(u32, Call)>,
    cited: Vec<u32>,
    /// What the provider counted, if it said.
    tokens: Option<TokenUsage>,
    serving: Option<ModelRef>,
}

/// Each tool call goes to a worker of its own; an answer without any goes to `format`.
pub(super) async fn call_model(
    ctx: Ctx<ChatState>,
    tool: Worker<ChatState, Call>,
    format: Node<ChatState>,
) -> Result<Step<ChatState>, NodeError> {
    let app = ctx.app();
    let asked = request(app, ctx.state());
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
    let used = reply.usage(app, || request(app, ctx.state()).messages.iter().map(count).sum());
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
    Ok(calls.into_iter().fold(step, |step, call| step.send(tool, call)))
}

/// What a run asks first, as far as it can be known before the run is stored.
pub(crate) async fn first_request(app: &ChatContext) -> crate::Result<ChatRequest> {
    let prompt = Arc::new(assemble(app).await?);
    Ok(request(app, &ChatState { prompt, ..ChatState::default() }))
}

/// Where the run takes from budgets: sets aside what this call may take beside what the calls
/// before it took.
///
/// # Errors
/// [`crate::Error::BudgetExceeded`]: the call must not be made.
async fn make_room(app: &ChatContext, state: &ChatState, asked: &ChatRequest) -> crate::Result<()> {
    let is_first = state.rounds == 0;
    if !app.has_reserved || (is_first && app.first_call_is_covered) {
        return Ok(());
    }
    let (took, next) = (Spend::of(&state.usage), app.engine.most_of_call(&app.model, asked));
    let total = Spend {
        tokens: took.tokens.saturating_add(next.tokens),
        money: took.money.saturating_add(next.money),
    };
    app.engine.set_aside(app.scope.workspace_id, app.run.id, total).await
}

/// The prompt with what was said since. The results of one round of tools are one message.
fn request(app: &ChatContext, state: &ChatState) -> ChatRequest {
    let mut messages = state.prompt.messages.clone();
    for message in &state.exchanges {
        match messages.last_mut() {
            Some(last) if last.role == Role::Tool && message.role == Role::Tool => {
                last.content.extend(message.content.iter().cloned());
            }
            _ => messages.push(message.clone()),
        }
    }
    let excerpts = (1..).zip(&state.prompt.excerpts);
    let passages = excerpts.map(|(index, excerpt)| Passage {
        index,
        document: excerpt.document.to_string(),
        text: Arc::clone(&excerpt.text),
        score: excerpt.score,
    });
    ChatRequest {
        messages,
        tools: state.prompt.tools.clone(),
        params: app.params.clone(),
        passages: passages.collect(),
    }
}

impl Reply {
    /// Takes in an event of the model and says what to tell the run.
    fn take(&mut self, event: ModelEvent) -> Option<ChatEvent> {
        let kind = match event {
            ModelEvent::Serving(model) => {
                self.serving = Some(model.clone());
                return Some(ChatEvent::Serving(model));
            }
            ModelEvent::Text(text) => {
                self.text.push_str(&text);
                RunEventKind::Delta { text }
            }
            ModelEvent::Reasoning { text, signature } => {
                let (all, signed) = self.reasoning.get_or_insert_default();
                all.push_str(&text);
                if signature.is_some() {
                    *signed = signature;
                }
                RunEventKind::Reasoning { text }
            }
            ModelEvent::ToolCallStart { index, id, name } => {
                let call = Call { id: id.clone(), name: name.clone(), arguments: String::new() };
                self.calls.push((index, call));
                RunEventKind::ToolCall { id, name, arguments: String::new() }
            }
            ModelEvent::ToolCallDelta { index, arguments } => {
                let (_, call) = self.calls.iter_mut().rev().find(|(at, _)| *at == index)?;
                call.arguments.push_str(&arguments);
                let (id, name) = (call.id.clone(), String::new());
                RunEventKind::ToolCall { id, name, arguments: arguments.to_string() }
            }
            ModelEvent::Citation { passage } => {
                self.cited.push(passage);
                return None;
            }
            ModelEvent::Usage(tokens) => {
                self.tokens = Some(tokens);
                return None;
            }
            ModelEvent::Stop(_) => return None,
        };
        Some(ChatEvent::Log(kind))
    }

    /// What the call consumed. A host that counts nothing, or an answer cut before the count came,
    /// is counted here.
    fn usage(&self, app: &ChatContext, asked: impl FnOnce() -> u64) -> Usage {
        let Some(served) = &self.serving else { return Usage::default() };
        let tokens = self.tokens.unwrap_or_else(|| TokenUsage {
            input: asked(),
            output: vpaura_llm::count_tokens(&self.text) as u64,
            ..TokenUsage::default()
        });
        app.engine.models.info(served).map_or_else(Usage::default, |info| info.usage(&tokens))
    }

    /// What the log was told, in few words: the pieces joined.
    fn said(&self) -> Vec<RunEventKind> {
        let mut said = Vec::new();
        if let Some((text, _)) = &self.reasoning {
            said.push(RunEventKind::Reasoning { text: text.as_str().into() });
        }
        if !self.text.is_empty() {
            said.push(RunEventKind::Delta { text: self.text.as_str().into() });
        }
        said.extend(self.calls.iter().map(|(_, call)| {
            let Call { id, name, arguments } = call.clone();
            RunEventKind::ToolCall { id, name, arguments }
        }));
        said
    }

    /// The answer as a message of the conversation, and the tool calls in it.
    fn into_message(self) -> (ChatMessage, Vec<Call>) {
        let mut content = Vec::new();
        if let Some((text, signature)) = self.reasoning {
            content.push(Content::Reasoning { text: text.into(), signature });
        }
        if !self.text.is_empty() {
            content.push(Content::Text(self.text.into()));
        }
        let calls: Vec<Call> = self.calls.into_iter().map(|(_, call)| call).collect();
        content.extend(
            calls.iter().cloned().map(|Call { id, name, arguments }| Content::ToolCall {
                id,
                name,
                arguments,
            }),
        );
        (ChatMessage { role: Role::Assistant, content }, calls)
    }
}

fn count(message: &ChatMessage) -> u64 {
    let tokens = message.content.iter().map(|content| match content {
        Content::Text(text) | Content::Reasoning { text, .. } => vpaura_llm::count_tokens(text),
        Content::ToolCall { arguments, .. } => vpaura_llm::count_tokens(arguments),
        Content::ToolResult { output, .. } => vpaura_llm::count_tokens(output),
    });
    tokens.sum::<usize>() as u64
}
