//! How long a refused sign-in takes, for a user who is there and for one who is not: whoever can
//! tell the two apart can ask who is there.

use bytes::Bytes;
use http::Method;

use crate::client::Connection;
use crate::error::Result;
use crate::machine::shown;
use crate::plan::Plan;
use crate::report::{Report, Row};
use crate::rig::{Answers, Programs, Server, provider};
use crate::stats::Times;

const PASSWORD: &str = "seven sober otters sink";
/// How far apart the medians may be.
const APART: f64 = 0.1;

pub(crate) async fn measure(
    programs: &Programs,
    plan: &Plan,
    database: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let (provider, url) = provider(programs, Answers { tokens: 1, pause_ms: 0 })?;
    let server = Server::start(programs, database, &url).await?;
    let mut connection = Connection::open(&server.target).await?;
    let body = format!(r#"{{"email":"ada@example.com","password":"{PASSWORD} not"}}"#);
    connection.call(Method::POST, "/api/v1/auth/register", body.into(), 201).await?;
    let (mut known, mut unknown) = (Times::default(), Times::default());
    // In turns, so that whatever else the machine does falls on both.
    for turn in 0..plan.sign_ins {
        known.push(refused(&mut connection, "ada@example.com").await?);
        unknown.push(refused(&mut connection, &format!("nobody{turn}@example.com")).await?);
    }
    drop(provider);
    for (what, percent) in [("p50", 50), ("p90", 90)] {
        let (known, unknown) = (known.percentile(percent), unknown.percentile(percent));
        let ratio = known.as_secs_f64() / unknown.as_secs_f64();
        let name = format!("refused sign-in of a known user, beside an unknown one's, {what}");
        let mut row = Row::new(&name, shown(known)).floor(shown(unknown)).ratio(ratio);
        if percent == 50 {
            row = row.aim("0.9 to 1.1", (ratio - 1.0).abs() <= APART);
        }
        report.row(row);
    }
    Ok(())
}

/// The time to the refusal.
async fn refused(connection: &mut Connection, email: &str) -> Result<std::time::Duration> {
    let body = Bytes::from(format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#));
    let start = std::time::Instant::now();
    connection.call(Method::POST, "/api/v1/auth/login", body, 401).await?;
    Ok(start.elapsed())
}
