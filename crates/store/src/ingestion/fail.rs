//! Ends the reading of a document that did not succeed: for good, or for a while.

use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, QueryFilter};
use uuid::Uuid;
use vpaura_domain::DocumentStatus;

use super::DocumentClaim;
use crate::codec::Word;
use crate::entities::document::{Column, Entity};
use crate::error::Result;
use crate::moment::Moment;
use crate::store::Store;

/// How it ends.
struct Ending {
    claim: DocumentClaim,
    status: DocumentStatus,
    error: String,
    /// Before when nobody is to try again.
    not_before: Option<Moment>,
}

impl Store {
    /// The document could not be read, for the reason given in a sentence for people. What it
    /// showed before is still searched. `false` when the claim is lost.
    pub async fn fail_document(&self, claim: &DocumentClaim, error: &str) -> Result<bool> {
        let (status, error) = (DocumentStatus::Failed, error.to_owned());
        self.end_reading(Ending { claim: *claim, status, error, not_before: None }).await
    }

    /// The document cannot be read just now: it waits, and is tried again after this long. `false`
    /// when the claim is lost.
    pub async fn postpone_document(
        &self,
        claim: &DocumentClaim,
        error: &str,
        after: Duration,
    ) -> Result<bool> {
        let not_before = Some(self.after(after));
        let (status, error) = (DocumentStatus::Pending, error.to_owned());
        self.end_reading(Ending { claim: *claim, status, error, not_before }).await
    }

    async fn end_reading(&self, ending: Ending) -> Result<bool> {
        let now = self.now();
        self.write(ending.claim.workspace_id, (ending, now), |tx, (ending, now)| {
            Box::pin(async move {
                let until =
                    ending.not_before.as_ref().map_or_else(|| Expr::val(0_i64), Moment::expr);
                let ended = Entity::update_many()
                    .col_expr(Column::Status, Expr::val(ending.status.word()))
                    .col_expr(Column::Error, Expr::val(ending.error.as_str()))
                    // The server is still there.
                    .col_expr(Column::Lost, Expr::val(0_i64))
                    .col_expr(Column::LeaseOwner, Expr::val(None::<Uuid>))
                    .col_expr(Column::LeaseUntil, until)
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(ending.claim.held())
                    .exec(tx)
                    .await?;
                Ok(ended.rows_affected == 1)
            })
        })
        .await
    }
}
