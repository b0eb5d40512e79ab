//! Which fields a task wrote in a step that was stopped: its siblings may not write them either
//! when they go on.

use serde::{Deserialize, Serialize};

use crate::{FieldSet, State, Writes};

/// Fields by name: a field may have another place in a later version.
#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// Those that only one task may set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    x: Vec<String>,
    /// Those that were overwritten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    o: Vec<String>,
}

impl Claim {
    pub(crate) fn of<S: State>(writes: Writes) -> Self {
        let names = |set: FieldSet| {
            let fields = (0u32..).zip(S::FIELDS).filter(|(at, _)| set.has(*at));
            fields.map(|(_, field)| field.name.to_owned()).collect()
        };
        Self { x: names(writes.exclusive), o: names(writes.overwrite) }
    }

    /// The fields that there are still.
    pub(crate) fn writes<S: State>(&self) -> Writes {
        let set = |names: &[String]| {
            (0u32..).zip(S::FIELDS).fold(FieldSet::default(), |set, (at, field)| {
                set.with(at, names.iter().any(|name| name == field.name))
            })
        };
        Writes { exclusive: set(&self.x), overwrite: set(&self.o) }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.x.is_empty() && self.o.is_empty()
    }
}
