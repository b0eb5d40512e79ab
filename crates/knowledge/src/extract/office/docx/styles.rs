//! What a style of Word's makes of a paragraph: a heading, an entry of a list.

use std::collections::HashMap;

use crate::extract::error::Result;
use crate::extract::office::package::{Node, Package};

/// How many styles may be based on one another.
const MAX_CHAIN: usize = 16;

/// What a style says.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    /// The level of a heading, from 1.
    pub(super) level: Option<usize>,
    /// The list it belongs to.
    pub(super) list: Option<usize>,
    /// How deep in the list, from 0.
    pub(super) depth: Option<usize>,
    based_on: Option<String>,
}

/// The styles of a file, by their ids.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

impl Styles {
    pub(super) fn read(package: &mut Package, part: &str) -> Result<Self> {
        let mut styles = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        package.read(part, |node| {
            match node {
                Node::Open("style", attributes) => {
                    open = attributes.get("styleId").map(|id| (id, Style::default()));
                }
                Node::Close("style") => styles.extend(open.take()),
                Node::Open(name, attributes) => {
                    let Some((_, style)) = &mut open else { return Ok(()) };
                    match name {
                        "name" => style.level = attributes.get("val").as_deref().and_then(level),
                        "basedOn" => style.based_on = attributes.get("val"),
                        "outlineLvl" if style.level.is_none() => {
                            style.level = attributes.number("val").map(|level| level + 1);
                        }
                        "numId" => style.list = attributes.number("val"),
                        "ilvl" => style.depth = attributes.number("val"),
                        _ => {}
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self(styles))
    }

    /// What this style says, with what it takes from those it is based on.
    pub(super) fn get(&self, id: &str) -> Option<Style> {
        let mut style = self.0.get(id)?.clone();
        for _ in 0..MAX_CHAIN {
            let Some(base) = style.based_on.take().and_then(|id| self.0.get(&id)) else { break };
            style.level = style.level.or(base.level);
            style.list = style.list.or(base.list);
            style.depth = style.depth.or(base.depth);
            style.based_on.clone_from(&base.based_on);
        }
        Some(style)
    }
}

/// The level that a style has by its name, which Word keeps in English.
fn level(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    match name.strip_prefix("heading ") {
        Some(level) => level.trim().parse().ok().filter(|level| (1..=9).contains(level)),
        None => (name == "title").then_some(1),
    }
}
