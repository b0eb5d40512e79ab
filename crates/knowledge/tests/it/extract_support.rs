//! Reads files as the server does: sniffed, and through a real child process.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use vpaura_knowledge::extract::{
    Asker, ExtractError, ExtractLimits, Extracted, Extractor, HEAD_BYTES, sniff,
};
use vpaura_test_support::extract_child;

/// Limits under which every good file of the tests is read.
pub(crate) const LIMITS: ExtractLimits = ExtractLimits {
    memory: 512 << 20,
    cpu: Duration::from_secs(60),
    wall: Duration::from_secs(180),
    text_bytes: 8 << 20,
    children: 2,
    wait: Duration::from_secs(30),
};

/// Somebody who has a file read.
pub(crate) fn somebody() -> Asker {
    Asker::person("somebody", "")
}

pub(crate) fn extractor(limits: ExtractLimits) -> Extractor {
    Extractor::new(extract_child(), limits)
}

/// A file with this content that has no name any more.
pub(crate) fn unlinked(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file
}

/// What a file with this name and content says.
pub(crate) async fn read(name: &str, content: &[u8]) -> Result<Extracted, ExtractError> {
    read_within(LIMITS, name, content).await
}

pub(crate) async fn read_within(
    limits: ExtractLimits,
    name: &str,
    content: &[u8],
) -> Result<Extracted, ExtractError> {
    let kind = sniff(name, &content[..content.len().min(HEAD_BYTES)])
        .map_err(|error| ExtractError::Unsupported(error.to_string()))?;
    extractor(limits).extract(&somebody(), kind.media_type, unlinked(content)).await
}

/// The bytes of a file among the fixtures.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new("tests/fixtures").join(name)).unwrap()
}

/// Checks what every extracted text keeps.
pub(crate) fn check(found: &Extracted) {
    let chars = found.text.chars().count();
    assert!(found.pages.is_sorted(), "{:?}", found.pages);
    assert!(found.pages.iter().all(|page| *page as usize <= chars), "{:?} of {chars}", found.pages);
    let foreign = |c: char| (c.is_control() && c != '\n' && c != '\t') || c == '\u{FEFF}';
    assert!(!found.text.contains(foreign));
    assert!(!found.text.trim().is_empty());
}
