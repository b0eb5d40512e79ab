//! What of a run's passages is gone since it found them. A run may wait for an answer for days, or
//! go on where another server left it: it then holds what was found before.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use vpaura_domain::{Quoted, RunEventKind, Scope, Subject};
use vpaura_llm::{ChatMessage, Content};

use super::state::{ChatContext, ChatState};
use crate::history::FOUND_THEN;
use crate::passages::Excerpt;
use crate::runs::retry;
use crate::tools::lists_passages;

/// The files and documents that were deleted since, or hidden from whoever asked: the model is not
/// told of them again.
#[derive(Default)]
pub(super) struct Gone {
    these: HashSet<Quoted>,
    /// Whether the run goes on after it stood still.
    is_later: bool,
}

impl Gone {
    /// What of this state is gone. Nothing while the run is in its first life: it has only just
    /// found what it has.
    pub(super) async fn from(app: &ChatContext, state: &ChatState) -> crate::Result<Self> {
        if app.run.epoch == 1 {
            return Ok(Self::default());
        }
        let excerpts = state.prompt.excerpts.iter().chain(state.found.values());
        let quoted: BTreeSet<Quoted> = excerpts.map(Excerpt::quoted).collect();
        if quoted.is_empty() {
            return Ok(Self { is_later: true, ..Self::default() });
        }
        // While the store is out nobody can say what is gone: the run waits.
        let open = retry(|| open(app, &quoted)).await?;
        let these = quoted.into_iter().filter(|it| !open.contains(it)).collect();
        Ok(Self { these, is_later: true })
    }

    /// Whether the passage is still there to be told.
    pub(super) fn leaves(&self, excerpt: &Excerpt) -> bool {
        !self.these.contains(&excerpt.quoted())
    }

    /// What was said since the prompt, without what is gone.
    pub(super) fn leaves_of<'a>(&self, state: &'a ChatState) -> Vec<Cow<'a, ChatMessage>> {
        let mut exchanges: Vec<_> = state.exchanges.iter().map(Cow::Borrowed).collect();
        if !self.is_later {
            return exchanges;
        }
        // Each tool adds its result to both, so both have them in one order.
        let mut results = state.said.iter().filter_map(|kind| match kind {
            RunEventKind::ToolResult { quotes, .. } => Some(quotes),
            _ => None,
        });
        for message in &mut exchanges {
            for at in 0..message.content.len() {
                let Content::ToolResult { output, .. } = &message.content[at] else { continue };
                if self.takes(output, results.next())
                    && let Content::ToolResult { output, .. } = &mut message.to_mut().content[at]
                {
                    FOUND_THEN.clone_into(output);
                }
            }
        }
        exchanges
    }

    /// Whether a tool's result quotes what is gone, or does not say what it quotes: as those that
    /// were stored by an older version.
    fn takes(&self, output: &str, of: Option<&Vec<Quoted>>) -> bool {
        match of {
            Some(of) if !of.is_empty() => of.iter().any(|it| self.these.contains(it)),
            _ => lists_passages(output),
        }
    }
}

/// What of this is there still, and open to whoever asked: by themselves, or through a key that may
/// see less than they, and of which the run has kept nothing but the name.
async fn open(app: &ChatContext, quoted: &BTreeSet<Quoted>) -> crate::Result<HashSet<Quoted>> {
    let mut eyes = vec![asker(app).await?];
    if let Some(key) = app.run.api_key_id {
        eyes.push(app.engine.current_key(key).await?);
    }
    let mut open: BTreeSet<Quoted> = quoted.clone();
    for scope in eyes {
        let Some(scope) = scope else { return Ok(HashSet::new()) };
        open = app.engine.store.still_visible(&scope, &open).await?.into_iter().collect();
    }
    Ok(open.into_iter().collect())
}

/// Whoever asked, with what they may do now. The run itself acts as a member, whatever they are.
async fn asker(app: &ChatContext) -> crate::Result<Option<Scope>> {
    match app.scope.subject {
        Subject::User { .. } => app.engine.current_scope(&app.scope).await,
        Subject::System => Ok(Some(Scope::system(app.scope.workspace_id))),
        _ => Ok(Some(app.scope)),
    }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::{FileId, SequentialIds};

    use super::*;

    #[test]
    fn a_result_goes_with_what_it_quotes_and_when_it_does_not_say_what_that_is() {
        let ids = SequentialIds::default();
        let (gone, there) =
            (Quoted::File(FileId::generate(&ids)), Quoted::File(FileId::generate(&ids)));
        let since = Gone { these: HashSet::from([gone]), is_later: true };
        let listing = "[1] a.md, line 1:\nx\n\nCite these by their numbers, like [1].";
        assert!(since.takes(listing, Some(&vec![there, gone])));
        assert!(!since.takes(listing, Some(&vec![there])));
        assert!(since.takes(listing, Some(&vec![])) && since.takes(listing, None));
        assert!(!since.takes("noon", Some(&vec![])) && !since.takes("noon", None));
    }
}
