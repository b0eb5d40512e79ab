//! What is told of the parts of a file that could not be read.

use super::extract_bad::{FONT, pdf};
use super::extract_support::{check, fixture, read};

/// A page of text.
const TEXT: &str = "BT /F1 12 Tf 50 50 Td (some words) Tj ET";
/// A picture over most of the page, and one in its corner.
const SCAN: &str = "q 400 0 0 450 20 20 cm /X Do Q";
const LOGO: &str = "q 40 0 0 40 20 440 cm /X Do Q";
/// A frame around the page.
const FRAME: &str = "1 1 1 rg 0 0 500 500 re f 10 10 480 480 re S";
const IMAGE: &str = "<</Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray \
                     /BitsPerComponent 8 /Length 1>>\nstream\n0\nendstream";

/// A PDF of pages with these contents.
fn pages(contents: &[&str]) -> Vec<u8> {
    let resources = FONT.replacen("<<", "<</XObject <</X 3 0 R>> ", 1);
    let kids: String = (0..contents.len()).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect();
    let mut objects = vec![
        "<</Type /Catalog /Pages 2 0 R>>".to_owned(),
        format!("<</Type /Pages /Kids [{kids}] /Count {}>>", contents.len()),
        IMAGE.to_owned(),
    ];
    for (n, content) in contents.iter().enumerate() {
        objects.push(format!(
            "<</Type /Page /Parent 2 0 R /MediaBox [0 0 500 500] /Contents {} 0 R /Resources {resources}>>",
            5 + 2 * n
        ));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    pdf(&objects)
}

async fn notice(contents: &[&str]) -> Option<String> {
    let found = read("a.pdf", &pages(contents)).await.unwrap();
    check(&found);
    assert_eq!(found.pages.len(), contents.len());
    found.notice
}

#[tokio::test]
async fn pages_that_are_pictures_among_others_are_told() {
    let told = notice(&[TEXT, SCAN, TEXT, "", SCAN, SCAN]).await.unwrap();
    assert!(
        told.starts_with(
            "3 of 6 pages (2, 5–6) have no text: they are probably scanned pictures. Run text recognition"
        ),
        "{told}"
    );
    let found = read("partly.pdf", &fixture("partly.pdf")).await.unwrap();
    assert!(found.notice.is_some_and(|told| told.starts_with("1 of 3 pages (2) has no text")));
    // Letters that are drawn as shapes.
    let outlines = "0 0 m 5 5 l 9 0 l 7 3 8 4 9 9 c f ".repeat(60);
    let told = notice(&[TEXT, &outlines]).await.unwrap();
    assert!(told.starts_with("1 of 2 pages (2) has no text"), "{told}");
}

#[tokio::test]
async fn nothing_is_told_of_blank_pages_and_of_pictures_beside_text() {
    let beside = format!("{SCAN} {TEXT}");
    let marked = format!("/Artifact BMC {SCAN} EMC");
    assert_eq!(notice(&[TEXT, "", &beside, FRAME, LOGO, &marked]).await, None);
    for name in ["printed.pdf", "words.pdf", "columns.pdf"] {
        assert_eq!(read(name, &fixture(name)).await.unwrap().notice, None, "{name}");
    }
}
