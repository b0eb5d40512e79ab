//! Finding the passages of attached files that a question is about: split, rank, and fit into a
//! token budget. The first form of retrieval; collections get their own crate.

mod rank;
mod split;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vpaura_domain::{Citation, FileId};

pub(crate) use rank::rank;
pub(crate) use split::split;

/// A passage of a file's text. The span counts `char`s, the lines count from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Excerpt {
    pub(crate) file_id: FileId,
    pub(crate) document: Arc<str>,
    pub(crate) text: Arc<str>,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) line_start: u32,
    pub(crate) line_end: u32,
    /// How well it answers the question; only comparable within one ranking.
    pub(crate) score: f32,
}

/// The most characters of a passage that a citation quotes.
const MAX_QUOTE_CHARS: usize = 2_000;

impl Excerpt {
    /// The citation with the number `index` that points at this passage.
    pub(crate) fn citation(&self, index: u32) -> Citation {
        Citation {
            index,
            file_id: self.file_id,
            document: self.document.to_string(),
            quote: self.text.chars().take(MAX_QUOTE_CHARS).collect(),
            start: self.start,
            end: self.end,
            line_start: self.line_start,
            line_end: self.line_end,
        }
    }
}

/// The passages to give a model: the best ones that fit into `budget` tokens, in the order of
/// the documents. Everything fits for a small file; of a large one the best passages are taken.
pub(crate) fn select(question: &str, mut all: Vec<Excerpt>, budget: usize) -> Vec<Excerpt> {
    rank(question, &mut all);
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| all[b].score.total_cmp(&all[a].score).then(a.cmp(&b)));
    let mut left = budget;
    let mut taken = vec![false; all.len()];
    for index in order {
        match vpaura_llm::count_tokens_up_to(&all[index].text, left) {
            Some(tokens) => {
                left -= tokens;
                taken[index] = true;
            }
            None if left < budget / 8 => break,
            None => {}
        }
    }
    let mut keep = taken.into_iter();
    all.retain(|_| keep.next().unwrap_or(false));
    all
}
