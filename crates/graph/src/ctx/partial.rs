//! What a node has so far, kept when it is cancelled.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Ctx;
use crate::State;

/// Makes an update of what a node has so far.
pub(crate) type Finish<S> = Box<dyn FnOnce() -> <S as State>::Update + Send>;

/// What a node has so far. Made by [`Ctx::partial`].
pub struct Partial<T>(Arc<Mutex<T>>);

impl<T> Partial<T> {
    /// Adds to it.
    pub fn edit<R>(&self, edit: impl FnOnce(&mut T) -> R) -> R {
        edit(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Default> Partial<T> {
    /// Takes it out, to return it.
    pub fn finish(self) -> T {
        std::mem::take(&mut self.lock())
    }
}

impl<S: State> Ctx<S> {
    /// Keeps what the node has so far where it survives the node: if the node is cancelled without
    /// returning, `keep` makes an update of it, which is merged and marked as partial. What it
    /// holds when the node returns is not merged; [`Partial::finish`] takes it out.
    ///
    /// A node has one; a second call replaces the first.
    pub fn partial<T: Default + Send + 'static>(
        &self,
        keep: impl FnOnce(T) -> S::Update + Send + 'static,
    ) -> Partial<T> {
        let held = Arc::new(Mutex::new(T::default()));
        let partial = Partial(Arc::clone(&held));
        let finish: Finish<S> = Box::new(move || {
            keep(std::mem::take(&mut *held.lock().unwrap_or_else(PoisonError::into_inner)))
        });
        *self.task.partial.lock().unwrap_or_else(PoisonError::into_inner) = Some(finish);
        partial
    }
}
