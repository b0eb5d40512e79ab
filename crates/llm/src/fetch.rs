//! Fetches what a foreign address serves, for people who may name any: only public addresses, on
//! every hop, within limits of time and size.
//!
//! A name is resolved once for each connection, by us; what is connected to is exactly what was
//! checked. So an answer that changes between two looks (DNS rebinding) changes nothing.

mod address;
mod body;
mod error;
mod resolver;

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::{ACCEPT, ACCEPT_ENCODING, LOCATION};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use crate::LlmError;
use crate::http::foreign_client;
pub use body::Fetched;
pub use error::FetchError;
use resolver::CheckedResolver;

/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// The longest address, in bytes.
const MAX_ADDRESS: usize = 4_096;
/// The most bytes of an answer's headers.
const MAX_HEADERS: usize = 64 * 1024;

/// How a [`Fetcher`] behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// Whether addresses of private networks and of this machine may be fetched too. Link-local
    /// addresses, those of cloud metadata, and addresses that no host has are never fetched.
    pub allow_private: bool,
    /// The most bytes of a body, unpacked.
    pub bytes: u64,
    /// How long everything may take, from the first look-up to the last byte.
    pub time: Duration,
    /// How long one connection may take.
    pub connect: Duration,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            allow_private: false,
            bytes: 10 * 1024 * 1024,
            time: Duration::from_secs(60),
            connect: Duration::from_secs(10),
        }
    }
}

/// Finds the addresses of a name.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Fetches foreign addresses; holds no cookies and keeps no connection.
#[derive(Clone)]
pub struct Fetcher {
    client: reqwest::Client,
    settings: FetchSettings,
}

impl Fetcher {
    /// A fetcher that asks the system for the addresses of names.
    ///
    /// # Errors
    /// When the TLS library cannot start.
    pub fn new(settings: &FetchSettings) -> Result<Self, LlmError> {
        Self::with_lookup(settings, resolver::system())
    }

    /// The same with another source of addresses, for tests.
    ///
    /// # Errors
    /// See [`Fetcher::new`].
    pub fn with_lookup(settings: &FetchSettings, lookup: Lookup) -> Result<Self, LlmError> {
        let resolver = CheckedResolver::new(lookup, settings.allow_private);
        let client = foreign_client(Arc::new(resolver), settings.connect)?;
        Ok(Self { client, settings: settings.clone() })
    }

    /// Asks `address` (http or https) and gives the answer as soon as its head is here. Follows at
    /// most five redirects, each checked like the first address.
    ///
    /// # Errors
    /// When the address must not be fetched, cannot be reached, or answers with anything but
    /// success.
    pub async fn fetch(&self, address: &str) -> Result<Fetched, FetchError> {
        let deadline = Instant::now() + self.settings.time;
        let mut url = self.parse(address)?;
        let mut heads = Vec::new();
        for _ in 0..=MAX_REDIRECTS {
            let response =
                timeout_at(deadline, self.ask(&url)).await.map_err(|_| FetchError::Timeout)??;
            let status = response.status();
            let head = response.headers();
            let size: usize =
                head.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
            if size > MAX_HEADERS {
                return Err(FetchError::TooLarge { limit: MAX_HEADERS as u64 });
            }
            heads.insert(0, head.clone());
            if status.is_redirection() && head.contains_key(LOCATION) {
                let target = head.get(LOCATION).and_then(|target| target.to_str().ok());
                url = self.redirected(&url, target)?;
            } else if status.is_success() {
                return Fetched::new(url, heads, response, self.settings.bytes, deadline);
            } else {
                return Err(FetchError::Status(status.as_u16()));
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    async fn ask(&self, url: &Url) -> Result<reqwest::Response, FetchError> {
        self.client
            .get(url.clone())
            .header(ACCEPT, "*/*")
            .header(ACCEPT_ENCODING, "gzip, br")
            .send()
            .await
            .map_err(|error| FetchError::of_request(&error))
    }

    fn redirected(&self, from: &Url, target: Option<&str>) -> Result<Url, FetchError> {
        let target = target.and_then(|target| from.join(target).ok());
        let target = target.ok_or(FetchError::BadAddress("the redirect leads nowhere"))?;
        self.parse(target.as_str())
    }

    /// The address, if it may be fetched as far as it tells by itself. Names are checked when
    /// they are resolved.
    fn parse(&self, address: &str) -> Result<Url, FetchError> {
        if address.len() > MAX_ADDRESS {
            return Err(FetchError::BadAddress("it is too long"));
        }
        let mut url = Url::parse(address.trim())
            .map_err(|_| FetchError::BadAddress("it cannot be read as an address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::BadAddress("it must start with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::BadAddress("it must not hold a name or password"));
        }
        url.set_fragment(None);
        let allowed = match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(ip)) => address::may_fetch(ip.into(), self.settings.allow_private),
            Some(Host::Ipv6(ip)) => address::may_fetch(ip.into(), self.settings.allow_private),
            None => return Err(FetchError::BadAddress("it names no host")),
        };
        if allowed { Ok(url) } else { Err(FetchError::NotPublic) }
    }
}
