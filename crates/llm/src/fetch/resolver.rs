//! Resolves names for the fetcher's client, and lets through only addresses that may be fetched.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::Lookup;
use super::address::may_fetch;

/// The name leads to an address that must not be fetched.
#[derive(Debug, thiserror::Error)]
#[error("not a public address")]
pub(super) struct Refused;

/// The client asks it for every name, and connects to nothing else than what it answers.
pub(super) struct CheckedResolver {
    lookup: Lookup,
    allow_private: bool,
}

impl CheckedResolver {
    pub(super) const fn new(lookup: Lookup, allow_private: bool) -> Self {
        Self { lookup, allow_private }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup)(name.as_str().to_owned());
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = found.await?;
            // One address that must not be fetched spoils all: nobody honest mixes them.
            if found.iter().any(|ip| !may_fetch(*ip, allow_private)) {
                return Err(Refused.into());
            }
            // The client puts the address's own port in the place of 0.
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Asks the system.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            if is_localhost(&name) {
                return Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]);
            }
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Names that mean this machine, whatever the system says of them (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
}
