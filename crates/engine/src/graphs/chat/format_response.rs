//! The last node: turns the passage numbers that the answer mentions into citations.

use vpaura_domain::{Citation, RunEventKind};
use vpaura_graph::{Ctx, NodeError};

use super::since::Gone;
use super::state::{ChatEvent, ChatState, ChatStateUpdate};

pub(super) async fn format_response(ctx: Ctx<ChatState>) -> Result<ChatStateUpdate, NodeError> {
    let state = ctx.state();
    let mut update = ctx.update();
    if state.cited.is_empty() {
        return Ok(update);
    }
    let gone = Gone::from(ctx.app(), state).await?;
    for &index in &state.cited {
        // A model may invent a number; only real passages become citations.
        let of_prompt = || state.prompt.excerpts.get(index.checked_sub(1)? as usize);
        if let Some(excerpt) = of_prompt().or_else(|| state.found.get(&index)) {
            // What the answer said before the run stood still may mention what is gone since: its
            // number still leads somewhere.
            let is_there = gone.leaves(excerpt);
            let citation = if is_there { excerpt.citation(index) } else { Citation::gone(index) };
            let citation = RunEventKind::Citation { citation };
            ctx.emit(ChatEvent::Log(citation.clone())).await;
            update = update.said(citation);
        }
    }
    Ok(update)
}
