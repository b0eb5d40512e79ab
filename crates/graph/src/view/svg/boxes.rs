//! The items of a figure as boxes and frames.

use super::text::{Font, escaped, fitting};
use super::{Drawn, PADDING, draw, group};
use crate::view::figure::{Figure, Item, Shape};
use crate::view::label::line;
use crate::view::layout::Point;

/// How many characters of a name or a note are shown.
const NAME_LENGTH: usize = 36;
/// How far a worker's boxes are apart.
const STACK_STEP: f64 = 4.0;

/// Draws an item; frames around what is inside it.
pub(super) fn draw_item(item: &Item<'_>) -> Drawn {
    let mut svg = String::new();
    let class = match (&item.shape, item.join) {
        (Shape::Missing, _) => "vg-missing",
        (Shape::Worker { .. }, true) => "vg-worker vg-waits",
        (Shape::Worker { .. }, false) => "vg-worker",
        (_, true) => "vg-waits",
        (_, false) => "vg-node",
    };
    line(&mut svg, 0, format_args!("<g class=\"{class}\">"));
    line(&mut svg, 0, format_args!("<title>{}</title>", escaped(&item.caption())));
    let size = match (item.inner(), &item.shape) {
        (Some(inner), _) => frame(&mut svg, item, inner),
        (None, Shape::Start | Shape::End) => pill(&mut svg, item),
        (None, Shape::Worker { .. }) => stack(&mut svg, item),
        (None, _) => {
            let size = box_size(item);
            outline(&mut svg, "vg-box", 0.0, size);
            captions(&mut svg, item, size);
            size
        }
    };
    svg.push_str("</g>\n");
    Drawn { svg, size }
}

fn outline(svg: &mut String, class: &str, at: f64, size: Point) {
    let Point { x, y } = size;
    line(
        svg,
        0,
        format_args!(
            "<rect class=\"{class}\" x=\"{at}\" y=\"{at}\" width=\"{x:.1}\" height=\"{y:.1}\" rx=\"7\"/>"
        ),
    );
}

fn pill(svg: &mut String, item: &Item<'_>) -> Point {
    let size = Point { x: Font::Small.width(item.name) + 26.0, y: 24.0 };
    line(
        svg,
        0,
        format_args!(
            "<rect class=\"vg-end\" width=\"{:.1}\" height=\"{}\" rx=\"12\"/>",
            size.x, size.y
        ),
    );
    text(svg, "vg-note", size.x / 2.0, 16.0, item.name);
    size
}

/// A worker runs any number of times at once, so it is a stack of boxes.
fn stack(svg: &mut String, item: &Item<'_>) -> Point {
    let size = box_size(item);
    for place in [2.0, 1.0, 0.0] {
        outline(svg, "vg-box", place * STACK_STEP, size);
    }
    captions(svg, item, size);
    Point { x: size.x + 2.0 * STACK_STEP, y: size.y + 2.0 * STACK_STEP }
}

fn frame(svg: &mut String, item: &Item<'_>, inner: &Figure<'_>) -> Point {
    let (name, note) = (fitting(item.name, NAME_LENGTH), item.note());
    let note = fitting(&note, NAME_LENGTH);
    let drawn = draw(inner);
    let title = Font::Name.width(&name) + Font::Small.width(&note) + 10.0;
    let size = Point {
        x: drawn.size.x.max(title) + 2.0 * PADDING,
        y: drawn.size.y + 30.0 + 2.0 * PADDING - 8.0,
    };
    outline(svg, "vg-frame", 0.0, size);
    line(
        svg,
        0,
        format_args!(
            "<text class=\"vg-name\" x=\"14\" y=\"23\">{} <tspan class=\"vg-note\" dx=\"4\">{}</tspan>\
         </text>",
            escaped(&name),
            escaped(&note),
        ),
    );
    group(svg, (size.x - drawn.size.x) / 2.0, 30.0 + PADDING - 8.0, &drawn.svg);
    size
}

fn box_size(item: &Item<'_>) -> Point {
    let note = item.note();
    let name = Font::Name.width(&fitting(item.name, NAME_LENGTH));
    let width = name.max(Font::Small.width(&fitting(&note, NAME_LENGTH))) + 30.0;
    Point { x: width.max(84.0), y: if note.is_empty() { 36.0 } else { 48.0 } }
}

fn captions(svg: &mut String, item: &Item<'_>, size: Point) {
    let note = item.note();
    let middle = size.x / 2.0;
    text(svg, "vg-name", middle, if note.is_empty() { 22.5 } else { 21.0 }, item.name);
    if !note.is_empty() {
        text(svg, "vg-note", middle, 37.0, &note);
    }
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, text: &str) {
    let text = escaped(&fitting(text, NAME_LENGTH));
    line(
        svg,
        0,
        format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{text}</text>"
        ),
    );
}
