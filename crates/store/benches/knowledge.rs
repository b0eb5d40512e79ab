//! What the index's rows cost: a commit of 2,000 chunks with their postings and vectors, and the
//! statements of one search in 20 segments of such. Words are spread as in natural text (Zipf). Run
//! with `cargo bench -p vpaura-store --bench knowledge`; for PostgreSQL too, under
//! `scripts/test-services.sh`.
#![expect(clippy::unwrap_used, reason = "benches")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use divan::Bencher;
use serde_json::json;
use tokio::runtime::Runtime;
use uuid::Uuid;
use vpaura_domain::{
    Actor, AuditEntry, AuditEntryId, ChunkId, Chunking, Clock, Collection, CollectionCounts,
    CollectionId, DocumentId, DocumentSource, EmbedderStamp, EmbeddingId, EmbeddingState, IdGen,
    Metadata, Origin, RandomIds, Scope, SegmentId, Span, SystemClock, Visibility,
};
use vpaura_store::{
    ClaimTurns, CommitDocuments, IndexedDocument, NewChunk, NewDocument, NewSegment, NewVectors,
    SearchSpace, Store, StoreSettings,
};

const SCOPE: Scope = Scope::operator();
/// Chunks of a commit, words of a chunk, words there are, and bytes of a vector.
const CHUNKS: u32 = 2_000;
const WORDS: u32 = 200;
const VOCABULARY: f64 = 60_000.0;
const VECTOR: usize = 768;
const SEGMENTS: usize = 20;
const LEASE: Duration = Duration::from_secs(600);

fn main() {
    divan::main();
}

#[divan::bench(args = ["sqlite", "postgres"], sample_count = 8, sample_size = 1)]
fn commit_2000_chunks(bencher: Bencher<'_, '_>, backend: &str) {
    let Some(bench) = Bench::open(backend) else { return };
    bencher.with_inputs(|| bench.runtime.block_on(bench.prepare())).bench_local_values(|commit| {
        let done = bench.runtime.block_on(bench.store.commit_documents(commit)).unwrap();
        assert_eq!(done.len(), 1);
    });
}

#[divan::bench(args = ["sqlite", "postgres"])]
fn search_space_of_20_segments(bencher: Bencher<'_, '_>, backend: &str) {
    let Some((bench, _)) = Bench::filled(backend) else { return };
    bencher.bench_local(|| bench.runtime.block_on(bench.space()));
}

#[divan::bench(args = ["sqlite", "postgres"])]
fn postings_of_10_terms_in_20_segments(bencher: Bencher<'_, '_>, backend: &str) {
    let Some((bench, space)) = Bench::filled(backend) else { return };
    let segments: Vec<SegmentId> = space.collections[0].segments.iter().map(|it| it.id).collect();
    let terms: Vec<String> =
        [2, 9, 30, 80, 200, 500, 1_000, 3_000, 9_000, 30_000].map(|n| format!("w{n}")).into();
    bencher.bench_local(|| {
        let read = bench.store.postings(SCOPE.workspace_id, &segments, &terms);
        assert!(bench.runtime.block_on(read).unwrap().len() > 100);
    });
}

#[divan::bench(args = ["sqlite", "postgres"])]
fn vectors_of_400_chunks(bencher: Bencher<'_, '_>, backend: &str) {
    let Some((bench, _)) = Bench::filled(backend) else { return };
    let numbers: Vec<u32> = (0..400).map(|n| n * 97).collect();
    bencher.bench_local(|| {
        let read = bench.store.vectors(SCOPE.workspace_id, bench.embedding, &numbers);
        assert_eq!(bench.runtime.block_on(read).unwrap().iter().count(), 400);
    });
}

#[divan::bench(args = ["sqlite", "postgres"])]
fn hits_50(bencher: Bencher<'_, '_>, backend: &str) {
    let Some((bench, _)) = Bench::filled(backend) else { return };
    let places: Vec<_> = (0..50).map(|n| (bench.collection, n * 777)).collect();
    bencher.bench_local(|| {
        let read = bench.store.load_hits(&SCOPE, &places);
        assert_eq!(bench.runtime.block_on(read).unwrap().len(), 50);
    });
}

struct Bench {
    runtime: Runtime,
    store: Store,
    collection: CollectionId,
    embedding: EmbeddingId,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// An empty collection; `None` without a server.
    fn open(backend: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = match backend {
            "sqlite" => format!("sqlite://{}", folder.path().join("bench.db").display()),
            _ => std::env::var("TEST_DATABASE_URL").ok()?,
        };
        let runtime = Runtime::new().unwrap();
        let collection = CollectionId::generate(&RandomIds);
        let embedding = EmbeddingId::generate(&RandomIds);
        let store = runtime.block_on(async {
            let settings = StoreSettings::new(url);
            let store = Store::connect(&settings, Arc::new(SystemClock)).await.unwrap();
            store.migrate_up().await.unwrap();
            let new = new_collection(collection);
            store.create_collection(&SCOPE, &new, None, &entry()).await.unwrap();
            let stamp = EmbedderStamp { model: "bench/none".into(), dimension: 384 };
            let workspace = SCOPE.workspace_id;
            store.begin_embedding(workspace, collection, embedding, &stamp).await.unwrap();
            // Another run's may be there, on PostgreSQL.
            loop {
                let server = RandomIds.uuid();
                let claim = store.claim_embedding(server, LEASE, &stamp).await.unwrap().unwrap();
                let is_served = store.serve_embedding(&claim).await.unwrap();
                if claim.id == embedding {
                    assert!(is_served);
                    return store;
                }
            }
        });
        Some(Self { runtime, store, collection, embedding, _folder: folder })
    }

    fn filled(backend: &str) -> Option<(Self, SearchSpace)> {
        let bench = Self::open(backend)?;
        let space = bench.runtime.block_on(async {
            for _ in 0..SEGMENTS {
                let commit = bench.prepare().await;
                assert_eq!(bench.store.commit_documents(commit).await.unwrap().len(), 1);
            }
            bench.space().await
        });
        assert_eq!(space.collections[0].segments.len(), SEGMENTS);
        Some((bench, space))
    }

    async fn space(&self) -> SearchSpace {
        self.store.search_space(&SCOPE, Some(&[self.collection])).await.unwrap()
    }

    /// A document that is read, all but for its commit.
    async fn prepare(&self) -> CommitDocuments {
        let new = NewDocument {
            id: DocumentId::generate(&RandomIds),
            collection_id: self.collection,
            name: "bench".into(),
            source: DocumentSource::Text,
            content: None,
            metadata: Metadata::default(),
            created_by: None,
            created_at: SystemClock.now(),
            unless_there: false,
        };
        self.store.add_document(&SCOPE, &new, None, &entry()).await.unwrap();
        let server: Uuid = RandomIds.uuid();
        let claimed = self
            .store
            .claim_documents(server, 1, LEASE, &ClaimTurns::default())
            .await
            .unwrap()
            .remove(0);
        let workspace_id = SCOPE.workspace_id;
        let document = IndexedDocument {
            document_id: claimed.claim.document_id,
            attempt: claimed.claim.attempt,
            fetched: None,
            chars: 0,
            pages: None,
            notice: None,
            first: 0,
            chunks: (0..CHUNKS).map(|_| chunk()).collect(),
        };
        CommitDocuments {
            server,
            workspace_id,
            collection_id: self.collection,
            documents: vec![document],
            segments: vec![segment(self.embedding)],
        }
    }
}

fn new_collection(id: CollectionId) -> Collection {
    let now = SystemClock.now();
    Collection {
        id,
        name: "bench".into(),
        description: None,
        visibility: Visibility::Workspace,
        chunking: Chunking::default(),
        counts: CollectionCounts::default(),
        embedding: EmbeddingState::default(),
        created_by: None,
        created_at: now,
        updated_at: now,
    }
}

fn chunk() -> NewChunk {
    NewChunk {
        id: ChunkId::generate(&RandomIds),
        text: "word ".repeat(WORDS as usize),
        headings: vec!["Heading".into()],
        span: Span::default(),
        tokens: WORDS,
    }
}

/// Postings of about two bytes a chunk, as a real index has them.
fn segment(embedding: EmbeddingId) -> NewSegment {
    let mut random = RandomIds.uuid().as_u64_pair().1 | 1;
    let mut postings: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    for _ in 0..CHUNKS * WORDS {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let even = (random >> 11) as f64 / (1_u64 << 53) as f64;
        let word = VOCABULARY.powf(even) as u32;
        postings.entry(word).or_default().extend([1, 1]);
    }
    let vectors = NewVectors {
        embedding_id: embedding,
        vectors: (0..CHUNKS).map(|no| (no, vec![7; VECTOR])).collect(),
        signatures: vec![7; CHUNKS as usize * VECTOR / 16],
    };
    NewSegment {
        id: SegmentId::generate(&RandomIds),
        first: 0,
        span: CHUNKS,
        chunks: CHUNKS,
        terms_total: u64::from(CHUNKS * WORDS),
        languages: "en".into(),
        lengths: vec![1; CHUNKS as usize],
        postings: postings.into_iter().map(|(word, data)| (format!("w{word}"), data)).collect(),
        vectors: vec![vectors],
    }
}

fn entry() -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::generate(&RandomIds),
        workspace_id: Some(SCOPE.workspace_id),
        actor: Actor::System,
        action: "bench".into(),
        object_kind: None,
        object_id: None,
        origin: Origin::default(),
        details: json!({}),
        at: SystemClock.now(),
    }
}
