//! Queries with judgements, from files of two kinds; and which document a judgement means.

use std::path::Path;

use clap::ValueEnum;
use vpaura_domain::HitDocument;
use vpaura_knowledge::evaluate::{
    EvaluateError, Judged, Judgements, TestQuery, beir_queries, cranfield_judgements,
    cranfield_queries, qrels,
};

use crate::error::{Error, Result};

/// How queries and judgements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// The files of the Cranfield collection
    Cranfield,
    /// Queries as JSON lines, judgements as TREC or BEIR write them
    Beir,
}

/// Keys of a document's metadata that hold its id in the judgements, in this order.
const ID_KEYS: [&str; 4] = ["id", "_id", "doc_id", "docno"];

impl Format {
    /// The format of queries that begin like this.
    fn of(queries: &str) -> Self {
        if queries.trim_start().starts_with(".I") { Self::Cranfield } else { Self::Beir }
    }
}

/// The queries, and what is relevant to each.
pub(super) fn read(
    queries: &Path,
    judgements: &Path,
    format: Option<Format>,
) -> Result<(Vec<TestQuery>, Judgements)> {
    let asked = text(queries)?;
    let judged = text(judgements)?;
    let format = format.unwrap_or_else(|| Format::of(&asked));
    let (asked, judged) = match format {
        Format::Cranfield => (cranfield_queries(&asked), cranfield_judgements(&judged)),
        Format::Beir => (beir_queries(&asked), qrels(&judged)),
    };
    let wrong = |path: &Path, error: EvaluateError| Error::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let asked = asked.map_err(|error| wrong(queries, error))?;
    let judged = judged.map_err(|error| wrong(judgements, error))?;
    Ok((asked, judged.into_iter().map(|(query, judged)| (query, plain_ids(judged))).collect()))
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Error::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}

/// The judgements by the plain ids of their documents; of two that become one the better counts.
fn plain_ids(judged: Judged) -> Judged {
    let mut plain = Judged::new();
    for (id, gain) in judged {
        let known = plain.entry(plain_id(id)).or_default();
        *known = gain.max(*known);
    }
    plain
}

/// An id as it is compared: numbers have no zeros in front.
fn plain_id(id: String) -> String {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return id;
    }
    match id.trim_start_matches('0') {
        "" => "0".to_owned(),
        number => number.to_owned(),
    }
}

/// The id that judgements know a document by: what its metadata says, else its name without an
/// extension.
pub(super) fn judged_id(document: &HitDocument) -> String {
    let noted = document.metadata.as_map();
    let noted = ID_KEYS.iter().find_map(|key| match noted.get(*key)? {
        serde_json::Value::String(id) => Some(id.clone()),
        serde_json::Value::Number(id) => Some(id.to_string()),
        _ => None,
    });
    let name = || match document.name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && extension.len() <= 5 => stem.to_owned(),
        _ => document.name.clone(),
    };
    plain_id(noted.unwrap_or_else(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_known_by_its_note_or_name() {
        let id = |name: &str, metadata: serde_json::Value| {
            let any = "00000000-0000-7000-8000-000000000001";
            let document = json!({
                "id": any, "collection_id": any, "name": name, "metadata": metadata,
            });
            judged_id(&serde_json::from_value(document).unwrap())
        };
        assert_eq!(id("0012.txt", json!({})), "12");
        assert_eq!(id("MED-10.md", json!({ "path": "x" })), "MED-10");
        assert_eq!(id("a.b.c", json!({})), "a.b");
        assert_eq!(id("plain", json!({})), "plain");
        assert_eq!(id("x.txt", json!({ "_id": "MED-7" })), "MED-7");
        assert_eq!(id("x.txt", json!({ "id": 7, "_id": "no" })), "7");
    }

    #[test]
    fn zeros_in_front_of_a_number_do_not_count_in_judgements_either() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let queries = file("queries", "{\"_id\": \"q\", \"text\": \"what\"}\n");
        let qrels = file("qrels", "q 0 0012 1\nq 0 12 3\nq 0 012 2\nq 0 000 1\nq 0 MED-01 1\n");
        let (_, judged) = read(&queries, &qrels, None).unwrap();
        let wanted = [("12", 3), ("0", 1), ("MED-01", 1)];
        let wanted: Judged = wanted.into_iter().map(|(id, gain)| (id.to_owned(), gain)).collect();
        assert_eq!(judged.get("q"), Some(&wanted));
    }

    #[test]
    fn the_format_is_told_from_the_queries() {
        assert_eq!(Format::of("\n.I 001\n.W\nwhat"), Format::Cranfield);
        assert_eq!(Format::of("{\"_id\": \"1\", \"text\": \"what\"}"), Format::Beir);
    }
}
