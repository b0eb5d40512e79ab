//! Answers one of the model's tool calls. What goes wrong in a tool is told to the model, not to
//! the run: it may try otherwise.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vpaura_domain::{Quoted, Role, RunEventKind};
use vpaura_graph::{Ctx, NodeError, UnknownEffect};
use vpaura_llm::{ChatMessage, Content};

use super::state::{ChatEvent, ChatState, ChatStateUpdate, ToolUse};
use crate::passages::Excerpt;
use crate::tools::{Approval, ApprovalRequest, Tool, ToolAnswer, ToolContext};

/// The longest id that a key is made of as it is.
const MAX_KEY_BYTES: usize = 200;

/// What a tool answered.
#[derive(Serialize, Deserialize)]
struct Answered {
    output: String,
    is_error: bool,
    /// The passages in it that can be cited, by their numbers.
    #[serde(default)]
    found: BTreeMap<u32, Excerpt>,
}

impl Answered {
    const fn error(output: String) -> Self {
        Self { output, is_error: true, found: BTreeMap::new() }
    }
}

pub(super) async fn call_tool(
    ctx: Ctx<ChatState>,
    tool_use: ToolUse,
) -> Result<ChatStateUpdate, NodeError> {
    ctx.app().stored.cancelled().await;
    let Answered { output, is_error, found } = answer(&ctx, &tool_use).await?;
    let call = tool_use.call;
    let quoted: BTreeSet<Quoted> = found.values().map(Excerpt::quoted).collect();
    let result = RunEventKind::ToolResult {
        id: call.id.clone(),
        output: output.clone(),
        is_error,
        quotes: quoted.into_iter().collect(),
        gone: false,
    };
    ctx.emit(ChatEvent::Log(result.clone())).await;
    let content = vec![Content::ToolResult { id: call.id, output, is_error }];
    let update = ctx.update().said(result).extend_found(found);
    Ok(update.exchanges(ChatMessage { role: Role::Tool, content }))
}

async fn answer(ctx: &Ctx<ChatState>, tool_use: &ToolUse) -> Result<Answered, NodeError> {
    let app = ctx.app();
    let call = &tool_use.call;
    // A model may ask for what it was not told of.
    let allowed = app.chatbot.may_use(&call.name);
    let Some(tool) = app.engine.tools.find(&call.name).filter(|_| allowed) else {
        let name = &call.name;
        return Ok(Answered::error(format!(
            "There is no tool called {name:?}. Answer without it."
        )));
    };
    let arguments: serde_json::Value = match serde_json::from_str(&call.arguments) {
        Ok(arguments) => arguments,
        Err(_) if call.arguments.trim().is_empty() => serde_json::json!({}),
        Err(error) => return Ok(Answered::error(format!("The arguments are not JSON: {error}"))),
    };
    if app.engine.tools.asks(tool) {
        let request = ApprovalRequest::new(&call.name, &call.id, &arguments);
        let approval: Approval = ctx.interrupt(("approve", key_of(&call.id)), &request).await?;
        if let Some(refusal) = approval.refusal() {
            return Ok(Answered::error(refusal));
        }
    }
    let done = ctx
        .once(("tool", key_of(&call.id)), |_key| run(ctx, tool, arguments, tool_use.first_passage))
        .await;
    match done {
        Err(error) if error.downcast_ref::<UnknownEffect>().is_some() => Ok(Answered::error(
            "The server stopped while this tool ran: it may or may not have been done.".into(),
        )),
        done => done,
    }
}

/// The call's id as a part of a key: as it is, or its hash where it is long or has characters that
/// no key can have. Some hosts carry more than a name in it.
fn key_of(id: &str) -> Cow<'_, str> {
    if id.len() <= MAX_KEY_BYTES && !id.contains(char::is_control) {
        return Cow::Borrowed(id);
    }
    Cow::Owned(format!("{:x}", Sha256::digest(id)))
}

async fn run(
    ctx: &Ctx<ChatState>,
    tool: &dyn Tool,
    arguments: serde_json::Value,
    first_passage: u32,
) -> Result<Answered, NodeError> {
    let app = ctx.app();
    let at = ToolContext {
        engine: &app.engine,
        scope: &app.scope,
        conversation_id: app.question.conversation_id,
        question: &app.question.message,
        chatbot: &app.chatbot.settings,
        first_passage,
    };
    let limit = app.engine.settings.tool_timeout;
    Ok(match tokio::time::timeout(limit, tool.call(at, arguments)).await {
        Ok(Ok(ToolAnswer { text: output, found })) => {
            Answered { output, is_error: false, found: (first_passage..).zip(found).collect() }
        }
        Ok(Err(error)) => Answered::error(error.to_string()),
        Err(_) => Answered::error(format!("The tool did not answer within {limit:?}.")),
    })
}
