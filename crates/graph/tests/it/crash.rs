//! Random graphs, killed anywhere: what is recovered is what would have been.

use proptest::prelude::*;
use vpaura_graph::testkit::TestGraph;
use vpaura_graph::{
    Ctx, Durability, END, Graph, GraphBuilder, JoinPolicy, Node, NodeError, OnUnknown, Origin,
    Origins, Step,
};

use crate::support::{Log, LogUpdate, Made, lines, named, say};

/// One stage of a random graph; the stages follow each other.
#[derive(Debug, Clone)]
enum Stage {
    /// A node.
    Plain { effect: bool },
    /// So many nodes beside each other, joined.
    Beside { nodes: usize, effect: bool },
    /// So many calls of a worker, joined.
    Sends { calls: u32, effect: bool },
    /// A route to one of two nodes, joined.
    Either,
    /// Lanes beside each other, joined.
    Lanes { lanes: usize, nodes: usize },
    /// A nested graph of these stages.
    Nested { stages: Vec<Stage>, persistent: bool },
    /// A node that asks.
    Asks,
    /// A node that goes back to itself so often.
    Loops { rounds: u32 },
}

fn stages() -> impl Strategy<Value = Vec<Stage>> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|effect| Stage::Plain { effect }),
        (2..4usize, any::<bool>()).prop_map(|(nodes, effect)| Stage::Beside { nodes, effect }),
        (0..4u32, any::<bool>()).prop_map(|(calls, effect)| Stage::Sends { calls, effect }),
        Just(Stage::Either),
        (1..3usize, 1..4usize).prop_map(|(lanes, nodes)| Stage::Lanes { lanes, nodes }),
        Just(Stage::Asks),
        (1..3u32).prop_map(|rounds| Stage::Loops { rounds }),
    ];
    let stage = leaf.prop_recursive(2, 6, 3, |inner| {
        (prop::collection::vec(inner, 1..3), any::<bool>())
            .prop_map(|(stages, persistent)| Stage::Nested { stages, persistent })
    });
    prop::collection::vec(stage, 1..4)
}

/// Names are kept for the length of the process: there are few of them.
fn name(at: usize, kind: &str, index: usize) -> &'static str {
    use std::collections::BTreeSet;
    use std::sync::{LazyLock, Mutex};
    static NAMES: LazyLock<Mutex<BTreeSet<&'static str>>> = LazyLock::new(Mutex::default);
    let name = format!("{kind}{at}{index}");
    let mut names = NAMES.lock().expect("no panic");
    match names.get(&*name) {
        Some(known) => known,
        None => {
            let kept: &'static str = Box::leak(name.into_boxed_str());
            names.insert(kept);
            kept
        }
    }
}

/// A node that says its path and how long the log is that it sees.
fn node(g: &mut GraphBuilder<Log>, name: &'static str, effect: bool) -> Node<Log> {
    let node = g.node(name, move |ctx: Ctx<Log>| async move { said(&ctx, effect).await });
    g.tune(node).on_unknown(OnUnknown::Retry);
    node
}

async fn said(ctx: &Ctx<Log>, effect: bool) -> Made {
    if effect {
        ctx.once("effect", async |_| Ok::<_, NodeError>(())).await?;
    }
    Ok(ctx.update().log(format!("{} {}", ctx.path(), ctx.state().log.len())))
}

/// The stage's first nodes, and the nodes that it ends with, each as an origin of edges.
type Ends = (Vec<Node<Log>>, Vec<Origin<Log>>);

fn build(stages: &[Stage], depth: usize) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new(name(depth, "graph", stages.len()));
    let mut last: Option<Node<Log>> = None;
    for (at, stage) in stages.iter().enumerate() {
        let (first, ends) = add(&mut g, at, stage, depth);
        for node in first {
            match last {
                None => g.start(node),
                Some(last) => g.edge(last, node),
            };
        }
        let join = named(&mut g, name(at, "join", 0));
        g.join(Origins::from(ends), join, JoinPolicy::all());
        last = Some(join);
    }
    if let Some(last) = last {
        g.edge(last, END);
    }
    g.build().expect("builds")
}

fn add(g: &mut GraphBuilder<Log>, at: usize, stage: &Stage, depth: usize) -> Ends {
    let all = |nodes: Vec<Node<Log>>| {
        let ends = nodes.iter().map(|&node| node.into()).collect();
        (nodes, ends)
    };
    match stage {
        Stage::Plain { effect } => all(vec![node(g, name(at, "plain", 0), *effect)]),
        Stage::Beside { nodes, effect } => {
            all((0..*nodes).map(|n| node(g, name(at, "beside", n), *effect)).collect())
        }
        Stage::Sends { calls, effect } => {
            let (calls, effect) = (*calls, *effect);
            let worker = g.worker(name(at, "worker", 0), move |ctx: Ctx<Log>, n: u32| async move {
                let _payload = n;
                said(&ctx, effect).await
            });
            g.tune(worker).on_unknown(OnUnknown::Retry);
            let plan = g.node(name(at, "plan", 0), move |ctx: Ctx<Log>| async move {
                let step = Step::update(ctx.update().log("plan"));
                Ok::<_, NodeError>((0..calls).fold(step, |step, n| step.send(worker, n)))
            });
            // Where nobody is called, the plan itself leads on.
            let on = named(g, name(at, "on", 0));
            g.sends(plan, worker).edge(plan, on);
            (vec![plan], vec![worker.into(), on.into()])
        }
        Stage::Either => {
            let from = node(g, name(at, "from", 0), false);
            let (a, b) = (named(g, name(at, "a", 0)), named(g, name(at, "b", 0)));
            let then = named(g, name(at, "then", 0));
            g.route(
                from,
                |s| s.log.len() % 2 == 0,
                move |even| if even { a.into() } else { b.into() },
            );
            g.join((a, b, from), then, JoinPolicy::all());
            (vec![from], vec![then.into()])
        }
        Stage::Lanes { lanes, nodes } => {
            let mut made = Vec::new();
            for lane in 0..*lanes {
                let nodes: Vec<Node<Log>> = (0..*nodes)
                    .map(|n| node(g, name(at, "inlane", lane * 4 + n), n == 1))
                    .collect();
                made.push(g.lane(name(at, "lane", lane), nodes));
            }
            all(made)
        }
        Stage::Nested { stages, persistent } => {
            let child = build(stages, depth + 1);
            let name = name(at, "nested", 0);
            let nested = if *persistent {
                let last = |child: Log| say(&format!("{} lines", child.log.len()));
                g.persistent_subgraph(name, &child, |_: &Log| say("more"), last)
            } else {
                g.subgraph(name, &child, |s: &Log| Log { n: s.n, ..Log::default() }, lines)
            };
            all(vec![nested])
        }
        Stage::Asks => {
            let asks = g.node(name(at, "asks", 0), async |ctx: Ctx<Log>| -> Made {
                let answer: String = ctx.interrupt("q", &ctx.state().log.len()).await?;
                Ok(ctx.update().log(answer))
            });
            let beside = node(g, name(at, "besides", 0), false);
            all(vec![asks, beside])
        }
        Stage::Loops { rounds } => {
            let rounds = *rounds;
            let count = g.node(name(at, "count", 0), async |ctx: Ctx<Log>| -> Made {
                Ok(LogUpdate::default().n(ctx.state().n + 1))
            });
            let out = named(g, name(at, "out", 0));
            let more = move |s: &Log| !s.n.is_multiple_of(rounds + 1);
            g.route(count, more, move |more| if more { count.into() } else { out.into() });
            (vec![count], vec![out.into()])
        }
    }
}

fn kit(stages: &[Stage], durability: Durability) -> TestGraph<Log> {
    TestGraph::new(&build(stages, 0))
        .durability(durability)
        .answering(|ask| Some(format!("answer to {}", ask.question)))
}

fn on_a_paused_clock(test: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("starts").block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the graph and wherever it is killed: the same state, and what was told as finished
    /// does not run again.
    #[test]
    fn a_killed_run_recovers(stages in stages()) {
        on_a_paused_clock(async {
            let kills = kit(&stages, Durability::Sync).kill_at_every_commit(say("in")).await;
            kills.same_state().finished_once();
            assert_eq!(kills.unknowns(), 0);
        });
    }

    /// In the other modes what was not stored runs again, and leads to the same.
    #[test]
    fn a_killed_run_recovers_in_every_mode(stages in stages(), exit in any::<bool>()) {
        let durability = if exit { Durability::Exit } else { Durability::Async };
        on_a_paused_clock(async {
            kit(&stages, durability).kill_at_every_commit(say("in")).await.same_state();
        });
    }

    /// The modes differ in when they store, not in what: a clean end leaves the same thread.
    #[test]
    fn every_mode_leaves_the_same_thread(stages in stages()) {
        on_a_paused_clock(async {
            let mut first = None;
            for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
                let ran = kit(&stages, durability).run(say("in")).await;
                let loaded = crate::support::left(&ran.store, "test").await;
                assert_eq!(loaded.records, [], "{durability:?}");
                let found = (ran.state().clone(), loaded.line);
                assert_eq!(first.get_or_insert_with(|| found.clone()), &found, "{durability:?}");
            }
        });
    }

    /// In whatever order tasks finish: the same thread; and its record leads to the same again.
    #[test]
    fn any_order_of_completion_leaves_the_same(stages in stages()) {
        on_a_paused_clock(async {
            let kit = kit(&stages, Durability::Sync);
            kit.schedules(say("in"), 8).await.same_state().same_log();
            let ran = kit.run(say("in")).await;
            vpaura_graph::testkit::replay(&build(&stages, 0), &*ran.store, "test")
                .await
                .no_divergence();
        });
    }
}
