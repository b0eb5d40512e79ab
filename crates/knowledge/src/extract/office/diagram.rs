//! Diagrams (SmartArt): their points as a list, in the order and the depth in which they are connected.

use std::collections::{HashMap, HashSet};

use super::package::{Node, Package};
use crate::extract::error::Result;
use crate::extract::extracted::TextBuilder;
use crate::extract::markdown::{list_item, one_line};

/// A point of the diagram's model.
#[derive(Debug, Default)]
struct Point {
    id: String,
    kind: String,
    text: String,
}

/// The model of a diagram.
#[derive(Debug, Default)]
pub(super) struct Diagram {
    points: Vec<Point>,
    /// The points below one, with their places among each other.
    below: HashMap<String, Vec<(usize, String)>>,
}

impl Diagram {
    /// Reads the part that holds the model, which must be there.
    pub(super) fn read(package: &mut Package, part: &str) -> Result<Self> {
        let mut diagram = Self::default();
        // The element of a point's text is called as that of each piece of it.
        let mut texts = 0_usize;
        package.read_needed(part, |node| {
            match node {
                Node::Open("pt", attributes) => {
                    let (id, kind) = (attributes.get("modelId"), attributes.get("type"));
                    let (id, kind) = (id.unwrap_or_default(), kind.unwrap_or_default());
                    diagram.points.push(Point { id, kind, text: String::new() });
                }
                // Those with another type say how it is drawn.
                Node::Open("cxn", attributes)
                    if attributes.get("type").is_none_or(|kind| kind == "parOf") =>
                {
                    let (from, to) = (attributes.get("srcId"), attributes.get("destId"));
                    if let (Some(from), Some(to)) = (from, to) {
                        let place = attributes.number("srcOrd").unwrap_or(usize::MAX);
                        diagram.below.entry(from).or_default().push((place, to));
                    }
                }
                Node::Open("t", _) => texts += 1,
                Node::Close("t") => texts = texts.saturating_sub(1),
                Node::Text(text) if texts > 1 => diagram.say(text),
                Node::Open("br", _) | Node::Close("p") => diagram.say(" "),
                _ => {}
            }
            Ok(())
        })?;
        Ok(diagram)
    }

    fn say(&mut self, text: &str) {
        if let Some(point) = self.points.last_mut() {
            point.text.push_str(text);
        }
    }

    /// Writes the points that have words.
    pub(super) fn write(mut self, out: &mut TextBuilder) -> Result<()> {
        let texts: HashMap<&str, &Point> =
            self.points.iter().map(|point| (point.id.as_str(), point)).collect();
        let mut written = HashSet::new();
        // The outermost point stands for the diagram; what nothing leads to comes behind.
        let is_root = |point: &&Point| point.kind == "doc";
        let (roots, others): (Vec<_>, Vec<_>) = self.points.iter().partition(is_root);
        for first in roots.into_iter().chain(others) {
            let mut waiting = vec![(0, first.id.clone())];
            while let Some((depth, id)) = waiting.pop() {
                let Some(point) = texts.get(id.as_str()) else { continue };
                if point.kind == "pres" || !written.insert(id.clone()) {
                    continue;
                }
                let text = one_line(&point.text);
                list_item(out, depth, "-", &text)?;
                let mut below = self.below.remove(&id).unwrap_or_default();
                // The last comes first from the stack.
                below.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
                let depth = depth + usize::from(!text.is_empty());
                waiting.extend(below.into_iter().map(|(_, id)| (depth, id)));
            }
        }
        out.blank_line()
    }
}
