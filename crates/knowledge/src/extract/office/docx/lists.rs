//! The marks of Word's lists: bullets, and numbers that count.

use std::collections::HashMap;

use crate::extract::error::Result;
use crate::extract::office::package::{Node, Package};

/// Levels that a list has.
const LEVELS: usize = 9;

/// The lists of a file and how far they have counted.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Which levels of a pattern count.
    counting: HashMap<usize, [bool; LEVELS]>,
    /// The pattern of each list.
    patterns: HashMap<usize, usize>,
    counts: HashMap<usize, [usize; LEVELS]>,
}

impl Lists {
    pub(super) fn read(package: &mut Package, part: &str) -> Result<Self> {
        let mut lists = Self::default();
        let (mut pattern, mut level, mut list) = (None, 0, None);
        package.read(part, |node| {
            let Node::Open(name, attributes) = node else { return Ok(()) };
            match name {
                "abstractNum" => pattern = attributes.number("abstractNumId"),
                "lvl" => level = attributes.number("ilvl").unwrap_or(0).min(LEVELS - 1),
                "numFmt" => {
                    let counts =
                        !matches!(attributes.get("val").as_deref(), Some("bullet" | "none"));
                    if let Some(pattern) = pattern {
                        lists.counting.entry(pattern).or_default()[level] = counts;
                    }
                }
                "num" => list = attributes.number("numId"),
                "abstractNumId" => {
                    if let (Some(list), Some(pattern)) = (list, attributes.number("val")) {
                        lists.patterns.insert(list, pattern);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(lists)
    }

    /// The mark of the next entry of this list, so deep.
    pub(super) fn mark(&mut self, list: usize, depth: usize) -> String {
        let depth = depth.min(LEVELS - 1);
        let counting = self.patterns.get(&list).and_then(|pattern| self.counting.get(pattern));
        if !counting.is_some_and(|levels| levels[depth]) {
            return "-".to_owned();
        }
        let counts = self.counts.entry(list).or_default();
        counts[depth] += 1;
        counts[depth + 1..].fill(0);
        format!("{}.", counts[depth])
    }
}
