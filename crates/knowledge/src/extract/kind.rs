//! Finds out what an upload is: by its content first, by its name only where contents look alike.

use super::decode::{bare_utf16, foreign_utf16, is_texty, looks_binary};

/// Bytes of the beginning that [`sniff`] should be given; less is fine for smaller files.
pub const HEAD_BYTES: usize = 8 * 1024;

/// How a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines of words.
    Plain,
    /// Markdown, as it is.
    Markdown,
    /// Source code in this language, as it is.
    Code(&'static str),
    /// A table whose columns are told apart by a character.
    Table,
    /// A page of the web.
    Html,
    /// One JSON value.
    Json,
    /// One JSON value a line.
    JsonLines,
    /// An office file: a zip archive of XML, or an OLE compound file where it is of before 2007 or
    /// encrypted. Which one, the file itself says.
    Office,
    /// PDF.
    Pdf,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// Its media type.
    pub media_type: &'static str,
    /// How it is read.
    pub format: Format,
}

/// A file that is not read. Its text is a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{what} cannot be read: upload text, Markdown, PDF, Word, PowerPoint, Excel, OpenDocument \
     spreadsheets, CSV, HTML, JSON or source code"
)]
pub struct UnsupportedKind {
    what: String,
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const XLS: &str = "application/vnd.ms-excel";
const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const PDF: &str = "application/pdf";

/// The types of text, by the ending of the name.
const TEXTS: &[(&str, &str, Format)] = &[
    ("txt", "text/plain", Format::Plain),
    ("md", "text/markdown", Format::Markdown),
    ("markdown", "text/markdown", Format::Markdown),
    ("csv", "text/csv", Format::Table),
    ("tsv", "text/tab-separated-values", Format::Table),
    ("html", "text/html", Format::Html),
    ("htm", "text/html", Format::Html),
    ("xhtml", "text/html", Format::Html),
    ("json", "application/json", Format::Json),
    ("geojson", "application/json", Format::Json),
    ("ipynb", "application/json", Format::Json),
    ("jsonl", "application/jsonl", Format::JsonLines),
    ("ndjson", "application/jsonl", Format::JsonLines),
    ("xml", "application/xml", Format::Code("xml")),
    ("svg", "application/xml", Format::Code("xml")),
    ("rs", "text/x-rust", Format::Code("rust")),
    ("py", "text/x-python", Format::Code("python")),
    ("pyi", "text/x-python", Format::Code("python")),
    ("js", "text/javascript", Format::Code("javascript")),
    ("mjs", "text/javascript", Format::Code("javascript")),
    ("cjs", "text/javascript", Format::Code("javascript")),
    ("jsx", "text/javascript", Format::Code("javascript")),
    ("ts", "text/x-typescript", Format::Code("typescript")),
    ("tsx", "text/x-typescript", Format::Code("typescript")),
    ("go", "text/x-go", Format::Code("go")),
    ("java", "text/x-java", Format::Code("java")),
    ("kt", "text/x-kotlin", Format::Code("kotlin")),
    ("swift", "text/x-swift", Format::Code("swift")),
    ("c", "text/x-c", Format::Code("c")),
    ("h", "text/x-c", Format::Code("c")),
    ("cc", "text/x-c++", Format::Code("cpp")),
    ("cpp", "text/x-c++", Format::Code("cpp")),
    ("hpp", "text/x-c++", Format::Code("cpp")),
    ("cs", "text/x-csharp", Format::Code("csharp")),
    ("rb", "text/x-ruby", Format::Code("ruby")),
    ("php", "text/x-php", Format::Code("php")),
    ("pl", "text/x-perl", Format::Code("perl")),
    ("lua", "text/x-lua", Format::Code("lua")),
    ("r", "text/x-r", Format::Code("r")),
    ("scala", "text/x-scala", Format::Code("scala")),
    ("sh", "text/x-sh", Format::Code("bash")),
    ("bash", "text/x-sh", Format::Code("bash")),
    ("sql", "text/x-sql", Format::Code("sql")),
    ("css", "text/css", Format::Code("css")),
    ("scss", "text/x-scss", Format::Code("scss")),
    ("vue", "text/x-vue", Format::Code("vue")),
    ("toml", "text/x-toml", Format::Code("toml")),
    ("yaml", "text/x-yaml", Format::Code("yaml")),
    ("yml", "text/x-yaml", Format::Code("yaml")),
    ("tf", "text/x-terraform", Format::Code("hcl")),
    ("proto", "text/x-protobuf", Format::Code("protobuf")),
    ("graphql", "text/x-graphql", Format::Code("graphql")),
    ("dockerfile", "text/x-dockerfile", Format::Code("dockerfile")),
    ("makefile", "text/x-makefile", Format::Code("makefile")),
];

/// The types of office files, by the ending of the name and the folder that tells them in a zip.
const OFFICE: &[(&str, &str, &[u8])] = &[
    ("docx", DOCX, b"word/"),
    ("pptx", PPTX, b"ppt/"),
    ("xlsx", XLSX, b"xl/"),
    ("ods", ODS, b"opendocument.spreadsheet"),
];

const PLAIN: FileKind = FileKind { media_type: "text/plain", format: Format::Plain };

impl FileKind {
    /// The kind with this media type, if it is one that [`sniff`] gives. Its parameters do not
    /// matter.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let media_type = media_type.split(';').next().unwrap_or(media_type).trim_end();
        if let Some((_, known, format)) = TEXTS.iter().find(|(_, known, _)| *known == media_type) {
            return Some(Self { media_type: known, format: *format });
        }
        if let Some((_, known, _)) = OFFICE.iter().find(|(_, known, _)| *known == media_type) {
            return Some(Self { media_type: known, format: Format::Office });
        }
        match media_type {
            PDF => Some(Self { media_type: PDF, format: Format::Pdf }),
            XLS => Some(Self { media_type: XLS, format: Format::Office }),
            _ => None,
        }
    }
}

/// What an upload is, from its name and the beginning of its content, or that it cannot be read.
/// A file under a wrong name is what its content is.
pub fn sniff(name: &str, head: &[u8]) -> Result<FileKind, UnsupportedKind> {
    let ending = ending_of(name);
    let kind = |media_type, format| Ok(FileKind { media_type, format });
    let is_utf16 = head.starts_with(b"\xFF\xFE")
        || head.starts_with(b"\xFE\xFF")
        || bare_utf16(&head[..head.len() & !1]).is_some();
    let is_text = is_utf16 || is_utf8_text(head);
    if is_pdf(head, is_text) {
        return kind(PDF, Format::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        let media_type = office_type(&ending, head).ok_or_else(|| unsupported("a zip archive"))?;
        return kind(media_type, Format::Office);
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return match ending.as_str() {
            "doc" | "dot" => Err(unsupported("Word's format of before 2007 (.doc)")),
            "ppt" | "pps" => Err(unsupported("PowerPoint's format of before 2007 (.ppt)")),
            "msg" => Err(unsupported("an Outlook message")),
            _ => kind(XLS, Format::Office),
        };
    }
    if head.starts_with(b"{\\rtf") {
        return Err(unsupported("RTF"));
    }
    if head.starts_with(b"%!PS") {
        return Err(unsupported("PostScript"));
    }
    // A few letters are enough for `infer`, which texts begin with too: BM25, SQLite, %!TEX.
    if !is_text {
        if let Some(found) = infer::get(head).filter(|found| !is_text_type(found.mime_type())) {
            return Err(unsupported(found.mime_type()));
        }
        if looks_binary(head) && foreign_utf16(&head[..head.len() & !1]).is_none() {
            return Err(unsupported("binary data"));
        }
    }
    Ok(text_kind(&ending, head))
}

/// What a text is that was handed over as one, not as a file: never refused, whatever its first
/// letters are those of.
pub fn kind_of_text(name: &str, head: &[u8]) -> FileKind {
    text_kind(&ending_of(name), head)
}

fn ending_of(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(_, ending)| ending).to_lowercase()
}

/// Whether these bytes begin a text in UTF-8: no control characters, and all of it characters, of
/// which the last may be cut.
fn is_utf8_text(head: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && head.iter().all(|&byte| is_texty(byte))
}

/// Whether this is a PDF. Other bytes may stand before it, if they do not make it a text that
/// mentions the format.
fn is_pdf(head: &[u8], is_text: bool) -> bool {
    const MARK: &[u8] = b"%PDF-";
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let look = &head[..head.len().min(1_024)];
    start.starts_with(MARK) || !is_text && look.windows(MARK.len()).any(|window| window == MARK)
}

/// Which office file a zip archive is, as far as its beginning and its name tell.
fn office_type(ending: &str, head: &[u8]) -> Option<&'static str> {
    let holds = |word: &[u8]| head.windows(word.len()).any(|window| window == word);
    let told = OFFICE.iter().find(|(_, _, folder)| holds(folder));
    // Large archives begin with other parts: then the name decides, and the reader looks again.
    let named = || OFFICE.iter().find(|(known, ..)| *known == ending);
    told.or_else(named).map(|(_, media_type, _)| *media_type)
}

fn text_kind(ending: &str, head: &[u8]) -> FileKind {
    let known = TEXTS.iter().find(|(known, ..)| *known == ending);
    let kind = known.map_or(PLAIN, |&(_, media_type, format)| FileKind { media_type, format });
    let begins = |words: &[&str]| {
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        words.iter().any(|word| {
            text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        })
    };
    match kind.format {
        // A saved page keeps being a page under another name.
        Format::Plain | Format::Markdown | Format::Json | Format::Table
            if begins(&["<!doctype html", "<html"]) =>
        {
            FileKind { media_type: "text/html", format: Format::Html }
        }
        Format::Html if !head.contains(&b'<') => PLAIN,
        _ => kind,
    }
}

/// Whether `infer` calls by this name what is text to us.
fn is_text_type(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type == "application/xml"
}

fn unsupported(what: &str) -> UnsupportedKind {
    UnsupportedKind { what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(name: &str, head: &[u8]) -> Option<&'static str> {
        sniff(name, head).ok().map(|kind| kind.media_type)
    }

    #[test]
    fn content_decides_before_the_name() {
        for (name, content, expected) in [
            ("a.md", &b"# Hi"[..], Some("text/markdown")),
            ("main.rs", b"fn main() {}", Some("text/x-rust")),
            ("README", b"hello", Some("text/plain")),
            ("Makefile", b"all:", Some("text/x-makefile")),
            ("a.txt", b"%PDF-1.7\n", Some("application/pdf")),
            ("a.pdf", b"plain", Some("text/plain")),
            ("a.exe", b"plain", Some("text/plain")),
            ("a.txt", b"\n<!DOCTYPE HTML><p>", Some("text/html")),
            ("a.html", b"no page", Some("text/plain")),
            ("a.txt", b"\xFF\xFEa\0b\0", Some("text/plain")),
            ("a.csv", b"a\0,\0b\0", Some("text/csv")),
            // "Привет мир" without a mark.
            ("a.txt", b"\x1F\x04@\x048\x042\x045\x04B\x04 \0<\x048\x04@\x04", Some("text/plain")),
            ("a.pdf", b"PK\x03\x04....word/document.xml", Some(DOCX)),
            ("a.pptx", b"PK\x03\x04....[Content_Types].xml", Some(PPTX)),
            ("a.txt", b"PK\x03\x04rest of a zip archive", None),
            ("a.docx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Some(XLS)),
            ("a.doc", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", None),
            ("a.md", b"\x89PNG\r\n\x1a\n0000", None),
            ("a.txt", b"a\0b\x01\x02", None),
            ("a.rtf", b"{\\rtf1", None),
            ("a.txt", b"", Some("text/plain")),
        ] {
            assert_eq!(media_type(name, content), expected, "{name}");
        }
    }

    #[test]
    fn texts_may_begin_as_other_files_do() {
        for start in [
            "BM25 is how words are ranked.",
            "MZ is where programs begin.",
            "SQLite is one file.",
            "GIF or PNG?",
            "ID3 tags",
            "MAC addresses are 48 bits long.",
            "CWS and FWS",
            "%!TEX root = main.tex",
            "BZh and LZIP and fLaC",
            "LZIP packs.",
            "fLaC plays.",
            "A file that begins with %PDF-1.7 is a PDF.",
            "Größen: %PDF-",
        ] {
            assert_eq!(media_type("a.md", start.as_bytes()), Some("text/markdown"), "{start}");
        }
        // The head may end within a character.
        let cut = "BM25 für".as_bytes();
        assert_eq!(media_type("a.md", &cut[..cut.len() - 2]), Some("text/markdown"));
        assert_eq!(media_type("main.tex", b"%!TEX program = xelatex"), Some("text/plain"));
    }

    #[test]
    fn what_only_begins_with_letters_is_still_no_text() {
        for (name, content) in [
            ("a.md", &b"BM\x36\x84\x03\0\0\0\0\0\x36\0\0\0"[..]),
            ("a.md", b"GIF89a\x01\0\x01\0\x80\0\0"),
            ("a.md", b"MZ\x90\0\x03\0\0\0"),
            ("a.md", b"SQLite format 3\0\x10\0"),
            ("a.md", b"BZh91AY&SY\xA4\xC2\x9F\xD1\xE0"),
            ("a.txt", b"%!PS-Adobe-3.0\n%%Title: x\n"),
        ] {
            assert_eq!(media_type(name, content), None, "{content:?}");
        }
    }

    #[test]
    fn a_pdf_may_have_bytes_before_it() {
        for content in [
            &b"%PDF-1.7\n1 0 obj"[..],
            b"\r\n%PDF-1.4\n",
            b"\xEF\xBB\xBF%PDF-1.4\n",
            b"junk %PDF-1.4\n%\xE2\xE3\xCF\xD3\n",
            b"\0\0\x01%PDF-1.4\n",
        ] {
            assert_eq!(media_type("a.pdf", content), Some("application/pdf"), "{content:?}");
        }
    }

    #[test]
    fn what_is_handed_over_as_a_text_is_one() {
        for text in ["BM25", "%PDF-1.7", "{\\rtf is how RTF begins", "%!PS", "plain", ""] {
            assert_eq!(kind_of_text("text.md", text.as_bytes()).media_type, "text/markdown");
        }
    }

    #[test]
    fn every_kind_is_known_again_by_its_media_type() {
        for (_, media_type, format) in TEXTS {
            let kind = FileKind::of_media_type(media_type).unwrap();
            assert_eq!((kind.media_type, kind.format), (*media_type, *format));
        }
        for media_type in [DOCX, PPTX, XLSX, ODS, XLS, PDF] {
            assert_eq!(FileKind::of_media_type(media_type).unwrap().media_type, media_type);
        }
        assert_eq!(FileKind::of_media_type("image/png"), None);
    }
}
