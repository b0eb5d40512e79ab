//! Runs that wait for answers: set aside, left alone, taken up again.

use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::json;
use vpaura_domain::{
    Ask, ConversationId, Run, RunEventKind, RunId, RunStatus, Scope, Timestamp, WorkspaceId,
};
use vpaura_store::{StoreError, SuspendRun};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::{SERVER, USAGE};
use crate::recovery::expire_leases;

conformance! {
    async fn a_run_is_set_aside_and_taken_up_again(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        db.store
            .append_events(WorkspaceId::DEFAULT, run.id, 1, &[db.delta(&run, 1, "Let me see.")])
            .await
            .unwrap();
        let suspend = suspension(&db, &run, 2);
        let waiting = db.store.suspend_run(suspend.clone()).await.unwrap();
        assert_eq!((waiting.status, waiting.last_seq), (RunStatus::Interrupted, 2));
        assert_eq!((waiting.usage, waiting.finished_at), (USAGE, None));
        assert_eq!(db.store.suspend_run(suspend).await.unwrap(), waiting, "safe to repeat");
        assert_eq!(db.store.get_run(&scope, run.id).await.unwrap(), Some(waiting.clone()));
        assert_eq!(db.store.active_run(&scope, id).await.unwrap(), Some(waiting));
        let events = db.store.run_events(&scope, run.id, 0, 10).await.unwrap();
        assert_eq!(events, [db.delta(&run, 1, "Let me see."), asked(&db, &run, 2)]);

        let request = json!({ "answers": { "ask": true } });
        let owner = db.uuid();
        let taken = db
            .store
            .claim_interrupted(&scope, (run.id, 1), Some(&request), owner, later(&db))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((taken.run.status, taken.run.epoch), (RunStatus::Running, 2));
        assert_eq!((taken.workspace_id, &taken.request), (WorkspaceId::DEFAULT, &request));
        assert_eq!(db.store.run_request(&scope, run.id).await.unwrap(), Some(request));
        assert!(db.store.renew_leases(owner, &[run.id], later(&db)).await.unwrap()[0].held);
        let ended = db.store.finish_run(db.ending(&taken.run, "done")).await.unwrap();
        assert_eq!((ended.status, ended.last_seq), (RunStatus::Completed, 3));
    }

    async fn nobody_takes_over_a_run_that_waits(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, run) = waiting(&db, &scope).await;
        expire_leases(&db).await;
        let orphans = db.store.claim_orphans(db.uuid(), later(&db), 10).await.unwrap();
        assert!(orphans.is_empty(), "{orphans:?}");
        let lease = &db.store.renew_leases(SERVER, &[run.id], later(&db)).await.unwrap()[0];
        assert!(!lease.held, "it has no lease");
        // Whoever takes it up and dies leaves an orphan as any other.
        take(&db, &scope, run.id, 1).await.unwrap();
        expire_leases(&db).await;
        let orphans = db.store.claim_orphans(db.uuid(), later(&db), 10).await.unwrap();
        assert_eq!((orphans[0].run.id, orphans[0].run.epoch), (run.id, 3));
    }

    async fn a_run_that_waits_keeps_its_conversation_busy(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, run) = waiting(&db, &scope).await;
        let other = db.new_run(&scope, id, Some(run.user_message_id), "and now?");
        match db.start(&scope, other.clone()).await {
            Err(StoreError::RunActive { run_id }) => assert_eq!(run_id, run.id),
            started => panic!("{started:?}"),
        }
        let queued = db.start(&scope, db.queued(other)).await.unwrap();
        let none = db.store.claim_next_queued(id, db.uuid(), later(&db)).await.unwrap();
        assert!(none.is_none(), "the interrupted one comes first");
        expire_leases(&db).await;
        let none = db.store.claim_orphans(db.uuid(), later(&db), 10).await.unwrap();
        assert!(none.is_empty(), "{none:?}");
        let active = db.store.active_run(&scope, id).await.unwrap().unwrap();
        assert_eq!(active.id, run.id);

        let taken = take(&db, &scope, run.id, 1).await.unwrap();
        db.store.finish_run(db.ending(&taken, "done")).await.unwrap();
        let next = db.store.claim_next_queued(id, db.uuid(), later(&db)).await.unwrap().unwrap();
        assert_eq!(next.run.id, queued.id);
    }

    async fn of_many_answers_at_once_one_takes_the_run_up(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, run) = waiting(&db, &scope).await;
        let takers = (0..20).map(|n| {
            let (store, owner, until) = (db.store.clone(), db.uuid(), later(&db));
            let request = json!({ "n": n });
            tokio::spawn(async move {
                let at = (run.id, 1);
                let taken = store.claim_interrupted(&scope, at, Some(&request), owner, until).await;
                taken.unwrap().map(|taken| (taken.run.epoch, taken.request))
            })
        });
        let taken: Vec<_> = join_all(takers).await.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(taken.len(), 1);
        assert_eq!(taken[0].0, 2);
        assert_eq!(db.store.run_request(&scope, run.id).await.unwrap().unwrap(), taken[0].1);
    }

    async fn only_a_run_that_waits_can_be_taken_up_and_only_by_who_sees_it(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, stranger) = db.session().await;
        let (_, run) = waiting(&db, &scope).await;
        assert!(take(&db, &stranger, run.id, 1).await.is_none());
        assert!(take(&db, &scope, RunId::from_uuid(db.uuid()), 1).await.is_none());
        assert!(take(&db, &scope, run.id, 2).await.is_none(), "not the epoch that was seen");
        let request = db.store.run_request(&scope, run.id).await.unwrap().unwrap();
        let taken = take(&db, &Scope::operator(), run.id, 1).await.unwrap();
        assert_eq!(db.store.run_request(&scope, run.id).await.unwrap(), Some(request), "kept");
        assert!(take(&db, &scope, run.id, 2).await.is_none(), "it runs");
        db.store.finish_run(db.ending(&taken, "done")).await.unwrap();
        assert!(take(&db, &scope, run.id, 2).await.is_none(), "it has ended");
    }

    async fn answers_are_kept_while_more_are_waited_for(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, stranger) = db.session().await;
        let (_, run) = waiting(&db, &scope).await;
        let (first, second) = (json!({ "answers": 1 }), json!({ "answers": 2 }));
        let at = (run.id, 1);
        assert!(db.store.answer_interrupted(&stranger, at, &first).await.unwrap().is_none());
        let noted = db.store.answer_interrupted(&scope, at, &first).await.unwrap().unwrap();
        assert_eq!((noted.status, noted.epoch), (RunStatus::Interrupted, 2));
        let late = db.store.answer_interrupted(&scope, at, &second).await.unwrap();
        assert!(late.is_none(), "it was answered since");
        assert_eq!(db.store.run_request(&scope, run.id).await.unwrap(), Some(first));
        take(&db, &scope, run.id, 2).await.unwrap();
        let late = db.store.answer_interrupted(&scope, (run.id, 3), &second).await.unwrap();
        assert!(late.is_none(), "it runs");
    }

    async fn an_old_take_cannot_set_a_run_aside(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        expire_leases(&db).await;
        let claimed = db.store.claim_orphans(db.uuid(), later(&db), 10).await.unwrap();
        let refused = db.store.suspend_run(suspension(&db, &run, 1)).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        assert_eq!(db.store.run_events(&scope, run.id, 0, 10).await.unwrap(), []);
        db.store.suspend_run(suspension(&db, &claimed[0].run, 1)).await.unwrap();
        let taken = take(&db, &scope, run.id, 2).await.unwrap();
        let late = db.store.suspend_run(suspension(&db, &claimed[0].run, 1)).await;
        assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
        let late = db.store.finish_run(db.ending(&claimed[0].run, "zombie")).await;
        assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
        db.store.finish_run(db.ending(&taken, "done")).await.unwrap();
        let late = db.store.suspend_run(suspension(&db, &taken, 9)).await;
        assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    }

    async fn a_stop_marks_a_run_that_waits(db: TestDb) {
        let (_, scope) = db.session().await;
        let (_, run) = waiting(&db, &scope).await;
        for _repeat in 0..2 {
            let asked = db.store.request_cancel(&scope, run.id, db.now()).await.unwrap().unwrap();
            assert_eq!((asked.status, asked.cancel_requested), (RunStatus::Interrupted, true));
        }
        let taken = take(&db, &scope, run.id, 1).await.unwrap();
        assert!(taken.cancel_requested);
        // One that is asked to stop while it is set aside says so.
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        db.store.request_cancel(&scope, run.id, db.now()).await.unwrap();
        assert!(db.store.suspend_run(suspension(&db, &run, 1)).await.unwrap().cancel_requested);
    }

    async fn what_is_deleted_takes_its_waiting_runs_along(db: TestDb) {
        let (session, scope) = db.session().await;
        let (id, run) = waiting(&db, &scope).await;
        db.store.delete_conversation(&scope, id, db.now()).await.unwrap();
        assert!(take(&db, &scope, run.id, 1).await.is_none());
        let (_, run) = waiting(&db, &scope).await;
        assert!(db.store.purge_session(&scope, session.id, None).await.unwrap());
        assert!(take(&db, &Scope::operator(), run.id, 1).await.is_none());
    }

    async fn the_version_before_finds_waiting_runs_failed(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, run) = waiting(&db, &scope).await;
        let steps = db.store.migration_status().await.unwrap();
        let before = steps.iter().position(|it| it.name == "m0003_interrupted").unwrap();
        let steps = u32::try_from(steps.len() - before).unwrap();
        db.store.migrate_down(steps).await.unwrap();
        let raw = db.raw().await;
        let failed = "UPDATE runs SET status = 'failed' WHERE status = 'failed'";
        assert_eq!(raw.execute_unprepared(failed).await.unwrap().rows_affected(), 1);
        db.store.migrate_up().await.unwrap();
        let stored = db.store.get_run(&scope, run.id).await.unwrap().unwrap();
        assert_eq!(stored.status, RunStatus::Failed);
        assert_eq!(db.store.active_run(&scope, id).await.unwrap(), None);
    }
}

fn later(db: &TestDb) -> Timestamp {
    db.now().plus(Duration::from_secs(15))
}

fn asked(db: &TestDb, run: &Run, seq: u64) -> vpaura_domain::RunEvent {
    let ask = Ask {
        id: "0:call_tool[0]#approve:c1".into(),
        path: "call_tool[0]".into(),
        key: "approve:c1".into(),
        question: json!({ "kind": "approve_tool" }),
    };
    db.event(run, seq, RunEventKind::Interrupt { ask })
}

fn suspension(db: &TestDb, run: &Run, seq: u64) -> SuspendRun {
    SuspendRun {
        run_id: run.id,
        workspace_id: WorkspaceId::DEFAULT,
        epoch: run.epoch,
        usage: USAGE,
        events: vec![asked(db, run, seq)],
        now: db.now(),
    }
}

/// A conversation whose run waits.
async fn waiting(db: &TestDb, scope: &Scope) -> (ConversationId, Run) {
    let id = db.conversation(scope).await;
    let run = db.start(scope, db.new_run(scope, id, None, "q")).await.unwrap();
    (id, db.store.suspend_run(suspension(db, &run, 1)).await.unwrap())
}

async fn take(db: &TestDb, scope: &Scope, id: RunId, epoch: u32) -> Option<Run> {
    let taken = db.store.claim_interrupted(scope, (id, epoch), None, SERVER, later(db)).await;
    taken.unwrap().map(|taken| taken.run)
}
