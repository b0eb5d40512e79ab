//! Random graphs for properties: anything that can be said to a builder, and runs that have all the
//! time they need.

use proptest::prelude::*;
use vpaura_graph::{
    Cache, Ctx, END, Failure, GraphBuilder, GraphError, JoinPolicy, Node, Origin, Outcome,
    RunBuilder, Step, Targets, Worker,
};

use crate::logs::{Log, LogUpdate, Made, ms};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// One thing that is said of a graph; numbers are nodes, taken modulo how many there are.
#[derive(Debug, Clone)]
pub enum Wire {
    Start(usize),
    Edge(usize, Vec<usize>),
    End(usize),
    Route(usize, usize, usize),
    Goes(usize, usize),
    Sends(usize),
    Join(Vec<usize>, usize, u32, bool),
    Lane(Vec<usize>),
    OnError(usize),
    OnBudget(usize, usize),
    Limits(usize),
}

impl Wire {
    /// Whether it makes a run depend on which node is faster.
    pub fn goes_by_time(&self) -> bool {
        matches!(self, Self::Join(_, _, quorum, deadline) if *quorum > 0 || *deadline)
    }
}

pub fn wire() -> impl Strategy<Value = Wire> {
    let node = || 0..9usize;
    let nodes = || prop::collection::vec(node(), 0..4);
    prop_oneof![
        2 => node().prop_map(Wire::Start),
        6 => (node(), nodes()).prop_map(|(from, to)| Wire::Edge(from, to)),
        4 => node().prop_map(Wire::End),
        4 => (node(), node(), node()).prop_map(|(from, yes, no)| Wire::Route(from, yes, no)),
        1 => (node(), node()).prop_map(|(from, to)| Wire::Goes(from, to)),
        2 => node().prop_map(Wire::Sends),
        3 => (nodes(), node(), 0..4u32, any::<bool>())
            .prop_map(|(from, to, quorum, deadline)| Wire::Join(from, to, quorum, deadline)),
        1 => nodes().prop_map(Wire::Lane),
        1 => node().prop_map(Wire::OnError),
        1 => (node(), node()).prop_map(|(from, to)| Wire::OnBudget(from, to)),
        1 => node().prop_map(Wire::Limits),
    ]
}

/// What nodes write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Their names.
    Names,
    /// A field, too, that only one node of a step may write.
    Rivals,
    /// What they see of the step before, too.
    Heard,
}

impl Says {
    fn of(self, ctx: &Ctx<Log>, name: String) -> LogUpdate {
        match self {
            Self::Names => ctx.update().log(name),
            Self::Rivals => ctx.update().log(name.clone()).one(Some(name)),
            Self::Heard => {
                let mut heard = ctx.state().heard.clone();
                heard.sort_unstable();
                ctx.update().log(format!("{name} heard {heard:?}")).heard(name)
            }
        }
    }
}

/// What is wired, and a node of each kind to say it of.
pub struct Wired {
    pub g: GraphBuilder<Log>,
    nodes: Vec<Node<Log>>,
    worker: Worker<Log, u32>,
    handler: Worker<Log, Failure>,
    lanes: usize,
}

impl Wired {
    /// Nodes that log, with what they say beside.
    pub fn new(count: usize, behaviour: u32, says: Says) -> Self {
        let mut g = GraphBuilder::<Log>::new("random");
        let worker: Worker<Log, u32> = g.worker("w", move |ctx: Ctx<Log>, n: u32| async move {
            tokio::time::sleep(ms(u64::from(n))).await;
            Made::Ok(says.of(&ctx, format!("w{n}")))
        });
        let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| Ok(ctx.update()));
        let nodes = (0..count).map(|at| {
            let acts = behaviour.rotate_left(u32::try_from(at).unwrap_or(0) * 5);
            g.node(NAMES[at], move |ctx: Ctx<Log>| async move {
                tokio::time::sleep(ms(u64::from(acts % 4))).await;
                let name = ctx.node();
                let step = Step::<Log>::update(says.of(&ctx, name.to_owned()).last(name));
                Ok(if acts & 8 == 0 { step } else { step.send(worker, acts % 3) })
            })
        });
        let nodes: Vec<Node<Log>> = nodes.collect();
        if says == Says::Rivals {
            g.tune(worker).writes(["one"]);
            for &node in &nodes {
                g.tune(node).writes(["one"]);
            }
        }
        Self { g, nodes, worker, handler, lanes: 0 }
    }

    fn node(&self, at: usize) -> Node<Log> {
        self.nodes[at % self.nodes.len()]
    }

    /// A node, or a worker.
    fn origin(&self, at: usize) -> Origin<Log> {
        if at == 8 { self.worker.into() } else { self.node(at).into() }
    }

    /// Says so much that something is built now and then, then `wires`.
    pub fn wire(&mut self, count: usize, wires: Vec<Wire>) {
        let (first, worker, handler) = (self.node(0), self.worker, self.handler);
        self.g.start(first).edge(first, END).edge(worker, END).edge(handler, END);
        self.g.sends(first, worker).tune(first).on_error(handler);
        wires.into_iter().for_each(|wire| self.say(wire));
        for at in 1..count {
            let node = self.node(at);
            self.g.start(node).sends(node, worker).edge(node, END);
        }
    }

    /// Every node may send.
    pub fn all_send(&mut self) {
        for &node in &self.nodes {
            self.g.sends(node, self.worker);
        }
    }

    fn say(&mut self, wire: Wire) {
        match wire {
            Wire::Start(at) => {
                self.g.start(self.node(at));
            }
            Wire::Edge(from, to) => {
                let to: Vec<Node<Log>> = to.into_iter().map(|to| self.node(to)).collect();
                self.g.edge(self.origin(from), to);
            }
            Wire::End(from) => {
                self.g.edge(self.origin(from), END);
            }
            Wire::Route(from, yes, no) => {
                let (yes, no): (Targets<Log>, Targets<Log>) = match no {
                    8 => (self.node(yes).into(), END.into()),
                    _ => (self.node(yes).into(), self.node(no).into()),
                };
                // By what it has done itself: what siblings do is no matter. A node counts how often
                // it has run, a worker looks at what it got.
                let own = NAMES.get(from % self.nodes.len()).filter(|_| from < 8).copied();
                let pick = move |state: &Log| match own {
                    Some(own) => {
                        let runs = state.log.iter().filter(|said| said.starts_with(own));
                        runs.count() % 3 == from % 3
                    }
                    None => state.heard.first().is_some_and(|own| own == "w1"),
                };
                self.g.route(
                    self.origin(from),
                    pick,
                    move |way| {
                        if way { yes.clone() } else { no.clone() }
                    },
                );
            }
            Wire::Goes(from, to) => {
                self.g.goes(self.origin(from), self.node(to));
            }
            Wire::Sends(from) => {
                self.g.sends(self.origin(from), self.worker);
            }
            Wire::Join(from, to, quorum, deadline) => {
                let from: Vec<Node<Log>> = from.into_iter().map(|from| self.node(from)).collect();
                let policy = match deadline {
                    true => JoinPolicy::deadline(ms(2)).proceed(),
                    false => JoinPolicy::all(),
                };
                let policy = if quorum == 0 { policy } else { policy.quorum(quorum) };
                self.g.join(from, self.node(to), policy);
            }
            Wire::Lane(members) => {
                let Some(name) = ["lane", "lane 2", "lane 3"].get(self.lanes).copied() else {
                    return;
                };
                self.lanes += 1;
                let members: Vec<Node<Log>> =
                    members.into_iter().map(|one| self.node(one)).collect();
                let lane = self.g.lane(name, members);
                self.g.start(lane).edge(lane, END);
            }
            Wire::OnError(at) => {
                self.g.tune(self.origin(at)).on_error(self.handler);
            }
            Wire::OnBudget(from, to) => {
                let to = self.node(to);
                self.g.tune(self.origin(from)).on_budget(to);
            }
            Wire::Limits(at) => {
                let cache = Cache::by(|state: &Log| state.log.len().to_string());
                self.g.tune(self.origin(at)).timeout(ms(50)).cache(cache).concurrency(1);
            }
        }
    }
}

/// How a run ends that has all the time it needs.
pub fn ended(run: RunBuilder<Log>) -> Result<Outcome<Log>, GraphError> {
    awaited(run.outcome())
}

/// What comes of something that has all the time it needs.
pub fn awaited<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    let ended = runtime.block_on(async { tokio::time::timeout(ms(1_000_000), what).await });
    ended.expect("does not hang")
}
