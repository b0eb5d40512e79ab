//! Answers what a run has asked, and lets it go on.

use std::collections::BTreeMap;

use serde_json::Value;
use vpaura_domain::{Ask, Permission, Run, RunId, RunStatus, Scope};
use vpaura_store::Lease;

use super::RunDetail;
use crate::tools::Approval;
use crate::{Engine, Error, Result};

/// Answers taken at a time.
const MAX_ANSWERS: usize = 64;
/// How often answers that came together are sorted out.
const MAX_ATTEMPTS: u32 = 10;

impl Engine {
    /// Takes answers in, by the ids of the questions. They are durable when this returns. The run
    /// goes on once all its questions are answered; until then an answer may be replaced.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the run does not wait; [`Error::Invalid`] for an answer to no open
    /// question, or of another kind than its question: then none is taken in.
    pub async fn resume_run(
        &self,
        scope: &Scope,
        id: RunId,
        answers: BTreeMap<String, Value>,
    ) -> Result<RunDetail> {
        scope.require(Permission::ChatWrite)?;
        if answers.is_empty() || answers.len() > MAX_ANSWERS {
            return Err(Error::invalid("answers", format!("must be 1 to {MAX_ANSWERS} answers")));
        }
        for _ in 0..MAX_ATTEMPTS {
            if let Some(run) = self.try_resume(scope, id, &answers).await? {
                return Ok(run);
            }
        }
        Err(Error::Conflict("the run is being answered by others"))
    }

    /// `None` when somebody else changed the run meanwhile: look again.
    async fn try_resume(
        &self,
        scope: &Scope,
        id: RunId,
        answers: &BTreeMap<String, Value>,
    ) -> Result<Option<RunDetail>> {
        let run = self.get_run(scope, id).await?;
        if run.status != RunStatus::Interrupted || run.cancel_requested {
            return Err(Error::Conflict("the run does not wait for answers"));
        }
        let mut asks = self.asks_of(scope, id).await?;
        let mut request = self.request_of(scope, id).await?;
        for (ask, answer) in answers {
            check(&asks, ask, answer)?;
            request.answers.insert(ask.clone(), answer.clone());
        }
        asks.retain(|ask| !request.answers.contains_key(&ask.id));
        let (at, request) = ((id, run.epoch), request.write()?);
        if !asks.is_empty() {
            let noted = self.store.answer_interrupted(scope, at, &request).await?;
            return Ok(noted.map(|run| RunDetail { run, asks }));
        }
        let taken = self.take_up(scope, at, Some(request)).await?;
        Ok(taken.map(|run| RunDetail { run, asks }))
    }

    /// Takes up a run that waits, as it was seen at `at`, and executes it here; `None` when it has
    /// gone on since. It goes on when the caller leaves half-way: a run that is claimed is executed.
    pub(super) async fn take_up(
        &self,
        scope: &Scope,
        at: (RunId, u32),
        request: Option<Value>,
    ) -> Result<Option<Run>> {
        if self.stopping.is_cancelled() {
            return Err(Error::ShuttingDown);
        }
        let (engine, scope) = (self.clone(), *scope);
        let taken = self.tasks.spawn(async move {
            let Lease { owner, until } = engine.lease();
            let store = &engine.store;
            let claimed = store.claim_interrupted(&scope, at, request.as_ref(), owner, until);
            let Some(claimed) = claimed.await? else { return Ok(None) };
            let run = claimed.run.clone();
            tracing::info!(run.id = %run.id, epoch = run.epoch, "run {} goes on here", run.id);
            // All its events are stored, so the numbers go on where they are.
            engine.begin_claimed(claimed, 0, true).await?;
            Ok(Some(run))
        });
        taken.await.map_err(|error| Error::Internal(format!("taking up a run: {error}")))?
    }
}

/// Whether `answer` answers the open question with the id `id`.
fn check(asks: &[Ask], id: &str, answer: &Value) -> Result<()> {
    let field = || format!("answers.{id}");
    let Some(ask) = asks.iter().find(|ask| ask.id == id) else {
        return Err(Error::invalid(field(), "is not the id of an open question"));
    };
    match ask.question["kind"].as_str() {
        Some("approve_tool") => {
            Approval::check(answer).map_err(|reason| Error::invalid(field(), reason))
        }
        kind => Err(Error::Internal(format!("a question of kind {kind:?} cannot be answered"))),
    }
}
