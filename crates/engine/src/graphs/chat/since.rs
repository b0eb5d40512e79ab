//! What of a run's passages is gone since it found them. A run may wait for an answer for days, or
//! go on where another server left it: it then holds what was found before.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use vpaura_domain::{Quoted, RunEventKind, Scope, Subject};
use vpaura_llm::{ChatMessage, Content};

use super::state::{ChatContext, ChatState};
use crate::history::FOUND_THEN;
use crate::passages::Excerpt;

/// The files and documents that were deleted since, or hidden from whoever asked: the model is not
/// told of them again.
#[derive(Default)]
pub(super) struct Gone(HashSet<Quoted>);

impl Gone {
    /// What of this state is gone. Nothing while the run is in its first life: it has only just
    /// found what it has.
    pub(super) async fn from(app: &ChatContext, state: &ChatState) -> crate::Result<Self> {
        let excerpts = state.prompt.excerpts.iter().chain(state.found.values());
        let quoted: BTreeSet<Quoted> = excerpts.map(Excerpt::quoted).collect();
        if app.run.epoch == 1 || quoted.is_empty() {
            return Ok(Self::default());
        }
        let open = match asker(app).await? {
            Some(asker) => app.engine.store.still_visible(&asker, &quoted).await?,
            None => HashSet::new(),
        };
        Ok(Self(quoted.into_iter().filter(|it| !open.contains(it)).collect()))
    }

    /// Whether the passage is still there to be told.
    pub(super) fn leaves(&self, excerpt: &Excerpt) -> bool {
        !self.0.contains(&excerpt.quoted())
    }

    /// What was said since the prompt, without what is gone.
    pub(super) fn leaves_of<'a>(&self, state: &'a ChatState) -> Vec<Cow<'a, ChatMessage>> {
        let mut exchanges: Vec<_> = state.exchanges.iter().map(Cow::Borrowed).collect();
        if self.0.is_empty() {
            return exchanges;
        }
        // Each tool adds its result to both, so both have them in one order.
        let mut results = state.said.iter().filter_map(|kind| match kind {
            RunEventKind::ToolResult { quotes, .. } => Some(quotes),
            _ => None,
        });
        for message in &mut exchanges {
            for at in 0..message.content.len() {
                if matches!(message.content[at], Content::ToolResult { .. })
                    && results.next().is_some_and(|of| of.iter().any(|it| self.0.contains(it)))
                    && let Content::ToolResult { output, .. } = &mut message.to_mut().content[at]
                {
                    FOUND_THEN.clone_into(output);
                }
            }
        }
        exchanges
    }
}

/// Whoever asked, with what they may do now. The run itself acts as a member, whatever they are.
async fn asker(app: &ChatContext) -> crate::Result<Option<Scope>> {
    match app.scope.subject {
        Subject::User { .. } => app.engine.current_scope(&app.scope).await,
        Subject::System => Ok(Some(Scope::system(app.scope.workspace_id))),
        _ => Ok(Some(app.scope)),
    }
}
