//! Reading documents: who gets which, and that each is shown whole or not at all.

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use uuid::Uuid;
use vpaura_domain::{BuiltinRole, DocumentStatus, Scope, Visibility};
use vpaura_store::{ClaimTurns, StoreError};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::SERVER;
use crate::knowledge_fixtures::{LEASE, claim_and_vanish};

conformance! {
    async fn documents_are_shared_out_fairly_and_each_to_one_server(db: TestDb) {
        let operator = Scope::operator();
        let large = db.collection(&operator, Visibility::Workspace).await;
        let small = db.collection(&operator, Visibility::Workspace).await;
        for n in 0..12 {
            db.clock.advance(Duration::from_millis(1));
            db.document(&operator, large, &n.to_string()).await;
        }
        let late = db.document(&operator, small, "late").await;
        let first = db.claim(4).await;
        assert_eq!(first.len(), 4);
        assert!(first.iter().any(|it| it.document.id == late.id), "it does not wait for the others");
        let names: Vec<_> = first.iter().filter(|it| it.document.id != late.id).map(|it| it.document.name.as_str()).collect();
        assert_eq!(names, ["0", "1", "2"], "the oldest first");
        assert!(first.iter().all(|it| it.document.status == DocumentStatus::Processing && it.tries == 1));
        let stored = db.store.get_document(&operator, small, late.id).await.unwrap().unwrap();
        assert_eq!(stored.status, DocumentStatus::Processing);

        let servers = [db.another().await, db.another().await];
        let turns = ClaimTurns::default();
        let claims = join_all(servers.iter().zip(100..).flat_map(|(store, n)| {
            let turns = &turns;
            (0..3).map(move |_| store.claim_documents(Uuid::from_u128(n), 2, LEASE, turns))
        }))
        .await;
        let mut claimed: Vec<_> = claims.into_iter().flat_map(Result::unwrap).collect();
        // A server may find that another one has just taken what it saw.
        claimed.extend(db.claim(20).await);
        let ids: HashSet<_> = claimed.iter().chain(&first).map(|it| it.document.id).collect();
        assert_eq!((ids.len(), claimed.len() + first.len()), (13, 13), "none twice");
        assert_eq!(db.claim(20).await, []);
        for server in servers {
            server.close().await.unwrap();
        }
    }

    async fn workspaces_take_turns_however_many_collections_one_has(db: TestDb) {
        let (crowded, modest) = (Scope::operator(), db.elsewhere().await);
        for n in 0..6 {
            let collection = db.collection(&crowded, Visibility::Workspace).await;
            db.document(&crowded, collection, &n.to_string()).await;
        }
        db.clock.advance(Duration::from_millis(1));
        let collection = db.collection(&modest, Visibility::Workspace).await;
        for name in ["a", "b"] {
            db.document(&modest, collection, name).await;
        }
        let turns = ClaimTurns::default();
        let one = || async {
            let claimed = db.store.claim_documents(SERVER, 1, LEASE, &turns).await.unwrap();
            claimed.into_iter().next().unwrap()
        };
        let mut workspaces = Vec::new();
        for _ in 0..2 {
            let claimed = one().await;
            workspaces.push(claimed.claim.workspace_id);
        }
        assert_eq!(workspaces, [crowded.workspace_id, modest.workspace_id], "who has the fewest");
        let all = db.claim(9).await.into_iter().map(|it| it.claim).collect();
        assert_eq!(db.store.give_back_documents(all).await.unwrap(), 6);
        // Nothing is under way: it goes by whose turn was the longest ago.
        db.store.release_documents(SERVER).await.unwrap();
        let mut done = Vec::new();
        for _ in 0..4 {
            let claimed = one().await;
            assert!(db.store.fail_document(&claimed.claim, "no").await.unwrap());
            done.push(claimed.claim.workspace_id);
        }
        let (a, b) = (crowded.workspace_id, modest.workspace_id);
        assert_eq!(done, [a, b, a, b]);
    }

    async fn one_document_does_not_wait_for_the_many_of_a_colleague(db: TestDb) {
        let (_, ada) = db.member(BuiltinRole::Admin).await;
        let (_, bob) = db.member(BuiltinRole::Admin).await;
        let shared = db.collection(&ada, Visibility::Workspace).await;
        let mut own = Vec::new();
        for _ in 0..4 {
            own.push(db.collection(&ada, Visibility::Workspace).await);
        }
        for n in 0..40 {
            db.clock.advance(Duration::from_millis(1));
            let to = if n < 20 { shared } else { own[n % 4] };
            db.document(&ada, to, &n.to_string()).await;
        }
        db.clock.advance(Duration::from_millis(1));
        let turns = ClaimTurns::default();
        let claim = async |limit| db.store.claim_documents(SERVER, limit, LEASE, &turns).await.unwrap();
        assert_eq!(claim(3).await.len(), 3);
        // One of the many is done at a time.
        let mut waited = Vec::new();
        for (to, by) in [(shared, &bob), (own[0], &bob), (shared, &Scope::operator())] {
            let late = db.document(by, to, "late").await;
            let mut before = 0;
            loop {
                let claimed = claim(1).await.remove(0);
                assert!(db.store.fail_document(&claimed.claim, "no").await.unwrap());
                if claimed.document.id == late.id {
                    break;
                }
                before += 1;
            }
            waited.push(before);
        }
        assert!(waited.iter().all(|before| *before <= 2), "{waited:?}");
        // Where all are claimed at once, theirs are among the first.
        let late = db.document(&bob, shared, "late").await;
        let claimed = claim(4).await;
        assert!(claimed.iter().any(|it| it.document.id == late.id), "{claimed:?}");
        // Whoever has all of them read anew is who waits for them.
        db.store.reindex_documents(&ada, shared, None, None).await.unwrap();
        let late = db.document(&bob, shared, "later").await;
        assert!(claim(3).await.iter().any(|it| it.document.id == late.id));
    }

    async fn what_is_given_back_waits_and_what_another_holds_by_now_does_not(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        for name in ["a", "b", "c"] {
            db.document(&operator, collection, name).await;
        }
        let three: Vec<_> = db.claim(9).await.into_iter().map(|it| it.claim).collect();
        assert_eq!(db.store.give_back_documents(three[1..].to_vec()).await.unwrap(), 2);
        assert_eq!(db.claim(9).await.len(), 2);
        assert_eq!(db.store.release_documents(SERVER).await.unwrap(), 3);
        let gone = claim_and_vanish(&db.store).await.unwrap();
        let ours: Vec<_> = db.claim(2).await.into_iter().map(|it| it.claim).collect();
        let late = gone.iter().map(|it| it.claim).filter(|it| ours.iter().any(|our| our.document_id == it.document_id));
        assert_eq!(db.store.give_back_documents(late.collect()).await.unwrap(), 0);
        assert_eq!(db.store.give_back_documents(Vec::new()).await.unwrap(), 0);
        assert_eq!(db.store.give_back_documents(ours.clone()).await.unwrap(), 1);
        let again = db.claim(9).await.remove(0);
        assert_eq!((again.claim.document_id, again.tries), (ours[0].document_id, 2), "it was no try");
    }

    async fn all_of_a_collection_is_read_again(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let other = db.collection(&operator, Visibility::Workspace).await;
        for n in 0..3 {
            db.document(&operator, collection, &n.to_string()).await;
        }
        let elsewhere = db.document(&operator, other, "elsewhere").await;
        for claimed in db.claim(4).await {
            // One is being read still.
            if claimed.document.name != "1" {
                assert!(db.store.fail_document(&claimed.claim, "no").await.unwrap());
            }
        }
        let entry = db.entry("collection.reindexed");
        let last = db.store.reindex_documents(&operator, collection, None, Some(&entry)).await;
        let last = last.unwrap();
        assert!(last.is_some());
        let more = db.store.reindex_documents(&operator, collection, last, None).await.unwrap();
        assert_eq!(more, None);
        assert_eq!(db.claim(9).await.len(), 3);
        let left = db.store.get_document(&operator, other, elsewhere.id).await.unwrap().unwrap();
        assert_eq!(left.status, DocumentStatus::Failed);
    }

    async fn a_document_is_shown_whole_or_not_at_all(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let first = db.document(&operator, collection, "first").await;
        let second = db.document(&operator, collection, "second").await;
        let claimed = db.claim(2).await;
        let texts: [&[&str]; 2] = [&["same one", "same two"], &["same three"]];
        let both: Vec<_> = claimed.iter().zip(texts).collect();
        let commit = db.commit_of(&both, &[]).await;
        assert_eq!(db.texts(&operator, "same").await, Vec::<String>::new());
        let committed = db.store.commit_documents(commit.clone()).await.unwrap();
        assert_eq!(committed, [claimed[0].document.id, claimed[1].document.id]);
        assert_eq!(db.texts(&operator, "same").await, ["same one", "same two", "same three"]);
        // As if its answer had been lost.
        let again = db.store.commit_documents(commit).await.unwrap();
        assert_eq!(again, committed);
        assert_eq!(db.texts(&operator, "same").await.len(), 3);
        for document in [first, second] {
            let stored = db.store.get_document(&operator, collection, document.id).await.unwrap().unwrap();
            assert_eq!(stored.status, DocumentStatus::Ready);
        }
        let space = db.store.search_space(&operator, None).await.unwrap();
        let [segment] = space.collections[0].segments.as_slice() else { panic!("one commit, one segment") };
        assert_eq!((segment.first_no, segment.span, segment.chunks, segment.dead), (0, 3, 3, 0));
        assert_eq!((segment.terms_total, segment.languages.as_str()), (9, "en"));
        let lengths = db.store.segment_lengths(space.workspace_id, &[segment.id]).await.unwrap();
        assert_eq!(lengths, [(segment.id, vec![8, 8, 10])]);
        let none = db.store.postings(space.workspace_id, &[], &["same".into()]).await.unwrap();
        assert_eq!(none, []);
    }

    async fn whoever_comes_late_is_refused(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let document = db.document(&operator, collection, "d").await;
        let gone = claim_and_vanish(&db.store).await.unwrap().remove(0);
        let late = db.commit_of(&[(&gone, &["late"])], &[]).await;
        let ours = db.claim(5).await.remove(0);
        assert_eq!((ours.document.id, ours.claim.attempt, ours.tries), (document.id, 2, 2));
        assert_eq!(db.store.commit_documents(late.clone()).await.unwrap(), []);
        assert!(!db.store.fail_document(&gone.claim, "x").await.unwrap());
        assert!(!db.store.postpone_document(&gone.claim, "x", LEASE).await.unwrap());
        let commit = db.commit_of(&[(&ours, &["ours"])], &[]).await;
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), [document.id]);
        assert_eq!(db.store.commit_documents(late).await.unwrap(), []);
        assert_eq!(db.texts(&operator, "late").await, Vec::<String>::new());
        assert_eq!(db.texts(&operator, "ours").await, ["ours"]);
    }

    async fn one_that_was_lost_does_not_keep_the_others_back(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let kept = db.document(&operator, collection, "kept").await;
        db.clock.advance(Duration::from_millis(1));
        let gone = db.document(&operator, collection, "gone").await;
        db.clock.advance(Duration::from_millis(1));
        let asked_again = db.document(&operator, collection, "again").await;
        let claimed = db.claim(3).await;
        let texts: [&[&str]; 3] = [&["word kept"], &["word gone"], &["word again"]];
        let all: Vec<_> = claimed.iter().zip(texts).collect();
        let commit = db.commit_of(&all, &[]).await;
        assert!(db.store.delete_document(&operator, collection, gone.id, &db.entry("x")).await.unwrap());
        let again = db.store.reindex_document(&operator, collection, asked_again.id).await.unwrap().unwrap();
        assert_eq!(again.status, DocumentStatus::Pending);
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), [kept.id]);
        assert_eq!(db.texts(&operator, "word").await, ["word kept"]);
        let space = db.store.search_space(&operator, None).await.unwrap();
        assert_eq!(space.collections[0].segments[0].dead, 2);
        let next = db.claim(5).await;
        assert_eq!(next.iter().map(|it| it.document.id).collect::<Vec<_>>(), [asked_again.id]);
        let commit = db.commit_of(&[(&next[0], &["word"])], &[]).await;
        db.store.delete_collection(&operator, collection, &db.entry("x")).await.unwrap();
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), []);
        assert_eq!(db.claim(5).await, []);
    }

    async fn claims_are_kept_given_back_and_put_off(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let document = db.document(&operator, collection, "d").await;
        claim_and_vanish(&db.store).await.unwrap();
        assert_eq!(db.store.renew_document_leases(Uuid::from_u128(666), LEASE).await.unwrap(), 1);
        assert_eq!(db.claim(5).await, [], "it was kept");
        assert_eq!(db.store.release_documents(Uuid::from_u128(666)).await.unwrap(), 1);
        assert_eq!(db.store.release_documents(Uuid::from_u128(666)).await.unwrap(), 0);
        let ours = db.claim(5).await.remove(0);
        assert_eq!((ours.claim.attempt, ours.tries), (2, 1));
        assert!(db.store.postpone_document(&ours.claim, "the embedder is down", LEASE).await.unwrap());
        let stored = db.store.get_document(&operator, collection, document.id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.error.as_deref()), (DocumentStatus::Pending, Some("the embedder is down")));
        assert_eq!(db.claim(5).await, [], "not yet");
        let now = db.store.reindex_document(&operator, collection, document.id).await.unwrap().unwrap();
        assert_eq!(now.error, None);
        let ours = db.claim(5).await.remove(0);
        assert_eq!((ours.claim.attempt, ours.tries), (3, 1));
        assert!(db.store.postpone_document(&ours.claim, "again", Duration::ZERO).await.unwrap());
        assert_eq!(db.claim(5).await.remove(0).tries, 2);
        assert_eq!(db.store.release_documents(SERVER).await.unwrap(), 1);
    }

    async fn what_was_shown_stays_until_it_is_replaced(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let document = db.publish(&operator, collection, "d", &["word one", "word two", "word three"]).await;
        db.publish(&operator, collection, "other", &["word other"]).await;
        db.store.reindex_document(&operator, collection, document.id).await.unwrap().unwrap();
        assert_eq!(db.texts(&operator, "word").await.len(), 4);
        let claimed = db.claim(1).await.remove(0);
        assert!(db.store.fail_document(&claimed.claim, "no").await.unwrap());
        assert_eq!(db.texts(&operator, "word").await.len(), 4, "a failure takes nothing away");
        db.store.reindex_document(&operator, collection, document.id).await.unwrap().unwrap();
        db.read(document.id, &["word new"]).await;
        assert_eq!(db.texts(&operator, "word").await, ["word other", "word new"]);
        let stored = db.store.get_document(&operator, collection, document.id).await.unwrap().unwrap();
        assert_eq!((stored.chunks, stored.error), (1, None));
        let space = db.store.search_space(&operator, None).await.unwrap();
        let firsts: Vec<_> = space.collections[0].segments.iter().map(|it| it.first_no).collect();
        assert_eq!(firsts, [3, 4], "numbers are not used twice, and what is dead is not searched");
    }

    async fn what_could_not_be_read_of_a_document_is_told_until_it_can(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let document = db.document(&operator, collection, "scan").await;
        let claimed = db.claim(1).await.remove(0);
        let mut commit = db.commit_of(&[(&claimed, &["some words"])], &[]).await;
        let told = Some("1 of 3 pages (2) has no text".to_owned());
        commit.documents[0].notice.clone_from(&told);
        assert_eq!(db.store.commit_documents(commit).await.unwrap(), [document.id]);
        let shown = async || {
            let shown = db.store.get_document(&operator, collection, document.id).await;
            shown.unwrap().unwrap().notice
        };
        assert_eq!((document.notice, shown().await), (None, told.clone()));
        // What is searched is still the same.
        db.store.reindex_document(&operator, collection, document.id).await.unwrap().unwrap();
        assert_eq!(shown().await, told);
        db.read(document.id, &["all words"]).await;
        assert_eq!(shown().await, None);
    }

    async fn numbers_come_in_the_order_of_commits(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        db.document(&operator, collection, "slow").await;
        let slow = db.claim(1).await.remove(0);
        // It is read, and takes its time.
        let late = db.commit_of(&[(&slow, &["word slow", "word last"])], &[]).await;
        for n in 0..8 {
            db.publish(&operator, collection, "quick", &[&format!("word {n}")]).await;
        }
        let merge = db.store.begin_merge(SERVER, LEASE, &*db.ids).await.unwrap().unwrap();
        assert_eq!((merge.parts.len(), merge.first_no, merge.span), (8, 0, 8));
        assert_eq!(db.store.commit_documents(late).await.unwrap(), [slow.document.id]);
        let space = db.store.search_space(&operator, None).await.unwrap();
        let last = space.collections[0].segments.last().unwrap();
        assert_eq!((last.first_no, last.span), (8, 2), "behind what is being merged");
        // What is deleted of the one is not counted for the others.
        db.store.delete_document(&operator, collection, slow.document.id, &db.entry("x")).await.unwrap();
        let space = db.store.search_space(&operator, None).await.unwrap();
        assert!(space.collections[0].segments.iter().all(|it| it.dead == 0));
        assert_eq!(db.texts(&operator, "word").await.len(), 8);
    }

    async fn a_collection_that_has_used_up_its_numbers_takes_no_more(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let raw = db.raw().await;
        raw.execute_unprepared("UPDATE collections SET next_no = 4294967293").await.unwrap();
        db.document(&operator, collection, "d").await;
        let claimed = db.claim(1).await.remove(0);
        let long = db.commit_of(&[(&claimed, &["one", "two", "three"])], &[]).await;
        let refused = db.store.commit_documents(long).await;
        assert!(matches!(refused, Err(StoreError::CollectionMissing)), "{refused:?}");
        let short = db.commit_of(&[(&claimed, &["one", "two"])], &[]).await;
        assert_eq!(db.store.commit_documents(short).await.unwrap(), [claimed.document.id]);
        assert_eq!(db.texts(&operator, "two").await, ["two"]);
    }

    async fn commits_at_once_get_numbers_of_their_own(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let mut commits = Vec::new();
        for n in 0..8 {
            db.document(&operator, collection, "d").await;
            let claimed = db.claim(1).await.remove(0);
            let (one, two) = (format!("word {n}"), format!("word {n} more"));
            commits.push(db.commit_of(&[(&claimed, &[one.as_str(), two.as_str()])], &[]).await);
        }
        for committed in join_all(commits.into_iter().map(|it| db.store.commit_documents(it))).await {
            assert_eq!(committed.unwrap().len(), 1);
        }
        let space = db.store.search_space(&operator, None).await.unwrap();
        let firsts: Vec<_> = space.collections[0].segments.iter().map(|it| it.first_no).collect();
        assert_eq!(firsts, (0..8).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(db.texts(&operator, "word").await.len(), 16);
    }
}
