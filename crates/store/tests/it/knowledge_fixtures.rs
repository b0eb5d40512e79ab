//! Collections, documents and indexes to store. The index's bytes mean nothing here: a posting is
//! the list of its chunks' numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;
use vpaura_domain::{
    AuditEntry, ChunkId, Chunking, Collection, CollectionCounts, CollectionId, Document,
    DocumentId, DocumentSource, EmbeddingId, EmbeddingState, Metadata, Scope, SegmentId, Span,
    UserId, Visibility, WorkspaceId,
};
use vpaura_store::{
    ClaimTurns, ClaimedDocument, CommitDocuments, FoundChunk, IndexedDocument, NewChunk,
    NewDocument, NewSegment, NewVectors, Result, SearchSpace, Store,
};

use crate::db::TestDb;
use crate::fixtures::SERVER;

/// Long enough for any test.
pub const LEASE: Duration = Duration::from_secs(600);

impl TestDb {
    pub fn new_collection(
        &self,
        name: &str,
        visibility: Visibility,
        by: Option<UserId>,
    ) -> Collection {
        Collection {
            id: CollectionId::generate(&*self.ids),
            name: name.into(),
            description: Some("what we know".into()),
            visibility,
            chunking: Chunking::default(),
            counts: CollectionCounts::default(),
            embedding: EmbeddingState::default(),
            created_by: by,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub fn entry_of(&self, scope: &Scope, action: &str) -> AuditEntry {
        AuditEntry { workspace_id: Some(scope.workspace_id), ..self.entry(action) }
    }

    /// A stored collection.
    pub async fn collection(&self, scope: &Scope, visibility: Visibility) -> CollectionId {
        let new = self.new_collection("Handbook", visibility, scope.user_id());
        let entry = self.entry_of(scope, "collection.created");
        self.store.create_collection(scope, &new, None, &entry).await.unwrap();
        new.id
    }

    pub fn new_document(&self, collection: CollectionId, name: &str) -> NewDocument {
        NewDocument {
            id: DocumentId::generate(&*self.ids),
            collection_id: collection,
            name: name.into(),
            source: DocumentSource::Text,
            content: None,
            metadata: Metadata::default(),
            created_by: None,
            created_at: self.now(),
            unless_there: false,
        }
    }

    /// A stored document that waits to be read.
    pub async fn document(&self, scope: &Scope, collection: CollectionId, name: &str) -> Document {
        self.noted(scope, collection, name, json!({})).await
    }

    pub async fn noted(
        &self,
        scope: &Scope,
        collection: CollectionId,
        name: &str,
        metadata: Value,
    ) -> Document {
        let mut new = self.new_document(collection, name);
        new.metadata = Metadata::try_from(metadata).unwrap();
        new.created_by = scope.user_id();
        let entry = self.entry_of(scope, "document.added");
        self.store.add_document(scope, &new, None, &entry).await.unwrap().into_inner()
    }

    /// What a document of these chunks is committed as.
    pub fn indexed(
        &self,
        claimed: &ClaimedDocument,
        first: u32,
        texts: &[&str],
    ) -> IndexedDocument {
        let chunk = |text: &&str| NewChunk {
            id: ChunkId::generate(&*self.ids),
            text: (*text).into(),
            headings: vec!["Head".into(), "Line".into()],
            span: Span { end: 9, line_end: 1, page_start: Some(2), ..Span::default() },
            tokens: 7,
        };
        IndexedDocument {
            document_id: claimed.claim.document_id,
            attempt: claimed.claim.attempt,
            fetched: None,
            chars: 99,
            pages: Some(3),
            notice: None,
            first,
            chunks: texts.iter().map(chunk).collect(),
        }
    }

    /// The commit of these documents, which the claims are of, with vectors for these embeddings.
    pub async fn commit_of(
        &self,
        claimed: &[(&ClaimedDocument, &[&str])],
        embeddings: &[EmbeddingId],
    ) -> CommitDocuments {
        let claim = claimed[0].0.claim;
        let mut next = 0;
        let mut documents = Vec::new();
        for (claimed, texts) in claimed {
            documents.push(self.indexed(claimed, next, texts));
            next += u32::try_from(texts.len()).unwrap();
        }
        let texts: Vec<&str> = claimed.iter().flat_map(|(_, texts)| *texts).copied().collect();
        CommitDocuments {
            server: claim.server,
            workspace_id: claim.workspace_id,
            collection_id: claim.collection_id,
            documents,
            segments: vec![self.segment(0, &texts, embeddings)],
        }
    }

    pub fn segment(&self, first: u32, texts: &[&str], embeddings: &[EmbeddingId]) -> NewSegment {
        let mut postings: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (place, text) in (0_u32..).zip(texts) {
            for word in text.split(' ') {
                postings.entry(word.into()).or_default().extend(place.to_le_bytes());
            }
        }
        let count = u32::try_from(texts.len()).unwrap();
        let places = first..first + count;
        let vectors = |id: &EmbeddingId| NewVectors {
            embedding_id: *id,
            vectors: places.clone().map(|no| (no, vec![0, no as u8])).collect(),
            signatures: places.clone().map(|no| no as u8).collect(),
        };
        NewSegment {
            id: SegmentId::generate(&*self.ids),
            first,
            span: count,
            chunks: count,
            terms_total: u64::from(count) * 3,
            languages: "en".into(),
            lengths: texts.iter().map(|text| text.len() as u8).collect(),
            postings: postings.into_iter().collect(),
            vectors: embeddings.iter().map(vectors).collect(),
        }
    }

    /// Adds a document of these chunks and makes it ready.
    pub async fn publish(
        &self,
        scope: &Scope,
        collection: CollectionId,
        name: &str,
        texts: &[&str],
    ) -> Document {
        self.publish_noted(scope, collection, name, json!({}), texts).await
    }

    pub async fn publish_noted(
        &self,
        scope: &Scope,
        collection: CollectionId,
        name: &str,
        metadata: Value,
        texts: &[&str],
    ) -> Document {
        let document = self.noted(scope, collection, name, metadata).await;
        self.read(document.id, texts).await;
        self.store.get_document(scope, collection, document.id).await.unwrap().unwrap()
    }

    /// Reads the one document that waits.
    pub async fn read(&self, id: DocumentId, texts: &[&str]) {
        let claimed = self.claim(1).await.remove(0);
        assert_eq!(claimed.claim.document_id, id);
        let embeddings: Vec<EmbeddingId> =
            claimed.serving.iter().chain(&claimed.building).map(|(id, _)| *id).collect();
        let commit = self.commit_of(&[(&claimed, texts)], &embeddings).await;
        assert_eq!(self.store.commit_documents(commit).await.unwrap(), [id]);
    }

    pub async fn claim(&self, limit: u32) -> Vec<ClaimedDocument> {
        self.store.claim_documents(SERVER, limit, LEASE, &ClaimTurns::default()).await.unwrap()
    }

    /// What the scope finds by a word, as an engine would.
    pub async fn found(&self, scope: &Scope, word: &str) -> Vec<FoundChunk> {
        let space = self.store.search_space(scope, None).await.unwrap();
        self.found_in(scope, &space, word).await
    }

    pub async fn found_in(
        &self,
        scope: &Scope,
        space: &SearchSpace,
        word: &str,
    ) -> Vec<FoundChunk> {
        let mut places = Vec::new();
        for collection in &space.collections {
            let segments: Vec<SegmentId> = collection.segments.iter().map(|it| it.id).collect();
            let terms = [word.to_owned()];
            let lists = self.store.postings(space.workspace_id, &segments, &terms).await.unwrap();
            for (segment, term, data) in lists {
                assert_eq!(term, word);
                let head = collection.segments.iter().find(|it| it.id == segment).unwrap();
                let numbers = numbers(head.first_no, &data).into_iter();
                places.extend(numbers.map(|no| (collection.id, no)));
            }
        }
        let mut found = self.store.load_hits(scope, &places).await.unwrap();
        found.sort_by_key(|it| (it.document.collection_id, it.no));
        found
    }

    pub async fn texts(&self, scope: &Scope, word: &str) -> Vec<String> {
        self.found(scope, word).await.into_iter().map(|it| it.chunk.text).collect()
    }

    /// How many rows each table of knowledge has.
    pub async fn knowledge_rows(&self) -> BTreeMap<&'static str, i64> {
        let raw = self.raw().await;
        let mut counts = BTreeMap::new();
        for table in [
            "collections",
            "chatbot_collections",
            "documents",
            "chunks",
            "segments",
            "postings",
            "embeddings",
            "chunk_vectors",
            "segment_signatures",
            "grants",
        ] {
            let sql = format!("SELECT COUNT(*) AS n FROM {table}");
            let ask = Statement::from_string(raw.get_database_backend(), sql);
            let row = raw.query_one_raw(ask).await.unwrap().unwrap();
            counts.insert(table, row.try_get("", "n").unwrap());
        }
        counts
    }

    /// Purges in steps of this many rows.
    pub async fn purge(&self, limit: u32) {
        while self.store.purge_knowledge(limit).await.unwrap() {}
    }

    /// Another workspace, with its operator.
    pub async fn elsewhere(&self) -> Scope {
        let workspace_id = WorkspaceId::from_uuid(self.uuid());
        let raw = self.raw().await;
        let sql = "INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'other', 0)";
        let values = [workspace_id.uuid().into()];
        let backend = raw.get_database_backend();
        raw.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await.unwrap();
        Scope { workspace_id, ..Scope::operator() }
    }
}

/// The numbers in a posting of a segment that begins there.
pub fn numbers(first_no: u32, data: &[u8]) -> Vec<u32> {
    let places = data.chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().unwrap()));
    places.map(|place| first_no + place).collect()
}

/// Claims for a server that then goes away.
pub async fn claim_and_vanish(store: &Store) -> Result<Vec<ClaimedDocument>> {
    store.claim_documents(Uuid::from_u128(666), 10, Duration::ZERO, &ClaimTurns::default()).await
}
