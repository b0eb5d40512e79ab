//! From a claimed document to its chunks.

use vpaura_domain::DocumentSource;
use vpaura_knowledge::chunk::{NewChunk, chunk};
use vpaura_knowledge::terms::Language;
use vpaura_store::ClaimedDocument;

use super::asker::BELIEVED;
use super::fetch::FetchedPage;
use super::trouble::Trouble;
use crate::files::ReadFor;
use crate::{Engine, Error};

/// How many chunks a document may have: what that takes is in memory while it is indexed.
const MOST_CHUNKS: usize = 400_000;

/// A document that was read and cut.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) claimed: ClaimedDocument,
    /// What was fetched for it, where it is a page of the web.
    pub(super) page: Option<FetchedPage>,
    pub(super) language: Language,
    /// How many characters of text it has.
    pub(super) chars: u64,
    /// How many pages, where it has such.
    pub(super) pages: Option<u32>,
    /// What of it could not be read, in sentences for people.
    pub(super) notice: Option<String>,
    /// How many bytes its chunks have.
    pub(super) bytes: usize,
    pub(super) chunks: Vec<NewChunk>,
}

impl Engine {
    /// Reads and cuts a document. None when that did not succeed, which is noted on it.
    pub(super) async fn prepare_document(&self, mut claimed: ClaimedDocument) -> Option<Prepared> {
        let began = tokio::time::Instant::now();
        match self.read_and_cut(&mut claimed).await {
            Ok(cut) => {
                metrics::histogram!("vpaura_ingest_seconds", "stage" => "read")
                    .record(began.elapsed());
                let (page, Cut { language, chars, pages, notice, chunks }) = cut;
                let bytes = chunks.iter().map(|chunk| chunk.text.len()).sum();
                Some(Prepared { claimed, page, language, chars, pages, notice, bytes, chunks })
            }
            Err(trouble) => {
                self.note_trouble(&claimed, &trouble).await;
                None
            }
        }
    }

    async fn read_and_cut(&self, claimed: &mut ClaimedDocument) -> Result<ReadDocument, Trouble> {
        self.still_asked_for(claimed).await?;
        let asked = tokio::time::Instant::now();
        let cut = self.read_and_cut_now(claimed).await?;
        if asked.elapsed() >= BELIEVED {
            self.still_asked_for(claimed).await?;
        }
        Ok(cut)
    }

    async fn read_and_cut_now(
        &self,
        claimed: &mut ClaimedDocument,
    ) -> Result<ReadDocument, Trouble> {
        let page = match claimed.document.source.clone() {
            DocumentSource::Url { url } => Some(self.fetch_content(claimed, &url).await?),
            _ => None,
        };
        let document = &claimed.document;
        let (Some(sha256), Some(media_type)) = (&document.sha256, &document.media_type) else {
            return Err(Trouble::Document("it has no content: add it again".to_owned()));
        };
        let extracted = self.extracted(ReadFor::Document(&claimed.claim), sha256, media_type).await;
        let extracted = extracted.map_err(|error| Trouble::of_content(error, claimed.tries))?;
        let chunking = claimed.chunking;
        let cut = tokio::task::spawn_blocking(move || Cut {
            language: Language::detect(&extracted.text),
            chars: extracted.text.chars().count() as u64,
            pages: u32::try_from(extracted.pages.len()).ok().filter(|&pages| pages > 0),
            chunks: chunk(&extracted, &chunking),
            notice: extracted.notice,
        });
        let cut = cut.await.map_err(|error| Error::Internal(format!("cutting a text: {error}")))?;
        if cut.chunks.is_empty() {
            return Err(Trouble::Document("there is no text in it".to_owned()));
        }
        if cut.chunks.len() > MOST_CHUNKS {
            return Err(Trouble::Document(format!(
                "it makes {} chunks, and a document may have {MOST_CHUNKS}: split it, or let the \
                 collection have larger chunks",
                cut.chunks.len()
            )));
        }
        Ok((page, cut))
    }
}

/// What a document was read from, if that was fetched, and its pieces.
type ReadDocument = (Option<FetchedPage>, Cut);

/// A text in pieces.
struct Cut {
    language: Language,
    chars: u64,
    pages: Option<u32>,
    notice: Option<String>,
    chunks: Vec<NewChunk>,
}
