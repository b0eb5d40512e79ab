//! The most that a call of a model may take.

use vpaura_llm::{ChatRequest, Content, ModelInfo, ModelRef, Params, TokenUsage, count_tokens};
use vpaura_store::Spend;

use crate::Engine;

/// Tokens that a provider puts around a message or passage, at most.
const AROUND: u64 = 16;
/// Tokens of what providers tell a model of tools in general.
const ABOUT_TOOLS: u64 = 600;
/// Providers whose models count tokens as we do.
const COUNTED_EXACTLY: [&str; 2] = ["openai", "azure"];

impl Engine {
    /// The most that asking `model` may take, whichever of its fallbacks answers.
    pub(crate) fn most_of_call(&self, model: &ModelRef, request: &ChatRequest) -> Spend {
        let size = Size::of(request);
        let mut most = Spend::default();
        for candidate in [model].into_iter().chain(self.models.fallbacks()) {
            let Some(info) = self.models.info(candidate) else { continue };
            let spend = most_of(&info, &size, &request.params);
            most.tokens = most.tokens.max(spend.tokens);
            most.money = most.money.max(spend.money);
        }
        most
    }
}

/// How large a prompt is.
struct Size {
    /// As OpenAI's models count it.
    tokens: u64,
    /// No token is empty, so it has no more of them in any vocabulary.
    bytes: u64,
    /// What providers add.
    added: u64,
}

impl Size {
    fn of(request: &ChatRequest) -> Self {
        let mut size = Self { tokens: 0, bytes: 0, added: 0 };
        for message in &request.messages {
            size.added += AROUND;
            for content in &message.content {
                match content {
                    Content::Text(text) => size.add(text),
                    Content::Reasoning { text, signature } => {
                        size.add(text);
                        size.add(signature.as_deref().unwrap_or_default());
                    }
                    Content::ToolCall { id, name, arguments } => {
                        [id, name, arguments].into_iter().for_each(|text| size.add(text));
                    }
                    Content::ToolResult { id, output, .. } => {
                        [id, output].into_iter().for_each(|text| size.add(text));
                    }
                }
            }
        }
        for passage in request.passages.iter() {
            size.added += AROUND;
            size.add(&passage.document);
            passage.headings.iter().for_each(|heading| size.add(heading));
            size.add(&passage.text);
        }
        for tool in &request.tools {
            size.added += AROUND;
            size.add(&tool.name);
            size.add(&tool.description);
            size.add(&tool.parameters.to_string());
        }
        if !request.tools.is_empty() {
            size.added += ABOUT_TOOLS;
        }
        size
    }

    fn add(&mut self, text: &str) {
        self.tokens += count_tokens(text) as u64;
        self.bytes += text.len() as u64;
    }

    /// The most tokens that a provider makes of it.
    fn most_tokens(&self, provider: &str) -> u64 {
        let exact = COUNTED_EXACTLY.contains(&provider);
        let margin = if exact { 0 } else { self.tokens / 2 };
        (self.tokens + margin).min(self.bytes) + self.added
    }
}

fn most_of(info: &ModelInfo, size: &Size, params: &Params) -> Spend {
    let input = size.most_tokens(&info.id.provider);
    let output = u64::from(params.max_tokens.unwrap_or(info.max_output).min(info.max_output));
    // What is written into a provider's cache may cost more than what is not.
    let plain = TokenUsage { input, output, ..TokenUsage::default() };
    let written = TokenUsage { cache_written: input, ..plain };
    let money = info.usage(&plain).cost.max(info.usage(&written).cost);
    Spend { tokens: input.saturating_add(output), money }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::Role;
    use vpaura_llm::{ChatMessage, Price, ToolSpec};

    use super::*;

    fn info(provider: &str) -> ModelInfo {
        ModelInfo {
            id: ModelRef::new(provider, "m"),
            name: "m".into(),
            context_window: 100_000,
            max_output: 1_000,
            price: Some(Price {
                input: 1_000_000,
                cached: 100_000,
                cache_written: 1_250_000,
                output: 2_000_000,
            }),
            tools: true,
            builtin: false,
            default: false,
        }
    }

    fn request(text: &str) -> ChatRequest {
        let messages = vec![ChatMessage::text(Role::User, text)];
        ChatRequest { messages, ..ChatRequest::default() }
    }

    #[test]
    fn a_call_takes_its_prompt_and_the_longest_answer() {
        let request = request("hello world");
        let size = Size::of(&request);
        let params = Params { max_tokens: Some(10), ..Params::default() };
        let spend = most_of(&info("openai"), &size, &params);
        assert_eq!(spend.tokens, 2 + AROUND + 10);
        assert_eq!(spend.money, ((2 + AROUND) * 5).div_ceil(4) + 20);
        let none = most_of(&info("openai"), &size, &Params::default());
        assert_eq!(none.tokens, 2 + AROUND + 1_000, "the model's own limit");
    }

    #[test]
    fn other_vocabularies_have_room_but_no_more_tokens_than_bytes() {
        let words = "lorem ipsum dolor sit amet ".repeat(100);
        let counted = count_tokens(&words) as u64;
        let size = Size::of(&request(&words));
        assert_eq!(size.most_tokens("openai"), counted + AROUND);
        assert_eq!(size.most_tokens("anthropic"), counted + counted / 2 + AROUND);
        assert_eq!(
            Size::of(&request("%%")).most_tokens("x"),
            2.min(count_tokens("%%") as u64 * 3 / 2) + AROUND
        );
    }

    #[test]
    fn tools_are_part_of_the_prompt() {
        let mut with = request("hi");
        with.tools.push(ToolSpec {
            name: "look".into(),
            description: "Looks.".into(),
            parameters: serde_json::json!({ "type": "object" }),
        });
        let (with, without) = (Size::of(&with), Size::of(&request("hi")));
        assert!(with.most_tokens("x") > without.most_tokens("x") + ABOUT_TOOLS);
    }
}
