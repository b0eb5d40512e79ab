//! Accepts a message: stores it together with the run that will answer it, in one transaction.
//! From then on it is acknowledged, whatever happens to the connection or the server.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{
    ChatbotId, ChatbotSettings, Conversation, ConversationId, FileId, Message, MessageId,
    MultitaskStrategy, Permission, Role, Run, RunId, RunStatus, Scope, SessionId, Usage,
};
use vpaura_llm::ModelRef;
use vpaura_store::{Lease, NewRun, Reserve, Started};

use super::RunReader;
use super::choose::Choice;
use super::execute::Execution;
use super::log::RunLog;
use super::registry::LiveRun;
use super::turn::Turn;
use crate::idempotency::Idempotency;
use crate::revocations::Responsible;
use crate::{Engine, Error, Result};

const MAX_ATTEMPTS: u32 = 10;

/// Where a message goes.
#[derive(Debug, Clone, Copy)]
pub enum Target {
    /// A new conversation, of this session (only the operator may name another than its own).
    New(Option<SessionId>),
    /// One that exists.
    Existing(ConversationId),
}

/// What is to be answered.
#[derive(Debug, Clone)]
pub enum RunInput {
    /// A new message.
    Message {
        /// Its words.
        text: String,
        /// The files attached to it.
        file_ids: Vec<FileId>,
        /// The message it follows; the end of the shown path when none is given.
        parent_id: Option<MessageId>,
        /// What was said before, for a new conversation.
        history: Vec<(Role, String)>,
    },
    /// A user's message in other words: a new branch beside it.
    Edit {
        /// The message.
        message_id: MessageId,
        /// The new words.
        text: String,
        /// The files attached to the new one.
        file_ids: Vec<FileId>,
    },
    /// Another answer to the same message: a new branch beside the old answer.
    Regenerate {
        /// The old answer.
        message_id: MessageId,
    },
}

/// A request to answer.
#[derive(Debug, Clone)]
pub struct StartRun {
    /// Where.
    pub target: Target,
    /// What.
    pub input: RunInput,
    /// By which model; the chatbot's when none is given.
    pub model: Option<ModelRef>,
    /// Randomness, 0 to 2; the chatbot's when none is given.
    pub temperature: Option<f32>,
    /// The answer's limit in tokens; the chatbot's when none is given.
    pub max_tokens: Option<u32>,
    /// Which chatbot answers; the conversation's, else the workspace's default one, when none is
    /// given.
    pub chatbot_id: Option<ChatbotId>,
    /// Settings to try in the place of the chatbot's; takes the permission to change chatbots.
    pub preview: Option<ChatbotSettings>,
    /// What to do when the conversation is busy.
    pub multitask: MultitaskStrategy,
    /// The caller's idempotency key.
    pub idempotency: Option<Idempotency>,
}

/// A run that was accepted.
#[derive(Debug)]
pub struct StartedRun {
    /// The run.
    pub run: Run,
    /// Reads its events from the first on.
    pub reader: RunReader,
}

impl Engine {
    /// Stores the message and starts (or queues) the run that answers it. It goes on when the
    /// caller leaves half-way: a message is stored with its run or not at all.
    pub async fn start_run(&self, scope: &Scope, request: StartRun) -> Result<StartedRun> {
        scope.require(Permission::ChatWrite)?;
        let (engine, scope) = (self.clone(), *scope);
        let started =
            self.tasks.spawn(async move { engine.start_or_look_again(&scope, &request).await });
        started.await.map_err(|error| Error::Internal(format!("starting a run: {error}")))?
    }

    async fn start_or_look_again(&self, scope: &Scope, request: &StartRun) -> Result<StartedRun> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.try_start_run(scope, request, attempts == 1).await {
                // An answer was stored between looking and writing: look again.
                Err(Error::HeadMoved) if attempts < MAX_ATTEMPTS => {}
                // It may be this very request, sent twice, whose run is being stored.
                Err(Error::RunActive(run_id)) if request.idempotency.is_some() => {
                    let was_here = self.runs.get(run_id).is_some();
                    self.runs.settled(run_id).await;
                    if let Some(before) = self.replay(scope, request).await? {
                        return Ok(before);
                    }
                    // It may have been refused, or made again after a look.
                    let has_gone = was_here && self.runs.get(run_id).is_none();
                    if !has_gone || attempts >= MAX_ATTEMPTS {
                        return Err(Error::RunActive(run_id));
                    }
                }
                result => return result,
            }
        }
    }

    async fn try_start_run(
        &self,
        scope: &Scope,
        request: &StartRun,
        first: bool,
    ) -> Result<StartedRun> {
        if self.stopping.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        if let Some(before) = self.replay(scope, request).await? {
            return Ok(before);
        }
        let mut turn = self.turn(scope, request).await?;
        let choice = self.choose(scope, request, &turn.conversation, first).await?;
        if turn.is_new {
            turn.conversation.chatbot_id = Some(choice.chatbot_id);
            // What was said before is not stored yet when the graph looks for it.
            let before: Vec<&Message> = turn.messages.iter().collect();
            self.history.extend(&before[..before.len().saturating_sub(1)]);
        }
        let busy = match self.runs.of_conversation(turn.conversation.id) {
            None => self.waiting_run(scope, turn.conversation.id).await?,
            here => here,
        };
        if let (Some(run_id), MultitaskStrategy::Reject) = (busy, request.multitask) {
            return Err(Error::RunActive(run_id));
        }
        if busy.is_some() {
            return self.enqueue(scope, request, turn, choice).await;
        }
        let multitask = request.multitask;
        match self.start_now(scope, request, &turn, &choice).await {
            // Another server is answering in this conversation.
            Err(Error::RunActive(_)) if multitask != MultitaskStrategy::Reject => {
                self.enqueue(scope, request, turn, choice).await
            }
            result => result,
        }
    }

    /// What the request's key has started already. Looked for before anything else: that very run
    /// may be what keeps the conversation busy.
    async fn replay(&self, scope: &Scope, request: &StartRun) -> Result<Option<StartedRun>> {
        let Some(idempotency) = request.idempotency.clone() else { return Ok(None) };
        let run = self.store.find_idempotent_run(scope, &idempotency.into()).await?;
        Ok(run.map(|run| {
            let reader = RunReader::stored(self.clone(), *scope, run.id);
            StartedRun { run, reader }
        }))
    }

    /// Stores and executes at once. Usually the two overlap: the graph may call the model while the
    /// commit is in flight, but nobody reads before it is done. With an idempotency key, or where
    /// there are budgets, the store may refuse or find what was made before, and goes first.
    async fn start_now(
        &self,
        scope: &Scope,
        request: &StartRun,
        turn: &Turn,
        choice: &Choice,
    ) -> Result<StartedRun> {
        let run = self.run_record(scope, turn, choice, RunStatus::Running);
        let mut stored = choice.request.clone();
        let reserve = self.reserve(scope, turn, &run, &mut stored).await?;
        let new = self.new_run(request, turn, run.clone(), stored.write()?, reserve);
        let live = LiveRun {
            run_id: run.id,
            conversation_id: run.conversation_id,
            log: Arc::new(RunLog::new(0)),
            by: Responsible::of(scope.workspace_id, &run, stored.asked_by),
            cancel: CancellationToken::new(),
            abandon: CancellationToken::new(),
            stored: false,
        };
        if let Err(other) = self.runs.insert(live.clone()) {
            return Err(Error::RunActive(other));
        }
        // Gives the conversation free again should the store refuse.
        let reserved = Reserved { engine: self, run_id: run.id, live: &live, kept: false };
        let (committed, commit) = oneshot::channel();
        let run_scope = run_scope(scope, &turn.conversation);
        let execution = Execution {
            run,
            scope: run_scope,
            request: stored.clone(),
            question: Some(Arc::new(turn.question.clone())),
            live: live.clone(),
            commit: Some(commit),
            appended: turn.messages.clone(),
            resumed: false,
        };
        let overlapped = request.idempotency.is_none() && !stored.has_reserved;
        let mut waiting = Some(execution);
        if overlapped && let Some(execution) = waiting.take() {
            self.spawn_execution(execution);
        }
        let run = match self.store.start_run(scope, new).await? {
            Started::New(run) => run,
            Started::Replayed(run) => {
                drop(reserved);
                let reader = RunReader::stored(self.clone(), *scope, run.id);
                return Ok(StartedRun { run, reader });
            }
        };
        self.runs.mark_stored(run.id);
        if let Some(execution) = waiting {
            self.spawn_execution(execution);
        }
        // The receiver is gone only when the run was abandoned, which needs no word.
        let _ = committed.send(());
        reserved.keep();
        self.title_from(scope, turn).await;
        let log = Arc::clone(&live.log);
        let reader = RunReader::live(self.clone(), *scope, run_scope, run.id, log);
        Ok(StartedRun { run, reader })
    }

    /// Stores the run as waiting; it begins when the conversation is free.
    async fn enqueue(
        &self,
        scope: &Scope,
        request: &StartRun,
        turn: Turn,
        choice: Choice,
    ) -> Result<StartedRun> {
        if turn.messages.is_empty() {
            return Err(Error::Conflict(
                "an answer cannot be regenerated while another is written",
            ));
        }
        let waiting = self.store.queued_runs(scope, turn.conversation.id).await?;
        if waiting >= u64::from(self.settings.runs.queue_length) {
            return Err(Error::Conflict("too many messages wait in this conversation"));
        }
        let run = self.run_record(scope, &turn, &choice, RunStatus::Queued);
        let mut stored = choice.request;
        let reserve = self.reserve(scope, &turn, &run, &mut stored).await?;
        let new = self.new_run(request, &turn, run, stored.write()?, reserve);
        let run = match self.store.start_run(scope, new).await? {
            Started::New(run) | Started::Replayed(run) => run,
        };
        let conversation_id = turn.conversation.id;
        if request.multitask == MultitaskStrategy::Interrupt
            && let Some(active) = self.store.active_run(scope, conversation_id).await?
            && active.id != run.id
        {
            self.cancel_run(scope, active.id).await?;
        }
        // The conversation may have become free in the meantime.
        self.start_next_queued(conversation_id).await;
        let reader = RunReader::stored(self.clone(), *scope, run.id);
        Ok(StartedRun { run, reader })
    }

    fn new_run(
        &self,
        request: &StartRun,
        turn: &Turn,
        run: Run,
        stored: serde_json::Value,
        reserve: Reserve,
    ) -> NewRun {
        NewRun {
            run,
            conversation: turn.is_new.then(|| turn.conversation.clone()),
            messages: turn.messages.clone(),
            follows_head: turn.follows_head,
            request: stored,
            lease: self.lease(),
            idempotency: request.idempotency.clone().map(Into::into),
            reserve,
        }
    }

    pub(super) fn lease(&self) -> Lease {
        Lease { owner: self.instance, until: self.clock.now().plus(self.settings.runs.lease) }
    }

    fn run_record(&self, scope: &Scope, turn: &Turn, choice: &Choice, status: RunStatus) -> Run {
        let now = self.clock.now();
        Run {
            id: RunId::generate(&*self.ids),
            conversation_id: turn.conversation.id,
            session_id: turn.conversation.session_id,
            user_id: turn.conversation.user_id,
            api_key_id: scope.api_key_id(),
            chatbot_id: Some(choice.chatbot_id),
            user_message_id: turn.question.id,
            message_id: MessageId::generate(&*self.ids),
            status,
            model: choice.model.to_string(),
            epoch: 1,
            last_seq: 0,
            cancel_requested: false,
            usage: Usage::default(),
            error: None,
            created_at: now,
            started_at: (status == RunStatus::Running).then_some(now),
            finished_at: None,
        }
    }
}

/// Lets a reserved conversation go, unless it is kept.
struct Reserved<'a> {
    engine: &'a Engine,
    run_id: RunId,
    live: &'a LiveRun,
    kept: bool,
}

impl Reserved<'_> {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Reserved<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.live.abandon.cancel();
            self.live.log.close();
            self.engine.runs.remove(self.run_id);
        }
    }
}

/// A run reads with the eyes of the conversation's owner, so that an operator who writes into a
/// visitor's conversation does not widen what the answer can quote, and a key that sees little can
/// go on with a conversation.
pub(super) fn run_scope(scope: &Scope, conversation: &Conversation) -> Scope {
    match conversation.owner() {
        None => *scope,
        owner if owner == scope.owner() && scope.limited_key().is_none() => *scope,
        owner => Scope::on_behalf_of(scope.workspace_id, owner),
    }
}
