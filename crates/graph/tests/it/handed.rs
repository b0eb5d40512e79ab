//! Steps for the parent graph, in threads: whoever has handed one over has finished.

use vpaura_graph::testkit::TestGraph;
use vpaura_graph::{Ctx, END, Graph, GraphBuilder, JoinPolicy, NodeError, Step, Worker};

use crate::support::{Log, Made, lines, named, say};

/// A graph that ends by handing over `up`: by a node alone, beside another, or in a lane.
fn handing(how: usize, up: impl Fn() -> Step<Log> + Send + Sync + 'static) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("handing");
    let up = std::sync::Arc::new(up);
    let first = named(&mut g, "first");
    let hand = g.node("hand", move |ctx: Ctx<Log>| {
        let up = std::sync::Arc::clone(&up);
        async move {
            let id = ctx.once("pay", async |key| Ok::<_, NodeError>(key)).await?;
            Ok::<_, NodeError>(Step::update(ctx.update().log(id)).in_parent(up()))
        }
    });
    g.start(first);
    match how {
        0 => g.edge(first, hand).edge(hand, END),
        1 => {
            let beside = named(&mut g, "beside");
            g.edge(first, (hand, beside)).edge(hand, END).edge(beside, END)
        }
        _ => {
            let (before, behind) = (named(&mut g, "before"), named(&mut g, "behind"));
            let lane = g.lane("lane", [before, hand, behind]);
            g.edge(first, lane).edge(lane, END)
        }
    };
    g.build().expect("builds")
}

/// The same in a graph around it, with what it hands over: an update, a way, calls of a worker.
fn around(how: usize, deep: bool) -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("around");
    let [other, then, never] = ["other", "then", "never"].map(|name| named(&mut g, name));
    let worker: Worker<Log, u32> =
        g.worker("w", async |ctx: Ctx<Log>, n: u32| Made::Ok(ctx.update().log(format!("w{n}"))));
    let step = move || {
        let step = Step::<Log>::update(say("handed"));
        step.goto(then).send(worker, 1).send(worker, 2)
    };
    let inner = match deep {
        false => handing(how, step),
        // From two graphs below.
        true => {
            let bottom = handing(how, move || Step::new().in_parent(step()));
            let mut g = GraphBuilder::<Log>::new("between");
            let s = g.subgraph("s", &bottom, |_| Log::default(), lines);
            g.start(s).edge(s, END);
            g.build().expect("builds")
        }
    };
    let s = g.subgraph("s", &inner, |_| Log::default(), lines);
    g.start(s).start(other).goes(s, then).sends(s, worker);
    g.edge(s, END).edge(other, END).edge(never, END);
    g.join((then, worker), never, JoinPolicy::all());
    g.build().expect("builds")
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_handed_a_step_over_does_not_run_again() {
    for (how, deep) in [(0, false), (1, false), (2, false), (0, true), (1, true), (2, true)] {
        let t = TestGraph::new(&around(how, deep));
        let whole = t.run(say("in")).await;
        assert_eq!(whole.state().log, ["in", "other", "handed", "then", "w1", "w2", "never"]);
        let kills = t.kill_at_every_commit(say("in")).await;
        kills.same_state().finished_once();
    }
}
