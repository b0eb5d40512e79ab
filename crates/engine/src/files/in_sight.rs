//! The files that a question is about.

use vpaura_domain::{FileId, Message};

use crate::history::Window;

/// Files of a conversation that are searched.
const MAX_FILES: usize = 20;

/// The files attached to the question or earlier in the window, the latest first; at most 20.
pub(crate) fn in_sight(question: &Message, window: &Window) -> Vec<FileId> {
    let mut files: Vec<FileId> = Vec::new();
    let earlier = window.iter().rev().flat_map(|past| past.files.iter().copied());
    for id in question.file_ids().chain(earlier) {
        if files.len() < MAX_FILES && !files.contains(&id) {
            files.push(id);
        }
    }
    files
}
