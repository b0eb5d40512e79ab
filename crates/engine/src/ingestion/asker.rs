//! Whether a document is still to be read for whoever asked for it.

use std::time::Duration;

use vpaura_domain::Scope;
use vpaura_store::ClaimedDocument;

use super::trouble::Trouble;
use crate::{Engine, Error};

/// How long who may ask is believed to may: within five seconds a revocation bites.
pub(super) const BELIEVED: Duration = Duration::from_secs(3);

impl Engine {
    /// Fails where whoever asked for the document to be read may not change its collection any
    /// more: suspended, removed, with a key or a role that is gone.
    pub(super) async fn still_asked_for(&self, claimed: &ClaimedDocument) -> Result<(), Trouble> {
        let Some(subject) = claimed.asked_by else { return Ok(()) };
        let workspace = claimed.claim.workspace_id;
        let asker = Scope { subject, ..Scope::system(workspace) };
        let now = self.current_scope(&asker).await?;
        let Some(now) = now.filter(|now| now.workspace_id == workspace) else {
            return Err(unwanted());
        };
        match self.may_change_collection(&now, claimed.claim.collection_id).await {
            Ok(()) => Ok(()),
            Err(Error::Denied(_) | Error::NotFound(_)) => Err(unwanted()),
            Err(error) => Err(error.into()),
        }
    }
}

fn unwanted() -> Trouble {
    Trouble::Document(
        "whoever asked for it to be read may not change this collection any more: somebody who may \
         can have it read"
            .to_owned(),
    )
}
