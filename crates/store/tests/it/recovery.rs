//! Leases: renewed, lost, and taken over by exactly one server.

use std::time::Duration;

use futures_util::future::join_all;
use futures_util::poll;
use sea_orm::{ConnectionTrait, TransactionTrait};
use vpaura_domain::{RunStatus, WorkspaceId};
use vpaura_store::RunLease;

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::SERVER;

/// Makes all leases end in the past, on whatever clock the database goes by.
pub async fn expire_leases(db: &TestDb) {
    db.raw().await.execute_unprepared("UPDATE runs SET lease_until = 1").await.unwrap();
}

conformance! {
    async fn a_renewal_tells_what_is_lost_and_what_should_stop(db: TestDb) {
        let (_, scope) = db.session().await;
        let mut runs = Vec::new();
        for _ in 0..3 {
            let id = db.conversation(&scope).await;
            runs.push(db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap());
        }
        db.store.request_cancel(&scope, runs[1].id, db.now()).await.unwrap();
        db.store.finish_run(db.ending(&runs[2], "a")).await.unwrap();
        let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
        let until = db.now().plus(Duration::from_secs(30));
        let lease = |n: usize, held, cancel_requested| RunLease {
            run_id: ids[n],
            held,
            cancel_requested,
        };
        let renewed = db.store.renew_leases(SERVER, &ids, until).await.unwrap();
        assert_eq!(renewed, [lease(0, true, false), lease(1, true, true), lease(2, false, false)]);
        let stranger = db.store.renew_leases(db.uuid(), &ids, until).await.unwrap();
        assert!(stranger.iter().all(|lease| !lease.held));
    }

    async fn a_held_lease_is_not_taken(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let run = db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        let until = db.now().plus(Duration::from_secs(30));
        let other = db.uuid();
        assert!(db.store.claim_orphans(other, until, 10).await.unwrap().is_empty());
        expire_leases(&db).await;
        db.store.renew_leases(SERVER, &[run.id], until).await.unwrap();
        assert!(db.store.claim_orphans(other, until, 10).await.unwrap().is_empty());
        expire_leases(&db).await;
        let claimed = db.store.claim_orphans(other, until, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].workspace_id, WorkspaceId::DEFAULT);
        assert_eq!(claimed[0].request["model"], "builtin/extractive");
        let lost = db.store.renew_leases(SERVER, &[run.id], until).await.unwrap();
        assert!(!lost[0].held, "the former owner learns it");
        assert!(db.store.renew_leases(other, &[run.id], until).await.unwrap()[0].held);
    }

    async fn a_start_that_waits_for_others_keeps_its_whole_lease(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let others = db.raw().await.begin().await.unwrap();
        others.execute_unprepared("UPDATE conversations SET title = title").await.unwrap();
        let mut start = Box::pin(db.start(&scope, db.new_run(&scope, id, None, "q")));
        assert!(poll!(&mut start).is_pending());
        db.clock.advance(Duration::from_secs(14));
        others.rollback().await.unwrap();
        start.await.unwrap();
        db.clock.advance(Duration::from_secs(14));
        let until = db.now().plus(Duration::from_secs(30));
        assert!(db.store.claim_orphans(db.uuid(), until, 10).await.unwrap().is_empty());
    }

    async fn each_orphan_goes_to_one_server(db: TestDb) {
        let (_, scope) = db.session().await;
        for _ in 0..8 {
            let id = db.conversation(&scope).await;
            db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        }
        expire_leases(&db).await;
        let until = db.now().plus(Duration::from_secs(30));
        let servers = (0..6).map(|_| {
            let (store, owner) = (db.store.clone(), db.uuid());
            tokio::spawn(async move { store.claim_orphans(owner, until, 100).await.unwrap() })
        });
        let mut claimed: Vec<_> =
            join_all(servers).await.into_iter().flat_map(Result::unwrap).collect();
        claimed.sort_by_key(|it| it.run.id);
        claimed.dedup_by_key(|it| it.run.id);
        assert_eq!(claimed.len(), 8);
        assert!(claimed.iter().all(|it| it.run.epoch == 2), "each was taken over once");
    }

    async fn the_limit_holds(db: TestDb) {
        let (_, scope) = db.session().await;
        for _ in 0..3 {
            let id = db.conversation(&scope).await;
            db.start(&scope, db.new_run(&scope, id, None, "q")).await.unwrap();
        }
        expire_leases(&db).await;
        let until = db.now().plus(Duration::from_secs(30));
        for expected in [2, 1, 0] {
            let claimed = db.store.claim_orphans(db.uuid(), until, 2).await.unwrap();
            assert_eq!(claimed.len(), expected);
        }
    }

    async fn a_dead_servers_queue_is_picked_up_in_turn(db: TestDb) {
        let (_, scope) = db.session().await;
        let id = db.conversation(&scope).await;
        let running = db.start(&scope, db.new_run(&scope, id, None, "one")).await.unwrap();
        let queued = db.queued(db.new_run(&scope, id, Some(running.user_message_id), "two"));
        let queued = db.start(&scope, queued).await.unwrap();
        expire_leases(&db).await;
        let (owner, until) = (db.uuid(), db.now().plus(Duration::from_secs(30)));
        let claimed = db.store.claim_orphans(owner, until, 10).await.unwrap();
        let ids: Vec<_> = claimed.iter().map(|it| it.run.id).collect();
        assert_eq!(ids, [running.id], "the queued one waits for it");
        db.store.finish_run(db.ending(&claimed[0].run, "1")).await.unwrap();
        let claimed = db.store.claim_orphans(owner, until, 10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!((claimed[0].run.id, claimed[0].run.epoch), (queued.id, 1));
        assert_eq!(claimed[0].run.status, RunStatus::Running);
    }
}
