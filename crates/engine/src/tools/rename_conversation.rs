//! Gives the conversation another title.

use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use vpaura_domain::{ConversationChanges, MAX_TITLE_CHARS};
use vpaura_llm::ToolSpec;

use super::{Tool, ToolAnswer, ToolContext, ToolError, failed, read_arguments};

/// The name by which models call it.
const NAME: &str = "rename_conversation";

/// The tool.
pub(super) struct RenameConversation;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    title: String,
}

impl Tool for RenameConversation {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: NAME.to_owned(),
            description: "Gives this conversation another title, in the user's list. Use it when \
                          the user asks for it."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "title": {
                        "type": "string",
                        "description": "The new title, a few words in one line.",
                        "minLength": 1,
                        "maxLength": MAX_TITLE_CHARS,
                    },
                },
                "required": ["title"],
                "additionalProperties": false,
            }),
        }
    }

    fn has_effects(&self) -> bool {
        true
    }

    fn call<'a>(
        &'a self,
        at: ToolContext<'a>,
        arguments: Value,
    ) -> BoxFuture<'a, Result<ToolAnswer, ToolError>> {
        Box::pin(async move {
            let Arguments { title } = read_arguments(arguments)?;
            let changes = ConversationChanges { title: Some(Some(title)), ..Default::default() };
            let renamed =
                at.engine.update_conversation(at.scope, at.conversation_id, changes).await;
            let title = renamed.map_err(|error| failed(NAME, error))?.title.unwrap_or_default();
            Ok(format!("The conversation is called {title:?} now.").into())
        })
    }
}
