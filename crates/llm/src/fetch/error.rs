//! Why an address could not be fetched.

use std::error::Error;

use super::resolver::Refused;
use crate::http::root_cause;

/// What went wrong, in words that whoever gave the address may read. Never holds the address
/// itself or what it resolved to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address itself is not acceptable.
    #[error("this address cannot be fetched: {0}")]
    BadAddress(&'static str),
    /// It leads to a private network, to this machine, or to no host at all.
    #[error("this address is not a public one")]
    NotPublic,
    /// More redirects than are followed.
    #[error("the address redirects too often")]
    TooManyRedirects,
    /// The host answered with this status.
    #[error("the address answered with status {0}")]
    Status(u16),
    /// The body (or the headers) are larger than allowed.
    #[error("what the address serves is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It took too long.
    #[error("the address did not answer in time")]
    Timeout,
    /// The host cannot be reached.
    #[error("the address cannot be reached: {0}")]
    Unreachable(String),
    /// The body is packed in a way that is not understood.
    #[error("the address serves something packed as {0:?}")]
    Encoding(String),
    /// The body broke off or cannot be unpacked.
    #[error("what the address serves broke off: {0}")]
    Broken(String),
}

impl FetchError {
    /// The error of a request without an answer.
    pub(super) fn of_request(error: &reqwest::Error) -> Self {
        let mut source = error.source();
        while let Some(inner) = source {
            if inner.is::<Refused>() {
                return Self::NotPublic;
            }
            source = inner.source();
        }
        if error.is_timeout() { Self::Timeout } else { Self::Unreachable(root_cause(error)) }
    }
}
