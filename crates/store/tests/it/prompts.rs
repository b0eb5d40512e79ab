//! The prompt library: names, versions, tenants.

use futures_util::future::join_all;
use vpaura_domain::{Page, PermissionSet, Prompt, PromptId, Scope, Subject, WorkspaceId};
use vpaura_store::{PromptChanges, StoreError};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::key;

impl TestDb {
    fn new_prompt(&self, name: &str, text: &str) -> Prompt {
        Prompt {
            id: PromptId::generate(&*self.ids),
            name: name.into(),
            description: None,
            version: 1,
            text: text.into(),
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    async fn prompt(&self, name: &str, text: &str) -> vpaura_store::Result<Prompt> {
        let (new, entry) = (self.new_prompt(name, text), self.entry("prompt.created"));
        let made = self.store.create_prompt(&Scope::operator(), &new, None, &entry).await;
        made.map(vpaura_store::Created::into_inner)
    }

    async fn rewrite(
        &self,
        id: PromptId,
        changes: PromptChanges,
    ) -> vpaura_store::Result<Option<Prompt>> {
        let entry = self.entry("prompt.updated");
        self.store.update_prompt(&Scope::operator(), id, &changes, self.now(), &entry).await
    }
}

conformance! {
    async fn another_text_is_another_version(db: TestDb) {
        let operator = Scope::operator();
        let prompt = db.prompt("greet", "one").await.unwrap();
        let text = |text: &str| PromptChanges { text: Some(text.into()), ..Default::default() };
        assert_eq!(db.rewrite(prompt.id, text("one")).await.unwrap().unwrap().version, 1);
        assert_eq!(db.rewrite(prompt.id, text("two")).await.unwrap().unwrap().version, 2);
        let renamed = PromptChanges {
            name: Some("welcome".into()),
            description: Some(Some("for guests".into())),
            ..Default::default()
        };
        assert_eq!(db.rewrite(prompt.id, renamed).await.unwrap().unwrap().version, 2);
        let stored = db.store.prompt_named(&operator, "welcome").await.unwrap().unwrap();
        assert_eq!((stored.text.as_str(), stored.description.as_deref()), ("two", Some("for guests")));
        assert_eq!(db.store.prompt_named(&operator, "greet").await.unwrap(), None);
        let versions = db.store.list_prompt_versions(&operator, prompt.id, 1, None).await;
        let versions = versions.unwrap().unwrap();
        assert_eq!((versions.items[0].text.as_str(), versions.next_cursor.as_deref()), ("two", Some("2")));
        let first = db.store.prompt_version(&operator, prompt.id, 1).await.unwrap().unwrap();
        assert_eq!(first.text, "one");
        let entry = db.entry("prompt.deleted");
        assert!(db.store.delete_prompt(&operator, prompt.id, &entry).await.unwrap());
        assert!(!db.store.delete_prompt(&operator, prompt.id, &entry).await.unwrap());
        assert_eq!(db.store.get_prompt(&operator, prompt.id).await.unwrap(), None);
    }

    async fn a_name_is_one_prompts(db: TestDb) {
        let made = join_all((0..6).map(|_| db.prompt("greet", "hi"))).await;
        assert_eq!(made.iter().filter(|it| it.is_ok()).count(), 1);
        let taken = made.iter().filter(|it| matches!(it, Err(StoreError::NameTaken)));
        assert_eq!(taken.count(), 5);
        let other = db.prompt("other", "hi").await.unwrap();
        let changes = PromptChanges { name: Some("greet".into()), ..Default::default() };
        let taken = db.rewrite(other.id, changes).await;
        assert!(matches!(taken, Err(StoreError::NameTaken)), "{taken:?}");
        let (key, entry) = (key("k", "h"), db.entry("x"));
        let mut ids = Vec::new();
        for _ in 0..2 {
            let new = db.new_prompt("keyed", "hi");
            let made = db.store.create_prompt(&Scope::operator(), &new, Some(&key), &entry).await;
            ids.push(made.unwrap().into_inner().id);
        }
        assert_eq!(ids[0], ids[1]);
    }

    async fn another_workspaces_prompts_do_not_exist(db: TestDb) {
        let prompt = db.prompt("greet", "hi").await.unwrap();
        let other = Scope {
            workspace_id: WorkspaceId::from_uuid(db.uuid()),
            subject: Subject::Operator,
            permissions: PermissionSet::ALL,
        };
        let (store, entry) = (&db.store, db.entry("x"));
        assert_eq!(store.get_prompt(&other, prompt.id).await.unwrap(), None);
        assert_eq!(store.prompt_named(&other, "greet").await.unwrap(), None);
        assert_eq!(store.list_prompts(&other, &Page::default()).await.unwrap().items, []);
        assert_eq!(store.list_prompt_versions(&other, prompt.id, 5, None).await.unwrap(), None);
        assert_eq!(store.prompt_version(&other, prompt.id, 1).await.unwrap(), None);
        let changes = PromptChanges { text: Some("x".into()), ..Default::default() };
        let changed = store.update_prompt(&other, prompt.id, &changes, db.now(), &entry).await;
        assert_eq!(changed.unwrap(), None);
        assert!(!store.delete_prompt(&other, prompt.id, &entry).await.unwrap());
        let listed = store.list_prompts(&Scope::operator(), &Page::default()).await.unwrap();
        assert_eq!(listed.items, [prompt]);
    }
}
