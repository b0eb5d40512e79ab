//! How good a ranking is: judgements, and the measures recall, MRR and nDCG.

mod beir;
mod cranfield;
mod measure;
mod qrels;

use std::collections::HashMap;

pub use beir::{beir_documents, beir_queries};
pub use cranfield::{cranfield_documents, cranfield_judgements, cranfield_queries};
pub use measure::{Measures, mean, measure};
pub use qrels::{QrelsFormat, qrels};

/// How relevant documents are to one query, by their ids: 0 is not at all. A document that is not
/// there was not judged, and counts as not relevant.
pub type Judged = HashMap<String, u32>;

/// The judgements by the id of the query.
pub type Judgements = HashMap<String, Judged>;

/// A document of a test collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestDocument {
    /// Its id in the judgements.
    pub id: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Its words.
    pub text: String,
}

/// A query of a test collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestQuery {
    /// Its id in the judgements.
    pub id: String,
    /// Its words.
    pub text: String,
}

/// Why a test collection cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A line is not what the format says.
    #[error("line {line}: {why}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// There is nothing in it.
    #[error("there are no {0} in it")]
    Nothing(&'static str),
}

#[cfg(test)]
mod tests;
