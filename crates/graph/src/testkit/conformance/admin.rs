//! Deleting, copying, pruning.

use std::sync::Arc;

use super::scribe::{CLAIM, STEAL, Scribe, assert_fails, history, name, note};
use crate::store::{Admin, At, Lease, Store};

pub(super) async fn a_deleted_thread_is_gone_with_everything(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "deleted").await;
    let mut other = Scribe::claim(store.clone(), "deleted/other").await;
    other.steps(2).await;
    other.note("a", "task", "1").await;
    scribe.steps(3).await;
    scribe.note("a", "task", "1").await;
    let delete = Admin::Delete { thread: scribe.thread().clone(), lease: None };
    store.admin(delete.clone()).await.expect("deletes");
    assert_eq!(store.load(scribe.thread(), At::Head).await.expect("loads"), None);
    assert!(history(&*store, scribe.thread()).await.is_empty());
    store.admin(delete).await.expect("a thread that is not there is no error");
    let mut again = Scribe::claim(store, "deleted").await;
    assert_eq!(again.lease.head, None);
    again.steps(3).await;
    assert!(again.notes(At::Head).await.is_empty(), "a new thread finds nothing of the old one");
    assert_eq!(other.line(At::Head).await, [1, 2], "other threads are left alone");
    assert_eq!(other.notes(At::Head).await.len(), 1);
}

pub(super) async fn a_superseded_lease_deletes_nothing(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "delete refused").await;
    scribe.steps(2).await;
    let delete = |lease: &Lease| Admin::Delete {
        thread: name("delete refused"),
        lease: Some(lease.clone()),
    };
    let new = store.claim(scribe.thread(), STEAL).await.expect("steals");
    let refused = store.admin(delete(&scribe.lease)).await;
    assert_fails!(refused, Fenced, "another has claimed it");
    assert_eq!(scribe.line(At::Head).await, [1, 2], "nothing is changed");
    let other = Lease { thread: name("delete refused/other"), ..new.clone() };
    assert_fails!(store.admin(delete(&other)).await, Malformed, "it is another thread's lease");
    store.admin(delete(&new)).await.expect("whoever holds it deletes it");
    assert_eq!(store.load(scribe.thread(), At::Head).await.expect("loads"), None);
    store.admin(delete(&scribe.lease)).await.expect("there is nothing to be fenced from");
}

pub(super) async fn a_copy_is_whole_and_independent(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "copied").await;
    scribe.steps(2).await;
    scribe.snapshot("3", "\"up to 3\"").await;
    scribe.fork(2).await;
    scribe.note("b", "task", "1").await;
    scribe.note("a", "ask", "2").await;
    let before = scribe.load(At::Head).await;
    let (from, to) = (scribe.thread().clone(), name("copied/copy"));
    store.admin(Admin::Copy { from, to: to.clone() }).await.expect("copies");
    let loaded = store.load(&to, At::Head).await.expect("loads");
    assert_eq!(loaded, Some(before.clone()), "head, line and records");
    let side = store.load(&to, At::Seq(3)).await.expect("loads").expect("is there");
    assert_eq!(side.line, scribe.load(At::Seq(3)).await.line, "and the other branch");
    assert_eq!(history(&*store, &to).await, [4, 3, 2, 1]);

    scribe.steps(1).await;
    let unchanged = store.load(&to, At::Head).await.expect("loads");
    assert_eq!(unchanged, Some(before), "what happens to the first does not happen to the copy");
    let lease = store.claim(&to, CLAIM).await.expect("nobody holds the copy");
    assert_eq!(lease.head.map(|head| head.seq), Some(4));
    scribe.lease = lease;
    scribe.head = Some(4);
    scribe.snapshot("\"of the copy\"", "\"s\"").await;
    let delete = Admin::Delete { thread: name("copied"), lease: None };
    store.admin(delete).await.expect("deletes");
    assert_eq!(scribe.line(At::Head).await, [5], "and the copy outlives the first");
    assert_eq!(scribe.line(At::Seq(4)).await, [1, 2, 4]);
}

pub(super) async fn a_copy_needs_a_source_and_a_free_name(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "source").await;
    scribe.steps(1).await;
    let mut taken = Scribe::claim(store.clone(), "source/taken").await;
    taken.steps(2).await;
    let copy = async |from: &str, to: &str| {
        store.admin(Admin::Copy { from: name(from), to: name(to) }).await
    };
    assert_fails!(copy("source", "source/taken").await, Exists, "the name is taken");
    assert_fails!(copy("source", "source").await, Exists, "also by itself");
    assert_eq!(taken.line(At::Head).await, [1, 2], "nothing is changed");
    assert_fails!(copy("source/absent", "source/free").await, Missing, "there is no source");
    store.claim(&name("source/empty"), CLAIM).await.expect("free");
    assert_fails!(copy("source/empty", "source/free").await, Missing, "nor anything in it");
    assert_fails!(copy("source", "source/empty").await, Exists, "somebody has claimed that name");
}

pub(super) async fn pruning_drops_what_is_older(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "pruned").await;
    scribe.steps(6).await;
    scribe.note("a", "task", "1").await;
    scribe.prune(4, "\"up to 4\"").await.expect("prunes");
    assert_eq!(history(&*store, scribe.thread()).await, [6, 5, 4]);
    let loaded = scribe.load(At::Head).await;
    assert_eq!(loaded.line.iter().map(|it| it.seq).collect::<Vec<_>>(), [4, 5, 6]);
    assert_eq!(loaded.line[0].snapshot.as_deref(), Some("\"up to 4\""));
    assert_eq!((loaded.line[0].body.as_str(), loaded.line[0].parent), ("4", Some(3)));
    assert_eq!(scribe.notes(At::Head).await, [note("a", "task", "1")]);
    let gone = store.load(scribe.thread(), At::Seq(3)).await;
    assert_fails!(gone, Missing, "3 was dropped");
    scribe.steps(1).await;
    scribe.prune(7, "\"up to 7\"").await.expect("the head itself may be the oldest");
    scribe.prune(7, "\"again\"").await.expect("and pruned again");
    assert_eq!(scribe.line(At::Head).await, [7]);
    assert_eq!(scribe.load(At::Head).await.line[0].snapshot.as_deref(), Some("\"again\""));
}

pub(super) async fn pruning_drops_branches_of_what_is_dropped(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "side").await;
    scribe.steps(6).await; // branch 0: 1 to 6
    scribe.fork(2).await; // branch 1: 7, 8
    scribe.steps(1).await;
    scribe.note("a", "task", "of 8").await;
    scribe.fork(8).await; // branch 2: 9, of branch 1
    scribe.fork(5).await; // branch 3: 10, 11
    scribe.steps(1).await;
    scribe.fork(10).await; // branch 4: 12
    scribe.prune(4, "\"up to 4\"").await.expect("prunes");
    let left = history(&*store, scribe.thread()).await;
    assert_eq!(left, [12, 11, 10, 6, 5, 4], "branches of what stays, stay");
    assert_eq!(scribe.line(At::Head).await, [4, 5, 10, 12]);
    assert_eq!(scribe.line(At::Seq(6)).await, [4, 5, 6]);
    assert_eq!(scribe.line(At::Seq(11)).await, [4, 5, 10, 11]);
    for seq in [7, 8, 9] {
        let gone = store.load(scribe.thread(), At::Seq(seq)).await;
        assert_fails!(gone, Missing, format!("{seq} came from 2"));
    }
}

pub(super) async fn pruning_keeps_the_line_of_a_head_on_a_fork(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "head on fork").await;
    scribe.steps(4).await;
    scribe.note("a", "task", "of 4").await;
    scribe.fork(2).await;
    scribe.steps(2).await;
    scribe.prune(6, "\"up to 6\"").await.expect("prunes");
    assert_eq!(history(&*store, scribe.thread()).await, [7, 6]);
    assert_eq!(scribe.line(At::Head).await, [6, 7]);
    let head = scribe.load(At::Head).await.head;
    assert_eq!((head.seq, head.branch, head.last, head.last_branch), (7, 1, 7, 1));
    scribe.steps(1).await;
    assert_eq!(scribe.line(At::Head).await, [6, 7, 8]);
}

pub(super) async fn pruning_is_fenced_and_on_the_heads_line(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "prune refused").await;
    scribe.steps(4).await;
    scribe.fork(2).await;
    for before in [0, 3, 4, 6] {
        let pruned = scribe.prune(before, "\"s\"").await;
        assert_fails!(pruned, Missing, format!("{before} is not on the head's line"));
    }
    let absent = Scribe::by_hand(store.clone(), "prune refused/absent", 1);
    assert_fails!(absent.prune(1, "\"s\"").await, Missing, "there is no thread");
    assert_fails!(scribe.prune(2, "\"\0\"").await, Malformed, "no store can hold U+0000");
    store.claim(scribe.thread(), STEAL).await.expect("steals");
    assert_fails!(scribe.prune(2, "\"s\"").await, Fenced, "another has claimed it");
    assert_eq!(history(&*store, scribe.thread()).await, [5, 4, 3, 2, 1], "nothing is changed");
    assert_eq!(scribe.line(At::Head).await, [1, 2, 5]);
}
