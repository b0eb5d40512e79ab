//! Which node can still lead to which: what joins wait by.

/// For each node the set of nodes that can follow it, in one step or many. One bit each.
pub(crate) struct Reach {
    words: usize,
    bits: Vec<u64>,
}

impl Reach {
    /// From the direct successors of each node.
    pub(crate) fn new(successors: &[Vec<usize>]) -> Self {
        let words = successors.len().div_ceil(64);
        let mut reach = Self { words, bits: vec![0; words * successors.len()] };
        for node in 0..successors.len() {
            let mut open = successors[node].clone();
            while let Some(next) = open.pop() {
                if !reach.has(node, next) {
                    reach.bits[node * words + next / 64] |= 1 << (next % 64);
                    open.extend(&successors[next]);
                }
            }
        }
        reach
    }

    /// Whether `to` can follow `from`.
    pub(crate) fn has(&self, from: usize, to: usize) -> bool {
        self.bits[from * self.words + to / 64] & (1 << (to % 64)) != 0
    }
}

/// The successors without the edges that close a cycle: those that lead back to a node which every
/// way from the entries to the edge passes through.
pub(crate) fn onward(successors: &[Vec<usize>], entries: &[usize]) -> Vec<Vec<usize>> {
    let mut onward = successors.to_vec();
    for head in 0..successors.len() {
        let mut reached = vec![false; successors.len()];
        let mut open = entries.to_vec();
        while let Some(node) = open.pop() {
            if node != head && !std::mem::replace(&mut reached[node], true) {
                open.extend(&successors[node]);
            }
        }
        for (from, to) in onward.iter_mut().enumerate() {
            if !reached[from] {
                to.retain(|&to| to != head);
            }
        }
    }
    onward
}
