//! What workers run on: payloads, typed for the worker and erased for the engine.

use std::any::Any;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::Finite;

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
        serde_json::to_string(&Finite(self))
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

/// A payload's type as pictures and comparisons name it: without modules, which may move.
pub(crate) fn type_name<P>() -> String {
    let mut name = String::new();
    for part in
        std::any::type_name::<P>().split_inclusive(|c: char| !c.is_alphanumeric() && c != '_')
    {
        if part == ":" {
            // The second colon of a path: what came before was a module.
            let end = name.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            name.truncate(end.map_or(0, |end| end + 1));
        } else {
            name.push_str(part);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::type_name;

    #[test]
    fn type_names_have_no_modules() {
        assert_eq!(type_name::<u32>(), "u32");
        assert_eq!(type_name::<std::time::Duration>(), "Duration");
        assert_eq!(type_name::<Vec<Option<std::time::Duration>>>(), "Vec<Option<Duration>>");
        assert_eq!(type_name::<(String, [u8; 4])>(), "(String, [u8; 4])");
        assert_eq!(type_name::<crate::Failure>(), "Failure");
    }
}
