//! A topology as an SVG image.

mod arrows;
mod boxes;
mod text;

use super::figure::{Arrow, Figure};
use super::label::line;
use super::layout::{self, Link, Point};
use super::topology::Topology;
use text::{Font, escaped, fitting};

/// The room around a graph, on its card and in its frame.
const PADDING: f64 = 20.0;
/// The height of the card's title.
const TITLE: f64 = 34.0;
/// How many characters of the graph's name are shown.
const TITLE_LENGTH: usize = 60;

impl Topology {
    /// The graph as an SVG image, laid out from top to bottom, on a card of its own that follows
    /// the reader's light or dark scheme. Needs no script, font or network; the same topology
    /// gives the same bytes. Long names are cut in the image and whole in its tooltips.
    pub fn svg(&self) -> String {
        let drawn = draw(&Figure::of(self));
        let name = fitting(&self.graph, TITLE_LENGTH);
        let version = format!("state version {}", self.version);
        let title = Font::Title.width(&name) + 12.0 + Font::Small.width(&version);
        let width = (drawn.size.x.max(title) + 2.0 * PADDING).ceil();
        let height = (drawn.size.y + TITLE + 2.0 * PADDING).ceil();
        let (right, bottom) = (width - 1.0, height - 1.0);
        let full = escaped(&self.graph);
        let name = escaped(&name);
        let style = include_str!("svg/style.css");
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <title>Graph {full}</title>\n\
             <style>\n{style}</style>\n\
             <rect class=\"vg-card\" x=\"0.5\" y=\"0.5\" width=\"{right}\" height=\"{bottom}\" \
             rx=\"10\"/>\n\
             <text class=\"vg-graph\" x=\"{PADDING}\" y=\"32\">{name} \
             <tspan class=\"vg-note\" dx=\"6\">{version}</tspan></text>\n"
        );
        group(&mut out, (width - drawn.size.x) / 2.0, PADDING + TITLE, &drawn.svg);
        out.push_str("</svg>\n");
        out
    }
}

/// A piece of a picture, from the origin to its size.
struct Drawn {
    svg: String,
    size: Point,
}

fn draw(figure: &Figure<'_>) -> Drawn {
    let boxes: Vec<Drawn> = figure.items.iter().map(boxes::draw_item).collect();
    let mut loops: Vec<Vec<&Arrow<'_>>> = vec![Vec::new(); boxes.len()];
    let mut others = Vec::new();
    for arrow in &figure.arrows {
        if arrow.from == arrow.to { loops[arrow.from].push(arrow) } else { others.push(arrow) }
    }
    let sizes: Vec<Point> = boxes
        .iter()
        .zip(&loops)
        .map(|(one, loops)| arrows::room_with_loops(one.size, loops))
        .collect();
    let links: Vec<Link> = others
        .iter()
        .map(|arrow| Link { from: arrow.from, to: arrow.to, label: arrows::label_size(arrow) })
        .collect();
    let layout = layout::lay_out(&sizes, &links);
    let mut svg = String::new();
    for ((one, loops), middle) in boxes.iter().zip(&loops).zip(&layout.boxes) {
        let (left, top) = (middle.x - one.size.x / 2.0, middle.y - one.size.y / 2.0);
        group(&mut svg, left, top, &one.svg);
        arrows::draw_loops(&mut svg, figure, loops, *middle, one.size);
    }
    for (arrow, path) in others.iter().zip(&layout.paths) {
        arrows::draw_arrow(&mut svg, figure, arrow, path);
    }
    Drawn { svg, size: layout.size }
}

/// Puts a piece of a picture at a place.
fn group(out: &mut String, left: f64, top: f64, inner: &str) {
    line(out, 0, format_args!("<g transform=\"translate({left:.1} {top:.1})\">\n{inner}</g>"));
}
