//! A state or update in an event: typed for who knows the type, JSON for who does not.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// Gives a value's JSON.
pub(crate) type Encode = fn(&(dyn Any + Send + Sync)) -> serde_json::Result<serde_json::Value>;

/// A state or update, shared with the run and not copied.
#[derive(Clone)]
pub struct Data {
    value: Arc<dyn Any + Send + Sync>,
    encode: Option<Encode>,
}

impl Data {
    pub(crate) fn new<T: Any + Send + Sync>(value: Arc<T>, encode: Option<Encode>) -> Self {
        Self { value, encode }
    }

    /// The value, if it is a `T`.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }

    /// The value as JSON; `None` if its run has no thread, since it need not have a JSON form then.
    ///
    /// # Errors
    /// What its serializer says.
    pub fn json(&self) -> Option<serde_json::Result<serde_json::Value>> {
        self.encode.map(|encode| encode(&*self.value))
    }
}

impl fmt::Debug for Data {
    // Not the value: states hold what must not reach logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Data(..)")
    }
}
