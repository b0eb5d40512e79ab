//! Which rank each box has: below everything that leads to it, loops apart.

use super::Link;

/// Says which links lead upwards, because they close a loop, and each box's rank. Below a box with
/// a labelled link is a rank for labels, which all its links skip: siblings stay on one rank.
pub(super) fn assign(boxes: usize, links: &[Link]) -> (Vec<bool>, Vec<usize>) {
    let mut leaving: Vec<Vec<usize>> = vec![Vec::new(); boxes];
    for (index, link) in links.iter().enumerate() {
        leaving[link.from].push(index);
    }
    let (upwards, finished) = search(&leaving, links);
    // Backwards, the order of finishing has every box after those that lead to it.
    let mut ranks = vec![0; boxes];
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); boxes];
    let mut lengths = vec![1; boxes];
    for (link, upwards) in links.iter().zip(&upwards) {
        let (top, bottom) = if *upwards { (link.to, link.from) } else { (link.from, link.to) };
        below[top].push(bottom);
        if link.label.is_some() {
            lengths[top] = 2;
        }
    }
    for &top in finished.iter().rev() {
        for &bottom in &below[top] {
            ranks[bottom] = ranks[bottom].max(ranks[top] + lengths[top]);
        }
    }
    (upwards, ranks)
}

/// Goes through the links depth first, from the first box on. Says which lead back to a box that
/// is still open, and in which order the boxes were finished.
fn search(leaving: &[Vec<usize>], links: &[Link]) -> (Vec<bool>, Vec<usize>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Finished,
    }
    let mut marks = vec![Mark::New; leaving.len()];
    let mut upwards = vec![false; links.len()];
    let mut finished = Vec::with_capacity(leaving.len());
    for root in 0..leaving.len() {
        if marks[root] != Mark::New {
            continue;
        }
        // With each open box, how many of its links have been followed.
        let mut open = vec![(root, 0)];
        marks[root] = Mark::Open;
        while let Some((at, followed)) = open.last_mut() {
            let Some(&index) = leaving[*at].get(*followed) else {
                marks[*at] = Mark::Finished;
                finished.push(*at);
                open.pop();
                continue;
            };
            *followed += 1;
            let to = links[index].to;
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    open.push((to, 0));
                }
                Mark::Open => upwards[index] = true,
                Mark::Finished => {}
            }
        }
    }
    (upwards, finished)
}
