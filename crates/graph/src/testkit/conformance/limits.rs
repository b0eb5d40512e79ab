//! What must fit.

use std::sync::Arc;
use std::time::Duration;

use super::scribe::{CLAIM, STEAL, Scribe, assert_fails, checkpoint, name, note, record};
use crate::store::{Admin, At, Checkpoint, Claim, Lease, Page, Records, Seq, Store, ThreadId};

/// Texts that are easily damaged: U+0000 as JSON escapes it, letters beyond the first plane, an
/// unpaired surrogate's escape, quotes, wildcards, line ends, and spaces at the ends.
const TEXTS: &[&str] = &[
    r#"{"nul":"a\u0000b"}"#,
    "{\"plane\":\"😀 𝔘 \u{10FFFF}\"}",
    r#"["\ud83d"]"#,
    "[\"' \\\" % _ \\\\ $1 ?1 :a\"]",
    " [ \"\\r\\n\", 1.0, 1e400 ] ",
    "\"\u{FEFF}\u{2028}e\u{301}\"",
    "",
];

pub(super) async fn texts_come_back_byte_for_byte(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "texts").await;
    scribe.steps(1).await;
    for text in TEXTS {
        let next = Checkpoint { snapshot: Some((*text).to_owned()), ..scribe.next(text) };
        scribe.write(scribe.commit_of(vec![next], Records::Clear)).await.expect("commits");
        let odd = format!("{text}/😀'\"");
        scribe.note(&odd, &odd, text).await;
        let loaded = scribe.load(At::Head).await;
        assert_eq!(loaded.line[0].body, *text);
        assert_eq!(loaded.line[0].snapshot.as_deref(), Some(*text));
        assert_eq!(scribe.notes(At::Head).await, [note(&odd, &odd, text)]);
    }
    for (path, slot, body) in [("\0", "", ""), ("", "\0", ""), ("", "", "\0")] {
        let put = scribe.put(vec![record(1, path, slot, body)]).await;
        assert_fails!(put, Malformed, "a raw U+0000 is in no JSON text and no name");
    }
    let (long, longer) = (noise(1024), noise(1025));
    scribe.put(vec![record(1, &long, &long, "")]).await.expect("1024 bytes each");
    for (path, slot) in [(&longer, &long), (&long, &longer)] {
        assert_fails!(scribe.put(vec![record(1, path, slot, "")]).await, Malformed, "1025 bytes");
    }
}

/// Letters that no database compresses much.
fn noise(len: usize) -> String {
    let mut state = 1_u32;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + u8::try_from((state >> 16) % 94).unwrap_or(0))
    });
    letters.take(len).collect()
}

pub(super) async fn big_bodies_are_kept(store: Arc<dyn Store>) {
    let mut scribe = Scribe::claim(store, "big").await;
    let big = format!("\"{}\"", "0123456789abcdé ".repeat(2 * 1024 * 1024 / 16));
    scribe.snapshot(&big, &big).await;
    scribe.note("a", "task", &big).await;
    let loaded = scribe.load(At::Head).await;
    assert!(loaded.line[0].body == big, "2 MB in a body");
    assert!(loaded.line[0].snapshot.as_deref() == Some(big.as_str()), "and in a snapshot");
    assert!(loaded.records[0].body == big, "and in a record");
    let page = Page { before: None, limit: 1 };
    let metas = scribe.store.history(scribe.thread(), page).await.expect("lists");
    assert_eq!(metas[0].bytes, 2 * big.len() as u64);
}

pub(super) async fn many_checkpoints_go_into_one_commit(store: Arc<dyn Store>) {
    const MANY: Seq = 6000;
    let mut scribe = Scribe::claim(store, "many").await;
    let parent = |seq: Seq| (seq > 1).then(|| seq - 1);
    let all: Vec<_> = (1..=MANY).map(|seq| checkpoint(seq, 0, parent(seq), "{}")).collect();
    scribe.write(scribe.commit_of(all, Records::None)).await.expect("commits");
    assert_eq!(scribe.line(At::Head).await, (1..=MANY).collect::<Vec<_>>());
    let records = (0..MANY).map(|n| record(MANY, &format!("{n:05}"), "task", "{}")).collect();
    scribe.put(records).await.expect("stores as many records");
    let notes = scribe.notes(At::Head).await;
    assert_eq!(notes.len() as u64, MANY);
    assert!(notes.is_sorted(), "in the order of writing");
}

pub(super) async fn names_of_up_to_255_bytes_are_kept_apart(store: Arc<dyn Store>) {
    let long = "x".repeat(254);
    let names = [format!("{long}y"), format!("{long}z"), "😀".repeat(63), "c".into(), "C".into()];
    let spaced = [" c", "c ", "%", "_", "'", "é", "e\u{301}", "/", "\n"].map(str::to_owned);
    for (n, name) in names.iter().chain(&spaced).enumerate() {
        let mut scribe = Scribe::by_hand(store.clone(), "", 1);
        scribe.lease.thread = ThreadId::from(name);
        scribe.step(&n.to_string()).await;
    }
    for (n, name) in names.iter().chain(&spaced).enumerate() {
        let thread = ThreadId::from(name);
        let loaded = store.load(&thread, At::Head).await.expect("loads").expect("is there");
        assert_eq!(loaded.line[0].body, n.to_string(), "{name:?}");
        store.admin(Admin::Delete { thread, lease: None }).await.expect("deletes");
    }
}

pub(super) async fn other_names_are_refused(store: Arc<dyn Store>) {
    for bad in ["", "a\0b", &"x".repeat(256), &"😀".repeat(64)] {
        let thread = ThreadId::from(bad);
        let lease = Lease { thread: thread.clone(), epoch: 1, head: None };
        let mut scribe = Scribe::by_hand(store.clone(), "", 1);
        scribe.lease = lease.clone();
        let page = Page { before: None, limit: 1 };
        assert_fails!(store.claim(&thread, CLAIM).await, BadName, "claim");
        assert_fails!(store.renew(&lease, Duration::ZERO).await, BadName, "renew");
        assert_fails!(store.release(&lease).await, BadName, "release");
        assert_fails!(scribe.put(Vec::new()).await, BadName, "put");
        assert_fails!(scribe.write(scribe.commit("1")).await, BadName, "commit");
        assert_fails!(store.load(&thread, At::Head).await, BadName, "load");
        assert_fails!(store.history(&thread, page).await, BadName, "history");
        assert_fails!(scribe.prune(1, "1").await, BadName, "prune");
        assert_fails!(
            store.admin(Admin::Delete { thread: thread.clone(), lease: None }).await,
            BadName,
            "delete"
        );
        let copy = Admin::Copy { from: thread.clone(), to: name("copy") };
        assert_fails!(store.admin(copy).await, BadName, "copy from");
        let copy = Admin::Copy { from: name("copy"), to: thread.clone() };
        assert_fails!(store.admin(copy).await, BadName, "copy to");
    }
}

pub(super) async fn leases_may_be_long(store: Arc<dyn Store>) {
    let thread = name("for ever");
    let for_ever = Claim { ttl: Duration::MAX, ..STEAL };
    let lease = store.claim(&thread, for_ever).await.expect("claims");
    store.renew(&lease, Duration::MAX).await.expect("renews");
    assert_fails!(store.claim(&thread, CLAIM).await, Busy, "it holds");
}
