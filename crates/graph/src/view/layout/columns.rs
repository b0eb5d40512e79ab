//! How far right each slot is: near its neighbours above and below, in the order of its rank.

use super::{SLOT_GAP, Slot, What};

/// How often all ranks are moved, downwards and upwards in turn.
const SWEEPS: usize = 24;

/// The middle of each slot; the leftmost edge is at 0.
pub(super) fn assign(slots: &[Slot], rows: &[Vec<usize>]) -> Vec<f64> {
    let mut xs = vec![0.0; slots.len()];
    for row in rows {
        place(row, slots, &mut xs, |_, _| 0.0);
    }
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        let last = sweep + 2 >= SWEEPS;
        for step in 0..rows.len() {
            let rank = if downwards { step } else { rows.len() - 1 - step };
            place(&rows[rank], slots, &mut xs, |slot, xs| {
                let Slot { above, below, what, .. } = &slots[slot];
                let (first, second) = if downwards { (above, below) } else { (below, above) };
                // Lines that lead upwards go round the boxes; they do not pull them aside.
                let pulls =
                    |other: &&usize| *what != What::Box || slots[**other].what != What::UpwardLine;
                let both = last || !first.iter().any(|other| pulls(&other));
                let near = first.iter().chain(second.iter().filter(|_| both)).filter(pulls);
                match near.clone().count() {
                    0 => xs[slot],
                    count => near.map(|other| xs[*other]).sum::<f64>() / count as f64,
                }
            });
        }
    }
    let left = (0..slots.len()).map(|slot| xs[slot] - slots[slot].size.x / 2.0);
    let left = left.reduce(f64::min).unwrap_or(0.0);
    xs.iter().map(|x| x - left).collect()
}

/// Moves a row's slots as near to where they wish to be as the others let them: the sum of the
/// squared distances is least. Lines count more than boxes because bends are ugly; those that lead
/// upwards count next to nothing.
fn place(row: &[usize], slots: &[Slot], xs: &mut [f64], wish: impl Fn(usize, &[f64]) -> f64) {
    // Less the room of all before it, a slot need only not be left of the one before. Neighbours
    // that would be are merged into blocks, which take the mean of their wishes.
    struct Block {
        mean: f64,
        weight: f64,
        slots: usize,
    }
    let mut room = Vec::with_capacity(row.len());
    let mut blocks: Vec<Block> = Vec::new();
    let mut used = 0.0;
    for (place, &slot) in row.iter().enumerate() {
        if place > 0 {
            used += (slots[row[place - 1]].size.x + slots[slot].size.x) / 2.0 + SLOT_GAP;
        }
        room.push(used);
        let weight = match slots[slot].what {
            What::Box => 1.0,
            What::Line => 4.0,
            What::UpwardLine => 0.0001,
        };
        let mut block = Block { mean: wish(slot, xs) - used, weight, slots: 1 };
        while let Some(before) = blocks.pop_if(|before| before.mean > block.mean) {
            let weight = before.weight + block.weight;
            block.mean = (before.mean * before.weight + block.mean * block.weight) / weight;
            block.weight = weight;
            block.slots += before.slots;
        }
        blocks.push(block);
    }
    let moved = blocks.iter().flat_map(|block| std::iter::repeat_n(block.mean, block.slots));
    for ((&slot, room), mean) in row.iter().zip(room).zip(moved) {
        xs[slot] = mean + room;
    }
}
