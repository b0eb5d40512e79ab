//! `POST /chat/message`: one answer, when it is whole.

use axum::extract::State;
use axum_extra::extract::CookieJar;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use vpaura_domain::{
    Ask, Citation, ConversationId, CutOff, Message, MessageId, Run, RunEventKind, RunId, RunStatus,
    Scope, Usage,
};
use vpaura_engine::{RunDetail, RunReader, StartedRun};

use super::body::ChatBody;
use crate::access::Anyone;
use crate::extract::{IdempotencyHeader, IdempotencyKey, Json};
use crate::problem::{Code, Problem};
use crate::routes::responses::{Invalid, RateLimited};
use crate::state::AppState;
use crate::stream::citations;

/// A whole answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChatAnswer {
    /// The conversation.
    conversation_id: ConversationId,
    /// The answer's message.
    message_id: MessageId,
    /// The user's message.
    user_message_id: MessageId,
    /// The run.
    run_id: RunId,
    /// How the run stands: completed, cancelled, or interrupted when it waits for answers.
    status: RunStatus,
    /// The questions that it waits for answers to.
    asks: Vec<Ask>,
    /// The answer's text.
    content: String,
    /// The answer as stored; absent while the run waits for answers.
    message: Option<Message>,
    /// What it cost.
    usage: Usage,
    /// The passages it relies on.
    citations: Vec<Citation>,
    /// Why it ends before the model had said all, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off: Option<CutOff>,
}

/// Says something and waits for the whole answer.
///
/// A failed run answers 502 with code `LLM_ERROR` (or 500 with `GRAPH_ERROR`) and its ids in the
/// details; the message is stored and can be regenerated. A run that waits for answers is
/// `interrupted`: answer its `asks` at `POST /runs/{id}/resume`.
#[utoipa::path(
    post, path = "/chat/message", tag = "chat", request_body = ChatBody,
    security((), ("session_cookie" = []), ("session_token" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    responses((status = 200, description = "The answer", body = ChatAnswer), Invalid, RateLimited),
)]
pub(crate) async fn message(
    State(state): State<AppState>,
    anyone: Anyone,
    key: IdempotencyKey,
    Json(body): Json<ChatBody>,
) -> Result<(CookieJar, Result<axum::Json<ChatAnswer>, Problem>), Problem> {
    let (scope, cookies, started) = body.start(&state, anyone, key).await?;
    // A new visitor needs the cookie for what failed too: the message is in their session.
    Ok((cookies, whole_answer(&state, &scope, started).await.map(axum::Json)))
}

async fn whole_answer(
    state: &AppState,
    scope: &Scope,
    started: StartedRun,
) -> Result<ChatAnswer, Problem> {
    let _open = state.streams.open()?;
    let mut reader = started.reader;
    let ended = last_event(&mut reader).await?;
    let RunDetail { run, asks } = state.engine.run_detail(scope, started.run.id).await?;
    match ended {
        Some(RunEventKind::RunCompleted { message }) => Ok(answer(run, asks, Some(*message))),
        Some(RunEventKind::RunFailed { code, message }) => Err(failed(&run, &code, message)),
        _ => {
            let message = state.engine.get_message(scope, run.message_id).await.ok();
            Ok(answer(run, asks, message))
        }
    }
}

async fn last_event(reader: &mut RunReader) -> Result<Option<RunEventKind>, Problem> {
    let mut last = None;
    while let Some(events) = reader.next().await? {
        last = events.into_iter().next_back().map(|event| event.kind);
    }
    Ok(last)
}

fn answer(run: Run, asks: Vec<Ask>, message: Option<Message>) -> ChatAnswer {
    ChatAnswer {
        conversation_id: run.conversation_id,
        message_id: run.message_id,
        user_message_id: run.user_message_id,
        run_id: run.id,
        status: run.status,
        asks,
        content: message.as_ref().map(Message::text).unwrap_or_default(),
        citations: message.as_ref().map(|m| citations(&m.parts)).unwrap_or_default(),
        cut_off: message.as_ref().and_then(Message::cut_off),
        usage: run.usage,
        message,
    }
}

fn failed(run: &Run, code: &str, message: String) -> Problem {
    let code = match code {
        "LLM_ERROR" => Code::Llm,
        "GRAPH_ERROR" => Code::Graph,
        "BUDGET_EXCEEDED" => Code::BudgetExceeded,
        "SERVICE_UNAVAILABLE" => Code::Unavailable,
        _ => Code::Internal,
    };
    Problem::new(code, message).with_details(json!({
        "run_id": run.id,
        "conversation_id": run.conversation_id,
        "message_id": run.message_id,
        "user_message_id": run.user_message_id,
    }))
}
