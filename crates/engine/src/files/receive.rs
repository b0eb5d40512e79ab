//! Takes a content in: streamed to a temporary file, bounded, hashed, recognised, and scanned.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use vpaura_knowledge::extract::{self, FileKind, UnsupportedKind};

use super::storage::Incoming;
use crate::{Engine, Error, Result};

/// Bytes looked at to recognise a type.
const HEAD_BYTES: usize = 8 * 1024;
/// How long a content may be in its place before its row is stored.
const EXPECTED: Duration = Duration::from_secs(60 * 60);

/// Tells what a content is, from its name and its beginning.
type Recognise = fn(&str, &[u8]) -> Result<FileKind, UnsupportedKind>;

/// A content that may be kept. Dropped, it leaves nothing behind.
pub(crate) struct Received {
    /// Its name, made safe.
    pub(crate) name: String,
    /// What it is.
    pub(crate) media_type: &'static str,
    /// How many bytes it has.
    pub(crate) size: u64,
    incoming: Incoming,
}

/// A content in its place that no row may refer to yet.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Its hash.
    pub(crate) sha256: String,
    incoming: Incoming,
}

impl Engine {
    /// Takes in an upload called `name`. `content` may end with an error of the transport, which
    /// is the caller's own and leaves nothing behind.
    pub(crate) async fn receive<S, E>(
        &self,
        name: &str,
        content: S,
        max_bytes: u64,
    ) -> Result<Received, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: From<Error>,
    {
        self.receive_as(extract::sniff, name, content, max_bytes).await
    }

    /// Takes in a text that was handed over as one, whatever file it begins like.
    pub(crate) async fn receive_text(
        &self,
        name: &str,
        text: String,
        max_bytes: u64,
    ) -> Result<Received> {
        let content = stream::iter([Ok::<_, Error>(Bytes::from(text))]);
        let recognise: Recognise = |name, head| Ok(extract::kind_of_text(name, head));
        self.receive_as(recognise, name, content, max_bytes).await
    }

    async fn receive_as<S, E>(
        &self,
        recognise: Recognise,
        name: &str,
        mut content: S,
        max_bytes: u64,
    ) -> Result<Received, E>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
        E: From<Error>,
    {
        let name = extract::safe_name(name);
        let mut incoming = self.files.receive(self.ids.uuid()).await.map_err(Error::from)?;
        let mut head = Vec::new();
        while let Some(bytes) = content.next().await {
            let bytes = bytes?;
            let wanted = HEAD_BYTES.saturating_sub(head.len()).min(bytes.len());
            head.extend_from_slice(&bytes[..wanted]);
            if incoming.size() + bytes.len() as u64 > max_bytes {
                return Err(Error::FileTooLarge { max_bytes }.into());
            }
            incoming.write(&bytes).await.map_err(Error::from)?;
        }
        if incoming.size() == 0 {
            return Err(Error::invalid("file", "must not be empty").into());
        }
        let kind = recognise(&name, &head)
            .map_err(|unsupported| Error::UnsupportedFile(unsupported.to_string()))?;
        let mut received =
            Received { name, media_type: kind.media_type, size: incoming.size(), incoming };
        if let Some(scanner) = &self.scanner {
            scanner.scan(received.reader().await?).await?;
        }
        Ok(received)
    }

    /// Puts what was taken in where it stays. It is removed again unless a row is
    /// [stored](Self::store_with_content) that refers to it.
    pub(crate) async fn keep_content(&self, received: Received) -> Result<Kept> {
        let mut incoming = received.incoming;
        let sha256 = incoming.finish().await?;
        self.store.expect_content(&sha256, EXPECTED).await?;
        self.files.keep(&sha256, &incoming).await?;
        Ok(Kept { sha256, incoming })
    }

    /// Stores what is to refer to the content. The content is then in its place, also where it was
    /// removed a moment before; where what came of it does not refer to the content, that is
    /// released. All this is done even if the caller leaves half-way.
    pub(crate) fn store_with_content<T: Send + 'static>(
        &self,
        kept: Kept,
        storing: impl Future<Output = Result<T>> + Send + 'static,
        refers: impl Fn(&T) -> bool + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        self.store_with_contents(vec![Arc::new(kept)], storing, refers)
    }

    /// As [`Self::store_with_content`], with any number of contents. Where not all are referred to,
    /// all are released: it is looked at each whether something refers to it.
    pub(crate) fn store_with_contents<T: Send + 'static>(
        &self,
        kept: Vec<Arc<Kept>>,
        storing: impl Future<Output = Result<T>> + Send + 'static,
        refers: impl Fn(&T) -> bool + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        let engine = self.clone();
        let stored = self.tasks.spawn(async move {
            let stored = storing.await;
            // Whether it was stored may be unknown.
            for kept in &kept {
                engine.files.keep(&kept.sha256, &kept.incoming).await?;
            }
            if !stored.as_ref().is_ok_and(refers) {
                for kept in &kept {
                    engine.store.release_content(&kept.sha256).await?;
                }
                engine.released.notify_one();
            }
            stored
        });
        async move {
            stored.await.map_err(|error| Error::Internal(format!("storing a content: {error}")))?
        }
    }
}

impl Received {
    /// The bytes, from their beginning.
    pub(crate) async fn reader(&mut self) -> Result<std::fs::File> {
        Ok(self.incoming.reader().await?)
    }
}
