//! The best few of many.

use std::collections::BinaryHeap;

/// Keeps the `n` smallest items that it is shown.
pub(super) struct Top<T> {
    n: usize,
    heap: BinaryHeap<T>,
}

impl<T: Ord> Top<T> {
    pub(super) fn new(n: usize) -> Self {
        Self { n, heap: BinaryHeap::new() }
    }

    /// The worst item kept, once there are `n`: only what is smaller gets in.
    pub(super) fn worst(&self) -> Option<&T> {
        if self.heap.len() < self.n { None } else { self.heap.peek() }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.heap.len() < self.n {
            self.heap.push(item);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && item < *worst
        {
            *worst = item;
        }
    }

    /// What was kept, the smallest first.
    pub(super) fn into_sorted(self) -> Vec<T> {
        self.heap.into_sorted_vec()
    }
}
