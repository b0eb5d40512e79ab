//! B14: what the engine costs to build.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Instant, SystemTime};

use crate::bench::Bench;
use crate::error::{Error, Result, io};
use crate::figures::percentile;
use crate::report::Fact;

/// A file of the engine that is not changed but looks as if it were.
const TOUCHED: &str = "crates/graph/src/driver.rs";
/// The crates that a build of the engine alone may consist of.
const MOST_CRATES: usize = 40;
/// Seconds that a check after a change may take.
const MOST_SECONDS: f64 = 3.0;

/// Builds the engine from nothing, and checks it after a change. `checkout` is the root.
pub(crate) fn engine(bench: &mut Bench, checkout: &Path) -> Result<()> {
    let tree = ["tree", "-p", "vpaura-graph", "-e", "normal,build", "--prefix", "none", "--locked"];
    let tree = cargo(checkout, None, &tree)?;
    let crates: BTreeSet<&str> =
        tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|l| !l.is_empty()).collect();
    bench.report.fact(Fact {
        bench: "B14",
        what: "crates in a build of the engine",
        ours: crates.len().to_string(),
        theirs: String::new(),
        aim: Some(("≤ 40", crates.len() <= MOST_CRATES)),
    });
    let target = tempfile::tempdir().map_err(io("making a folder"))?;
    let check = ["check", "-q", "-p", "vpaura-graph", "--locked"];
    let seconds = || -> Result<f64> {
        let begun = Instant::now();
        cargo(checkout, Some(target.path()), &check)?;
        Ok(begun.elapsed().as_secs_f64())
    };
    let clean = seconds()?;
    let mut again = Vec::new();
    let touching = || io("touching a file of the engine");
    let file = File::options().append(true).open(checkout.join(TOUCHED)).map_err(touching())?;
    let before = file.metadata().and_then(|facts| facts.modified()).map_err(touching())?;
    for _ in 0..5 {
        file.set_modified(SystemTime::now()).map_err(touching())?;
        again.push(seconds()?);
    }
    // So that other builds need not notice.
    file.set_modified(before).map_err(touching())?;
    let again = percentile(again.into_iter(), 50);
    bench.report.fact(Fact {
        bench: "B14",
        what: "check of the engine from nothing, after a change",
        ours: format!("{clean:.1} s, {again:.2} s"),
        theirs: String::new(),
        aim: Some(("≤ 3 s after a change", again <= MOST_SECONDS)),
    });
    Ok(())
}

fn cargo(checkout: &Path, target: Option<&Path>, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("cargo");
    command.current_dir(checkout).args(arguments).stderr(Stdio::inherit());
    if let Some(target) = target {
        command.env("CARGO_TARGET_DIR", target);
    }
    let done = command.output().map_err(io("starting cargo"))?;
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    if done.status.success() { Ok(said) } else { Err(Error::Process { what: "cargo", said }) }
}
