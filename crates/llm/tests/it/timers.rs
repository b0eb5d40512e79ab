//! The timers, on the scripted model under a clock that moves only when everybody waits.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::time::{Instant, advance, sleep};
use tokio_util::sync::CancellationToken;
use vpaura_domain::FixedClock;
use vpaura_llm::{
    ErrorKind, Jitter, LlmError, ModelEvent, ModelInfo, ModelStream, Router, RouterSettings,
    ScriptedModel, Timer, TimerSettings,
};

use crate::support::{model, question, read_text};

fn info(name: &str) -> ModelInfo {
    ModelInfo {
        id: model(name),
        name: name.into(),
        context_window: 8_192,
        max_output: 1_024,
        price: None,
        tools: true,
        builtin: false,
        default: false,
    }
}

fn routed(models: &[(&str, &ScriptedModel)]) -> Router {
    let timers = TimerSettings {
        first_token: Duration::from_secs(10),
        between_tokens: Duration::from_secs(5),
        total: Duration::from_secs(60),
        ..TimerSettings::default()
    };
    let settings = RouterSettings { timers, ..RouterSettings::default() };
    let clock = Arc::new(FixedClock::at(vpaura_domain::Timestamp::from_millis(0)));
    let router =
        Router::new(settings, clock).expect("sound settings").with_jitter(Jitter::fixed(1.0));
    models.iter().fold(router, |router, (name, model)| {
        router.with_model(info(name), Arc::new((*model).clone()))
    })
}

async fn ask(router: &Router) -> Result<ModelStream, LlmError> {
    router.stream(&model("s/m"), question("?"), CancellationToken::new()).await
}

fn timed_out(which: Timer) -> Option<ErrorKind> {
    Some(ErrorKind::Timeout(which))
}

#[tokio::test(start_paused = true)]
async fn no_first_token_is_not_waited_for_twice() {
    let scripted = ScriptedModel::new();
    let script = scripted.script();
    let router = routed(&[("s/m", &scripted)]);
    let started = Instant::now();
    let error = ask(&router).await.err().map(|error| error.kind());
    assert_eq!(error, timed_out(Timer::FirstToken));
    assert_eq!(started.elapsed(), Duration::from_secs(10));
    script.dropped().await;
    assert_eq!(scripted.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stall_ends_the_answer_in_time() {
    let scripted = ScriptedModel::new();
    let script = scripted.script();
    let router = routed(&[("s/m", &scripted)]);
    script.text("One.");
    let mut stream = ask(&router).await.expect("a first token");
    assert_eq!(read_text(&mut stream).await, "One.");
    for _ in 0..4 {
        let (text, ()) = tokio::join!(read_text(&mut stream), async {
            sleep(Duration::from_secs(4)).await;
            script.text("More.");
        });
        assert_eq!(text, "More.");
    }
    let waiting = Instant::now();
    let error = stream.next().await.expect("an end").err().map(|error| error.kind());
    assert_eq!(error, timed_out(Timer::BetweenTokens));
    // Tokio's clock counts whole milliseconds.
    assert!(waiting.elapsed() - Duration::from_secs(5) <= Duration::from_millis(1));
    script.dropped().await;
}

#[tokio::test(start_paused = true)]
async fn the_readers_own_pauses_are_not_the_models() {
    let scripted = ScriptedModel::new();
    let script = scripted.script();
    let router = routed(&[("s/m", &scripted)]);
    script.text("One.");
    let mut stream = ask(&router).await.expect("a first token");
    read_text(&mut stream).await;
    advance(Duration::from_secs(20)).await;
    let (text, ()) = tokio::join!(read_text(&mut stream), async {
        sleep(Duration::from_secs(1)).await;
        script.text("Two.");
    });
    assert_eq!(text, "Two.");
}

#[tokio::test(start_paused = true)]
async fn an_answer_must_end_in_time() {
    let scripted = ScriptedModel::new();
    let script = scripted.script();
    let router = routed(&[("s/m", &scripted)]);
    let started = Instant::now();
    let talking = async {
        loop {
            script.text("blah ");
            tokio::select! {
                () = script.dropped() => return,
                () = sleep(Duration::from_secs(1)) => {}
            }
        }
    };
    let reading = async {
        let events: Vec<_> = ask(&router).await.expect("a first token").collect().await;
        let error = events.last().and_then(|event| event.as_ref().err()).map(LlmError::kind);
        assert_eq!(error, timed_out(Timer::Total));
    };
    tokio::join!(talking, reading);
    assert!(started.elapsed() - Duration::from_secs(60) <= Duration::from_millis(1));
}

#[tokio::test(start_paused = true)]
async fn retries_wait_as_long_as_they_are_asked_to() {
    let scripted = ScriptedModel::saying("Hello.");
    let asked = Duration::from_secs(7);
    scripted.refuse(LlmError::RateLimited { detail: String::new(), retry_after: Some(asked) });
    let router = routed(&[("s/m", &scripted)]);
    let started = Instant::now();
    drop(ask(&router).await.expect("the second try"));
    assert_eq!(started.elapsed(), asked + Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn a_slow_first_model_gives_way_to_the_next() {
    let slow = ScriptedModel::new();
    let late = slow.script();
    let fallbacks = vec![model("builtin/extractive")];
    let settings = RouterSettings { fallbacks, ..RouterSettings::default() };
    let clock = Arc::new(FixedClock::at(vpaura_domain::Timestamp::from_millis(0)));
    let router = Router::new(settings, clock)
        .expect("sound settings")
        .with_model(info("s/m"), Arc::new(slow));
    let mut stream = ask(&router).await.expect("the fallback");
    let first = stream.next().await;
    assert_eq!(first, Some(Ok(ModelEvent::Serving(model("builtin/extractive")))));
    late.dropped().await;
}

/// A port whose queue of connections is full: whoever connects waits. Real time, since the
/// kernel's part cannot be paused; the timer is short.
#[tokio::test]
async fn a_connection_that_does_not_come_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    // Nobody accepts. What the kernel accepts by itself is used up here.
    let mut waiting = Vec::new();
    let patience = Duration::from_millis(20);
    while waiting.len() < 10_000 {
        match std::net::TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let provider = vpaura_llm::ProviderSettings {
        name: "s".into(),
        base_url: Some(format!("http://{address}")),
        models: vec!["m".into()],
        ..vpaura_llm::ProviderSettings::new("openai")
    };
    let timers = TimerSettings { connect: Duration::from_millis(50), ..TimerSettings::default() };
    let retry = vpaura_llm::RetrySettings { attempts: 1, ..Default::default() };
    let providers = vec![provider];
    let router = crate::support::router(RouterSettings {
        providers,
        timers,
        retry,
        ..RouterSettings::default()
    });
    let error = ask(&router).await.err().map(|error| error.kind());
    assert_eq!(error, timed_out(Timer::Connect));
}
