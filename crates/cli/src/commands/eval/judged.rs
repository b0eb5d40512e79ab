//! Queries with judgements, from files of several kinds; and which document a judgement means.

use std::collections::HashSet;
use std::path::Path;

use clap::ValueEnum;
use vpaura_domain::HitDocument;
use vpaura_knowledge::evaluate::{
    EvaluateError, Judged, Judgements, QrelsFormat as Written, TestQuery, beir_queries,
    cranfield_queries, qrels,
};

use crate::error::{Error, Result};
use crate::terminal;

/// How queries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// As in the Cranfield collection, `.I` and `.W`
    Cranfield,
    /// As JSON lines
    Beir,
}

/// How judgements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum QrelsFormat {
    /// A query, an iteration, a document and a relevance, 0 for none
    Trec,
    /// A query, a document and a relevance, 0 for none
    Beir,
    /// A query, a document and a code, 1 for the best
    Cranfield,
}

/// What is asked, and which documents are relevant.
#[derive(Debug)]
pub(super) struct TestSet {
    pub(super) queries: Vec<TestQuery>,
    pub(super) judgements: Judgements,
    /// The documents that anything is judged of.
    known: HashSet<String>,
}

/// How many queries there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Those that count: to which a document is relevant.
    pub(super) measured: usize,
    /// Those that nobody has judged any document for.
    pub(super) unjudged: usize,
    /// Those to which none of the judged documents is relevant.
    pub(super) none_relevant: usize,
}

impl Counts {
    /// In a sentence.
    pub(super) fn told(&self) -> String {
        let Self { measured, unjudged, none_relevant } = self;
        match unjudged + none_relevant {
            0 => format!("{measured} queries"),
            others => format!(
                "{measured} queries; {others} more have no relevant document and are not counted"
            ),
        }
    }
}

/// Keys of a document's metadata that hold its id in the judgements, in this order.
const ID_KEYS: [&str; 4] = ["id", "_id", "doc_id", "docno"];

impl Format {
    /// The format of queries that begin like this.
    fn of(queries: &str) -> Self {
        if queries.trim_start().starts_with(".I") { Self::Cranfield } else { Self::Beir }
    }

    /// How judgements of three columns are written that come with such queries.
    const fn of_qrels(self) -> QrelsFormat {
        match self {
            Self::Cranfield => QrelsFormat::Cranfield,
            Self::Beir => QrelsFormat::Beir,
        }
    }
}

impl From<QrelsFormat> for Written {
    fn from(format: QrelsFormat) -> Self {
        match format {
            QrelsFormat::Trec => Self::Trec,
            QrelsFormat::Beir => Self::Beir,
            QrelsFormat::Cranfield => Self::Cranfield,
        }
    }
}

/// Reads the files, each as it is said to be written or as it tells itself.
pub(super) fn read(
    queries: &Path,
    judgements: &Path,
    format: Option<Format>,
    qrels_format: Option<QrelsFormat>,
) -> Result<TestSet> {
    let (asked, judged) = (text(queries)?, text(judgements)?);
    let its_format = format.unwrap_or_else(|| Format::of(&asked));
    let asked = match its_format {
        Format::Cranfield => cranfield_queries(&asked),
        Format::Beir => beir_queries(&asked),
    };
    let asked = asked.map_err(|error| wrong(queries, &error, ""))?;
    let written = qrels_format.map(Written::from);
    let written = written.unwrap_or_else(|| guess(&judged, format, its_format));
    let judged = qrels(&judged, written);
    let judged = judged.map_err(|error| {
        let hint = match qrels_format {
            None => " (--qrels-format says how the judgements are written)",
            Some(_) => "",
        };
        wrong(judgements, &error, hint)
    })?;
    Ok(TestSet::new(asked, judged))
}

/// How judgements are written whose format nobody named.
fn guess(judged: &str, named: Option<Format>, queries: Format) -> Written {
    match (Written::of(judged), named) {
        (Some(Written::Trec), _) => Written::Trec,
        (_, Some(named)) => named.of_qrels().into(),
        (Some(written), None) => written,
        (None, None) => {
            terminal::note(match queries {
                Format::Cranfield => {
                    "the judgements are read as codes, 1 for the best: \
                    --qrels-format says otherwise"
                }
                Format::Beir => {
                    "the judgements are read as relevances, 0 for none: \
                    --qrels-format says otherwise"
                }
            });
            queries.of_qrels().into()
        }
    }
}

fn wrong(path: &Path, error: &EvaluateError, hint: &str) -> Error {
    Error::File { path: path.display().to_string(), reason: format!("{error}{hint}") }
}

fn text(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    })?;
    // Some programs begin a text with a mark, which is no part of the first id.
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}

impl TestSet {
    fn new(queries: Vec<TestQuery>, judgements: Judgements) -> Self {
        let judgements: Judgements =
            judgements.into_iter().map(|(query, judged)| (query, plain_ids(judged))).collect();
        let known = judgements.values().flat_map(|judged| judged.keys().cloned()).collect();
        Self { queries, judgements, known }
    }

    /// The queries that say something of a ranking, with their judgements.
    pub(super) fn measured(&self) -> impl Iterator<Item = (&TestQuery, &Judged)> {
        let judged = |query| Some((query, self.judged(query)?));
        self.queries.iter().filter_map(judged).filter(|(_, judged)| is_any_relevant(judged))
    }

    pub(super) fn count(&self) -> Counts {
        let judged = self.queries.iter().filter(|query| self.judged(query).is_some()).count();
        let measured = self.measured().count();
        let (unjudged, none_relevant) = (self.queries.len() - judged, judged - measured);
        Counts { measured, unjudged, none_relevant }
    }

    fn judged(&self, query: &TestQuery) -> Option<&Judged> {
        self.judgements.get(&query.id)
    }

    /// The id that judgements know a document by: what its metadata says, else its name as it is or
    /// without an extension. What ends like an extension may be a part of the id.
    pub(super) fn id_of(&self, document: &HitDocument) -> String {
        let noted = document.metadata.as_map();
        let noted = ID_KEYS.iter().find_map(|key| match noted.get(*key)? {
            serde_json::Value::String(id) => Some(id.clone()),
            serde_json::Value::Number(id) => Some(id.to_string()),
            _ => None,
        });
        if let Some(noted) = noted {
            return plain_id(noted);
        }
        let name = plain_id(document.name.clone());
        let stem = document.name.rsplit_once('.').map(|(stem, _)| plain_id(stem.to_owned()));
        match stem {
            Some(stem) if !self.known.contains(&name) && self.known.contains(&stem) => stem,
            _ => name,
        }
    }
}

fn is_any_relevant(judged: &Judged) -> bool {
    judged.values().any(|gain| *gain > 0)
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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    const TOPICS: &str = ".I 001\n.W\nwhat\n";
    const LINES: &str = "{\"_id\": \"1\", \"text\": \"what\"}\n";

    /// What two files are read as.
    fn read_both(
        queries: &str,
        judgements: &str,
        format: Option<Format>,
        qrels_format: Option<QrelsFormat>,
    ) -> Result<TestSet> {
        let folder = TempDir::new().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        read(&file("queries", queries), &file("qrels", judgements), format, qrels_format)
    }

    #[test]
    fn a_mark_at_the_beginning_is_no_part_of_an_id() {
        let mark = |text: &str| format!("\u{FEFF}{text}");
        let set = read_both(&mark(LINES), &mark("1 0 d13 1\n"), None, None).unwrap();
        assert_eq!(set.queries.len(), 1);
        assert!(set.judgements.contains_key("1"), "{:?}", set.judgements);
    }

    /// The gain of document 13 for query 1.
    fn gain(queries: &str, judgements: &str, named: Option<QrelsFormat>) -> u32 {
        read_both(queries, judgements, None, named).unwrap().judgements["1"]["13"]
    }

    #[test]
    fn a_document_is_known_by_its_note_or_name() {
        let known = "q 12 1\nq MED-10 1\nq a.b 1\nq AP88.0001 1\nq AP88 1\n";
        let set = read_both(LINES, known, None, Some(QrelsFormat::Beir)).unwrap();
        let id = |name: &str, metadata: serde_json::Value| {
            let any = "00000000-0000-7000-8000-000000000001";
            let document = json!({
                "id": any, "collection_id": any, "name": name, "metadata": metadata,
            });
            set.id_of(&serde_json::from_value(document).unwrap())
        };
        assert_eq!(id("0012.txt", json!({})), "12");
        assert_eq!(id("MED-10.md", json!({ "path": "x" })), "MED-10");
        assert_eq!(id("a.b.c", json!({})), "a.b");
        assert_eq!(id("plain", json!({})), "plain");
        assert_eq!(id("x.txt", json!({ "_id": "MED-7" })), "MED-7");
        assert_eq!(id("x.txt", json!({ "id": 7, "_id": "no" })), "7");
        assert_eq!(id("AP88.0001", json!({})), "AP88.0001", "the whole name is judged");
        assert_eq!(id("AP99.0001", json!({})), "AP99.0001", "not that of another, AP99.0002");
    }

    #[test]
    fn zeros_in_front_of_a_number_do_not_count_in_judgements_either() {
        let judged = "1 0 0012 1\n1 0 12 3\n1 0 012 2\n1 0 000 1\n1 0 MED-01 1\n";
        let set = read_both(LINES, judged, None, None).unwrap();
        let wanted = [("12", 3), ("0", 1), ("MED-01", 1)];
        let wanted: Judged = wanted.into_iter().map(|(id, gain)| (id.to_owned(), gain)).collect();
        assert_eq!(set.judgements.get("1"), Some(&wanted));
    }

    #[test]
    fn the_format_is_told_from_the_queries() {
        assert_eq!(Format::of("\n.I 001\n.W\nwhat"), Format::Cranfield);
        assert_eq!(Format::of("{\"_id\": \"1\", \"text\": \"what\"}"), Format::Beir);
    }

    #[test]
    fn judgements_are_read_as_they_tell_themselves_whatever_the_queries_are() {
        for queries in [TOPICS, LINES] {
            assert_eq!(gain(queries, "1 0 13 3\n", None), 3);
            assert_eq!(gain(queries, "query-id\tcorpus-id\tscore\n1\t13\t3\n", None), 3);
            assert_eq!(gain(queries, "1\t13\t3\n", None), 3);
        }
        // Nothing but the queries tells these apart.
        assert_eq!((gain(TOPICS, "1 13 3\n", None), gain(LINES, "1 13 3\n", None)), (2, 3));
    }

    #[test]
    fn the_format_of_judgements_can_be_named() {
        assert_eq!(gain(TOPICS, "1 13 3\n", Some(QrelsFormat::Beir)), 3);
        assert_eq!(gain(LINES, "1 13 3\n", Some(QrelsFormat::Cranfield)), 2);
        assert_eq!(gain(LINES, "1\t13\t3\n", Some(QrelsFormat::Cranfield)), 2);
        assert_eq!(gain(TOPICS, "1 0 13 3\n", Some(QrelsFormat::Trec)), 3);
        let set = read_both(TOPICS, "1\t13\t3\n", Some(Format::Cranfield), None).unwrap();
        assert_eq!(set.judgements["1"]["13"], 2, "both files are said to be Cranfield's");
    }

    #[test]
    fn judgements_that_cannot_be_read_say_which_option_helps() {
        let told = |qrels_format| {
            read_both(TOPICS, "1 13 0\n", None, qrels_format).unwrap_err().to_string()
        };
        assert!(told(None).contains("line 1: the code is not among Cranfield's"), "{}", told(None));
        assert!(told(None).contains("--qrels-format"), "{}", told(None));
        let named = told(Some(QrelsFormat::Trec));
        assert!(named.ends_with("expected a query, an iteration, a document and a relevance"));
    }
}
