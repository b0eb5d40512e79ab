//! Budgets in the life of a run: refused before the model is asked, held while it runs, settled
//! however it ends.

use std::time::Duration;

use vpaura_domain::{
    BudgetPeriod, BudgetUnit, Origin, RunEventKind, RunStatus, Scope, Spender, WorkspaceId,
};
use vpaura_engine::{Engine, Error, NewBudget, StartRun};
use vpaura_llm::{LlmError, ModelEvent, StopReason, TokenUsage};

use crate::support::{World, calls, say, says, to_end, until_text, user, visitor};

async fn budget(engine: &Engine, spender: Spender, amount: u64) {
    let (period, unit) = (BudgetPeriod::Day, BudgetUnit::Tokens);
    let new = NewBudget { spender, period, unit, amount };
    engine.set_budget(&Scope::operator(), new, &Origin::default()).await.unwrap();
}

/// Spent, reserved and left of the only budget.
async fn ledger(engine: &Engine) -> (u64, u64, u64) {
    let states = engine.list_budgets(&Scope::operator()).await.unwrap();
    (states[0].spent, states[0].reserved, states[0].left)
}

fn brief(text: &str) -> StartRun {
    StartRun { max_tokens: Some(50), ..say(text) }
}

fn answers(world: &World, text: &str, input: u64, output: u64) {
    let script = world.model.script();
    script.text(text);
    let usage = TokenUsage { input, output, ..TokenUsage::default() };
    script.push(ModelEvent::Usage(usage));
    script.end();
}

#[tokio::test]
async fn what_might_overspend_is_refused_before_the_model_is_asked() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    budget(&engine, Spender::Workspace, 100).await;
    let refused = engine.start_run(&me, brief("hi")).await;
    let Err(Error::BudgetExceeded { state, retry_after }) = refused else { panic!("{refused:?}") };
    assert_eq!((state.left, state.reserved), (100, 0));
    assert!(retry_after.as_secs() > 0 && retry_after.as_secs() <= 86_400);
    assert!(world.model.requests().is_empty());
    let listed = engine.list_conversations(&me, Default::default(), &Default::default()).await;
    assert_eq!(listed.unwrap().items, []);
}

#[tokio::test]
async fn what_is_held_while_a_run_goes_is_settled_when_it_ends() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    budget(&engine, Spender::Workspace, 10_000).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, brief("hi")).await.unwrap();
    script.text("well");
    until_text(&mut started.reader, "well").await;
    let (spent, reserved, _) = ledger(&engine).await;
    assert!(spent == 0 && reserved > 50 && reserved < 3_000, "{reserved}");
    let usage = TokenUsage { input: 30, output: 12, ..TokenUsage::default() };
    script.push(ModelEvent::Usage(usage));
    script.end();
    to_end(&mut started.reader).await.unwrap();
    assert_eq!(ledger(&engine).await, (42, 0, 9_958));
}

#[tokio::test]
async fn failing_and_stopping_settle_too() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    budget(&engine, Spender::Workspace, 10_000).await;
    world.model.refuse(LlmError::UnknownModel("a/b".parse().unwrap()));
    let mut failed = engine.start_run(&me, brief("hi")).await.unwrap();
    to_end(&mut failed.reader).await.unwrap();
    assert_eq!(ledger(&engine).await, (0, 0, 10_000));
    let script = world.model.script();
    let mut stopped = engine.start_run(&me, brief("hi")).await.unwrap();
    script.text("well");
    until_text(&mut stopped.reader, "well").await;
    let run = engine.cancel_run(&me, stopped.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Cancelled);
    let (spent, reserved, _) = ledger(&engine).await;
    assert_eq!((spent, reserved), (run.usage.input + run.usage.output, 0));
    assert!(spent > 0, "what was consumed was consumed");
}

#[tokio::test]
async fn each_further_call_must_fit() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    budget(&engine, Spender::Workspace, 3_000).await;
    // The first call takes nearly all.
    let script = world.model.script();
    let (id, name) = ("c1".to_owned(), "current_time".to_owned());
    script.push(ModelEvent::ToolCallStart { index: 0, id, name });
    script.push(ModelEvent::Usage(TokenUsage { input: 2_500, output: 50, ..Default::default() }));
    script.push(ModelEvent::Stop(StopReason::ToolCalls));
    let mut started = engine.start_run(&me, brief("what time is it?")).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    let last = events.last().unwrap();
    assert!(
        matches!(&last.kind, RunEventKind::RunFailed { code, .. } if code == "BUDGET_EXCEEDED"),
        "{last:?}"
    );
    assert_eq!(world.model.requests().len(), 1);
    assert_eq!(ledger(&engine).await, (2_550, 0, 450));
}

#[tokio::test]
async fn a_tool_loop_that_fits_goes_through_and_is_counted_whole() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    budget(&engine, Spender::Workspace, 20_000).await;
    calls(&world, &[("c1", "current_time", "{}")]);
    answers(&world, "It is late.", 300, 5);
    let mut started = engine.start_run(&me, brief("what time is it?")).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    let run = engine.get_run(&me, started.run.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(ledger(&engine).await.0, run.usage.input + run.usage.output);
    assert_eq!(ledger(&engine).await.1, 0);
}

#[tokio::test]
async fn what_a_dead_server_held_is_settled_by_who_takes_over() {
    let world = World::new();
    let (first, second) = (world.paused_engine().await, world.paused_engine().await);
    let me = visitor(&first).await;
    budget(&first, Spender::Workspace, 10_000).await;
    let script = world.model.script();
    let mut started = first.start_run(&me, brief("hi")).await.unwrap();
    script.text("well");
    until_text(&mut started.reader, "well").await;
    drop(second);
    answers(&world, "hello", 20, 2);
    // The first server's lease runs out, and another finds the run.
    world.clock.advance(Duration::from_secs(60));
    let third = world.engine().await;
    let mut reader = third.follow_run(&me, started.run.id, 0).await.unwrap();
    to_end(&mut reader).await.unwrap();
    let run = third.get_run(&me, started.run.id).await.unwrap();
    assert_eq!((run.status, run.epoch), (RunStatus::Completed, 2));
    assert_eq!(ledger(&third).await, (22, 0, 9_978));
}

#[tokio::test]
async fn deleting_a_user_stops_their_runs_and_frees_what_these_held() {
    let world = World::new();
    let engine = world.engine().await;
    user(&engine, "owner").await;
    let (id, me) = user(&engine, "member").await;
    budget(&engine, Spender::Workspace, 10_000).await;
    let script = world.model.script();
    let mut started = engine.start_run(&me, brief("hi")).await.unwrap();
    script.text("well");
    until_text(&mut started.reader, "well").await;
    assert!(ledger(&engine).await.1 > 0);
    engine.delete_user(&Scope::operator(), id, None, &Origin::default()).await.unwrap();
    assert_eq!(ledger(&engine).await, (0, 0, 10_000));
    let stopped = tokio::time::timeout(Duration::from_secs(5), script.dropped()).await;
    assert!(stopped.is_ok(), "the model goes on for nobody");
    // What the run does in the end changes nothing any more.
    assert_eq!(engine.stop(Duration::from_secs(5)).await, 0);
    assert_eq!(ledger(&world.engine().await).await, (0, 0, 10_000));
}

#[tokio::test]
async fn a_budget_is_for_its_spender_alone() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let other = vpaura_domain::ChatbotId::from_uuid(WorkspaceId::DEFAULT.uuid());
    budget(&engine, Spender::Chatbot(other), 0).await;
    let refused = engine.start_run(&me, brief("hi")).await;
    assert!(matches!(refused, Err(Error::BudgetExceeded { .. })), "{refused:?}");
    let new = vpaura_engine::NewChatbot { name: "Free".into(), ..Default::default() };
    let (operator, origin) = (Scope::operator(), Origin::default());
    let free = engine.create_chatbot(&operator, new, None, &origin).await.unwrap();
    says(&world, "hello");
    let request = StartRun { chatbot_id: Some(free.id), ..brief("hi") };
    let mut started = engine.start_run(&me, request).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    assert_eq!(ledger(&engine).await, (0, 0, 0));
}
