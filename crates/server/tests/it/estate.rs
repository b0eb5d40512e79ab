//! Two workspaces with people of every kind in them, and one of each thing that can belong to
//! somebody. Everything of the owner's carries a [`MARK`].

use serde_json::{Value, json};

use crate::app::{Answer, Client, TestApp, at};
use crate::files::upload;

/// In every name, title, text and address of the owner's.
pub const MARK: &str = "heliotrope";

/// A password that the rules take.
pub const PASSWORD: &str = "a long enough phrase of words 7";

/// The people and the things.
pub struct Estate {
    pub app: TestApp,
    /// Owns the installation, and founded both workspaces.
    pub root: Client,
    /// Owns the workspace and all its things.
    pub owner: Client,
    /// Another member of the workspace.
    pub other: Client,
    /// Reads there.
    pub viewer: Client,
    /// Was an admin there, and is suspended.
    pub suspended: Client,
    /// Owns another workspace.
    pub stranger: Client,
    /// An anonymous visitor of the default workspace.
    pub visitor: Client,
    /// The owner's key, which may read chats with one chatbot that nobody has asked yet.
    pub key: Client,
    /// The things, by the parameters that name them in paths and bodies.
    pub things: Things,
}

/// Ids of the owner's things.
#[derive(Debug, Clone)]
pub struct Things {
    pub workspace: String,
    pub owner: String,
    pub bystander: String,
    pub conversation: String,
    pub message: String,
    pub run: String,
    pub file: String,
    pub session: String,
    pub chatbot: String,
    pub prompt: String,
    pub collection: String,
    pub document: String,
    pub chunk: String,
    /// An answer with a citation of the document.
    pub cited: String,
    pub role: String,
    pub invitation: String,
    pub invitation_token: String,
    pub api_key: String,
    pub budget: String,
}

impl Estate {
    pub async fn build(app: TestApp) -> Self {
        let (root, _) = register(&app, "root@example.org", None).await;
        let workspace = workspace(&root, &format!("The {MARK} workspace")).await;
        let owner_name = format!("owner.{MARK}");
        let (owner, owner_id) = join(&app, &root, &workspace, "owner", &owner_name).await;
        let (other, _) = join(&app, &root, &workspace, "member", "other").await;
        let (viewer, _) = join(&app, &root, &workspace, "viewer", "viewer").await;
        let (suspended, suspended_id) = join(&app, &root, &workspace, "admin", "gone").await;
        let bystander = format!("bystander.{MARK}");
        let (_, bystander) = join(&app, &root, &workspace, "viewer", &bystander).await;
        let elsewhere = self::workspace(&root, "Elsewhere").await;
        let (stranger, _) = join(&app, &root, &elsewhere, "owner", "stranger").await;
        let status = json!({ "status": "suspended" });
        made(root.put(&format!("/users/{suspended_id}"), status).await);
        let visitor = app.visitor().await;
        let things = things(&owner, &workspace, owner_id, bystander).await;
        let bystander = made(owner.post("/chatbots", json!({ "name": "Bystander" })).await);
        let key = json!({
            "name": "Narrow",
            "permissions": ["chat:read"],
            "chatbot_ids": [at(&bystander, "/id")],
        });
        let key = made(owner.post(&format!("/workspaces/{workspace}/api-keys"), key).await);
        let key = app.stranger().with_header("x-api-key", at(&key, "/key"));
        Self { app, root, owner, other, viewer, suspended, stranger, visitor, key, things }
    }
}

/// Somebody new, signed in, and their id.
pub async fn register(app: &TestApp, email: &str, invitation: Option<&str>) -> (Client, String) {
    let mut body = json!({ "email": email, "password": PASSWORD });
    if let Some(token) = invitation {
        body["invitation_token"] = json!(token);
    }
    let signed_in = made(app.stranger().post("/auth/register", body).await);
    let client = app.stranger().with_bearer(at(&signed_in, "/access_token"));
    (client, at(&signed_in, "/user/id").to_owned())
}

/// Somebody new who was invited into the workspace by `host`.
pub async fn join(
    app: &TestApp,
    host: &Client,
    workspace: &str,
    role: &str,
    name: &str,
) -> (Client, String) {
    let email = format!("{name}@example.org");
    let invitation = json!({ "email": email, "role": role });
    let path = format!("/workspaces/{workspace}/invitations");
    let invitation = made(host.post(&path, invitation).await);
    register(app, &email, Some(at(&invitation, "/token"))).await
}

pub async fn workspace(owner: &Client, name: &str) -> String {
    at(&made(owner.post("/workspaces", json!({ "name": name })).await), "/id").to_owned()
}

async fn things(owner: &Client, workspace: &str, owner_id: String, bystander: String) -> Things {
    let chatbot = made(owner.post("/chatbots", chatbot()).await);
    let chatbot = at(&chatbot, "/id").to_owned();
    let question = json!({ "message": format!("Where is the {MARK}?"), "chatbot_id": chatbot });
    let turn = made(owner.post("/chat/message", question).await);
    let file = made(upload(owner, &format!("{MARK}.txt"), MARK).await);
    let conversation = at(&turn, "/conversation_id").to_owned();
    made(owner.post(&format!("/conversations/{conversation}/share"), json!({})).await);
    let session = made(owner.get("/sessions/current").await);
    let prompt = made(owner.post("/prompts", prompt()).await);
    let (collection, document, chunk) = knowledge(owner).await;
    let cited = cited(owner, &collection).await;
    let within = |path: &str| format!("/workspaces/{workspace}/{path}");
    let role = json!({ "name": format!("{MARK} keepers"), "permissions": ["chat:read"] });
    let role = made(owner.post(&within("roles"), role).await);
    let invitation = json!({ "email": format!("{MARK}@example.net"), "role": "viewer" });
    let invitation = made(owner.post(&within("invitations"), invitation).await);
    let key = json!({ "name": MARK, "permissions": ["chat:read"] });
    let key = made(owner.post(&within("api-keys"), key).await);
    let budget =
        json!({ "spender": "workspace", "period": "day", "unit": "tokens", "amount": 9_000_000 });
    let budget = made(owner.post(&within("budgets"), budget).await);
    let profile = json!({ "wishes": [MARK] });
    made(owner.put("/users/me/profile", profile).await);
    Things {
        workspace: workspace.to_owned(),
        owner: owner_id,
        bystander,
        conversation,
        message: at(&turn, "/message_id").to_owned(),
        run: at(&turn, "/run_id").to_owned(),
        file: at(&file, "/file_id").to_owned(),
        session: at(&session, "/id").to_owned(),
        chatbot,
        prompt: at(&prompt, "/id").to_owned(),
        collection,
        document,
        chunk,
        cited,
        role: at(&role, "/id").to_owned(),
        invitation: at(&invitation, "/invitation/id").to_owned(),
        invitation_token: at(&invitation, "/token").to_owned(),
        api_key: at(&key, "/api_key/id").to_owned(),
        budget: at(&budget, "/id").to_owned(),
    }
}

pub fn chatbot() -> Value {
    json!({ "name": format!("{MARK} finder"), "visibility": "private" })
}

pub fn prompt() -> Value {
    json!({ "name": MARK, "text": format!("You know of the {MARK}.") })
}

/// A private collection with a document that is ready; their ids, and that of a chunk.
async fn knowledge(owner: &Client) -> (String, String, String) {
    let collection = json!({ "name": format!("{MARK} facts"), "visibility": "private" });
    let collection = made(owner.post("/collections", collection).await);
    let path = format!("/collections/{}", at(&collection, "/id"));
    let text = format!("# The {MARK}\n\nThe {MARK} turns to the sun.");
    let document = json!({ "text": text, "metadata": { "about": MARK } });
    let document = made(owner.post(&format!("{path}/documents"), document).await);
    let document = ready(owner, &format!("{path}/documents/{}", at(&document, "/id"))).await;
    let id = at(&document, "/id");
    let chunks = made(owner.get(&format!("{path}/documents/{id}/chunks")).await);
    let chunk = at(&chunks, "/items/0/id").to_owned();
    (at(&collection, "/id").to_owned(), id.to_owned(), chunk)
}

/// The id of an answer that quotes the collection.
async fn cited(owner: &Client, collection: &str) -> String {
    let settings = json!({ "model": "builtin/extractive", "collections": [collection] });
    let chatbot = json!({
        "name": format!("{MARK} teller"), "visibility": "private", "settings": settings,
    });
    let chatbot = made(owner.post("/chatbots", chatbot).await);
    let question = format!("Where does the {MARK} turn?");
    let question = json!({ "message": question, "chatbot_id": at(&chatbot, "/id") });
    let turn = made(owner.post("/chat/message", question).await);
    assert_ne!(turn["citations"], json!([]), "{turn}");
    at(&turn, "/message_id").to_owned()
}

/// The document at `path` once it was read.
pub async fn ready(client: &Client, path: &str) -> Value {
    loop {
        let document = made(client.get(path).await);
        match at(&document, "/status") {
            "ready" => return document,
            "failed" => panic!("{document}"),
            _ => tokio::task::yield_now().await,
        }
    }
}

/// The answer's body; panics unless it is a success.
pub fn made(answer: Answer) -> Value {
    assert!(answer.status.is_success(), "{answer}");
    answer.json()
}
