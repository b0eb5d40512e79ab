//! What a search goes over: the segments of the collections that the caller sees, and which of
//! their chunks may be found.

use std::collections::HashMap;
use std::sync::Arc;

use vpaura_domain::{CollectionId, Scope, WorkspaceId};
use vpaura_knowledge::index::NoSet;
use vpaura_knowledge::terms::LanguageSet;
use vpaura_store::{DocumentMatch, SearchedCollection, SegmentHead};

use crate::{Engine, Result};

/// A segment to be searched.
#[derive(Debug, Clone)]
pub(super) struct Searched {
    pub(super) collection: CollectionId,
    pub(super) head: SegmentHead,
    /// Which of its numbers may be found; all without a set.
    pub(super) allowed: Option<Arc<NoSet>>,
}

/// All that is searched.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) workspace: WorkspaceId,
    /// The collections that the caller sees, of those asked for.
    pub(super) seen: Vec<CollectionId>,
    /// Those of them in which anything may be found.
    pub(super) collections: Vec<SearchedCollection>,
    pub(super) segments: Arc<[Searched]>,
}

/// A chunk by its collection and number.
pub(super) type Place = (CollectionId, u32);

impl Ground {
    /// The languages of the chunks.
    pub(super) fn languages(&self) -> LanguageSet {
        let mut all = LanguageSet::default();
        for segment in self.segments.iter() {
            all.extend(&LanguageSet::read(&segment.head.languages));
        }
        all
    }

    /// Where a chunk of the segment at this place is.
    pub(super) fn place(&self, segment: usize, no: u32) -> Option<Place> {
        Some((self.segments.get(segment)?.collection, no))
    }
}

impl Engine {
    /// What there is to search for the caller, of these collections (all that they see where none
    /// are named) and documents.
    pub(super) async fn ground(
        &self,
        scope: &Scope,
        collections: Option<&[CollectionId]>,
        filter: &DocumentMatch,
    ) -> Result<Ground> {
        let space = self.store.search_space(scope, collections).await?;
        let mut collections = space.collections;
        let seen = collections.iter().map(|it| it.id).collect();
        let mut allowed: HashMap<CollectionId, Arc<NoSet>> = HashMap::new();
        if *filter != DocumentMatch::default() {
            for collection in &collections {
                let ranges = self.store.allowed_numbers(scope, collection.id, filter).await?;
                allowed.insert(collection.id, Arc::new(NoSet::new(ranges)));
            }
            collections.retain(|it| allowed.get(&it.id).is_some_and(|set| !set.is_empty()));
        }
        let segments = collections.iter_mut().flat_map(|collection| {
            let (id, allowed) = (collection.id, allowed.get(&collection.id).cloned());
            let heads = std::mem::take(&mut collection.segments);
            heads.into_iter().map(move |head| Searched {
                collection: id,
                head,
                allowed: allowed.clone(),
            })
        });
        let segments = segments.collect();
        Ok(Ground { workspace: space.workspace_id, seen, collections, segments })
    }

    /// The same, within the documents that are there and turned on. Costs a look at all of them.
    pub(super) async fn live(&self, scope: &Scope, ground: &Ground) -> Result<Ground> {
        let mut segments = ground.segments.to_vec();
        let mut allowed: HashMap<CollectionId, Arc<NoSet>> = HashMap::new();
        for segment in segments.iter_mut().filter(|segment| segment.allowed.is_none()) {
            let id = segment.collection;
            let set = match allowed.get(&id) {
                Some(set) => Arc::clone(set),
                None => {
                    let any = DocumentMatch::default();
                    let ranges = self.store.allowed_numbers(scope, id, &any).await?;
                    let set = Arc::new(NoSet::new(ranges));
                    allowed.insert(id, Arc::clone(&set));
                    set
                }
            };
            segment.allowed = Some(set);
        }
        Ok(Ground { segments: segments.into(), ..ground.clone() })
    }
}
