//! Documents and queries as lines of JSON, as the BEIR collections have them.

use serde::Deserialize;

use super::{EvaluateError, TestDocument, TestQuery};

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_id", alias = "id")]
    id: Id,
    #[serde(default)]
    title: Option<String>,
    text: String,
}

/// Some collections number what others name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Name(String),
    Number(u64),
}

/// The documents of `corpus.jsonl`: lines of `{"_id", "title", "text"}`.
///
/// # Errors
/// [`EvaluateError`], when a line is something else or there is none.
pub fn beir_documents(file: &str) -> Result<Vec<TestDocument>, EvaluateError> {
    let document = |line: Line| TestDocument {
        id: line.id.into_string(),
        title: line.title.filter(|title| !title.trim().is_empty()),
        text: line.text,
    };
    Ok(lines(file, "documents")?.into_iter().map(document).collect())
}

/// The queries of `queries.jsonl`: lines of `{"_id", "text"}`.
///
/// # Errors
/// [`EvaluateError`], when a line is something else or there is none.
pub fn beir_queries(file: &str) -> Result<Vec<TestQuery>, EvaluateError> {
    let query = |line: Line| TestQuery { id: line.id.into_string(), text: line.text };
    Ok(lines(file, "queries")?.into_iter().map(query).collect())
}

impl Id {
    fn into_string(self) -> String {
        match self {
            Self::Name(name) => name,
            Self::Number(number) => number.to_string(),
        }
    }
}

fn lines(file: &str, what: &'static str) -> Result<Vec<Line>, EvaluateError> {
    let lines = file.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(index, line)| {
        serde_json::from_str(line)
            .map_err(|error| EvaluateError::Line { line: index + 1, why: error.to_string() })
    });
    let read = read.collect::<Result<Vec<_>, _>>()?;
    if read.is_empty() { Err(EvaluateError::Nothing(what)) } else { Ok(read) }
}
