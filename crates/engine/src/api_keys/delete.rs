//! Revokes an API key.

use serde_json::json;
use vpaura_domain::{ApiKeyId, Origin, Scope};
use vpaura_store::{Revocation, RevocationKind};

use super::makers;
use crate::audit::Deed;
use crate::{Engine, Error, Result, Thing};

impl Engine {
    /// Revokes one of the caller's keys, or anybody's for who may manage them.
    pub async fn delete_api_key(&self, scope: &Scope, origin: &Origin, id: ApiKeyId) -> Result<()> {
        let makers = makers(scope)?;
        let deed = Deed::to("api_key.revoked", "api_key", id, json!({}));
        let entry = self.entry(scope, origin, deed);
        if !self.store.delete_api_key(scope, id, makers, &entry, self.clock.now()).await? {
            return Err(Error::NotFound(Thing::ApiKey));
        }
        self.revoke(&[Revocation { kind: RevocationKind::ApiKey, subject: id.uuid() }]).await;
        Ok(())
    }
}
