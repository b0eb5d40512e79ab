//! The answer's words: quotes with their marks, or a plain statement that there are none.

use std::collections::HashSet;

use super::clip::clip;
use super::rank::{Ranked, rank};
use crate::{Passage, count_tokens};

/// The most quotes in an answer.
const MAX_QUOTES: usize = 3;
/// A matching sentence shorter than this may be a heading: the next one is quoted with it.
const SHORT_CHARS: usize = 60;

const NO_SOURCES: &str = "I am the built-in model of this server. I call no network and write no \
text of my own: I answer by quoting the files that you attach and the collections that this \
chatbot answers from, with citations. Nothing in them has the words of your question.\n\n\
Attach a file (PDF, Word, PowerPoint, Excel, a web page, text, Markdown or source code) and ask \
about it, or use the words of the documents themselves, and I will quote the passages that match.\n\n\
For free conversation, connect a language model and restart the server:\n\n\
- **OpenAI**: set `OPENAI_API_KEY`\n\
- **Anthropic**: set `ANTHROPIC_API_KEY`\n\
- **Ollama**, on your own machine: run `ollama pull llama3.2` and set \
`LLM_MODEL=ollama/llama3.2`\n";

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words.
    Text(String),
    /// A passage is quoted from here on: said before its first words, so that an answer that is cut
    /// off has no words of what it does not cite.
    Source { passage: u32 },
    /// The mark of a passage.
    Mark { passage: u32 },
}

impl Piece {
    /// How many tokens it has.
    pub(super) fn tokens(&self) -> u64 {
        match self {
            Self::Text(text) => count_tokens(text) as u64,
            Self::Source { .. } => 0,
            Self::Mark { passage } => count_tokens(&format!(" [{passage}]")) as u64,
        }
    }
}

/// Answers `question` from `passages`.
pub(super) async fn answer(question: &str, passages: &[Passage]) -> Vec<Piece> {
    if passages.is_empty() {
        return vec![Piece::Text(NO_SOURCES.to_owned())];
    }
    let ranked = rank(question, passages).await;
    if ranked.matches.is_empty() {
        return vec![Piece::Text(nothing_found(passages))];
    }
    let quotes = choose(&ranked);
    let name = |quote: &Quote| passages.get(quote.passage).map(|passage| passage.document.as_str());
    let mut pieces = Vec::new();
    let mut cited = Vec::new();
    let mut named = None;
    for quote in by_document(&quotes, name) {
        let Some(passage) = passages.get(quote.passage) else { continue };
        let mut lead = if pieces.is_empty() { String::new() } else { "\n\n".to_owned() };
        if named != Some(&passage.document) {
            lead.push_str(&format!("From **{}**:\n\n", escape(&passage.document)));
            named = Some(&passage.document);
        }
        let index = passage.index;
        if !cited.contains(&index) {
            pieces.push(Piece::Source { passage: index });
            cited.push(index);
        }
        pieces.push(Piece::Text(format!("{lead}> {}", quote.text)));
        pieces.push(Piece::Mark { passage: index });
    }
    pieces
}

/// The quotes with those of one document together, documents and quotes in order of merit.
fn by_document<'q>(
    quotes: &'q [Quote],
    name: impl Fn(&Quote) -> Option<&'q str>,
) -> Vec<&'q Quote> {
    let mut sorted: Vec<&Quote> = quotes.iter().collect();
    sorted.sort_by_key(|quote| quotes.iter().position(|other| name(other) == name(quote)));
    sorted
}

struct Quote {
    passage: usize,
    text: String,
}

/// The best matches as quotes. No sentence is quoted twice, nor the same words.
fn choose(ranked: &Ranked<'_>) -> Vec<Quote> {
    let mut quotes: Vec<Quote> = Vec::new();
    let mut used = HashSet::new();
    for found in &ranked.matches {
        let place = (found.passage, found.sentence);
        let Some(own) = ranked.sentences.get(found.passage) else { continue };
        let Some(sentence) = own.get(found.sentence) else { continue };
        if !used.insert(place) {
            continue;
        }
        let mut text = tidy(sentence);
        if text.chars().count() < SHORT_CHARS
            && let Some(next) = own.get(found.sentence + 1)
            && used.insert((found.passage, found.sentence + 1))
        {
            let heading = text.ends_with(char::is_alphanumeric);
            text.push_str(if heading { ": " } else { " " });
            text.push_str(&tidy(next));
        }
        let text = clip(text, |text| ranked.hits(text));
        if quotes.iter().any(|quote| quote.text == text) {
            continue;
        }
        quotes.push(Quote { passage: found.passage, text });
        if quotes.len() == MAX_QUOTES {
            break;
        }
    }
    quotes
}

/// Names no document: nothing is cited here, so nothing would say later whom the name may be shown.
fn nothing_found(passages: &[Passage]) -> String {
    let documents: HashSet<&str> = passages.iter().map(|it| it.document.as_str()).collect();
    let looked_at = match documents.len() {
        1 => "the document that I looked at".to_owned(),
        several => format!("the {several} documents that I looked at"),
    };
    format!(
        "I found nothing relevant to that in {looked_at}.\n\nAs the built-in model I can only quote \
         passages whose words match the question. Try the words that the documents themselves would \
         use, or connect a language model for questions about the whole."
    )
}

/// A sentence on one line, without the marks that made it a heading, a quote or a list item.
fn tidy(sentence: &str) -> String {
    let marks = ['#', '>', '-', '*', '+', '|', ' ', '\t'];
    sentence.trim_start_matches(marks).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A document's name as plain Markdown text on one line.
fn escape(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        if "\\`*_[]<>#|~".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::clip::MAX_QUOTE_CHARS;
    use super::*;

    fn passage(index: u32, document: &str, text: &str) -> Passage {
        let (document, text) = (document.into(), text.into());
        Passage { index, document, headings: Vec::new(), text, score: 0.0 }
    }

    async fn text(question: &str, passages: &[Passage]) -> String {
        answer(question, passages)
            .await
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Source { .. } => String::new(),
                Piece::Mark { passage } => format!(" [{passage}]"),
            })
            .collect()
    }

    #[tokio::test]
    async fn a_source_is_named_once_and_before_its_words() {
        let rules = "# Refunds\nRefunds are paid within 30 days. Refunds need a receipt. Nothing \
            else matters here at all, whatever you may read elsewhere.";
        let passages = [passage(1, "menu.md", "Lunch is at noon."), passage(2, "rules.md", rules)];
        let pieces = answer("How do refunds work?", &passages).await;
        let sources = pieces.iter().filter(|piece| matches!(piece, Piece::Source { .. })).count();
        assert_eq!((sources, &pieces[0]), (1, &Piece::Source { passage: 2 }), "{pieces:?}");
    }

    #[tokio::test]
    async fn quotes_carry_their_marks() {
        let passages = [
            passage(1, "menu_a.md", "Lunch is at noon."),
            passage(
                2,
                "rules.md",
                "# Refunds\nRefunds are paid within 30 days. Refunds need a \
                receipt. Nothing else matters here at all, whatever you may read elsewhere.",
            ),
        ];
        insta::assert_snapshot!(text("How do refunds work?", &passages).await, @r"
        From **rules.md**:

        > Refunds: Refunds are paid within 30 days. [2]

        > Refunds need a receipt. Nothing else matters here at all, whatever you may read elsewhere. [2]
        ");
        insta::assert_snapshot!(text("When is lunch?", &passages).await, @r"
        From **menu\_a.md**:

        > Lunch is at noon. [1]
        ");
    }

    #[tokio::test]
    async fn nothing_relevant_is_said_plainly_and_names_nothing() {
        let passages = [
            passage(1, "a.md", "Lunch is at noon."),
            passage(2, "a.md", "Dinner."),
            passage(3, "b.md", "Breakfast."),
        ];
        insta::assert_snapshot!(text("quantum chromodynamics", &passages[..2]).await, @r"
        I found nothing relevant to that in the document that I looked at.

        As the built-in model I can only quote passages whose words match the question. Try the words that the documents themselves would use, or connect a language model for questions about the whole.
        ");
        let of_both = text("quantum chromodynamics", &passages).await;
        assert!(of_both.contains("in the 2 documents that I looked at."), "{of_both}");
    }

    #[tokio::test]
    async fn without_passages_it_says_what_it_is() {
        let text = text("hello", &[]).await;
        for word in ["built-in", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "Ollama", "Attach"] {
            assert!(text.contains(word), "{word}");
        }
    }

    #[tokio::test]
    async fn long_sentences_are_clipped() {
        let long = format!("refund {}", "word ".repeat(1_000));
        let text = text("refund", &[passage(1, "a", &long)]).await;
        assert!(
            text.chars().count() < MAX_QUOTE_CHARS + 50 && text.contains("word… [1]"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn a_long_sentence_is_quoted_where_it_matches() {
        let thai = format!("{}คืนเงินใช้เวลาสามสิบวัน{}", "อาหาร".repeat(300), "ตลาด".repeat(300));
        let row = format!("| {}refund: 30 days{} |", "cell | ".repeat(300), " | cell".repeat(300));
        let cells: Vec<_> = (0..300).map(|n| format!("\"k{n}\":\"v{n}\"")).collect();
        let json = format!("{{{},\"refund\":\"30 days\"}}", cells.join(","));
        for (question, long, part) in [
            ("คืนเงินกี่วัน", &thai, "คืนเงินใช้เวลาสามสิบวัน"),
            ("refund?", &row, "refund: 30 days"),
            ("refund?", &json, "\"refund\":\"30 days\"}"),
        ] {
            let text = text(question, &[passage(1, "a", long)]).await;
            assert!(text.contains(part) && text.contains("> …"), "{text}");
            assert!(text.chars().count() < MAX_QUOTE_CHARS + 50, "{text}");
        }
    }
}
