//! The one shape of every error answer, and the table of its codes.
//!
//! A handler returns a [`Problem`]. It carries no request id and no time: those are put in by
//! [`crate::middleware::envelope`], which renders every error answer of the server, so that also
//! answers made by libraries (a 404 of the router, say) have the same shape.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use vpaura_domain::Timestamp;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:ident;)*) => {
        /// What went wrong, as a stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// All codes.
            #[cfg(test)]
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in the answer.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The usual status.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }
        }
    };
}

codes! {
    /// The request is not what the route takes; 400, 413 and 415 where those say it better.
    Validation = "VALIDATION_ERROR", UNPROCESSABLE_ENTITY;
    /// No credential, or one that is not valid.
    Unauthorized = "UNAUTHORIZED", UNAUTHORIZED;
    /// A credential that does not allow this.
    Forbidden = "FORBIDDEN", FORBIDDEN;
    /// No such route, or no such thing.
    NotFound = "NOT_FOUND", NOT_FOUND;
    /// No such session, or another's.
    SessionNotFound = "SESSION_NOT_FOUND", NOT_FOUND;
    /// No such conversation, or another's.
    ConversationNotFound = "CONVERSATION_NOT_FOUND", NOT_FOUND;
    /// No such message, or another's.
    MessageNotFound = "MESSAGE_NOT_FOUND", NOT_FOUND;
    /// No such run, or another's.
    RunNotFound = "RUN_NOT_FOUND", NOT_FOUND;
    /// No such file, or another's.
    FileNotFound = "FILE_NOT_FOUND", NOT_FOUND;
    /// No such model.
    ModelNotFound = "MODEL_NOT_FOUND", NOT_FOUND;
    /// No such user, or another's.
    UserNotFound = "USER_NOT_FOUND", NOT_FOUND;
    /// No such workspace, or another's.
    WorkspaceNotFound = "WORKSPACE_NOT_FOUND", NOT_FOUND;
    /// No such member, or another's.
    MemberNotFound = "MEMBER_NOT_FOUND", NOT_FOUND;
    /// No such role, or another's.
    RoleNotFound = "ROLE_NOT_FOUND", NOT_FOUND;
    /// No such invitation, or another's.
    InvitationNotFound = "INVITATION_NOT_FOUND", NOT_FOUND;
    /// No such API key, or another's.
    ApiKeyNotFound = "API_KEY_NOT_FOUND", NOT_FOUND;
    /// No such chatbot, or another's.
    ChatbotNotFound = "CHATBOT_NOT_FOUND", NOT_FOUND;
    /// No such collection, or none of the caller's.
    CollectionNotFound = "COLLECTION_NOT_FOUND", NOT_FOUND;
    /// No such document, or none of the caller's.
    DocumentNotFound = "DOCUMENT_NOT_FOUND", NOT_FOUND;
    /// No such chunk, or none of the caller's.
    ChunkNotFound = "CHUNK_NOT_FOUND", NOT_FOUND;
    /// No such prompt, or another's.
    PromptNotFound = "PROMPT_NOT_FOUND", NOT_FOUND;
    /// No such budget, or another's.
    BudgetNotFound = "BUDGET_NOT_FOUND", NOT_FOUND;
    /// A budget has less left than the request may cost.
    BudgetExceeded = "BUDGET_EXCEEDED", TOO_MANY_REQUESTS;
    /// Nobody can register, or only by invitation.
    RegistrationClosed = "REGISTRATION_CLOSED", FORBIDDEN;
    /// The route exists, but not for this method.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", METHOD_NOT_ALLOWED;
    /// The client sent too slowly.
    RequestTimeout = "REQUEST_TIMEOUT", REQUEST_TIMEOUT;
    /// The state of the thing forbids it now.
    Conflict = "CONFLICT", CONFLICT;
    /// The file is larger than allowed.
    FileTooLarge = "FILE_TOO_LARGE", PAYLOAD_TOO_LARGE;
    /// The file is of a type that cannot be read.
    UnsupportedFileType = "UNSUPPORTED_FILE_TYPE", UNSUPPORTED_MEDIA_TYPE;
    /// The file has no text that could be read; the message says why, and what to do.
    FileUnreadable = "FILE_UNREADABLE", UNPROCESSABLE_ENTITY;
    /// The virus scanner found something.
    FileInfected = "FILE_INFECTED", UNPROCESSABLE_ENTITY;
    /// Too many requests; has Retry-After.
    RateLimitExceeded = "RATE_LIMIT_EXCEEDED", TOO_MANY_REQUESTS;
    /// The model failed; 503 when trying again later may help.
    Llm = "LLM_ERROR", BAD_GATEWAY;
    /// The graph failed.
    Graph = "GRAPH_ERROR", INTERNAL_SERVER_ERROR;
    /// The database cannot be reached; has Retry-After.
    DbConnection = "DB_CONNECTION_ERROR", SERVICE_UNAVAILABLE;
    /// The server is full or stopping; has Retry-After.
    Unavailable = "SERVICE_UNAVAILABLE", SERVICE_UNAVAILABLE;
    /// A defect of the server.
    Internal = "INTERNAL_ERROR", INTERNAL_SERVER_ERROR;
}

impl Code {
    /// The code for an error answer that some library made with `status`.
    pub(crate) const fn for_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            409 => Self::Conflict,
            429 => Self::RateLimitExceeded,
            503 => Self::Unavailable,
            400..=499 => Self::Validation,
            _ => Self::Internal,
        }
    }
}

/// An error answer. Its message is for the caller: never a stack trace, SQL, or a secret.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    code: Code,
    status: StatusCode,
    message: Cow<'static, str>,
    details: Option<Value>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with the code's usual status.
    pub(crate) fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { code, status: code.status(), message, details: None, retry_after: None }
    }

    /// 422: `field` (a path such as `messages[0].role`) is wrong for `reason`.
    pub(crate) fn validation(field: &str, reason: &str) -> Self {
        let message = match field {
            "" => format!("The request is not valid: {reason}."),
            field => format!("The request is not valid: {field}: {reason}."),
        };
        Self::new(Code::Validation, message)
            .with_details(json!({ "field": field, "reason": reason }))
    }

    /// 400: the request cannot be read at all.
    pub(crate) fn bad_request(reason: &str) -> Self {
        Self::validation("", reason).with_status(StatusCode::BAD_REQUEST)
    }

    /// 500 for a defect. The cause goes to the log and not to the caller.
    pub(crate) fn internal(cause: &(dyn Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed by a defect");
        Self::unexplained()
    }

    /// 500 without a known cause.
    pub(crate) const fn unexplained() -> Self {
        Self {
            code: Code::Internal,
            status: StatusCode::INTERNAL_SERVER_ERROR,
            message: Cow::Borrowed("Something went wrong on our side. Please try again."),
            details: None,
            retry_after: None,
        }
    }

    /// The problem of an error answer that some library made.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let code = Code::for_status(status);
        let message = match code {
            Code::NotFound => "There is nothing at this address.",
            Code::MethodNotAllowed => "This address does not take this method.",
            Code::Internal => return Self::unexplained().with_status(status),
            _ => status.canonical_reason().unwrap_or("The request was refused."),
        };
        Self::new(code, message).with_status(status)
    }

    /// With a status other than the code's usual one.
    #[must_use]
    pub(crate) const fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With details that a program can use.
    #[must_use]
    pub(crate) fn with_details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// With a `Retry-After` header, rounded up to whole seconds, at least 1.
    #[must_use]
    pub(crate) const fn with_retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The status of the answer.
    #[cfg(test)]
    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body of the answer.
    pub(crate) fn envelope<'a>(&'a self, request_id: &'a str, at: Timestamp) -> Envelope<'a> {
        Envelope {
            error: ErrorBody {
                code: self.code.as_str(),
                message: &self.message,
                details: self.details.as_ref(),
                timestamp: at,
                request_id,
            },
        }
    }
}

/// The body of every error answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct Envelope<'a> {
    error: ErrorBody<'a>,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorBody)]
pub(crate) struct ErrorBody<'a> {
    /// A stable word for programs.
    #[schema(example = "VALIDATION_ERROR")]
    code: &'a str,
    /// A sentence for people.
    message: &'a str,
    /// More for programs; for a validation error `field` and `reason`.
    #[schema(value_type = Option<Object>)]
    details: Option<&'a Value>,
    /// When.
    timestamp: Timestamp,
    /// Names this request in the server's log.
    request_id: &'a str,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(after) = self.retry_after {
            let seconds = after.as_millis().div_ceil(1000).clamp(1, u128::from(u32::MAX));
            if let Ok(value) = HeaderValue::try_from(seconds.to_string()) {
                response.headers_mut().insert(RETRY_AFTER, value);
            }
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_distinct_and_are_errors() {
        let words: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }

    #[test]
    fn a_retry_is_never_asked_for_too_early() {
        let header = |millis| {
            let problem = Problem::new(Code::RateLimitExceeded, "Wait.")
                .with_retry_after(Duration::from_millis(millis));
            problem.into_response().headers()[RETRY_AFTER].to_str().expect("text").to_owned()
        };
        assert_eq!((header(0), header(1000), header(1001)), ("1".into(), "1".into(), "2".into()));
    }

    #[test]
    fn the_cause_of_a_defect_is_not_told() {
        let cause = std::io::Error::other("SELECT password FROM users");
        let problem = Problem::internal(&cause);
        let body = serde_json::to_string(&problem.envelope("r", Timestamp::from_millis(0)));
        assert!(!body.expect("serialises").contains("SELECT"));
    }
}
