//! Questions of the step in progress, and the answers that a run brings.

use super::Answers;
use crate::ctx::{ASK, Asked};
use crate::journal::{Journal, Place, encode};
use crate::{Ask, GraphError};

/// The notes of all answers.
pub(super) fn given(
    journal: &Journal,
    answers: Answers,
) -> Result<Vec<(Place, String)>, GraphError> {
    let mut notes: Vec<(Place, String)> = Vec::with_capacity(answers.len());
    for (id, answer) in answers {
        let reason = |error: serde_json::Error| error.to_string();
        let bad = |reason| GraphError::BadAnswer { ask: id.clone(), reason };
        let answer = answer.map_err(reason).map_err(bad)?;
        let note = give(journal, id.clone(), answer)?;
        // Which of two would count is nobody's to say.
        if notes.iter().any(|(place, given)| *place == note.0 && *given != note.1) {
            return Err(bad("it is answered twice".to_owned()));
        }
        notes.push(note);
    }
    Ok(notes)
}

/// The note of an answer with its question. The node may have acted on an answer that was given
/// before, so only the same one can be given again.
fn give(
    journal: &Journal,
    id: String,
    answer: serde_json::Value,
) -> Result<(Place, String), GraphError> {
    let mut open = Vec::new();
    for (place, note) in journal.all(ASK) {
        let asked = read_ask(&place.0, &note.make()?)?;
        if asked.ask.id == id && asked.answer.as_ref().is_none_or(|given| *given == answer) {
            let note = encode(&asked.ask.path.clone(), &Asked { answer: Some(answer), ..asked })?;
            return Ok((place, note));
        }
        if asked.answer.is_none() {
            open.push(asked.ask.id);
        }
    }
    Err(GraphError::UnknownAsk { ask: id, open })
}

/// The questions without an answer.
pub(crate) fn open_asks(journal: &Journal) -> Result<Vec<Ask>, GraphError> {
    let mut asks = Vec::new();
    for ((path, _), note) in journal.all(ASK) {
        let asked = read_ask(&path, &note.make()?)?;
        if asked.answer.is_none() {
            asks.push(asked.ask);
        }
    }
    Ok(asks)
}

fn read_ask(path: &str, note: &str) -> Result<Asked, GraphError> {
    serde_json::from_str(note)
        .map_err(|error| GraphError::Encode { path: path.into(), reason: error.to_string() })
}

/// Makes a badly answered question open again.
pub(super) async fn reopen(journal: &Journal, error: &GraphError) -> Result<(), GraphError> {
    let GraphError::BadAnswer { ask, .. } = error else { return Ok(()) };
    for ((path, slot), note) in journal.all(ASK) {
        let asked = read_ask(&path, &note.make()?)?;
        if asked.ask.id == *ask {
            let note = encode(&asked.ask.path.clone(), &Asked { answer: None, ..asked })?;
            journal.put_at(path, slot, note).await?;
        }
    }
    Ok(())
}
