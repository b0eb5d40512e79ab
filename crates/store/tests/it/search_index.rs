//! The index: filters, edits, merges, embeddings, and that nothing is left of what is deleted.

use std::time::Duration;

use serde_json::json;
use vpaura_domain::{
    Access, BuiltinRole, CollectionId, DocumentId, EmbedderStamp, EmbeddingId, Grant, Grantee,
    Scope, SegmentId, Visibility, WorkspaceId,
};
use vpaura_store::{
    DocumentMatch, Merge, MergedSegment, MetadataCondition, MetadataTest, MetadataValue,
    ReplaceChunk,
};

use crate::conformance;
use crate::db::TestDb;
use crate::fixtures::SERVER;
use crate::knowledge_fixtures::{LEASE, numbers};

fn stamp(model: &str) -> EmbedderStamp {
    EmbedderStamp { model: model.into(), dimension: 2 }
}

impl TestDb {
    async fn begin_merge(&self) -> Option<Merge> {
        self.store.begin_merge(SERVER, LEASE, &*self.ids).await.unwrap()
    }

    /// Merges as an engine would: term by term, without what is dead.
    async fn write_merge(&self, merge: &Merge) -> MergedSegment {
        let (workspace, store) = (merge.workspace_id, &self.store);
        let range = merge.first_no..merge.first_no + merge.span;
        let alive = store.alive_numbers(workspace, merge.collection_id, range).await.unwrap();
        let mut postings = std::collections::BTreeMap::<String, Vec<u8>>::new();
        for part in &merge.parts {
            let mut after: Option<String> = None;
            loop {
                let page =
                    store.postings_after(workspace, part.id, after.as_deref(), 2).await.unwrap();
                assert!(page.is_sorted_by_key(|(term, _)| term.clone()));
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                for (term, data) in page {
                    let numbers = numbers(part.first_no, &data).into_iter();
                    let kept =
                        numbers.filter(|no| alive.contains(no)).map(|no| no - merge.first_no);
                    postings.entry(term).or_default().extend(kept.flat_map(u32::to_le_bytes));
                }
            }
        }
        postings.retain(|_, data| !data.is_empty());
        for page in postings.into_iter().collect::<Vec<_>>().chunks(3) {
            assert!(store.put_merged_postings(merge, page.to_vec()).await.unwrap());
        }
        let parts: Vec<SegmentId> = merge.parts.iter().map(|it| it.id).collect();
        let mut embeddings: Vec<EmbeddingId> = store
            .segment_embeddings(workspace, &parts)
            .await
            .unwrap()
            .into_iter()
            .map(|it| it.1)
            .collect();
        embeddings.sort();
        embeddings.dedup();
        MergedSegment {
            chunks: u32::try_from(alive.len()).unwrap(),
            terms_total: 5,
            languages: "de".into(),
            lengths: vec![1; merge.span as usize],
            signatures: embeddings.into_iter().map(|id| (id, vec![9])).collect(),
        }
    }

    async fn segments(&self) -> Vec<(u32, u32, u32, u32)> {
        let space = self.store.search_space(&Scope::operator(), None).await.unwrap();
        let segments = space.collections.into_iter().flat_map(|it| it.segments);
        segments.map(|it| (it.first_no, it.span, it.chunks, it.dead)).collect()
    }

    async fn filtered(&self, collection: CollectionId, wanted: DocumentMatch) -> Vec<u32> {
        let operator = Scope::operator();
        let ranges = self.store.allowed_numbers(&operator, collection, &wanted).await.unwrap();
        ranges.into_iter().flatten().collect()
    }

    async fn noted_as(&self, collection: CollectionId, key: &str, test: MetadataTest) -> Vec<u32> {
        let metadata = vec![MetadataCondition { key: key.into(), test }];
        self.filtered(collection, DocumentMatch { document_ids: None, metadata }).await
    }
}

fn one_of<const N: usize>(values: [MetadataValue; N]) -> MetadataTest {
    MetadataTest::OneOf(values.into())
}

fn text(text: &str) -> MetadataValue {
    MetadataValue::Text(text.into())
}

conformance! {
    async fn a_document_of_several_segments_is_found_in_all_of_them(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        db.noted(&operator, collection, "long", json!({})).await;
        let claimed = db.claim(1).await.remove(0);
        let texts = ["word one", "word two", "word three"];
        let mut commit = db.commit_of(&[(&claimed, &texts)], &[]).await;
        commit.segments =
            vec![db.segment(0, &texts[..2], &[]), db.segment(2, &texts[2..], &[])];
        assert_eq!(db.store.commit_documents(commit).await.unwrap().len(), 1);
        assert_eq!(db.texts(&operator, "word").await, texts);
        assert_eq!(db.segments().await, [(0, 2, 2, 0), (2, 1, 1, 0)]);
    }

    async fn an_edited_chunk_is_found_by_its_new_words_alone(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let document = db.publish(&operator, collection, "d", &["old a", "old b", "old c"]).await;
        let chunk = db.found(&operator, "old").await.remove(1).chunk;
        let new = ReplaceChunk {
            text: "new words".into(),
            tokens: 2,
            segment: db.segment(0, &["new words"], &[]),
        };
        let entry = db.entry("chunk.edited");
        for _answer_was_lost in [false, true] {
            let edited = db.store.replace_chunk(&operator, collection, chunk.id, new.clone(), &entry).await.unwrap().unwrap();
            assert_eq!((edited.id, edited.position, edited.edited), (chunk.id, 1, true));
            assert_eq!((edited.text.as_str(), edited.tokens, edited.span), ("new words", 2, chunk.span));
        }
        assert_eq!(db.texts(&operator, "old").await, ["old a", "old c"]);
        assert_eq!(db.texts(&operator, "new").await, ["new words"]);
        assert_eq!(db.segments().await, [(0, 3, 3, 1), (3, 1, 1, 0)]);
        let at = db.store.chunks_at(&operator, document.id, &[0, 1, 7]).await.unwrap();
        assert_eq!(at.iter().map(|it| it.text.as_str()).collect::<Vec<_>>(), ["old a", "new words"]);
        // A filter reaches it under its new number.
        let wanted = DocumentMatch { document_ids: Some(vec![document.id]), metadata: vec![] };
        assert_eq!(db.filtered(collection, wanted).await, [0, 1, 2, 3]);

        let off = db.store.set_chunk_enabled(&operator, collection, chunk.id, false).await.unwrap().unwrap();
        assert!(!off.enabled);
        assert_eq!(db.texts(&operator, "new").await, Vec::<String>::new());
        assert_eq!(db.store.chunks_at(&operator, document.id, &[1]).await.unwrap(), []);
        db.store.set_chunk_enabled(&operator, collection, chunk.id, true).await.unwrap();
        assert_eq!(db.texts(&operator, "new").await, ["new words"]);
        // Cut anew, it is as the document has it.
        db.store.reindex_document(&operator, collection, document.id).await.unwrap();
        db.read(document.id, &["old x"]).await;
        assert_eq!(db.texts(&operator, "new").await, Vec::<String>::new());
        assert_eq!(db.segments().await, [(4, 1, 1, 0)]);
    }

    async fn filters_compare_by_kind(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        for (place, metadata) in [
            json!({"lang": "de", "year": 2020, "draft": true, "a.b": "dot", "q\"'": "quote", "ключ": "ü", "tags": ["x", "y"]}),
            json!({"lang": "en", "year": 2021.5, "draft": false, "tags": "x", "big": 9_007_199_254_740_993_i64}),
            json!({"lang": {"de": 1}, "year": "2020", "draft": null, "tags": [["x"], {"x": "x"}], "a": {"b": "dot"}}),
            json!({"lang": "de', '); --", "year": [1999, "2020"], "draft": "true", "text": "é"}),
        ].into_iter().enumerate() {
            db.publish_noted(&operator, collection, &place.to_string(), metadata, &["word"]).await;
        }
        use MetadataValue::{Bool, Float, Integer};
        for (key, values, wanted) in [
            ("lang", vec![text("de")], vec![0]),
            ("lang", vec![text("de"), text("en")], vec![0, 1]),
            ("lang", vec![text("de', '); --")], vec![3]),
            ("lang", vec![text("{\"de\":1}")], vec![]),
            ("lang", vec![], vec![]),
            ("year", vec![Integer(2020)], vec![0]),
            ("year", vec![Float(2020.0)], vec![0]),
            ("year", vec![Float(2021.5)], vec![1]),
            ("year", vec![text("2020")], vec![2, 3]),
            ("year", vec![Integer(1999)], vec![3]),
            ("big", vec![Integer(9_007_199_254_740_993)], vec![1]),
            ("big", vec![Integer(9_007_199_254_740_992)], vec![]),
            ("draft", vec![Bool(true)], vec![0]),
            ("draft", vec![Bool(false)], vec![1]),
            ("draft", vec![text("true")], vec![3]),
            ("draft", vec![Integer(1)], vec![]),
            ("a.b", vec![text("dot")], vec![0]),
            ("q\"'", vec![text("quote")], vec![0]),
            ("ключ", vec![text("ü")], vec![0]),
            ("tags", vec![text("x")], vec![0, 1]),
            ("tags", vec![text("y"), text("z")], vec![0]),
            ("' OR 1=1 --", vec![text("x")], vec![]),
            ("$", vec![text("x")], vec![]),
            ("text", vec![text("é")], vec![3]),
        ] {
            let found = db.noted_as(collection, key, MetadataTest::OneOf(values.clone())).await;
            assert_eq!(found, wanted, "{key} is one of {values:?}");
        }
        for (key, from, to, wanted) in [
            ("year", Some(Integer(2020)), None, vec![0, 1]),
            ("year", Some(Integer(2020)), Some(Integer(2021)), vec![0]),
            ("year", None, Some(Float(1999.5)), vec![3]),
            ("year", Some(text("2019-01-01")), Some(text("2021-01-01")), vec![2, 3]),
            ("lang", Some(text("a")), Some(text("dz")), vec![0, 3]),
            ("lang", Some(text("A")), Some(text("Z")), vec![]),
            ("draft", Some(Bool(true)), None, vec![0]),
            ("nothing", None, None, vec![0, 1, 2, 3]),
        ] {
            let test = MetadataTest::Between { from: from.clone(), to: to.clone() };
            let found = db.noted_as(collection, key, test).await;
            assert_eq!(found, wanted, "{key} is between {from:?} and {to:?}");
        }
        let both = DocumentMatch {
            document_ids: None,
            metadata: vec![
                MetadataCondition { key: "lang".into(), test: one_of([text("de"), text("en")]) },
                MetadataCondition { key: "year".into(), test: one_of([Float(2021.5)]) },
            ],
        };
        assert_eq!(db.filtered(collection, both).await, [1]);
        let nobody = DocumentId::from_uuid(db.uuid());
        let wanted = DocumentMatch { document_ids: Some(vec![nobody]), metadata: vec![] };
        assert_eq!(db.filtered(collection, wanted).await, Vec::<u32>::new());
    }

    async fn merging_changes_no_answer(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let mut documents = Vec::new();
        for n in 0..7 {
            let text = format!("word {n}");
            documents.push(db.publish(&operator, collection, "d", &[&text, "zürich same"]).await);
        }
        assert_eq!(db.begin_merge().await, None, "a few are left alone");
        documents.push(db.publish(&operator, collection, "d", &["word 7", "Ähre"]).await);
        let gone = documents.remove(2);
        db.store.delete_document(&operator, collection, gone.id, &db.entry("x")).await.unwrap();
        assert_eq!(db.segments().await.len(), 7, "one had nothing left");
        documents.push(db.publish(&operator, collection, "d", &["word 8", "word last"]).await);
        let half = db.found(&operator, "last").await.remove(0).chunk;
        let new = ReplaceChunk { text: "word edited".into(), tokens: 1, segment: db.segment(0, &["word"], &[]) };
        db.store.replace_chunk(&operator, collection, half.id, new, &db.entry("x")).await.unwrap().unwrap();
        let before = db.texts(&operator, "word").await;
        assert_eq!(before.len(), 9);

        let merge = db.begin_merge().await.unwrap();
        let no = merge.span - 1;
        assert_eq!((merge.parts.len(), merge.first_no), (9, 0));
        assert_eq!(db.begin_merge().await, None, "one at a time");
        let merged = db.write_merge(&merge).await;
        assert_eq!(merged.chunks, 16);
        // While it was written:
        db.store.delete_document(&operator, collection, documents[0].id, &db.entry("x")).await.unwrap();
        let late = db.publish(&operator, collection, "late", &["word late"]).await;
        assert!(db.store.renew_merge(&merge, LEASE).await.unwrap());
        assert!(db.store.finish_merge(&merge, merged.clone()).await.unwrap());
        assert!(!db.store.finish_merge(&merge, merged).await.unwrap(), "only once");
        assert!(!db.store.put_merged_postings(&merge, vec![("x".into(), vec![])]).await.unwrap());
        assert_eq!(db.segments().await, [(0, no + 1, 16, 2), (no + 1, 1, 1, 0)]);
        let mut wanted = before.clone();
        wanted.retain(|text| text != "word 0");
        wanted.push("word late".into());
        assert_eq!(db.texts(&operator, "word").await, wanted);
        let space = db.store.search_space(&operator, None).await.unwrap();
        assert_eq!(space.collections[0].segments[0].languages, "de");
        db.purge(3).await;
        assert_eq!(db.texts(&operator, "word").await, wanted);
        let rows = db.knowledge_rows().await;
        assert_eq!((rows["segments"], rows["chunks"]), (2, 15));
        assert_eq!(db.store.get_document(&operator, collection, late.id).await.unwrap(), Some(late));
    }

    async fn a_merge_that_was_left_is_begun_anew(db: TestDb) {
        let operator = Scope::operator();
        let collection = db.collection(&operator, Visibility::Workspace).await;
        for _ in 0..8 {
            db.publish(&operator, collection, "d", &["word"]).await;
        }
        let left = db.store.begin_merge(SERVER, Duration::ZERO, &*db.ids).await.unwrap().unwrap();
        let merged = db.write_merge(&left).await;
        let ours = db.begin_merge().await.unwrap();
        assert!(!db.store.put_merged_postings(&left, vec![("x".into(), vec![])]).await.unwrap());
        assert!(!db.store.finish_merge(&left, merged).await.unwrap());
        assert_eq!(db.texts(&operator, "word").await.len(), 8);
        let merged = db.write_merge(&ours).await;
        db.purge(1).await;
        assert!(db.store.finish_merge(&ours, merged).await.unwrap());
        assert_eq!(db.texts(&operator, "word").await.len(), 8);
        db.store.delete_collection(&operator, collection, &db.entry("x")).await.unwrap();
        db.purge(2).await;
        assert!(db.knowledge_rows().await.values().all(|rows| *rows == 0));
    }

    async fn another_embedder_takes_over_when_it_is_done(db: TestDb) {
        let operator = Scope::operator();
        let workspace = operator.workspace_id;
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let (a, b) = (stamp("a"), stamp("b"));
        assert_eq!(db.store.collections_without(&a, 10).await.unwrap(), [(workspace, collection)]);
        let begin = async |stamp: &EmbedderStamp| {
            let id = EmbeddingId::generate(&*db.ids);
            assert!(db.store.begin_embedding(workspace, collection, id, stamp).await.unwrap());
        };
        begin(&a).await;
        begin(&a).await;
        assert_eq!(db.store.collections_without(&a, 10).await.unwrap(), []);
        let claim = db.store.claim_embedding(SERVER, LEASE, &a).await.unwrap().unwrap();
        assert_eq!(db.store.claim_embedding(SERVER, LEASE, &a).await.unwrap(), None);
        assert!(db.store.serve_embedding(&claim).await.unwrap(), "nothing to embed");
        db.publish(&operator, collection, "d", &["word one", "word two"]).await;
        let space = db.store.search_space(&operator, None).await.unwrap();
        assert_eq!(space.collections[0].serving, Some((claim.id, a.clone())));
        let vectors = db.store.vectors(workspace, claim.id, &[1, 0, 7]).await.unwrap();
        let mut found: Vec<_> = vectors.iter().collect();
        found.sort_unstable();
        assert_eq!(found, [(0, &[0, 0][..]), (1, &[0, 1][..])]);
        let none = db.store.vectors(workspace, claim.id, &[7]).await.unwrap();
        assert_eq!(none.iter().count(), 0);
        let segment = space.collections[0].segments[0].id;
        let signatures = db.store.signatures(workspace, claim.id, &[segment]).await.unwrap();
        assert_eq!(signatures, [(segment, vec![0, 1])]);
        assert_eq!(db.store.claim_embedding(SERVER, LEASE, &a).await.unwrap(), None, "all is done");

        // Another one is built, beside it.
        assert_eq!(db.store.collections_without(&b, 10).await.unwrap(), [(workspace, collection)]);
        begin(&b).await;
        let next = db.store.claim_embedding(SERVER, LEASE, &b).await.unwrap().unwrap();
        assert!(!next.is_serving);
        assert!(!db.store.serve_embedding(&next).await.unwrap(), "it has nothing yet");
        let lacking = db.store.unembedded_segments(&next).await.unwrap();
        assert_eq!(lacking.iter().map(|it| it.id).collect::<Vec<_>>(), [segment]);
        let chunks = db.store.chunks_to_embed(&next, 0..100, 1).await.unwrap();
        assert_eq!((chunks.len(), chunks[0].no, chunks[0].text.as_str()), (1, 0, "word one"));
        assert_eq!((chunks[0].document.as_str(), &chunks[0].headings[..]), ("d", &["Head".to_owned(), "Line".into()][..]));
        assert!(db.store.put_vectors(&next, vec![(0, vec![7, 7]), (99, vec![9])]).await.unwrap());
        let chunks = db.store.chunks_to_embed(&next, 0..100, 5).await.unwrap();
        assert_eq!(chunks.iter().map(|it| it.no).collect::<Vec<_>>(), [1]);
        assert!(db.store.put_vectors(&next, vec![(1, vec![8, 8])]).await.unwrap());
        let all = db.store.vectors_within(workspace, next.id, 0..100, 10).await.unwrap();
        assert_eq!(all, [(0, vec![7, 7]), (1, vec![8, 8])], "not of a chunk that is not there");
        assert!(db.store.put_signatures(&next, segment, vec![3]).await.unwrap());
        let state = db.store.get_collection(&operator, collection).await.unwrap().unwrap().embedding;
        assert_eq!((state.serving, state.building, state.built_chunks), (Some(a.clone()), Some(b.clone()), 2));

        // A document that was claimed before has no vectors by it.
        let document = db.document(&operator, collection, "late").await;
        let claimed = db.claim(1).await.remove(0);
        assert_eq!((claimed.serving.clone().unwrap().0, claimed.building.clone().unwrap().0), (claim.id, next.id));
        let commit = db.commit_of(&[(&claimed, &["word late"])], &[claim.id]).await;
        db.store.commit_documents(commit).await.unwrap();
        assert!(!db.store.serve_embedding(&next).await.unwrap());
        assert!(db.store.fail_embedding(&next, "it is down", LEASE).await.unwrap());
        assert!(!db.store.put_vectors(&next, vec![]).await.unwrap(), "the claim has ended");
        assert_eq!(db.store.claim_embedding(SERVER, LEASE, &b).await.unwrap(), None, "not yet");
        let state = db.store.get_collection(&operator, collection).await.unwrap().unwrap().embedding;
        assert_eq!(state.error.as_deref(), Some("it is down"));

        // The old one is wanted again after all.
        assert_eq!(db.store.collections_without(&a, 10).await.unwrap().len(), 1);
        begin(&a).await;
        assert_eq!(db.store.collections_without(&a, 10).await.unwrap(), []);
        db.purge(1).await;
        let rows = db.knowledge_rows().await;
        assert_eq!((rows["embeddings"], rows["chunk_vectors"], rows["segment_signatures"]), (1, 3, 2));
        begin(&b).await;
        let next = db.store.claim_embedding(SERVER, LEASE, &b).await.unwrap().unwrap();
        for segment in db.store.unembedded_segments(&next).await.unwrap() {
            let range = segment.first_no..segment.first_no + segment.span;
            let chunks = db.store.chunks_to_embed(&next, range, 10).await.unwrap();
            let vectors = chunks.iter().map(|it| (it.no, vec![5])).collect();
            assert!(db.store.put_vectors(&next, vectors).await.unwrap());
            assert!(db.store.put_signatures(&next, segment.id, vec![5]).await.unwrap());
        }
        assert!(db.store.renew_embedding(&next, LEASE).await.unwrap());
        assert!(db.store.serve_embedding(&next).await.unwrap());
        let space = db.store.search_space(&operator, None).await.unwrap();
        assert_eq!(space.collections[0].serving, Some((next.id, b)));
        db.purge(1).await;
        let rows = db.knowledge_rows().await;
        assert_eq!((rows["embeddings"], rows["chunk_vectors"], rows["segment_signatures"]), (1, 3, 2));
        db.store.delete_document(&operator, collection, document.id, &db.entry("x")).await.unwrap();
        assert_eq!(db.knowledge_rows().await["chunk_vectors"], 2);
    }

    async fn a_merge_keeps_the_signatures_of_what_is_in_use(db: TestDb) {
        let operator = Scope::operator();
        let workspace = operator.workspace_id;
        let collection = db.collection(&operator, Visibility::Workspace).await;
        let id = EmbeddingId::generate(&*db.ids);
        db.store.begin_embedding(workspace, collection, id, &stamp("a")).await.unwrap();
        for _ in 0..8 {
            db.publish(&operator, collection, "d", &["word"]).await;
        }
        let merge = db.begin_merge().await.unwrap();
        let mut merged = db.write_merge(&merge).await;
        let signatures = std::mem::take(&mut merged.signatures);
        assert_eq!(signatures, [(id, vec![9])]);
        assert!(!db.store.finish_merge(&merge, merged).await.unwrap(), "signatures are missing");
        assert_eq!(db.segments().await.len(), 8);
        let merge = db.begin_merge().await.unwrap();
        let mut merged = db.write_merge(&merge).await;
        merged.signatures.push((EmbeddingId::from_uuid(db.uuid()), vec![1]));
        assert!(db.store.finish_merge(&merge, merged).await.unwrap());
        let found = db.store.segment_embeddings(workspace, &[merge.segment_id]).await.unwrap();
        assert_eq!(found, [(merge.segment_id, id)]);
        let claim = db.store.claim_embedding(SERVER, LEASE, &stamp("a")).await.unwrap().unwrap();
        assert_eq!(db.store.unembedded_segments(&claim).await.unwrap(), []);
        db.purge(100).await;
        assert_eq!(db.knowledge_rows().await["segment_signatures"], 1);
    }

    async fn nothing_is_left_of_what_is_deleted(db: TestDb) {
        let operator = Scope::operator();
        let (friend, _) = db.member(BuiltinRole::Member).await;
        let kept = db.collection(&operator, Visibility::Workspace).await;
        let before = db.publish(&operator, kept, "kept", &["word kept"]).await;
        let rows = db.knowledge_rows().await;
        let collection = db.collection(&operator, Visibility::Private).await;
        let embedding = EmbeddingId::generate(&*db.ids);
        let workspace = operator.workspace_id;
        db.store.begin_embedding(workspace, collection, embedding, &stamp("a")).await.unwrap();
        let grant = Grant { grantee: Grantee::User(friend), access: Access::Use };
        let entry = db.entry("x");
        db.store.share_collection(&operator, collection, vec![(db.uuid(), grant)], db.now(), &entry).await.unwrap();
        let empty = db.knowledge_rows().await;
        let mut documents = Vec::new();
        for n in 0..9 {
            let text = format!("word {n}");
            documents.push(db.publish(&operator, collection, "d", &[&text, "other"]).await);
        }
        db.begin_merge().await.unwrap();
        assert_eq!(db.knowledge_rows().await["chunk_vectors"], 18);
        for document in &documents[..3] {
            assert!(db.store.delete_document(&operator, collection, document.id, &entry).await.unwrap());
        }
        assert_eq!(db.texts(&operator, "word").await.len(), 7);
        db.purge(2).await;
        let now = db.knowledge_rows().await;
        assert_eq!((now["documents"], now["chunks"], now["chunk_vectors"]), (7, 13, 12));
        for document in &documents[3..] {
            assert!(db.store.delete_document(&operator, collection, document.id, &entry).await.unwrap());
        }
        db.purge(2).await;
        let now = db.knowledge_rows().await;
        // But for the merge that was begun.
        assert_eq!(now["segments"], empty["segments"] + 1);
        assert_eq!(now["postings"], empty["postings"]);
        db.publish(&operator, collection, "last", &["word last"]).await;
        assert!(db.store.delete_collection(&operator, collection, &entry).await.unwrap());
        assert_eq!(db.texts(&operator, "word").await, ["word kept"], "at once");
        assert_eq!(db.store.get_document(&operator, collection, documents[8].id).await.unwrap(), None);
        db.purge(1).await;
        assert_eq!(db.knowledge_rows().await, rows);
        assert_eq!(db.store.get_document(&operator, kept, before.id).await.unwrap(), Some(before));
    }

    async fn a_workspace_takes_its_knowledge_along(db: TestDb) {
        let operator = Scope::operator();
        let elsewhere = db.elsewhere().await;
        let kept = db.collection(&operator, Visibility::Workspace).await;
        let here = db.document(&operator, kept, "here").await;
        db.read(here.id, &["word here"]).await;
        let rows = db.knowledge_rows().await;
        let gone = db.collection(&elsewhere, Visibility::Workspace).await;
        let mut new = db.new_document(gone, "d");
        new.content = Some(vpaura_store::Content { sha256: "aa".into(), media_type: "x".into(), size: 1 });
        db.store.add_document(&elsewhere, &new, None, &db.entry_of(&elsewhere, "x")).await.unwrap();
        db.read(new.id, &["word there"]).await;
        assert_eq!(db.texts(&elsewhere, "word").await, ["word there"]);
        let entry = vpaura_domain::AuditEntry { workspace_id: None, ..db.entry("workspace.deleted") };
        db.store.begin_workspace_removal(&elsewhere, &entry, db.now()).await.unwrap();
        assert_eq!(db.texts(&elsewhere, "word").await, Vec::<String>::new());
        let id: WorkspaceId = elsewhere.workspace_id;
        db.store.empty_workspace(id).await.unwrap();
        assert_eq!(db.orphans().await, ["aa"]);
        assert_eq!(db.knowledge_rows().await, rows);
        let done = vpaura_domain::AuditEntry { workspace_id: None, ..db.entry("workspace.removed") };
        let removed = db.store.finish_workspace_removal(id, &done).await.unwrap();
        assert_eq!(removed, vpaura_store::Removed::Gone(true));
        assert_eq!(db.texts(&operator, "word").await, ["word here"]);
    }

    async fn a_user_takes_along_what_only_they_could_see(db: TestDb) {
        let operator = Scope::operator();
        let (user, scope) = db.member(BuiltinRole::Member).await;
        let (friend, _) = db.member(BuiltinRole::Member).await;
        db.member(BuiltinRole::Owner).await;
        let open = db.collection(&scope, Visibility::Workspace).await;
        let shared = db.collection(&scope, Visibility::Private).await;
        let private = db.collection(&scope, Visibility::Private).await;
        let grant = Grant { grantee: Grantee::User(friend), access: Access::Use };
        db.store.share_collection(&operator, shared, vec![(db.uuid(), grant)], db.now(), &db.entry("x")).await.unwrap();
        let document = db.publish(&scope, open, "mine", &["word"]).await;
        let holdings = db.store.holdings_of(user).await.unwrap();
        assert_eq!(holdings.collections.iter().map(|it| it.id).collect::<Vec<_>>(), [open, shared, private]);
        assert_eq!(holdings.documents.iter().map(|it| it.document.id).collect::<Vec<_>>(), [document.id]);
        let entry = vpaura_domain::AuditEntry { workspace_id: None, ..db.entry("user.deleted") };
        assert!(db.store.delete_user(user, entry, db.now()).await.unwrap());
        for (id, stays) in [(open, true), (shared, true), (private, false)] {
            let found = db.store.get_collection(&operator, id).await.unwrap();
            assert_eq!(found.is_some(), stays);
            assert!(found.is_none_or(|it| it.created_by.is_none()));
        }
        assert_eq!(db.texts(&operator, "word").await, ["word"]);
    }
}
