//! Threads that another program wrote, or nobody in their right mind.

use std::sync::Arc;

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vpaura_graph::store::{At, Checkpoint, Commit, Lease, Record, Records, Source};
use vpaura_graph::{
    Ctx, Durable, END, Graph, GraphBuilder, GraphError, NodeError, Part, State, Store,
};

use crate::support::{Log, Made, chain, done, left, memory, named, say};

fn checkpoint(seq: u64, body: &str, snapshot: Option<&str>) -> Checkpoint {
    Checkpoint {
        seq,
        branch: 0,
        parent: (seq > 1).then(|| seq - 1),
        source: if seq == 1 { Source::Input } else { Source::Step },
        step: 0,
        body: body.to_owned(),
        snapshot: snapshot.map(str::to_owned),
    }
}

/// A thread that holds what it is told to.
async fn written(checkpoints: Vec<Checkpoint>, records: Vec<Record>) -> Arc<dyn Store> {
    let store = memory();
    let lease = Lease { thread: "t".into(), epoch: 1, head: None };
    let commit = Commit { checkpoints, expected: None, records: Records::None };
    store.commit(&lease, commit).await.expect("stores");
    store.put(&lease, records).await.expect("stores");
    store
}

const BODY: &str = r#"{"v":1,"n":["a"]}"#;
const WHOLE: &str = r#"{"v":1,"s":{"log":["in"],"n":0}}"#;

#[tokio::test]
async fn what_is_stored_reads_as_it_is_meant() {
    let store = written(vec![checkpoint(1, BODY, Some(WHOLE))], Vec::new()).await;
    let state = done(chain(&["a"]).resume().thread(store, "t").outcome().await);
    assert_eq!(state.log, ["in", "a"]);
}

#[tokio::test]
async fn corrupt_checkpoints_are_a_typed_error_of_that_thread() {
    let graph = chain(&["a"]);
    let cases: &[(&str, Option<&str>)] = &[
        ("", Some(WHOLE)),
        ("null", Some(WHOLE)),
        ("[1,2", Some(WHOLE)),
        (r#"{"v":"one"}"#, Some(WHOLE)),
        (BODY, Some("")),
        (BODY, Some("{}")),
        (BODY, Some(r#"{"v":1,"s":{"log":7}}"#)),
        (BODY, None),
    ];
    for (body, snapshot) in cases {
        let store = written(vec![checkpoint(1, body, *snapshot)], Vec::new()).await;
        let error = graph.resume().thread(Arc::clone(&store), "t").outcome().await;
        let error = error.expect_err("cannot be read");
        assert!(
            matches!(error, GraphError::Corrupt { seq: 1, .. }),
            "{body} {snapshot:?}: {error}"
        );
        // The thread is free again, and others are unharmed.
        let error = graph.thread(Arc::clone(&store), "t").get(At::Head).await;
        assert!(matches!(error, Err(GraphError::Corrupt { .. })));
        done(graph.run(say("in")).thread(store, "other").outcome().await);
    }
}

#[tokio::test]
async fn a_corrupt_update_names_its_checkpoint() {
    let bad = r#"{"v":1,"w":[{"p":"a","u":[{"n":"seven"}]}]}"#;
    let line = vec![checkpoint(1, BODY, Some(WHOLE)), checkpoint(2, bad, None)];
    let store = written(line, Vec::new()).await;
    let error = chain(&["a"]).resume().thread(store, "t").outcome().await.expect_err("bad");
    assert!(matches!(error, GraphError::Corrupt { seq: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_corrupt_note_is_a_typed_error() {
    let mut g = GraphBuilder::<Log>::new("notes");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        ctx.once("x", async |_| Ok::<_, NodeError>(1)).await?;
        ctx.interrupt::<u32>("y", &()).await?;
        Ok(ctx.update())
    });
    g.start(a).edge(a, END);
    let graph = g.build().expect("builds");
    for (slot, body) in [("done", "7"), ("done", ""), ("once:x", "{}"), ("ask:y", "nonsense")] {
        let record = Record { base: 1, path: "a".into(), slot: slot.into(), body: body.into() };
        let store = written(vec![checkpoint(1, BODY, Some(WHOLE))], vec![record]).await;
        let error = graph.resume().thread(store, "t").outcome().await;
        let error = error.expect_err("cannot be read");
        assert!(
            matches!(error, GraphError::Corrupt { seq: 1, .. } | GraphError::Node { .. }),
            "{slot} {body}: {error}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is in the store: an error or a state, no panic, no hang.
    #[test]
    fn no_stored_text_panics(
        body in "\\PC{0,40}|[\\[\\]{}:,\"vwnsjucxe01]{0,30}",
        whole in "\\PC{0,40}|[\\[\\]{}:,\"vsc01]{0,30}",
        note in "\\PC{0,20}",
        slot in "done|ask:q|once:q|step:00000001|used",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let cut = &BODY[..body.len() % BODY.len()];
        runtime.expect("starts").block_on(async {
            for (body, whole) in [(&*body, WHOLE), (BODY, &*whole), (cut, WHOLE), (BODY, WHOLE)] {
                let record =
                    Record { base: 1, path: "a".into(), slot: slot.clone(), body: note.clone() };
                let store = written(vec![checkpoint(1, body, Some(whole))], vec![record]).await;
                let graph = chain(&["a"]);
                let _any = graph.resume().thread(Arc::clone(&store), "t").outcome().await;
                let _any = graph.run(say("in")).thread(store, "t").outcome().await;
            }
        });
    }
}

/// The second version of [`Log`]: `n` has become `count`.
#[derive(State, Clone, Default, Debug, PartialEq, Serialize, Deserialize)]
#[state(version = 2, migrate = rename)]
struct Counted {
    #[reduce(append)]
    log: Vec<String>,
    count: u32,
}

fn rename(from: u32, _part: Part, mut value: Value) -> Result<Value, String> {
    let object = value.as_object_mut().ok_or("no object")?;
    if object.contains_key("count") {
        return Err(format!("version {from} has no count"));
    }
    if let Some(n) = object.remove("n") {
        object.insert("count".into(), n);
    }
    Ok(value)
}

fn counted_chain(names: &[&'static str]) -> Graph<Counted> {
    let mut g = GraphBuilder::<Counted>::new("chain");
    let add = |name: &&'static str| {
        let name = *name;
        g.node(name, move |ctx: Ctx<Counted>| async move {
            Ok::<_, NodeError>(ctx.update().log(name).count(ctx.state().count + 1))
        })
    };
    let nodes: Vec<_> = names.iter().map(add).collect();
    g.start(nodes[0]);
    for pair in nodes.windows(2) {
        g.edge(pair[0], pair[1]);
    }
    g.edge(nodes[nodes.len() - 1], END);
    g.build().expect("builds")
}

#[tokio::test]
async fn an_older_thread_is_migrated_wherever_it_was_left() {
    let old = chain(&["a", "b"]);
    let new = counted_chain(&["a", "b"]);
    let store = memory();
    let input = say("in").n(3);
    done(old.run(input).thread(Arc::clone(&store), "t").outcome().await);
    // Both forms in one line: a snapshot and deltas of the old, deltas of the new.
    let run = new.run(CountedUpdate::default().log("new")).thread(Arc::clone(&store), "t");
    let state = done(run.outcome().await);
    assert_eq!((state.count, state.log.join(" ")), (5, "in a b new a b".to_owned()));
    // A snapshot that is made later is of the new form, in a checkpoint of the old.
    let thread = new.thread(Arc::clone(&store), "t");
    thread.prune(2).await.expect("free");
    let state = thread.get(At::Head).await.expect("loads").expect("is there").state;
    assert_eq!((state.count, state.log.join(" ")), (5, "in a b new a b".to_owned()));
    // In the middle of a step, too.
    let state = done(new.resume().thread(Arc::clone(&store), "t").at(2).outcome().await);
    assert_eq!((state.count, state.log.join(" ")), (4, "in a b".to_owned()));
    // The old program does not touch what it does not know.
    let error = old.run(say("x")).thread(store, "t").outcome().await.expect_err("newer");
    assert!(matches!(error, GraphError::Newer { stored: 2, known: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_state_without_migration_says_so() {
    #[derive(State, Clone, Default, Debug, Serialize, Deserialize)]
    #[state(version = 3)]
    struct Later {
        n: u32,
    }
    let mut g = GraphBuilder::<Later>::new("chain");
    let a = g.node("a", async |ctx: Ctx<Later>| -> Result<LaterUpdate, NodeError> {
        Ok(ctx.update().n(1))
    });
    g.start(a).edge(a, END);
    let store = memory();
    done(chain(&["a"]).run(say("in")).thread(Arc::clone(&store), "t").outcome().await);
    let error = g.build().expect("builds").resume().thread(store, "t").outcome().await;
    let error = error.expect_err("no migration");
    assert!(
        matches!(&error, GraphError::Corrupt { reason, .. } if reason.contains("no migration")),
        "{error}"
    );
    assert!(<Later as Durable>::migrate(1, Part::State, Value::Null).is_err());
}

#[tokio::test]
async fn a_thread_that_waits_for_a_lost_node_names_it() {
    let mut g = GraphBuilder::<Log>::new("chain");
    let (a, b) = (
        named(&mut g, "a"),
        g.node("b", async |ctx: Ctx<Log>| -> Made {
            ctx.interrupt::<u32>("q", &()).await?;
            Ok(ctx.update())
        }),
    );
    g.start(a).edge(a, b).edge(b, END);
    let (old, store) = (g.build().expect("builds"), memory());
    old.run(say("in")).thread(Arc::clone(&store), "t").outcome().await.expect("asks");
    let new = chain(&["a", "c"]);
    let error = new.resume().thread(Arc::clone(&store), "t").outcome().await.expect_err("lost");
    assert!(matches!(&error, GraphError::UnknownNode { node, .. } if node == "b"), "{error}");
    // The thread is free and can be looked at, and new input begins anew.
    let thread = new.thread(Arc::clone(&store), "t");
    let found = thread.get(At::Head).await.expect("loads").expect("is there");
    assert_eq!(found.waiting.nodes, ["b"]);
    let state = done(new.run(say("new")).thread(Arc::clone(&store), "t").outcome().await);
    assert_eq!(state.log, ["in", "a", "new", "a", "c"]);
    assert!(left(&store, "t").await.records.is_empty());
}

/// A join that waits in a thread, in a graph where it is none any more: what leads there leads to
/// it once.
#[tokio::test]
async fn a_join_that_is_none_any_more_runs_once_in_a_step() {
    let mut g = GraphBuilder::<Log>::new("plain");
    let [b, c, d] = ["b", "c", "d"].map(|name| named(&mut g, name));
    g.start(b).start(c).edge(b, d).edge(c, d).edge(d, END);
    let body = r#"{"v":1,"n":["c"],"j":[["d",1]]}"#;
    let store = written(vec![checkpoint(1, body, Some(WHOLE))], Vec::new()).await;
    let graph = g.build().expect("builds");
    let state = done(graph.resume().thread(store, "t").outcome().await);
    assert_eq!(state.log, ["in", "c", "d"]);
}
