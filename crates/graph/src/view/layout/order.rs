//! Who is beside whom in each rank, so that few lines cross.

use super::Slot;

/// How often all ranks are sorted, downwards and upwards in turn.
const SWEEPS: usize = 12;

/// The slots of each rank, from left to right.
pub(super) fn rows(slots: &[Slot]) -> Vec<Vec<usize>> {
    let ranks = slots.iter().map(|slot| slot.rank + 1).max().unwrap_or(0);
    let mut rows = vec![Vec::new(); ranks];
    for (index, slot) in slots.iter().enumerate() {
        rows[slot.rank].push(index);
    }
    let mut places = vec![0.0; slots.len()];
    for row in &rows {
        note_places(row, &mut places);
    }
    let mut best = rows.clone();
    let mut fewest = crossings(slots, &best, &places);
    for sweep in 0..SWEEPS {
        let downwards = sweep % 2 == 0;
        for step in 0..ranks {
            let rank = if downwards { step } else { ranks - 1 - step };
            sort(&mut rows[rank], &mut places, |slot| {
                if downwards { &slots[slot].above } else { &slots[slot].below }
            });
        }
        let crossings = crossings(slots, &rows, &places);
        if crossings < fewest {
            (fewest, best) = (crossings, rows.clone());
        }
    }
    best
}

/// Sorts a row by the middle of each slot's neighbours; slots without any keep their place.
fn sort<'a>(row: &mut [usize], places: &mut [f64], neighbours: impl Fn(usize) -> &'a [usize]) {
    let mut wished: Vec<(f64, usize)> = row
        .iter()
        .map(|&slot| {
            let near = neighbours(slot);
            let sum: f64 = near.iter().map(|other| places[*other]).sum();
            (if near.is_empty() { places[slot] } else { sum / near.len() as f64 }, slot)
        })
        .collect();
    // A stable sort: equals stay as they are.
    wished.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (place, (_, slot)) in row.iter_mut().zip(wished) {
        *place = slot;
    }
    note_places(row, places);
}

/// Places are shares of the row, so that rows of different lengths compare.
fn note_places(row: &[usize], places: &mut [f64]) {
    for (place, slot) in row.iter().enumerate() {
        places[*slot] = (place as f64 + 0.5) / row.len() as f64;
    }
}

fn crossings(slots: &[Slot], rows: &[Vec<usize>], places: &[f64]) -> usize {
    rows.iter()
        .map(|row| {
            // Taken from left to right, a line crosses those before it that end further right.
            let mut ends: Vec<f64> = Vec::new();
            let mut count = 0;
            for slot in row {
                let mut below: Vec<f64> =
                    slots[*slot].below.iter().map(|other| places[*other]).collect();
                below.sort_by(f64::total_cmp);
                for end in below {
                    let before = ends.partition_point(|other| *other <= end);
                    count += ends.len() - before;
                    ends.insert(before, end);
                }
            }
            count
        })
        .sum()
}
