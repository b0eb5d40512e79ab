//! What of a conversation a model is shown: the end of the path, converted to the model's words,
//! kept in memory so that a turn costs the same however long the conversation is. Its tokens are
//! counted only where it may not fit: most conversations are far shorter than a model's window,
//! and the tokeniser's tables take 70 MB once they are used.
//!
//! Messages never change, so a cached window is never stale; it is keyed by its last message.

mod convert;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use moka::sync::Cache;
use vpaura_domain::{ConversationId, FileId, Message, MessageId, Role, Scope};
use vpaura_llm::ChatMessage;
use vpaura_store::{Store, StoreError};

pub(crate) use convert::FOUND_THEN;

/// The most messages of history that a model is shown.
const MAX_MESSAGES: usize = 150;

/// The window's beginning moves in jumps, so that the prompt's beginning stays the same for many
/// turns and the provider's prompt cache keeps working: about one message in this many is a
/// place where a full window may begin.
const JUMP: u128 = 32;

/// What a message takes in memory beside its texts, roughly, in bytes.
const OVERHEAD_BYTES: usize = 128;

/// Bytes of history kept in memory, over all conversations.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// One message of history, converted once, and counted at most once.
#[derive(Debug)]
pub(crate) struct Past {
    pub(crate) id: MessageId,
    /// In the model's words; an assistant's message with tool calls becomes several.
    pub(crate) messages: Vec<ChatMessage>,
    pub(crate) files: Vec<FileId>,
    /// The size of its texts.
    bytes: usize,
    tokens: OnceLock<usize>,
}

impl Past {
    pub(crate) fn new(message: &Message) -> Self {
        let (messages, bytes) = convert::convert(message);
        let files = message.file_ids().collect();
        Self { id: message.id, messages, files, bytes, tokens: OnceLock::new() }
    }

    /// Its size in tokens, separators included.
    pub(crate) fn tokens(&self) -> usize {
        *self.tokens.get_or_init(|| convert::tokens(&self.messages))
    }

    /// Whether it tells the model how to answer, rather than being part of the talk.
    fn is_instruction(&self) -> bool {
        self.messages.first().is_some_and(|message| message.role == Role::System)
    }

    /// What [`tokens`](Self::tokens) is at most; costs nothing.
    pub(crate) const fn most_tokens(&self) -> usize {
        convert::most_tokens(self.messages.as_slice(), self.bytes)
    }
}

/// Consecutive messages of a path, oldest first.
pub(crate) type Window = Arc<[Arc<Past>]>;

/// The cache of windows.
#[derive(Debug, Clone)]
pub(crate) struct History {
    windows: Cache<MessageId, Window>,
}

impl History {
    pub(crate) fn new() -> Self {
        let windows = Cache::builder()
            .max_capacity(CACHE_BYTES)
            .weigher(|_, window: &Window| {
                let bytes: usize = window.iter().map(|past| past.bytes + OVERHEAD_BYTES).sum();
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .build();
        Self { windows }
    }

    /// The end of the path that ends in `leaf`, at most [`MAX_MESSAGES`] long.
    pub(crate) async fn window(
        &self,
        store: &Store,
        scope: &Scope,
        conversation_id: ConversationId,
        leaf: Option<MessageId>,
    ) -> Result<Window, StoreError> {
        let Some(leaf) = leaf else { return Ok(Arc::new([])) };
        if let Some(window) = self.windows.get(&leaf) {
            return Ok(window);
        }
        let limit = u32::try_from(MAX_MESSAGES).unwrap_or(u32::MAX);
        let path = store.message_path(scope, conversation_id, Some(leaf), limit).await?;
        let window = trim(path.iter().map(|message| Arc::new(Past::new(message))).collect());
        self.windows.insert(leaf, Arc::clone(&window));
        Ok(window)
    }

    /// Notes the messages that a turn has just stored, so that the next turn need not read them.
    /// Does nothing when what came before them is not in memory.
    pub(crate) fn extend(&self, messages: &[&Message]) {
        let Some(first) = messages.first() else { return };
        let before = match first.parent_id {
            None => Some(Arc::from([])),
            Some(parent) => self.windows.get(&parent),
        };
        let (Some(before), Some(last)) = (before, messages.last()) else { return };
        let mut window: Vec<_> = before.to_vec();
        window.extend(messages.iter().map(|message| Arc::new(Past::new(message))));
        if let Some(parent) = first.parent_id {
            self.windows.invalidate(&parent);
        }
        self.windows.insert(last.id, trim(window));
    }
}

/// Cuts a full window at the oldest place where it may begin.
fn trim(mut window: Vec<Arc<Past>>) -> Window {
    if window.len() >= MAX_MESSAGES {
        let earliest = window.len() - MAX_MESSAGES;
        let latest = window.len() - MAX_MESSAGES / 2;
        let begins = |past: &Arc<Past>| past.id.uuid().as_u128().is_multiple_of(JUMP);
        let cut = (earliest..latest).find(|&at| begins(&window[at])).unwrap_or(earliest);
        window.drain(..cut);
    }
    window.into()
}

/// How many tokens all of these are at most.
pub(crate) fn most_tokens(window: &[Arc<Past>]) -> usize {
    window.iter().map(|past| past.most_tokens()).sum()
}

/// The window's system messages, which a model is shown however little room there is, and the
/// talk, of which it is shown what fits. Each in its order.
pub(crate) fn instructions_and_talk(
    window: &[Arc<Past>],
) -> (Vec<Arc<Past>>, Cow<'_, [Arc<Past>]>) {
    // Mostly there are none, and nothing is copied.
    if !window.iter().any(|past| past.is_instruction()) {
        return (Vec::new(), Cow::Borrowed(window));
    }
    let (instructions, talk) = window.iter().cloned().partition(|past| past.is_instruction());
    (instructions, Cow::Owned(talk))
}

/// The newest messages that fit into `budget` tokens; what is dropped is dropped in whole turns,
/// from the oldest on, and the result begins with a user's message.
pub(crate) fn fit(window: &[Arc<Past>], budget: usize) -> &[Arc<Past>] {
    let start = if most_tokens(window) <= budget { 0 } else { counted_start(window, budget) };
    let from_user = window[start..]
        .iter()
        .position(|past| past.messages.first().is_some_and(|m| m.role == Role::User));
    from_user.map_or(&[], |skip| &window[start + skip..])
}

/// Where the newest messages that fit begin.
fn counted_start(window: &[Arc<Past>], budget: usize) -> usize {
    let mut left = budget;
    let mut start = window.len();
    for (at, past) in window.iter().enumerate().rev() {
        match left.checked_sub(past.tokens()) {
            Some(rest) => left = rest,
            None => break,
        }
        start = at;
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use vpaura_domain::{IdGen, MessageStatus, Part, SequentialIds, Timestamp};

    fn chain(length: usize) -> Vec<Message> {
        let ids = SequentialIds::default();
        let conversation_id = ConversationId::from_uuid(ids.uuid());
        let mut messages: Vec<Message> = Vec::new();
        for n in 0..length {
            messages.push(Message {
                id: MessageId::generate(&ids),
                conversation_id,
                parent_id: messages.last().map(|message| message.id),
                run_id: None,
                role: if n % 2 == 0 { Role::User } else { Role::Assistant },
                status: MessageStatus::Completed,
                parts: vec![Part::Text { text: format!("message {n}") }],
                model: None,
                usage: None,
                error: None,
                created_at: Timestamp::default(),
            });
        }
        messages
    }

    fn window(messages: &[Message]) -> Window {
        messages.iter().map(|message| Arc::new(Past::new(message))).collect()
    }

    #[test]
    fn what_fits_is_the_newest_and_begins_with_the_user() {
        let messages = chain(6);
        let window = window(&messages);
        let two: usize = window[4..].iter().map(|past| past.tokens()).sum();
        assert_eq!(fit(&window, two).first().map(|past| past.id), Some(messages[4].id));
        let three: usize = window[3..].iter().map(|past| past.tokens()).sum();
        assert_eq!(fit(&window, three).first().map(|past| past.id), Some(messages[4].id));
        assert!(fit(&window, 1).is_empty());
    }

    #[test]
    fn system_messages_are_taken_out_in_their_order_and_the_rest_is_the_talk() {
        let mut messages = chain(6);
        messages[0].role = Role::System;
        messages[3].role = Role::System;
        let window = window(&messages);
        let (instructions, talk) = instructions_and_talk(&window);
        let ids = |window: &[Arc<Past>]| window.iter().map(|past| past.id).collect::<Vec<_>>();
        let of = |places: &[usize]| places.iter().map(|&at| messages[at].id).collect::<Vec<_>>();
        assert_eq!(ids(&instructions), of(&[0, 3]));
        assert_eq!(ids(&talk), of(&[1, 2, 4, 5]));
        assert_eq!(ids(fit(&talk, most_tokens(&talk))), of(&[2, 4, 5]));
    }

    #[test]
    fn tokens_are_counted_only_where_the_bytes_do_not_fit() {
        let window = window(&chain(6));
        let counted = |past: &Arc<Past>| past.tokens.get().is_some();
        assert_eq!(fit(&window, most_tokens(&window)).len(), 6);
        assert!(!window.iter().any(counted));
        assert_eq!(fit(&window, most_tokens(&window) - 1).len(), 6);
        assert!(window.iter().all(counted));
        assert!(window.iter().all(|past| past.tokens() <= past.most_tokens()));
    }

    #[test]
    fn a_long_conversation_keeps_its_beginning_for_many_turns() {
        let messages = chain(2_000);
        let history = History::new();
        history.extend(&[&messages[0], &messages[1]]);
        let mut beginnings = 0;
        let mut beginning = None;
        for turn in messages.chunks(2).skip(1) {
            history.extend(&[&turn[0], &turn[1]]);
            let window = history.windows.get(&turn[1].id).expect("cached");
            assert!(window.len() <= MAX_MESSAGES + 1, "{}", window.len());
            let first = window.first().map(|past| past.id);
            if first != beginning {
                beginning = first;
                beginnings += 1;
            }
        }
        assert!(beginnings < 70, "the beginning moved {beginnings} times in 1,000 turns");
    }
}
