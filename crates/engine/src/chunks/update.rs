//! Switches a chunk off and on, or corrects its words.

use serde_json::json;
use vpaura_domain::{Chunk, ChunkId, CollectionId, Document, Origin, Scope, SegmentId};
use vpaura_knowledge::chunk::{count_tokens, embedding_text};
use vpaura_knowledge::terms::Language;
use vpaura_store::{NewSegment, NewVectors, ReplaceChunk};

use crate::audit::Deed;
use crate::ingestion::{IndexedText, build_segment, new_segment};
use crate::{Engine, Error, Result, Thing};

const KIND: &str = "chunk";
const MAX_CHARS: usize = 16_000;

/// What changes of a chunk; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ChunkUpdate {
    /// Its words from now on.
    pub text: Option<String>,
    /// Whether it is searched.
    pub enabled: Option<bool>,
}

impl Engine {
    /// Applies the changes and returns the chunk as it is then. Indexing its document again undoes
    /// them.
    pub async fn update_chunk(
        &self,
        scope: &Scope,
        collection: CollectionId,
        id: ChunkId,
        update: ChunkUpdate,
        origin: &Origin,
    ) -> Result<Chunk> {
        self.may_change_collection(scope, collection).await?;
        let missing = || Error::NotFound(Thing::Chunk);
        let found = self.store.get_chunk(scope, collection, id).await?;
        let mut chunk = found.ok_or_else(missing)?;
        if let Some(text) = update.text.map(checked).transpose()?
            && text != chunk.text
        {
            let entry = self.entry(
                scope,
                origin,
                Deed::to("chunk.edited", KIND, id, json!({ "document_id": chunk.document_id })),
            );
            let new = self.replacement(scope, collection, &chunk, text).await?;
            let replaced = self.store.replace_chunk(scope, collection, id, new, &entry).await?;
            chunk = replaced.ok_or_else(missing)?;
        }
        if let Some(enabled) = update.enabled {
            let set = self.store.set_chunk_enabled(scope, collection, id, enabled).await?;
            chunk = set.ok_or_else(missing)?;
        }
        Ok(chunk)
    }

    /// The chunk with other words, indexed anew.
    async fn replacement(
        &self,
        scope: &Scope,
        collection: CollectionId,
        chunk: &Chunk,
        text: String,
    ) -> Result<ReplaceChunk> {
        let document = self.get_document(scope, collection, chunk.document_id).await?;
        let tokens = u32::try_from(count_tokens(&text)).unwrap_or(u32::MAX);
        let vectors = self.vectors_of_edited(scope, &document, chunk, &text).await?;
        let segment = self.segment_of_one(&document, chunk, &text, vectors)?;
        Ok(ReplaceChunk { text, tokens, segment })
    }

    fn segment_of_one(
        &self,
        document: &Document,
        chunk: &Chunk,
        text: &str,
        vectors: Vec<NewVectors>,
    ) -> Result<NewSegment> {
        let language = Language::detect(text);
        let headings = &chunk.headings;
        let one = IndexedText { text, headings, title: &document.name, language };
        let built = build_segment(0, std::iter::once(one))?;
        Ok(new_segment(SegmentId::generate(&*self.ids), built, vectors))
    }

    /// The vectors of the new words. When the embedder does not answer there are none: the chunk is
    /// found by its words until the background has made up for it.
    async fn vectors_of_edited(
        &self,
        scope: &Scope,
        document: &Document,
        chunk: &Chunk,
        text: &str,
    ) -> Result<Vec<NewVectors>> {
        let space = self.store.search_space(scope, Some(&[document.collection_id])).await?;
        let wanted: Vec<_> =
            space.collections.into_iter().filter_map(|collection| collection.serving).collect();
        let texts = [embedding_text(Some(&document.name), &chunk.headings, text)];
        Ok(self.vectors_for(&wanted, 0, &texts).await.unwrap_or_default())
    }
}

fn checked(text: String) -> Result<String> {
    if text.trim().is_empty() {
        return Err(Error::invalid("text", "must not be empty"));
    }
    crate::chatbots::check::within("text", &text, MAX_CHARS)?;
    Ok(text)
}
