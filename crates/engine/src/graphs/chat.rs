//! The chat graph:
//!
//! ```text
//! retrieve_context → call_model → format_response
//!                        ↕
//!                    call_tool (once for each call)
//! ```
//!
//! `retrieve_context` assembles the prompt, in this order: the user's profile, the chatbot's system
//! prompt, the history that fits, the question, and (numbered, beside it) the passages of the
//! chatbot's collections and of attached files; where something was said before, a model first puts
//! the question into words to search for. Whatever enters is bounded by the model's token budget;
//! the system prompt and the question are never cut.
//! `call_model` sends each tool call to a `call_tool` of its own and is called again when all have
//! answered. A tool that changes something asks for approval first; what one finds is numbered too.
//! `format_response` makes citations of the numbers that the answer mentions; of those of an answer
//! that is stopped before, the run does.

mod call_model;
mod call_tool;
mod citations;
mod format_response;
mod reply;
mod retrieve_context;
mod search_words;
mod since;
mod state;

use vpaura_graph::{BuildError, END, Graph, GraphBuilder};

pub(crate) use call_model::first_requests;
pub(crate) use citations::citations;
pub(crate) use state::{ChatContext, ChatEvent, ChatState, ChatStateUpdate, Question};

/// How often tools may be called before the answer must be given.
const MAX_TOOL_ROUNDS: u32 = 8;

/// How many tool calls of an answer run at once.
const TOOLS_AT_ONCE: usize = 4;

/// Steps that a chat can take at most.
const STEP_LIMIT: u32 = 4 + 2 * MAX_TOOL_ROUNDS;

/// Builds the graph.
pub(crate) fn build() -> Result<Graph<ChatState>, BuildError> {
    let mut graph = GraphBuilder::<ChatState>::new("chat");
    let retrieve = graph.node("retrieve_context", retrieve_context::retrieve_context);
    let format = graph.node("format_response", format_response::format_response);
    let tool = graph.worker("call_tool", call_tool::call_tool);
    let model = graph.node("call_model", move |ctx| call_model::call_model(ctx, tool, format));
    graph.tune(tool).concurrency(TOOLS_AT_ONCE);
    graph
        .step_limit(STEP_LIMIT)
        .strict()
        .start(retrieve)
        .edge(retrieve, model)
        .sends(model, tool)
        .goes(model, format)
        .edge(tool, model)
        .edge(format, END);
    graph.build()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_graph_is_sound() {
        super::build().expect("builds");
    }
}
