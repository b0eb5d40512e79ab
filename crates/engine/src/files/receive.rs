//! Takes a content in: streamed to a temporary file, bounded, hashed, recognised, and scanned.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use vpaura_knowledge::extract::{self, FileKind, UnsupportedKind};

use super::storage::Incoming;
use crate::{Engine, Error, Result};

/// Bytes looked at to recognise a type.
const HEAD_BYTES: usize = 8 * 1024;

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

    /// Puts what was taken in where it stays; its hash.
    pub(crate) async fn keep_content(&self, received: Received) -> Result<String> {
        self.files.keep(received.incoming).await
    }
}

impl Received {
    /// The bytes, from their beginning.
    pub(crate) async fn reader(&mut self) -> Result<std::fs::File> {
        Ok(self.incoming.reader().await?)
    }
}
