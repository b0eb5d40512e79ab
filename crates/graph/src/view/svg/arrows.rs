//! The arrows of a figure.

use std::fmt::Write as _;

use super::text::{Font, escaped, fitting};
use crate::view::figure::{Arrow, Figure};
use crate::view::label::{line, visible};
use crate::view::layout::{Leg, Path, Point};
use crate::view::topology::EdgeKind;

/// How many characters of a label are shown.
const LABEL_LENGTH: usize = 28;
/// The height of a label.
const LABEL_HEIGHT: f64 = 16.0;
/// The length of an arrow's head.
const HEAD: f64 = 8.0;
/// How far out a line from a box to itself goes, and how much further each next one does.
const LOOP: f64 = 24.0;
const LOOP_STEP: f64 = 14.0;

/// The room that an arrow's label takes, if it has one.
pub(super) fn label_size(arrow: &Arrow<'_>) -> Option<Point> {
    let label = arrow.label()?;
    let width = Font::Small.width(&fitting(&label, LABEL_LENGTH)) + 8.0;
    Some(Point { x: width, y: LABEL_HEIGHT })
}

/// The room that a box needs with its arrows to itself. They are on its right; the same room is
/// left on the other side, so that the box stays in the middle.
pub(super) fn room_with_loops(size: Point, loops: &[&Arrow<'_>]) -> Point {
    let Some(last) = loops.len().checked_sub(1) else { return size };
    let labels = loops.iter().filter_map(|arrow| label_size(arrow)).map(|label| label.x);
    let out = LOOP + last as f64 * LOOP_STEP + labels.fold(0.0, f64::max);
    Point { x: size.x + 2.0 * out, y: size.y.max(loops.len() as f64 * LABEL_HEIGHT) }
}

/// Draws an arrow along a path.
pub(super) fn draw_arrow(svg: &mut String, figure: &Figure<'_>, arrow: &Arrow<'_>, path: &Path) {
    let mut data = String::new();
    let mut pen = None;
    let mut tip = None;
    for (place, leg) in path.legs.iter().enumerate() {
        let (Leg::Curve(from, to) | Leg::Straight(from, to)) = *leg;
        let mut end = to;
        if place + 1 == path.legs.len() {
            let down = if to.y > from.y { 1.0 } else { -1.0 };
            tip = Some((to, Point { x: 0.0, y: down }));
            // The line ends within the head; a leg that is shorter than the head is within it too.
            end.y -= down * (HEAD - 1.0).min((to.y - from.y).abs());
        }
        if pen != Some(from) {
            move_to(&mut data, from);
        }
        match leg {
            Leg::Curve(..) => {
                let bend = (end.y - from.y) / 2.0;
                let first = Point { x: from.x, y: from.y + bend };
                curve_to(&mut data, first, Point { x: end.x, y: end.y - bend }, end);
            }
            Leg::Straight(..) => line_to(&mut data, end),
        }
        pen = Some(to);
    }
    let Some((tip, direction)) = tip else { return };
    open(svg, figure, arrow);
    stroke(svg, &data, tip, direction);
    if let Some(at) = path.label {
        label(svg, arrow, at, "middle");
    }
    svg.push_str("</g>\n");
}

/// Draws the arrows from a box to itself.
pub(super) fn draw_loops(
    svg: &mut String,
    figure: &Figure<'_>,
    loops: &[&Arrow<'_>],
    middle: Point,
    size: Point,
) {
    let right = middle.x + size.x / 2.0;
    let widest = LOOP + loops.len().saturating_sub(1) as f64 * LOOP_STEP;
    for (place, arrow) in loops.iter().enumerate() {
        let out = LOOP + place as f64 * LOOP_STEP;
        let half = (size.y / 2.0 - 5.0).min(7.0 + 4.0 * place as f64);
        let (top, bottom) = (middle.y - half, middle.y + half);
        let tip = Point { x: right, y: bottom };
        let mut data = String::new();
        move_to(&mut data, Point { x: right, y: top });
        // A curve reaches three quarters of the way to its control points.
        let reach = right + (out - 6.0) * 4.0 / 3.0;
        let end = Point { x: right + HEAD - 1.0, y: bottom };
        curve_to(&mut data, Point { x: reach, y: top }, Point { x: reach, y: bottom }, end);
        open(svg, figure, arrow);
        stroke(svg, &data, tip, Point { x: -1.0, y: 0.0 });
        let line = place as f64 - (loops.len() as f64 - 1.0) / 2.0;
        let at = Point { x: right + widest, y: middle.y + line * LABEL_HEIGHT };
        label(svg, arrow, at, "start");
        svg.push_str("</g>\n");
    }
}

fn open(svg: &mut String, figure: &Figure<'_>, arrow: &Arrow<'_>) {
    let class = match arrow.kind {
        EdgeKind::Always => "vg-always",
        EdgeKind::Join => "vg-join",
        EdgeKind::Route { .. } => "vg-route",
        EdgeKind::Send => "vg-send",
        EdgeKind::Goto => "vg-goto",
        EdgeKind::OnError => "vg-on-error",
        EdgeKind::OnBudget => "vg-on-budget",
    };
    let name = |item: usize| visible(figure.items[item].name);
    let way = format!("{} → {}", name(arrow.from), name(arrow.to));
    let way = match arrow.label() {
        Some(label) => format!("{way}: {label}"),
        None => way,
    };
    line(svg, 0, format_args!("<g class=\"{class}\"><title>{}</title>", escaped(&way)));
}

/// A line and, at its tip, a head that points in `direction`.
fn stroke(svg: &mut String, data: &str, tip: Point, direction: Point) {
    line(svg, 0, format_args!("<path class=\"vg-line\" d=\"{data}\"/>"));
    let back = Point { x: tip.x - direction.x * HEAD, y: tip.y - direction.y * HEAD };
    let aside = Point { x: direction.y * HEAD / 2.0, y: direction.x * HEAD / 2.0 };
    let mut head = String::new();
    move_to(&mut head, tip);
    line_to(&mut head, Point { x: back.x + aside.x, y: back.y + aside.y });
    line_to(&mut head, Point { x: back.x - aside.x, y: back.y - aside.y });
    line(svg, 0, format_args!("<path class=\"vg-head\" d=\"{head}Z\"/>"));
}

fn label(svg: &mut String, arrow: &Arrow<'_>, at: Point, anchor: &str) {
    let Some(label) = arrow.label() else { return };
    let text = escaped(&fitting(&label, LABEL_LENGTH));
    let (x, y) = (at.x, at.y + 4.0);
    line(
        svg,
        0,
        format_args!(
            "<text class=\"vg-label\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        ),
    );
}

// A `String` takes everything that is written to it.

fn move_to(data: &mut String, Point { x, y }: Point) {
    let _ = write!(data, "M{x:.1},{y:.1}");
}

fn line_to(data: &mut String, Point { x, y }: Point) {
    let _ = write!(data, "L{x:.1},{y:.1}");
}

fn curve_to(data: &mut String, first: Point, second: Point, end: Point) {
    let _ = write!(
        data,
        "C{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}",
        first.x, first.y, second.x, second.y, end.x, end.y
    );
}
