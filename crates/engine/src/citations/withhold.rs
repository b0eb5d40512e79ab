//! Takes out of what was stored what it quotes of files and documents that are gone for the reader:
//! deleted, or not theirs to see any more. It is asked whenever somebody reads, and nothing stored
//! is changed: what is shared with them again is quoted again.

use std::collections::{BTreeSet, HashSet};
use std::slice;

use vpaura_domain::{Citation, Message, MessageId, Part, Quoted, RunEvent, RunEventKind, Scope};

use crate::tools::lists_passages;
use crate::{Engine, Result};

/// What is left of an answer whose words were quotes.
const WORDS_GONE: &str = "What this answer quoted is not here any more, or not open to you.";

/// A place that quotes.
enum Quote<'a> {
    Citation(&'a mut Citation),
    /// What a search found, as the model read it.
    Found {
        output: &'a mut String,
        of: &'a mut Vec<Quoted>,
        gone: &'a mut bool,
    },
}

impl Engine {
    /// Leaves in the messages the quotes that the reader may see now; none for nobody. Asks the
    /// store once, where anything is quoted.
    pub(crate) async fn withhold_in_messages(
        &self,
        reader: Option<&Scope>,
        messages: &mut [Message],
    ) -> Result<()> {
        let parts = messages.iter_mut().flat_map(|message| &mut message.parts);
        self.withhold(reader, parts.filter_map(in_part).collect()).await?;
        messages.iter_mut().for_each(withhold_words);
        Ok(())
    }

    /// As [`withhold_in_messages`](Self::withhold_in_messages), in a run's log.
    pub(crate) async fn withhold_in_events(
        &self,
        reader: &Scope,
        events: &mut [RunEvent],
    ) -> Result<()> {
        let quotes = events.iter_mut().flat_map(|event| in_event(&mut event.kind));
        self.withhold(Some(reader), quotes.collect()).await?;
        for event in events {
            if let RunEventKind::RunCompleted { message } = &mut event.kind {
                withhold_words(message);
            }
        }
        Ok(())
    }

    /// Takes the words out of the log of a run that has ended, where they were quotes and one of
    /// them is gone. `from_start`: nothing was said before these events.
    pub(crate) async fn withhold_deltas(
        &self,
        reader: &Scope,
        answer: MessageId,
        events: &mut [RunEvent],
        from_start: bool,
    ) -> Result<()> {
        let deltas = events.iter_mut().filter_map(|event| match &mut event.kind {
            RunEventKind::Delta { text } => Some(text),
            _ => None,
        });
        let deltas: Vec<_> = deltas.collect();
        if deltas.is_empty() {
            return Ok(());
        }
        let Some(mut answer) = self.store.get_message(reader, answer).await? else { return Ok(()) };
        if !answer.quotes_verbatim() {
            return Ok(());
        }
        self.withhold_in_messages(Some(reader), slice::from_mut(&mut answer)).await?;
        if are_words_gone(&answer) {
            let mut left = if from_start { WORDS_GONE } else { "" };
            deltas.into_iter().for_each(|text| *text = std::mem::take(&mut left).into());
        }
        Ok(())
    }

    async fn withhold(&self, reader: Option<&Scope>, quotes: Vec<Quote<'_>>) -> Result<()> {
        let quoted: BTreeSet<Quoted> = quotes.iter().flat_map(Quote::of).collect();
        let open = match reader {
            Some(reader) if !quoted.is_empty() => self.store.still_visible(reader, &quoted).await?,
            _ => HashSet::new(),
        };
        quotes.into_iter().for_each(|quote| quote.keep_if_in(&open));
        Ok(())
    }
}

/// Whether anything is quoted in these messages.
pub(crate) fn quotes_anything(messages: &[Message]) -> bool {
    let quotes = |part: &Part| match part {
        Part::Citation(_) => true,
        Part::ToolResult { output, quotes, .. } => tells_passages(output, quotes),
        _ => false,
    };
    messages.iter().any(|it| it.quotes_verbatim() || it.parts.iter().any(quotes))
}

/// Replaces the words of an answer of quotes, unless all that it quotes is there: one word cannot be
/// told from another.
fn withhold_words(message: &mut Message) {
    if !are_words_gone(message) {
        return;
    }
    let mut left = Some(WORDS_GONE);
    message.parts.retain_mut(|part| match part {
        Part::Text { text } => left.take().is_some_and(|left| {
            left.clone_into(text);
            true
        }),
        _ => true,
    });
}

/// Whether the words are quotes of what is gone, or of what nobody knows. To be asked once the
/// citations were judged.
fn are_words_gone(message: &Message) -> bool {
    message.quotes_verbatim()
        && (message.citations().next().is_none() || message.citations().any(|it| it.gone))
}

fn in_part(part: &mut Part) -> Option<Quote<'_>> {
    match part {
        Part::Citation(citation) => Some(Quote::Citation(citation)),
        Part::ToolResult { output, quotes, gone, .. } => found(output, quotes, gone),
        _ => None,
    }
}

fn in_event(kind: &mut RunEventKind) -> Vec<Quote<'_>> {
    match kind {
        RunEventKind::Citation { citation } => vec![Quote::Citation(citation)],
        RunEventKind::ToolResult { output, quotes, gone, .. } => {
            found(output, quotes, gone).into_iter().collect()
        }
        RunEventKind::RunCompleted { message } => {
            message.parts.iter_mut().filter_map(in_part).collect()
        }
        _ => Vec::new(),
    }
}

/// What a tool answered, if there are passages in it.
fn found<'a>(
    output: &'a mut String,
    of: &'a mut Vec<Quoted>,
    gone: &'a mut bool,
) -> Option<Quote<'a>> {
    tells_passages(output, of).then_some(Quote::Found { output, of, gone })
}

fn tells_passages(output: &str, of: &[Quoted]) -> bool {
    !of.is_empty() || lists_passages(output)
}

impl Quote<'_> {
    /// What is quoted there.
    fn of(&self) -> Vec<Quoted> {
        match self {
            Self::Citation(citation) => citation.quoted().into_iter().collect(),
            Self::Found { of, .. } => of.to_vec(),
        }
    }

    /// Empties the place unless all that it quotes is open. What does not say whom it quotes (as
    /// results did not, once) is open to nobody.
    fn keep_if_in(self, open: &HashSet<Quoted>) {
        let quoted = self.of();
        if !quoted.is_empty() && quoted.iter().all(|it| open.contains(it)) {
            return;
        }
        match self {
            Self::Citation(citation) => *citation = Citation::gone(citation.index),
            Self::Found { output, of, gone } => {
                output.clear();
                of.clear();
                *gone = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vpaura_domain::{DocumentId, FileId, IdGen, SequentialIds};

    use super::*;

    fn result(output: &str, quotes: &[Quoted]) -> Part {
        Part::ToolResult {
            id: "c".into(),
            output: output.into(),
            is_error: false,
            quotes: quotes.to_vec(),
            gone: false,
        }
    }

    /// What is left of the part for somebody to whom this is open.
    fn left(mut part: Part, open: &[Quoted]) -> Part {
        let open = open.iter().copied().collect();
        if let Some(quote) = in_part(&mut part) {
            quote.keep_if_in(&open);
        }
        part
    }

    #[test]
    fn a_result_is_shown_when_all_that_it_quotes_is_open() {
        let ids = SequentialIds::default();
        let file = Quoted::File(FileId::from_uuid(ids.uuid()));
        let document = Quoted::Document(DocumentId::from_uuid(ids.uuid()));
        let both = result("[1] a secret", &[file, document]);
        assert_eq!(left(both.clone(), &[document, file]), both);
        for open in [&[document][..], &[file], &[]] {
            let Part::ToolResult { output, quotes, gone, is_error, .. } = left(both.clone(), open)
            else {
                panic!("another part")
            };
            assert_eq!((output.as_str(), quotes, gone, is_error), ("", vec![], true, false));
        }
    }

    #[test]
    fn a_listing_that_does_not_say_what_it_quotes_is_shown_to_nobody() {
        let old = result("[9] a.md, line 1:\nx\n\nCite these by their numbers, like [9].", &[]);
        assert!(matches!(left(old, &[]), Part::ToolResult { gone: true, .. }));
        for plain in ["noon", "", "Nothing in the files matches."] {
            let plain = result(plain, &[]);
            assert_eq!(left(plain.clone(), &[]), plain);
        }
    }

    #[test]
    fn a_citation_of_nothing_is_shown_to_nobody() {
        let citation = Citation { index: 2, quote: "words".into(), ..Citation::default() };
        assert_eq!(left(Part::Citation(citation), &[]), Part::Citation(Citation::gone(2)));
    }
}
