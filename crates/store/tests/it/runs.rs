//! Runs: one at a time, a fenced log, one ending.

use futures_util::future::join_all;
use vpaura_domain::{
    MessageStatus, RunEventKind, RunFailure, RunStatus, Scope, Usage, WorkspaceId,
};
use vpaura_store::{Started, StoreError};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::USAGE;

conformance! {
    async fn a_turn_is_stored_from_start_to_answer(db: TestDb) {
        let (_, scope) = db.session().await;
        let conversation = db.new_conversation(&scope);
        let id = conversation.id;
        let mut new = db.new_run(&scope, id, None, "hello");
        new.conversation = Some(conversation);
        let run = new.run.clone();
        let request = new.request.clone();
        let started = db.store.start_run(&scope, new.clone()).await.unwrap();
        assert_eq!(started, Started::New(run.clone()));
        assert_eq!(db.store.start_run(&scope, new).await.unwrap(), started, "safe to repeat");
        assert_eq!(db.store.get_run(&scope, run.id).await.unwrap(), Some(run.clone()));
        assert_eq!(db.store.active_run(&scope, id).await.unwrap(), Some(run.clone()));
        assert_eq!(db.store.run_request(&scope, run.id).await.unwrap(), Some(request));
        assert_eq!(db.shown(&scope, id).await, [run.user_message_id]);

        let events = [db.delta(&run, 1, "Hi"), db.delta(&run, 2, " \u{0}there")];
        for _repeat in 0..2 {
            db.store.append_events(WorkspaceId::DEFAULT, run.id, 1, &events).await.unwrap();
        }
        db.store.append_events(WorkspaceId::DEFAULT, run.id, 1, &[]).await.unwrap();
        let logged = db.store.get_run(&scope, run.id).await.unwrap().unwrap();
        assert_eq!(logged.last_seq, 2);

        let ending = db.ending(&logged, "Hi there");
        let finished = db.store.finish_run(ending.clone()).await.unwrap();
        assert_eq!((finished.status, finished.last_seq), (RunStatus::Completed, 3));
        assert_eq!((finished.usage, finished.finished_at), (USAGE, Some(db.now())));
        let again = db.store.finish_run(ending.clone()).await.unwrap();
        assert_eq!(again, finished, "safe to repeat");

        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!((stored.message_count, stored.head_message_id), (2, Some(run.message_id)));
        let answer = db.store.get_message(&scope, run.message_id).await.unwrap();
        assert_eq!(answer, ending.message);
        assert_eq!(db.store.active_run(&scope, id).await.unwrap(), None);
        for (after, expected) in [(0, 3), (1, 2), (2, 1), (3, 0), (99, 0)] {
            let read = db.store.run_events(&scope, run.id, after, 10).await.unwrap();
            assert_eq!(read.len(), expected, "after {after}");
            assert!(read.iter().zip(after + 1..).all(|(event, seq)| event.seq == seq));
        }
        assert_eq!(db.store.run_events(&scope, run.id, 0, 1).await.unwrap(), events);
    }

    async fn a_message_that_follows_the_head_is_refused_when_the_head_has_moved(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let following = |parent, text: &str| {
            let mut new = db.queued(db.new_run(&scope, id, parent, text));
            new.follows_head = true;
            new
        };
        let first = following(None, "one");
        let head = first.run.user_message_id;
        let late = following(None, "two");
        db.store.start_run(&scope, first.clone()).await.unwrap();
        db.store.start_run(&scope, first).await.expect("safe to repeat");
        let refused = db.store.start_run(&scope, late.clone()).await;
        assert!(matches!(refused, Err(StoreError::HeadMoved)), "{refused:?}");
        assert_eq!(db.shown(&scope, id).await, [head]);
        assert!(db.store.get_run(&scope, late.run.id).await.unwrap().is_none());
        db.store.start_run(&scope, following(Some(head), "two")).await.unwrap();
    }

    async fn of_a_hundred_messages_at_once_one_runs(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let attempts = (0..100).map(|n| {
            let new = db.new_run(&scope, id, None, &format!("message {n}"));
            let store = db.store.clone();
            tokio::spawn(async move { store.start_run(&scope, new).await })
        });
        let mut started = Vec::new();
        let mut refused = Vec::new();
        for outcome in join_all(attempts).await {
            match outcome.unwrap() {
                Ok(Started::New(run)) => started.push(run.id),
                Err(StoreError::RunActive { run_id }) => refused.push(run_id),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(started.len(), 1);
        assert_eq!(refused, vec![started[0]; 99]);
        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!(stored.message_count, 1);
    }

    async fn an_old_take_cannot_write(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        let late = db.now().plus(std::time::Duration::from_secs(3600));
        let claimed = take_over(&db, late).await;
        assert_eq!((claimed.id, claimed.epoch), (run.id, 2));

        let events = [db.delta(&run, 1, "zombie")];
        let refused = db.store.append_events(WorkspaceId::DEFAULT, run.id, 1, &events).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        let refused = db.store.finish_run(db.ending(&run, "zombie")).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        assert_eq!(db.shown(&scope, id).await, [run.user_message_id]);
        assert_eq!(db.store.run_events(&scope, run.id, 0, 10).await.unwrap(), []);

        let foreign = WorkspaceId::from_uuid(db.uuid());
        let refused = db.store.append_events(foreign, run.id, 2, &events).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        db.store.finish_run(db.ending(&claimed, "new")).await.unwrap();
    }

    async fn a_run_ends_once(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        let mut failure = db.ending(&run, "par");
        let error = RunFailure { code: "LLM_ERROR".into(), message: "It broke.".into() };
        failure.status = RunStatus::Failed;
        failure.error = Some(error.clone());
        if let Some(message) = &mut failure.message {
            message.status = MessageStatus::Failed;
            message.error = Some(error.clone());
        }
        let failed = db.store.finish_run(failure).await.unwrap();
        assert_eq!((failed.status, failed.error), (RunStatus::Failed, Some(error)));
        match db.store.finish_run(db.ending(&run, "whole")).await {
            Err(StoreError::AlreadyFinished(run)) => assert_eq!(run.status, RunStatus::Failed),
            other => panic!("{other:?}"),
        }
        let refused = db
            .store
            .append_events(WorkspaceId::DEFAULT, run.id, 1, &[db.delta(&run, 2, "more")])
            .await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        let stored = db.store.get_conversation(&scope, id).await.unwrap().unwrap();
        assert_eq!(stored.message_count, 2);
    }

    async fn an_answer_does_not_pull_the_user_back(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, path) = db.talk(&scope, 1).await;
        let new = db.new_run(&scope, id, Some(path[1]), "go on");
        let run = db.start(&scope, new).await.unwrap();
        // While it runs, the user looks at another branch.
        let branch = db.queued(db.new_run(&scope, id, None, "elsewhere"));
        let branch = db.start(&scope, branch).await.unwrap();
        db.store.finish_run(db.ending(&run, "done")).await.unwrap();
        assert_eq!(db.shown(&scope, id).await, [branch.user_message_id]);
        let answered = db.store.message_path(&scope, id, Some(run.message_id), 10).await.unwrap();
        assert_eq!(answered.len(), 4);
    }

    async fn what_is_missing_is_refused_and_leaves_nothing(db: TestDb) {
        let (_, scope) = db.session().await;
        let (id, _) = db.talk(&scope, 1).await;
        let (_, elsewhere) = db.talk(&scope, 1).await;
        let before = db.store.get_conversation(&scope, id).await.unwrap();

        let orphan = db.new_run(&scope, id, Some(elsewhere[1]), "wrong parent");
        assert!(matches!(db.start(&scope, orphan).await, Err(StoreError::ParentMissing)));
        let again = db.rerun(&scope, id, elsewhere[0]);
        assert!(matches!(db.start(&scope, again).await, Err(StoreError::ParentMissing)));
        let mut foreign = db.new_run(&scope, id, None, "in another conversation");
        foreign.messages[0].conversation_id = vpaura_domain::ConversationId::from_uuid(db.uuid());
        assert!(matches!(db.start(&scope, foreign).await, Err(StoreError::ParentMissing)));
        let nowhere = vpaura_domain::ConversationId::from_uuid(db.uuid());
        let lost = db.new_run(&scope, nowhere, None, "no conversation");
        assert!(matches!(db.start(&scope, lost).await, Err(StoreError::ConversationMissing)));
        assert_eq!(db.store.get_conversation(&scope, id).await.unwrap(), before);

        db.store.delete_conversation(&scope, id, db.now()).await.unwrap();
        let late = db.new_run(&scope, id, None, "deleted");
        assert!(matches!(db.start(&scope, late).await, Err(StoreError::ConversationMissing)));
    }

    async fn queued_runs_go_in_order_and_keep_the_conversation_one_line(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let first = db.start(&scope, db.new_run(&scope, id, None, "one")).await.unwrap();
        let second = db.queued(db.new_run(&scope, id, Some(first.user_message_id), "two"));
        let second = db.start(&scope, second).await.unwrap();
        let third = db.queued(db.new_run(&scope, id, Some(second.user_message_id), "three"));
        let third = db.start(&scope, third).await.unwrap();
        assert_eq!(db.store.active_run(&scope, id).await.unwrap(), Some(first.clone()));
        let until = db.now().plus(std::time::Duration::from_secs(15));
        let early = db.store.claim_next_queued(id, db.uuid(), until).await.unwrap();
        assert!(early.is_none(), "the first still runs");
        assert_eq!(db.store.queued_runs(&scope, id).await.unwrap(), 2);

        db.store.finish_run(db.ending(&first, "1")).await.unwrap();
        assert_eq!(db.store.active_run(&scope, id).await.unwrap().unwrap().id, second.id);
        let owner = db.uuid();
        let claimed = db.store.claim_next_queued(id, owner, until).await.unwrap().unwrap();
        assert_eq!((claimed.run.id, claimed.run.epoch), (second.id, 1));
        assert_eq!(claimed.run.status, RunStatus::Running);
        assert_eq!(claimed.run.started_at, Some(db.now()));
        db.store.finish_run(db.ending(&claimed.run, "2")).await.unwrap();
        let claimed = db.store.claim_next_queued(id, owner, until).await.unwrap().unwrap();
        assert_eq!(claimed.run.id, third.id);
        db.store.finish_run(db.ending(&claimed.run, "3")).await.unwrap();
        assert!(db.store.claim_next_queued(id, owner, until).await.unwrap().is_none());
        let line: Vec<_> =
            [&first, &second, &third].map(|run| [run.user_message_id, run.message_id]).concat();
        assert_eq!(db.shown(&scope, id).await, line);
    }

    async fn a_running_run_is_asked_to_stop_and_a_queued_one_stops(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let running = db.start(&scope, db.new_run(&scope, id, None, "one")).await.unwrap();
        let waiting = db.queued(db.new_run(&scope, id, Some(running.user_message_id), "two"));
        let waiting = db.start(&scope, waiting).await.unwrap();

        for _repeat in 0..2 {
            let asked = db.store.request_cancel(&scope, running.id, db.now()).await.unwrap();
            let asked = asked.unwrap();
            assert_eq!((asked.status, asked.cancel_requested), (RunStatus::Running, true));
        }
        for _repeat in 0..2 {
            let ended =
                db.store.request_cancel(&scope, waiting.id, db.now()).await.unwrap().unwrap();
            assert_eq!((ended.status, ended.last_seq), (RunStatus::Cancelled, 1));
            assert_eq!(ended.finished_at, Some(db.now()));
        }
        let events = db.store.run_events(&scope, waiting.id, 0, 10).await.unwrap();
        assert_eq!(events, [db.event(&waiting, 1, RunEventKind::RunCancelled)]);
        let answer = db.store.get_message(&scope, waiting.message_id).await.unwrap().unwrap();
        assert_eq!((answer.status, answer.parts.len()), (MessageStatus::Cancelled, 0));

        db.store.finish_run(db.ending(&running, "1")).await.unwrap();
        let after = db.store.request_cancel(&scope, running.id, db.now()).await.unwrap().unwrap();
        assert_eq!((after.status, after.cancel_requested), (RunStatus::Completed, true));
        let nobody = vpaura_domain::RunId::from_uuid(db.uuid());
        assert_eq!(db.store.request_cancel(&scope, nobody, db.now()).await.unwrap(), None);
    }

    async fn a_purged_conversation_fences_its_run(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        assert_eq!(run.usage, Usage::default());
        assert!(db.store.purge_conversation(&scope, id, &db.entry("conversation.deleted")).await.unwrap());
        let refused = db.store.finish_run(db.ending(&run, "late")).await;
        assert!(matches!(refused, Err(StoreError::Fenced)), "{refused:?}");
        assert_eq!(db.store.get_message(&Scope::operator(), run.message_id).await.unwrap(), None);
    }
}

/// Lets every lease run out and takes the one run over.
async fn take_over(db: &TestDb, until: vpaura_domain::Timestamp) -> vpaura_domain::Run {
    crate::recovery::expire_leases(db).await;
    let mut claimed = db.store.claim_orphans(db.uuid(), until, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    claimed.remove(0).run
}
