//! Who may write.

use std::sync::Arc;
use std::time::Duration;

use super::scribe::{CLAIM, LONG, STEAL, Scribe, assert_fails, history, name};
use crate::store::{At, Claim, Head, Lease, Store};

pub(super) async fn a_new_thread_is_claimed_without_a_head(store: Arc<dyn Store>) {
    let thread = name("new");
    let lease = store.claim(&thread, CLAIM).await.expect("a new thread is free");
    assert_eq!(lease, Lease { thread: thread.clone(), epoch: 1, head: None });
    assert_eq!(store.load(&thread, At::Head).await.expect("loads"), None);
    assert!(history(&*store, &thread).await.is_empty());
}

pub(super) async fn a_claim_tells_where_the_thread_stands(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "stands").await;
    scribe.steps(3).await;
    let lease = store.claim(scribe.thread(), STEAL).await.expect("steals");
    assert_eq!(lease.head, Some(Head { seq: 3, branch: 0, last: 3, last_branch: 0 }));
    scribe.lease = lease;
    scribe.fork(2).await;
    scribe.steps(1).await;
    let lease = store.claim(scribe.thread(), STEAL).await.expect("steals");
    let head = Head { seq: 5, branch: 1, last: 5, last_branch: 1 };
    assert_eq!(lease.head, Some(head));
    assert_eq!(scribe.load(At::Seq(3)).await.head, head, "as a load does");
}

pub(super) async fn a_held_thread_is_busy_until_its_lease_lapses(store: Arc<dyn Store>) {
    let thread = name("held");
    store.claim(&thread, CLAIM).await.expect("free");
    assert_fails!(store.claim(&thread, CLAIM).await, Busy, "another's lease holds");
    let at_once = Claim { ttl: Duration::ZERO, ..STEAL };
    let lapsed = store.claim(&thread, at_once).await.expect("steals");
    let lease = store.claim(&thread, CLAIM).await.expect("a lapsed lease holds nothing");
    assert!(lease.epoch > lapsed.epoch, "the epoch rises with each claim");
}

pub(super) async fn a_held_thread_can_be_stolen(store: Arc<dyn Store>) {
    let thread = name("stolen");
    let first = store.claim(&thread, CLAIM).await.expect("free");
    let second = store.claim(&thread, STEAL).await.expect("steals");
    assert!(second.epoch > first.epoch, "the epoch rises with each claim");
    assert_fails!(store.claim(&thread, CLAIM).await, Busy, "the thief's lease holds");
}

pub(super) async fn a_released_thread_is_free(store: Arc<dyn Store>) {
    let thread = name("released");
    let first = store.claim(&thread, CLAIM).await.expect("free");
    store.release(&first).await.expect("releases");
    store.release(&first).await.expect("a second time is no error");
    let second = store.claim(&thread, CLAIM).await.expect("free again");
    assert!(second.epoch > first.epoch, "the epoch rises after a release too");
    let nobodys = Lease { thread: name("released/never seen"), epoch: 1, head: None };
    store.release(&nobodys).await.expect("there is nothing to give back");
}

pub(super) async fn a_renewed_lease_holds(store: Arc<dyn Store>) {
    let thread = name("renewed");
    let at_once = Claim { ttl: Duration::ZERO, ..CLAIM };
    let lease = store.claim(&thread, at_once).await.expect("free");
    store.renew(&lease, LONG).await.expect("nobody has claimed it since");
    assert_fails!(store.claim(&thread, CLAIM).await, Busy, "the renewed lease holds");
    store.renew(&lease, Duration::ZERO).await.expect("renews");
    store.claim(&thread, CLAIM).await.expect("it lapsed after the new time");
}

pub(super) async fn a_superseded_lease_is_neither_renewed_nor_released(store: Arc<dyn Store>) {
    let thread = name("superseded");
    let old = store.claim(&thread, CLAIM).await.expect("free");
    let new = store.claim(&thread, STEAL).await.expect("steals");
    assert_fails!(store.renew(&old, LONG).await, Fenced, "another has claimed it");
    store.release(&old).await.expect("no error: there is nothing to give back");
    assert_fails!(store.claim(&thread, CLAIM).await, Busy, "the new lease still holds");
    store.renew(&new, LONG).await.expect("the new one is renewed");
}

pub(super) async fn an_outer_epoch_counts_as_stealing(store: Arc<dyn Store>) {
    let thread = name("outer");
    let outer = |epoch| Claim { epoch: Some(epoch), ..CLAIM };
    store.claim(&thread, CLAIM).await.expect("free");
    let lease = store.claim(&thread, outer(7)).await.expect("counts as stealing");
    assert_eq!(lease.epoch, 7);
    let again = store.claim(&thread, outer(7)).await.expect("the same one may come again");
    assert_eq!(again.epoch, 7);
    let next = store.claim(&thread, STEAL).await.expect("steals");
    assert_eq!(next.epoch, 8, "the next one without an outer epoch");
    let first = store.claim(&name("outer/new"), outer(40)).await.expect("free");
    assert_eq!(first.epoch, 40, "also of a new thread");
}

pub(super) async fn a_lower_outer_epoch_is_fenced(store: Arc<dyn Store>) {
    let thread = name("lower");
    let outer = |epoch| Claim { epoch: Some(epoch), ..STEAL };
    let held = store.claim(&thread, outer(7)).await.expect("free");
    assert_fails!(store.claim(&thread, outer(6)).await, Fenced, "7 has been seen");
    store.renew(&held, LONG).await.expect("the holder still holds it");
    store.release(&held).await.expect("releases");
    assert_fails!(store.claim(&thread, outer(6)).await, Fenced, "and is not forgotten");
    let none = Claim { epoch: Some(u64::MAX), ..CLAIM };
    assert_fails!(store.claim(&thread, none).await, Malformed, "no store can count on from it");
}

pub(super) async fn threads_are_claimed_apart(store: Arc<dyn Store>) {
    store.claim(&name("apart/a"), CLAIM).await.expect("free");
    store.claim(&name("apart/b"), CLAIM).await.expect("free");
    store.claim(&name("apart/A"), CLAIM).await.expect("names differ by case");
}
