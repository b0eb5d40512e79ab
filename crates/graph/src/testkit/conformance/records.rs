//! The records of the step in progress.

use std::sync::Arc;
use std::time::Duration;

use super::scribe::{CLAIM, LONG, STEAL, Scribe, assert_fails, name, note, record};
use crate::store::{Admin, At, Claim, Records, Store};

pub(super) async fn records_come_back_in_the_order_of_writing(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "order").await;
    scribe.steps(1).await;
    scribe.note("b", "task", "1").await;
    let two = vec![record(1, "c", "task", "2"), record(1, "a", "task", "3")];
    scribe.put(two).await.expect("stores both");
    scribe.note("a", "ask", "4").await;
    scribe.put(Vec::new()).await.expect("none at all is fine");
    let expected = [
        note("b", "task", "1"),
        note("c", "task", "2"),
        note("a", "task", "3"),
        note("a", "ask", "4"),
    ];
    assert_eq!(scribe.notes(At::Head).await, expected);
}

pub(super) async fn a_second_record_replaces_the_first_in_its_place(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "replaces").await;
    scribe.steps(1).await;
    for (path, slot, body) in [("a", "x", "1"), ("a", "y", "2"), ("b", "x", "3"), ("a", "x", "4")] {
        scribe.note(path, slot, body).await;
    }
    let twice = vec![record(1, "b", "x", "5"), record(1, "b", "x", "6")];
    scribe.put(twice).await.expect("also within one call");
    let expected = [note("a", "x", "4"), note("a", "y", "2"), note("b", "x", "6")];
    assert_eq!(scribe.notes(At::Head).await, expected);
}

pub(super) async fn records_are_loaded_with_their_base_alone(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "base").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    scribe.write(scribe.commit_of(vec![scribe.next("2")], Records::None)).await.expect("commits");
    scribe.note("a", "task", "2").await;
    assert_eq!(scribe.notes(At::Seq(1)).await, [note("a", "task", "1")]);
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "2")]);
    assert_eq!(scribe.load(At::Head).await.records, [record(2, "a", "task", "2")]);
}

pub(super) async fn put_writes_cleared_on_next_checkpoint(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "cleared").await;
    scribe.note("before", "task", "0").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    scribe.write(scribe.commit_of(vec![scribe.next("2")], Records::None)).await.expect("commits");
    scribe.note("a", "task", "2").await;
    scribe.steps(1).await;
    for at in [At::Seq(1), At::Seq(2), At::Head] {
        assert!(scribe.notes(at).await.is_empty(), "{at:?}: those of every base are done with");
    }
}

pub(super) async fn records_carried_hold_at_the_next_checkpoint(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "carried").await;
    scribe.steps(1).await;
    scribe.note("b", "ask", "1").await;
    scribe.note("a", "answer", "2").await;
    let mut two = vec![scribe.next("2")];
    two.push(super::scribe::checkpoint(3, 0, Some(2), "3"));
    scribe.write(scribe.commit_of(two, Records::Carry)).await.expect("commits");
    let expected = [note("b", "ask", "1"), note("a", "answer", "2")];
    assert_eq!(scribe.notes(At::Head).await, expected, "they move to the last one, in order");
    assert_eq!(scribe.load(At::Head).await.records[0].base, 3);
    assert!(scribe.notes(At::Seq(1)).await.is_empty(), "and away from the parent");
    scribe.note("c", "task", "3").await;
    assert_eq!(scribe.notes(At::Head).await.len(), 3, "others join them");
    let next = scribe.commit_of(vec![scribe.next("4")], Records::Carry);
    scribe.write(next).await.expect("they may be carried again");
    assert_eq!(scribe.notes(At::Head).await.len(), 3);
}

pub(super) async fn records_left_alone_stay_with_their_base(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "left").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "2").await;
    scribe.fork(1).await;
    let kept = [note("a", "task", "2")];
    assert_eq!(scribe.notes(At::Seq(2)).await, kept, "2 is above the fork's parent");
    assert!(scribe.notes(At::Head).await.is_empty());
}

pub(super) async fn records_may_come_before_the_first_checkpoint(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "before").await;
    scribe.note("a", "task", "1").await;
    assert_eq!(store.load(scribe.thread(), At::Head).await.expect("loads"), None);
    let first = scribe.commit_of(vec![scribe.next("1")], Records::Carry);
    scribe.write(first).await.expect("commits");
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "1")]);
}

pub(super) async fn a_record_ahead_of_the_head_is_refused(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "ahead").await;
    scribe.steps(1).await;
    let two = vec![record(1, "a", "task", "1"), record(2, "a", "task", "2")];
    assert_fails!(scribe.put(two).await, Missing, "there is no checkpoint 2");
    assert!(scribe.notes(At::Head).await.is_empty(), "nothing of the call is stored");
    let absent = Scribe::by_hand(store.clone(), "ahead/absent", 1);
    assert_fails!(absent.put(vec![record(1, "a", "b", "1")]).await, Missing, "nor any");
    let to = name("ahead/absent");
    let copy = Admin::Copy { from: scribe.thread().clone(), to };
    store.admin(copy).await.expect("a refused call makes no thread");
}

pub(super) async fn a_superseded_lease_stores_no_record(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "records fenced").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    store.claim(scribe.thread(), STEAL).await.expect("steals");
    let late = vec![record(1, "a", "task", "2"), record(1, "b", "task", "3")];
    assert_fails!(scribe.put(late).await, Fenced, "another has claimed it");
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "1")], "nothing is changed");
}

pub(super) async fn a_lapsed_lease_still_stores_records(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "records lapsed").await;
    scribe.steps(1).await;
    scribe.store.renew(&scribe.lease, Duration::ZERO).await.expect("renews");
    scribe.note("a", "task", "1").await;
    assert_eq!(scribe.notes(At::Head).await.len(), 1);
}

pub(super) async fn a_lease_made_by_hand_stores_records(store: Arc<dyn Store>) {
    let mut scribe = Scribe::by_hand(store.clone(), "records by hand", 5);
    scribe.note("a", "task", "1").await;
    let low = Claim { ttl: LONG, steal: true, epoch: Some(4) };
    assert_fails!(store.claim(scribe.thread(), low).await, Fenced, "the thread took epoch 5");
    scribe.steps(1).await;
    scribe.lease.epoch = 6;
    scribe.note("a", "task", "2").await;
    scribe.lease.epoch = 5;
    let late = scribe.put(vec![record(1, "a", "task", "3")]).await;
    assert_fails!(late, Fenced, "6 has been seen");
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "2")]);
    let lease = store.claim(scribe.thread(), CLAIM).await.expect("nobody holds it");
    assert_eq!(lease.epoch, 7);
}
