//! What storing a turn costs on SQLite, synced to the disk: `start_run` and `finish_run`, one
//! turn at a time and 32 at once (which share commits), in a short conversation and at the end
//! of one with 5,000 messages. Run with `cargo bench -p vpaura-store`.
#![expect(clippy::unwrap_used, reason = "benches")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use futures_util::future::join_all;
use serde_json::json;
use tokio::runtime::Runtime;
use vpaura_domain::{
    Clock, Conversation, ConversationId, ConversationStatus, Message, MessageId, MessageStatus,
    Metadata, Part, RandomIds, Role, Run, RunEvent, RunEventKind, RunId, RunStatus, Scope,
    SystemClock, Usage, WorkspaceId,
};
use vpaura_store::{FinishRun, Lease, NewRun, Reserve, Store, StoreSettings};

const SCOPE: Scope = Scope::operator();

fn main() {
    divan::main();
}

/// Turns at once, each in a conversation of its own.
#[divan::bench(args = [1, 32])]
fn turns(bencher: Bencher<'_, '_>, at_once: usize) {
    measure(bencher, at_once, 0);
}

/// A turn and the page of 50 that it reads, at the end of a conversation of this length.
#[divan::bench(args = [10, 5000])]
fn turn_after(bencher: Bencher<'_, '_>, messages: usize) {
    measure(bencher, 1, messages);
}

fn measure(bencher: Bencher<'_, '_>, at_once: usize, length: usize) {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("bench.db").display());
    let store = runtime.block_on(async {
        let store = Store::connect(&StoreSettings::new(url), Arc::new(SystemClock)).await.unwrap();
        store.migrate_up().await.unwrap();
        store
    });
    let conversations: Vec<ConversationId> =
        runtime.block_on(join_all((0..at_once).map(|_| conversation(&store, length))));
    bencher.counter(ItemsCount::new(at_once)).bench_local(|| {
        runtime.block_on(join_all(conversations.iter().map(|id| turn(&store, *id))))
    });
    runtime.block_on(store.close()).unwrap();
}

async fn conversation(store: &Store, length: usize) -> ConversationId {
    let now = SystemClock.now();
    let id = ConversationId::generate(&RandomIds);
    let conversation = Conversation {
        id,
        session_id: None,
        user_id: None,
        chatbot_id: None,
        title: None,
        status: ConversationStatus::Active,
        metadata: Metadata::default(),
        head_message_id: None,
        message_count: 0,
        created_at: now,
        updated_at: now,
    };
    let mut messages: Vec<Message> = Vec::with_capacity(length);
    for n in 0..length {
        let parent = messages.last().map(|last| last.id);
        let role = if n % 2 == 0 { Role::User } else { Role::Assistant };
        messages.push(message(id, parent, role, "A sentence of some length, as people write."));
    }
    store.import_conversation(&SCOPE, &conversation, &messages, None).await.unwrap();
    id
}

fn message(
    conversation: ConversationId,
    parent: Option<MessageId>,
    role: Role,
    text: &str,
) -> Message {
    Message {
        id: MessageId::generate(&RandomIds),
        conversation_id: conversation,
        parent_id: parent,
        run_id: None,
        role,
        status: MessageStatus::Completed,
        parts: vec![Part::Text { text: text.into() }],
        model: None,
        usage: None,
        error: None,
        created_at: SystemClock.now(),
    }
}

/// One turn as the engine stores it: read the path, start, finish.
async fn turn(store: &Store, conversation: ConversationId) {
    let now = SystemClock.now();
    let path = store.message_path(&SCOPE, conversation, None, 50).await.unwrap();
    let parent = path.last().map(|last| last.id);
    let question = message(conversation, parent, Role::User, "What does it cost to store this?");
    let mut answer = message(conversation, Some(question.id), Role::Assistant, &"word ".repeat(50));
    let run = Run {
        id: RunId::generate(&RandomIds),
        conversation_id: conversation,
        session_id: None,
        user_id: None,
        api_key_id: None,
        chatbot_id: None,
        user_message_id: question.id,
        message_id: answer.id,
        status: RunStatus::Running,
        model: "builtin/extractive".into(),
        epoch: 1,
        last_seq: 0,
        cancel_requested: false,
        usage: Usage::default(),
        error: None,
        created_at: now,
        started_at: Some(now),
        finished_at: None,
    };
    answer.run_id = Some(run.id);
    let new = NewRun {
        run: run.clone(),
        conversation: None,
        messages: vec![question],
        follows_head: true,
        request: json!({"model": run.model}),
        lease: Lease { owner: run.id.uuid(), until: now.plus(std::time::Duration::from_secs(15)) },
        idempotency: None,
        reserve: Reserve::default(),
    };
    store.start_run(&SCOPE, new).await.unwrap();
    let kind = RunEventKind::RunCompleted { message: Box::new(answer.clone()) };
    let finish = FinishRun {
        run_id: run.id,
        workspace_id: WorkspaceId::DEFAULT,
        epoch: 1,
        status: RunStatus::Completed,
        usage: Usage::default(),
        asked_by: None,
        has_reserved: false,
        error: None,
        message: Some(answer),
        events: vec![RunEvent { run_id: run.id, seq: 1, epoch: 1, at: now, kind }],
        now,
    };
    store.finish_run(finish).await.unwrap();
}
