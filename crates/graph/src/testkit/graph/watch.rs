//! A store that counts the effects that begin.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::ThreadId;
use crate::store::{
    Admin, At, Claim, Commit, Lease, Loaded, Meta, Page, Record, Store, StoreFuture,
};

/// How often each effect was let begin, by its idempotency key.
pub(super) type Effects = Arc<Mutex<BTreeMap<String, usize>>>;

/// A store around another one.
pub(super) struct Watch<S> {
    pub(super) store: S,
    pub(super) effects: Effects,
}

/// The key of the effect that the record lets begin.
fn begun(record: &Record) -> Option<String> {
    if !record.slot.starts_with("once:") {
        return None;
    }
    let effect: Value = serde_json::from_str(&record.body).ok()?;
    (effect["stage"] == "begun").then(|| effect["key"].as_str().map(str::to_owned))?
}

impl<S: Store> Store for Watch<S> {
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease> {
        self.store.claim(thread, claim)
    }

    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()> {
        self.store.renew(lease, ttl)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()> {
        self.store.release(lease)
    }

    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let begun: Vec<String> = records.iter().filter_map(begun).collect();
            // An effect begins once it is told that this is stored.
            self.store.put(lease, records).await?;
            let mut effects = self.effects.lock().unwrap_or_else(PoisonError::into_inner);
            begun.into_iter().for_each(|key| *effects.entry(key).or_default() += 1);
            Ok(())
        })
    }

    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()> {
        self.store.commit(lease, commit)
    }

    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>> {
        self.store.load(thread, at)
    }

    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>> {
        self.store.history(thread, page)
    }

    fn admin(&self, op: Admin) -> StoreFuture<'_, ()> {
        self.store.admin(op)
    }
}
