//! What `build()` refuses, and what holds for whatever it accepts.

use proptest::prelude::*;
use vpaura_graph::{
    BuildError, Cache, Ctx, END, Failure, GraphBuilder, GraphError, Issue, JoinPolicy, Outcome,
    Retry, Route, Step, Warning, Worker,
};

use crate::logs::{Log, empty, ms, says};
use crate::random::{Says, Wired, ended, wire};

fn issues(g: GraphBuilder<Log>) -> Vec<Issue> {
    let BuildError { graph, issues } = g.build().expect_err("is refused");
    assert_eq!(graph, "wrong");
    issues
}

fn wrong() -> GraphBuilder<Log> {
    GraphBuilder::new("wrong")
}

fn worker(g: &mut GraphBuilder<Log>, name: &'static str) -> Worker<Log, u32> {
    g.worker(name, async |ctx: Ctx<Log>, _: u32| Ok(ctx.update()))
}

#[test]
fn a_graph_without_a_start_is_refused() {
    let mut g = wrong();
    let a = says(&mut g, "a");
    g.edge(a, END);
    assert_eq!(issues(g), [Issue::NoEntry]);
    assert_eq!(issues(wrong()), [Issue::NoEntry]);
}

#[test]
fn names_are_there_once_and_fit_into_paths() {
    let mut g = wrong();
    for name in ["a", "a", "a", "", "x/y", "x:y", "[", "]", "#"] {
        let node = says(&mut g, name);
        g.start(node).edge(node, END);
    }
    let bad = ["", "x/y", "x:y", "[", "]", "#"].map(|name| Issue::BadName { name });
    let expected: Vec<Issue> =
        bad.into_iter().chain([Issue::DuplicateName { name: "a" }]).collect();
    assert_eq!(issues(g), expected);
}

#[test]
fn a_handle_of_another_graph_is_named_once_wherever_it_is_used() {
    let mut other = GraphBuilder::<Log>::new("other");
    let theirs = says(&mut other, "theirs");
    let mut g = wrong();
    let a = says(&mut g, "a");
    g.start(a).start(theirs).edge(a, theirs).edge(theirs, a).edge(a, END).goes(a, theirs);
    g.join(theirs, a, JoinPolicy::all()).join(a, theirs, JoinPolicy::all());
    g.tune(theirs).timeout(ms(1));
    g.tune(a).on_budget(theirs);
    g.route(a, |_| true, move |_| theirs.into());
    assert_eq!(issues(g), [Issue::ForeignHandle { name: "theirs" }]);
}

#[test]
fn a_route_without_choices_is_refused() {
    #[derive(Clone, Copy, PartialEq, Debug)]
    enum Never {}
    impl Route for Never {
        const ALL: &'static [Self] = &[];
    }
    let mut g = wrong();
    let a = says(&mut g, "a");
    g.start(a).edge(a, END).route(
        a,
        |_| -> Never { unreachable!("has no choice") },
        |_| END.into(),
    );
    assert_eq!(issues(g), [Issue::EmptyRoute { node: "a" }]);
}

#[test]
fn what_cannot_be_reached_or_left_is_named() {
    let mut g = wrong();
    let [a, lost, dead, round, again] =
        ["a", "lost", "dead", "round", "again"].map(|name| says(&mut g, name));
    let alone = worker(&mut g, "alone");
    g.start(a).edge(a, (dead, round)).edge(lost, END).edge(round, again).edge(again, round);
    g.edge(alone, END);
    assert_eq!(
        issues(g),
        [
            Issue::Unreachable { node: "lost" },
            Issue::NoSender { worker: "alone" },
            Issue::DeadEnd { node: "dead" },
            Issue::NoExit { nodes: vec!["again", "round"] },
        ]
    );
}

#[test]
fn a_node_that_chooses_where_it_goes_may_go_nowhere() {
    let mut g = GraphBuilder::<Log>::new("chooses");
    let (a, b) = (says(&mut g, "a"), says(&mut g, "b"));
    g.start(a).goes(a, b).edge(b, a);
    assert!(g.build().is_ok());
}

/// The nodes of cycles that `build` warns of, as nothing ends them.
fn endless(g: GraphBuilder<Log>) -> Vec<&'static str> {
    let graph = g.build().expect("builds");
    let nodes = graph.warnings().iter().find_map(|warning| match warning {
        Warning::EndlessLoop { nodes } => Some(nodes.clone()),
        _ => None,
    });
    nodes.unwrap_or_default()
}

/// A way to the end is none where the way back is taken as well.
#[test]
fn a_cycle_that_is_always_taken_is_warned_of() {
    let mut g = wrong();
    let [a, model, tools] = ["a", "model", "tools"].map(|name| says(&mut g, name));
    g.start(a).edge(a, model).edge(model, tools).edge(tools, model).edge(model, END);
    assert_eq!(endless(g), ["model", "tools"]);
    // Nor is a choice that leads back as well.
    let mut g = wrong();
    let [model, other, tools] = ["model", "other", "tools"].map(|name| says(&mut g, name));
    g.start(model).edge(tools, model).edge(other, END);
    let both = move |both| if both { (tools, other).into() } else { tools.into() };
    g.route(model, |_| true, both);
    assert_eq!(endless(g), ["model", "tools"]);
}

#[test]
fn a_cycle_that_something_ends_is_not_warned_of() {
    // A choice of each route.
    let mut g = wrong();
    let [model, tools] = ["model", "tools"].map(|name| says(&mut g, name));
    g.start(model).edge(tools, model);
    g.route(model, |_| true, move |more| if more { tools.into() } else { END.into() });
    assert_eq!(endless(g), [""; 0]);
    // A join that does not wait for the rest.
    for policy in [JoinPolicy::all().quorum(1), JoinPolicy::deadline(ms(5)).proceed()] {
        let mut g = wrong();
        let [a, turn, back, d] = ["a", "turn", "back", "d"].map(|name| says(&mut g, name));
        g.start(a).start(turn).edge(turn, back).edge(back, turn).edge(d, END);
        g.join((a, turn), d, policy);
        assert_eq!(endless(g), [""; 0], "{policy:?}");
    }
    // A failure that somebody handles.
    let mut g = wrong();
    let [model, tools] = ["model", "tools"].map(|name| says(&mut g, name));
    let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| Ok(ctx.update()));
    g.start(model).edge(model, tools).edge(tools, model).edge(handler, END);
    g.tune(tools).on_error(handler);
    assert_eq!(endless(g), [""; 0]);
}

/// A route that is asked several times can take several of its choices.
#[test]
fn a_join_of_choices_of_a_route_that_is_asked_again_is_built() {
    let mut g = GraphBuilder::<Log>::new("sent");
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| says(&mut g, name));
    let w = worker(&mut g, "w");
    g.start(a).sends(a, w).edge(a, END).edge(d, END).join((b, c), d, JoinPolicy::all());
    g.route(w, |_| true, move |left| if left { b.into() } else { c.into() });
    assert!(g.build().is_ok());
    let mut g = GraphBuilder::<Log>::new("again");
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| says(&mut g, name));
    g.start(a).join((b, c), d, JoinPolicy::all()).edge(d, END).goes(b, a);
    g.route(a, |_| true, move |left| if left { b.into() } else { c.into() });
    assert!(g.build().is_ok());
}

#[test]
fn joins_that_can_never_fire_are_refused() {
    let mut g = wrong();
    let [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map(|name| says(&mut g, name));
    g.start(a).start(d).start(e).edge(d, END).edge(e, END);
    g.route(a, |_| true, move |left| if left { b.into() } else { c.into() });
    g.join((b, c), d, JoinPolicy::all().quorum(3));
    g.join(e, e, JoinPolicy::all());
    assert_eq!(
        issues(g),
        [
            Issue::Quorum { join: "d", quorum: 3, parents: 2 },
            Issue::ExclusiveJoin { join: "d", parents: vec!["b", "c"] },
            Issue::SelfJoin { join: "e" },
        ]
    );
}

#[test]
fn what_a_thread_remembers_is_not_cached_for_others() {
    let mut g = GraphBuilder::<Log>::new("agent");
    let a = says(&mut g, "a");
    g.start(a).edge(a, END);
    let agent = g.build().expect("builds");
    let mut g = wrong();
    let cache = || Cache::by(|state: &Log| state.log.len().to_string());
    let out = |inner: Log| empty().extend_log(inner.log);
    let plain = g.subgraph("plain", &agent, |_| Log::default(), out);
    let kept = g.persistent_subgraph("kept", &agent, |_| empty(), out);
    g.tune(plain).cache(cache());
    g.tune(kept).cache(cache());
    g.start(plain).edge(plain, kept).edge(kept, END);
    assert_eq!(issues(g), [Issue::CachedMemory { node: "kept" }]);
}

#[test]
fn a_lane_has_nodes_that_are_its_own() {
    let mut g = wrong();
    let [one, two, three, a] = ["one", "two", "three", "a"].map(|name| says(&mut g, name));
    let w = worker(&mut g, "w");
    let handler = g.worker("handler", async |ctx: Ctx<Log>, _: Failure| Ok(ctx.update()));
    let none = g.lane("none", []);
    let edged = g.lane("edged", [one, two]);
    let again = g.lane("again", [three, three]);
    let lanes = g.lane("lanes", [again]);
    g.start(a).start(none).start(edged).start(lanes);
    g.edge(a, two).edge(a, END).edge(one, END).sends(a, w).edge(w, END).edge(handler, END);
    g.edge(none, END).edge(edged, END).edge(lanes, END);
    g.tune(edged).retry(Retry::any(2));
    g.tune(lanes).on_error(handler);
    let bad = |lane, why: &str| Issue::BadLane { lane, why: why.into() };
    assert_eq!(
        issues(g),
        [
            bad("none", "it has no nodes"),
            bad("edged", "retries, limits and a cache are its nodes'"),
            bad("edged", "`one` has edges of its own"),
            bad("edged", "an edge leads to `two`"),
            bad("again", "`three` is in a lane twice"),
            bad("lanes", "`again` is a worker or a lane"),
        ]
    );
}

#[test]
fn too_many_fields_are_refused() {
    use vpaura_graph::{Field, ReduceError, Reducer, State};
    #[derive(Clone, Default)]
    struct Wide;
    #[derive(Clone, Default)]
    struct None;
    impl From<None> for Step<Wide> {
        fn from(none: None) -> Self {
            Self::update(none)
        }
    }
    const FIELD: Field = Field { name: "f", reducer: Reducer::Set, ty: "u8", ephemeral: false };
    impl State for Wide {
        type Update = None;
        type Context = ();
        type Event = ();
        const FIELDS: &'static [Field] = &[FIELD; 65];
        fn apply(&mut self, _: None) -> Result<(), ReduceError> {
            Ok(())
        }
    }
    let mut g = GraphBuilder::<Wide>::new("wide");
    let a = g.node("a", async |_: Ctx<Wide>| Ok(None));
    g.start(a).edge(a, END);
    let issues = g.build().expect_err("is refused").issues;
    assert_eq!(issues, [Issue::TooManyFields { fields: 65 }]);
}

#[test]
fn all_reasons_are_in_the_message() {
    let mut g = wrong();
    let a = says(&mut g, "a");
    g.start(a);
    says(&mut g, "b");
    let text = g.build().expect_err("is refused").to_string();
    insta::assert_snapshot!(text, @"graph `wrong` cannot be built: no path leads to node `b`; node `a` has no outgoing edge: add one, if only to END; node `b` has no outgoing edge: add one, if only to END");
}

proptest! {
    /// Whatever is wired, `build` answers; whatever it accepts ends or reaches its step limit.
    #[test]
    fn any_wiring_is_refused_or_ends(
        count in 1..6usize,
        wires in prop::collection::vec(wire(), 1..16),
        behaviour: u32,
        places in prop::option::of(1..3usize),
    ) {
        let mut wired = Wired::new(count, behaviour, Says::Names);
        wired.wire(count, wires);
        let Ok(graph) = wired.g.build() else { return Ok(()) };
        let run = graph.run(empty()).step_limit(40);
        let run = match places {
            Some(nodes) => run.concurrency(nodes),
            None => run,
        };
        match ended(run) {
            Ok(Outcome::Done(_)) | Err(GraphError::StepLimit { .. }) => {}
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// Whatever nodes come to write a field together that only one may write: `build` has warned of
    /// them.
    #[test]
    fn a_conflict_has_been_warned_of(
        count in 2..6usize,
        wires in prop::collection::vec(wire(), 1..10),
        behaviour: u32,
        only_first: bool,
    ) {
        let mut wired = Wired::new(count, behaviour, Says::Rivals);
        // Where all nodes are due at once, all conflicts are there in the first step.
        wired.wire(if only_first { 1 } else { count }, wires);
        let Ok(graph) = wired.g.build() else { return Ok(()) };
        if let Err(GraphError::Conflict { field, writers }) = ended(graph.run(empty()).step_limit(40)) {
            let warned = graph.warnings().iter().find_map(|warning| match warning {
                Warning::ParallelWriters { field: "one", nodes } => Some(nodes.clone()),
                _ => None,
            });
            prop_assert_eq!(field, "one");
            let warned = warned.unwrap_or_default();
            for writer in &writers {
                let name = writer.split('[').next().unwrap_or_default();
                // Of a lane the nodes in it are warned of.
                let known = warned.contains(&name) || name.starts_with("lane");
                prop_assert!(known, "{writers:?}, and {warned:?} are warned of");
            }
            prop_assert!(!warned.is_empty());
        }
    }
}
