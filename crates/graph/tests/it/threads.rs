//! Who may write to a thread: leases, fencing, epochs, and threads that are not kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{advance, sleep};
use vpaura_graph::store::{At, Claim, Page};
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Ctx, Durability, END, Graph, GraphBuilder, GraphError, MemoryStore, NodeError, Outcome, Step,
    Store, StoreError,
};

use crate::support::{Log, Made, chain, done, left, memory, say};

/// A node that takes so long, by Tokio's clock, and says that it has begun.
fn slow(time: Duration) -> (Graph<Log>, Arc<Notify>) {
    let begun = Arc::new(Notify::new());
    let told = Arc::clone(&begun);
    let mut g = GraphBuilder::<Log>::new("slow");
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let told = Arc::clone(&told);
        async move {
            told.notify_one();
            sleep(time).await;
            Made::Ok(ctx.update().log("a"))
        }
    });
    g.start(a).edge(a, END);
    (g.build().expect("builds"), begun)
}

#[tokio::test(start_paused = true)]
async fn a_second_run_on_a_held_thread_is_busy() {
    let ((graph, begun), store) = (slow(Duration::from_secs(1)), memory());
    let first = graph.run(say("one")).thread(Arc::clone(&store), "t").start();
    begun.notified().await;
    let second = graph.run(say("two")).thread(Arc::clone(&store), "t").outcome().await;
    assert!(matches!(second, Err(GraphError::Store(StoreError::Busy { .. }))), "{second:?}");
    assert_eq!(done(first.outcome().await).log, ["one", "a"]);
    let third = graph.run(say("two")).thread(store, "t").outcome().await;
    assert_eq!(done(third).log, ["one", "a", "two", "a"]);
}

/// Both inputs are in the thread: the first was stored before it was fenced off.
#[tokio::test(start_paused = true)]
async fn a_stolen_thread_fences_the_first_run_and_loses_no_message() {
    for durability in [Durability::Sync, Durability::Async] {
        let ((graph, begun), store) = (slow(Duration::from_secs(1)), memory());
        let run = graph.run(say("one")).thread(Arc::clone(&store), "t").durability(durability);
        let first = run.start();
        begun.notified().await;
        let run = graph.run(say("two")).thread(Arc::clone(&store), "t").steal();
        let second = done(run.outcome().await);
        let first = first.outcome().await;
        let fenced = matches!(first, Err(GraphError::Store(StoreError::Fenced { .. })));
        assert!(fenced, "{durability:?}: {first:?}");
        assert_eq!(second.log, ["one", "two", "a"], "{durability:?}");
        let listed = store.history(&"t".into(), Page { before: None, limit: 9 }).await;
        assert_eq!(listed.expect("lists").len(), 3, "nothing of the first came after");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_while_the_run_goes_on() {
    let (graph, begun) = slow(Duration::from_secs(600));
    let store = FaultStore::new(MemoryStore::new());
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let ttl = Duration::from_secs(9);
    let run = graph.run(say("one")).thread(Arc::clone(&shared), "t").lease(ttl).start();
    begun.notified().await;
    sleep(Duration::from_secs(300)).await;
    let second = graph.run(say("two")).thread(shared, "t").outcome().await;
    assert!(matches!(second, Err(GraphError::Store(StoreError::Busy { .. }))), "{second:?}");
    done(run.outcome().await);
    // Three times in each 9 seconds.
    assert!((198..=200).contains(&store.calls(Call::Renew)), "{}", store.calls(Call::Renew));
}

#[tokio::test(start_paused = true)]
async fn a_dead_runs_lease_lapses() {
    let (graph, begun) = slow(Duration::from_secs(1));
    // The process dies with the second commit, and cannot give the lease back.
    let store =
        FaultStore::new(MemoryStore::new()).at_call(Call::Commit, 2, Fault::Kill { done: false });
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let ttl = Duration::from_secs(60);
    let run = graph.run(say("one")).thread(shared, "t").lease(ttl).start();
    begun.notified().await;
    run.outcome().await.expect_err("killed");
    let left: Arc<dyn Store> = Arc::new(store.inner().clone());
    let early = graph.resume().thread(Arc::clone(&left), "t").outcome().await;
    assert!(matches!(early, Err(GraphError::Store(StoreError::Busy { .. }))), "{early:?}");
    advance(ttl).await;
    assert_eq!(done(graph.resume().thread(left, "t").outcome().await).log, ["one", "a"]);
}

/// A store that cannot renew for a while does not end the run.
#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_again() {
    let (graph, _) = slow(Duration::from_secs(20));
    let store = FaultStore::new(MemoryStore::new()).at_call(Call::Renew, 1, Fault::Fail);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let run = graph.run(say("one")).thread(shared, "t").lease(Duration::from_secs(9));
    assert_eq!(done(run.outcome().await).log, ["one", "a"]);
    assert!(store.calls(Call::Renew) > 3);
}

#[tokio::test]
async fn an_outer_epoch_needs_no_claim() {
    let graph = chain(&["a"]);
    let store = FaultStore::new(MemoryStore::new());
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let run = graph.run(say("one")).thread(Arc::clone(&shared), "t").epoch(5).fresh();
    done(run.outcome().await);
    assert_eq!(store.log(), [Call::Commit, Call::Commit], "nothing is asked, nothing given back");
    let older = graph.run(say("two")).thread(Arc::clone(&shared), "t").epoch(4).outcome().await;
    assert!(matches!(older, Err(GraphError::Store(StoreError::Fenced { .. }))), "{older:?}");
    let newer = graph.run(say("two")).thread(shared, "t").epoch(6).outcome().await;
    assert_eq!(done(newer).log, ["one", "a", "two", "a"]);
}

/// What the one before has not stored when its successor begins, it never stores.
#[tokio::test(start_paused = true)]
async fn an_outer_epoch_fences_the_one_before_as_soon_as_it_begins() {
    let ((graph, begun), store) = (slow(Duration::from_secs(2)), memory());
    let first = graph.run(say("one")).thread(Arc::clone(&store), "t").epoch(1).start();
    begun.notified().await;
    sleep(Duration::from_secs(1)).await;
    let second = graph.resume().thread(Arc::clone(&store), "t").epoch(2).start();
    begun.notified().await;
    let first = first.outcome().await;
    assert!(matches!(first, Err(GraphError::Store(StoreError::Fenced { .. }))), "{first:?}");
    assert_eq!(done(second.outcome().await).log, ["one", "a"]);
}

/// Nobody changes a thread by hand under a run with an outer epoch, however long it takes.
#[tokio::test(start_paused = true)]
async fn a_run_with_an_outer_epoch_holds_its_thread_and_gives_it_back() {
    for fresh in [false, true] {
        let ((graph, begun), store) = (slow(Duration::from_secs(60)), memory());
        let run = graph.run(say("one")).thread(Arc::clone(&store), "t").epoch(1);
        let run = if fresh { run.fresh() } else { run }.start();
        begun.notified().await;
        sleep(Duration::from_secs(30)).await;
        let thread = graph.thread(Arc::clone(&store), "t");
        let changed = thread.update(say("by hand"), None).await;
        let busy = matches!(changed, Err(GraphError::Store(StoreError::Busy { .. })));
        assert!(busy, "{fresh}: {changed:?}");
        assert_eq!(done(run.outcome().await).log, ["one", "a"]);
        thread.update(say("by hand"), None).await.expect("it is free");
    }
}

#[tokio::test]
async fn a_thread_that_is_wrongly_called_fresh_is_not_overwritten() {
    let (graph, store) = (chain(&["a"]), memory());
    done(graph.run(say("one")).thread(Arc::clone(&store), "t").outcome().await);
    let second = graph.run(say("two")).thread(Arc::clone(&store), "t").fresh().outcome().await;
    assert!(matches!(second, Err(GraphError::Store(StoreError::Moved { .. }))), "{second:?}");
    assert_eq!(left(&store, "t").await.head.seq, 2);
}

#[tokio::test]
async fn a_thread_is_forgotten_when_its_run_is_done_and_only_then() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let (graph, store) = (chain(&["a"]), memory());
        let run = graph.run(say("one")).thread(Arc::clone(&store), "t").forget_when_done();
        assert_eq!(done(run.durability(durability).outcome().await).log, ["one", "a"]);
        let found = store.load(&"t".into(), At::Head).await.expect("loads");
        assert!(found.is_none(), "{durability:?}");
        let run = graph.run(say("one")).thread(Arc::clone(&store), "t").forget_when_done();
        let run = run.durability(durability).start();
        run.drain();
        let drained = run.outcome().await.expect("ends");
        assert!(matches!(drained, Outcome::Drained(_)), "{drained:?}");
        let run = graph.resume().thread(Arc::clone(&store), "t").forget_when_done();
        assert_eq!(done(run.outcome().await).log, ["one", "a"]);
        assert!(store.load(&"t".into(), At::Head).await.expect("loads").is_none());
    }
}

/// Nothing at all is left of it: not even who had it.
#[tokio::test]
async fn a_name_that_is_used_again_after_its_thread_was_forgotten_is_a_new_one() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let (graph, store) = (chain(&["a"]), memory());
        for _ in 0..2 {
            let run = graph.run(say("one")).thread(Arc::clone(&store), "t").forget_when_done();
            done(run.durability(durability).outcome().await);
        }
        let claim = Claim { ttl: Duration::from_secs(1), steal: false, epoch: None };
        let lease = store.claim(&"t".into(), claim).await.expect("is free");
        assert_eq!((lease.epoch, lease.head), (1, None), "{durability:?}");
    }
}

/// A run that another has taken the thread over from has nothing to delete any more.
#[tokio::test(start_paused = true)]
async fn a_thread_that_was_taken_over_is_not_forgotten() {
    let ((graph, begun), store) = (slow(Duration::from_secs(1)), memory());
    done(graph.run(say("one")).thread(Arc::clone(&store), "t").outcome().await);
    begun.notified().await;
    let run = graph.run(say("two")).thread(Arc::clone(&store), "t").forget_when_done();
    let first = run.durability(Durability::Exit).start();
    begun.notified().await;
    let second = graph.run(say("three")).thread(Arc::clone(&store), "t").steal();
    let second = done(second.outcome().await);
    let first = first.outcome().await;
    let fenced = matches!(first, Err(GraphError::Store(StoreError::Fenced { .. })));
    assert!(fenced, "{first:?}");
    assert_eq!(second.log.last().map(String::as_str), Some("a"));
    let left = graph.thread(Arc::clone(&store), "t").get(At::Head).await.expect("loads");
    assert_eq!(left.expect("is there").state.log, second.log);
}

/// What is forgotten with `Exit` never reaches the store.
#[tokio::test]
async fn a_run_that_ends_well_and_is_forgotten_costs_no_write() {
    let store = FaultStore::new(MemoryStore::new());
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let run = chain(&["a", "b"]).run(say("one")).thread(shared, "t").epoch(1).fresh();
    done(run.durability(Durability::Exit).forget_when_done().outcome().await);
    assert_eq!(store.log(), []);
}

#[tokio::test]
async fn a_copy_goes_its_own_way() {
    let (graph, store) = (chain(&["a"]), memory());
    done(graph.run(say("one")).thread(Arc::clone(&store), "t").outcome().await);
    let thread = graph.thread(Arc::clone(&store), "t");
    thread.copy("u").await.expect("free");
    let taken = thread.copy("u").await;
    assert!(matches!(taken, Err(GraphError::Store(StoreError::Exists { .. }))), "{taken:?}");
    let state = done(graph.run(say("two")).thread(Arc::clone(&store), "u").outcome().await);
    assert_eq!(state.log, ["one", "a", "two", "a"]);
    assert_eq!(left(&store, "t").await.head.seq, 2);
    thread.delete().await.expect("deletes");
    assert!(thread.get(At::Head).await.expect("loads").is_none());
}

/// A run ends as it would, however the other one of the same store fails.
#[tokio::test(start_paused = true)]
async fn runs_of_one_store_do_not_harm_each_other() {
    let (graph, store) = (chain(&["a", "b", "c"]), memory());
    let mut g = GraphBuilder::<Log>::new("bad");
    let bad = g.node("bad", async |_: Ctx<Log>| -> Made { panic!("on purpose") });
    g.start(bad).edge(bad, END);
    let bad = g.build().expect("builds");
    let runs: Vec<_> = (0..20)
        .map(|n| {
            let graph = if n % 2 == 0 { &graph } else { &bad };
            graph.run(say("in")).thread(Arc::clone(&store), format!("t{n}")).start()
        })
        .collect();
    for (n, run) in runs.into_iter().enumerate() {
        match (n % 2, run.outcome().await) {
            (0, outcome) => assert_eq!(done(outcome).log, ["in", "a", "b", "c"]),
            (_, Err(GraphError::Panicked { path, .. })) => assert_eq!(&*path, "bad"),
            (_, other) => panic!("{other:?}"),
        }
    }
}

/// What a finished node of an unfinished step goes to by itself waits too: a graph that has lost it
/// cannot go on with the thread.
#[tokio::test]
async fn what_a_finished_sibling_goes_to_is_waiting() {
    let mut g = GraphBuilder::<Log>::new("asks");
    let w = g.worker("w", async |ctx: Ctx<Log>, _: u32| Made::Ok(ctx.update().log("w")));
    let then = g.node("then", async |ctx: Ctx<Log>| Made::Ok(ctx.update().log("then")));
    let a = g.node("a", move |ctx: Ctx<Log>| async move {
        Ok::<_, NodeError>(Step::update(ctx.update()).goto(then).send(w, 1))
    });
    let asks = g.node("asks", async |ctx: Ctx<Log>| {
        let answer: String = ctx.interrupt("what", &"what?").await?;
        Made::Ok(ctx.update().log(answer))
    });
    g.start(a).start(asks).goes(a, then).sends(a, w);
    g.edge(then, END).edge(w, END).edge(asks, END);
    let graph = g.build().expect("builds");
    let store = memory();
    let outcome = graph.run(say("in")).thread(store.clone(), "t").outcome().await.expect("runs");
    assert!(matches!(outcome, Outcome::Interrupted(..)), "{outcome:?}");
    let thread = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("is there");
    assert_eq!(thread.waiting.nodes, ["a", "asks", "then"]);
    assert_eq!(thread.waiting.workers, ["w"]);
}
