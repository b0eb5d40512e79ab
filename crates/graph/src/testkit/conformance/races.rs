//! Several at once.

use std::sync::Arc;

use futures_util::future::join_all;

use super::scribe::{CLAIM, STEAL, Scribe, name, record};
use crate::store::{At, Commit, Lease, Store, StoreError};

/// Rivals at once.
const RIVALS: usize = 8;

pub(super) async fn two_commits_race_and_one_wins(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store.clone(), "race").await;
    for round in 0..10 {
        let commits = (0..RIVALS).map(|n| (n, scribe.commit(&format!("\"{round}/{n}\""))));
        let race = commits.map(|(n, commit)| raced(store.clone(), scribe.lease.clone(), commit, n));
        let winners: Vec<usize> = join_all(race).await.into_iter().flatten().collect();
        assert_eq!(winners.len(), 1, "exactly one wins: {winners:?}");
        let loaded = scribe.load(At::Head).await;
        let last = loaded.line.last().expect("is there");
        assert_eq!(last.body, format!("\"{round}/{}\"", winners[0]), "and it is the one stored");
        assert_eq!(loaded.line.len(), round + 1);
        scribe.head = Some(last.seq);
    }
}

async fn raced(store: Arc<dyn Store>, lease: Lease, commit: Commit, n: usize) -> Option<usize> {
    match store.commit(&lease, commit).await {
        Ok(()) => Some(n),
        Err(StoreError::Moved { .. }) => None,
        Err(error) => panic!("a loser is told that the head moved, not {error:?}"),
    }
}

pub(super) async fn two_claims_race_and_one_wins(store: Arc<dyn Store>) {
    for thread in ["claimed 1", "claimed 2"].map(name) {
        let race = (0..RIVALS).map(|_| store.claim(&thread, CLAIM));
        let won = join_all(race).await.into_iter().filter(|claim| match claim {
            Ok(_) => true,
            Err(StoreError::Busy { .. }) => false,
            Err(error) => panic!("a loser is told that it is busy, not {error:?}"),
        });
        assert_eq!(won.count(), 1, "one claims, the others find it busy");
        let thefts = join_all((0..RIVALS).map(|_| store.claim(&thread, STEAL))).await;
        let mut epochs: Vec<u64> =
            thefts.into_iter().map(|lease| lease.expect("steals").epoch).collect();
        epochs.sort_unstable();
        assert_eq!(epochs, (2..2 + RIVALS as u64).collect::<Vec<_>>(), "no epoch is given twice");
    }
}

pub(super) async fn records_of_parallel_tasks_are_all_kept(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "parallel").await;
    scribe.steps(1).await;
    let puts = (0..RIVALS * 4).map(|n| {
        let path = format!("worker#{n}");
        scribe.put(vec![record(1, &path, "task", "1"), record(1, &path, "effect", "2")])
    });
    for put in join_all(puts).await {
        put.expect("stores");
    }
    assert_eq!(scribe.notes(At::Head).await.len(), RIVALS * 8);
    scribe.steps(1).await;
    assert!(scribe.notes(At::Seq(1)).await.is_empty());
}

pub(super) async fn threads_do_not_disturb_each_other(store: Arc<dyn Store>) {
    let threads = (0..50).map(|n| {
        let store = store.clone();
        async move {
            let mut scribe = Scribe::claim(store, &format!("many/{n}")).await;
            for step in 0..10 {
                scribe.note("a", "task", "1").await;
                scribe.step(&format!("\"{n}/{step}\"")).await;
            }
            scribe
        }
    });
    for (n, scribe) in join_all(threads).await.into_iter().enumerate() {
        let loaded = scribe.load(At::Head).await;
        let bodies: Vec<&str> = loaded.line.iter().map(|it| it.body.as_str()).collect();
        let expected: Vec<String> = (0..10).map(|step| format!("\"{n}/{step}\"")).collect();
        assert_eq!(bodies, expected);
        assert!(loaded.records.is_empty());
    }
}
