//! Joins hits that stand side by side in a document.

use vpaura_domain::{Chunk, Hit};

use crate::chunk::{count_tokens, own_text};

/// `hits`, best first, with neighbours of one document joined: the best one stands for all, with
/// their text and span. A joined hit has at most `max_tokens` tokens. Chunks that a person changed
/// stay alone: their words are not those at their span.
pub fn join_neighbours(hits: Vec<Hit>, max_tokens: u32) -> Vec<Hit> {
    let mut joined: Vec<Group> = Vec::with_capacity(hits.len());
    for hit in hits {
        let place = joined.iter_mut().find(|group| group.takes(&hit, max_tokens));
        match place {
            Some(group) => group.add(hit),
            None => joined.push(Group::new(hit)),
        }
    }
    joined.into_iter().map(Group::into_hit).collect()
}

/// A hit and its neighbours.
struct Group {
    best: Hit,
    /// All of them, in the order of the document.
    chunks: Vec<Chunk>,
    tokens: u32,
}

impl Group {
    fn new(hit: Hit) -> Self {
        Self { chunks: vec![hit.chunk.clone()], tokens: hit.chunk.tokens, best: hit }
    }

    fn takes(&self, hit: &Hit, max_tokens: u32) -> bool {
        let (Some(first), Some(last)) = (self.chunks.first(), self.chunks.last()) else {
            return false;
        };
        let beside = last.position.checked_add(1) == Some(hit.chunk.position)
            || hit.chunk.position.checked_add(1) == Some(first.position);
        beside
            && self.best.document.id == hit.document.id
            && !self.best.chunk.edited
            && !hit.chunk.edited
            && self.tokens.saturating_add(hit.chunk.tokens) <= max_tokens
    }

    fn add(&mut self, hit: Hit) {
        self.tokens = self.tokens.saturating_add(hit.chunk.tokens);
        let behind = self.chunks.partition_point(|chunk| chunk.position < hit.chunk.position);
        self.chunks.insert(behind, hit.chunk);
    }

    fn into_hit(self) -> Hit {
        let mut chunks = self.chunks.into_iter();
        let mut hit = self.best;
        let Some(mut whole) = chunks.next() else { return hit };
        let alone = chunks.len() == 0;
        chunks.for_each(|next| append(&mut whole, &next));
        if !alone {
            hit.chunk.tokens = u32::try_from(count_tokens(&whole.text)).unwrap_or(u32::MAX);
            hit.chunk.text = whole.text;
            hit.chunk.span = whole.span;
            hit.chunk.headings = whole.headings;
        }
        hit
    }
}

/// Adds the chunk that follows `whole`: without what both have, and with blanks for the blanks
/// between them, so that the text still has a character for each of its span.
fn append(whole: &mut Chunk, next: &Chunk) {
    let own = own_text(&next.text, &next.span);
    let common = whole.span.end.saturating_sub(next.span.start) as usize;
    let gap = next.span.start.saturating_sub(whole.span.end) as usize;
    let breaks = next.span.line_start.saturating_sub(whole.span.line_end) as usize;
    if gap > 0 {
        let breaks = breaks.min(gap);
        whole.text.push_str(&"\n".repeat(breaks));
        whole.text.push_str(&" ".repeat(gap - breaks));
    }
    let at = own.char_indices().nth(common).map_or(own.len(), |(at, _)| at);
    whole.text.push_str(own.get(at..).unwrap_or_default());
    whole.span.end = whole.span.end.max(next.span.end);
    whole.span.line_end = whole.span.line_end.max(next.span.line_end);
    whole.span.page_end = whole.span.page_end.max(next.span.page_end);
    // What is said above all of it: the headings that both have.
    let same = whole.headings.iter().zip(&next.headings).take_while(|(a, b)| a == b).count();
    whole.headings.truncate(same);
}
