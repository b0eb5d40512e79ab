//! How long a refused sign-in takes, for a user who is there and for one who is not. Not a test
//! of every build, since a busy machine decides it:
//!
//! ```text
//! cargo nextest run --release -p vpaura-server sign_in_timing --run-ignored only --no-capture
//! ```

use std::time::{Duration, Instant};

use crate::app::TestApp;
use crate::auth::{login, register};

const EACH: usize = 100;

#[tokio::test]
#[ignore = "measures; run it by its name on a quiet machine"]
async fn refusals_take_as_long_for_a_user_who_is_there_as_for_nobody() {
    let many = [
        ("VPAURA__AUTH__ATTEMPTS_PER_ACCOUNT", "100000"),
        ("VPAURA__AUTH__ATTEMPTS_PER_ADDRESS", "100000"),
    ];
    let app = TestApp::with(&many).await;
    register(&app, "ada").await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // In turns, so that whatever else the machine does falls on both.
    for turn in 0..EACH {
        for (name, times) in [("ada", &mut known), (&*format!("nobody{turn}"), &mut unknown)] {
            let began = Instant::now();
            let answer = login(&app, name, "seven sober otters sink").await;
            times.push(began.elapsed());
            assert_eq!(answer.status, 401);
        }
    }
    eprintln!("                  p10       p50       p90");
    let (known, unknown) = (shown("known user", known), shown("unknown user", unknown));
    let apart = known.abs_diff(unknown);
    assert!(apart < known / 10, "the medians are {apart:?} apart");
}

/// Prints the row of these times; their median.
fn shown(name: &str, mut times: Vec<Duration>) -> Duration {
    times.sort();
    let at = |percent: usize| times[times.len() * percent / 100];
    eprintln!("{name:14} {:>8.2?} {:>8.2?} {:>8.2?}", at(10), at(50), at(90));
    at(50)
}
