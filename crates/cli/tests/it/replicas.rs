//! Two servers on one PostgreSQL and one Redis: a run on one is followed and stopped from the
//! other, and taken over by it. Needs `scripts/test-services.sh` around it.

use std::time::Duration;

use serde_json::json;
use vpaura_test_support::{DefaultAnswer, Reply, ScriptedProvider, Step};

use crate::server::{Events, Server, text};

/// The services, unless the caller chose to do without.
fn services() -> Option<[(&'static str, String); 2]> {
    let skipped = std::env::var_os("VPAURA_SKIP_POSTGRES").is_some();
    let named = |name: &str| {
        std::env::var(name)
            .unwrap_or_else(|_| panic!("{name} is not set: use scripts/test-services.sh"))
    };
    (!skipped).then(|| {
        [("DATABASE_URL", named("TEST_DATABASE_URL")), ("REDIS_URL", named("TEST_REDIS_URL"))]
    })
}

pub(crate) struct Pair {
    pub(crate) provider: ScriptedProvider,
    pub(crate) first: Server,
    pub(crate) second: Server,
    _folders: [tempfile::TempDir; 2],
}

impl Pair {
    /// Two that notice within seconds when the other is gone. So they do when it is merely kept
    /// from its turn for that long: what is counted here may be done twice on a busy machine.
    pub(crate) async fn start() -> Option<Self> {
        let short = [
            ("VPAURA__RUNS__LEASE_SECONDS", "2"),
            ("VPAURA__RUNS__RENEW_SECONDS", "1"),
            ("VPAURA__RUNS__SWEEP_SECONDS", "1"),
        ];
        Self::start_with(&short).await
    }

    /// Two with these settings.
    pub(crate) async fn start_with(more: &[(&str, &str)]) -> Option<Self> {
        let services = services()?;
        let provider = ScriptedProvider::start().await.unwrap();
        let url = provider.openai_url();
        let mut settings = vec![
            ("OPENAI_BASE_URL", url.as_str()),
            ("LLM_MODEL", "openai/scripted"),
            ("SESSION_SECRET", "the same secret on every replica, 32 bytes"),
            ("JWT_SECRET_KEY", "another secret, the same on each of them"),
        ];
        settings.extend(more);
        settings.extend(services.iter().map(|(name, value)| (*name, value.as_str())));
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        // Both migrate the same database at the same time.
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| Server::start(folders[0].path(), &settings));
            let second = scope.spawn(|| Server::start(folders[1].path(), &settings));
            (first.join().unwrap(), second.join().unwrap())
        });
        Some(Self { provider, first, second, _folders: folders })
    }

    /// A run on the first server that says `so far` and then nothing.
    async fn stalled_run(&self) -> (String, Events) {
        self.provider.reply(Reply::of([Step::Text("so far".into()), Step::Stall]));
        let created: serde_json::Value =
            self.first.post("/conversations", &json!({})).await.json().await.unwrap();
        let path = format!("/conversations/{}/runs", created["id"].as_str().unwrap());
        let mut events = Events::of(self.first.post(&path, &json!({ "message": "Hi" })).await);
        loop {
            let event = events.next().await.unwrap();
            if event["type"] == "delta" {
                return (event["run_id"].as_str().unwrap().to_owned(), events);
            }
        }
    }
}

#[tokio::test]
async fn a_run_is_followed_and_stopped_from_another_replica() {
    let Some(pair) = Pair::start().await else { return };
    let (run, mut here) = pair.stalled_run().await;
    let mut there = pair.second.events(&run, 0).await;
    let mut seen = Vec::new();
    while text(&seen) != "so far" {
        seen.push(there.next().await.unwrap());
    }
    let stopped = pair.second.post(&format!("/runs/{run}/cancel"), &json!({})).await;
    let stopped: serde_json::Value = stopped.json().await.unwrap();
    assert_eq!(stopped["status"], "cancelled", "{stopped}");
    assert_eq!(there.rest().await.last().unwrap()["type"], "run_cancelled");
    assert_eq!(here.rest().await.last().unwrap()["type"], "run_cancelled");
}

#[tokio::test]
async fn a_run_of_a_killed_replica_goes_on_at_the_other() {
    let Some(pair) = Pair::start().await else { return };
    // What the second take is answered, however soon a busy machine lets the lease run out.
    pair.provider.answer_with(DefaultAnswer {
        tokens: 5,
        first_delay: Duration::ZERO,
        delay: Duration::ZERO,
    });
    let (run, _here) = pair.stalled_run().await;
    let mut there = pair.second.events(&run, 0).await;
    let mut seen = vec![there.next().await.unwrap()];
    while text(&seen) != "so far" {
        seen.push(there.next().await.unwrap());
    }
    pair.first.kill();
    // The same open stream sees the reset and the whole new answer.
    seen.extend(there.rest().await);
    assert!(seen.iter().any(|event| event["type"] == "reset"));
    assert_eq!(text(&seen), "tok0 tok1 tok2 tok3 tok4 ");
    assert_eq!(seen.last().unwrap()["type"], "run_completed");
    let whole = pair.second.events(&run, 0).await.rest().await;
    assert_eq!(text(&whole), text(&seen));
}
