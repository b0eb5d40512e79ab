//! Where the boxes and lines of a figure go: ranks from top to bottom, few crossings, straight
//! lines. Knows sizes only. The same input gives the same layout.

mod columns;
mod order;
mod ranks;
#[cfg(test)]
mod tests;

/// The gap between two ranks.
const RANK_GAP: f64 = 38.0;
/// The least gap between two neighbours of a rank.
const SLOT_GAP: f64 = 26.0;
/// The gap between the ends of two lines at a box.
const PORT_GAP: f64 = 20.0;

/// A width and a height, or a place: right and down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A line from one box to another. Lines from a box to itself are not laid out.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The size of its label, if it has one.
    pub(super) label: Option<Point>,
}

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Leg {
    /// From one rank to the next: it leaves and arrives upright.
    Curve(Point, Point),
    /// Past a rank.
    Straight(Point, Point),
}

/// How a line goes, from its tail to its head. It is interrupted where its label is.
pub(super) struct Path {
    pub(super) legs: Vec<Leg>,
    /// The middle of its label.
    pub(super) label: Option<Point>,
}

/// A layout.
pub(super) struct Layout {
    pub(super) size: Point,
    /// The middle of each box.
    pub(super) boxes: Vec<Point>,
    /// How each link goes.
    pub(super) paths: Vec<Path>,
}

/// A place in a rank: a box, or where a line passes the rank.
struct Slot {
    rank: usize,
    size: Point,
    what: What,
    /// The places it is linked with, in the rank above and in the one below.
    above: Vec<usize>,
    below: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Box,
    /// A line, or its label.
    Line,
    /// The same, of a link from below to above.
    UpwardLine,
}

/// A link through the ranks, from above to below.
struct Chain {
    slots: Vec<usize>,
    /// The slot that its label has.
    label: Option<usize>,
    /// Whether the link leads from below to above.
    upwards: bool,
}

/// Lays out boxes of these sizes. Links to boxes that are not there have no place in a layout and
/// must not be given.
pub(super) fn lay_out(sizes: &[Point], links: &[Link]) -> Layout {
    let (upwards, ranks) = ranks::assign(sizes.len(), links);
    let (slots, chains) = slots(sizes, links, &ranks, &upwards);
    let rows = order::rows(&slots);
    let xs = columns::assign(&slots, &rows);
    let tops = tops(&slots, &rows);
    let at = |slot: usize| {
        let (top, height) = tops[slots[slot].rank];
        Point { x: xs[slot], y: top + height / 2.0 }
    };
    let ports = ports(&slots, &chains, &xs);
    let paths = chains
        .iter()
        .zip(&ports)
        .map(|(chain, ends)| path(chain, *ends, &slots, &at, &tops))
        .collect();
    let right = |slot: usize| xs[slot] + slots[slot].size.x / 2.0;
    Layout {
        size: Point {
            x: (0..slots.len()).map(right).fold(0.0, f64::max),
            y: tops.last().map_or(0.0, |(top, height)| top + height),
        },
        boxes: (0..sizes.len()).map(at).collect(),
        paths,
    }
}

/// The boxes' slots, by number, and behind them those of the lines that pass ranks.
fn slots(
    sizes: &[Point],
    links: &[Link],
    ranks: &[usize],
    upwards: &[bool],
) -> (Vec<Slot>, Vec<Chain>) {
    let slot = |rank, size, what| Slot { rank, size, what, above: vec![], below: vec![] };
    let mut slots: Vec<Slot> =
        sizes.iter().zip(ranks).map(|(size, rank)| slot(*rank, *size, What::Box)).collect();
    let mut chains = Vec::with_capacity(links.len());
    for (link, &upwards) in links.iter().zip(upwards) {
        let (top, bottom) = if upwards { (link.to, link.from) } else { (link.from, link.to) };
        let mut chain = Chain { slots: vec![top], label: None, upwards };
        let labelled = usize::midpoint(ranks[top], ranks[bottom]);
        for rank in ranks[top] + 1..ranks[bottom] {
            let label = link.label.filter(|_| rank == labelled);
            if label.is_some() {
                chain.label = Some(slots.len());
            }
            chain.slots.push(slots.len());
            let what = if upwards { What::UpwardLine } else { What::Line };
            slots.push(slot(rank, label.unwrap_or(Point { x: 0.0, y: 0.0 }), what));
        }
        chain.slots.push(bottom);
        for pair in chain.slots.windows(2) {
            slots[pair[0]].below.push(pair[1]);
            slots[pair[1]].above.push(pair[0]);
        }
        chains.push(chain);
    }
    (slots, chains)
}

/// The top and the height of each rank.
fn tops(slots: &[Slot], rows: &[Vec<usize>]) -> Vec<(f64, f64)> {
    let mut top = 0.0;
    rows.iter()
        .map(|row| {
            let height = row.iter().map(|slot| slots[*slot].size.y).fold(0.0, f64::max);
            let this = (top, height);
            top += height + RANK_GAP;
            this
        })
        .collect()
}

/// How far from the middle of its upper and its lower box each chain is tied on, so that the ends
/// of several do not fall together or cross.
fn ports(slots: &[Slot], chains: &[Chain], xs: &[f64]) -> Vec<(f64, f64)> {
    let mut ports = vec![(0.0, 0.0); chains.len()];
    let mut leaving: Vec<Vec<(f64, usize)>> = vec![Vec::new(); slots.len()];
    let mut arriving = leaving.clone();
    for (index, chain) in chains.iter().enumerate() {
        if let ([top, second, ..], [.., last_but_one, bottom]) = (&*chain.slots, &*chain.slots) {
            leaving[*top].push((xs[*second], index));
            arriving[*bottom].push((xs[*last_but_one], index));
        }
    }
    for (side, is_lower) in [(&mut leaving, false), (&mut arriving, true)] {
        for (slot, ends) in side.iter_mut().enumerate() {
            ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let room = (slots[slot].size.x - 24.0).max(0.0);
            let gap = PORT_GAP.min(room / ends.len().max(1) as f64);
            let middle = (ends.len() as f64 - 1.0) / 2.0;
            for (place, (_, chain)) in ends.iter().enumerate() {
                let offset = (place as f64 - middle) * gap;
                let port = &mut ports[*chain];
                if is_lower { port.1 = offset } else { port.0 = offset }
            }
        }
    }
    ports
}

fn path(
    chain: &Chain,
    ends: (f64, f64),
    slots: &[Slot],
    at: &impl Fn(usize) -> Point,
    tops: &[(f64, f64)],
) -> Path {
    let mut legs = Vec::new();
    let mut from = None;
    for (place, &slot) in chain.slots.iter().enumerate() {
        let middle = at(slot);
        let (rank_top, rank_height) = tops[slots[slot].rank];
        let half = slots[slot].size.y / 2.0;
        let is_first = place == 0;
        let is_last = place + 1 == chain.slots.len();
        let x = middle.x
            + match (is_first, is_last) {
                (true, _) => ends.0,
                (_, true) => ends.1,
                _ => 0.0,
            };
        let point = |y| Point { x, y };
        let (enters, leaves) = (point(rank_top), point(rank_top + rank_height));
        let (upper, lower) = (point(middle.y - half), point(middle.y + half));
        let has_gap = is_first || is_last || chain.label == Some(slot);
        if let Some(from) = from {
            legs.push(Leg::Curve(from, enters));
            legs.push(Leg::Straight(enters, if has_gap { upper } else { leaves }));
        }
        if has_gap && !is_last {
            legs.push(Leg::Straight(lower, leaves));
        }
        from = Some(leaves);
    }
    // Where a box is as high as its rank, nothing is left between them but rounding.
    legs.retain(|leg| !matches!(leg, Leg::Straight(from, to) if to.y - from.y < 0.5));
    if chain.upwards {
        legs.reverse();
        for leg in &mut legs {
            *leg = match *leg {
                Leg::Curve(from, to) => Leg::Curve(to, from),
                Leg::Straight(from, to) => Leg::Straight(to, from),
            };
        }
    }
    Path { legs, label: chain.label.map(at) }
}
