//! From documents that wait to chunks that are found: pages of the web, embedders that come and go,
//! and servers that stop in between.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use vpaura_domain::{
    BuiltinRole, Collection, CollectionId, Document, DocumentId, DocumentStatus, Metadata, Origin,
    Page, Permission, PermissionSet, RoleRef, Scope, UserStatus, WorkspaceId,
};
use vpaura_engine::{Engine, Error, NewApiKey, NewCollection, NewDocument, NewSource, UpdateUser};

use crate::library::Topics;
use crate::support::{World, user};

async fn collection(engine: &Engine, scope: &Scope) -> Collection {
    let new = NewCollection { name: "Facts".to_owned(), ..Default::default() };
    engine.create_collection(scope, new, None, &Origin::default()).await.unwrap()
}

async fn add(engine: &Engine, scope: &Scope, id: CollectionId, source: NewSource) -> Document {
    let new = NewDocument { name: None, source, metadata: Metadata::default() };
    engine.add_document(scope, id, new, None, &Origin::default()).await.unwrap()
}

/// The document once it is as asked.
async fn until(
    engine: &Engine,
    scope: &Scope,
    document: &Document,
    is_so: impl Fn(&Document) -> bool,
) -> Document {
    let (collection, id): (CollectionId, DocumentId) = (document.collection_id, document.id);
    loop {
        let document = engine.get_document(scope, collection, id).await.unwrap();
        if is_so(&document) {
            return document;
        }
        tokio::task::yield_now().await;
    }
}

fn is_settled(document: &Document) -> bool {
    matches!(document.status, DocumentStatus::Ready | DocumentStatus::Failed)
}

/// A site of one page, which answers each request with this.
async fn site(answer: impl Into<Vec<u8>>) -> String {
    changing_site(Arc::new(Mutex::new(answer.into()))).await
}

/// A site of one page, which answers each request with what stands here.
async fn changing_site(answer: Arc<Mutex<Vec<u8>>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/news/today", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let answer = answer.lock().unwrap().clone();
            let _ = stream.write_all(&answer).await;
        }
    });
    url
}

/// Waits until new documents get vectors.
async fn until_it_serves(engine: &Engine, scope: &Scope, id: CollectionId) {
    while engine.get_collection(scope, id).await.unwrap().embedding.serving.is_none() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_page_of_the_web_is_called_by_its_title() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    let url = site(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n\
         <html><head><title>Quokkas today</title></head><body><article><h1>Quokkas today</h1>\
         <p>The quokka smiles at everybody, and everybody smiles at the quokka.</p></article>\
         </body></html>",
    )
    .await;
    let added = add(&engine, &scope, collection.id, NewSource::Url(url)).await;
    assert!(added.name.ends_with("/news/today"), "{}", added.name);
    let ready = until(&engine, &scope, &added, is_settled).await;
    assert_eq!((ready.status, ready.name.as_str()), (DocumentStatus::Ready, "Quokkas today"));
    assert_eq!(ready.media_type.as_deref(), Some("text/html"));
    let page = Page::default();
    let chunks = engine.list_chunks(&scope, collection.id, ready.id, &page).await.unwrap();
    assert!(chunks.items[0].text.contains("smiles at everybody"), "{chunks:?}");
}

#[tokio::test]
async fn a_page_is_in_the_encoding_that_its_server_names() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    let page = |kind: &str, body: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n");
        // "Цена" in windows-1251; in others these are letters as well.
        [head.as_bytes(), body.as_bytes(), b"\xD6\xE5\xED\xE0 5"].concat()
    };
    for (kind, body, media_type) in [
        ("text/html; charset=windows-1251", "<p>", "text/html; charset=windows-1251"),
        // The server's word comes before the page's.
        (
            "text/html;Charset=\"CP1251\"",
            "<meta charset=iso-8859-7><p>",
            "text/html; charset=windows-1251",
        ),
        ("text/plain; charset=windows-1251", "", "text/plain; charset=windows-1251"),
        // Without one, or with a wrong one, the page's counts.
        ("text/html", "<meta charset=windows-1251><p>", "text/html"),
        ("text/html; charset=utf-8", "<meta charset=windows-1251><p>", "text/html"),
        ("text/html; charset=nonsense", "<meta charset=windows-1251><p>", "text/html"),
    ] {
        let url = NewSource::Url(site(page(kind, body)).await);
        let added = add(&engine, &scope, collection.id, url).await;
        let ready = until(&engine, &scope, &added, is_settled).await;
        assert_eq!(ready.error, None, "{kind}");
        let (_, shown) = engine.document_text(&scope, collection.id, added.id).await.unwrap();
        assert_eq!(shown.text, "Цена 5", "{kind}");
        assert_eq!(ready.media_type.as_deref(), Some(media_type), "{kind}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_fails_and_one_that_is_unwell_is_tried_again() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    let gone =
        site("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let gone = add(&engine, &scope, collection.id, NewSource::Url(gone)).await;
    let gone = until(&engine, &scope, &gone, is_settled).await;
    assert_eq!(gone.status, DocumentStatus::Failed);
    assert!(gone.error.unwrap().contains("404"));
    let unwell = site("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    let unwell = add(&engine, &scope, collection.id, NewSource::Url(unwell)).await;
    let unwell = until(&engine, &scope, &unwell, |document| document.error.is_some()).await;
    assert_eq!(unwell.status, DocumentStatus::Pending);
    assert!(unwell.error.unwrap().contains("tried again"));
}

#[tokio::test]
async fn a_text_is_one_whatever_it_begins_with() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    for text in ["BM25 ranks words.", "%PDF-1.7 is a first line.", "{\\rtf1 is another."] {
        let added = add(&engine, &scope, collection.id, NewSource::Text(text.to_owned())).await;
        let ready = until(&engine, &scope, &added, is_settled).await;
        assert_eq!((ready.status, ready.error), (DocumentStatus::Ready, None), "{text}");
        assert_eq!(ready.media_type.as_deref(), Some("text/markdown"), "{text}");
    }
    let (source, metadata) = (NewSource::Text("a\0b".to_owned()), Metadata::default());
    let new = NewDocument { name: None, source, metadata };
    let refused = engine.add_document(&scope, collection.id, new, None, &Origin::default()).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
}

#[tokio::test]
async fn while_the_embedder_is_out_a_document_waits_and_says_why() {
    let topics = Topics::new("test/topics", 4);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    until_it_serves(&engine, &scope, collection.id).await;
    topics.is_out.store(true, Ordering::Relaxed);
    let text = NewSource::Text("A car by the sea.".to_owned());
    let added = add(&engine, &scope, collection.id, text).await;
    let waiting = until(&engine, &scope, &added, |document| document.error.is_some()).await;
    assert_eq!(waiting.status, DocumentStatus::Pending);
    let why = waiting.error.unwrap();
    assert_eq!(why, "the embedder test/topics does not answer; it is tried again");
    topics.is_out.store(false, Ordering::Relaxed);
    engine.reindex_document(&scope, collection.id, added.id).await.unwrap();
    let ready = until(&engine, &scope, &added, is_settled).await;
    assert_eq!((ready.status, ready.error), (DocumentStatus::Ready, None));
}

#[tokio::test]
async fn one_text_that_breaks_the_embedder_keeps_no_other_document_back() {
    let topics = Topics::new("test/topics", 4);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    until_it_serves(&engine, &scope, collection.id).await;
    // They wait for each other, to be read together.
    topics.is_out.store(true, Ordering::Relaxed);
    let mut documents = Vec::new();
    for text in ["A car.", "A doctor.", "A tulip by the sea.", "A refund.", "An ocean."] {
        let added = add(&engine, &scope, collection.id, NewSource::Text(text.to_owned())).await;
        until(&engine, &scope, &added, |document| document.error.is_some()).await;
        documents.push(added);
    }
    topics.break_at("tulip");
    topics.is_out.store(false, Ordering::Relaxed);
    world.clock.advance(Duration::from_secs(60));
    let last = NewSource::Text("A harbour.".to_owned());
    documents.push(add(&engine, &scope, collection.id, last).await);
    let broken = documents.remove(2);
    for document in documents {
        let ready = until(&engine, &scope, &document, is_settled).await;
        assert_eq!((ready.status, ready.error), (DocumentStatus::Ready, None));
    }
    let why = "the embedder test/topics does not take its text; it is tried again";
    let is_told = |document: &Document| document.error.as_deref() == Some(why);
    let waiting = until(&engine, &scope, &broken, is_told).await;
    assert_eq!(waiting.status, DocumentStatus::Pending);
}

#[tokio::test]
async fn an_embedder_that_is_down_is_not_asked_for_each_document() {
    let topics = Topics::new("test/topics", 4);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    until_it_serves(&engine, &scope, collection.id).await;
    // All texts have it.
    topics.break_at("");
    let before = topics.calls.load(Ordering::Relaxed);
    let text = NewSource::Text("A car by the sea.".to_owned());
    let added = add(&engine, &scope, collection.id, text).await;
    let waiting = until(&engine, &scope, &added, |document| document.error.is_some()).await;
    let why = "the embedder test/topics does not answer; it is tried again";
    assert_eq!((waiting.status, waiting.error.as_deref()), (DocumentStatus::Pending, Some(why)));
    assert_eq!(topics.calls.load(Ordering::Relaxed) - before, 2, "the text, and another");
}

#[tokio::test]
async fn what_older_readers_made_of_a_file_is_read_anew_with_its_document() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    let text = NewSource::Text("A harbour by the sea.".to_owned());
    let added = add(&engine, &scope, collection.id, text).await;
    let ready = until(&engine, &scope, &added, is_settled).await;
    let sha256 = ready.sha256.unwrap();
    let kept = world.folder.path().join(format!("files/{}/{sha256}.text", &sha256[..2]));
    let now = std::fs::read_to_string(&kept).unwrap();
    let mut older: serde_json::Value = serde_json::from_str(&now).unwrap();
    older.as_object_mut().unwrap().remove("readers").unwrap();
    older["extracted"]["text"] = "A harb0ur by the sea.".into();
    std::fs::write(&kept, older.to_string()).unwrap();
    // Its chunks are of that text, so it is what they are shown in.
    let (_, shown) = engine.document_text(&scope, collection.id, added.id).await.unwrap();
    assert_eq!(shown.text, "A harb0ur by the sea.");
    engine.reindex_document(&scope, collection.id, added.id).await.unwrap();
    until(&engine, &scope, &added, is_settled).await;
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), now);
    let (_, shown) = engine.document_text(&scope, collection.id, added.id).await.unwrap();
    assert_eq!(shown.text, "A harbour by the sea.");
}

#[tokio::test]
async fn a_page_that_is_read_again_stays_what_it_was_until_its_chunks_are_new() {
    let topics = Topics::new("test/topics", 4);
    let world = World { embedder: Some(topics.clone()), ..World::new() };
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    until_it_serves(&engine, &scope, collection.id).await;
    let page = |title: &str| {
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\
             <title>{title}</title><p>This is the page called {title}."
        )
        .into_bytes()
    };
    let answer = Arc::new(Mutex::new(page("First")));
    let url = NewSource::Url(changing_site(Arc::clone(&answer)).await);
    let added = add(&engine, &scope, collection.id, url).await;
    let first = until(&engine, &scope, &added, is_settled).await;
    assert_eq!((first.name.as_str(), first.error.as_deref()), ("First", None));
    *answer.lock().unwrap() = page("Second, longer");
    topics.is_out.store(true, Ordering::Relaxed);
    engine.reindex_document(&scope, collection.id, added.id).await.unwrap();
    let waiting = until(&engine, &scope, &added, |document| document.error.is_some()).await;
    assert_eq!((&waiting.sha256, waiting.size), (&first.sha256, first.size));
    let (_, shown) = engine.document_text(&scope, collection.id, added.id).await.unwrap();
    assert!(shown.text.contains("called First"), "{}", shown.text);
    topics.is_out.store(false, Ordering::Relaxed);
    engine.reindex_document(&scope, collection.id, added.id).await.unwrap();
    let second = until(&engine, &scope, &added, is_settled).await;
    assert_eq!(second.error, None);
    assert!(second.sha256 != first.sha256 && second.size > first.size);
    let (_, shown) = engine.document_text(&scope, collection.id, added.id).await.unwrap();
    assert!(shown.text.contains("called Second"), "{}", shown.text);
}

#[tokio::test]
async fn nothing_is_kept_of_a_page_that_cannot_be_read() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let scope = Scope::operator();
    let collection = collection(&engine, &scope).await;
    let broken = "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nConnection: close\r\n\r\n\
                  %PDF-1.7 and nothing more";
    let added = add(&engine, &scope, collection.id, NewSource::Url(site(broken).await)).await;
    let failed = until(&engine, &scope, &added, is_settled).await;
    assert_eq!((failed.status, failed.sha256), (DocumentStatus::Failed, None));
    let kept = std::fs::read_dir(world.folder.path().join("files")).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["incoming"]);
}

#[tokio::test]
async fn a_document_is_read_only_while_who_asked_for_it_may_ask() {
    let world = World::new();
    let engine = world.builtin_engine().await;
    let operator = Scope::operator();
    // The first user owns the workspace.
    let (_, bob) = user(&engine, "bob").await;
    let (id, ada) = user(&engine, "ada").await;
    let (nowhere, admin) = (Origin::default(), RoleRef::Builtin(BuiltinRole::Admin));
    engine.change_member_role(&bob, &nowhere, id, admin).await.unwrap();
    let ada = engine.scope_in(&ada, WorkspaceId::DEFAULT).await.unwrap();
    let to = collection(&engine, &operator).await.id;
    let key = NewApiKey {
        name: "Importer".to_owned(),
        permissions: PermissionSet::of(&[
            Permission::CollectionsRead,
            Permission::CollectionsWrite,
        ]),
        chatbot_ids: None,
        expires_at: None,
    };
    let key = engine.create_api_key(&bob, &nowhere, key, None).await.unwrap();
    let secret = key.key.as_ref().unwrap().expose_secret();
    let by_key = engine.authenticate_api_key(secret).await.unwrap();
    // Both are let in, and what they may is taken away before it is done.
    let suspended = UpdateUser { status: Some(UserStatus::Suspended), ..Default::default() };
    engine.update_user(&operator, id, suspended, None, &nowhere).await.unwrap();
    engine.delete_api_key(&bob, &nowhere, key.api_key.id).await.unwrap();
    let late = |scope: Scope| {
        let (engine, text) = (&engine, NewSource::Text("Some words.".to_owned()));
        async move { add(engine, &scope, to, text).await }
    };
    let why = "whoever asked for it to be read may not change this collection any more: somebody \
               who may can have it read";
    let mut documents = Vec::new();
    for scope in [ada, by_key] {
        let document = until(&engine, &operator, &late(scope).await, is_settled).await;
        assert_eq!(
            (document.status, document.error.as_deref()),
            (DocumentStatus::Failed, Some(why))
        );
        documents.push(document);
    }
    for document in documents {
        let again = engine.reindex_document(&bob, to, document.id).await.unwrap();
        let again = until(&engine, &operator, &again, is_settled).await;
        assert_eq!((again.status, again.error), (DocumentStatus::Ready, None));
    }
}
