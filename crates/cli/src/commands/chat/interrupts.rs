//! Ctrl-C in a chat. One task hears it for the whole process: a server that keeps us waiting
//! keeps nobody from leaving.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::Result;
use crate::terminal;

/// What a Ctrl-C would be for, or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No answer is waited for: it ends the program.
    Idle,
    /// An answer is waited for: it stops the answer.
    Busy,
    /// It was pressed, and nobody has seen to it yet. The next one ends the program.
    Pressed,
    /// The answer is being stopped. The next one ends the program.
    Stopping,
}

/// What was pressed, and what it is for.
#[derive(Clone)]
pub(super) struct Interrupts {
    state: watch::Sender<State>,
}

impl Interrupts {
    /// Hears every Ctrl-C from now on, as long as the process lives.
    pub(super) fn listen() -> Result<Self> {
        let mut signals = signal(SignalKind::interrupt())?;
        let interrupts = Self::new();
        let heard = interrupts.clone();
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                if !heard.press() {
                    terminal::end_interrupted();
                }
            }
        });
        Ok(interrupts)
    }

    fn new() -> Self {
        Self { state: watch::Sender::new(State::Idle) }
    }

    /// Whether this press is for the answer. Otherwise it is for the program.
    fn press(&self) -> bool {
        self.turn(State::Busy, State::Pressed)
    }

    /// From now on an answer is waited for.
    pub(super) fn begin(&self) {
        self.state.send_replace(State::Busy);
    }

    /// No answer is waited for any longer. Whether it was to be stopped.
    pub(super) fn end(&self) -> bool {
        self.state.send_replace(State::Idle) != State::Busy
    }

    /// Resolves when the answer is to be stopped, once for each answer.
    pub(super) async fn pressed(&self) {
        // It cannot be closed: the sender is ours.
        let _ = self.state.subscribe().wait_for(|state| *state == State::Pressed).await;
        self.turn(State::Pressed, State::Stopping);
    }

    fn turn(&self, from: State, to: State) -> bool {
        self.state.send_if_modified(|state| {
            let turns = *state == from;
            if turns {
                *state = to;
            }
            turns
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_first_press_stops_the_answer_and_the_second_the_program() {
        let interrupts = Interrupts::new();
        assert!(!interrupts.press(), "nothing is waited for");
        interrupts.begin();
        assert!(interrupts.press());
        assert!(!interrupts.press(), "nobody has seen to the first");
        assert!(interrupts.pressed().now_or_never().is_some());
        assert!(interrupts.pressed().now_or_never().is_none(), "an answer is stopped once");
        assert!(!interrupts.press(), "it is being stopped");
        assert!(interrupts.end());
        assert!(!interrupts.press(), "nothing is waited for");
    }

    #[test]
    fn a_press_is_not_for_the_next_answer() {
        let interrupts = Interrupts::new();
        interrupts.begin();
        assert!(interrupts.press());
        assert!(interrupts.end());
        interrupts.begin();
        assert!(interrupts.pressed().now_or_never().is_none());
        assert!(!interrupts.end());
    }
}
