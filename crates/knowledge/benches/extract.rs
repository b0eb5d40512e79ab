//! How fast texts come out of files, in bytes of text per second, in this process.
//!
//! `cargo bench -p vpaura-knowledge --bench extract`
#![expect(clippy::unwrap_used, reason = "a benchmark may stop at once")]

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use divan::counter::BytesCount;
use vpaura_knowledge::extract::{FileKind, extract};
use zip::write::{SimpleFileOptions, ZipWriter};

const TEXT_BYTES: u64 = 256 << 20;
const PROSE: &str = "The keeper lived with his family in the tower, forty metres above the sea, and kept \
    a journal of every passing vessel, every storm and every unusual bird. ";

fn main() {
    divan::main();
}

/// Reads a file of this type again and again.
fn run(bencher: divan::Bencher, media_type: &str, content: &[u8]) {
    let kind = FileKind::of_media_type(media_type).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    let read = |mut file: File| {
        std::io::Seek::rewind(&mut file).unwrap();
        extract(&kind, None, file, TEXT_BYTES).unwrap().text.len()
    };
    let bytes = read(file.try_clone().unwrap());
    bencher.counter(BytesCount::new(bytes)).bench(|| read(file.try_clone().unwrap()));
}

/// Five megabytes, paragraph by paragraph, each within these marks.
fn prose(before: &str, after: &str) -> String {
    let paragraph = format!("{before}{}{after}\n\n", PROSE.repeat(4));
    paragraph.repeat((5 << 20) / paragraph.len())
}

#[divan::bench(sample_count = 5)]
fn txt(bencher: divan::Bencher) {
    run(bencher, "text/plain", prose("", "").as_bytes());
}

#[divan::bench(sample_count = 5)]
fn md(bencher: divan::Bencher) {
    run(bencher, "text/markdown", prose("## Heading\n\n", "").as_bytes());
}

#[divan::bench(sample_count = 5)]
fn json(bencher: divan::Bencher) {
    let rows = prose("{\"name\":\"", "\",\"n\":[1,2,3]},");
    run(bencher, "application/json", format!("[{rows}0]").as_bytes());
}

#[divan::bench(sample_count = 5)]
fn csv(bencher: divan::Bencher) {
    let row = "1,2024-02-29,Anchor,\"heavy, iron\",12.50\n";
    run(bencher, "text/csv", row.repeat((5 << 20) / row.len()).as_bytes());
}

/// A page short enough for its article to be looked for.
#[divan::bench(sample_count = 5)]
fn html(bencher: divan::Bencher) {
    let article = prose("<h2>Heading</h2><p>", "</p>");
    let page = format!("<title>t</title><nav>menu</nav><article>{}</article>", &article[..2 << 20]);
    run(bencher, "text/html", page.as_bytes());
}

#[divan::bench(sample_count = 5)]
fn docx(bencher: divan::Bencher) {
    let body = prose("<w:p><w:r><w:t>", "</w:t></w:r></w:p>");
    let rels = "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("_rels/.rels", rels.to_owned()),
        ("word/document.xml", format!("<w:document>{body}</w:document>")),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    run(bencher, media_type, &zip.finish().unwrap().into_inner());
}

#[divan::bench(sample_count = 20, args = ["columns.pdf", "printed.pdf"])]
fn pdf(bencher: divan::Bencher, name: &str) {
    let folder = Path::new("tests/fixtures");
    run(bencher, "application/pdf", &std::fs::read(folder.join(name)).unwrap());
}
