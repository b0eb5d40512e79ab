//! Good files of every type, read through a real child.

use insta::assert_snapshot;
use rstest::rstest;
use vpaura_knowledge::extract::TextFormat;

use super::extract_support::{LIMITS, check, extractor, fixture, read, somebody, unlinked};

/// A paragraph of several fixtures.
const PROSE: &str = "The lighthouse at Brenn Point was built in 1871 after three ships were lost on the reef within a \
    single winter. Its lamp burned rape oil at first, later paraffin, and since 1923 electric \
    light. The keeper lived with his family in the tower, forty metres above the \
    sea, and kept a journal in which every passing vessel, every \
    storm and every unusual bird was noted.";

async fn text_of(name: &str, content: &[u8]) -> String {
    let found = read(name, content).await.unwrap();
    check(&found);
    found.text
}

#[tokio::test]
async fn word_keeps_headings_lists_and_tables() {
    let found = read("report.docx", &fixture("report.docx")).await.unwrap();
    check(&found);
    assert_eq!(found.title.as_deref(), Some("Harbour report"));
    assert_eq!(found.format, TextFormat::Markdown);
    let text = found.text.replace(PROSE, "…");
    assert_snapshot!(text, @r"
        # Harbour report

        # Traffic

        …

        - Ferries
        - Night ferries
        1. First count the boats
        2. Then write it down

        ## Fees

        | Vessel | Fee | Note |
        | --- | --- | --- |
        | Yacht | 12.50 | a\|b |
        | Barge | 80 |  |

        \# not a heading
    ");
}

#[tokio::test]
async fn slides_are_pages_with_titles_and_notes() {
    let found = read("deck.pptx", &fixture("deck.pptx")).await.unwrap();
    check(&found);
    assert_eq!(found.pages.len(), 2);
    assert_snapshot!(found.text, @r"
        # Results

        - Revenue grew
          - mostly abroad

        ## Notes

        Speak slowly here.

        # Numbers

        | Quarter | Sales |
        | --- | --- |
        | Q1 | 17 |
    ");
}

#[tokio::test]
async fn sheets_are_pages_with_a_table() {
    let found = read("stock.xlsx", &fixture("stock.xlsx")).await.unwrap();
    check(&found);
    assert_eq!(found.pages.len(), 2);
    assert_snapshot!(found.text, @r"
        # Stock

        | Item | Price | Since | In stock |
        | --- | --- | --- | --- |
        | Rope | 0.3 | 2024-02-29 | true |
        | Anchor | 1200 | 2023-12-31 23:59:30 | false |

        # Empty corners

        | found |  |
        | --- | --- |
        |  | me |
    ");
    assert_snapshot!(text_of("old.xls", &fixture("old.xls")).await, @r"
        # Alt

        | Name | Zahl |
        | --- | --- |
        | Möwe | 3.5 |
    ");
    assert_snapshot!(text_of("table.ods", &fixture("table.ods")).await, @r"
        # Blatt

        | Name | Ort |
        | --- | --- |
        | Möwe | Küste |
    ");
}

#[tokio::test]
async fn a_printed_page_reads_as_it_was() {
    let found = read("printed.pdf", &fixture("printed.pdf")).await.unwrap();
    check(&found);
    assert_eq!(found.pages.len(), 2);
    let text = found.text.replace(PROSE, "…");
    assert_snapshot!(text, @r"
        # Printed page

        … … …

        ## List

        first entry
        second entry

        Größe, naïve, Ελλάδα, Привет, fine offices.

        שלום עולם 2024

        City People
        Oslo 700000

        Second page.
    ");
}

#[tokio::test]
async fn columns_are_read_one_after_the_other() {
    let found = read("columns.pdf", &fixture("columns.pdf")).await.unwrap();
    check(&found);
    assert_eq!(found.title.as_deref(), Some("Two columns"));
    assert!(
        found
            .text
            .starts_with("# Lighthouses\n\nThe lighthouse at Brenn Point was built in 1871 after")
    );
    let ends = (0..12).map(|n| found.text.find(&format!("Paragraph number {n} ends here.")));
    let ends: Option<Vec<usize>> = ends.collect();
    assert!(ends.is_some_and(|ends| ends.is_sorted()), "{}", found.text);
    assert!(found.text.contains("\n\n## Keepers\n\n"), "{}", found.text);
    // A paragraph is one line again.
    assert!(
        found.text.contains("every passing vessel, every storm and every unusual bird was noted.")
    );
    assert_eq!(found.text, text_of("readonly.pdf", &fixture("readonly.pdf")).await);
}

#[tokio::test]
async fn words_cut_at_the_end_of_a_line_are_whole_again() {
    let found = read("words.pdf", &fixture("words.pdf")).await.unwrap();
    check(&found);
    assert_snapshot!(found.text, @r"
        The committee took the unusual decision to postpone the meeting.

        Second part.

        After an empty page.
    ");
    // The second page is empty: it begins where the third does.
    assert_eq!(found.pages, [0, 80, 80]);
}

#[tokio::test]
async fn pages_can_be_seen() {
    let extractor = extractor(LIMITS);
    let png =
        extractor.page_image(&somebody(), unlinked(&fixture("printed.pdf")), 2, 300).await.unwrap();
    assert!(png.starts_with(b"\x89PNG"));
    assert_eq!(u32::from_be_bytes(png[16..20].try_into().unwrap()), 300);
    let wide = extractor
        .page_image(&somebody(), unlinked(&fixture("scan.pdf")), 1, 1 << 20)
        .await
        .unwrap();
    assert_eq!(u32::from_be_bytes(wide[16..20].try_into().unwrap()), 1_600);
    for page in [0, 3, u32::MAX] {
        assert!(
            extractor
                .page_image(&somebody(), unlinked(&fixture("printed.pdf")), page, 300)
                .await
                .is_err()
        );
    }
}

#[rstest]
#[case("a.txt", b"Hi\r\nyou\0", "")]
#[case("a.md", b"\xEF\xBB\xBF# Hi\n\nyou", "# Hi\n\nyou")]
#[case("a.rs", b"fn main() {}\n", "fn main() {}")]
#[case("a.csv", b"a;b\n\"x;y\n\";2,5", "| a | b |\n| --- | --- |\n| x;y | 2,5 |")]
#[case("a.tsv", b"a\tb\n1\t2", "| a | b |\n| --- | --- |\n| 1 | 2 |")]
#[case("a.json", b"{\"a\":[1,\"\\u00fc\"]}", "{\n  \"a\": [\n    1,\n    \"ü\"\n  ]\n}")]
#[case("a.jsonl", b"{\"a\":1}\n{\"a\":\"\\u00fc\"}", "{\"a\":1}\n{\"a\":\"ü\"}")]
#[case("a.xml", b"<a>1</a>", "<a>1</a>")]
#[case("a.txt", b"Gr\xFC\xDFe aus K\xF6ln, sch\xF6ne Stra\xDFen", "Grüße aus Köln, schöne Straßen")]
#[case("a.txt", b"\xFF\xFEH\0i\0", "Hi")]
// Under a wrong name.
#[case("a.pdf", b"just words", "just words")]
#[case("a.json", b"no value", "no value")]
#[tokio::test]
async fn texts_are_read(#[case] name: &str, #[case] content: &[u8], #[case] expected: &str) {
    if expected.is_empty() {
        assert!(read(name, content).await.is_err());
    } else {
        assert_eq!(text_of(name, content).await, expected);
    }
}

#[tokio::test]
async fn office_files_are_known_under_wrong_names() {
    let docx = fixture("report.docx");
    let expected = text_of("report.docx", &docx).await;
    for name in ["report.pptx", "report.xlsx", "report.docx.xlsx"] {
        assert_eq!(text_of(name, &docx).await, expected, "{name}");
    }
    assert!(text_of("a.txt", &fixture("words.pdf")).await.contains("unusual"));
}

#[tokio::test]
async fn a_web_page_is_read_without_its_menus() {
    let prose = "The keeper lived with his family in the tower, and kept a journal of every passing vessel, every storm, and every unusual bird. ".repeat(4);
    let page = format!(
        "<html><head><title>Keepers | Site</title><style>p{{}}</style></head><body><nav><a href=/>Home</a></nav>\
         <article><h1>Keepers</h1><p>{prose}</p><h2>Work</h2><p>{prose}</p><ul><li>lamp<ol><li>oil<li>horn</ol></ul>\
         <pre>let x = 1;\n  y</pre><table><tr><th>Name<th>Year</tr><tr><td>Ada<td>1871</tr></table></article>\
         <script>alert(1)</script><footer>imprint</footer></body></html>"
    );
    let found = read("page.html", page.as_bytes()).await.unwrap();
    check(&found);
    let text = found.text.replace(prose.trim(), "…");
    assert_snapshot!(text, @r"
        # Keepers

        …

        ## Work

        …

        - lamp
          1. oil
          2. horn

        ```
        let x = 1;
          y
        ```

        | Name | Year |
        | --- | --- |
        | Ada | 1871 |
    ");
}

#[tokio::test]
async fn a_page_without_an_article_is_taken_whole() {
    let page = "<title>List</title><table><tr><td>Layout<h2>Prices</h2><table><tr><th>a<th>b<tr><td>1<td>2&amp;3</table></table><p hidden>no";
    assert_snapshot!(text_of("page.html", page.as_bytes()).await, @r"
        # List

        Layout

        ## Prices

        | a | b |
        | --- | --- |
        | 1 | 2&3 |
    ");
}

#[tokio::test]
async fn a_page_may_draw_and_reckon_as_much_as_it_likes() {
    let page = format!(
        "<title>Map</title><script>{}</script><!--{}--><svg><title>Isles</title>{}</svg><p>The isles lie close together.",
        "if(i<n&&a<b){}".repeat(6_000),
        "<div>".repeat(6_000),
        "<path d=\"M0 0\"/><use href='#a' />".repeat(6_000)
    );
    let text = text_of("page.html", page.as_bytes()).await;
    assert_eq!(text, "# Map\n\nThe isles lie close together.");
}

#[tokio::test]
async fn a_page_says_its_encoding() {
    let page = b"<meta charset=windows-1251><p>\xCF\xF0\xE8\xE2\xE5\xF2";
    assert_eq!(text_of("a.html", page).await, "Привет");
    let page = b"<meta charset=iso-2022-jp><p>\x1B$B$3$s$K$A$O\x1B(B!";
    assert_eq!(text_of("a.html", page).await, "こんにちは!");
    assert_eq!(text_of("a.txt", b"\x1B$B$3$s$K$A$O\x1B(B").await, "こんにちは");
}

#[tokio::test]
async fn what_a_sender_names_comes_before_what_a_page_says() {
    let text = async |media_type: &str, content: &[u8]| {
        let read = extractor(LIMITS).extract(&somebody(), media_type, unlinked(content)).await;
        read.unwrap().text
    };
    let page = b"<meta charset=iso-8859-7><p>\xCF\xF0\xE8\xE2\xE5\xF2";
    assert_eq!(text("text/html; charset=windows-1251", page).await, "Привет");
    assert_eq!(
        text("text/csv; charset=windows-1251", b"\xCF\xF0,1").await,
        "| Пр | 1 |\n| --- | --- |"
    );
    assert_eq!(text("text/plain; charset=windows-1251", b"\xCF\xF0").await, "Пр");
    // But for a mark, and what the bytes plainly are.
    assert_eq!(text("text/plain; charset=windows-1251", "\u{FEFF}Größe".as_bytes()).await, "Größe");
    assert_eq!(text("text/plain; charset=iso-8859-1", "Größe".as_bytes()).await, "Größe");
    let wide: Vec<u8> = "Цена".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(text("text/plain; charset=utf-16be", &wide).await, "Цена");
    let german = b"Die Gr\xF6\xDFe der B\xE4ume";
    assert_eq!(text("text/plain; charset=utf-16", german).await, "Die Größe der Bäume");
    // The encoding that servers name who know of no other.
    let page = b"<meta charset=windows-1251><p>\xCF\xF0\xE8\xE2\xE5\xF2";
    for charset in ["iso-8859-1", "windows-1252", "us-ascii"] {
        assert_eq!(text(&format!("text/html; charset={charset}"), page).await, "Привет");
    }
    assert_eq!(text("text/plain; charset=iso-8859-1", &page[30..]).await, "Привет");
    assert_eq!(text("text/plain; charset=iso-8859-1", b"na\xEFve").await, "naïve");
    // A page that is in no way what its sender names.
    let page = [&b"<meta charset=windows-1251><p>"[..], &b"\xFF\xE2\xE0 ".repeat(9)].concat();
    assert!(text("text/html; charset=euc-jp", &page).await.starts_with("ява ява"));
}
