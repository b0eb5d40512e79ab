//! What the chat graph works on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use vpaura_domain::{ConversationId, Message, Run, RunEventKind, Scope, Usage};
use vpaura_graph::State;
use vpaura_llm::{ChatMessage, ModelRef, Params, ToolSpec};

use crate::Engine;
use crate::passages::Excerpt;
use crate::runs::Snapshot;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) conversation_id: ConversationId,
    /// The user's message.
    pub(crate) message: Arc<Message>,
}

/// What the nodes need from outside.
#[derive(Debug)]
pub(crate) struct ChatContext {
    pub(crate) engine: Engine,
    /// Whose eyes the run reads with: the caller's.
    pub(crate) scope: Scope,
    pub(crate) run: Run,
    pub(crate) question: Question,
    pub(crate) model: ModelRef,
    pub(crate) params: Params,
    /// Who answers, as it was when the run started.
    pub(crate) chatbot: Snapshot,
    /// Whether the run takes from budgets: then no call is made before there is room for it.
    pub(crate) has_reserved: bool,
    /// Whether there is room for the first call already.
    pub(crate) first_call_is_covered: bool,
    /// Cancelled once the run's start is stored. The graph begins before that; what it does to the
    /// outside waits for it, since the start may be refused.
    pub(crate) stored: CancellationToken,
}

/// What a node tells while it works.
#[derive(Debug)]
pub(crate) enum ChatEvent {
    /// Something for the run's log.
    Log(RunEventKind),
    /// Which model serves the answer.
    Serving(ModelRef),
}

/// A tool call that the model made.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON text as the model wrote it, possibly malformed.
    pub(crate) arguments: String,
}

/// A tool call that is to be answered.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ToolUse {
    pub(crate) call: Call,
    /// The number of the first passage that it finds.
    pub(crate) first_passage: u32,
}

/// What the model is asked first.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Prompt {
    pub(crate) messages: Vec<ChatMessage>,
    /// The passages in it, in the order of their numbers.
    pub(crate) excerpts: Vec<Excerpt>,
    pub(crate) tools: Vec<ToolSpec>,
}

/// The state. It is stored only when a run must remember something: see the thread of a run in
/// `runs/execute.rs`. No `Debug`: it holds what was said.
#[derive(State, Clone, Default, Serialize, Deserialize)]
#[state(context = ChatContext, event = ChatEvent)]
pub(crate) struct ChatState {
    pub(crate) prompt: Arc<Prompt>,
    /// What the model and the tools said since: grows with each round of tools.
    #[reduce(append)]
    pub(crate) exchanges: Vec<ChatMessage>,
    /// The passages that tools found, by their numbers: these go on behind those of the prompt.
    #[serde(default)]
    #[reduce(append)]
    pub(crate) found: BTreeMap<u32, Excerpt>,
    /// How often the model was called.
    pub(crate) rounds: u32,
    /// The numbers of the passages that the answer mentions.
    #[reduce(append)]
    pub(crate) cited: BTreeSet<u32>,
    #[reduce(with = add)]
    pub(crate) usage: Usage,
    /// What the run's log was told by nodes that have finished: whoever takes the run over after
    /// a crash tells it again, since the log is void then.
    #[reduce(append)]
    pub(crate) said: Vec<RunEventKind>,
}

fn add(sum: &mut Usage, more: Usage) {
    *sum += more;
}
