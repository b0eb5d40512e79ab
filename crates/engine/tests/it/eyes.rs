//! Runs that read with other eyes than those of whoever started them: through a key.

use secrecy::ExposeSecret;
use serde_json::json;
use vpaura_domain::{
    Access, ChatbotId, Grant, Grantee, Origin, Permission, PermissionSet, Scope, UserId, Visibility,
};
use vpaura_engine::{Engine, NewApiKey, NewChatbot, RunInput, StartRun};

use crate::files::upload;
use crate::quotes::{SECRET, Shelf, asked, cites, searches_and_asks, told};
use crate::support::{World, calls, say, say_in, says, text_of, to_end, user};

/// A key of the maker's that can chat, and what else is given.
async fn key(
    engine: &Engine,
    maker: &Scope,
    more: &[Permission],
    chatbot: Option<ChatbotId>,
) -> Scope {
    let chat = [Permission::ChatRead, Permission::ChatWrite, Permission::ChatbotsRead];
    let new = NewApiKey {
        name: "Website".to_owned(),
        permissions: PermissionSet::of(&[&chat, more].concat()),
        chatbot_ids: chatbot.map(|id| vec![id]),
        expires_at: None,
    };
    let made = engine.create_api_key(maker, &Origin::default(), new, None).await.unwrap();
    let secret = made.key.unwrap();
    engine.authenticate_api_key(secret.expose_secret()).await.unwrap()
}

/// From now on this member alone may see the shelf, beside those who may change collections.
async fn keep_for(engine: &Engine, shelf: &Shelf, member: UserId) {
    shelf.make(engine, Visibility::Private).await;
    let grants = vec![Grant { grantee: Grantee::User(member), access: Access::Use }];
    let (operator, nowhere) = (Scope::operator(), Origin::default());
    engine.share_collection(&operator, shelf.collection.id, grants, &nowhere).await.unwrap();
}

#[tokio::test]
async fn a_key_in_anothers_conversation_is_not_shown_what_only_they_may_see() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (ada_id, ada) = user(&engine, "ada").await;
    let shelf = Shelf::new(&engine).await;
    says(&world, "Hello.");
    let greeting = StartRun { chatbot_id: shelf.question.chatbot_id, ..say("Hello!") };
    let mut greeted = engine.start_run(&ada, greeting).await.unwrap();
    to_end(&mut greeted.reader).await.unwrap();
    keep_for(&engine, &shelf, ada_id).await;
    let key = key(&engine, &owner, &[Permission::OthersAct], None).await;
    says(&world, "turns to the sun");
    let query = json!({ "query": "turns to the sun" }).to_string();
    calls(&world, &[("c1", "search_collections", &query)]);
    cites(&world, &[1, 2]);
    let question = say_in(greeted.run.conversation_id, "What turns to the sun?");
    let mut started = engine.start_run(&key, question).await.unwrap();
    let live = to_end(&mut started.reader).await.unwrap();
    assert_eq!(text_of(&live), "It is so.");
    // The answer is for the owner of the conversation, and from what they may see.
    assert!(asked(&world).contains(SECRET));
    assert!(!told(&live).contains("heliotrope"), "{live:?}");
    let mut hers = engine.follow_run(&ada, started.run.id, 0).await.unwrap();
    assert!(told(&to_end(&mut hers).await.unwrap()).contains(SECRET));
}

#[tokio::test]
async fn a_key_for_one_chatbot_is_not_shown_the_files_of_its_maker() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let new = NewChatbot { name: "Desk".into(), ..NewChatbot::default() };
    let chatbot = engine.create_chatbot(&owner, new, None, &Origin::default()).await.unwrap();
    let file = upload(&engine, &owner, "flowers.md", SECRET.as_bytes()).await.unwrap().file;
    let input = RunInput::Message {
        text: "What turns to the sun?".into(),
        file_ids: vec![file.id],
        parent_id: None,
        history: Vec::new(),
    };
    cites(&world, &[1]);
    let question = StartRun { input, chatbot_id: Some(chatbot.id), ..say("") };
    let mut first = engine.start_run(&owner, question).await.unwrap();
    assert!(told(&to_end(&mut first.reader).await.unwrap()).contains(SECRET));
    let key = key(&engine, &owner, &[], Some(chatbot.id)).await;
    cites(&world, &[1]);
    let again = say_in(first.run.conversation_id, "And what turns to the sun?");
    let mut started = engine.start_run(&key, again).await.unwrap();
    let live = to_end(&mut started.reader).await.unwrap();
    assert!(asked(&world).contains(SECRET));
    assert_eq!(text_of(&live), "It is so.");
    assert!(!told(&live).contains("heliotrope"), "{live:?}");
}

#[tokio::test]
async fn a_run_that_waited_goes_on_with_what_its_key_may_see() {
    let world = World::new();
    let engine = world.engine().await;
    let (_, owner) = user(&engine, "owner").await;
    let (ada_id, ada) = user(&engine, "ada").await;
    let shelf = Shelf::new(&engine).await;
    let key = key(&engine, &owner, &[Permission::OthersAct], None).await;
    says(&world, "Hello.");
    let greeting = StartRun { chatbot_id: shelf.question.chatbot_id, ..say("Hello!") };
    let mut greeted = engine.start_run(&ada, greeting).await.unwrap();
    to_end(&mut greeted.reader).await.unwrap();
    says(&world, "turns to the sun");
    searches_and_asks(&world);
    let question = say_in(greeted.run.conversation_id, "What turns to the sun?");
    let mut started = engine.start_run(&key, question).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    assert!(asked(&world).contains(SECRET));
    keep_for(&engine, &shelf, ada_id).await;
    cites(&world, &[1]);
    let asks = engine.run_detail(&ada, started.run.id).await.unwrap().asks;
    let yes = asks.iter().map(|ask| (ask.id.clone(), json!(true))).collect();
    engine.resume_run(&ada, started.run.id, yes).await.unwrap();
    let mut again = engine.follow_run(&ada, started.run.id, 0).await.unwrap();
    assert_eq!(text_of(&to_end(&mut again).await.unwrap()), "It is so.");
    let asked = asked(&world);
    assert!(asked.contains("is not shown again") && !asked.contains("heliotrope"), "{asked}");
}
