//! `[limits]`: how much one caller may do.

use std::time::Duration;

use crate::reader::Reader;

/// `[limits]`.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// Requests that one caller may make in a window.
    pub requests: u32,
    /// Length of the window.
    pub window: Duration,
    /// Messages that one anonymous visitor may send in a minute; also those that one address
    /// may send without a session.
    pub anonymous_chat_per_minute: u32,
    /// Messages that one anonymous visitor may send in an hour; also those that one address
    /// may send without a session.
    pub anonymous_chat_per_hour: u32,
    /// Largest file, in bytes.
    pub upload_bytes: u64,
    /// Largest message of a person, in bytes of UTF-8.
    pub message_bytes: usize,
}

impl LimitsConfig {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        Self {
            requests: r.integer("limits.requests", 1..=10_000_000),
            window: r.seconds("limits.window_seconds", 1..=86_400),
            anonymous_chat_per_minute: r.integer("limits.anonymous_chat_per_minute", 1..=1_000_000),
            anonymous_chat_per_hour: r.integer("limits.anonymous_chat_per_hour", 1..=1_000_000),
            upload_bytes: r.integer("limits.upload_bytes", 1..=2_147_483_648),
            message_bytes: r.integer("limits.message_bytes", 1..=8_388_608),
        }
    }
}
