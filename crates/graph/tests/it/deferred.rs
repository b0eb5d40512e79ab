//! What is stored at the end of a run becomes text when it is stored, and not at all when it is
//! forgotten.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize, Serializer};
use vpaura_graph::store::{At, Page};
use vpaura_graph::{
    Ctx, Durability, END, Graph, GraphBuilder, GraphError, JoinPolicy, NodeError, Outcome, Send,
    State, Step, Store,
};

use crate::support::{done, left, memory};

/// How often each text was written as JSON.
static WRITTEN: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn written(text: &str) -> usize {
    WRITTEN.lock().expect("unpoisoned").get(text).copied().unwrap_or_default()
}

/// A text that counts how often it is written, or refuses to be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Word(String);

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_str() {
            "unspeakable" => return Err(serde::ser::Error::custom("it cannot be said")),
            "panic" => panic!("on purpose"),
            text => *WRITTEN.lock().expect("unpoisoned").entry(text.to_owned()).or_default() += 1,
        }
        serializer.serialize_str(&self.0)
    }
}

#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Words {
    #[reduce(append)]
    said: Vec<Word>,
    #[reduce(last)]
    newest: Option<Word>,
    n: u32,
}

type Made = Result<WordsUpdate, NodeError>;

fn say(text: &str) -> WordsUpdate {
    WordsUpdate::default().said(Word(text.to_owned()))
}

fn said(state: &Words) -> Vec<&str> {
    state.said.iter().map(|word| word.0.as_str()).collect()
}

/// Nodes one after the other, each saying one word; the last one asks before it says it.
fn asking(words: &[&'static str]) -> Graph<Words> {
    let mut g = GraphBuilder::<Words>::new("asking");
    let last = words.len() - 1;
    let node = |g: &mut GraphBuilder<Words>, at: usize, word: &'static str| {
        g.node(["a", "b", "c", "d"][at], move |ctx: Ctx<Words>| async move {
            if at == last {
                ctx.interrupt::<()>("go on", &()).await?;
            }
            Made::Ok(say(word))
        })
    };
    let nodes: Vec<_> = words.iter().enumerate().map(|(at, word)| node(&mut g, at, word)).collect();
    g.start(nodes[0]);
    for pair in nodes.windows(2) {
        g.edge(pair[0], pair[1]);
    }
    g.edge(nodes[last], END);
    g.build().expect("builds")
}

/// Many steps that overwrite one long text.
fn rewriting(text: &'static str) -> Graph<Words> {
    let mut g = GraphBuilder::<Words>::new("rewriting");
    let a = g.node("a", move |ctx: Ctx<Words>| async move {
        let long = Word(format!("{text}{}", "x".repeat(4000)));
        Made::Ok(ctx.update().n(ctx.state().n + 1).newest(Some(long)))
    });
    g.start(a).route(a, |s| s.n < 50, move |more| if more { a.into() } else { END.into() });
    g.build().expect("builds")
}

/// Siblings, sends and a nested graph, each saying a word that begins with `name`.
fn everything(name: &'static str) -> Graph<Words> {
    let mut child = GraphBuilder::<Words>::new("child");
    let inner = child
        .node("inner", move |_: Ctx<Words>| async move { Made::Ok(say(&format!("{name} inner"))) });
    child.start(inner).edge(inner, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Words>::new("everything");
    let worker = g.worker("worker", move |_: Ctx<Words>, word: Word| async move {
        Made::Ok(WordsUpdate::default().said(word))
    });
    let plan = g.node("plan", move |_: Ctx<Words>| async move {
        let word = |n| Word(format!("{name} worker {n}"));
        Ok::<_, NodeError>(Step::new().send_all((0..3).map(|n| Send::to(worker, word(n)))))
    });
    let sub = g.subgraph(
        "sub",
        &child,
        |_: &Words| Words::default(),
        |child: Words| child.said.into_iter().fold(WordsUpdate::default(), WordsUpdate::said),
    );
    let merge = g
        .node("merge", move |_: Ctx<Words>| async move { Made::Ok(say(&format!("{name} merge"))) });
    g.start(plan).start(sub).sends(plan, worker);
    g.join(worker, merge, JoinPolicy::all()).edge(sub, merge).edge(merge, END);
    g.build().expect("builds")
}

fn any_written(name: &str) -> Vec<String> {
    let all = WRITTEN.lock().expect("unpoisoned");
    all.keys().filter(|text| text.starts_with(name)).cloned().collect()
}

#[tokio::test]
async fn what_is_forgotten_never_becomes_text() {
    for (name, graph) in [
        ("forgotten", everything("forgotten")),
        ("forgotten and long", rewriting("forgotten and long")),
    ] {
        let run = graph.run(say(name)).thread(memory(), "t").durability(Durability::Exit);
        done(run.forget_when_done().outcome().await);
        assert_eq!(any_written(name), Vec::<String>::new());
    }
    // The count does count.
    let (graph, store) = (everything("kept"), memory());
    let run = graph.run(say("kept input")).thread(store, "t").durability(Durability::Exit);
    done(run.outcome().await);
    let words = ["kept inner", "kept input", "kept merge", "kept worker 0", "kept worker 1"];
    assert_eq!(any_written("kept")[..5], words);
}

#[tokio::test]
async fn an_interrupted_run_becomes_text_once_and_goes_on() {
    let (graph, store) = (asking(&["once a", "once b", "once c"]), memory());
    let run = graph.run(say("once in")).thread(Arc::clone(&store), "t");
    let outcome = run.durability(Durability::Exit).forget_when_done().outcome().await;
    let asks = match outcome {
        Ok(Outcome::Interrupted(state, asks)) => {
            assert_eq!(said(&state), ["once in", "once a", "once b"]);
            asks
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(["once in", "once a", "once b", "once c"].map(written), [1, 1, 1, 0]);
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(asks[0].id.clone(), &());
    let state = done(run.durability(Durability::Exit).forget_when_done().outcome().await);
    assert_eq!(said(&state), ["once in", "once a", "once b", "once c"]);
    assert_eq!(["once in", "once a", "once b", "once c"].map(written), [1, 1, 1, 0]);
    assert!(store.load(&"t".into(), At::Head).await.expect("loads").is_none());
}

#[tokio::test]
async fn what_has_no_text_is_told_when_it_is_stored() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let (graph, store) = (asking(&["fine", "unspeakable", "never"]), memory());
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").durability(durability);
        match run.outcome().await {
            Err(GraphError::Encode { path, reason }) => {
                assert_eq!((&*path, reason.as_str()), ("b", "it cannot be said"), "{durability:?}");
            }
            other => panic!("{durability:?}: {other:?}"),
        }
        // What came before it is there.
        let found = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("stored");
        assert_eq!(said(&found.state), ["in", "fine"], "{durability:?}");
        assert_eq!(found.waiting.nodes, ["b"]);
    }
}

#[tokio::test]
async fn a_serializer_that_panics_fails_the_run_alone() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let graph = asking(&["fine", "panic", "never"]);
        let run = graph.run(say("in")).thread(memory(), "t").durability(durability);
        match run.outcome().await {
            Err(GraphError::Panicked { path, message }) => {
                assert_eq!((&*path, message.as_str()), ("asking", "on purpose"), "{durability:?}");
            }
            other => panic!("{durability:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_has_no_text_does_not_matter_to_what_is_forgotten() {
    let mut g = GraphBuilder::<Words>::new("mute");
    let a = g.node("a", async |_: Ctx<Words>| Made::Ok(say("unspeakable")));
    g.start(a).edge(a, END);
    let run = g.build().expect("builds").run(say("in")).thread(memory(), "t");
    done(run.durability(Durability::Exit).forget_when_done().outcome().await);
}

/// However it is stored: not all deltas must be read.
#[tokio::test]
async fn every_mode_makes_snapshots() {
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let (graph, store) = (rewriting("again"), memory());
        let run = graph.run(say("in")).thread(Arc::clone(&store), "t").durability(durability);
        let ended = done(run.outcome().await);
        let page = Page { before: None, limit: u32::MAX };
        let all = store.history(&"t".into(), page).await.expect("lists");
        let snapshots = all.iter().filter(|it| it.has_snapshot && it.seq > 1).count();
        assert!((1..=4).contains(&snapshots), "{durability:?}: {snapshots}");
        assert!(left(&store, "t").await.line.len() < 40, "{durability:?}");
        let found = graph.thread(store, "t").get(At::Head).await.expect("loads").expect("stored");
        assert_eq!(found.state, ended, "{durability:?}");
    }
}

static COPIES: AtomicUsize = AtomicUsize::new(0);

/// Counts its copies.
#[derive(Default, Debug, PartialEq, Serialize, Deserialize)]
struct Heavy;

impl Clone for Heavy {
    fn clone(&self) -> Self {
        COPIES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
struct Weighed {
    n: u32,
    heavy: Heavy,
}

/// What waits to be stored does not hold the state: a step changes it in place.
#[tokio::test]
async fn a_step_copies_no_state() {
    let mut g = GraphBuilder::<Weighed>::new("steps");
    let a = g
        .node("a", async |ctx: Ctx<Weighed>| Ok::<_, NodeError>(ctx.update().n(ctx.state().n + 1)));
    g.start(a).route(a, |s| s.n < 50, move |more| if more { a.into() } else { END.into() });
    let graph = g.build().expect("builds");
    for durability in [Durability::Sync, Durability::Async, Durability::Exit] {
        let before = COPIES.load(Ordering::Relaxed);
        let run = graph.run(WeighedUpdate::default()).thread(memory(), "t");
        assert_eq!(done(run.durability(durability).outcome().await).n, 50);
        let copies = COPIES.load(Ordering::Relaxed) - before;
        assert!(copies <= 1, "{durability:?}: {copies}");
    }
}
