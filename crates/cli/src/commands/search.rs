//! `vpaura search`: what of the collections fits a query, with scores and places.

use clap::Args;
use vpaura_domain::Hit;

use crate::error::{Error, Result};
use crate::library::Library;
use crate::terminal;

/// How much of a passage is shown, in characters.
const SHOWN_CHARS: usize = 300;

/// Searches collections.
#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to search for
    #[arg(required = true)]
    query: Vec<String>,
    /// The collection's name; all that you see when absent
    #[arg(long)]
    collection: Option<String>,
    /// How many passages, at most 50
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=50))]
    limit: u32,
    /// Print the hits as JSON, one a line
    #[arg(long)]
    json: bool,
    /// A server to ask; without it the engine runs in this process
    #[arg(long, env = "VPAURA_SERVER")]
    server: Option<String>,
    /// The server's API key
    #[arg(long, env = "VPAURA_API_KEY", hide_env_values = true)]
    key: Option<String>,
}

impl Search {
    pub(crate) async fn run(self) -> Result<()> {
        let library = Library::open(self.server.as_deref(), self.key.clone()).await?;
        let result = self.search(&library).await;
        library.close().await;
        result
    }

    async fn search(&self, library: &Library) -> Result<()> {
        let collection = match &self.collection {
            None => None,
            Some(name) => {
                let found = library.find(name).await?;
                let missing = || Error::Refused(format!("there is no collection called {name:?}"));
                Some(found.ok_or_else(missing)?.id)
            }
        };
        let found = library.search(collection, &self.query.join(" "), self.limit).await?;
        if let Some(notice) = &found.notice {
            terminal::note(notice);
        }
        if found.hits.is_empty() && !self.json {
            terminal::note("nothing fits");
        }
        for (number, hit) in (1..).zip(&found.hits) {
            if self.json {
                let line = serde_json::to_string(hit).map_err(std::io::Error::other)?;
                terminal::print_line(&line)?;
            } else {
                terminal::print_line(&shown(number, hit))?;
            }
        }
        Ok(())
    }
}

/// A hit in a few lines: where it is, how well it fits, how it begins.
fn shown(number: usize, hit: &Hit) -> String {
    let span = &hit.chunk.span;
    let place = match (span.page_start, span.page_end) {
        (Some(first), Some(last)) if first == last => format!("page {first}"),
        (Some(first), Some(last)) => format!("pages {first}–{last}"),
        _ => format!("lines {}–{}", span.line_start, span.line_end),
    };
    let mut scores = vec![format!("score {:.4}", hit.score)];
    let part = |name: &str, score: Option<f32>| score.map(|it| format!("{name} {it:.3}"));
    scores.extend(part("words", hit.scores.bm25));
    scores.extend(part("meaning", hit.scores.vector));
    scores.extend(part("reranked", hit.scores.reranked));
    let mut text = hit.chunk.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = text.char_indices().nth(SHOWN_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    let headings = match &hit.chunk.headings[..] {
        [] => String::new(),
        headings => format!(" · {}", headings.join(" › ")),
    };
    let (name, scores) = (&hit.document.name, scores.join(", "));
    format!("{number}. {name}, {place}{headings}\n   {scores}\n   {text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_hit_says_where_it_is_and_why() {
        let id = "00000000-0000-7000-8000-000000000001";
        let hit: Hit = serde_json::from_value(json!({
            "score": 0.03,
            "scores": { "bm25": 7.5, "vector": null, "fused": 0.03, "reranked": null },
            "chunk": {
                "id": id, "document_id": id, "position": 0, "tokens": 5, "enabled": true,
                "edited": false, "text": format!("Refunds\ntake {}", "long ".repeat(100)),
                "headings": ["Policy", "Refunds"],
                "span": { "start": 0, "end": 9, "line_start": 3, "line_end": 4, "page_start": 2, "page_end": 2 },
            },
            "document": { "id": id, "collection_id": id, "name": "policy.pdf", "metadata": {} },
        }))
        .unwrap();
        let told = shown(1, &hit);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "1. policy.pdf, page 2 · Policy › Refunds");
        assert_eq!(lines[1], "   score 0.0300, words 7.500");
        assert!(lines[2].starts_with("   Refunds take long") && lines[2].ends_with('…'));
    }
}
