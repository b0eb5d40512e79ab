//! What workers run on: payloads, typed for the worker and erased for the engine.

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be sent to a worker. It is stored with the step that sent it, so it has a JSON form;
/// it is cloned for each attempt.
pub trait Payload: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Payload for T {}

/// A payload whose type only its worker knows.
pub(crate) trait Parcel: Any + Send + Sync {
    fn encode(&self) -> serde_json::Result<String>;
    fn as_any(&self) -> &dyn Any;
}

impl<T: Payload> Parcel for T {
    fn encode(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reads a stored payload for a worker that takes `P`.
pub(crate) fn decode<P: Payload>(json: &str) -> serde_json::Result<Arc<dyn Parcel>> {
    Ok(Arc::new(serde_json::from_str::<P>(json)?))
}

/// The payload of a worker's call.
pub(crate) fn open<P: Payload>(parcel: Option<Arc<dyn Parcel>>) -> Result<P, crate::NodeError> {
    // The handles' types keep other payloads out; a call without one cannot be made.
    parcel
        .and_then(|parcel| parcel.as_any().downcast_ref::<P>().cloned())
        .ok_or_else(|| crate::NodeError::permanent("a worker was called without its payload"))
}
