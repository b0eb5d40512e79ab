//! Executes a run: drives the graph, records what happens, and ends the run exactly once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use vpaura_domain::{
    Message, MessageStatus, Part, Role, Run, RunEventKind, RunFailure, RunStatus, Scope,
};
use vpaura_graph::{Ask, GraphError, Outcome};
use vpaura_llm::ModelRef;
use vpaura_store::{FinishRun, StoreError};

use super::answer::Answer;
use super::failure;
use super::recorder::{Flush, Recorder, retry};
use super::registry::LiveRun;
use super::request::RunRequest;
use super::tell::Teller;
use super::thread::Prepared;
use crate::Engine;
use crate::graphs::chat::{ChatContext, ChatState, Question, citations};

/// Stored batches read at a time when a run goes on.
const RECALLED: u32 = 32;

/// A run to be executed here.
pub(super) struct Execution {
    pub(super) run: Run,
    pub(super) scope: Scope,
    pub(super) request: RunRequest,
    /// The message to answer, when it is at hand.
    pub(super) question: Option<Arc<Message>>,
    pub(super) live: LiveRun,
    /// Resolves when the run's start is committed; nothing may be stored before.
    pub(super) commit: Option<oneshot::Receiver<()>>,
    /// The messages stored by the start, for the history cache.
    pub(super) appended: Vec<Message>,
    /// It goes on with an answer: what its log says still holds.
    pub(super) resumed: bool,
}

/// How the driving ended.
enum End {
    /// The graph came to an end.
    Graph,
    /// The run took too long.
    TimedOut,
    /// Another server has the run, or this server stops.
    Abandoned,
    /// The start was not committed: there is no such run.
    Refused,
}

impl Engine {
    pub(super) fn spawn_execution(&self, execution: Execution) {
        let engine = self.clone();
        self.tasks.spawn(async move {
            let (run_id, conversation_id) = (execution.run.id, execution.run.conversation_id);
            let log = Arc::clone(&execution.live.log);
            engine.execute(execution).await;
            engine.runs.remove(run_id);
            log.close();
            engine.announce(run_id).await;
            Box::pin(engine.start_next_queued(conversation_id)).await;
        });
    }

    // What comes before and after the driving is boxed: it is large, and a run is driven for
    // minutes.
    async fn execute(&self, mut execution: Execution) {
        let run_id = execution.run.id;
        let mut recorder = Recorder::new(
            (run_id, execution.scope.workspace_id, execution.run.epoch),
            execution.run.last_seq,
            Arc::clone(&execution.live.log),
            Arc::clone(&self.clock),
            self.store.clone(),
        );
        if execution.run.epoch > 1 && !execution.resumed {
            let reason = "the server that wrote this answer stopped; it begins again".to_owned();
            recorder.record(RunEventKind::Reset { reason });
        }
        if !execution.resumed {
            recorder.record(RunEventKind::RunStarted {
                conversation_id: execution.run.conversation_id,
                user_message_id: execution.run.user_message_id,
                message_id: execution.run.message_id,
                model: execution.run.model.clone(),
            });
        }
        let mut answer = Answer::default();
        let ended = match Box::pin(self.prepare(&execution)).await {
            Ok(context) => self.drive(context, &mut execution, &mut recorder, &mut answer).await,
            Err(error) => {
                tracing::error!(run.id = %run_id, %error, "run {run_id} could not be prepared");
                let source = Box::new(error);
                let path = "retrieve_context".into();
                Some(Err(GraphError::Node { path, attempt: 1, source, class: None }))
            }
        };
        let Some(outcome) = ended else { return };
        if let Some(commit) = execution.commit.take()
            && commit.await.is_err()
        {
            return;
        }
        Box::pin(self.finish(execution, recorder, answer, outcome)).await;
    }

    async fn prepare(&self, execution: &Execution) -> crate::Result<ChatContext> {
        let message = match &execution.question {
            Some(message) => Arc::clone(message),
            None => {
                let id = execution.run.user_message_id;
                let found = self.store.get_message(&execution.scope, id).await?;
                Arc::new(found.ok_or(crate::Error::NotFound(crate::Thing::Message))?)
            }
        };
        let Execution { run, scope, request, .. } = execution;
        let mut context = self.chat_context(run, *scope, request, message)?;
        // What was set aside at the start is for the prompt as it was then.
        context.first_call_is_covered = run.epoch == 1 && execution.question.is_some();
        Ok(context)
    }

    /// What the graph of a run works with.
    pub(super) fn chat_context(
        &self,
        run: &Run,
        scope: Scope,
        request: &RunRequest,
        message: Arc<Message>,
    ) -> crate::Result<ChatContext> {
        let model: ModelRef = run
            .model
            .parse()
            .map_err(|_| crate::Error::Internal(format!("stored model {:?}", run.model)))?;
        Ok(ChatContext {
            engine: self.clone(),
            scope,
            run: run.clone(),
            question: Question { conversation_id: run.conversation_id, message },
            model,
            params: request.params(&self.settings),
            chatbot: request.chatbot.clone(),
            has_reserved: request.has_reserved,
            first_call_is_covered: false,
            stored: CancellationToken::new(),
        })
    }

    /// Runs the graph and records its events. `None` when the run is no longer ours.
    async fn drive(
        &self,
        context: ChatContext,
        execution: &mut Execution,
        recorder: &mut Recorder,
        answer: &mut Answer,
    ) -> Option<Result<Stop, GraphError>> {
        let live = execution.live.clone();
        let context = Arc::new(context);
        let stored = context.stored.clone();
        let prepared = Box::pin(self.prepare_graph(Arc::clone(&context), execution)).await;
        let Prepared { graph, left } =
            prepared.inspect_err(|error| lost_thread(execution.run.id, error)).ok()?;
        let retells = execution.run.epoch > 1 && !execution.resumed;
        match left {
            Some(_) if execution.resumed => Box::pin(self.recall(execution, answer)).await?,
            Some(left) => Teller::again(&left.state.said, recorder, answer),
            None if execution.resumed => {
                let reason = "what was answered so far could not be read; it begins again".into();
                recorder.record(RunEventKind::Reset { reason });
            }
            None => {}
        }
        if execution.commit.is_none() {
            stored.cancel();
        }
        let mut teller = Teller::new(retells);
        let mut graph = graph.start();
        let abandoned = live.abandon.cancelled();
        let timeout = tokio::time::sleep(self.settings.runs.timeout);
        let flush_timer = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(abandoned, timeout, flush_timer);
        let mut flush: Option<Flush> = None;
        let mut armed = false;
        let end = loop {
            if !armed && flush.is_none() && recorder.has_unstored() {
                flush_timer.as_mut().reset(Instant::now() + self.settings.runs.flush_interval);
                armed = true;
            }
            tokio::select! {
                biased;
                () = &mut abandoned => break End::Abandoned,
                event = graph.next(), if !recorder.must_wait() => match event {
                    Some(event) => teller.take(event, recorder, answer),
                    None => break End::Graph,
                },
                result = next_flush(&mut flush), if flush.is_some() => {
                    flush = None;
                    match result {
                        Ok(last) => {
                            recorder.flushed(last);
                            self.announce(execution.run.id).await;
                        }
                        Err(error) => {
                            lost(execution.run.id, &error);
                            break End::Abandoned;
                        }
                    }
                },
                committed = next_commit(&mut execution.commit), if execution.commit.is_some() => {
                    execution.commit = None;
                    match committed {
                        Ok(()) => stored.cancel(),
                        Err(_) => break End::Refused,
                    }
                },
                () = &mut flush_timer, if armed => {
                    armed = false;
                    if execution.commit.is_none() {
                        flush = recorder.flush();
                    }
                },
                () = &mut timeout => break End::TimedOut,
            }
        };
        match end {
            End::Abandoned => {
                // Whoever goes on does so from what is stored.
                graph.abandon();
                Box::pin(self.hand_over(flush, execution, recorder)).await;
                return None;
            }
            End::Refused => {
                graph.abandon();
                return None;
            }
            End::TimedOut => {
                graph.abandon();
                settle(flush, recorder).await?;
                return Some(Ok(Stop::TimedOut));
            }
            End::Graph => settle(flush, recorder).await?,
        }
        let outcome = match graph.outcome().await {
            // Another server goes on, or this one does when the database is there again.
            Err(GraphError::Store(error)) if !is_refusal(&error) => {
                lost_thread(execution.run.id, &error);
                Box::pin(self.hand_over(None, execution, recorder)).await;
                return None;
            }
            outcome => outcome,
        };
        Some(match outcome {
            Ok(Outcome::Done(_)) => Ok(Stop::Done),
            Ok(Outcome::Interrupted(_, asks)) => Ok(Stop::Interrupted(asks)),
            // It has no budget and is not drained.
            Ok(
                Outcome::Cancelled(state) | Outcome::Exhausted(state, _) | Outcome::Drained(state),
            ) => {
                Box::pin(cite_so_far(&context, &state, recorder, answer)).await;
                Ok(Stop::Cancelled)
            }
            Err(error) => Err(error),
        })
    }

    /// Takes in what the run's log says since it last began.
    async fn recall(&self, execution: &Execution, answer: &mut Answer) -> Option<()> {
        let mut after = 0;
        loop {
            let (scope, id) = (&execution.scope, execution.run.id);
            let batch = match self.store.run_events(scope, id, after, RECALLED).await {
                Ok(batch) => batch,
                Err(error) => {
                    lost(id, &error);
                    return None;
                }
            };
            let Some(last) = batch.last() else { return Some(()) };
            after = last.seq;
            batch.iter().for_each(|event| answer.apply(&event.kind));
        }
    }

    /// Stores what readers have seen, so that whoever goes on with the run knows it.
    async fn hand_over(
        &self,
        flush: Option<Flush>,
        execution: &mut Execution,
        recorder: &mut Recorder,
    ) {
        if execution.commit.is_some() || settle(flush, recorder).await.is_none() {
            return;
        }
        if let Some(last) = recorder.flush()
            && let Err(error) = last.await
        {
            lost(execution.run.id, &error);
        }
    }

    /// Stores the answer and the end in one transaction, then shows the end.
    async fn finish(
        &self,
        execution: Execution,
        mut recorder: Recorder,
        answer: Answer,
        outcome: Result<Stop, GraphError>,
    ) {
        let outcome = match outcome {
            Ok(Stop::Interrupted(asks)) => {
                return self.suspend(execution, recorder, answer, asks).await;
            }
            outcome => outcome,
        };
        let run = &execution.run;
        let now = self.clock.now();
        let (status, error) = match &outcome {
            Ok(Stop::Done) => (RunStatus::Completed, None),
            Ok(Stop::Cancelled | Stop::Interrupted(_)) => (RunStatus::Cancelled, None),
            Ok(Stop::TimedOut) => (RunStatus::Failed, Some(failure::timed_out())),
            Err(error) => {
                tracing::warn!(run.id = %run.id, %error, "run {} failed", run.id);
                (RunStatus::Failed, Some(failure::of(error)))
            }
        };
        let usage = answer.usage;
        let message = Message {
            id: run.message_id,
            conversation_id: run.conversation_id,
            parent_id: Some(run.user_message_id),
            run_id: Some(run.id),
            role: Role::Assistant,
            status: match status {
                RunStatus::Completed => MessageStatus::Completed,
                RunStatus::Cancelled => MessageStatus::Cancelled,
                _ => MessageStatus::Failed,
            },
            model: Some(answer.model.clone().unwrap_or_else(|| run.model.clone())),
            parts: answer.into_parts(),
            usage: Some(usage),
            error: error.clone(),
            created_at: now,
        };
        // Only what used a tool, or was taken over, has stored anything of its graph.
        let has_thread = status != RunStatus::Completed
            || run.epoch > 1
            || message.parts.iter().any(|part| matches!(part, Part::ToolCall { .. }));
        let terminal = recorder.number(terminal_event(status, error.clone(), &message));
        let mut events = recorder.unstored();
        events.push(terminal.clone());
        let finish = FinishRun {
            run_id: run.id,
            workspace_id: execution.scope.workspace_id,
            epoch: run.epoch,
            status,
            usage,
            asked_by: execution.request.asked_by,
            has_reserved: execution.request.has_reserved,
            error,
            message: Some(message.clone()),
            events,
            now,
        };
        match retry(|| self.store.finish_run(finish.clone())).await {
            Ok(_) => {
                let mut turn: Vec<&Message> = execution.appended.iter().collect();
                turn.push(&message);
                self.history.extend(&turn);
                // The conversation is free before anybody learns of the end, so that the next
                // message, sent at once, is not refused.
                self.runs.remove(run.id);
                recorder.publish_stored(terminal);
                if has_thread {
                    self.forget_thread(&execution.scope, run.id).await;
                }
                metrics::counter!("vpaura_runs_total", "status" => status_label(status))
                    .increment(1);
            }
            Err(error) => lost(run.id, &error),
        }
    }

    /// Tells other servers that the stored log of the run has grown.
    async fn announce(&self, run_id: vpaura_domain::RunId) {
        self.kv.publish(&super::advanced_channel(run_id), Bytes::new()).await;
    }
}

/// Adds the citations of an answer that was stopped before it came to them.
async fn cite_so_far(
    context: &ChatContext,
    state: &ChatState,
    recorder: &mut Recorder,
    answer: &mut Answer,
) {
    match citations(context, state).await {
        Ok(citations) => {
            for kind in citations {
                if !answer.has_cited(&kind) {
                    answer.apply(&kind);
                    recorder.record(kind);
                }
            }
        }
        // An answer that says nothing of what it quotes quotes what nobody may see.
        Err(error) => {
            tracing::warn!(run.id = %context.run.id, %error, "a stopped answer has no citations");
        }
    }
}

/// How a run stopped without an error of its graph.
enum Stop {
    Done,
    Cancelled,
    TimedOut,
    /// It waits for answers.
    Interrupted(Vec<Ask>),
}

/// Whether the store will never take what it was given: to try again elsewhere is no use.
const fn is_refusal(error: &vpaura_graph::StoreError) -> bool {
    matches!(error, vpaura_graph::StoreError::Malformed { .. } | vpaura_graph::StoreError::BadName)
}

fn terminal_event(status: RunStatus, error: Option<RunFailure>, message: &Message) -> RunEventKind {
    match (status, error) {
        (RunStatus::Cancelled, _) => RunEventKind::RunCancelled,
        (_, Some(RunFailure { code, message })) => RunEventKind::RunFailed { code, message },
        _ => RunEventKind::RunCompleted { message: Box::new(message.clone()) },
    }
}

const fn status_label(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Completed => "completed",
        RunStatus::Cancelled => "cancelled",
        _ => "failed",
    }
}

/// Resolves when the run's start is committed, or refused.
async fn next_commit(
    commit: &mut Option<oneshot::Receiver<()>>,
) -> Result<(), oneshot::error::RecvError> {
    match commit {
        Some(commit) => commit.await,
        None => std::future::pending().await,
    }
}

async fn next_flush(flush: &mut Option<Flush>) -> Result<u64, StoreError> {
    match flush {
        Some(flush) => flush.await,
        None => std::future::pending().await,
    }
}

/// Waits for a write in flight. `None` when the run is no longer ours.
async fn settle(flush: Option<Flush>, recorder: &mut Recorder) -> Option<()> {
    if let Some(flush) = flush {
        recorder.flushed(flush.await.ok()?);
    }
    Some(())
}

fn lost_thread(run_id: vpaura_domain::RunId, error: &vpaura_graph::StoreError) {
    match error {
        vpaura_graph::StoreError::Fenced { .. } => {
            tracing::info!(run.id = %run_id, "run {run_id} belongs to another server now");
        }
        error => {
            tracing::error!(run.id = %run_id, %error, "run {run_id} is left for a take-over");
        }
    }
}

pub(super) fn lost(run_id: vpaura_domain::RunId, error: &StoreError) {
    match error {
        StoreError::Fenced | StoreError::AlreadyFinished(_) => {
            tracing::info!(run.id = %run_id, "run {run_id} belongs to another server now");
        }
        error => {
            tracing::error!(run.id = %run_id, %error, "run {run_id} is left for a take-over");
        }
    }
}
