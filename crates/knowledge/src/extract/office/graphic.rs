//! What lies in a part of its own beside the text that shows it: a chart, a diagram.

use super::chart::Chart;
use super::diagram::Diagram;
use super::package::{Attributes, Package};
use crate::extract::error::{ExtractError, Result};
use crate::extract::extracted::{Extracted, TextBuilder};

/// Where a text shows a graphic: its kind, and the id of the relation that names its part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mention {
    Chart(String),
    Diagram(String),
}

impl Mention {
    /// The one that this element is, if it is one.
    pub(super) fn of(name: &str, attributes: &Attributes<'_>) -> Option<Self> {
        match name {
            "chart" => attributes.related().map(Self::Chart),
            "relIds" => attributes.get("dm").map(Self::Diagram),
            _ => None,
        }
    }

    pub(super) fn id(&self) -> &str {
        match self {
            Self::Chart(id) | Self::Diagram(id) => id,
        }
    }

    /// Writes what the graphic in this part says. One whose part is missing or damaged is left out:
    /// the text that shows it is read all the same.
    pub(super) fn write(
        &self,
        package: &mut Package,
        part: &str,
        out: &mut TextBuilder,
        unread: &mut Unread,
    ) -> Result<()> {
        let written = match self {
            Self::Chart(_) => Chart::read(package, part).and_then(|chart| chart.write(out)),
            Self::Diagram(_) => Diagram::read(package, part).and_then(|diagram| diagram.write(out)),
        };
        match (written, self) {
            (Err(ExtractError::Damaged(_)), Self::Chart(_)) => unread.charts += 1,
            (Err(ExtractError::Damaged(_)), Self::Diagram(_)) => unread.diagrams += 1,
            (written, _) => return written,
        }
        Ok(())
    }
}

/// How many graphics of a file could not be read.
#[derive(Debug, Default)]
pub(super) struct Unread {
    charts: usize,
    diagrams: usize,
}

impl Unread {
    /// What was read of a file, with a notice on these. Where nothing else is in it, it is damaged.
    pub(super) fn noted_on(&self, read: Result<Extracted>) -> Result<Extracted> {
        let told: Vec<String> = [("chart", self.charts), ("diagram", self.diagrams)]
            .into_iter()
            .filter_map(|(noun, count)| sentence(noun, count))
            .collect();
        if told.is_empty() {
            return read;
        }
        let told = told.join(" ");
        match read {
            Ok(read) => {
                let notice = format!(
                    "{told} Open the file in the program it was made with, save it anew, and add that, to have all of it read."
                );
                Ok(Extracted { notice: Some(notice), ..read })
            }
            Err(ExtractError::Empty) => {
                Err(ExtractError::damaged("its charts or diagrams are broken or missing"))
            }
            Err(error) => Err(error),
        }
    }
}

fn sentence(noun: &str, count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => {
            Some(format!("A {noun} could not be read: its part of the file is damaged or missing."))
        }
        _ => Some(format!(
            "{count} {noun}s could not be read: their parts of the file are damaged or missing."
        )),
    }
}
