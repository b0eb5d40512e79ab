//! What a graph works on: the typed state, and how updates enter it.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Step;

/// The typed state of a graph. Usually derived: `#[derive(State)]`.
///
/// Nodes never change the state. They read a snapshot and return an update; the graph merges the
/// updates of a step together, in an order that does not depend on which node was faster: nodes by
/// name, then workers by the order in which they were sent.
pub trait State: Clone + Send + Sync + 'static {
    /// What a node returns. Its default changes nothing.
    type Update: Into<Step<Self>> + Clone + Default + Send + Sync + 'static;
    /// What nodes need from outside: clients, clocks, settings. `()` if nothing.
    type Context: Send + Sync + 'static;
    /// What nodes emit while they run, beside tokens. `()` if nothing.
    type Event: Send + 'static;

    /// The version of the state's stored form. Raise it when fields change, and say in
    /// [`Durable::migrate`] how older ones are read.
    const VERSION: u32 = 1;
    /// The fields, in the order of their bits in a [`FieldSet`]; at most [`FieldSet::MAX`].
    const FIELDS: &'static [Field] = &[];

    /// Called once at each barrier, before the step's updates: forgets what lives for one step.
    fn begin_step(&mut self) {}

    /// Merges one update.
    ///
    /// # Errors
    /// [`ReduceError`] when a reducer refuses the value; the run then fails and the step is not
    /// committed.
    fn apply(&mut self, update: Self::Update) -> Result<(), ReduceError>;

    /// Which fields the update writes, and how. The default claims none, so every update can be
    /// merged with every other.
    fn writes(update: &Self::Update) -> Writes {
        let _ = update;
        Writes::default()
    }

    /// Drops the update's values for `fields`: another node of the step overwrites them.
    fn forget(update: &mut Self::Update, fields: FieldSet) {
        let _ = (update, fields);
    }

    /// Takes out of the update what [`Self::begin_step`] would forget; `None` if it has nothing of
    /// that. Where a step is stopped, it is kept for what comes behind the step; the default keeps
    /// nothing.
    fn take_ephemeral(update: &mut Self::Update) -> Option<Self::Update> {
        let _ = update;
        None
    }
}

/// A state that can be stored. Derived along with [`State`], unless it is `transient`; by hand it
/// is `impl Durable for MyState {}`.
///
/// It is stored as JSON, which has no NaN and no infinities: what would store one fails, with
/// [`GraphError::Encode`](crate::GraphError::Encode) where a node returned it.
pub trait Durable:
    State<Update: Serialize + DeserializeOwned> + Serialize + DeserializeOwned
{
    /// Turns what version `from` stored into what this version reads. `part` says whether it is a
    /// whole state or an update; both are JSON objects keyed by field.
    ///
    /// # Errors
    /// Why it cannot be read. The default reads no other version.
    fn migrate(
        from: u32,
        part: Part,
        value: serde_json::Value,
    ) -> Result<serde_json::Value, String> {
        let _ = (part, value);
        Err(format!("version {from} is stored, version {} is known; no migration", Self::VERSION))
    }
}

/// What is being migrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A whole state.
    State,
    /// One update.
    Update,
}

/// A field of a state: what diffs and pictures know of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// How values enter it.
    pub reducer: Reducer,
    /// Its Rust type, as written.
    pub ty: &'static str,
    /// Whether it lives for one step only.
    pub ephemeral: bool,
}

/// How values enter a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reducer {
    /// One writer a step; a second is a conflict.
    Set,
    /// Several writers a step; the last in the order of merging stays.
    Last,
    /// Values are added at the end.
    Append,
    /// A function of the state's own, by name.
    Custom(&'static str),
}

impl fmt::Display for Reducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Set => "set",
            Self::Last => "last",
            Self::Append => "append",
            Self::Custom(name) => name,
        })
    }
}

/// A set of fields, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(pub u64);

impl FieldSet {
    /// How many fields a state can have.
    pub const MAX: usize = 64;

    /// The field at `index` of [`State::FIELDS`], if `present`.
    #[must_use]
    pub const fn with(self, index: u32, present: bool) -> Self {
        Self(self.0 | ((present as u64) << index))
    }

    /// Whether the field at `index` is in the set.
    pub const fn has(self, index: u32) -> bool {
        self.0 & (1 << index) != 0
    }

    /// Whether no field is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The fields in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The lowest field's index.
    pub const fn first(self) -> Option<u32> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros()) }
    }
}

/// Which fields an update writes, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Writes {
    /// Fields it sets that only one node may set in a step.
    pub exclusive: FieldSet,
    /// Fields it overwrites, past their reducer: the other nodes' values of the step are dropped.
    pub overwrite: FieldSet,
}

impl Writes {
    /// What either writes.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            exclusive: self.exclusive.or(other.exclusive),
            overwrite: self.overwrite.or(other.overwrite),
        }
    }
}

/// A reducer refused a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` refuses the value: {reason}")]
pub struct ReduceError {
    /// The field.
    pub field: &'static str,
    /// Why.
    pub reason: String,
}
