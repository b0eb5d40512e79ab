//! How far it is, for a person at the terminal. Elsewhere nothing is drawn.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::terminal;

const REDRAW: Duration = Duration::from_millis(120);

/// Two bars on standard error: what is handed over, and what can be found.
pub(super) struct Progress {
    sent: ProgressBar,
    indexed: ProgressBar,
}

impl Progress {
    pub(super) fn new(files: u64) -> Self {
        let bars = MultiProgress::new();
        let bar = |name: &'static str, length| {
            let bar = bars.add(ProgressBar::new(length));
            bar.set_style(style());
            bar.set_prefix(name);
            bar.enable_steady_tick(REDRAW);
            bar
        };
        Self { sent: bar("handed over", files), indexed: bar("indexed", 0) }
    }

    /// One more file is handed over, or need not be.
    pub(super) fn handed_over(&self) {
        self.sent.inc(1);
    }

    /// So many of the collection's documents are done.
    pub(super) fn indexed(&self, done: u64, total: u64) {
        self.indexed.set_length(total);
        self.indexed.set_position(done);
    }

    /// Says a sentence above the bars.
    pub(super) fn note(&self, text: &str) {
        self.indexed.suspend(|| terminal::note(text));
    }

    pub(super) fn done(&self) {
        self.sent.finish_and_clear();
        self.indexed.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    let template = "{prefix:>12} [{bar:30}] {human_pos}/{human_len} {per_sec} {eta}";
    let plain = ProgressStyle::default_bar();
    plain.clone().template(template).unwrap_or(plain).progress_chars("=> ")
}
