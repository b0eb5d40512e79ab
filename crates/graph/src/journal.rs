//! The notes of the step in progress, and the way to the store.
//!
//! Notes are kept in memory while the step lasts, also without a store: a second attempt of a node
//! must find the effects of the first. With a store they are durable before whoever made them goes
//! on.

mod deltas;
mod text;
mod writer;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use text::{Text, Unstored};
pub(crate) use writer::{AnyState, Next, Writer};

use crate::Durability;
use crate::codec::Finite;
use crate::store::{Record, Seq};

/// A note's place: the task's path with its scope, and which of its notes.
pub(crate) type Place = (String, String);

struct Notes {
    kept: Mutex<BTreeMap<Place, Text>>,
    /// Spares the lock where there is none: most steps make no note.
    any: AtomicBool,
    writer: Option<Arc<Writer>>,
}

/// The notes as one graph sees them: a nested graph's are under its node and step.
#[derive(Clone)]
pub(crate) struct Journal {
    notes: Arc<Notes>,
    scope: Arc<str>,
}

impl Journal {
    pub(crate) fn new(writer: Option<Arc<Writer>>, records: Vec<Record>) -> Self {
        let any = AtomicBool::new(!records.is_empty());
        let kept = records.into_iter().map(|note| ((note.path, note.slot), Text::Made(note.body)));
        let kept = kept.collect();
        let notes = Arc::new(Notes { kept: Mutex::new(kept), any, writer });
        Self { notes, scope: Arc::default() }
    }

    /// The notes of the graph that runs in the task at `path` of this graph's step `step`.
    pub(crate) fn nested(&self, step: u32, path: &str) -> Self {
        Self { notes: Arc::clone(&self.notes), scope: self.full_path(step, path).into() }
    }

    pub(crate) fn writer(&self) -> Option<&Arc<Writer>> {
        self.notes.writer.as_ref()
    }

    /// Whether what is stored is stored at once.
    pub(crate) fn is_synced(&self) -> bool {
        self.writer().is_some_and(|writer| writer.durability() == Durability::Sync)
    }

    /// The checkpoint that the step of the outermost graph starts from; 0 without a thread.
    pub(crate) fn base(&self) -> Seq {
        self.writer().and_then(|writer| writer.head()).unwrap_or(0)
    }

    /// A task's place: its path, under those of the tasks and steps it is nested in. The outermost
    /// graph's step needs no number: its notes belong to a checkpoint.
    pub(crate) fn full_path(&self, step: u32, path: &str) -> String {
        let scope = &self.scope;
        if scope.is_empty() { path.to_owned() } else { format!("{scope}:{step}/{path}") }
    }

    /// Whether there is any note.
    pub(crate) fn is_blank(&self) -> bool {
        !self.notes.any.load(Ordering::Acquire)
    }

    pub(crate) fn find(
        &self,
        step: u32,
        path: &str,
        slot: &str,
    ) -> Result<Option<String>, Unstored> {
        if self.is_blank() {
            return Ok(None);
        }
        let found = self.kept().get(&(self.full_path(step, path), slot.to_owned())).cloned();
        found.map(Text::make).transpose()
    }

    /// All notes whose slot begins with `slot`, in the order of path and slot.
    pub(crate) fn all(&self, slot: &str) -> Vec<(Place, Text)> {
        if self.is_blank() {
            return Vec::new();
        }
        let kept = self.kept();
        let of_kind = kept.iter().filter(|((_, name), _)| name.starts_with(slot));
        of_kind.map(|(place, body)| (place.clone(), body.clone())).collect()
    }

    /// Makes a note, or replaces it; returns once it is durable.
    pub(crate) async fn put(
        &self,
        step: u32,
        path: &str,
        slot: &str,
        body: String,
    ) -> Result<(), Unstored> {
        self.put_at(self.full_path(step, path), slot.to_owned(), body).await
    }

    /// The same for a place that [`Self::all`] gave.
    pub(crate) async fn put_at(
        &self,
        path: String,
        slot: String,
        body: String,
    ) -> Result<(), Unstored> {
        self.put_all(vec![((path, slot), body)]).await
    }

    /// The same for several, all or none.
    pub(crate) async fn put_all(&self, notes: Vec<(Place, String)>) -> Result<(), Unstored> {
        for ((path, slot), body) in notes {
            self.note(path, slot, Text::Made(body));
        }
        match self.writer() {
            None => Ok(()),
            Some(writer) => Writer::flush_surely(writer).await,
        }
    }

    /// Makes a note that becomes durable with what is written next.
    pub(crate) fn put_later(&self, step: u32, path: &str, slot: &str, body: Text) {
        self.note(self.full_path(step, path), slot.to_owned(), body);
    }

    /// Makes a note that is never stored as one: for whoever ends this step in the run.
    pub(crate) fn hold(&self, step: u32, path: &str, slot: &str, body: Text) {
        self.kept().insert((self.full_path(step, path), slot.to_owned()), body);
        self.notes.any.store(true, Ordering::Release);
    }

    fn note(&self, path: String, slot: String, body: Text) {
        self.kept().insert((path.clone(), slot.clone()), body.clone());
        self.notes.any.store(true, Ordering::Release);
        if let Some(writer) = self.writer() {
            writer.note(path, slot, body);
        }
    }

    /// Forgets all notes in memory: their step is committed.
    pub(crate) fn clear(&self) {
        if self.notes.any.swap(false, Ordering::AcqRel) {
            self.kept().clear();
        }
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<Place, Text>> {
        self.notes.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Encodes a note.
pub(crate) fn encode<T: serde::Serialize>(path: &Arc<str>, body: &T) -> Result<String, Unstored> {
    serde_json::to_string(&Finite(body)).map_err(|error| Unstored::encode(path, error))
}
