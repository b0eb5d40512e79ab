//! Documents whose servers died while they were read: the one that kills them is found out, and no
//! other is blamed for it.

use std::time::Duration;

use uuid::Uuid;
use vpaura_domain::{CollectionId, DocumentId, DocumentStatus, Scope, Visibility};
use vpaura_store::{ClaimTurns, ClaimedDocument};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::SERVER;
use crate::knowledge_fixtures::{LEASE, claim_and_vanish};

const NAMES: [&str; 5] = ["a", "b", "deadly", "d", "e"];

impl TestDb {
    /// A collection with these documents, which wait to be read.
    async fn shelf(&self, names: &[&str]) -> (CollectionId, Vec<DocumentId>) {
        let collection = self.collection(&Scope::operator(), Visibility::Workspace).await;
        let mut ids = Vec::new();
        for name in names {
            self.clock.advance(Duration::from_millis(1));
            ids.push(self.document(&Scope::operator(), collection, name).await.id);
        }
        (collection, ids)
    }

    /// What a server claims whose leases end at once, as if it were dead.
    async fn claim_as(&self, server: u128) -> Vec<ClaimedDocument> {
        let (server, turns) = (Uuid::from_u128(server), ClaimTurns::default());
        self.store.claim_documents(server, 10, Duration::ZERO, &turns).await.unwrap()
    }

    async fn make_ready(&self, claimed: &ClaimedDocument) {
        let commit = self.commit_of(&[(claimed, &["word"])], &[]).await;
        assert_eq!(self.store.commit_documents(commit).await.unwrap(), [claimed.document.id]);
    }

    async fn state(&self, collection: CollectionId, id: DocumentId) -> (DocumentStatus, String) {
        let operator = Scope::operator();
        let stored = self.store.get_document(&operator, collection, id).await.unwrap().unwrap();
        (stored.status, stored.error.unwrap_or_default())
    }
}

fn names(claimed: &[ClaimedDocument]) -> Vec<&str> {
    claimed.iter().map(|it| it.document.name.as_str()).collect()
}

conformance! {
    async fn a_document_that_stops_each_server_fails_and_no_other_does(db: TestDb) {
        let (collection, ids) = db.shelf(&NAMES).await;
        let mut killed = 0;
        for server in 100..140 {
            let claimed = db.claim_as(server).await;
            if claimed.iter().any(|it| it.document.name == "deadly") {
                killed += 1;
                continue;
            }
            for claimed in &claimed {
                db.make_ready(claimed).await;
            }
        }
        assert_eq!(killed, 3);
        for (name, id) in NAMES.iter().zip(ids) {
            let (status, error) = db.state(collection, id).await;
            if *name == "deadly" {
                assert_eq!(status, DocumentStatus::Failed);
                assert!(error.contains("stopped three times"), "{error}");
            } else {
                assert_eq!((status, error.as_str()), (DocumentStatus::Ready, ""), "{name}");
            }
        }
    }

    async fn what_was_lost_once_is_read_alone(db: TestDb) {
        let (_, _) = db.shelf(&["a", "b"]).await;
        assert_eq!(claim_and_vanish(&db.store).await.unwrap().len(), 2);
        let (_, _) = db.shelf(&["new"]).await;
        let first = db.claim(10).await;
        assert_eq!(names(&first), ["a"]);
        assert_eq!(db.claim(10).await, [], "nothing beside it");
        let turns = ClaimTurns::default();
        let elsewhere = db.store.claim_documents(Uuid::from_u128(71), 10, LEASE, &turns).await.unwrap();
        assert_eq!(names(&elsewhere), ["b"], "another server has its own");
        let third = db.store.claim_documents(Uuid::from_u128(81), 10, LEASE, &turns).await.unwrap();
        assert_eq!(names(&third), ["new"], "nothing that was lost waits any more");
        // Who is at something else comes to an end first.
        assert_eq!(db.store.release_documents(Uuid::from_u128(71)).await.unwrap(), 1);
        let (_, _) = db.shelf(&["newer"]).await;
        let still = db.store.claim_documents(Uuid::from_u128(81), 10, LEASE, &turns).await.unwrap();
        assert_eq!(still, []);
        db.make_ready(&first[0]).await;
        let next = db.claim(10).await;
        assert_eq!(names(&next), ["b"]);
        db.make_ready(&next[0]).await;
        assert_eq!(names(&db.claim(10).await), ["newer"]);
    }

    async fn only_claims_in_a_row_that_were_lost_count(db: TestDb) {
        let operator = Scope::operator();
        let (collection, ids) = db.shelf(&["d"]).await;
        let waits = DocumentStatus::Processing;
        for _ in 0..5 {
            assert_eq!(db.claim(1).await.len(), 1);
            assert_eq!(db.store.release_documents(SERVER).await.unwrap(), 1);
        }
        // The server itself may have lost sight of it.
        for _ in 0..5 {
            assert_eq!(db.claim_as(5).await.len(), 1);
        }
        assert_eq!(db.state(collection, ids[0]).await.0, waits);
        // Given back in between, it is as it was.
        assert_eq!(db.claim_as(20).await.len(), 1, "of 5 it was lost");
        assert_eq!(db.claim(1).await.len(), 1, "of 20 too");
        assert_eq!(db.store.release_documents(SERVER).await.unwrap(), 1);
        assert_eq!(db.claim_as(21).await.len(), 1);
        assert_eq!(db.claim_as(22).await, []);
        assert_eq!(db.state(collection, ids[0]).await.0, DocumentStatus::Failed);
        // Who asks for it anew begins anew, and so does what a server has survived.
        for again in 0..3 {
            db.store.reindex_document(&operator, collection, ids[0]).await.unwrap().unwrap();
            for server in 30..33 {
                assert_eq!(db.claim_as(server).await.len(), 1, "{again} {server}");
            }
            let claimed = db.claim_as(32).await.remove(0);
            assert!(db.store.postpone_document(&claimed.claim, "later", Duration::ZERO).await.unwrap());
            for server in 40..43 {
                assert_eq!(db.claim_as(server).await.len(), 1, "{again} {server}");
            }
            assert_eq!(db.claim_as(44).await, []);
            assert_eq!(db.state(collection, ids[0]).await.0, DocumentStatus::Failed);
        }
    }

    async fn what_was_lost_of_a_collection_that_goes_keeps_nobody_waiting(db: TestDb) {
        let operator = Scope::operator();
        let (going, _) = db.shelf(&["a"]).await;
        assert_eq!(claim_and_vanish(&db.store).await.unwrap().len(), 1);
        let (_, _) = db.shelf(&["b"]).await;
        let claimed = db.claim(10).await;
        assert_eq!(names(&claimed), ["a"]);
        assert_eq!(db.store.release_documents(SERVER).await.unwrap(), 1);
        db.store.delete_collection(&operator, going, &db.entry("x")).await.unwrap();
        assert_eq!(names(&db.claim(10).await), ["b"]);
    }
}
