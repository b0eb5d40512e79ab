//! Who calls, and into which workspaces they get.

use secrecy::ExposeSecret;
use vpaura_domain::{
    BuiltinRole, Origin, Permission, PermissionSet, RandomIds, Scope, WorkspaceId,
};
use vpaura_engine::{Error, NewApiKey, Thing};

use crate::support::{OPERATOR_KEY, World, user, visitor};

#[tokio::test]
async fn the_operators_key_is_one_text_and_no_other() {
    let world = World::new();
    let engine = world.engine().await;
    for proved in [
        engine.authenticate_api_key(OPERATOR_KEY).await,
        engine.authenticate_bearer(OPERATOR_KEY).await,
    ] {
        assert_eq!(proved.unwrap(), Scope::operator());
    }
    let longer = format!("{OPERATOR_KEY} ");
    for other in ["", "null", &OPERATOR_KEY[1..], &longer, &OPERATOR_KEY.to_uppercase()] {
        let refused = engine.authenticate_bearer(other).await;
        assert!(matches!(refused, Err(Error::Unauthorized)), "{other:?}");
    }
}

#[tokio::test]
async fn everybody_gets_into_the_workspaces_that_are_theirs() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (_, member) = user(&engine, "member").await;
    let new = NewApiKey {
        name: "Website".to_owned(),
        permissions: PermissionSet::of(&[Permission::ChatRead]),
        chatbot_ids: None,
        expires_at: None,
    };
    let made = engine.create_api_key(&owner, &Origin::default(), new, None).await.unwrap();
    let key = engine.authenticate_api_key(made.key.unwrap().expose_secret()).await.unwrap();
    let visitor = visitor(&engine).await;
    let sales = engine.create_workspace(&owner, &Origin::default(), "Sales", None).await.unwrap();
    let nowhere = WorkspaceId::generate(&RandomIds);

    for scope in [owner, member, key, visitor, Scope::operator()] {
        assert_eq!(engine.scope_in(&scope, WorkspaceId::DEFAULT).await.unwrap(), scope);
        let refused = engine.scope_in(&scope, nowhere).await;
        assert!(matches!(refused, Err(Error::NotFound(Thing::Workspace))), "{scope:?}");
    }
    for scope in [member, key, visitor] {
        let refused = engine.scope_in(&scope, sales.id).await;
        assert!(matches!(refused, Err(Error::NotFound(Thing::Workspace))), "{scope:?}");
    }
    let there = engine.scope_in(&Scope::operator(), sales.id).await.unwrap();
    assert_eq!((there.workspace_id, there.permissions), (sales.id, PermissionSet::ALL));
    let there = engine.scope_in(&owner, sales.id).await.unwrap();
    assert_eq!((there.workspace_id, there.subject), (sales.id, owner.subject));
    assert!(there.permissions.covers(BuiltinRole::Owner.permissions()));
}
