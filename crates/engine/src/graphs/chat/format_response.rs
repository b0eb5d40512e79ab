//! The last node: turns the passage numbers that the answer mentions into citations.

use vpaura_domain::RunEventKind;
use vpaura_graph::{Ctx, NodeError};

use super::state::{ChatEvent, ChatState, ChatStateUpdate};

pub(super) async fn format_response(ctx: Ctx<ChatState>) -> Result<ChatStateUpdate, NodeError> {
    let state = ctx.state();
    let mut update = ctx.update();
    for &index in &state.cited {
        // A model may invent a number; only real passages become citations.
        let of_prompt = || state.prompt.excerpts.get(index.checked_sub(1)? as usize);
        if let Some(excerpt) = of_prompt().or_else(|| state.found.get(&index)) {
            let citation = RunEventKind::Citation { citation: excerpt.citation(index) };
            ctx.emit(ChatEvent::Log(citation.clone())).await;
            update = update.said(citation);
        }
    }
    Ok(update)
}
