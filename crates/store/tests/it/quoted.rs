//! What answers quote: shown again as long as it is there, to those who may see it.

use std::collections::{BTreeSet, HashSet};

use vpaura_domain::{
    Access, BuiltinRole, CollectionId, FileId, Grant, Grantee, Quoted, Scope, Visibility,
};
use vpaura_store::DocumentChanges;

use crate::conformance;
use crate::db::TestDb;

impl TestDb {
    /// A document of a new collection.
    async fn quoted(&self, scope: &Scope, visibility: Visibility) -> (CollectionId, Quoted) {
        let collection = self.collection(scope, visibility).await;
        (collection, Quoted::Document(self.document(scope, collection, "d").await.id))
    }

    async fn attached(&self, scope: &Scope) -> (FileId, Quoted) {
        let file = self.new_file(scope, "aa");
        self.store.create_file(scope, &file, None).await.unwrap();
        (file.id, Quoted::File(file.id))
    }
}

conformance! {
    async fn what_is_quoted_is_open_to_those_who_see_it(db: TestDb) {
        let operator = Scope::operator();
        let (_, maker) = db.member(BuiltinRole::Member).await;
        let (friend, friend_scope) = db.member(BuiltinRole::Member).await;
        let (_, admin) = db.member(BuiltinRole::Admin).await;
        let (_, visitor) = db.session().await;
        let elsewhere = db.elsewhere().await;
        let (_, open) = db.quoted(&operator, Visibility::Workspace).await;
        let (shared, private) = db.quoted(&maker, Visibility::Private).await;
        let (_, mine) = db.attached(&maker).await;
        let (_, visitors) = db.attached(&visitor).await;
        let never = Quoted::Document(vpaura_domain::DocumentId::from_uuid(db.uuid()));
        let all = BTreeSet::from([open, private, mine, visitors, never]);
        let sees = async |scope: &Scope, what: &[Quoted]| {
            let seen = db.store.still_visible(scope, &all).await.unwrap();
            assert_eq!(seen, what.iter().copied().collect::<HashSet<_>>());
        };
        sees(&operator, &[open, private, mine, visitors]).await;
        sees(&maker, &[open, private, mine]).await;
        sees(&admin, &[open, private]).await;
        sees(&friend_scope, &[open]).await;
        sees(&visitor, &[open, visitors]).await;
        sees(&elsewhere, &[]).await;

        let grant = Grant { grantee: Grantee::User(friend), access: Access::Use };
        assert!(db.share_with(shared, &[grant]).await);
        sees(&friend_scope, &[open, private]).await;
        assert!(db.share_with(shared, &[]).await);
        sees(&friend_scope, &[open]).await;

        // Each kind by itself, and nothing at all.
        for one in [open, mine] {
            let seen = db.store.still_visible(&maker, &BTreeSet::from([one])).await.unwrap();
            assert_eq!(seen, HashSet::from([one]));
        }
        let none = db.store.still_visible(&maker, &BTreeSet::new()).await.unwrap();
        assert!(none.is_empty());
    }

    async fn what_is_quoted_is_gone_at_once_when_it_is_deleted(db: TestDb) {
        let (_, scope) = db.member(BuiltinRole::Member).await;
        let (first, second) =
            (db.quoted(&scope, Visibility::Private).await, db.quoted(&scope, Visibility::Private).await);
        let (file, attached) = db.attached(&scope).await;
        let all = BTreeSet::from([first.1, second.1, attached]);
        let sees = async |what: &[Quoted]| {
            let seen = db.store.still_visible(&scope, &all).await.unwrap();
            assert_eq!(seen, what.iter().copied().collect::<HashSet<_>>());
        };
        let Quoted::Document(document) = first.1 else { unreachable!() };
        let entry = db.entry("x");
        let off = DocumentChanges { enabled: Some(false), ..Default::default() };
        let changed = db.store.update_document(&scope, first.0, document, &off, &entry).await;
        assert!(changed.unwrap().is_some());
        sees(&[first.1, second.1, attached]).await;
        assert!(db.store.delete_document(&scope, first.0, document, &entry).await.unwrap());
        sees(&[second.1, attached]).await;
        assert!(db.store.delete_collection(&scope, second.0, &entry).await.unwrap());
        sees(&[attached]).await;
        assert!(db.store.delete_file(&scope, file).await.unwrap());
        sees(&[]).await;
    }

    async fn however_much_is_quoted_is_one_question(db: TestDb) {
        let operator = Scope::operator();
        let (_, open) = db.quoted(&operator, Visibility::Workspace).await;
        // More than either database takes parameters.
        let others = (0..70_000).map(|_| Quoted::File(FileId::from_uuid(db.uuid())));
        let all = others.chain([open]).collect();
        let seen = db.store.still_visible(&operator, &all).await.unwrap();
        assert_eq!(seen, HashSet::from([open]));
    }
}
