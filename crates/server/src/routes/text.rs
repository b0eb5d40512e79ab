//! What a file or a document says, as answers show it.

use serde::Serialize;
use utoipa::ToSchema;
use vpaura_engine::Extracted;

/// How a text is to be read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TextFormat {
    /// Words and lines.
    Plain,
    /// Markdown.
    Markdown,
    /// Source code or data in this language.
    Code(String),
}

impl From<vpaura_engine::TextFormat> for TextFormat {
    fn from(format: vpaura_engine::TextFormat) -> Self {
        match format {
            vpaura_engine::TextFormat::Plain => Self::Plain,
            vpaura_engine::TextFormat::Markdown => Self::Markdown,
            vpaura_engine::TextFormat::Code(language) => Self::Code(language),
        }
    }
}

/// A whole text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentText {
    /// The text; the spans of chunks and citations count its characters.
    pub(crate) text: String,
    /// At which character each page begins; empty where there are none.
    pub(crate) pages: Vec<u32>,
    /// How it is to be read.
    pub(crate) format: TextFormat,
}

impl From<Extracted> for DocumentText {
    fn from(extracted: Extracted) -> Self {
        let Extracted { text, pages, format, .. } = extracted;
        Self { text, pages, format: format.into() }
    }
}
