//! Things to store.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use vpaura_domain::{
    Conversation, ConversationId, ConversationStatus, Feedback, FeedbackId, FeedbackRating, FileId,
    FileRecord, FileStatus, Message, MessageId, MessageStatus, Metadata, Part, Role, Run, RunEvent,
    RunEventKind, RunId, RunStatus, Scope, Session, SessionId, SessionStatus, Usage, WorkspaceId,
};
use vpaura_store::{FinishRun, IdempotencyKey, Lease, NewRun, Reserve, Result, Started};

use crate::db::TestDb;

pub const SERVER: Uuid = Uuid::from_u128(7);
pub const USAGE: Usage = Usage { input: 10, output: 5, cached: 3, cost: 42 };

pub fn key(key: &str, request_hash: &str) -> IdempotencyKey {
    IdempotencyKey { key: key.into(), request_hash: request_hash.into() }
}

impl TestDb {
    pub fn new_session(&self) -> Session {
        Session {
            id: SessionId::generate(&*self.ids),
            user_id: Some("visitor".into()),
            owner_id: None,
            title: None,
            status: SessionStatus::Active,
            metadata: metadata(),
            user_agent: Some("test".into()),
            ip_address: Some("127.0.0.1".into()),
            created_at: self.now(),
            updated_at: self.now(),
            last_accessed: self.now(),
            expires_at: self.now().plus(Duration::from_secs(3600)),
        }
    }

    /// A stored session and the scope of its client.
    pub async fn session(&self) -> (Session, Scope) {
        let session = self.new_session();
        let scope = Scope::session(session.id);
        self.store.create_session(&Scope::operator(), &session, None).await.unwrap();
        (session, scope)
    }

    pub fn new_conversation(&self, scope: &Scope) -> Conversation {
        Conversation {
            id: ConversationId::generate(&*self.ids),
            session_id: scope.visitor(),
            user_id: scope.user_id(),
            chatbot_id: None,
            title: None,
            status: ConversationStatus::Active,
            metadata: metadata(),
            head_message_id: None,
            message_count: 0,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub async fn conversation(&self, scope: &Scope) -> ConversationId {
        let conversation = self.new_conversation(scope);
        self.store.create_conversation(scope, &conversation, None).await.unwrap();
        conversation.id
    }

    pub fn message(
        &self,
        conversation: ConversationId,
        parent: Option<MessageId>,
        role: Role,
        text: &str,
    ) -> Message {
        Message {
            id: MessageId::generate(&*self.ids),
            conversation_id: conversation,
            parent_id: parent,
            run_id: None,
            role,
            status: MessageStatus::Completed,
            parts: vec![Part::Text { text: text.into() }],
            model: None,
            usage: None,
            error: None,
            created_at: self.now(),
        }
    }

    /// Looks at what has been released: the contents that nothing refers to.
    pub async fn orphans(&self) -> Vec<String> {
        let (claim, lease) = (self.uuid(), std::time::Duration::from_secs(60));
        let mut hashes = self.store.claim_released_contents(claim, 100, lease).await.unwrap();
        self.store.settle_released_contents(claim, hashes.clone()).await.unwrap();
        let used = self.store.contents_in_use(&hashes).await.unwrap();
        hashes.retain(|sha256| !used.contains(sha256));
        hashes.sort_unstable();
        hashes
    }

    pub fn new_file(&self, scope: &Scope, sha256: &str) -> FileRecord {
        FileRecord {
            id: FileId::generate(&*self.ids),
            session_id: scope.visitor(),
            user_id: scope.user_id(),
            name: "notes.md".into(),
            media_type: "text/markdown".into(),
            size: 12,
            sha256: sha256.into(),
            status: FileStatus::Ready,
            text_chars: 12,
            created_at: self.now(),
        }
    }

    pub fn new_feedback(&self, scope: &Scope, message: MessageId) -> Feedback {
        Feedback {
            id: FeedbackId::generate(&*self.ids),
            message_id: message,
            session_id: scope.visitor(),
            feedback: FeedbackRating::Positive,
            comment: Some("good".into()),
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    /// A run that answers a new message below `parent`.
    pub fn new_run(
        &self,
        scope: &Scope,
        conversation: ConversationId,
        parent: Option<MessageId>,
        text: &str,
    ) -> NewRun {
        let message = self.message(conversation, parent, Role::User, text);
        let mut new = self.rerun(scope, conversation, message.id);
        new.messages.push(message);
        new
    }

    /// A run that answers a stored message again.
    pub fn rerun(&self, scope: &Scope, conversation: ConversationId, user: MessageId) -> NewRun {
        NewRun {
            run: Run {
                id: RunId::generate(&*self.ids),
                conversation_id: conversation,
                session_id: scope.visitor(),
                user_id: scope.user_id(),
                api_key_id: scope.api_key_id(),
                chatbot_id: None,
                user_message_id: user,
                message_id: MessageId::generate(&*self.ids),
                status: RunStatus::Running,
                model: "builtin/extractive".into(),
                epoch: 1,
                last_seq: 0,
                cancel_requested: false,
                usage: Usage::default(),
                error: None,
                created_at: self.now(),
                started_at: Some(self.now()),
                finished_at: None,
            },
            conversation: None,
            messages: Vec::new(),
            follows_head: false,
            request: json!({"model": "builtin/extractive", "nul": "\u{0}"}),
            lease: Lease { owner: SERVER, until: self.now().plus(Duration::from_secs(15)) },
            idempotency: None,
            reserve: Reserve::default(),
        }
    }

    pub fn queued(&self, mut new: NewRun) -> NewRun {
        new.run.status = RunStatus::Queued;
        new.run.started_at = None;
        new
    }

    pub async fn start(&self, scope: &Scope, new: NewRun) -> Result<Run> {
        match self.store.start_run(scope, new).await? {
            Started::New(run) | Started::Replayed(run) => Ok(run),
        }
    }

    pub fn event(&self, run: &Run, seq: u64, kind: RunEventKind) -> RunEvent {
        RunEvent { run_id: run.id, seq, epoch: run.epoch, at: self.now(), kind }
    }

    pub fn delta(&self, run: &Run, seq: u64, text: &str) -> RunEvent {
        self.event(run, seq, RunEventKind::Delta { text: text.into() })
    }

    /// The ending of `run` with the answer `text`.
    pub fn ending(&self, run: &Run, text: &str) -> FinishRun {
        let user = run.user_message_id;
        let mut answer = self.message(run.conversation_id, Some(user), Role::Assistant, text);
        answer.id = run.message_id;
        answer.run_id = Some(run.id);
        answer.usage = Some(USAGE);
        let message = Box::new(answer.clone());
        FinishRun {
            run_id: run.id,
            workspace_id: WorkspaceId::DEFAULT,
            epoch: run.epoch,
            status: RunStatus::Completed,
            usage: USAGE,
            asked_by: None,
            has_reserved: false,
            error: None,
            message: Some(answer),
            events: vec![self.event(run, run.last_seq + 1, RunEventKind::RunCompleted { message })],
            now: self.now(),
        }
    }

    /// A whole turn below `parent`; the ids of the question and the answer.
    pub async fn turn(
        &self,
        scope: &Scope,
        conversation: ConversationId,
        parent: Option<MessageId>,
        question: &str,
    ) -> (MessageId, MessageId) {
        let new = self.new_run(scope, conversation, parent, question);
        let run = self.start(scope, new).await.unwrap();
        self.store.finish_run(self.ending(&run, &format!("answer to {question}"))).await.unwrap();
        (run.user_message_id, run.message_id)
    }

    /// A conversation of `turns` turns.
    pub async fn talk(&self, scope: &Scope, turns: u32) -> (ConversationId, Vec<MessageId>) {
        let conversation = self.conversation(scope).await;
        let mut path = Vec::new();
        for turn in 0..turns {
            let parent = path.last().copied();
            let (user, answer) =
                self.turn(scope, conversation, parent, &format!("question {turn}")).await;
            path.extend([user, answer]);
        }
        (conversation, path)
    }

    /// The ids of the path that is shown.
    pub async fn shown(&self, scope: &Scope, conversation: ConversationId) -> Vec<MessageId> {
        let path = self.store.message_path(scope, conversation, None, 1000).await.unwrap();
        path.into_iter().map(|message| message.id).collect()
    }

    pub fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }
}

fn metadata() -> Metadata {
    Metadata::try_from(json!({"team": "blue", "n": [1, 2.5, null]})).unwrap()
}
