//! The system's limit of open files: each stream of a client is one, and so is the request behind
//! it to the provider.

use rustix::io;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process open as many files as it may: shells often allow 1,024 unless asked.
///
/// # Errors
/// What the system said; the limit is as it was then.
pub(crate) fn allow_most() -> io::Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current == maximum {
        return Ok(());
    }
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soft_limit_becomes_the_hard_one() {
        let before = getrlimit(Resource::Nofile);
        let few = Rlimit { current: Some(64), maximum: before.maximum };
        setrlimit(Resource::Nofile, few).expect("lowering is allowed");
        allow_most().expect("raising to the hard limit is allowed");
        assert_eq!(getrlimit(Resource::Nofile).current, before.maximum);
    }
}
