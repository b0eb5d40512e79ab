//! Texts that are made when they are stored, if they ever are.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::{GraphError, StoreError};

/// What is to be stored, or how it is made.
#[derive(Clone)]
pub(crate) enum Text {
    Made(String),
    Later {
        /// Whose it is.
        path: Arc<str>,
        make: Arc<dyn Fn() -> Result<String, Unstored> + Send + Sync>,
    },
}

impl Text {
    /// `make` calls foreign serializers: it may panic.
    pub(crate) fn later(
        path: Arc<str>,
        make: impl Fn() -> Result<String, Unstored> + Send + Sync + 'static,
    ) -> Self {
        Self::Later { path, make: Arc::new(make) }
    }

    pub(crate) fn make(self) -> Result<String, Unstored> {
        match self {
            Self::Made(text) => Ok(text),
            Self::Later { path, make } => unpanicked(&path, || make()),
        }
    }
}

/// Calls a foreign serializer.
pub(super) fn unpanicked<T>(
    path: &Arc<str>,
    make: impl FnOnce() -> Result<T, Unstored>,
) -> Result<T, Unstored> {
    catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|payload| {
        let message = crate::task::message(payload.as_ref());
        Err(Unstored::Panicked { path: Arc::clone(path), message })
    })
}

/// Why something was not stored. Told again to whoever comes later.
#[derive(Debug, Clone)]
pub(crate) enum Unstored {
    Store(StoreError),
    /// It has no JSON form.
    Encode {
        path: Arc<str>,
        reason: String,
    },
    /// Its serializer panicked.
    Panicked {
        path: Arc<str>,
        message: String,
    },
}

impl Unstored {
    pub(crate) fn encode(path: &Arc<str>, reason: impl ToString) -> Self {
        Self::Encode { path: Arc::clone(path), reason: reason.to_string() }
    }
}

impl From<StoreError> for Unstored {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Unstored> for GraphError {
    fn from(error: Unstored) -> Self {
        match error {
            Unstored::Store(error) => Self::Store(error),
            Unstored::Encode { path, reason } => Self::Encode { path, reason },
            Unstored::Panicked { path, message } => Self::Panicked { path, message },
        }
    }
}
