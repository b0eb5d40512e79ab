//! What is known of models: sizes and prices.

mod known;

use vpaura_domain::Usage;

use crate::{ModelRef, ModelSettings, TokenUsage};
pub(crate) use known::{find, of_host};

/// The window assumed of an unknown model on one's own machine, where memory is short.
const LOCAL_WINDOW: u32 = 8_192;
/// The window assumed of an unknown model elsewhere.
const REMOTE_WINDOW: u32 = 128_000;
/// The output assumed of an unknown model: a window's quarter, at most this.
const MAX_ASSUMED_OUTPUT: u32 = 8_192;

/// A model on offer.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// Its full name.
    pub id: ModelRef,
    /// The name shown to people.
    pub name: String,
    /// Tokens it can read and write together.
    pub context_window: u32,
    /// Tokens it can write.
    pub max_output: u32,
    /// What it costs; unknown or free: none.
    pub price: Option<Price>,
    /// Whether it can use tools.
    pub tools: bool,
    /// Whether it is the built-in one.
    pub builtin: bool,
    /// Whether it is used where none is asked for.
    pub default: bool,
}

impl ModelInfo {
    /// From the settings, else the catalogue, else cautious defaults. `host` is the row the
    /// provider is served by, `local` whether that is one's own machine.
    pub(crate) fn new(id: ModelRef, settings: &ModelSettings, host: &str, local: bool) -> Self {
        let known = find(host, &settings.name);
        let context_window = settings
            .context_window
            .or(known.map(|k| k.context_window))
            .unwrap_or(if local { LOCAL_WINDOW } else { REMOTE_WINDOW });
        let max_output = settings
            .max_output
            .or(known.map(|k| k.max_output))
            .unwrap_or((context_window / 4).min(MAX_ASSUMED_OUTPUT));
        Self {
            name: settings
                .display_name
                .clone()
                .or(known.map(|k| k.title.to_owned()))
                .unwrap_or_else(|| settings.name.clone()),
            context_window,
            max_output: max_output.min(context_window),
            price: settings.price.or(known.map(|k| k.price)),
            // Models on one's own machine often cannot, and then answer with an error.
            tools: settings.tools.unwrap_or(known.is_some() || !local),
            builtin: false,
            default: false,
            id,
        }
    }

    /// The usage of a call with its cost.
    pub fn usage(&self, tokens: &TokenUsage) -> Usage {
        Usage {
            input: tokens.input,
            output: tokens.output,
            cached: tokens.cached,
            cost: self.price.map_or(0, |price| price.cost(tokens)),
        }
    }
}

/// What a model costs, in millionths of a US dollar per million tokens: a price of 2.50 $ per
/// million tokens is 2,500,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Tokens sent.
    pub input: u64,
    /// Tokens sent that the provider served from its prompt cache.
    pub cached: u64,
    /// Tokens sent that the provider wrote into its prompt cache.
    pub cache_written: u64,
    /// Tokens received.
    pub output: u64,
}

impl Price {
    /// The cost of a call in millionths of a US dollar, rounded to the nearest. Cached tokens are
    /// part of the input and are charged once, at their own rate.
    pub fn cost(&self, tokens: &TokenUsage) -> u64 {
        let cached = tokens.cached.min(tokens.input);
        let written = tokens.cache_written.min(tokens.input - cached);
        let plain = tokens.input - cached - written;
        let sum: u128 = [
            (plain, self.input),
            (cached, self.cached),
            (written, self.cache_written),
            (tokens.output, self.output),
        ]
        .into_iter()
        .map(|(count, price)| u128::from(count) * u128::from(price))
        .sum();
        u64::try_from((sum + 500_000) / 1_000_000).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICE: Price =
        Price { input: 3_000_000, cached: 300_000, cache_written: 3_750_000, output: 15_000_000 };

    #[test]
    fn cached_tokens_are_charged_once_at_their_own_rate() {
        let tokens = TokenUsage { input: 1_000, output: 100, cached: 600, cache_written: 300 };
        // 100 × 3 + 600 × 0.3 + 300 × 3.75 + 100 × 15
        assert_eq!(PRICE.cost(&tokens), 300 + 180 + 1_125 + 1_500);
        assert_eq!(PRICE.cost(&TokenUsage::default()), 0);
    }

    #[test]
    fn odd_counts_neither_overflow_nor_go_below_zero() {
        let odd = TokenUsage { input: 10, output: 0, cached: 50, cache_written: 50 };
        assert_eq!(PRICE.cost(&odd), 3);
        let huge = TokenUsage { input: u64::MAX, output: u64::MAX, cached: 0, cache_written: 0 };
        assert_eq!(PRICE.cost(&huge), u64::MAX);
    }

    #[test]
    fn settings_win_over_the_catalogue_and_that_over_defaults() {
        let info = |host: &str, settings: &ModelSettings, local| {
            ModelInfo::new(ModelRef::new("p", settings.name.clone()), settings, host, local)
        };
        let known = info("openai", &"gpt-4o".into(), false);
        assert_eq!((known.context_window, known.max_output), (128_000, 16_384));
        assert!(known.price.is_some() && known.tools);

        let own = ModelSettings {
            context_window: Some(1_000),
            tools: Some(false),
            ..ModelSettings::from("gpt-4o")
        };
        let own = info("openai", &own, false);
        assert_eq!((own.context_window, own.max_output, own.tools), (1_000, 1_000, false));

        let local = info("ollama", &"something".into(), true);
        assert_eq!((local.context_window, local.max_output), (8_192, 2_048));
        assert_eq!((local.price, local.tools), (None, false));
        let able = ModelSettings { tools: Some(true), ..ModelSettings::from("something") };
        assert!(info("ollama", &able, true).tools);
        assert!(info("groq", &"something".into(), false).tools);
        assert_eq!(info("groq", &"something".into(), false).context_window, 128_000);
    }
}
