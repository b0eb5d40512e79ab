//! Makes one segment of several that stand side by side: their posting lists are read term by term,
//! a page of each at a time, so that memory stays small however large they are.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;
use vpaura_domain::{EmbeddingId, SegmentId};
use vpaura_knowledge::index::{self, IndexError, MergePart, Signatures, merge_signatures};
use vpaura_store::{Merge, MergedSegment};

use crate::{Engine, Error, Result};

/// How long a server that says nothing keeps its merge.
const LEASE: Duration = Duration::from_secs(120);
/// Posting lists in memory at a time, of all parts together.
const LISTS: usize = 16_384;
/// Posting lists of a part that are read at a time at least.
const LEAST_PAGE: usize = 64;
/// Posting lists that are written at a time.
const WRITTEN: usize = 4_000;

impl Engine {
    /// Merges until nothing is left to be merged.
    pub(super) async fn merge_due(&self) -> Result<()> {
        loop {
            let begun = self.store.begin_merge(self.instance, LEASE, &*self.ids).await?;
            let Some(merge) = begun else { return Ok(()) };
            if !self.merge(&merge).await? {
                // Begun anew at the next look, by whoever comes first.
                return Ok(());
            }
        }
    }

    /// Whether the new segment took the place of its parts.
    async fn merge(&self, merge: &Merge) -> Result<bool> {
        let (workspace, ids) = (merge.workspace_id, ids(merge));
        let range = merge.first_no..merge.first_no.saturating_add(merge.span);
        let alive = self.store.alive_numbers(workspace, merge.collection_id, range).await?;
        let is_alive = |no: u32| alive.binary_search(&no).is_ok();
        let lengths: HashMap<SegmentId, Vec<u8>> =
            self.store.segment_lengths(workspace, &ids).await?.into_iter().collect();
        let empty = Vec::new();
        let parts: Vec<MergePart<'_>> = merge
            .parts
            .iter()
            .map(|part| MergePart {
                first_no: part.first_no,
                terms_total: part.terms_total,
                lengths: lengths.get(&part.id).unwrap_or(&empty),
                languages: &part.languages,
            })
            .collect();
        let merging = index::Merge::new(&parts, is_alive).map_err(damaged)?;
        if !self.merge_lists(merge, &merging).await? {
            return Ok(false);
        }
        let signatures = self.merged_signatures(merge, &ids, is_alive).await?;
        let head = merging.head();
        let merged = MergedSegment {
            chunks: head.chunks,
            terms_total: head.terms_total,
            languages: head.languages.clone(),
            lengths: head.lengths.clone(),
            signatures,
        };
        Ok(self.store.finish_merge(merge, merged).await?)
    }

    /// Writes the new segment's posting lists; `false` when the merge is lost.
    async fn merge_lists(&self, merge: &Merge, merging: &index::Merge) -> Result<bool> {
        let page = (LISTS / merge.parts.len().max(1)).max(LEAST_PAGE);
        let mut parts: Vec<Lists> = merge.parts.iter().map(|part| Lists::of(part.id)).collect();
        let mut written: Vec<(String, Vec<u8>)> = Vec::new();
        let mut renewed = Instant::now();
        loop {
            for part in &mut parts {
                self.read_on(merge, part, page).await?;
            }
            let Some(term) = parts.iter().filter_map(Lists::term).min().map(str::to_owned) else {
                break;
            };
            let lists: Vec<(usize, Vec<u8>)> = parts
                .iter_mut()
                .enumerate()
                .filter_map(|(place, part)| Some((place, part.take(&term)?)))
                .collect();
            let views: Vec<(usize, &[u8])> =
                lists.iter().map(|(place, data)| (*place, data.as_slice())).collect();
            if let Some(list) = merging.list(&views).map_err(damaged)? {
                written.push((term, list));
            }
            if written.len() >= WRITTEN {
                let some = std::mem::take(&mut written);
                if !self.store.put_merged_postings(merge, some).await? {
                    return Ok(false);
                }
                if renewed.elapsed() > LEASE / 4 {
                    renewed = Instant::now();
                    if !self.store.renew_merge(merge, LEASE).await? {
                        return Ok(false);
                    }
                }
            }
        }
        Ok(written.is_empty() || self.store.put_merged_postings(merge, written).await?)
    }

    /// Reads the next lists of a part, if it has none at hand.
    async fn read_on(&self, merge: &Merge, part: &mut Lists, page: usize) -> Result<()> {
        if part.is_whole || !part.at_hand.is_empty() {
            return Ok(());
        }
        let limit = u32::try_from(page).unwrap_or(u32::MAX);
        let (workspace, after) = (merge.workspace_id, part.last.as_deref());
        let read = self.store.postings_after(workspace, part.segment, after, limit).await?;
        part.is_whole = read.len() < page;
        part.last = read.last().map(|(term, _)| term.clone());
        part.at_hand = read.into();
        Ok(())
    }

    /// The new segment's signatures by each embedding of which all parts have them.
    async fn merged_signatures(
        &self,
        merge: &Merge,
        ids: &[SegmentId],
        is_alive: impl Fn(u32) -> bool + Copy,
    ) -> Result<Vec<(EmbeddingId, Vec<u8>)>> {
        let mut counts: HashMap<EmbeddingId, usize> = HashMap::new();
        for (_, embedding) in self.store.segment_embeddings(merge.workspace_id, ids).await? {
            *counts.entry(embedding).or_default() += 1;
        }
        let mut merged = Vec::new();
        for (embedding, _) in counts.into_iter().filter(|(_, count)| *count == ids.len()) {
            let read = self.store.signatures(merge.workspace_id, embedding, ids).await?;
            let read: HashMap<SegmentId, Vec<u8>> = read.into_iter().collect();
            let parts: Vec<Signatures<'_>> = merge
                .parts
                .iter()
                .enumerate()
                .filter_map(|(segment, part)| {
                    let (first_no, span) = (part.first_no, part.span);
                    let data = read.get(&part.id)?;
                    Some(Signatures { segment, first_no, span, data, allowed: None })
                })
                .collect();
            if parts.len() == ids.len() {
                let whole = merge_signatures(merge.first_no, merge.span, &parts, is_alive);
                merged.push((embedding, whole.map_err(damaged)?));
            }
        }
        Ok(merged)
    }
}

/// The posting lists of a part as they are read.
struct Lists {
    segment: SegmentId,
    at_hand: VecDeque<(String, Vec<u8>)>,
    /// The last term that was read.
    last: Option<String>,
    /// Whether nothing is left to be read.
    is_whole: bool,
}

impl Lists {
    fn of(segment: SegmentId) -> Self {
        Self { segment, at_hand: VecDeque::new(), last: None, is_whole: false }
    }

    /// The next term.
    fn term(&self) -> Option<&str> {
        self.at_hand.front().map(|(term, _)| term.as_str())
    }

    /// The list of this term, if it is the next.
    fn take(&mut self, term: &str) -> Option<Vec<u8>> {
        self.at_hand.pop_front_if(|(next, _)| next == term).map(|(_, list)| list)
    }
}

fn ids(merge: &Merge) -> Vec<SegmentId> {
    merge.parts.iter().map(|part| part.id).collect()
}

fn damaged(error: IndexError) -> Error {
    Error::Internal(format!("the index: {error}"))
}
