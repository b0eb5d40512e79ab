//! Fetches pages of the web, as their documents' content.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use vpaura_knowledge::extract::Charset;
use vpaura_llm::FetchError;
use vpaura_store::{ClaimedDocument, Content, Fetched, Rename};

use super::trouble::Trouble;
use crate::documents::{is_made_of_url, page_title};
use crate::files::{Kept, ReadFor};
use crate::{Engine, Error};

/// After so many tries a page that does not answer is given up.
const MAX_TRIES: u32 = 6;

/// The endings of names for what servers say that they send.
const ENDINGS: &[(&str, &str)] = &[
    ("text/html", "html"),
    ("application/xhtml+xml", "html"),
    ("text/markdown", "md"),
    ("application/json", "json"),
    ("text/csv", "csv"),
    ("text/tab-separated-values", "tsv"),
];

/// A page that was fetched, which its document gets together with its chunks: until then it shows
/// what it showed before.
#[derive(Debug)]
pub(super) struct FetchedPage {
    /// Its bytes.
    pub(super) kept: Arc<Kept>,
    /// What the document's row gets of it.
    pub(super) fetched: Fetched,
}

impl Engine {
    /// Fetches the page that is to be the document's content. The document is here, and nowhere
    /// else, as if it had that content already.
    pub(super) async fn fetch_content(
        &self,
        claimed: &mut ClaimedDocument,
        url: &str,
    ) -> Result<FetchedPage, Trouble> {
        let tries = claimed.tries;
        let unfetched = move |error: FetchError| unfetched(&error, tries);
        let page = self.fetcher.fetch(url).await.map_err(unfetched)?;
        let name = name_for(page.file_name(), page.media_type().as_deref());
        let charset = page.charset().and_then(|label| Charset::for_label(&label));
        let body =
            page.into_stream().map(|piece: Result<Bytes, FetchError>| piece.map_err(unfetched));
        let mut received = self.receive(&name, body, u64::MAX).await?;
        let (media_type, size) = (received.media_type, received.size);
        let media_type =
            charset.map_or_else(|| media_type.to_owned(), |charset| charset.noted_on(media_type));
        // Nothing is kept of what cannot be read: nobody would own it.
        let asker = self.asker(ReadFor::Document(&claimed.claim)).await?;
        let extracted = self.extractor.extract(&asker, &media_type, received.reader().await?).await;
        let extracted = extracted.map_err(Error::from)?;
        let kept = self.keep_content(received).await?;
        self.keep_extracted(&kept.sha256, &media_type, &extracted).await;
        // A page is called by its title, unless it was given a name.
        let title = extracted.title.filter(|_| is_made_of_url(&claimed.document.name, url));
        let title = title.and_then(|title| page_title(&title));
        let document = &mut claimed.document;
        let rename = title.map(|to| {
            let from = std::mem::replace(&mut document.name, to.clone());
            Rename { from, to }
        });
        document.sha256 = Some(kept.sha256.clone());
        document.media_type = Some(media_type.clone());
        document.size = Some(size);
        let content = Content { sha256: kept.sha256.clone(), media_type, size };
        Ok(FetchedPage { kept: Arc::new(kept), fetched: Fetched { content, rename } })
    }
}

/// The page's name for telling its type: what it is called, with an ending that says what its
/// server says.
fn name_for(file_name: Option<String>, media_type: Option<&str>) -> String {
    let name = file_name.unwrap_or_else(|| "page".to_owned());
    let known = ENDINGS.iter().find(|(known, _)| Some(*known) == media_type);
    match known {
        Some((_, ending)) if !name.to_lowercase().ends_with(&format!(".{ending}")) => {
            format!("{name}.{ending}")
        }
        _ => name,
    }
}

/// What it means for the document that its page could not be fetched.
fn unfetched(error: &FetchError, tries: u32) -> Trouble {
    let why = format!("the page could not be fetched: {error}");
    if may_pass(error) && tries < MAX_TRIES {
        Trouble::Passing(format!("{why}; it is tried again"))
    } else {
        Trouble::Document(why)
    }
}

/// Whether the page may be there a little later.
const fn may_pass(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Timeout
            | FetchError::Unreachable(_)
            | FetchError::Broken(_)
            | FetchError::Status(429 | 500..)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_by_what_their_server_says() {
        let name = |name: Option<&str>, kind| name_for(name.map(str::to_owned), kind);
        assert_eq!(name(None, Some("text/html")), "page.html");
        assert_eq!(name(Some("a.html"), Some("text/html")), "a.html");
        assert_eq!(name(Some("report.php"), Some("text/html")), "report.php.html");
        assert_eq!(name(Some("a.pdf"), Some("application/pdf")), "a.pdf");
        assert_eq!(name(Some("a.md"), Some("text/plain")), "a.md");
        assert_eq!(name(None, None), "page");
    }
}
