//! Appending to the log.

use std::sync::Arc;
use std::time::Duration;

use super::scribe::{CLAIM, STEAL, Scribe, assert_fails, checkpoint, history, note};
use crate::store::{At, Checkpoint, Claim, Commit, Head, Records, Source, Store};

pub(super) async fn a_commit_makes_the_thread_that_is_not_there(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "first").await;
    let first = Checkpoint { source: Source::Update, step: 9, ..scribe.next("{\"a\":1}") };
    scribe.write(scribe.commit_of(vec![first.clone()], Records::None)).await.expect("commits");
    let loaded = scribe.load(At::Head).await;
    assert_eq!(loaded.head, Head { seq: 1, branch: 0, last: 1, last_branch: 0 });
    assert_eq!(loaded.line, [first], "it comes back as it was given");
    assert!(loaded.records.is_empty());
}

pub(super) async fn a_lease_made_by_hand_commits_and_gives_its_epoch(store: Arc<dyn Store>) {
    let mut scribe = Scribe::by_hand(store.clone(), "by hand", 5);
    scribe.steps(2).await;
    let low = Claim { epoch: Some(4), ..STEAL };
    assert_fails!(store.claim(scribe.thread(), low).await, Fenced, "the thread took epoch 5");
    scribe.lease.epoch = 9;
    scribe.steps(1).await;
    scribe.lease.epoch = 8;
    assert_fails!(scribe.write(scribe.commit("4")).await, Fenced, "9 has been seen");
    let lease = store.claim(scribe.thread(), CLAIM).await.expect("nobody holds it");
    assert_eq!((lease.epoch, lease.head.map(|head| head.seq)), (10, Some(3)));
}

pub(super) async fn a_commit_moves_the_head_only_from_where_it_expects_it(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "expects").await;
    let first = scribe.commit("1");
    scribe.steps(2).await;
    assert_fails!(store.commit(&scribe.lease, first).await, Moved, "it expects no head");
    let behind = Commit {
        checkpoints: vec![checkpoint(2, 0, Some(1), "again")],
        expected: Some(1),
        records: Records::Clear,
    };
    scribe.note("a", "task", "1").await;
    assert_fails!(store.commit(&scribe.lease, behind).await, Moved, "it expects 1");
    let ahead = Commit {
        checkpoints: vec![checkpoint(8, 0, Some(7), "8")],
        expected: Some(7),
        records: Records::Clear,
    };
    assert_fails!(store.commit(&scribe.lease, ahead.clone()).await, Moved, "it expects 7");
    let absent = Scribe::by_hand(store.clone(), "expects/absent", 1);
    assert_fails!(store.commit(&absent.lease, ahead).await, Moved, "there is no thread");
    let loaded = scribe.load(At::Head).await;
    let bodies: Vec<_> = loaded.line.iter().map(|checkpoint| checkpoint.body.as_str()).collect();
    assert_eq!((loaded.head.seq, bodies), (2, vec!["1", "2"]), "nothing is changed");
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "1")]);
    scribe.steps(1).await;
}

pub(super) async fn a_superseded_lease_commits_nothing(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "fenced").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    let thief = store.claim(scribe.thread(), STEAL).await.expect("steals");
    assert_fails!(scribe.write(scribe.commit("late")).await, Fenced, "another has claimed it");
    assert_eq!(scribe.line(At::Head).await, [1], "nothing is changed");
    assert_eq!(scribe.notes(At::Head).await.len(), 1);
    store.release(&thief).await.expect("releases");
    assert_fails!(scribe.write(scribe.commit("late")).await, Fenced, "also after the release");
    scribe.lease = thief;
    scribe.steps(1).await;
    assert_eq!(scribe.line(At::Head).await, [1, 2]);
}

pub(super) async fn a_lapsed_lease_still_commits(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "lapsed").await;
    store.renew(&scribe.lease, Duration::ZERO).await.expect("renews");
    scribe.steps(2).await;
    assert_eq!(scribe.line(At::Head).await, [1, 2]);
}

pub(super) async fn several_checkpoints_are_committed_at_once(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "several").await;
    scribe.steps(1).await;
    scribe.note("a", "task", "1").await;
    let three = vec![
        checkpoint(2, 0, Some(1), "two"),
        Checkpoint { snapshot: Some("all".into()), ..checkpoint(3, 0, Some(2), "three") },
        checkpoint(4, 0, Some(3), "four"),
    ];
    scribe.write(scribe.commit_of(three.clone(), Records::Clear)).await.expect("commits");
    let loaded = scribe.load(At::Head).await;
    assert_eq!(loaded.line, three[1..]);
    assert_eq!(loaded.head.seq, 4);
    assert_eq!(history(&*store, scribe.thread()).await, [4, 3, 2, 1]);
    assert!(scribe.notes(At::Seq(1)).await.is_empty(), "the step's records are done with");
}

pub(super) async fn a_fork_begins_at_a_checkpoint_that_is_there(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "fork").await;
    scribe.steps(5).await;
    assert_eq!(scribe.fork(2).await, 6);
    assert_eq!(scribe.fork(6).await, 7, "a fork of a fork");
    assert_eq!(scribe.fork(4).await, 8, "and one of the first branch again");
    let head = scribe.load(At::Head).await.head;
    assert_eq!(head, Head { seq: 8, branch: 3, last: 8, last_branch: 3 });
    scribe.prune(4, "\"4\"").await.expect("prunes");
    let mut lost = scribe.next("\"fork\"");
    (lost.parent, lost.branch) = (Some(2), 4);
    let fork = scribe.commit_of(vec![lost], Records::Clear);
    assert_fails!(scribe.write(fork).await, Missing, "2 is gone");
    assert_eq!(scribe.load(At::Head).await.head, head, "nothing is changed");
}

pub(super) async fn the_highest_branch_is_remembered(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "highest branch").await;
    scribe.steps(2).await;
    scribe.fork(1).await;
    let mut back = scribe.next("\"back\"");
    (back.parent, back.branch) = (Some(2), 0);
    scribe.write(scribe.commit_of(vec![back], Records::Clear)).await.expect("goes on with 0");
    let head = scribe.load(At::Head).await.head;
    assert_eq!(head, Head { seq: 4, branch: 0, last: 4, last_branch: 1 });
    assert_eq!(scribe.line(At::Head).await, [1, 2, 4]);
}

pub(super) async fn what_does_not_hold_together_is_refused(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "malformed").await;
    scribe.steps(3).await;
    for (why, checkpoints) in [
        ("none", vec![]),
        ("a number below the next", vec![checkpoint(3, 0, Some(3), "x")]),
        ("a number above the next", vec![checkpoint(5, 0, Some(3), "x")]),
        ("no parent", vec![checkpoint(4, 0, None, "x")]),
        ("itself as its parent", vec![checkpoint(4, 0, Some(4), "x")]),
        ("parent 0", vec![checkpoint(4, 0, Some(0), "x")]),
        ("a gap", vec![checkpoint(4, 0, Some(3), "x"), checkpoint(6, 0, Some(4), "x")]),
        ("not a chain", vec![checkpoint(4, 0, Some(3), "x"), checkpoint(5, 0, Some(3), "x")]),
        ("U+0000", vec![checkpoint(4, 0, Some(3), "\"\0\"")]),
    ] {
        let commit = scribe.commit_of(checkpoints, Records::Clear);
        assert_fails!(scribe.store.commit(&scribe.lease, commit).await, Malformed, why);
    }
    assert_eq!(scribe.line(At::Head).await, [1, 2, 3], "nothing is changed");
}
