//! Takes as many hits as fit into a prompt.

use vpaura_domain::Hit;

/// Whoever has less than this part of its budget left stops looking for hits that still fit.
const SMALL_REST: u32 = 8;

/// The best of `hits`, best first, that have at most `budget` tokens together. One that is too large
/// is passed over for smaller ones behind it.
pub fn select_within(hits: Vec<Hit>, budget: u32) -> Vec<Hit> {
    let mut left = budget;
    let mut selected = Vec::new();
    for hit in hits {
        match left.checked_sub(hit.chunk.tokens) {
            Some(rest) => {
                left = rest;
                selected.push(hit);
            }
            None if left < budget / SMALL_REST => break,
            None => {}
        }
    }
    selected
}
