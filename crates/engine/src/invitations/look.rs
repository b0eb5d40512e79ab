//! What an invitation's link leads to.

use super::token_hash;
use crate::{Engine, Error, OpenInvitation, Result, Thing};

impl Engine {
    /// The invitation that the token proves, while it can be accepted. Whoever has the token may
    /// look.
    pub async fn look_at_invitation(&self, token: &str) -> Result<OpenInvitation> {
        let hash = token_hash(token)?;
        let found = self.store.open_invitation(hash.as_str(), self.clock.now()).await?;
        found.ok_or(Error::NotFound(Thing::Invitation))
    }
}
