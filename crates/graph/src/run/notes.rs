//! What is known of a step that was begun before: what its checkpoint and its records say.

use std::sync::Arc;

use crate::codec::{Body, Finished, Kept};
use crate::journal::{Journal, Text, encode};
use crate::store::Record;
use crate::subgraph::STEP;
use crate::{GraphError, Usage};

/// The note of what an unfinished step has used up.
pub(crate) const USED: &str = "used";

/// The notes of what tasks have used up that have limits of their own.
pub(crate) const SPENT: &str = "spent";

/// The notes that hold: those that the checkpoint keeps, and over them what was recorded since.
pub(crate) fn of_step(kept: Vec<Kept>, records: Vec<Record>) -> Vec<Record> {
    let kept = kept.into_iter().map(|(path, slot, body)| Record {
        base: 0,
        path,
        slot,
        body: body.get().to_owned(),
    });
    // The later of two in the same place is the one that counts.
    kept.chain(records).collect()
}

/// What is used up, with what the unfinished step has used: the counts in its notes go on from the
/// checkpoint's.
pub(crate) fn used(mut used: Usage, records: &[Record]) -> Usage {
    for record in records {
        let noted = match record.slot.as_str() {
            USED => serde_json::from_str(&record.body).ok(),
            "done" => serde_json::from_str(&record.body).ok().map(|note: Finished| note.u),
            // A step of a nested graph.
            slot if slot.starts_with(STEP) => {
                serde_json::from_str(&record.body).ok().map(|step: Body| step.u)
            }
            _ => None,
        };
        // A note that cannot be read is reported by whoever needs it.
        let noted: Usage = noted.unwrap_or_default();
        used.tokens = used.tokens.max(noted.tokens);
        used.micro_usd = used.micro_usd.max(noted.micro_usd);
    }
    used
}

/// Notes what the unfinished step has used up; stored with the end of the run.
pub(super) fn keep_used(journal: &Journal, used: Usage) -> Result<(), GraphError> {
    if !used.is_zero() {
        let path: Arc<str> = "".into();
        journal.put_later(0, &path, USED, Text::Made(encode(&path, &used)?));
    }
    Ok(())
}
