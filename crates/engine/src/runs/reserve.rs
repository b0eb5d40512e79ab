//! What a run sets aside of budgets before it starts.

use std::sync::Arc;

use vpaura_domain::{Run, Scope};
use vpaura_store::{Reserve, Spend};

use super::request::RunRequest;
use super::start::run_scope;
use super::turn::Turn;
use crate::graphs::chat::first_requests;
use crate::{Engine, Result};

impl Engine {
    /// What the run must set aside, and notes in the request whether that is anything. Only where
    /// there are budgets is the prompt put together before the run is stored: it costs a moment.
    pub(super) async fn reserve(
        &self,
        scope: &Scope,
        turn: &Turn,
        run: &Run,
        request: &mut RunRequest,
    ) -> Result<Reserve> {
        let budgets = self.budgets_of(scope, run).await?;
        if budgets.is_empty() {
            return Ok(Reserve::default());
        }
        request.has_reserved = true;
        let question = Arc::new(turn.question.clone());
        let reads = run_scope(scope, &turn.conversation);
        let context = self.chat_context(run, reads, request, question)?;
        let mut most = Spend::default();
        for asked in Box::pin(first_requests(&context)).await? {
            let call = self.most_of_call(&context.model, &asked);
            most.tokens = most.tokens.saturating_add(call.tokens);
            most.money = most.money.saturating_add(call.money);
        }
        Ok(Reserve { budgets, most })
    }
}
