//! What a model is asked on behalf of a chatbot, and which chatbot that is.

use serde_json::json;
use vpaura_domain::{
    Chatbot, ChatbotSettings, Origin, RateLimit, ReasoningEffort, Scope, SystemPrompt, Visibility,
};
use vpaura_engine::{
    ChatbotUpdate, Engine, Error, NewChatbot, NewPrompt, PromptUpdate, StartRun, Thing,
};
use vpaura_llm::Content;

use crate::support::{World, calls, results, say, say_in, says, to_end, turn, visitor};

async fn chatbot(engine: &Engine, name: &str, settings: ChatbotSettings) -> Chatbot {
    let new = NewChatbot { name: name.into(), settings, ..NewChatbot::default() };
    engine.create_chatbot(&Scope::operator(), new, None, &Origin::default()).await.unwrap()
}

async fn update(engine: &Engine, bot: &Chatbot, update: ChatbotUpdate) -> Chatbot {
    let scope = Scope::operator();
    engine.update_chatbot(&scope, bot.id, update, &Origin::default()).await.unwrap()
}

/// The system prompts of the model's last request.
fn told(world: &World) -> Vec<String> {
    let request = world.model.requests().pop().unwrap();
    let system = request.messages.iter().filter(|it| it.role == vpaura_domain::Role::System);
    let texts = system.flat_map(|message| &message.content).map(|content| match content {
        Content::Text(text) => text.to_string(),
        other => panic!("{other:?}"),
    });
    texts.collect()
}

fn invalid(outcome: Result<Chatbot, Error>) -> String {
    match outcome {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_chatbots_settings_reach_the_model_and_a_request_goes_before_them() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let settings = ChatbotSettings {
        temperature: Some(0.25),
        top_p: Some(0.5),
        max_tokens: Some(77),
        stop: vec!["END".into()],
        reasoning: Some(ReasoningEffort::High),
        system_prompt: Some(SystemPrompt::Text("I am {{ chatbot }}, it is {{ date }}.".into())),
        tools: Some(vec!["current_time".into()]),
        ..ChatbotSettings::default()
    };
    let bot = chatbot(&engine, "Helper", settings).await;
    let request = StartRun { chatbot_id: Some(bot.id), ..say("hi") };
    let started = turn(&world, &engine, &me, request.clone(), "hello").await;
    assert_eq!(started.run.chatbot_id, Some(bot.id));
    let asked = world.model.requests().pop().unwrap();
    assert_eq!(asked.params.temperature, Some(0.25));
    assert_eq!(asked.params.top_p, Some(0.5));
    assert_eq!(asked.params.max_tokens, Some(77));
    assert_eq!(asked.params.stop, ["END"]);
    assert_eq!(asked.params.reasoning_effort, Some(vpaura_llm::ReasoningEffort::High));
    let tools: Vec<_> = asked.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["current_time"]);
    assert_eq!(told(&world), ["I am Helper, it is 2025-11-21."]);

    let conversation = started.run.conversation_id;
    let request =
        StartRun { temperature: Some(1.5), max_tokens: Some(5), ..say_in(conversation, "again") };
    turn(&world, &engine, &me, request, "hello").await;
    let asked = world.model.requests().pop().unwrap();
    assert_eq!((asked.params.temperature, asked.params.max_tokens), (Some(1.5), Some(5)));
    assert_eq!(told(&world), ["I am Helper, it is 2025-11-21."], "the conversation's chatbot");
}

#[tokio::test]
async fn without_a_chatbot_the_workspaces_default_one_answers() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let first = turn(&world, &engine, &me, say("hi"), "hello").await.run;
    assert!(told(&world)[0].contains("VPAura"));
    let prompt = Some(SystemPrompt::Text("Be brief.".into()));
    let settings = ChatbotSettings { system_prompt: prompt, ..ChatbotSettings::default() };
    let bot = chatbot(&engine, "Brief", settings).await;
    update(&engine, &bot, ChatbotUpdate { is_default: Some(true), ..Default::default() }).await;
    let second = turn(&world, &engine, &me, say("hi"), "hello").await.run;
    assert_eq!(second.chatbot_id, Some(bot.id));
    assert_eq!(told(&world), ["Be brief."]);
    // One that is deleted is followed by the default one.
    let origin = Origin::default();
    let old = first.chatbot_id.unwrap();
    engine.delete_chatbot(&Scope::operator(), old, &origin).await.unwrap();
    let third = turn(&world, &engine, &me, say_in(first.conversation_id, "so?"), "hm").await.run;
    assert_eq!(third.chatbot_id, Some(bot.id));
}

#[tokio::test]
async fn what_is_not_visible_does_not_answer() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let bot = chatbot(&engine, "Secret", ChatbotSettings::default()).await;
    let private = ChatbotUpdate { visibility: Some(Visibility::Private), ..Default::default() };
    update(&engine, &bot, private).await;
    let request = StartRun { chatbot_id: Some(bot.id), ..say("hi") };
    let refused = engine.start_run(&me, request).await;
    assert!(matches!(refused, Err(Error::NotFound(Thing::Chatbot))), "{refused:?}");
    let preview = StartRun { preview: Some(ChatbotSettings::default()), ..say("hi") };
    let refused = engine.start_run(&me, preview).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
}

#[tokio::test]
async fn a_preview_is_tried_and_not_stored() {
    let world = World::new();
    let engine = world.engine().await;
    let operator = Scope::operator();
    let prompt = Some(SystemPrompt::Text("Try me.".into()));
    let preview = ChatbotSettings { system_prompt: prompt, ..ChatbotSettings::default() };
    let request = StartRun { preview: Some(preview), ..say("hi") };
    turn(&world, &engine, &operator, request, "hello").await;
    assert_eq!(told(&world), ["Try me."]);
    let bad = ChatbotSettings { top_p: Some(0.0), ..ChatbotSettings::default() };
    let refused = engine.start_run(&operator, StartRun { preview: Some(bad), ..say("hi") }).await;
    assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "preview.top_p"));
    turn(&world, &engine, &operator, say("hi"), "hello").await;
    assert!(told(&world)[0].contains("VPAura"));
}

#[tokio::test]
async fn a_prompt_of_the_library_is_used_in_its_newest_version() {
    let world = World::new();
    let engine = world.engine().await;
    let (me, operator, origin) = (visitor(&engine).await, Scope::operator(), Origin::default());
    let new = NewPrompt { name: "tone".into(), description: None, text: "One.".into() };
    let prompt = engine.create_prompt(&operator, new, None, &origin).await.unwrap();
    let settings = ChatbotSettings {
        system_prompt: Some(SystemPrompt::Named("tone".into())),
        ..ChatbotSettings::default()
    };
    let bot = chatbot(&engine, "Named", settings).await;
    let ask = || StartRun { chatbot_id: Some(bot.id), ..say("hi") };
    turn(&world, &engine, &me, ask(), "hello").await;
    assert_eq!(told(&world), ["One."]);
    let two = PromptUpdate { text: Some("Two.".into()), ..Default::default() };
    engine.update_prompt(&operator, prompt.id, two, &origin).await.unwrap();
    turn(&world, &engine, &me, ask(), "hello").await;
    assert_eq!(told(&world), ["Two."]);
    engine.roll_prompt_back(&operator, prompt.id, 1, &origin).await.unwrap();
    turn(&world, &engine, &me, ask(), "hello").await;
    assert_eq!(told(&world), ["One."]);
    // Without what it was told it does not answer.
    engine.delete_prompt(&operator, prompt.id, &origin).await.unwrap();
    let refused = engine.start_run(&me, ask()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    let named = SystemPrompt::Named("chat".into());
    let settings = ChatbotSettings { system_prompt: Some(named), ..Default::default() };
    update(&engine, &bot, ChatbotUpdate { settings: Some(settings), ..Default::default() }).await;
    turn(&world, &engine, &me, ask(), "hello").await;
    assert!(told(&world)[0].contains("VPAura"));
}

#[tokio::test]
async fn tools_that_the_chatbot_lacks_are_not_used_though_the_model_asks() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let settings = ChatbotSettings { tools: Some(Vec::new()), ..ChatbotSettings::default() };
    let bot = chatbot(&engine, "Bare", settings).await;
    calls(&world, &[("c1", "current_time", "{}")]);
    says(&world, "I do not know.");
    let request = StartRun { chatbot_id: Some(bot.id), ..say("what time is it?") };
    let mut started = engine.start_run(&me, request).await.unwrap();
    let events = to_end(&mut started.reader).await.unwrap();
    assert!(world.model.requests()[0].tools.is_empty());
    let (output, is_error) = results(&events)["c1"];
    assert!(is_error && output.contains("no tool called"), "{output}");
}

#[tokio::test]
async fn a_chatbots_rate_limit_counts_everybodys_messages() {
    let world = World::new();
    let engine = world.engine().await;
    let rate_limit = Some(RateLimit { requests: 2, window_seconds: 3_600 });
    let settings = ChatbotSettings { rate_limit, ..ChatbotSettings::default() };
    let bot = chatbot(&engine, "Slow", settings).await;
    let ask = || StartRun { chatbot_id: Some(bot.id), ..say("hi") };
    for _ in 0..2 {
        let somebody = visitor(&engine).await;
        turn(&world, &engine, &somebody, ask(), "hello").await;
    }
    let refused = engine.start_run(&visitor(&engine).await, ask()).await;
    assert!(matches!(refused, Err(Error::RateLimited { .. })), "{refused:?}");
    assert_eq!(world.model.requests().len(), 2);
}

#[tokio::test]
async fn a_run_keeps_the_settings_that_it_was_started_with() {
    let world = World::new();
    let engine = world.engine().await;
    let me = visitor(&engine).await;
    let text = |text: &str| {
        let prompt = Some(SystemPrompt::Text(text.to_owned()));
        ChatbotSettings { system_prompt: prompt, ..ChatbotSettings::default() }
    };
    let bot = chatbot(&engine, "Changing", text("Before.")).await;
    let request = StartRun { chatbot_id: Some(bot.id), ..say("call it X") };
    calls(&world, &[("c1", "rename_conversation", r#"{"title":"X"}"#)]);
    let mut started = engine.start_run(&me, request).await.unwrap();
    to_end(&mut started.reader).await.unwrap();
    let settings = Some(text("After."));
    update(&engine, &bot, ChatbotUpdate { settings, ..Default::default() }).await;
    says(&world, "Done.");
    let detail = engine.run_detail(&me, started.run.id).await.unwrap();
    let answers = [(detail.asks[0].id.clone(), json!({ "approved": true }))].into();
    engine.resume_run(&me, started.run.id, answers).await.unwrap();
    let mut reader = engine.follow_run(&me, started.run.id, 0).await.unwrap();
    to_end(&mut reader).await.unwrap();
    assert_eq!(world.model.requests().len(), 2);
    assert_eq!(told(&world), ["Before."]);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::new();
    let engine = world.engine().await;
    let (operator, origin) = (Scope::operator(), Origin::default());
    let text = |text: &str| Some(SystemPrompt::Text(text.to_owned()));
    let none = ChatbotSettings::default;
    for (settings, field) in [
        (ChatbotSettings { model: Some("nowhere".into()), ..none() }, "settings.model"),
        (ChatbotSettings { model: Some("no/where".into()), ..none() }, "settings.model"),
        (ChatbotSettings { temperature: Some(2.5), ..none() }, "settings.temperature"),
        (ChatbotSettings { temperature: Some(f32::NAN), ..none() }, "settings.temperature"),
        (ChatbotSettings { top_p: Some(1.5), ..none() }, "settings.top_p"),
        (ChatbotSettings { max_tokens: Some(0), ..none() }, "settings.max_tokens"),
        (ChatbotSettings { stop: vec!["x".into(); 5], ..none() }, "settings.stop"),
        (ChatbotSettings { stop: vec![String::new()], ..none() }, "settings.stop[0]"),
        (ChatbotSettings { stop: vec!["x".repeat(65)], ..none() }, "settings.stop[0]"),
        (ChatbotSettings { graph: Some("loop".into()), ..none() }, "settings.graph"),
        (ChatbotSettings { tools: Some(vec!["rm".into()]), ..none() }, "settings.tools[0]"),
        (
            ChatbotSettings { system_prompt: text("{{ secret }}"), ..none() },
            "settings.system_prompt.text",
        ),
        (ChatbotSettings { system_prompt: text(" "), ..none() }, "settings.system_prompt.text"),
        (
            ChatbotSettings { system_prompt: text(&"x".repeat(32_001)), ..none() },
            "settings.system_prompt.text",
        ),
        (
            ChatbotSettings { system_prompt: Some(SystemPrompt::Named("no".into())), ..none() },
            "settings.system_prompt.named",
        ),
        (
            ChatbotSettings {
                system_prompt: Some(SystemPrompt::Named("profile".into())),
                ..none()
            },
            "settings.system_prompt.named",
        ),
        (
            ChatbotSettings {
                rate_limit: Some(RateLimit { requests: 0, window_seconds: 1 }),
                ..none()
            },
            "settings.rate_limit.requests",
        ),
        (ChatbotSettings { greeting: Some("x".repeat(2_001)), ..none() }, "settings.greeting"),
    ] {
        let new = NewChatbot { name: "bot".into(), settings, ..NewChatbot::default() };
        let refused = engine.create_chatbot(&operator, new, None, &origin).await;
        assert_eq!(invalid(refused), field);
    }
    for name in ["", "a\nb", &"x".repeat(201)] {
        let new = NewChatbot { name: name.into(), ..NewChatbot::default() };
        let refused = engine.create_chatbot(&operator, new, None, &origin).await;
        assert_eq!(invalid(refused), "name", "{name:?}");
    }
}
