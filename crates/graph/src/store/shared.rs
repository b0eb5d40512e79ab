//! A shared store is a store.

use std::sync::Arc;
use std::time::Duration;

use super::{
    Admin, At, Claim, Commit, Lease, Loaded, Meta, Page, Record, Store, StoreFuture, ThreadId,
};

impl<S: Store + ?Sized> Store for Arc<S> {
    fn claim<'a>(&'a self, thread: &'a ThreadId, claim: Claim) -> StoreFuture<'a, Lease> {
        (**self).claim(thread, claim)
    }

    fn renew<'a>(&'a self, lease: &'a Lease, ttl: Duration) -> StoreFuture<'a, ()> {
        (**self).renew(lease, ttl)
    }

    fn release<'a>(&'a self, lease: &'a Lease) -> StoreFuture<'a, ()> {
        (**self).release(lease)
    }

    fn put<'a>(&'a self, lease: &'a Lease, records: Vec<Record>) -> StoreFuture<'a, ()> {
        (**self).put(lease, records)
    }

    fn commit<'a>(&'a self, lease: &'a Lease, commit: Commit) -> StoreFuture<'a, ()> {
        (**self).commit(lease, commit)
    }

    fn load<'a>(&'a self, thread: &'a ThreadId, at: At) -> StoreFuture<'a, Option<Loaded>> {
        (**self).load(thread, at)
    }

    fn history<'a>(&'a self, thread: &'a ThreadId, page: Page) -> StoreFuture<'a, Vec<Meta>> {
        (**self).history(thread, page)
    }

    fn admin(&self, op: Admin) -> StoreFuture<'_, ()> {
        (**self).admin(op)
    }
}
