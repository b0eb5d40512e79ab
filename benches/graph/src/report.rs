//! The results as Markdown.

use std::fmt::Write as _;

use crate::figures::Samples;

/// A piece of work that both did.
#[derive(Debug)]
pub(crate) struct Timing {
    pub(crate) bench: &'static str,
    pub(crate) what: &'static str,
    pub(crate) ours: Samples,
    pub(crate) theirs: Samples,
    /// What the median is to stay within, in microseconds.
    pub(crate) aim: Option<f64>,
}

/// A figure that is not a time per unit.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) bench: &'static str,
    pub(crate) what: &'static str,
    pub(crate) ours: String,
    pub(crate) theirs: String,
    /// What is aimed for, and whether it is met.
    pub(crate) aim: Option<(&'static str, bool)>,
}

/// All figures of a run.
#[derive(Debug)]
pub(crate) struct Report {
    machine: Vec<String>,
    timings: Vec<Timing>,
    facts: Vec<Fact>,
}

impl Report {
    pub(crate) const fn new(machine: Vec<String>) -> Self {
        Self { machine, timings: Vec::new(), facts: Vec::new() }
    }

    pub(crate) fn about_machine(&mut self, fact: String) {
        self.machine.push(fact);
    }

    pub(crate) fn timing(&mut self, timing: Timing) {
        println!(
            "{} {}: {} (LangGraph {})",
            timing.bench,
            timing.what,
            shown(timing.ours.wall(50)),
            shown(timing.theirs.wall(50))
        );
        self.timings.push(timing);
    }

    pub(crate) fn fact(&mut self, fact: Fact) {
        println!("{} {}: {} (LangGraph {})", fact.bench, fact.what, fact.ours, fact.theirs);
        self.facts.push(fact);
    }

    /// All of it, in the order of the benchmarks' numbers.
    pub(crate) fn into_markdown(mut self) -> String {
        self.timings.sort_by_key(|row| number(row.bench));
        self.facts.sort_by_key(|row| number(row.bench));
        let mut out = String::new();
        // Writing to a string cannot fail.
        for fact in &self.machine {
            let _ = writeln!(out, "- {fact}");
        }
        out.push_str("\n## Times, per unit\n\n");
        out.push_str("| | unit | p50 | p95 | CPU | LangGraph p50 | p95 | CPU | times faster | ");
        out.push_str("aim (p50) | met | samples |\n");
        out.push_str("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        for row in &self.timings {
            let Timing { bench, what, ours, theirs, aim } = row;
            let [p50, p95, cpu] = times(ours);
            let [their_p50, their_p95, their_cpu] = times(theirs);
            let ratio = match theirs.len() {
                0 => String::new(),
                _ => format!("{:.0}", theirs.wall(50) / ours.wall(50)),
            };
            let met = aim.map(|aim| met(ours.wall(50) <= aim)).unwrap_or_default();
            let aim = aim.map(|aim| format!("≤ {}", shown(aim))).unwrap_or_default();
            let samples = format!("{}, {}", ours.len(), theirs.len());
            let _ = writeln!(
                out,
                "| {bench} | {what} | {p50} | {p95} | {cpu} | {their_p50} | {their_p95} | \
                 {their_cpu} | {ratio} | {aim} | {met} | {samples} |"
            );
        }
        out.push_str("\n## Other figures\n\n| | figure | VPAura | LangGraph | aim | met |\n");
        out.push_str("|---|---|---|---|---|---|\n");
        for Fact { bench, what, ours, theirs, aim } in &self.facts {
            let (aim, is_met) = aim.map(|(aim, is)| (aim, met(is))).unwrap_or_default();
            let _ = writeln!(out, "| {bench} | {what} | {ours} | {theirs} | {aim} | {is_met} |");
        }
        out
    }
}

/// The number of `B1`.
fn number(bench: &str) -> u32 {
    bench.trim_start_matches('B').parse().unwrap_or(u32::MAX)
}

fn times(samples: &Samples) -> [String; 3] {
    match samples.len() {
        0 => Default::default(),
        _ => [samples.wall(50), samples.wall(95), samples.cpu()].map(shown),
    }
}

const fn met(is: bool) -> &'static str {
    if is { "yes" } else { "**no**" }
}

/// Microseconds in the unit that reads best.
fn shown(micros: f64) -> String {
    match micros {
        ..10.0 => format!("{micros:.2} µs"),
        ..1_000.0 => format!("{micros:.0} µs"),
        ..1e6 => format!("{:.1} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Sample;

    #[test]
    fn a_missed_aim_stands_out() {
        let samples = |wall| {
            let mut samples = Samples::default();
            samples.push(Sample { wall, cpu: 1.0 });
            samples
        };
        let mut report = Report::new(vec!["2 cores".to_owned()]);
        report.timing(Timing {
            bench: "B1",
            what: "step",
            ours: samples(5.0),
            theirs: samples(500.0),
            aim: Some(3.0),
        });
        report.fact(Fact {
            bench: "B1",
            what: "allocations a step",
            ours: "9".to_owned(),
            theirs: String::new(),
            aim: Some(("≤ 15", true)),
        });
        let shown = report.into_markdown();
        assert!(shown.contains(
            "| B1 | step | 5.00 µs | 5.00 µs | 1.00 µs | 500 µs | 500 µs | 1.00 µs | 100 | \
             ≤ 3.00 µs | **no** | 1, 1 |"
        ));
        assert!(shown.contains("| B1 | allocations a step | 9 |  | ≤ 15 | yes |"));
    }
}
