//! The Cranfield collection in its usual files: 1,400 abstracts on aerodynamics, 225 questions, and
//! how well the one answer the other.

use super::{EvaluateError, Judgements, TestDocument, TestQuery};

/// The documents of `cran.all.1400`. A title that the text begins with again is left out there.
///
/// # Errors
/// [`EvaluateError`], when it is no such file.
pub fn cranfield_documents(file: &str) -> Result<Vec<TestDocument>, EvaluateError> {
    let document = |record: Record| {
        let title = one_line(&record.title);
        let text = one_line(&record.words);
        let text = text.strip_prefix(&title).map_or(text.as_str(), str::trim_start).to_owned();
        TestDocument { id: record.id, title: Some(title).filter(|title| !title.is_empty()), text }
    };
    some(records(file)?.into_iter().map(document).collect(), "documents")
}

/// The questions of `cran.qry`. The judgements know a question by its place in the file, not by the
/// number it has there, so that is its id.
///
/// # Errors
/// [`EvaluateError`], when it is no such file.
pub fn cranfield_queries(file: &str) -> Result<Vec<TestQuery>, EvaluateError> {
    let query = |(place, record): (usize, Record)| TestQuery {
        id: (place + 1).to_string(),
        text: one_line(&record.words),
    };
    some(records(file)?.into_iter().enumerate().map(query).collect(), "queries")
}

/// The judgements of `cranqrel`. Its codes go from 1, a complete answer, to 4, of minimum interest;
/// they become gains from 4 to 1. The code -1 marks one document for each question, and is not among
/// those that the collection's makers define: its gain is 0. Other numbers are no codes: who writes
/// them means something else, and more may be better there.
///
/// # Errors
/// [`EvaluateError`], when it is no such file.
pub fn cranfield_judgements(file: &str) -> Result<Judgements, EvaluateError> {
    let mut judgements = Judgements::new();
    for (index, line) in file.lines().enumerate() {
        let refused = |why: &str| EvaluateError::Line { line: index + 1, why: why.to_owned() };
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (query, document, code) = match fields[..] {
            [] => continue,
            [query, document, code] => (query, document, code),
            _ => return Err(refused("expected a query, a document and a code")),
        };
        let code: i32 = code.parse().map_err(|_| refused("the code is no number"))?;
        let gain = match code {
            1..=5 => u32::try_from(5 - code).unwrap_or_default(),
            -1 => 0,
            _ => return Err(refused("the code is not among Cranfield's, which are -1 and 1 to 5")),
        };
        let judged = judgements.entry(query.to_owned()).or_default();
        // A document that is there twice keeps its better judgement.
        let known = judged.entry(document.to_owned()).or_default();
        *known = gain.max(*known);
    }
    if judgements.is_empty() { Err(EvaluateError::Nothing("judgements")) } else { Ok(judgements) }
}

#[derive(Default)]
struct Record {
    id: String,
    title: String,
    words: String,
}

/// Records begin with `.I`, and their fields with a line of a dot and a letter.
fn records(file: &str) -> Result<Vec<Record>, EvaluateError> {
    let mut records: Vec<Record> = Vec::new();
    let mut field = ' ';
    for (index, line) in file.lines().enumerate() {
        if let Some(id) = line.strip_prefix(".I ") {
            records.push(Record { id: id.trim().to_owned(), ..Record::default() });
            field = ' ';
            continue;
        }
        if let Some(letter) = line.trim_end().strip_prefix('.')
            && let [letter @ b'A'..=b'Z'] = letter.as_bytes()
        {
            field = char::from(*letter);
            continue;
        }
        let Some(record) = records.last_mut() else {
            if line.trim().is_empty() {
                continue;
            }
            let why = "expected a line that begins with .I".to_owned();
            return Err(EvaluateError::Line { line: index + 1, why });
        };
        let text = match field {
            'T' => &mut record.title,
            'W' => &mut record.words,
            _ => continue,
        };
        text.push_str(line);
        text.push('\n');
    }
    Ok(records)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn some<T>(items: Vec<T>, what: &'static str) -> Result<Vec<T>, EvaluateError> {
    if items.is_empty() { Err(EvaluateError::Nothing(what)) } else { Ok(items) }
}
