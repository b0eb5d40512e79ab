//! Finds out what an upload is: by its content first, by its name only among texts.

use crate::{Error, Result};

/// Bytes looked at to recognise a binary format.
pub(super) const HEAD_BYTES: usize = 8 * 1024;

/// The types of text that are read now, by the ending of the name.
const TEXTS: &[(&str, &str)] = &[
    ("txt", "text/plain"),
    ("text", "text/plain"),
    ("log", "text/plain"),
    ("md", "text/markdown"),
    ("markdown", "text/markdown"),
    ("json", "application/json"),
    ("jsonl", "application/jsonl"),
    ("rs", "text/x-rust"),
    ("py", "text/x-python"),
    ("js", "text/javascript"),
    ("mjs", "text/javascript"),
    ("cjs", "text/javascript"),
    ("jsx", "text/javascript"),
    ("ts", "text/x-typescript"),
    ("tsx", "text/x-typescript"),
    ("go", "text/x-go"),
    ("java", "text/x-java"),
    ("kt", "text/x-kotlin"),
    ("swift", "text/x-swift"),
    ("c", "text/x-c"),
    ("h", "text/x-c"),
    ("cc", "text/x-c++"),
    ("cpp", "text/x-c++"),
    ("hpp", "text/x-c++"),
    ("cs", "text/x-csharp"),
    ("rb", "text/x-ruby"),
    ("php", "text/x-php"),
    ("pl", "text/x-perl"),
    ("lua", "text/x-lua"),
    ("r", "text/x-r"),
    ("scala", "text/x-scala"),
    ("sh", "text/x-sh"),
    ("bash", "text/x-sh"),
    ("sql", "text/x-sql"),
    ("css", "text/css"),
    ("scss", "text/x-scss"),
    ("vue", "text/x-vue"),
    ("toml", "text/x-toml"),
    ("yaml", "text/x-yaml"),
    ("yml", "text/x-yaml"),
    ("ini", "text/plain"),
    ("conf", "text/plain"),
    ("tf", "text/x-terraform"),
    ("proto", "text/x-protobuf"),
    ("graphql", "text/x-graphql"),
    ("dockerfile", "text/x-dockerfile"),
    ("makefile", "text/x-makefile"),
];

/// Types that are texts but mean more than their characters; they get readers of their own.
const LATER: &[&str] = &["csv", "tsv", "html", "htm", "xml", "svg", "rtf", "eml"];

/// The media type of an upload, or why it cannot be read. `head` is the beginning of the
/// content; whether all of it is UTF-8 is checked while it is read.
pub(super) fn media_type(name: &str, head: &[u8]) -> Result<&'static str> {
    if let Some(kind) = infer::get(head) {
        return Err(unsupported(kind.mime_type()));
    }
    if head.contains(&0) {
        return Err(unsupported("binary data"));
    }
    let ending = name.rsplit_once('.').map_or(name, |(_, ending)| ending).to_lowercase();
    if LATER.contains(&ending.as_str()) {
        return Err(unsupported(&format!(".{ending}")));
    }
    let known = TEXTS.iter().find(|(known, _)| *known == ending);
    match known {
        Some((_, media_type)) => Ok(media_type),
        // A name without a known ending: text, if it reads as text.
        None if !name.contains('.') || ending.len() > 10 => Ok("text/plain"),
        None => Err(unsupported(&format!(".{ending}"))),
    }
}

fn unsupported(what: &str) -> Error {
    Error::UnsupportedFile(format!(
        "{what} cannot be read yet: upload plain text, Markdown, JSON or source code"
    ))
}

/// The upload's name without a path or control characters, at most 255 bytes.
pub(super) fn safe_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    let clean: String = base.chars().filter(|&c| !hidden(c)).collect();
    let clean = clean.trim().trim_start_matches('.').trim();
    let mut end = clean.len().min(255);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    match &clean[..end] {
        "" => "file".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_before_the_name() {
        assert_eq!(media_type("a.md", b"# Hi").ok(), Some("text/markdown"));
        assert_eq!(media_type("main.rs", b"fn main() {}").ok(), Some("text/x-rust"));
        assert_eq!(media_type("README", b"hello").ok(), Some("text/plain"));
        assert_eq!(media_type("Makefile", b"all:").ok(), Some("text/x-makefile"));
        for (name, content) in [
            ("a.txt", &b"%PDF-1.7\n"[..]),
            ("a.md", b"\x89PNG\r\n\x1a\n0000"),
            ("a.txt", b"PK\x03\x04rest of a zip archive"),
            ("a.txt", b"a\0b"),
            ("a.pdf", b"plain"),
            ("a.html", b"<p>"),
            ("a.exe", b"plain"),
        ] {
            assert!(media_type(name, content).is_err(), "{name}");
        }
    }

    #[test]
    fn names_are_made_safe() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\temp\\a.txt"), "a.txt");
        assert_eq!(safe_name("a\u{202E}txt.exe\0"), "atxt.exe");
        assert_eq!(safe_name("/"), "file");
        assert_eq!(safe_name(".."), "file");
        assert_eq!(safe_name(&"é".repeat(300)).len(), 254);
    }
}
