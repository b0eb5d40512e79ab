//! Reading back.

use std::sync::Arc;

use super::scribe::{CLAIM, Scribe, assert_fails, history, name};
use crate::store::{At, Checkpoint, Page, Records, Seq, Source, Store};

pub(super) async fn a_thread_without_checkpoints_loads_as_none(store: Arc<dyn Store>) {
    let thread = name("none");
    for round in ["never seen", "claimed"] {
        for at in [At::Head, At::Seq(1)] {
            let loaded = store.load(&thread, at).await.expect("no error");
            assert_eq!(loaded, None, "{round}: {at:?}");
        }
        assert!(history(&*store, &thread).await.is_empty(), "{round}");
        store.claim(&thread, CLAIM).await.ok();
    }
}

pub(super) async fn a_line_begins_at_the_newest_snapshot(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "snapshots").await;
    scribe.steps(2).await;
    scribe.snapshot("3", "\"up to 3\"").await;
    scribe.steps(2).await;
    scribe.snapshot("6", "\"up to 6\"").await;
    assert_eq!(scribe.line(At::Head).await, [6], "the asked one's own counts");
    scribe.steps(2).await;
    assert_eq!(scribe.line(At::Head).await, [6, 7, 8]);
    assert_eq!(scribe.line(At::Seq(5)).await, [3, 4, 5]);
    assert_eq!(scribe.line(At::Seq(2)).await, [1, 2]);
    let line = scribe.load(At::Head).await.line;
    assert_eq!(line[0].snapshot.as_deref(), Some("\"up to 6\""));
    assert_eq!((line[0].body.as_str(), line[1].body.as_str()), ("6", "7"));
}

pub(super) async fn a_line_without_snapshot_begins_at_the_first(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "no snapshot").await;
    scribe.steps(70).await;
    assert_eq!(scribe.line(At::Head).await, (1..=70).collect::<Vec<_>>());
}

pub(super) async fn a_line_crosses_branches(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "branches").await;
    scribe.steps(2).await;
    scribe.snapshot("3", "\"up to 3\"").await;
    scribe.steps(3).await;
    scribe.fork(4).await;
    scribe.steps(2).await;
    assert_eq!(scribe.line(At::Head).await, [3, 4, 7, 8, 9]);
    scribe.fork(8).await;
    scribe.steps(1).await;
    assert_eq!(scribe.line(At::Head).await, [3, 4, 7, 8, 10, 11], "a fork of the fork");
    scribe.fork(2).await;
    assert_eq!(scribe.line(At::Head).await, [1, 2, 12], "before the snapshot");
    let branches: Vec<u32> =
        scribe.load(At::Seq(11)).await.line.iter().map(|it| it.branch).collect();
    assert_eq!(branches, [0, 0, 1, 1, 2, 2]);
}

pub(super) async fn a_checkpoint_of_another_branch_is_loaded_by_number(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "by number").await;
    scribe.steps(4).await;
    scribe.fork(2).await;
    let loaded = scribe.load(At::Seq(4)).await;
    assert_eq!(loaded.line.iter().map(|it| it.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!((loaded.head.seq, loaded.head.branch), (5, 1), "the head is where it was");
}

pub(super) async fn a_checkpoint_that_is_not_there_is_missing(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "not there").await;
    scribe.steps(2).await;
    for seq in [0, 3, Seq::MAX] {
        let loaded = store.load(scribe.thread(), At::Seq(seq)).await;
        assert_fails!(loaded, Missing, format!("checkpoint {seq}"));
    }
}

pub(super) async fn history_is_paged_newest_first(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "pages").await;
    scribe.steps(3).await;
    scribe.fork(1).await;
    scribe.steps(1).await;
    let page = async |before, limit| -> Vec<Seq> {
        let page = store.history(scribe.thread(), Page { before, limit }).await.expect("lists");
        page.iter().map(|meta| meta.seq).collect()
    };
    assert_eq!(page(None, 100).await, [5, 4, 3, 2, 1], "of all branches");
    assert_eq!(page(None, 2).await, [5, 4]);
    assert_eq!(page(Some(4), 2).await, [3, 2]);
    assert_eq!(page(Some(2), 2).await, [1]);
    assert_eq!(page(Some(1), 2).await, [0_u64; 0]);
    assert_eq!(page(Some(Seq::MAX), 1).await, [5]);
    assert_eq!(page(None, 0).await, [0_u64; 0]);
    assert_eq!(page(None, u32::MAX).await.len(), 5);
}

pub(super) async fn history_tells_of_every_checkpoint(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "tells").await;
    let all = [Source::Input, Source::Step, Source::Update, Source::Fork, Source::Cancelled];
    for source in all {
        let next =
            Checkpoint { source, snapshot: Some("\"é\"".into()), ..scribe.next("\"😀\"") };
        scribe.write(scribe.commit_of(vec![next], Records::None)).await.expect("commits");
    }
    let bare = Checkpoint { step: u32::MAX, ..scribe.next("123456789") };
    scribe.write(scribe.commit_of(vec![bare], Records::None)).await.expect("commits");
    let metas = store.history(scribe.thread(), Page { before: None, limit: 10 }).await;
    let metas = metas.expect("lists");
    let sources: Vec<_> = metas.iter().rev().map(|meta| meta.source).collect();
    assert_eq!(sources[..5], all);
    let (bare, full) = (&metas[0], &metas[1]);
    assert_eq!((bare.seq, bare.parent, bare.branch), (6, Some(5), 0));
    assert_eq!((bare.step, bare.bytes, bare.has_snapshot), (u32::MAX, 9, false));
    assert_eq!((full.step, full.bytes, full.has_snapshot), (4, 6 + 4, true), "bytes, not letters");
    assert_eq!(metas[5].parent, None);
    assert!(metas.is_sorted_by_key(|meta| std::cmp::Reverse(meta.at)), "stored one after another");
}
