//! Answers one of the model's tool calls. What goes wrong in a tool is told to the model, not to
//! the run: it may try otherwise.

use serde::{Deserialize, Serialize};
use vpaura_domain::{Role, RunEventKind};
use vpaura_graph::{Ctx, NodeError, UnknownEffect};
use vpaura_llm::{ChatMessage, Content};

use super::state::{Call, ChatEvent, ChatState, ChatStateUpdate};
use crate::tools::{Approval, ApprovalRequest, Tool, ToolContext};

/// What a tool answered.
#[derive(Serialize, Deserialize)]
struct Answered {
    output: String,
    is_error: bool,
}

impl Answered {
    const fn error(output: String) -> Self {
        Self { output, is_error: true }
    }
}

pub(super) async fn call_tool(
    ctx: Ctx<ChatState>,
    call: Call,
) -> Result<ChatStateUpdate, NodeError> {
    ctx.app().stored.cancelled().await;
    let Answered { output, is_error } = answer(&ctx, &call).await?;
    let result = RunEventKind::ToolResult { id: call.id.clone(), output: output.clone(), is_error };
    ctx.emit(ChatEvent::Log(result.clone())).await;
    let content = vec![Content::ToolResult { id: call.id, output, is_error }];
    Ok(ctx.update().said(result).exchanges(ChatMessage { role: Role::Tool, content }))
}

async fn answer(ctx: &Ctx<ChatState>, call: &Call) -> Result<Answered, NodeError> {
    let app = ctx.app();
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
        let approval: Approval = ctx.interrupt(("approve", &call.id), &request).await?;
        if let Some(refusal) = approval.refusal() {
            return Ok(Answered::error(refusal));
        }
    }
    let done = ctx.once(("tool", &call.id), |_key| run(ctx, tool, arguments)).await;
    match done {
        Err(error) if error.downcast_ref::<UnknownEffect>().is_some() => Ok(Answered::error(
            "The server stopped while this tool ran: it may or may not have been done.".into(),
        )),
        done => done,
    }
}

async fn run(
    ctx: &Ctx<ChatState>,
    tool: &dyn Tool,
    arguments: serde_json::Value,
) -> Result<Answered, NodeError> {
    let app = ctx.app();
    let at = ToolContext {
        engine: &app.engine,
        scope: &app.scope,
        conversation_id: app.question.conversation_id,
        question: &app.question.message,
        chatbot: &app.chatbot.settings,
    };
    let limit = app.engine.settings.tool_timeout;
    Ok(match tokio::time::timeout(limit, tool.call(at, arguments)).await {
        Ok(Ok(output)) => Answered { output, is_error: false },
        Ok(Err(error)) => Answered::error(error.to_string()),
        Err(_) => Answered::error(format!("The tool did not answer within {limit:?}.")),
    })
}
