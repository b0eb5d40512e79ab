//! What a document may be called, and the addresses that are taken.

use url::Url;
use vpaura_domain::clean_name;

use crate::{Error, Result};

const MAX_NAME_BYTES: usize = 255;
const MAX_URL_BYTES: usize = 2_048;
/// How much of a text's first line becomes its name, in characters.
const MADE_NAME_CHARS: usize = 80;

/// A name as given.
pub(super) fn name(given: &str) -> Result<String> {
    let name = clean_name(given, MAX_NAME_BYTES).map_err(Error::text("name"))?;
    if name.len() > MAX_NAME_BYTES {
        let reason = format!("must be at most {MAX_NAME_BYTES} bytes of UTF-8");
        return Err(Error::invalid("name", reason));
    }
    Ok(name)
}

/// A name for a text that was given none: its first line.
pub(super) fn name_of_text(text: &str) -> String {
    let line = text.lines().map(|line| line.trim_start_matches(['#', ' ', '\t']));
    let line = line.map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    made(line, "Text")
}

/// A name for a page that was given none: its address, until the page's title is known.
pub(super) fn name_of_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    made(&format!("{host}{}", url.path().trim_end_matches('/')), "Page")
}

/// Whether the name is what a page at this address was called before its title was known.
pub(crate) fn is_made_of_url(name: &str, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| name_of_url(&url) == name)
}

/// A page's title as a name, where it can be one.
pub(crate) fn page_title(title: &str) -> Option<String> {
    Some(made(title, "")).filter(|name| !name.is_empty())
}

fn made(from: &str, otherwise: &str) -> String {
    let short: String = from.chars().take(MADE_NAME_CHARS).filter(|c| !c.is_control()).collect();
    let mut end = short.len().min(MAX_NAME_BYTES);
    while !short.is_char_boundary(end) {
        end -= 1;
    }
    clean_name(&short[..end], MAX_NAME_BYTES).unwrap_or_else(|_| otherwise.to_owned())
}

/// An address of the web without a user's name or password in it. Whether it may be reached is
/// found out when it is fetched.
pub(super) fn url(given: &str) -> Result<Url> {
    let refused = |reason: &str| Error::invalid("url", reason);
    if given.len() > MAX_URL_BYTES {
        return Err(refused("must be at most 2048 bytes"));
    }
    let url = Url::parse(given.trim()).map_err(|error| refused(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(refused("must start with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not hold a name or a password"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_pages_are_given_a_name() {
        assert_eq!(name_of_text("\n \n## Opening hours\n\nNine to five."), "Opening hours");
        assert_eq!(name_of_text("\n\u{202E}\n"), "Text");
        assert_eq!(name_of_text(&"漢".repeat(200)).chars().count(), 80);
        let url = url("https://example.org/a/b/?q=1#x").expect("an address");
        assert_eq!(name_of_url(&url), "example.org/a/b");
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for wrong in
            ["", "example.org", "ftp://a", "file:///etc/passwd", "https://u:p@a", "http://"]
        {
            assert!(url(wrong).is_err(), "{wrong}");
        }
        assert!(url(&format!("https://a/{}", "x".repeat(2_048))).is_err());
    }

    #[test]
    fn names_are_bounded_in_bytes() {
        assert_eq!(name(" a ").ok().as_deref(), Some("a"));
        assert!(name(&"漢".repeat(86)).is_err());
        assert!(name("a\nb").is_err());
    }
}
