//! Files that are broken, hostile or without text: a kind sentence each, the child alone dies, and
//! nothing is left behind.

use std::io::{Cursor, Write};
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rstest::rstest;
use vpaura_knowledge::extract::{ChildProgram, ExtractError, ExtractLimits, Extractor};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::extract_support::{
    LIMITS, check, extractor, fixture, read, read_within, somebody, unlinked,
};

/// A zip archive of these parts.
pub(crate) fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default().compression_level(Some(1))).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An office file whose main part is this.
pub(crate) fn office(main: &str, content: &[u8]) -> Vec<u8> {
    let rels = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"http://x/officeDocument\" Target=\"{main}\"/></Relationships>"
    );
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", rels.as_bytes()),
        (main, content),
    ])
}

pub(crate) fn word(body: &str) -> Vec<u8> {
    office(
        "word/document.xml",
        format!("<w:document><w:body>{body}</w:body></w:document>").as_bytes(),
    )
}

/// A PDF of these objects, numbered from 1; the first is its catalog.
pub(crate) fn pdf(objects: &[String]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (n, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        writeln!(bytes, "{} 0 obj\n{object}\nendobj", n + 1).unwrap();
    }
    let start = bytes.len();
    writeln!(bytes, "xref\n0 {}\n0000000000 65535 f ", objects.len() + 1).unwrap();
    places.iter().for_each(|place| writeln!(bytes, "{place:010} 00000 n ").unwrap());
    let size = objects.len() + 1;
    write!(bytes, "trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{start}\n%%EOF").unwrap();
    bytes
}

fn one_page_pdf(content: &str, resources: &str) -> Vec<u8> {
    pdf(&[
        "<</Type /Catalog /Pages 2 0 R>>".to_owned(),
        "<</Type /Pages /Kids [3 0 R] /Count 1>>".to_owned(),
        format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 500 500] /Contents 4 0 R /Resources {resources}>>"
        ),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
    ])
}

/// 10⁵ pages, in a tree that also holds itself.
fn very_many_pages() -> Vec<u8> {
    let kids: String = (3..100_003).map(|n| format!("{n} 0 R ")).collect();
    let page = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_owned();
    let mut objects = vec![
        "<</Type /Catalog /Pages 2 0 R>>".to_owned(),
        format!("<</Type /Pages /Kids [{kids} 2 0 R] /Count 100000>>"),
    ];
    objects.resize(100_002, page);
    pdf(&objects)
}

pub(crate) const FONT: &str =
    "<</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>";

#[rstest]
#[case("a.pdf", fixture("locked.pdf"))]
#[case("a.docx", fixture("locked.docx"))]
#[case("a.xlsx", fixture("locked.docx"))]
#[tokio::test]
async fn locked_files_are_said_to_be_locked(#[case] name: &str, #[case] content: Vec<u8>) {
    let error = read(name, &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::Encrypted), "{error:?}");
    assert!(error.to_string().contains("remove the password"), "{error}");
}

#[rstest]
#[case("a.txt", vec![])]
#[case("a.txt", b" \n\t ".to_vec())]
#[case("a.html", b"<p><script>x</script>".to_vec())]
#[case("a.docx", word("<w:p/>"))]
#[case("a.pdf", one_page_pdf("", "<<>>"))]
#[tokio::test]
async fn files_without_text_are_said_to_be_empty(#[case] name: &str, #[case] content: Vec<u8>) {
    let error = read(name, &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::Empty), "{error:?}");
}

#[tokio::test]
async fn a_scan_is_said_to_need_text_recognition() {
    let error = read("scan.pdf", &fixture("scan.pdf")).await.unwrap_err();
    assert!(matches!(error, ExtractError::ImageOnly), "{error:?}");
    assert!(error.to_string().contains("OCR"));
}

#[rstest]
#[case("report.docx")]
#[case("deck.pptx")]
#[case("stock.xlsx")]
#[case("table.ods")]
#[case("old.xls")]
#[case("printed.pdf")]
#[tokio::test]
async fn cut_off_files_are_said_to_be_damaged(#[case] name: &str) {
    let whole = fixture(name);
    for part in [3, 2] {
        let cut = &whole[..whole.len() / part];
        match read(name, cut).await {
            Ok(found) => check(&found),
            // A PDF whose pages are there but not their content has none.
            Err(
                ExtractError::Damaged(_)
                | ExtractError::Crashed(_)
                | ExtractError::Empty
                | ExtractError::Unsupported(_),
            ) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[rstest]
#[case("a.zip", zipped(&[("notes.txt", b"hello")]))]
#[case("a.docx", zipped(&[("notes.txt", b"hello")]))]
#[case("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec())]
#[case("a.txt", vec![0; 5_000])]
#[tokio::test]
async fn other_files_are_said_to_be_unreadable(#[case] name: &str, #[case] content: Vec<u8>) {
    let error = read(name, &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::Unsupported(_)), "{error:?}");
}

#[tokio::test]
async fn a_bomb_of_text_is_refused() {
    let text = "a".repeat(30 << 20);
    let error = read("a.docx", &word(&format!("<w:p><w:t>{text}</w:t></w:p>"))).await.unwrap_err();
    assert!(matches!(error, ExtractError::TooLarge { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the file has more than 8 MB of text (files.extract_text_bytes): split it into smaller files"
    );
}

#[tokio::test]
async fn a_bomb_of_marks_is_refused() {
    let mut xml = b"<w:document><!--".to_vec();
    xml.resize(64 << 20, b' ');
    let content = office("word/document.xml", &xml);
    assert!(content.len() < 1 << 20);
    let limits = ExtractLimits { memory: 48 << 20, ..LIMITS };
    let error = read_within(limits, "a.docx", &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::Memory), "{error:?}");
}

#[tokio::test]
async fn entities_are_not_expanded() {
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let xml = format!(
        "<!DOCTYPE x [<!ENTITY l0 \"lol\">{laughs}]><w:document><w:p><w:t>ha &l9; &amp; &#65;</w:t></w:p></w:document>"
    );
    let found = read("a.docx", &office("word/document.xml", xml.as_bytes())).await.unwrap();
    assert_eq!(found.text, "ha  & A");
    // As XML it is just text.
    assert!(read("a.xml", xml.as_bytes()).await.unwrap().text.contains("&l9;"));
}

#[tokio::test]
async fn an_archive_of_very_many_parts_is_refused() {
    // The table of the parts alone, as it stands at the end of an archive.
    let count = 1_000_000;
    let part = [&b"PK\x01\x02"[..], &[0; 24], &[1, 0], &[0; 16], b"x"].concat();
    let mut content = b"PK\x03\x04word/".to_vec();
    let begin = content.len();
    (0..count).for_each(|_| content.extend_from_slice(&part));
    let size = content.len() - begin;
    let numbers = [size as u32, begin as u32].map(u32::to_le_bytes).concat();
    content.extend([&b"PK\x05\x06"[..], &[0; 4], &[0xFF; 4], &numbers, &[0; 2]].concat());
    let error = read("a.docx", &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn a_gigabyte_in_one_line_is_refused_within_the_limits() {
    let file = unlinked(&[b'a'; 10_000]);
    file.set_len(1 << 30).unwrap();
    let limits = ExtractLimits { memory: 64 << 20, ..LIMITS };
    let error = extractor(limits).extract(&somebody(), "text/plain", file).await.unwrap_err();
    assert!(matches!(error, ExtractError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn memory_is_limited() {
    let limits = ExtractLimits { memory: 16 << 20, text_bytes: 256 << 20, ..LIMITS };
    let error = read_within(limits, "a.txt", &vec![b'a'; 100 << 20]).await.unwrap_err();
    assert!(matches!(error, ExtractError::Memory), "{error:?}");
}

#[rstest]
#[case(very_many_pages())]
// Arrays within arrays, in the file and on the page.
#[case(pdf(&["<</Type /Catalog /Pages 2 0 R>>".to_owned(), format!("<</Type /Pages /Kids {}", "[".repeat(2_000_000))]))]
#[case(one_page_pdf(&"[".repeat(2_000_000), "<<>>"))]
#[case(one_page_pdf(&"<<".repeat(1_000_000), "<<>>"))]
#[case(one_page_pdf(&"q ".repeat(1_000_000), "<<>>"))]
// A form that draws itself.
#[case(pdf(&[
    "<</Type /Catalog /Pages 2 0 R>>".to_owned(),
    "<</Type /Pages /Kids [3 0 R] /Count 1>>".to_owned(),
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources <</XObject <</X 5 0 R>>>>>>".to_owned(),
    "<</Length 4>>\nstream\n/X Do\nendstream".to_owned(),
    "<</Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <</X 5 0 R>>>> /Length 11>>\nstream\n/X Do /X Do\nendstream".to_owned(),
]))]
#[tokio::test]
async fn a_hostile_pdf_harms_nobody(#[case] content: Vec<u8>) {
    let limits = ExtractLimits { cpu: Duration::from_secs(4), ..LIMITS };
    let error = read_within(limits, "a.pdf", &content).await.unwrap_err();
    assert!(!matches!(error, ExtractError::Io(_)), "{error:?}");
    assert!(error.to_string().is_ascii() && !error.to_string().is_empty());
    // The next file is read as if nothing had been.
    let good = one_page_pdf("BT /F1 12 Tf 50 50 Td (still here) Tj ET", FONT);
    assert_eq!(read("b.pdf", &good).await.unwrap().text, "still here");
}

/// A workbook whose sheets, called S1 and so on, have these rows.
fn workbook(sheets: &[&str]) -> Vec<u8> {
    styled_workbook("", sheets)
}

/// Likewise, with these styles.
pub(crate) fn styled_workbook(styles: &str, sheets: &[&str]) -> Vec<u8> {
    let type_of = |kind| {
        format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}")
    };
    let relation = |id: usize, kind, target: &str| {
        format!("<Relationship Id=\"r{id}\" Type=\"{}\" Target=\"{target}\"/>", type_of(kind))
    };
    let numbers = || 1..=sheets.len();
    let names: String = numbers()
        .map(|n| format!("<sheet name=\"S{n}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"))
        .collect();
    let rels: String =
        numbers().map(|n| relation(n, "worksheet", &format!("worksheets/sheet{n}.xml"))).collect();
    let book = format!("<workbook xmlns:r=\"r\"><sheets>{names}</sheets></workbook>");
    let root = relation(1, "officeDocument", "xl/workbook.xml");
    let within = |rels: &str| format!("<Relationships>{rels}</Relationships>").into_bytes();
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), b"<Types/>".to_vec()),
        ("_rels/.rels".to_owned(), within(&root)),
        ("xl/workbook.xml".to_owned(), book.into_bytes()),
        ("xl/_rels/workbook.xml.rels".to_owned(), within(&rels)),
        ("xl/styles.xml".to_owned(), format!("<styleSheet>{styles}</styleSheet>").into_bytes()),
    ];
    for (n, rows) in numbers().zip(sheets) {
        let sheet = format!(
            "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}</sheetData></worksheet>"
        );
        parts.push((format!("xl/worksheets/sheet{n}.xml"), sheet.into_bytes()));
    }
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    zipped(&parts)
}

/// A row of a sheet with one cell.
fn cell(place: &str, row: usize, text: &str) -> String {
    format!("<row r=\"{row}\"><c r=\"{place}{row}\" t=\"str\"><v>{text}</v></c></row>")
}

#[tokio::test]
async fn a_sheet_of_empty_rows_and_vast_dimensions_is_small() {
    let rows = "<row/>".repeat(1_000_000) + &cell("XFD", 1_048_576, "corner");
    let found = read("a.xlsx", &workbook(&[&rows])).await.unwrap();
    assert_eq!(found.text, "# S1\n\n| corner |\n| --- |");
}

#[tokio::test]
async fn a_workbook_without_a_cell_is_empty_and_names_no_empty_sheets() {
    let blank = cell("B", 2, " ");
    let error = read("a.xlsx", &workbook(&["", &blank])).await.unwrap_err();
    assert!(matches!(error, ExtractError::Empty), "{error:?}");
    let found = read("a.xlsx", &workbook(&["", &cell("B", 2, "x"), &blank])).await.unwrap();
    check(&found);
    assert_eq!((found.text.as_str(), found.pages.len()), ("# S2\n\n| x |\n| --- |", 3));
}

#[tokio::test]
async fn no_cell_is_lost_that_stands_before_the_others() {
    let mut rows: String = (1..80).map(|row| cell("B", row, "rope")).collect();
    rows += &cell("A", 80, "Grand total");
    let found = read("a.xlsx", &workbook(&[&rows])).await.unwrap();
    assert!(found.text.ends_with("| rope |\n| Grand total |"), "{}", found.text);
    let lines = format!("{}Grand total,79", ",rope\n".repeat(79));
    let found = read("a.csv", lines.as_bytes()).await.unwrap();
    assert!(found.text.ends_with("| rope |\n| Grand total 79 |"), "{}", found.text);
}

#[rstest]
#[case("a.html", "<div>".repeat(1_000_000))]
#[case("a.html", format!("{}deep", "<b><i>".repeat(500)))]
#[case("a.html", "<div/>".repeat(1_000_000))]
#[case("a.html", format!("<svg><foreignObject>{}", "<path/>".repeat(1_000_000)))]
#[case("a.html", "<!---><script></script><b title='>'>".repeat(200_000))]
#[case("a.json", "[".repeat(200_000) + &"]".repeat(200_000))]
#[case("a.json", "{\"a\":".repeat(1_000_000))]
#[case("a.csv", format!("\"{}", "a,".repeat(200_000)))]
#[case("a.xml", "<a>".repeat(1_000_000))]
#[case("a.md", "> ".repeat(200_000))]
#[tokio::test]
async fn deep_and_endless_texts_are_read_or_refused(#[case] name: &str, #[case] content: String) {
    match read(name, content.as_bytes()).await {
        Ok(found) => check(&found),
        Err(error) => assert!(
            matches!(error, ExtractError::TooLarge { .. } | ExtractError::Empty),
            "{error:?}"
        ),
    }
}

#[tokio::test]
async fn a_deep_word_file_without_an_end_is_damaged() {
    let content = word(&"<w:tbl><w:tr><w:tc><w:p><w:r><w:t>x".repeat(30_000));
    let error = read("a.docx", &content).await.unwrap_err();
    assert!(matches!(error, ExtractError::Damaged(_)), "{error:?}");
}

#[tokio::test]
async fn a_child_that_says_nothing_or_nonsense_is_not_believed() {
    let ask = async |program: &str, args: &[&str], wall| {
        let child =
            ChildProgram { program: program.into(), args: args.iter().map(Into::into).collect() };
        let limits = ExtractLimits { wall, ..LIMITS };
        Extractor::new(child, limits)
            .extract(&somebody(), "text/html", unlinked(b"hello"))
            .await
            .unwrap_err()
    };
    let long = Duration::from_secs(60);
    assert!(matches!(ask("/bin/true", &[], long).await, ExtractError::Crashed(_)));
    assert!(matches!(ask("/bin/echo", &[], long).await, ExtractError::Crashed(_)));
    assert!(matches!(ask("/bin/sh", &["-c", "kill -9 $$"], long).await, ExtractError::Memory));
    assert!(matches!(
        ask("/bin/sh", &["-c", "cat /dev/zero"], long).await,
        ExtractError::Crashed(_)
    ));
    let short = Duration::from_millis(200);
    assert!(matches!(
        ask("/bin/sh", &["-c", "while :; do :; done"], short).await,
        ExtractError::Timeout
    ));
    assert!(matches!(ask("/nowhere", &[], long).await, ExtractError::Io(_)));
}

#[tokio::test]
async fn small_texts_need_no_child() {
    let child = ChildProgram { program: "/nowhere".into(), args: Vec::new() };
    let nowhere = Extractor::new(child, LIMITS);
    for media_type in ["text/plain", "text/markdown"] {
        let mut file = unlinked(b"caf\xe9 au lait");
        // Whoever wrote it left it at its end.
        std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
        let read = nowhere.extract(&somebody(), media_type, file).await.unwrap();
        assert_eq!(read.text.trim_end(), "café au lait");
    }
    let empty = nowhere.extract(&somebody(), "text/plain", unlinked(b" \n")).await;
    assert!(matches!(empty, Err(ExtractError::Empty)), "{empty:?}");
    let long = unlinked(&vec![b'a'; (1 << 20) + 1]);
    assert!(matches!(
        nowhere.extract(&somebody(), "text/plain", long).await,
        Err(ExtractError::Io(_))
    ));
}

#[tokio::test]
async fn a_child_has_no_environment_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    std::fs::write(&path, fixture("locked.pdf")).unwrap();
    let input = std::fs::File::open(&path).unwrap();
    assert!(extractor(LIMITS).extract(&somebody(), "application/pdf", input).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let child = ChildProgram {
        program: "/bin/sh".into(),
        args: ["-c", "test -z \"$HOME$PATH_OF_SECRETS$CARGO_MANIFEST_DIR\" && test \"$PWD\" = / && kill -9 $$"]
            .map(Into::into)
            .to_vec(),
    };
    let error =
        Extractor::new(child, LIMITS).extract(&somebody(), "text/html", unlinked(b"x")).await;
    assert!(matches!(error, Err(ExtractError::Memory)), "{error:?}");
}

/// Whatever the bytes, there is a text that keeps its promises, or an error; never one of ours.
#[test]
fn no_bytes_harm_the_parent() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let names = [
        "report.docx",
        "deck.pptx",
        "stock.xlsx",
        "table.ods",
        "old.xls",
        "printed.pdf",
        "words.pdf",
    ];
    let files = names.map(fixture);
    let change = (
        0..names.len(),
        proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..40),
    );
    let random = (
        proptest::sample::select(vec!["a.pdf", "a.html", "a.csv", "a.json", "a.txt"]),
        proptest::collection::vec(any::<u8>(), 0..300),
        proptest::sample::select(vec![
            &b"%PDF-1.4\n"[..],
            b"<html>",
            b"PK\x03\x04word/",
            b"\xFF\xFE",
            b"",
        ]),
    );
    let limits = ExtractLimits { cpu: Duration::from_secs(10), ..LIMITS };
    let try_out = |name: &str, content: &[u8]| match runtime.block_on(read_within(
        limits.clone(),
        name,
        content,
    )) {
        Ok(found) => check(&found),
        Err(error) => assert!(!matches!(error, ExtractError::Io(_)), "{error:?}"),
    };
    let mut runner = TestRunner::new(ProptestConfig { cases: 60, ..ProptestConfig::default() });
    runner
        .run(&(change, random), |((file, changes), (name, bytes, head))| {
            let mut content = files[file].clone();
            for (place, byte) in changes {
                let place = place.index(content.len());
                content[place] = byte;
            }
            try_out(names[file], &content);
            try_out(name, &[head, &bytes[..]].concat());
            Ok(())
        })
        .unwrap();
}
