//! Shares a collection with users and roles.

use std::collections::HashSet;

use serde_json::json;
use vpaura_domain::{CollectionId, Grant, Origin, Permission, Scope};

use super::{KIND, missing};
use crate::audit::Deed;
use crate::{Engine, Error, Result};

const MAX_GRANTS: usize = 200;

impl Engine {
    /// With whom the collection is shared, for those who may change it.
    pub async fn collection_grants(&self, scope: &Scope, id: CollectionId) -> Result<Vec<Grant>> {
        self.may_change_collection(scope, id).await?;
        self.store.collection_grants(scope, id).await?.ok_or_else(missing)
    }

    /// Shares the collection with these and nobody else.
    pub async fn share_collection(
        &self,
        scope: &Scope,
        id: CollectionId,
        grants: Vec<Grant>,
        origin: &Origin,
    ) -> Result<Vec<Grant>> {
        scope.require(Permission::CollectionsWrite)?;
        if grants.len() > MAX_GRANTS {
            return Err(Error::invalid("items", format!("must be at most {MAX_GRANTS}")));
        }
        let mut seen = HashSet::new();
        if let Some(place) = grants.iter().position(|grant| !seen.insert(grant.grantee)) {
            return Err(Error::invalid(format!("items[{place}].grantee"), "is given twice"));
        }
        let details = json!({ "grants": grants });
        let entry = self.entry(scope, origin, Deed::to("collection.shared", KIND, id, details));
        let rows = grants.iter().map(|grant| (self.ids.uuid(), *grant)).collect();
        let now = self.clock.now();
        let shared = self.store.share_collection(scope, id, rows, now, &entry).await?;
        if shared { Ok(grants) } else { Err(missing()) }
    }
}
