//! The authorization matrix: every route of the API's description × everybody who might call it.
//! The default is denial. A route without a row fails the test, so nobody can add one unnoticed.
//!
//! A row says what permission its route needs and whose things it addresses; who may then pass
//! follows from their role. Whatever the answer, it must not tell of what is another's: all that
//! belongs to the owner carries a mark, which is looked for in every byte of every answer.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use vpaura_domain::{BuiltinRole, Permission, PermissionSet};

use crate::app::{Answer, Client, TestApp};
use crate::estate::{Estate, MARK};
use crate::postgres::on_postgres;
use crate::schema::{description, operations};

use Permission as P;

/// Whose things a route addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    /// Nobody's: a list of one's own, or a new thing.
    Nobody,
    /// The workspace's: every member with the permission may.
    Workspace,
    /// The owner's alone, whatever others' permissions.
    Owner,
}

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Nothing: it proves itself who calls, or has nothing to hide.
    Nothing,
    /// A permission, which strangers are given with a new session.
    Guest(Permission),
    /// A credential of any kind.
    Credential,
    /// To be a user, or a user's key.
    UserOrKey,
    /// To be signed in as a user.
    User,
    /// A permission.
    Permission(Permission),
}

struct Row {
    route: &'static str,
    needs: Needs,
    of: Of,
}

const fn row(route: &'static str, needs: Needs, of: Of) -> Row {
    Row { route, needs, of }
}

const fn guest(permission: Permission) -> Needs {
    Needs::Guest(permission)
}

const fn with(permission: Permission) -> Needs {
    Needs::Permission(permission)
}

/// The routes, the harmless ones first: later rows may undo what earlier ones need.
const ROWS: &[Row] = &[
    // Reading.
    row("GET /health", Needs::Nothing, Of::Nobody),
    row("GET /health/live", Needs::Nothing, Of::Nobody),
    row("GET /health/ready", Needs::Nothing, Of::Nobody),
    row("GET /auth/status", Needs::Nothing, Of::Nobody),
    row("GET /auth/oidc/{id}", Needs::Nothing, Of::Nobody),
    row("GET /auth/oidc/{id}/callback", Needs::Nothing, Of::Nobody),
    row("GET /shared/{token}", Needs::Nothing, Of::Nobody),
    row("POST /invitations/look", Needs::Nothing, Of::Nobody),
    row("GET /models", Needs::Credential, Of::Nobody),
    row("GET /tools", with(P::ChatbotsRead), Of::Nobody),
    row("GET /graphs", with(P::ChatbotsRead), Of::Nobody),
    row("GET /conversations", with(P::ChatRead), Of::Nobody),
    row("GET /conversations/{id}", with(P::ChatRead), Of::Owner),
    row("GET /conversations/{id}/messages", with(P::ChatRead), Of::Owner),
    row("GET /conversations/{id}/export", with(P::ChatRead), Of::Owner),
    row("GET /runs/{id}", with(P::ChatRead), Of::Owner),
    row("GET /runs/{id}/events", with(P::ChatRead), Of::Owner),
    row("GET /files/{id}", with(P::ChatRead), Of::Owner),
    row("GET /files/{id}/content", with(P::ChatRead), Of::Owner),
    row("GET /files/{id}/text", with(P::ChatRead), Of::Owner),
    row("GET /sessions", with(P::ChatRead), Of::Nobody),
    row("GET /sessions/current", Needs::Nothing, Of::Nobody),
    row("GET /sessions/{id}", with(P::ChatRead), Of::Owner),
    row("GET /users", with(P::UsersRead), Of::Nobody),
    row("GET /users/me", Needs::UserOrKey, Of::Nobody),
    row("GET /users/me/profile", Needs::User, Of::Nobody),
    row("GET /users/{id}", Needs::User, Of::Owner),
    row("GET /users/{id}/export", Needs::User, Of::Owner),
    row("GET /workspaces", Needs::UserOrKey, Of::Nobody),
    row("GET /workspaces/{id}", Needs::UserOrKey, Of::Workspace),
    row("GET /workspaces/{id}/members", with(P::MembersRead), Of::Workspace),
    row("GET /workspaces/{id}/roles", with(P::MembersRead), Of::Workspace),
    row("GET /workspaces/{id}/invitations", with(P::MembersRead), Of::Workspace),
    row("GET /workspaces/{id}/api-keys", with(P::KeysWrite), Of::Workspace),
    row("GET /workspaces/{id}/budgets", with(P::BudgetsRead), Of::Workspace),
    row("GET /workspaces/{id}/usage", with(P::ChatRead), Of::Workspace),
    row("GET /workspaces/{id}/audit", with(P::AuditRead), Of::Workspace),
    row("GET /workspaces/{id}/audit/export", with(P::AuditRead), Of::Workspace),
    row("GET /audit", with(P::UsersRead), Of::Nobody),
    row("GET /audit/export", with(P::UsersRead), Of::Nobody),
    row("GET /chatbots", with(P::ChatbotsRead), Of::Nobody),
    row("GET /chatbots/{id}", with(P::ChatbotsRead), Of::Owner),
    row("GET /chatbots/{id}/versions", with(P::ChatbotsRead), Of::Owner),
    row("GET /chatbots/{id}/grants", with(P::ChatbotsWrite), Of::Owner),
    row("GET /collections", with(P::CollectionsRead), Of::Nobody),
    row("GET /collections/{id}", with(P::CollectionsRead), Of::Owner),
    row("GET /collections/{id}/grants", with(P::CollectionsWrite), Of::Owner),
    row("GET /collections/{id}/documents", with(P::CollectionsRead), Of::Owner),
    row("GET /collections/{id}/documents/{document_id}", with(P::CollectionsRead), Of::Owner),
    row(
        "GET /collections/{id}/documents/{document_id}/content",
        with(P::CollectionsRead),
        Of::Owner,
    ),
    row("GET /collections/{id}/documents/{document_id}/text", with(P::CollectionsRead), Of::Owner),
    row(
        "GET /collections/{id}/documents/{document_id}/pages/{page}",
        with(P::CollectionsRead),
        Of::Owner,
    ),
    row(
        "GET /collections/{id}/documents/{document_id}/chunks",
        with(P::CollectionsRead),
        Of::Owner,
    ),
    row("GET /messages/{message_id}/citations/{index}", with(P::ChatRead), Of::Owner),
    row("GET /messages/{message_id}/citations/{index}/content", with(P::ChatRead), Of::Owner),
    row("GET /messages/{message_id}/citations/{index}/pages/{page}", with(P::ChatRead), Of::Owner),
    row("POST /collections/{id}/search", with(P::CollectionsRead), Of::Owner),
    row("POST /search", with(P::CollectionsRead), Of::Nobody),
    row("GET /prompts", with(P::PromptsRead), Of::Nobody),
    row("GET /prompts/{id}", with(P::PromptsRead), Of::Workspace),
    row("GET /prompts/{id}/versions", with(P::PromptsRead), Of::Workspace),
    // Writing.
    row("POST /chat", guest(P::ChatWrite), Of::Nobody),
    row("POST /chat/stream", guest(P::ChatWrite), Of::Nobody),
    row("POST /chat/message", guest(P::ChatWrite), Of::Nobody),
    row("POST /chat/feedback", with(P::ChatWrite), Of::Owner),
    row("POST /conversations", with(P::ChatWrite), Of::Nobody),
    row("POST /conversations/import", with(P::ChatWrite), Of::Nobody),
    row("PATCH /conversations/{id}", with(P::ChatWrite), Of::Owner),
    row("POST /conversations/{id}/runs", with(P::ChatWrite), Of::Owner),
    row("POST /conversations/{id}/fork", with(P::ChatWrite), Of::Owner),
    row("POST /conversations/{id}/share", with(P::ChatWrite), Of::Owner),
    row("DELETE /conversations/{id}/share", with(P::ChatWrite), Of::Owner),
    row("POST /conversations/{id}/messages/{message_id}/edit", with(P::ChatWrite), Of::Owner),
    row("POST /conversations/{id}/messages/{message_id}/regenerate", with(P::ChatWrite), Of::Owner),
    row("POST /runs/{id}/cancel", with(P::ChatWrite), Of::Owner),
    row("POST /runs/{id}/resume", with(P::ChatWrite), Of::Owner),
    row("POST /sessions", Needs::Nothing, Of::Nobody),
    row("PATCH /sessions/{id}", with(P::ChatWrite), Of::Owner),
    row("POST /files/upload", guest(P::ChatWrite), Of::Nobody),
    row("PUT /users/me/profile", Needs::User, Of::Nobody),
    row("POST /users", with(P::UsersWrite), Of::Nobody),
    row("PUT /users/{id}", Needs::User, Of::Owner),
    row("POST /users/me/second-factor", Needs::User, Of::Nobody),
    row("POST /users/me/second-factor/confirm", Needs::User, Of::Nobody),
    row("POST /users/me/recovery-codes", Needs::User, Of::Nobody),
    row("DELETE /users/me/second-factor", Needs::User, Of::Nobody),
    row("POST /workspaces", with(P::WorkspacesWrite), Of::Nobody),
    row("PATCH /workspaces/{id}", with(P::WorkspaceWrite), Of::Workspace),
    row("PATCH /workspaces/{id}/members/{user_id}", with(P::MembersWrite), Of::Workspace),
    row("POST /workspaces/{id}/roles", with(P::RolesWrite), Of::Workspace),
    row("PATCH /workspaces/{id}/roles/{role_id}", with(P::RolesWrite), Of::Workspace),
    row("POST /workspaces/{id}/invitations", with(P::MembersWrite), Of::Workspace),
    row("POST /workspaces/{id}/api-keys", with(P::KeysWrite), Of::Workspace),
    row("POST /workspaces/{id}/budgets", with(P::BudgetsWrite), Of::Workspace),
    row("POST /chatbots", with(P::ChatbotsWrite), Of::Nobody),
    row("PATCH /chatbots/{id}", with(P::ChatbotsWrite), Of::Owner),
    row("POST /chatbots/{id}/rollback", with(P::ChatbotsWrite), Of::Owner),
    row("PUT /chatbots/{id}/grants", with(P::ChatbotsWrite), Of::Owner),
    row("POST /collections", with(P::CollectionsWrite), Of::Nobody),
    row("PATCH /collections/{id}", with(P::CollectionsWrite), Of::Owner),
    row("PUT /collections/{id}/grants", with(P::CollectionsWrite), Of::Owner),
    row("POST /collections/{id}/documents", with(P::CollectionsWrite), Of::Owner),
    row("POST /collections/{id}/documents/upload", with(P::CollectionsWrite), Of::Owner),
    row("PATCH /collections/{id}/documents/{document_id}", with(P::CollectionsWrite), Of::Owner),
    row("PATCH /collections/{id}/chunks/{chunk_id}", with(P::CollectionsWrite), Of::Owner),
    row(
        "POST /collections/{id}/documents/{document_id}/reindex",
        with(P::CollectionsWrite),
        Of::Owner,
    ),
    row("POST /collections/{id}/reindex", with(P::CollectionsWrite), Of::Owner),
    row("POST /prompts", with(P::PromptsWrite), Of::Nobody),
    row("PUT /prompts/{id}", with(P::PromptsWrite), Of::Workspace),
    row("POST /prompts/{id}/rollback", with(P::PromptsWrite), Of::Workspace),
    row("POST /invitations/accept", Needs::User, Of::Owner),
    row("POST /auth/register", Needs::Nothing, Of::Nobody),
    row("POST /auth/login", Needs::Nothing, Of::Nobody),
    row("POST /auth/login/second-factor", Needs::Nothing, Of::Nobody),
    row("POST /auth/refresh", Needs::Nothing, Of::Nobody),
    row("POST /auth/password/forgot", Needs::Nothing, Of::Nobody),
    row("POST /auth/password/reset", Needs::Nothing, Of::Nobody),
    row("POST /auth/password/change", Needs::User, Of::Nobody),
    row("POST /auth/switch", Needs::User, Of::Workspace),
    // Removing.
    row("DELETE /files/{id}", with(P::ChatWrite), Of::Owner),
    row("DELETE /conversations/{id}", with(P::ChatWrite), Of::Owner),
    row("DELETE /chatbots/{id}", with(P::ChatbotsWrite), Of::Owner),
    row("DELETE /collections/{id}/documents/{document_id}", with(P::CollectionsWrite), Of::Owner),
    row("DELETE /collections/{id}", with(P::CollectionsWrite), Of::Owner),
    row("DELETE /prompts/{id}", with(P::PromptsWrite), Of::Workspace),
    row("DELETE /workspaces/{id}/budgets/{budget_id}", with(P::BudgetsWrite), Of::Workspace),
    row("DELETE /workspaces/{id}/api-keys/{key_id}", with(P::KeysWrite), Of::Owner),
    row(
        "DELETE /workspaces/{id}/invitations/{invitation_id}",
        with(P::MembersWrite),
        Of::Workspace,
    ),
    row("DELETE /workspaces/{id}/members/{user_id}", with(P::MembersWrite), Of::Workspace),
    row("DELETE /workspaces/{id}/roles/{role_id}", with(P::RolesWrite), Of::Workspace),
    row("DELETE /workspaces/{id}", with(P::WorkspaceDelete), Of::Workspace),
    row("DELETE /sessions/{id}", with(P::ChatWrite), Of::Owner),
    row("DELETE /users/{id}", Needs::User, Of::Owner),
    row("POST /auth/logout", Needs::Nothing, Of::Nobody),
];

/// Somebody who calls.
struct Person<'a> {
    name: &'static str,
    client: &'a Client,
    permissions: PermissionSet,
    /// Signed in as a user.
    user: bool,
    /// In the owner's workspace.
    inside: bool,
}

fn people<'a>(estate: &'a Estate, nobody: &'a Client) -> Vec<Person<'a>> {
    let none = PermissionSet::NONE;
    let visitor = PermissionSet::of(&[P::ChatRead, P::ChatWrite, P::ChatbotsRead]);
    let person = |name, client, permissions, user, inside| Person {
        name,
        client,
        permissions,
        user,
        inside,
    };
    vec![
        person("nobody", nobody, none, false, false),
        person("a visitor", &estate.visitor, visitor, false, false),
        person("another member", &estate.other, BuiltinRole::Member.permissions(), true, true),
        person("a viewer", &estate.viewer, BuiltinRole::Viewer.permissions(), true, true),
        person("a suspended admin", &estate.suspended, none, false, false),
        person("a narrow key", &estate.key, PermissionSet::of(&[P::ChatRead]), false, true),
        person("another tenant", &estate.stranger, BuiltinRole::Owner.permissions(), true, false),
    ]
}

impl Row {
    /// Whether this person may pass. What is the owner's alone nobody here may reach.
    fn admits(&self, person: &Person<'_>) -> bool {
        let known = person.permissions != PermissionSet::NONE;
        let entitled = match self.needs {
            Needs::Nothing => return true,
            Needs::Credential => known,
            Needs::User => person.user,
            Needs::UserOrKey => person.user || person.name == "a narrow key",
            Needs::Guest(_) if person.name == "nobody" => true,
            Needs::Guest(permission) => person.permissions.has(permission),
            Needs::Permission(permission) => person.permissions.has(permission),
        };
        entitled
            && match self.of {
                Of::Nobody => true,
                Of::Workspace => person.inside,
                Of::Owner => false,
            }
    }

    fn method(&self) -> Method {
        let (method, _) = self.route.split_once(' ').expect("a method");
        method.parse().expect("a method")
    }

    fn path(&self, estate: &Estate) -> String {
        let (_, path) = self.route.split_once(' ').expect("a path");
        let resource = path.split('/').nth(1).unwrap_or_default();
        let fill = |segment: &str| match segment.strip_prefix('{') {
            Some(name) => thing(estate, resource, name.trim_end_matches('}')),
            None => segment.to_owned(),
        };
        path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    async fn call(&self, estate: &Estate, client: &Client) -> Answer {
        let path = self.path(estate);
        if self.route == "POST /files/upload" {
            return crate::files::upload(client, "other.txt", "words").await;
        }
        if self.route == "POST /collections/{id}/documents/upload" {
            return crate::files::upload_to(client, &path, "other.txt", "words").await;
        }
        if self.method() == Method::GET {
            return client.get(&path).await;
        }
        match body(self.route, &estate.things) {
            Some(body) => client.send(client.json(self.method(), &path, &body)).await,
            None => {
                let request = client.request(self.method(), &path).body(Body::empty());
                client.send(request.expect("a request")).await
            }
        }
    }
}

/// What a path's parameter names.
fn thing(estate: &Estate, resource: &str, parameter: &str) -> String {
    let things = &estate.things;
    let id = match (resource, parameter) {
        ("conversations", "id") => &things.conversation,
        ("messages", "message_id") => &things.cited,
        ("messages", "index" | "page") => "1",
        (_, "message_id") => &things.message,
        ("runs", "id") => &things.run,
        ("files", "id") => &things.file,
        ("sessions", "id") => &things.session,
        ("users", "id") => &things.owner,
        ("workspaces", "id") => &things.workspace,
        ("workspaces", "user_id") => &things.bystander,
        ("workspaces", "role_id") => &things.role,
        ("workspaces", "invitation_id") => &things.invitation,
        ("workspaces", "key_id") => &things.api_key,
        ("workspaces", "budget_id") => &things.budget,
        ("chatbots", "id") => &things.chatbot,
        ("prompts", "id") => &things.prompt,
        ("collections", "id") => &things.collection,
        ("collections", "document_id") => &things.document,
        ("collections", "chunk_id") => &things.chunk,
        ("collections", "page") => "1",
        ("shared", "token") => "not-the-token",
        ("auth", "id") => "nobody",
        other => panic!("no thing for {other:?}"),
    };
    id.to_owned()
}

const fn is_denial(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403 | 404)
}

/// A body that the route takes; none where it takes none.
fn body(route: &str, things: &crate::estate::Things) -> Option<Value> {
    let secret = crate::estate::PASSWORD;
    let body = match route {
        "POST /chat" | "POST /chat/stream" | "POST /chat/message" => json!({ "message": "Hello" }),
        "POST /chat/feedback" => json!({ "message_id": things.message, "feedback": "positive" }),
        "POST /conversations" | "POST /sessions" => json!({}),
        "POST /conversations/import" => json!({
            "format": 1,
            "title": "Imported",
            "created_at": "2026-01-01T00:00:00Z",
            "metadata": {},
            "messages": [],
        }),
        "PATCH /conversations/{id}" | "PATCH /sessions/{id}" => json!({ "title": "Taken" }),
        "POST /conversations/{id}/runs" => json!({ "message": "Hello" }),
        "POST /conversations/{id}/fork" => json!({ "message_id": things.message }),
        "POST /conversations/{id}/share"
        | "POST /conversations/{id}/messages/{message_id}/regenerate" => json!({}),
        "POST /conversations/{id}/messages/{message_id}/edit" => json!({ "message": "Hello" }),
        "POST /runs/{id}/resume" => json!({ "answers": { "x": true } }),
        "PUT /users/me/profile" => json!({ "wishes": ["rain"] }),
        "POST /users" => json!({ "email": "made@example.org", "username": "made" }),
        "PUT /users/{id}" => json!({ "full_name": "Taken" }),
        "POST /users/me/second-factor/confirm" => json!({ "code": "000000" }),
        "POST /users/me/second-factor" | "POST /users/me/recovery-codes" => {
            json!({ "password": secret })
        }
        "DELETE /users/me/second-factor" => json!({ "password": secret, "code": "000000" }),
        "POST /workspaces" | "PATCH /workspaces/{id}" => json!({ "name": "Taken" }),
        "PATCH /workspaces/{id}/members/{user_id}" => json!({ "role": "viewer" }),
        "POST /workspaces/{id}/roles" => json!({ "name": "New", "permissions": ["chat:read"] }),
        "PATCH /workspaces/{id}/roles/{role_id}" => json!({ "permissions": ["chat:read"] }),
        "POST /workspaces/{id}/invitations" => {
            json!({ "email": "new@example.org", "role": "viewer" })
        }
        "POST /workspaces/{id}/api-keys" => json!({ "name": "New", "permissions": ["chat:read"] }),
        "POST /workspaces/{id}/budgets" => {
            json!({ "spender": "workspace", "period": "month", "unit": "tokens", "amount": 9_000 })
        }
        "POST /chatbots" => json!({ "name": "New" }),
        "PATCH /chatbots/{id}" => json!({ "name": "Taken" }),
        "POST /chatbots/{id}/rollback" | "POST /prompts/{id}/rollback" => json!({ "version": 1 }),
        "PUT /chatbots/{id}/grants" => json!({ "items": [] }),
        "POST /collections" => json!({ "name": "New" }),
        "POST /collections/{id}/search" | "POST /search" => json!({ "query": "sun" }),
        "PATCH /collections/{id}" => json!({ "name": "Taken" }),
        "PUT /collections/{id}/grants" => json!({ "items": [] }),
        "POST /collections/{id}/documents" => json!({ "text": "Words." }),
        "PATCH /collections/{id}/documents/{document_id}"
        | "PATCH /collections/{id}/chunks/{chunk_id}" => json!({ "enabled": false }),
        "POST /prompts" => json!({ "name": "new", "text": "Be kind." }),
        "PUT /prompts/{id}" => json!({ "name": "new-name", "text": "Be kind." }),
        "POST /invitations/look" | "POST /invitations/accept" => {
            json!({ "token": things.invitation_token })
        }
        "POST /auth/register" => json!({ "email": "more@example.org", "password": secret }),
        "POST /auth/login" => json!({ "email": "nobody@example.org", "password": secret }),
        "POST /auth/login/second-factor" => json!({ "challenge_token": "x", "code": "000000" }),
        "POST /auth/refresh" => json!({ "refresh_token": "x" }),
        "POST /auth/password/forgot" => json!({ "email": "nobody@example.org" }),
        "POST /auth/password/reset" => json!({ "token": "x", "password": secret }),
        "POST /auth/password/change" => json!({ "current_password": "x", "password": secret }),
        "POST /auth/switch" => json!({ "workspace_id": things.workspace }),
        "POST /auth/logout" => json!({}),
        _ => return None,
    };
    Some(body)
}

#[tokio::test]
async fn every_route_of_the_description_has_a_row() {
    let app = TestApp::start().await;
    let described: BTreeSet<String> = operations(&description(&app).await)
        .into_iter()
        .map(|(method, path, _)| format!("{method} {}", path.trim_start_matches(crate::app::BASE)))
        .collect();
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(rows.len(), ROWS.len(), "a route is twice in the matrix");
    let missing: Vec<_> = described.difference(&rows).collect();
    let gone: Vec<_> = rows.difference(&described).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing: {missing:#?}, gone: {gone:#?}");
}

mod nobody_passes_who_may_not_and_everybody_who_may {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        try_all(TestApp::start().await).await;
    }

    #[tokio::test]
    async fn postgres() {
        on_postgres(async |url| try_all(TestApp::on(&url, &[]).await).await).await;
    }
}

/// The whole matrix: who may not is refused and changes nothing, and nobody but the owner hears of
/// what is the owner's; who may is not refused.
async fn try_all(app: TestApp) {
    let estate = Estate::build(app).await;
    let nobody = estate.app.stranger();
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for row in ROWS {
        for person in people(&estate, &nobody) {
            let admitted = row.admits(&person);
            // What may be done is done below, by the owner: doing it here would change what the
            // next person finds.
            if admitted && row.method() != Method::GET {
                continue;
            }
            let answer = row.call(&estate, person.client).await;
            let denied = is_denial(answer.status);
            *tried.entry(if admitted { "admitted" } else { "denied" }).or_default() += 1;
            if row.needs != Needs::Nothing && denied == admitted {
                wrong.push(format!("{}: {} got {answer}", row.route, person.name));
            }
            let told = String::from_utf8_lossy(&answer.body).contains(MARK);
            // The key is the owner's: what it may see is no secret to it.
            if told && !(admitted && person.inside) {
                wrong
                    .push(format!("{}: {} is told of another's: {answer}", row.route, person.name));
            }
        }
    }
    // 109 routes by seven people, but for the writing that is allowed.
    assert!(tried["denied"] >= 540 && tried["admitted"] >= 100, "{tried:?}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    // The control: to the owner (or who owns the installation) each of these is open. So what was
    // refused above was refused for who asked, not for how.
    for row in ROWS {
        let client = match row.needs {
            Needs::Permission(P::UsersRead | P::UsersWrite | P::WorkspacesWrite) => &estate.root,
            _ => &estate.owner,
        };
        if UNCONTROLLED.contains(&row.route) {
            continue;
        }
        let answer = row.call(&estate, client).await;
        if is_denial(answer.status) {
            wrong.push(format!("{}: the owner got {answer}", row.route));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
    estate.app.engine.stop(Duration::ZERO).await;
}

/// Where the owner is refused too, for what the row's body says.
const UNCONTROLLED: &[&str] = &[
    // No provider and no share of these names.
    "GET /auth/oidc/{id}",
    "GET /auth/oidc/{id}/callback",
    "GET /shared/{token}",
    // A text has no pages.
    "GET /collections/{id}/documents/{document_id}/pages/{page}",
    "GET /messages/{message_id}/citations/{index}/pages/{page}",
    // The invitation is for somebody else.
    "POST /invitations/accept",
    // Wrong on purpose.
    "POST /auth/login",
    "POST /auth/login/second-factor",
    "POST /auth/refresh",
    "POST /auth/password/reset",
    "POST /auth/password/change",
    "POST /users/me/second-factor/confirm",
    // The session is the one that signed in: it dies with its deletion, and with it what follows.
    "DELETE /sessions/{id}",
    "DELETE /users/{id}",
    "DELETE /workspaces/{id}",
    "POST /auth/logout",
];
