//! Saying something: who hears that an attempt is alive, who has spoken, and what is not heard any
//! more.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Attempt, RunShared};
use crate::State;
use crate::event::Emitted;

/// What hears signs of life.
pub(crate) trait Alive: Send + Sync {
    /// Whether nobody waits for it any more.
    fn is_over(&self) -> bool;
    /// A sign of life.
    fn beat(&self);
    /// From here on it waits for the reader.
    fn begin_saying(&self);
    /// It waits no more.
    fn end_saying(&self);
    /// Somebody in it has begun to speak.
    fn heard(&self, voice: &Voice);
    /// What somebody in it has said counts: it is not said again when this is retried.
    fn counted(&self, voice: &Voice);
    /// What somebody in it has said was taken back.
    fn taken_back(&self, voice: &Voice);
    /// Whether what it has said does not count: then it says nothing more.
    fn closed(&self) -> &Mutex<bool>;
}

/// An attempt as events name it.
#[derive(Clone, PartialEq)]
pub(crate) struct Voice {
    pub(crate) path: Arc<str>,
    pub(crate) step: u32,
    pub(crate) attempt: u32,
    pub(crate) call: u64,
}

/// Who has spoken in the graph that an attempt runs.
#[derive(Default)]
pub(crate) struct Voices {
    /// Those that have to speak again if it is retried.
    pub(crate) open: Vec<Voice>,
    /// Those that do not, unless the graph is given up.
    pub(crate) counted: Vec<Voice>,
}

impl<S: State> Alive for Attempt<S> {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn beat(&self) {
        let alive = self.begun.elapsed().as_millis();
        self.pulse.store(u64::try_from(alive).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn begin_saying(&self) {
        self.saying.fetch_add(1, Ordering::Relaxed);
    }

    fn end_saying(&self) {
        self.beat();
        // Who sees that nothing is being said any more sees the sign of life too.
        self.saying.fetch_sub(1, Ordering::Release);
    }

    fn heard(&self, voice: &Voice) {
        self.voices().open.push(voice.clone());
    }

    fn counted(&self, voice: &Voice) {
        let mut voices = self.voices();
        voices.open.retain(|other| other != voice);
        voices.counted.push(voice.clone());
    }

    fn taken_back(&self, voice: &Voice) {
        let mut voices = self.voices();
        voices.open.retain(|other| other != voice);
        voices.counted.retain(|other| other != voice);
    }

    fn closed(&self) -> &Mutex<bool> {
        &self.closed
    }
}

/// Calls `push` unless one of these is closed, or `own`; none can be closed meanwhile.
fn through(above: &[Arc<dyn Alive>], own: Option<&dyn Alive>, push: &mut dyn FnMut()) {
    let (gate, rest) = match above.split_first() {
        Some((outermost, rest)) => (Some(outermost.closed()), Some(rest)),
        None => (own.map(Alive::closed), None),
    };
    let closed = gate.map(|gate| gate.lock().unwrap_or_else(PoisonError::into_inner));
    match rest {
        _ if closed.as_deref() == Some(&true) => {}
        Some(rest) => through(rest, own, push),
        None => push(),
    }
}

impl<S: State> RunShared<S> {
    /// Waits for ever where nobody waits for the graph any more, which is about to be dropped:
    /// whoever calls the node that it runs in next must find nothing that was not there before.
    pub(crate) async fn wait_if_over(&self) {
        if self.above.iter().any(|above| above.is_over()) {
            std::future::pending::<()>().await;
        }
    }

    /// Tells the reader something of the graph's. Waiting for the reader is no silence of the nodes
    /// that the graph runs in.
    pub(crate) async fn tell(&self, emitted: Emitted<S::Event>) -> bool {
        self.tell_through(emitted, None).await
    }

    /// Whether it was queued: somebody may read it, and nobody's door is closed.
    pub(super) async fn tell_through(
        &self,
        emitted: Emitted<S::Event>,
        own: Option<&dyn Alive>,
    ) -> bool {
        let _saying = Saying::begin(&self.above, own);
        self.sink.send(emitted, |push| through(&self.above, own, push)).await
    }
}

/// Something is being said in these attempts.
struct Saying<'a> {
    above: &'a [Arc<dyn Alive>],
    own: Option<&'a dyn Alive>,
}

impl<'a> Saying<'a> {
    fn begin(above: &'a [Arc<dyn Alive>], own: Option<&'a dyn Alive>) -> Self {
        let saying = Self { above, own };
        saying.attempts().for_each(Alive::begin_saying);
        saying
    }

    fn attempts(&self) -> impl Iterator<Item = &'a dyn Alive> {
        self.own.into_iter().chain(self.above.iter().map(|attempt| &**attempt as &dyn Alive))
    }
}

impl Drop for Saying<'_> {
    fn drop(&mut self) {
        self.attempts().for_each(Alive::end_saying);
    }
}
