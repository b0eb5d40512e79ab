//! An API key: the operator's from the configuration, or one that a user made.

use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use vpaura_auth::ApiKey;
use vpaura_domain::{Scope, Subject};
use vpaura_store::{KeyIdentity, KeyPrincipal};

use super::known::Credential;
use crate::{Engine, Error, Result};

impl Engine {
    /// The scope of an API key: the operator's, or what a user's key allows as far as its maker
    /// may the same now.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] when there is no such key, it has expired, or its maker is no
    /// active member of its workspace any more.
    pub async fn authenticate_api_key(&self, key: &str) -> Result<Scope> {
        if self.is_operator_key(key) {
            return Ok(Scope::operator());
        }
        // What was not made by us is known by its checksum, without asking the database.
        let key = ApiKey::parse(key).map_err(|_| Error::Unauthorized)?;
        let hash = key.hash().as_str().to_owned();
        let now = self.clock.now();
        let credential = Credential::ApiKey(hash.clone());
        if let Some(scope) = self.credentials.get(&credential, now) {
            return Ok(scope);
        }
        let found = self.store.key_principal(&KeyIdentity::Hash(hash), now).await?;
        let found = found.ok_or(Error::Unauthorized)?;
        self.store.touch_key(&found, now).await?;
        let scope = scope_of(&found);
        self.credentials.insert(credential, scope, found.expires_at);
        Ok(scope)
    }

    fn is_operator_key(&self, key: &str) -> bool {
        let Some(ours) = &self.settings.api_key else { return false };
        // Hashing first makes the comparison independent of the lengths.
        let (ours, given) = (Sha256::digest(ours.expose_secret()), Sha256::digest(key));
        ours.ct_eq(&given).into()
    }
}

pub(super) const fn scope_of(key: &KeyPrincipal) -> Scope {
    Scope {
        workspace_id: key.workspace_id,
        subject: Subject::ApiKey { id: key.id, user: key.user_id, limited: key.limited },
        permissions: key.permissions,
    }
}
