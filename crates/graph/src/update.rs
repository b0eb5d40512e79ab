//! The parts of derived updates: one for each reducer. `#[derive(State)]` builds an update of them.
//!
//! Stored as JSON: a set value as itself; what is appended or merged as `{"+": …}`, with what it
//! overwrites as `{"=": …}` before it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ReduceError;

/// A value that replaces the field's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set<T>(pub Option<T>);

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Set<T> {
    /// Whether nothing is set.
    pub const fn is_unset(&self) -> bool {
        self.0.is_none()
    }

    /// Puts the value into the field.
    pub fn enter(self, field: &mut T) {
        if let Some(value) = self.0 {
            *field = value;
        }
    }
}

impl<T: Serialize> Serialize for Set<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Set<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A null is a value of its own here: an absent field is what is unset.
        T::deserialize(deserializer).map(|value| Self(Some(value)))
    }
}

/// What `append` can grow.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be appended to",
    note = "`append` needs `update::Growing`; `#[reduce(with = path)]` merges in a way of its own"
)]
pub trait Growing: Default {
    /// What is added.
    type Item;
    /// Adds one at the end.
    fn push(&mut self, item: Self::Item);
    /// Adds all of `later` at the end.
    fn join(&mut self, later: Self);
    /// Whether nothing is in it.
    fn is_blank(&self) -> bool;
}

impl<T> Growing for Vec<T> {
    type Item = T;
    fn push(&mut self, item: T) {
        Self::push(self, item);
    }
    fn join(&mut self, mut later: Self) {
        self.append(&mut later);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T> Growing for VecDeque<T> {
    type Item = T;
    fn push(&mut self, item: T) {
        self.push_back(item);
    }
    fn join(&mut self, mut later: Self) {
        self.append(&mut later);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl Growing for String {
    type Item = Self;
    fn push(&mut self, item: Self) {
        self.push_str(&item);
    }
    fn join(&mut self, later: Self) {
        self.push_str(&later);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<K: Ord, V> Growing for BTreeMap<K, V> {
    type Item = (K, V);
    fn push(&mut self, (key, value): (K, V)) {
        self.insert(key, value);
    }
    fn join(&mut self, later: Self) {
        self.extend(later);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

impl<T: Ord> Growing for BTreeSet<T> {
    type Item = T;
    fn push(&mut self, item: T) {
        self.insert(item);
    }
    fn join(&mut self, later: Self) {
        self.extend(later);
    }
    fn is_blank(&self) -> bool {
        self.is_empty()
    }
}

/// Values that are added to a field: stored as what is added, not as the whole.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(bound(
    serialize = "T: Growing + Serialize",
    deserialize = "T: Growing + Deserialize<'de>"
))]
pub struct Append<T> {
    /// What the field is replaced with first.
    #[serde(rename = "=", default = "unset", skip_serializing_if = "Set::is_unset")]
    overwrite: Set<T>,
    #[serde(rename = "+", default, skip_serializing_if = "Growing::is_blank")]
    added: T,
}

const fn unset<T>() -> Set<T> {
    Set(None)
}

impl<T> Append<T> {
    /// Whether it replaces the field.
    pub const fn overwrites(&self) -> bool {
        !self.overwrite.is_unset()
    }
}

impl<T: Growing> Append<T> {
    /// Adds one.
    pub fn push(&mut self, item: T::Item) {
        self.added.push(item);
    }

    /// Replaces the field, and what was added so far.
    pub fn overwrite(&mut self, whole: T) {
        self.overwrite = Set(Some(whole));
        self.added = T::default();
    }

    /// Whether it changes nothing.
    pub fn is_unset(&self) -> bool {
        self.overwrite.is_unset() && self.added.is_blank()
    }

    /// Puts the values into the field.
    pub fn enter(self, field: &mut T) {
        self.overwrite.enter(field);
        field.join(self.added);
    }
}

/// Values that a function of the state's own merges into a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge<T, U> {
    /// What the field is replaced with first.
    #[serde(rename = "=", default = "unset", skip_serializing_if = "Set::is_unset")]
    overwrite: Set<T>,
    #[serde(rename = "+", default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    parts: Vec<U>,
}

impl<T, U> Default for Merge<T, U> {
    fn default() -> Self {
        Self { overwrite: unset(), parts: Vec::new() }
    }
}

impl<T, U> Merge<T, U> {
    /// Adds a value to merge.
    pub fn push(&mut self, part: U) {
        self.parts.push(part);
    }

    /// Replaces the field, and what was to be merged so far.
    pub fn overwrite(&mut self, whole: T) {
        self.overwrite = Set(Some(whole));
        self.parts.clear();
    }

    /// Whether it changes nothing.
    pub const fn is_unset(&self) -> bool {
        self.overwrite.is_unset() && self.parts.is_empty()
    }

    /// Whether it replaces the field.
    pub const fn overwrites(&self) -> bool {
        !self.overwrite.is_unset()
    }

    /// Merges the values into the field, one after the other.
    ///
    /// # Errors
    /// What `reduce` refuses, with the field's name.
    pub fn enter<R: Reduced>(
        self,
        name: &'static str,
        field: &mut T,
        reduce: impl Fn(&mut T, U) -> R,
    ) -> Result<(), ReduceError> {
        self.overwrite.enter(field);
        for part in self.parts {
            reduce(field, part)
                .refusal()
                .map_or(Ok(()), |reason| Err(ReduceError { field: name, reason }))?;
        }
        Ok(())
    }
}

/// What a reducer may return: `()`, or a `Result<(), E>` when it can refuse a value.
#[diagnostic::on_unimplemented(message = "a reducer returns `()` or `Result<(), E>`, not `{Self}`")]
pub trait Reduced {
    /// Why the value was refused.
    fn refusal(self) -> Option<String>;
}

impl Reduced for () {
    fn refusal(self) -> Option<String> {
        None
    }
}

impl<E: Display> Reduced for Result<(), E> {
    fn refusal(self) -> Option<String> {
        self.err().map(|error| error.to_string())
    }
}
