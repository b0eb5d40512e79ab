//! What lies in a part of its own beside the text that shows it: a chart, a diagram.

use super::chart::Chart;
use super::diagram::Diagram;
use super::package::{Attributes, Package};
use crate::extract::error::Result;
use crate::extract::extracted::TextBuilder;

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

    /// Writes what the graphic in this part says; nothing where there is no such part.
    pub(super) fn write(
        &self,
        package: &mut Package,
        part: &str,
        out: &mut TextBuilder,
    ) -> Result<()> {
        match self {
            Self::Chart(_) => Chart::read(package, part)?.write(out),
            Self::Diagram(_) => Diagram::read(package, part)?.write(out),
        }
    }
}
