//! The built-in model: no network, no generation. It answers by quoting the passages that match
//! the question best, with their marks, and says plainly when none does.
//!
//! It knows no language: words are compared as Unicode cuts them, scripts without spaces by pairs
//! of characters, and common words lose their weight by being common in the passages at hand.

mod answer;
mod clip;
mod rank;
mod terms;

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use unicode_segmentation::UnicodeSegmentation;
pub use vpaura_domain::EXTRACTIVE_MODEL;
use vpaura_domain::Role;

use crate::{
    ChatModel, ChatRequest, Content, LlmError, ModelEvent, ModelInfo, ModelRef, ModelStream,
    StopReason, TokenUsage, count_tokens,
};
use answer::Piece;

/// How many words make a streamed piece.
const PIECE_WORDS: usize = 6;

/// The built-in model, see the module.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExtractiveModel;

impl ExtractiveModel {
    /// Its name as a reference.
    pub(crate) fn id() -> ModelRef {
        ModelRef::new("builtin", "extractive")
    }

    /// What it offers. It reads everything it is given and writes a few quotes.
    pub(crate) fn info() -> ModelInfo {
        ModelInfo {
            id: Self::id(),
            name: "Built-in (quotes your files)".to_owned(),
            context_window: 1_000_000,
            max_output: 4_096,
            price: None,
            tools: false,
            builtin: true,
            default: false,
        }
    }
}

#[async_trait]
impl ChatModel for ExtractiveModel {
    async fn stream(&self, _model: &str, request: &ChatRequest) -> Result<ModelStream, LlmError> {
        let question = request
            .messages
            .iter()
            .rfind(|message| message.role == Role::User)
            .map(crate::ChatMessage::joined_text)
            .unwrap_or_default();
        let pieces = answer::answer(&question, &request.passages).await;
        let usage = TokenUsage {
            input: count_input(request).await,
            output: pieces.iter().map(Piece::tokens).sum(),
            ..TokenUsage::default()
        };
        let events: Vec<_> = pieces
            .into_iter()
            .flat_map(into_events)
            .chain([ModelEvent::Usage(usage), ModelEvent::Stop(StopReason::End)])
            .map(Ok)
            .collect();
        Ok(stream::iter(events).boxed())
    }

    async fn check(&self) -> Result<(), LlmError> {
        Ok(())
    }
}

async fn count_input(request: &ChatRequest) -> u64 {
    let mut tokens = 0;
    for content in request.messages.iter().flat_map(|message| &message.content) {
        if let Content::Text(text) = content {
            tokens += count_tokens(text) as u64;
        }
    }
    for passage in request.passages.iter() {
        tokens += count_tokens(&passage.text) as u64;
        // Many long passages must not hold up the other tasks of this thread.
        tokio::task::yield_now().await;
    }
    tokens
}

/// A piece as it is streamed: a few words at a time.
fn into_events(piece: Piece) -> Vec<ModelEvent> {
    match piece {
        Piece::Text(text) => {
            let bounds: Vec<&str> = text.split_word_bounds().collect();
            bounds
                .chunks(2 * PIECE_WORDS)
                .map(|words| ModelEvent::Text(words.concat().into()))
                .collect()
        }
        Piece::Source { passage } => vec![ModelEvent::Citation { passage }],
        Piece::Mark { passage } => vec![ModelEvent::Text(format!(" [{passage}]").into())],
    }
}
