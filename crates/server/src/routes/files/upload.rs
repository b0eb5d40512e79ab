//! `POST /files/upload`: a file, streamed to where it stays.

use async_stream::try_stream;
use axum::extract::State;
use axum_extra::extract::CookieJar;
use bytes::Bytes;
use futures_util::Stream;
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use vpaura_domain::{FileId, FileRecord, Scope, SessionId};
use vpaura_engine::Upload;

use crate::access::{Anyone, Visitor};
use crate::extract::{IdempotencyHeader, IdempotencyKey};
use crate::problem::{Code, Problem};
use crate::routes::multipart::{Form, Part};
use crate::routes::responses::{Invalid, Missing, RateLimited};
use crate::state::AppState;

const MAX_ID_BYTES: usize = 100;

/// The form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read part by part")]
pub(crate) struct UploadForm {
    /// The file: text, Markdown, PDF, Word, PowerPoint, Excel, CSV, HTML, JSON or source code.
    #[schema(format = Binary, value_type = String)]
    file: Vec<u8>,
    /// Must be the caller's own session; the operator may name any, before the file.
    session_id: Option<SessionId>,
}

/// A stored upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadedFile {
    /// The file's id, once more.
    file_id: FileId,
    /// The beginning of its text, at most 2,000 characters.
    extracted_text: String,
    /// What of it could not be read, such as pages that are pictures, in sentences for people; none
    /// where all of it could.
    notice: Option<String>,
    #[serde(flatten)]
    file: FileRecord,
}

/// Stores a file. Without a credential a session is made (see the cookie).
///
/// What has no text that could be read is refused with 422 `FILE_UNREADABLE` and what to do about it.
#[utoipa::path(
    post, path = "/files/upload", tag = "files",
    security((), ("session_cookie" = []), ("session_token" = []), ("api_key" = [])),
    params(IdempotencyHeader),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (
            status = 201, description = "The file", body = UploadedFile,
            headers(("Set-Cookie" = Option<String>, description = "A new visitor's `session_token`")),
        ),
        Invalid, Missing, RateLimited,
    ),
)]
pub(crate) async fn upload(
    State(state): State<AppState>,
    anyone: Anyone,
    key: IdempotencyKey,
    mut form: Form,
) -> Result<(StatusCode, CookieJar, axum::Json<UploadedFile>), Problem> {
    let (session_id, file) = find_file(&mut form).await?;
    let name = file.file_name().unwrap_or("file").to_owned();
    let key = key.bind("upload_file", &(session_id, &name))?;
    let Visitor { scope, cookies } = anyone.or_new_session(&state).await?;
    let content = Box::pin(content(form, file, scope, session_id));
    let stored = state.engine.upload_file(&scope, session_id, &name, content, key).await?;
    let Upload { file, preview, notice } = stored;
    let uploaded = UploadedFile { file_id: file.id, extracted_text: preview, notice, file };
    Ok((StatusCode::CREATED, cookies, axum::Json(uploaded)))
}

/// The file's part, and the session if it was named before it.
async fn find_file(form: &mut Form) -> Result<(Option<SessionId>, Part), Problem> {
    let mut session_id = None;
    while let Some(part) = form.next().await? {
        match part.name() {
            "file" => return Ok((session_id, part)),
            "session_id" if session_id.is_none() => session_id = Some(read_session(part).await?),
            name => return Err(unexpected(name)),
        }
    }
    Err(Problem::validation("file", "is required"))
}

/// The file's bytes. The stream ends well only when what comes after the file is good too, so
/// that nothing is kept of a form that is not.
fn content(
    mut form: Form,
    mut file: Part,
    scope: Scope,
    session_id: Option<SessionId>,
) -> impl Stream<Item = Result<Bytes, Problem>> {
    try_stream! {
        while let Some(bytes) = file.bytes().await? {
            yield bytes;
        }
        drop(file);
        let mut has_session = session_id.is_some();
        while let Some(part) = form.next().await? {
            match part.name() {
                "session_id" if !has_session => check_session(part, &scope).await?,
                name => Err(unexpected(name))?,
            }
            has_session = true;
        }
    }
}

/// The session named after the file can only be confirmed: the file has its owner already.
async fn check_session(part: Part, scope: &Scope) -> Result<(), Problem> {
    let given = read_session(part).await?;
    match scope.owner() {
        Some(_) if scope.session_id() == Some(given) => Ok(()),
        Some(_) => Err(Problem::new(Code::Forbidden, "session_id is not your own session.")),
        None => Err(Problem::validation("session_id", "must come before the file")),
    }
}

async fn read_session(part: Part) -> Result<SessionId, Problem> {
    let text = part.text(MAX_ID_BYTES).await?;
    text.trim().parse().map_err(|_| Problem::validation("session_id", "must be a UUID"))
}

fn unexpected(name: &str) -> Problem {
    match name {
        "file" | "session_id" => Problem::validation(name, "is given twice"),
        _ => {
            let name: String = name.chars().filter(|c| !c.is_control()).take(100).collect();
            Problem::validation(&name, "unknown field, expected `file` or `session_id`")
        }
    }
}
