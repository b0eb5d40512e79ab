//! The last node: turns the passage numbers that the answer mentions into citations.

use vpaura_graph::{Ctx, NodeError};

use super::citations::citations;
use super::state::{ChatEvent, ChatState, ChatStateUpdate};

pub(super) async fn format_response(ctx: Ctx<ChatState>) -> Result<ChatStateUpdate, NodeError> {
    let mut update = ctx.update();
    for citation in citations(ctx.app(), ctx.state()).await? {
        ctx.emit(ChatEvent::Log(citation.clone())).await;
        update = update.said(citation);
    }
    Ok(update)
}
