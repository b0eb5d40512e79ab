//! Questions: asked by name, answered by id, each once.

use std::sync::Arc;

use vpaura_graph::{
    Ask, Ctx, END, Graph, GraphBuilder, GraphError, JoinPolicy, NodeError, Outcome, Step, Store,
};

use crate::support::{Count, Log, Made, done, left, lines, memory, named, say};

async fn asked(outcome: Result<Outcome<Log>, GraphError>) -> Vec<Ask> {
    match outcome {
        Ok(Outcome::Interrupted(_, asks)) => asks,
        other => panic!("not interrupted: {other:?}"),
    }
}

/// A node that asks two questions, one after the other.
fn two_questions() -> Graph<Log> {
    let mut g = GraphBuilder::<Log>::new("ask");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let first: String = ctx.interrupt("first", &"First?").await?;
        let second: u32 = ctx.interrupt("second", &"Second?").await?;
        Ok(ctx.update().log(format!("{first} {second}")))
    });
    g.start(a).edge(a, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn interrupt_multiple() {
    let (graph, store) = (two_questions(), memory());
    let first = graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await;
    let asks = asked(first).await;
    assert_eq!(asks.len(), 1);
    assert_eq!((&*asks[0].key, &asks[0].question), ("first", &"First?".into()));
    let second = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"one");
    let asks = asked(second.update(say("by hand")).outcome().await).await;
    assert_eq!((asks.len(), &*asks[0].key), (1, "second"));
    let third = graph.resume().thread(store, "t").answer(&asks[0].id, &2);
    assert_eq!(done(third.outcome().await).log, ["in", "by hand", "one 2"]);
}

/// A child that asks, called once for each payload.
fn five_children() -> Graph<Log> {
    let mut child = GraphBuilder::<Log>::new("child");
    let ask = child.node("ask", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("what", &ctx.state().n).await?;
        Ok(ctx.update().log(format!("{}={answer}", ctx.state().n)))
    });
    child.start(ask).edge(ask, END);
    let child = child.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("five");
    let w = g.subgraph_worker("w", &child, |_: &Log, n: u32| Log { n, ..Log::default() }, lines);
    let plan = g.node("plan", move |_: Ctx<Log>| async move {
        Ok::<_, NodeError>((0..5).fold(Step::new(), |step, n| step.send(w, n)))
    });
    let merge = named(&mut g, "merge");
    g.start(plan).sends(plan, w).join(w, merge, JoinPolicy::all()).edge(merge, END);
    g.build().expect("builds")
}

#[tokio::test]
async fn multi_resume() {
    let (graph, store) = (five_children(), memory());
    let first = graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await;
    let asks = asked(first).await;
    let paths: Vec<&str> = asks.iter().map(|ask| &*ask.path).collect();
    assert_eq!(paths, ["w[0]/ask", "w[1]/ask", "w[2]/ask", "w[3]/ask", "w[4]/ask"]);
    // Answered in the opposite order, all at once.
    let mut run = graph.resume().thread(store, "t");
    for ask in asks.iter().rev() {
        run = run.answer(&ask.id, &format!("for {}", ask.question));
    }
    let log = done(run.outcome().await).log;
    let expected = ["in", "0=for 0", "1=for 1", "2=for 2", "3=for 3", "4=for 4", "merge"];
    assert_eq!(log, expected);
}

#[tokio::test]
async fn an_answered_child_does_not_ask_again_while_others_wait() {
    let (graph, store) = (five_children(), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[2].id, &"x");
    let open = asked(run.outcome().await).await;
    let paths: Vec<&str> = open.iter().map(|ask| &*ask.path).collect();
    assert_eq!(paths, ["w[0]/ask", "w[1]/ask", "w[3]/ask", "w[4]/ask"]);
    let before: Vec<&String> = asks.iter().map(|ask| &ask.id).collect();
    assert!(open.iter().all(|ask| before.contains(&&ask.id)), "ids stay");
}

#[tokio::test]
async fn a_loop_of_questions_does_its_work_once_a_round() {
    let work = Count::default();
    let counted = work.clone();
    let mut g = GraphBuilder::<Log>::new("loop");
    let a = g.node("a", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move {
            let n = ctx.once("work", async |_| Ok::<_, NodeError>(counted.add())).await?;
            let more: bool = ctx.interrupt("more", &n).await?;
            Made::Ok(ctx.update().log(format!("{n}")).n(u32::from(more)))
        }
    });
    g.start(a).route(a, |s| s.n == 1, move |more| if more { a.into() } else { END.into() });
    let (graph, store) = (g.build().expect("builds"), memory());
    let mut outcome = graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await;
    for round in 1..=4_u32 {
        let asks = asked(outcome).await;
        assert_eq!((asks.len(), asks[0].question.clone()), (1, round.into()));
        let more = round < 4;
        let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &more);
        outcome = run.outcome().await;
    }
    assert_eq!(done(outcome).log, ["in", "1", "2", "3", "4"]);
    assert_eq!(work.get(), 4);
}

#[tokio::test]
async fn two_answers_to_one_question_are_refused() {
    let (graph, store) = (two_questions(), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let id = &asks[0].id;
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(id, &"one").answer(id, &"two");
    match run.outcome().await {
        Err(GraphError::BadAnswer { ask, .. }) => assert_eq!(ask, *id),
        other => panic!("{other:?}"),
    }
    let run = graph.resume().thread(store, "t").answer(id, &"one").answer(id, &"one");
    assert_eq!(asked(run.outcome().await).await[0].key, "second", "nothing was stored before");
}

#[tokio::test]
async fn a_bad_answer_leaves_the_question_open() {
    let (graph, store) = (two_questions(), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &7);
    let error = run.outcome().await.expect_err("a number is no text");
    assert!(matches!(&error, GraphError::BadAnswer { ask, .. } if *ask == asks[0].id), "{error}");
    let thread = graph.thread(Arc::clone(&store), "t");
    let open = thread.get(vpaura_graph::store::At::Head).await.expect("loads").expect("there").asks;
    assert_eq!(open, asks);
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"one");
    let asks = asked(run.outcome().await).await;
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &2);
    assert_eq!(done(run.outcome().await).log, ["in", "one 2"]);
}

#[tokio::test]
async fn a_bad_answer_inside_a_subgraph_is_nobodys_to_handle() {
    let child = two_questions();
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("sub", &child, |_: &Log| Log::default(), lines);
    let handler = g.worker("handler", async |ctx: Ctx<Log>, _: vpaura_graph::Failure| -> Made {
        Ok(ctx.update().log("handled"))
    });
    g.tune(sub).on_error(handler);
    g.start(sub).edge(sub, END).edge(handler, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &7);
    let error = run.outcome().await.expect_err("a number is no text");
    assert!(matches!(error, GraphError::BadAnswer { .. }), "{error}");
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"one");
    let asks = asked(run.outcome().await).await;
    assert_eq!(&*asks[0].path, "sub/a");
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &2);
    assert_eq!(done(run.outcome().await).log, ["in", "one 2"]);
}

#[tokio::test]
async fn of_several_answers_all_are_taken_or_none() {
    let (graph, store) = (five_children(), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(Arc::clone(&store), "t");
    let run = run.answer(&asks[0].id, &"x").answer("nobody asked", &"y");
    match run.outcome().await {
        Err(GraphError::UnknownAsk { ask, open }) => {
            assert_eq!(ask, "nobody asked");
            assert_eq!(open.len(), 5);
        }
        other => panic!("{other:?}"),
    }
    let open = asked(graph.resume().thread(store, "t").outcome().await).await;
    assert_eq!(open, asks, "nothing was answered");
}

#[tokio::test]
async fn an_answer_can_be_given_again_and_not_be_changed() {
    let (graph, store) = (two_questions(), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    for _ in 0..2 {
        let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"one");
        assert_eq!(&*asked(run.outcome().await).await[0].key, "second");
    }
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &"other");
    let error = run.outcome().await.expect_err("answered otherwise");
    assert!(matches!(error, GraphError::UnknownAsk { .. }), "{error}");
}

#[tokio::test]
async fn a_sibling_of_a_question_runs_once() {
    let ran = Count::default();
    let counted = ran.clone();
    let mut g = GraphBuilder::<Log>::new("siblings");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(answer))
    });
    let b = g.node("b", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move { Made::Ok(ctx.update().log(format!("b{}", counted.add()))) }
    });
    g.start(a).start(b).edge(a, END).edge(b, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &"a");
    assert_eq!(done(run.outcome().await).log, ["in", "a", "b1"]);
    assert_eq!(ran.get(), 1);
}

/// A lane asks in its second node; the first does not run again.
#[tokio::test]
async fn a_lane_goes_on_behind_its_question() {
    let ran = Count::default();
    let counted = ran.clone();
    let mut g = GraphBuilder::<Log>::new("lanes");
    let first = g.node("first", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move {
            counted.add();
            Made::Ok(ctx.update().log("first"))
        }
    });
    let second = g.node("second", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &ctx.state().log).await?;
        Ok(ctx.update().log(answer))
    });
    let lane = g.lane("lane", [first, second]);
    let other = named(&mut g, "other");
    g.start(lane).start(other).edge(lane, END).edge(other, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    assert_eq!(asks[0].question, serde_json::json!(["in", "first"]));
    assert_eq!(&*asks[0].path, "lane/second");
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &"answer");
    assert_eq!(done(run.outcome().await).log, ["in", "first", "answer", "other"]);
    assert_eq!(ran.get(), 1);
}

/// Two graphs deep; what was done before the question is not done again.
#[tokio::test]
async fn nested_graphs_go_on_behind_their_question() {
    let ran = Count::default();
    let counted = ran.clone();
    let mut inner = GraphBuilder::<Log>::new("inner");
    let work = inner.node("work", move |ctx: Ctx<Log>| {
        let counted = counted.clone();
        async move { Made::Ok(ctx.update().log(format!("work{}", counted.add()))) }
    });
    let ask = inner.node("ask", async |ctx: Ctx<Log>| -> Made {
        let answer: String = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(answer))
    });
    inner.start(work).edge(work, ask).edge(ask, END);
    let inner = inner.build().expect("builds");
    let mut middle = GraphBuilder::<Log>::new("middle");
    let sub = middle.subgraph("inner", &inner, |_: &Log| Log::default(), lines);
    let (before, after) = (named(&mut middle, "before"), named(&mut middle, "after"));
    middle.start(before).edge(before, sub).edge(sub, after).edge(after, END);
    let middle = middle.build().expect("builds");
    let mut g = GraphBuilder::<Log>::new("outer");
    let sub = g.subgraph("middle", &middle, |_: &Log| Log::default(), lines);
    g.start(sub).edge(sub, END);
    let (graph, store) = (g.build().expect("builds"), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    assert_eq!(&*asks[0].path, "middle/inner/ask");
    let run = graph.resume().thread(Arc::clone(&store), "t").answer(&asks[0].id, &"answer");
    let log = done(run.outcome().await).log;
    assert_eq!(log, ["in", "before", "work1", "answer", "after"]);
    assert_eq!(ran.get(), 1);
    assert!(left(&store, "t").await.records.is_empty(), "nothing is left of the steps inside");
}

#[tokio::test]
async fn new_input_drops_the_question() {
    let (graph, store) = (two_questions(), memory());
    let old = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let new = asked(graph.run(say("new")).thread(Arc::clone(&store), "t").outcome().await).await;
    assert_ne!(old[0].id, new[0].id);
    let run = graph.resume().thread(store, "t").answer(&old[0].id, &"one");
    match run.outcome().await {
        Err(GraphError::UnknownAsk { open, .. }) => assert_eq!(open, [new[0].id.clone()]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_question_without_a_thread_is_told() {
    let asks = asked(two_questions().run(say("in")).outcome().await).await;
    assert_eq!(&*asks[0].key, "first");
}

/// A null is an answer, not the lack of one.
#[tokio::test]
async fn null_is_an_answer() {
    let mut g = GraphBuilder::<Log>::new("null");
    let a = g.node("a", async |ctx: Ctx<Log>| -> Made {
        let answer: Option<u32> = ctx.interrupt("q", &()).await?;
        Ok(ctx.update().log(format!("{answer:?}")))
    });
    g.start(a).edge(a, END);
    let (graph, store): (_, Arc<dyn Store>) = (g.build().expect("builds"), memory());
    let asks = asked(graph.run(say("in")).thread(Arc::clone(&store), "t").outcome().await).await;
    let run = graph.resume().thread(store, "t").answer(&asks[0].id, &None::<u32>);
    assert_eq!(done(run.outcome().await).log, ["in", "None"]);
}
