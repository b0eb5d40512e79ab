//! For whom a file is read: by that, turns at reading go round.

use std::net::IpAddr;

use vpaura_domain::{Owner, Scope, SessionId, UserId};
use vpaura_knowledge::extract::Asker;
use vpaura_store::DocumentClaim;

use crate::{Engine, Result};

/// Who wants to know what a content says.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ReadFor<'a> {
    /// Somebody who waits for it.
    Caller(&'a Scope),
    /// The reading of a document, which goes on in the background.
    Document(&'a DocumentClaim),
}

impl Engine {
    pub(crate) async fn asker(&self, who: ReadFor<'_>) -> Result<Asker> {
        match who {
            ReadFor::Caller(scope) => self.person(scope, scope.owner()).await,
            ReadFor::Document(claim) => {
                Ok(Asker::job(claim.workspace_id.to_string(), claim.collection_id.to_string()))
            }
        }
    }

    /// The caller, who may act for this owner. A user, or an address, is one in all workspaces. A
    /// visitor is known by the address: whoever gets a new session for each file is still one. Those who share an
    /// address take turns. Sessions that the operator made for people it knows came from its own
    /// address, and each is somebody else. Whoever may act for everybody is believed to ask for this
    /// owner.
    pub(crate) async fn person(&self, scope: &Scope, owner: Option<Owner>) -> Result<Asker> {
        if let Some(id) = scope.visitor() {
            let session = self.store.get_session(scope, id).await?;
            let party = session.filter(|session| session.user_id.is_none());
            let party = party.and_then(|session| network(session.ip_address.as_deref()?));
            let party = party.unwrap_or_else(|| of_session(id));
            return Ok(Asker::person(party, id.to_string()));
        }
        let party = match owner {
            Some(Owner::User(id)) => of_user(id),
            Some(Owner::Session(id)) => of_session(id),
            None => match scope.user_id() {
                Some(id) => of_user(id),
                None => format!("{}/{}", scope.workspace_id, scope.principal_key()),
            },
        };
        Ok(Asker::person(party, ""))
    }
}

fn of_user(id: UserId) -> String {
    format!("user:{id}")
}

fn of_session(id: SessionId) -> String {
    format!("session:{id}")
}

/// What a client can be known by: its address, or the network of 64 bits, within which anybody has
/// as many addresses as they like. None where it is not known.
fn network(address: &str) -> Option<String> {
    let address: IpAddr = address.parse().ok()?;
    match address.to_canonical() {
        address if address.is_unspecified() => None,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("network:{a:x}:{b:x}:{c:x}:{d:x}"))
        }
        address => Some(format!("address:{address}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_known_by_its_network() {
        assert_eq!(network("203.0.113.7").as_deref(), Some("address:203.0.113.7"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        for unknown in ["::", "0.0.0.0", "", "localhost"] {
            assert_eq!(network(unknown), None, "{unknown}");
        }
    }
}
