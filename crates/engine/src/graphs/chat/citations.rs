//! What the passage numbers stand for that the answer mentions.

use vpaura_domain::{Citation, RunEventKind};

use super::since::Gone;
use super::state::{ChatContext, ChatState};

/// The citations of what was said so far, for the run's log. A model may invent a number; only real
/// passages become citations.
pub(crate) async fn citations(
    app: &ChatContext,
    state: &ChatState,
) -> crate::Result<Vec<RunEventKind>> {
    if state.cited.is_empty() {
        return Ok(Vec::new());
    }
    let gone = Gone::from(app, state).await?;
    let cited = state.cited.iter().filter_map(|&index| {
        let of_prompt = || state.prompt.excerpts.get(index.checked_sub(1)? as usize);
        let excerpt = of_prompt().or_else(|| state.found.get(&index))?;
        // What the answer said before the run stood still may mention what is gone since: its
        // number still leads somewhere.
        let is_there = gone.leaves(excerpt);
        let citation = if is_there { excerpt.citation(index) } else { Citation::gone(index) };
        Some(RunEventKind::Citation { citation })
    });
    Ok(cited.collect())
}
