//! The way to the store: what is written when a run is over, and after a store has panicked.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use vpaura_graph::testkit::{Call, Fault, FaultStore};
use vpaura_graph::{
    Ctx, Durability, END, Graph, GraphBuilder, GraphError, MemoryStore, NodeError, Retry, Store,
};

use crate::support::{Count, Log, Made, done, say};

const SLOW: Duration = Duration::from_secs(10);

/// Three nodes that let others go first, and one behind them that hangs, if it is to.
fn behind(hangs: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("behind");
    let nodes = ["a", "b", "c"].map(|name| {
        g.node(name, move |ctx: Ctx<Log>| async move {
            sleep(Duration::from_millis(1)).await;
            Made::Ok(ctx.update().log(name))
        })
    });
    g.start(nodes[0]).edge(nodes[0], nodes[1]).edge(nodes[1], nodes[2]);
    if hangs {
        let hangs = g.node("hangs", async |_: Ctx<Log>| std::future::pending::<Made>().await);
        g.edge(nodes[2], hangs).edge(hangs, END);
    } else {
        g.edge(nodes[2], END);
    }
    g.build().expect("builds")
}

/// Whoever hears that the run is done may delete the thread: nothing comes after.
#[tokio::test(start_paused = true)]
async fn a_run_that_leaves_its_thread_is_over_when_its_writes_are() {
    let store = FaultStore::new(MemoryStore::new()).at_call(Call::Commit, 1, Fault::Delay(SLOW));
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let graph = behind(false);
    let run = graph.run(say("in")).thread(Arc::clone(&shared), "t").epoch(1).fresh();
    done(run.durability(Durability::Async).leave_when_done().outcome().await);
    graph.thread(Arc::clone(&shared), "t").delete().await.expect("deletes");
    sleep(SLOW * 2).await;
    let left = shared.load(&"t".into(), vpaura_graph::store::At::Head).await.expect("loads");
    assert!(left.is_none(), "{left:?}");
}

/// What is being written when a run is abandoned is written, and nothing more.
#[tokio::test(start_paused = true)]
async fn an_abandoned_run_begins_no_write() {
    let store = FaultStore::new(MemoryStore::new()).at_call(Call::Commit, 2, Fault::Delay(SLOW));
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let graph = behind(true);
    let run = graph.run(say("in")).thread(shared, "t").durability(Durability::Async).start();
    sleep(Duration::from_secs(1)).await;
    run.abandon();
    sleep(SLOW * 2).await;
    assert_eq!(store.calls(Call::Commit), 2);
}

/// What a panic has kept from being stored is missing: nothing may be stored behind it.
#[tokio::test]
async fn after_a_panic_of_the_store_nothing_more_is_written() {
    let paid = Count::default();
    let counted = paid.clone();
    let mut g = GraphBuilder::<Log>::new("panics");
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move {
            // A node may swallow what its store tells it.
            let _failed = ctx.once("pay", async |_| Ok::<_, NodeError>(counted.add())).await;
            Made::Ok(ctx.update().log("a"))
        }
    });
    g.tune(a).retry(Retry::any(2).initial(Duration::ZERO));
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    let store = FaultStore::new(MemoryStore::new()).at_call(Call::Put, 1, Fault::Panic);
    let shared: Arc<dyn Store> = Arc::new(store.clone());
    let ended = graph.run(say("in")).thread(shared, "t").outcome().await;
    assert!(matches!(ended, Err(GraphError::Store(_))), "{ended:?}");
    assert_eq!((store.calls(Call::Commit), paid.get()), (1, 0));
}
