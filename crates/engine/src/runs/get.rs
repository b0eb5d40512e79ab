//! Reads a run.

use vpaura_domain::{Ask, Permission, Run, RunId, RunStatus, Scope};
use vpaura_graph::store::At;

use super::request::RunRequest;
use crate::{Engine, Error, Result, Thing};

/// A run and what it waits for.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDetail {
    /// The run.
    pub run: Run,
    /// The questions that nobody has answered yet; none unless it is interrupted.
    pub asks: Vec<Ask>,
}

impl Engine {
    /// The run, if the caller may see it.
    pub async fn get_run(&self, scope: &Scope, id: RunId) -> Result<Run> {
        scope.require(Permission::ChatRead)?;
        self.store.get_run(scope, id).await?.ok_or(Error::NotFound(Thing::Run))
    }

    /// The run with its open questions, if the caller may see it.
    pub async fn run_detail(&self, scope: &Scope, id: RunId) -> Result<RunDetail> {
        let run = self.get_run(scope, id).await?;
        self.detail_of(scope, run).await
    }

    pub(crate) async fn detail_of(&self, scope: &Scope, run: Run) -> Result<RunDetail> {
        let mut asks = Vec::new();
        if run.status == RunStatus::Interrupted {
            let request = self.request_of(scope, run.id).await?;
            asks = self.asks_of(scope, run.id).await?;
            asks.retain(|ask| !request.answers.contains_key(&ask.id));
        }
        Ok(RunDetail { run, asks })
    }

    /// What the run's graph has asked and not been told.
    pub(super) async fn asks_of(&self, scope: &Scope, id: RunId) -> Result<Vec<Ask>> {
        let store = self.store.checkpoints(scope.workspace_id);
        let left = self.chat.thread(store, id.to_string()).get(At::Head).await;
        let left = left.map_err(|error| Error::thread(id, error))?;
        let asks = left.into_iter().flat_map(|left| left.asks);
        Ok(asks
            .map(|vpaura_graph::Ask { id, path, key, question }| Ask {
                id,
                path: path.to_string(),
                key,
                question,
            })
            .collect())
    }

    /// What the run was started with and told since.
    pub(super) async fn request_of(&self, scope: &Scope, id: RunId) -> Result<RunRequest> {
        let request = self.store.run_request(scope, id).await?;
        RunRequest::read(request.ok_or(Error::NotFound(Thing::Run))?)
    }
}
