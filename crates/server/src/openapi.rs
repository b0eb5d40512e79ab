//! What of the API's description is not written at a route.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::{AdditionalProperties, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Required};
use utoipa::{Modify, OpenApi as _};
use vpaura_domain::RunEvent;

use crate::access::SESSION_COOKIE;
use crate::problem::Envelope;
use crate::stream::TokenEvent;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "VPAura",
        description = "A self-hosted AI chat platform. A message starts a *run*; a run is a \
            durable log of events that can be read, and followed, from anywhere.\n\n\
            Every error has one shape, see `Error`. Lists take `limit` and `offset` or `cursor`. \
            `Idempotency-Key` makes a repeated POST create one thing.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    security(("session_cookie" = []), ("session_token" = []), ("api_key" = [])),
    components(schemas(Envelope<'_>, RunEvent, TokenEvent)),
    tags(
        (name = "chat", description = "Say something and get the answer, in one call"),
        (name = "runs", description = "Look at, follow and stop a run"),
        (name = "conversations", description = "Keep, find, branch, share and move conversations"),
        (name = "sessions", description = "One client's stay"),
        (name = "files", description = "Uploads"),
        (name = "collections", description = "Knowledge that chatbots answer from"),
        (name = "documents", description = "What collections hold, and the chunks it is cut into"),
        (name = "models", description = "What can be asked to answer"),
        (name = "chatbots", description = "Configured models with prompts and tools, in versions"),
        (name = "prompts", description = "The prompt library"),
        (name = "budgets", description = "How much may be spent, and what was used"),
        (name = "auth", description = "Come in, stay in, go out"),
        (name = "users", description = "Oneself, and the installation's users"),
        (name = "workspaces", description = "The tenants"),
        (name = "members", description = "Who is in a workspace, and as what"),
        (name = "roles", description = "What members may do"),
        (name = "invitations", description = "The way into a workspace"),
        (name = "api-keys", description = "Credentials of machines"),
        (name = "audit", description = "Who did what"),
        (name = "health", description = "How the server is"),
    ),
    modifiers(&Credentials),
)]
struct Api;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let cookie = ApiKeyValue::with_description(
            SESSION_COOKIE,
            "The signed token of a session, as `POST /sessions` and the chat routes set it",
        );
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The same token, or the operator's API key"));
        let key = ApiKeyValue::with_description("X-API-Key", "The operator's API key");
        let schemes = [
            ("session_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
            ("session_token", SecurityScheme::Http(bearer.build())),
            ("api_key", SecurityScheme::ApiKey(ApiKey::Header(key))),
        ];
        for (name, scheme) in schemes {
            components.add_security_scheme(name, scheme);
        }
    }
}

/// The description without routes.
pub(crate) fn base() -> OpenApi {
    Api::openapi()
}

/// Adds what follows from the routes: operation ids of their own, that a PATCH is not empty, that a
/// form has no other fields, and where no body is needed.
pub(crate) fn refine(openapi: &mut OpenApi) {
    for item in openapi.paths.paths.values_mut() {
        operations(item).for_each(name_by_tag);
    }
    let schemas = openapi.components.iter_mut().flat_map(|all| all.schemas.iter_mut());
    for (name, schema) in schemas {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        if name.starts_with("Update") {
            object.min_properties = Some(1);
        }
        if name == "ExportedConversation"
            && let Some(RefOr::T(Schema::Object(format))) = object.properties.get_mut("format")
        {
            format.enum_values = Some(vec![1.into()]);
        }
        if name.ends_with("Form") {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
    let empty = may_be_empty(openapi);
    for item in openapi.paths.paths.values_mut() {
        operations(item).for_each(|operation| may_lack_body(operation, &empty));
    }
}

/// References to the schemas of objects that may have no fields.
fn may_be_empty(openapi: &OpenApi) -> BTreeSet<String> {
    let schemas = openapi.components.iter().flat_map(|all| &all.schemas);
    let empty = schemas.filter(|(_, schema)| match schema {
        RefOr::T(Schema::Object(object)) => {
            object.required.is_empty() && object.min_properties.is_none()
        }
        _ => false,
    });
    empty.map(|(name, _)| format!("#/components/schemas/{name}")).collect()
}

/// No body counts as an object without fields: see `extract/json.rs`.
fn may_lack_body(operation: &mut Operation, empty: &BTreeSet<String>) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let Some(RefOr::T(content)) = body.content.get("application/json") else { return };
    if let Some(RefOr::Ref(schema)) = &content.schema
        && empty.contains(&schema.ref_location)
    {
        body.required = Some(Required::False);
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete]
        .into_iter()
        .filter_map(Option::as_mut)
}

/// A handler is called after its verb, which is unique within its resource alone.
fn name_by_tag(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(verb)) = (tag, &operation.operation_id) {
        operation.operation_id = Some(format!("{tag}_{verb}"));
    }
}

/// The description as JSON for people.
pub(crate) fn to_json(openapi: &OpenApi) -> String {
    // Plain maps and texts: there is nothing in it that could fail to serialise.
    openapi.to_pretty_json().unwrap_or_default()
}
