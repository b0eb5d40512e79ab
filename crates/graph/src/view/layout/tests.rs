//! What holds for any layout, and how simple ones look.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Layout, Leg, Link, Point, lay_out};

/// Coordinates are compared up to rounding.
const NEAR: f64 = 0.6;

fn links<const N: usize>(pairs: [(usize, usize); N]) -> Vec<Link> {
    pairs.into_iter().map(|(from, to)| Link { from, to, label: None }).collect()
}

fn boxes(count: usize) -> Vec<Point> {
    vec![Point { x: 80.0, y: 36.0 }; count]
}

fn ends(leg: &Leg) -> (Point, Point) {
    let (Leg::Curve(from, to) | Leg::Straight(from, to)) = *leg;
    (from, to)
}

fn any_input() -> impl Strategy<Value = (Vec<Point>, Vec<Link>)> {
    let size = |w, h| Point { x: f64::from(w), y: f64::from(h) };
    let sizes = vec((40_u16..300, 20_u16..200).prop_map(move |(w, h)| size(w, h)), 2..10);
    sizes.prop_flat_map(move |sizes| {
        let count = sizes.len();
        let label = prop::option::of((10_u16..90).prop_map(move |w| size(w, 16)));
        // Any two, but not the same twice.
        let link = (0..count, 1..count, label).prop_map(move |(from, by, label)| Link {
            from,
            to: (from + by) % count,
            label,
        });
        (Just(sizes), vec(link, 0..16))
    })
}

/// The left, top, right and bottom of a box.
fn sides(layout: &Layout, sizes: &[Point], index: usize) -> [f64; 4] {
    let (at, half) =
        (layout.boxes[index], Point { x: sizes[index].x / 2.0, y: sizes[index].y / 2.0 });
    [at.x - half.x, at.y - half.y, at.x + half.x, at.y + half.y]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn boxes_are_apart_and_within_the_size((sizes, links) in any_input()) {
        let layout = lay_out(&sizes, &links);
        for index in 0..sizes.len() {
            let [left, top, right, bottom] = sides(&layout, &sizes, index);
            prop_assert!(left >= -NEAR && right <= layout.size.x + NEAR);
            prop_assert!(top >= -NEAR && bottom <= layout.size.y + NEAR);
            for other in index + 1..sizes.len() {
                let other = sides(&layout, &sizes, other);
                let beside = right < other[0] || other[2] < left;
                prop_assert!(beside || bottom < other[1] || other[3] < top);
            }
        }
    }

    #[test]
    fn lines_lead_from_box_to_box_and_through_none((sizes, links) in any_input()) {
        let layout = lay_out(&sizes, &links);
        prop_assert_eq!(layout.paths.len(), links.len());
        for (link, path) in links.iter().zip(&layout.paths) {
            let (first, last) = (path.legs.first(), path.legs.last());
            let (Some(first), Some(last)) = (first, last) else {
                return Err(TestCaseError::fail("a line without legs"));
            };
            for (point, index) in [(ends(first).0, link.from), (ends(last).1, link.to)] {
                let [left, top, right, bottom] = sides(&layout, &sizes, index);
                prop_assert!(left <= point.x && point.x <= right);
                prop_assert!((point.y - top).abs() < NEAR || (point.y - bottom).abs() < NEAR);
            }
            prop_assert_eq!(path.label.is_some(), link.label.is_some());
            for leg in &path.legs {
                let (from, to) = ends(leg);
                let (upper, lower) = (from.y.min(to.y), from.y.max(to.y));
                for index in 0..sizes.len() {
                    let [left, top, right, bottom] = sides(&layout, &sizes, index);
                    // Curves are between ranks, where no box is; straight legs are beside boxes.
                    let is_level = bottom > upper + NEAR && top < lower - NEAR;
                    let is_within = left < from.x && from.x < right;
                    prop_assert!(!is_level || (matches!(leg, Leg::Straight(..)) && !is_within));
                }
            }
        }
    }

    #[test]
    fn what_closes_no_loop_leads_down((sizes, mut links) in any_input()) {
        links.retain(|link| link.from < link.to);
        let layout = lay_out(&sizes, &links);
        for link in &links {
            prop_assert!(layout.boxes[link.from].y < layout.boxes[link.to].y);
        }
    }
}

#[test]
fn a_row_of_boxes_is_straight_whatever_leads_back() {
    let layout = lay_out(&boxes(4), &links([(0, 1), (1, 2), (2, 3), (3, 1)]));
    assert!(layout.boxes.windows(2).all(|pair| (pair[0].x - pair[1].x).abs() < 0.01));
}

#[test]
fn a_box_is_in_the_middle_of_what_it_leads_to() {
    let layout = lay_out(&boxes(4), &links([(0, 1), (0, 2), (0, 3)]));
    let xs: Vec<f64> = layout.boxes.iter().map(|at| at.x).collect();
    assert!((xs[0] - xs[2]).abs() < 0.01 && xs[1] < xs[2] && xs[2] < xs[3], "{xs:?}");
}

#[test]
fn lines_that_need_not_cross_do_not() {
    let layout = lay_out(&boxes(4), &links([(0, 3), (1, 2)]));
    let xs: Vec<f64> = layout.boxes.iter().map(|at| at.x).collect();
    assert_eq!(xs[0] < xs[1], xs[3] < xs[2], "{xs:?}");
}

#[test]
fn an_empty_layout_has_no_size() {
    let layout = lay_out(&[], &[]);
    assert_eq!(layout.size, Point { x: 0.0, y: 0.0 });
}
