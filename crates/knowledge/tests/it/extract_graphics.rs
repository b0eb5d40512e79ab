//! Charts and diagrams, which lie in parts of their own beside the slides and texts that show them.

use insta::assert_snapshot;
use vpaura_knowledge::extract::ExtractError;

use super::extract_bad::zipped;
use super::extract_support::{check, read};

const TYPE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn relations(to: &[(&str, &str, &str)]) -> Vec<u8> {
    let one = |(id, kind, target): &(&str, &str, &str)| {
        format!("<Relationship Id=\"{id}\" Type=\"{TYPE}/{kind}\" Target=\"{target}\"/>")
    };
    let all: String = to.iter().map(one).collect();
    format!("<Relationships>{all}</Relationships>").into_bytes()
}

/// A cache of values, numbered from 0, as charts keep them.
fn cache(code: &str, values: &[&str]) -> String {
    let points: String = values
        .iter()
        .enumerate()
        .filter(|(_, value)| !value.is_empty())
        .map(|(n, value)| format!("<c:pt idx=\"{n}\"><c:v>{value}</c:v></c:pt>"))
        .collect();
    format!(
        "<c:numRef><c:f>S!$A$1</c:f><c:numCache><c:formatCode>{code}</c:formatCode><c:ptCount val=\"9\"/>{points}</c:numCache></c:numRef>"
    )
}

fn title(text: &str) -> String {
    format!(
        "<c:title><c:tx><c:rich><a:p><a:r><a:t>{text}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    )
}

/// A chart of shares by quarter for two regions.
fn chart() -> String {
    let series = |name: &str, values: &[&str]| {
        format!(
            "<c:ser><c:idx val=\"0\"/><c:tx>{}</c:tx><c:dLbls><c:dLbl><c:tx><c:rich><a:p><a:r><a:t>noise</a:t></a:r></a:p></c:rich></c:tx></c:dLbl></c:dLbls>\
             <c:cat>{}</c:cat><c:val>{}</c:val></c:ser>",
            cache("", &[name]),
            cache("", &["Q1", "Q2", "Q3"]),
            cache("0%", values)
        )
    };
    format!(
        "<c:chartSpace><c:chart>{}<c:plotArea><c:barChart>{}{}</c:barChart><c:valAx>{}</c:valAx></c:plotArea></c:chart></c:chartSpace>",
        title("Sales by region"),
        series("North", &["0.25", "", "0.5"]),
        series("South", &["0.1", "0.2", ""]),
        title("Share")
    )
}

/// Points that change over days, each series at days of its own.
fn scattered() -> String {
    let series = |name: &str, days: &[&str], values: &[&str]| {
        format!(
            "<c:ser><c:tx><c:v>{name}</c:v></c:tx><c:xVal>{}</c:xVal><c:yVal>{}</c:yVal></c:ser>",
            cache("d\\.m\\.yy", days),
            cache("General", values)
        )
    };
    let (one, two) =
        (series("Rope", &["45351"], &["1.5"]), series("Oar", &["45352"], &["0.30000000000000004"]));
    format!(
        "<c:chartSpace><c:chart><c:plotArea><c:scatterChart>{one}{two}</c:scatterChart></c:plotArea></c:chart></c:chartSpace>"
    )
}

/// A diagram whose points stand in another order than they are connected in.
fn diagram() -> String {
    let point = |id: &str, kind: &str, text: &str| {
        format!(
            "<dgm:pt modelId=\"{id}\" type=\"{kind}\"><dgm:prSet/><dgm:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        )
    };
    let link = |from: &str, to: &str, order: u8| {
        format!("<dgm:cxn modelId=\"x\" srcId=\"{from}\" destId=\"{to}\" srcOrd=\"{order}\"/>")
    };
    format!(
        "<dgm:dataModel><dgm:ptLst>{}{}{}{}{}{}</dgm:ptLst><dgm:cxnLst>{}{}{}{}{}</dgm:cxnLst></dgm:dataModel>",
        point("0", "doc", ""),
        point("3", "node", "Sell"),
        point("1", "node", "Build"),
        point("2", "node", "Test twice"),
        point("8", "pres", "Build"),
        point("9", "node", "Alone"),
        link("0", "3", 1),
        link("0", "1", 0),
        link("1", "2", 0),
        // Around in a circle.
        link("2", "1", 0),
        "<dgm:cxn modelId=\"y\" type=\"presOf\" srcId=\"3\" destId=\"8\" srcOrd=\"0\"/>",
    )
}

fn frame(content: &str) -> String {
    format!(
        "<p:graphicFrame><a:graphic><a:graphicData>{content}</a:graphicData></a:graphic></p:graphicFrame>"
    )
}

#[tokio::test]
async fn charts_and_diagrams_stand_on_the_slides_that_show_them() {
    let words = |kind: &str, text: &str| {
        format!(
            "<p:sp><p:nvPr><p:ph type=\"{kind}\"/></p:nvPr><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:sp>"
        )
    };
    let first = format!(
        "<p:sld>{}{}{}{}</p:sld>",
        frame("<c:chart r:id=\"r2\"/>"),
        words("title", "Results"),
        frame("<dgm:relIds r:dm=\"r3\" r:lo=\"r9\"/>"),
        words("body", "as planned"),
    );
    let second = format!(
        "<p:sld>{}{}</p:sld>",
        frame("<c:chart r:id=\"r2\"/>"),
        frame("<c:chart r:id=\"r7\"/>")
    );
    let ids = "<p:presentation><p:sldId id=\"256\" r:id=\"r1\"/><p:sldId id=\"257\" r:id=\"r2\"/></p:presentation>";
    let content = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", &relations(&[("r1", "officeDocument", "ppt/presentation.xml")])),
        ("ppt/presentation.xml", ids.as_bytes()),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&[
                ("r1", "slide", "slides/slide1.xml"),
                ("r2", "slide", "slides/slide2.xml"),
            ]),
        ),
        ("ppt/slides/slide1.xml", first.as_bytes()),
        (
            "ppt/slides/_rels/slide1.xml.rels",
            &relations(&[
                ("r2", "chart", "../charts/chart7.xml"),
                ("r3", "diagramData", "../diagrams/data1.xml"),
            ]),
        ),
        ("ppt/slides/slide2.xml", second.as_bytes()),
        (
            "ppt/slides/_rels/slide2.xml.rels",
            &relations(&[("r2", "chart", "../charts/chart8.xml")]),
        ),
        ("ppt/charts/chart7.xml", chart().as_bytes()),
        ("ppt/charts/chart8.xml", scattered().as_bytes()),
        ("ppt/diagrams/data1.xml", diagram().as_bytes()),
    ]);
    let found = read("a.pptx", &content).await.unwrap();
    check(&found);
    assert_eq!(found.pages.len(), 2);
    assert_snapshot!(found.text, @r"
    # Results

    Sales by region

    Share

    |  | North | South |
    | --- | --- | --- |
    | Q1 | 25% | 10% |
    | Q2 |  | 20% |
    | Q3 | 50% |  |

    - Build
      - Test twice
    - Sell
    - Alone

    as planned

    |  | Rope |
    | --- | --- |
    | 2024-02-29 | 1.5 |

    |  | Oar |
    | --- | --- |
    | 2024-03-01 | 0.3 |
    ");
}

#[tokio::test]
async fn charts_and_diagrams_stand_behind_the_paragraph_or_table_that_shows_them() {
    let shows = |content: &str| {
        format!("<w:p><w:r><w:t>See</w:t><w:drawing>{content}</w:drawing></w:r></w:p>")
    };
    let words = "<w:p><w:r><w:t>The end.</w:t></w:r></w:p>";
    let body = format!(
        "<w:document><w:body>{}<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>{words}</w:body></w:document>",
        shows("<dgm:relIds r:dm=\"r3\"/>"),
        shows("<c:chart r:id=\"r2\"/>"),
    );
    let content = zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", &relations(&[("r1", "officeDocument", "word/document.xml")])),
        ("word/document.xml", body.as_bytes()),
        (
            "word/_rels/document.xml.rels",
            &relations(&[
                ("r2", "chart", "charts/chart1.xml"),
                ("r3", "diagramData", "diagrams/data1.xml"),
            ]),
        ),
        ("word/charts/chart1.xml", scattered().as_bytes()),
        ("word/diagrams/data1.xml", diagram().as_bytes()),
    ]);
    let found = read("a.docx", &content).await.unwrap();
    check(&found);
    assert_snapshot!(found.text, @r"
    See

    - Build
      - Test twice
    - Sell
    - Alone

    | See |
    | --- |

    |  | Rope |
    | --- | --- |
    | 2024-02-29 | 1.5 |

    |  | Oar |
    | --- | --- |
    | 2024-03-01 | 0.3 |

    The end.
    ");
}

/// A Word file that shows this chart, or one without its part.
fn with_chart(chart: Option<&str>) -> Vec<u8> {
    let body = b"<w:document><w:p><w:t>words</w:t><c:chart r:id=\"r2\"/></w:p></w:document>";
    let rels = relations(&[("r2", "chart", "charts/chart1.xml")]);
    let root = relations(&[("r1", "officeDocument", "word/document.xml")]);
    let mut parts = vec![
        ("_rels/.rels", root.as_slice()),
        ("word/document.xml", body),
        ("word/_rels/document.xml.rels", rels.as_slice()),
    ];
    parts.extend(chart.map(|chart| ("word/charts/chart1.xml", chart.as_bytes())));
    zipped(&parts)
}

/// The rows of the table of a chart with one series.
async fn table(before: &str, categories: &str, values: &str) -> String {
    let chart = format!(
        "<c:chartSpace>{before}<c:chart><c:ser><c:tx><c:v>S</c:v></c:tx><c:cat>{categories}</c:cat><c:val>{values}</c:val></c:ser></c:chart></c:chartSpace>"
    );
    let found = read("a.docx", &with_chart(Some(&chart))).await.unwrap();
    check(&found);
    let rows = found.text.strip_prefix("words\n\n|  | S |\n| --- | --- |\n");
    rows.unwrap_or_else(|| panic!("{}", found.text)).to_owned()
}

#[tokio::test]
async fn words_that_look_like_numbers_stay_and_a_point_has_a_format_of_its_own() {
    let words = |cache: &str| {
        format!(
            "<c:{cache}><c:pt idx=\"0\"><c:v>00123</c:v></c:pt><c:pt idx=\"1\"><c:v>1.10</c:v></c:pt></c:{cache}>"
        )
    };
    let numbers = |cache: &str| {
        format!(
            "<c:{cache}><c:formatCode>0%</c:formatCode><c:pt idx=\"0\" formatCode=\"0.00\"><c:v>0.5</c:v></c:pt><c:pt idx=\"1\"><c:v>0.25</c:v></c:pt></c:{cache}>"
        )
    };
    let shown = "| 00123 | 0.50 |\n| 1.10 | 25% |";
    assert_eq!(table("", &words("strCache"), &numbers("numCache")).await, shown);
    assert_eq!(table("", &words("strLit"), &numbers("numLit")).await, shown);
    // A value that stands alone has no format.
    assert_eq!(table("", "<c:v>0012</c:v>", "<c:v>007</c:v>").await, "| 0012 | 007 |");
}

#[tokio::test]
async fn days_are_counted_as_the_chart_says() {
    let days = cache("d\\.m\\.yy", &["43889"]);
    for (says, day) in [
        ("", "2020-02-28"),
        ("<c:date1904 val=\"0\"/>", "2020-02-28"),
        ("<c:date1904 val=\"false\"/>", "2020-02-28"),
        ("<c:date1904/>", "2024-02-29"),
        ("<c:date1904 val=\"1\"/>", "2024-02-29"),
        ("<c:date1904 val=\"true\"/>", "2024-02-29"),
    ] {
        let shown = table(says, &days, &cache("0", &["7"])).await;
        assert_eq!(shown, format!("| {day} | 7 |"), "{says}");
    }
}

/// What stands before the remedy in the notice on a chart that could not be read.
const TOLD: &str = "A chart could not be read: its part of the file is damaged or missing. Open";

#[tokio::test]
async fn a_part_that_is_missing_broken_or_no_chart_takes_nothing_else_away() {
    for (chart, told) in [
        (None, true),
        (Some("<c:chartSpace><c:ser>"), true),
        (Some("<c:chartSpace><c:title></c:chartSpace <"), true),
        (Some("<x/>"), false),
    ] {
        let found = read("a.docx", &with_chart(chart)).await.unwrap();
        assert_eq!(found.text, "words", "{chart:?}");
        let notice = found.notice.unwrap_or_default();
        assert!(notice.starts_with(if told { TOLD } else { "" }), "{chart:?}: {notice}");
        assert_eq!(notice.is_empty(), !told, "{chart:?}: {notice}");
    }
}

#[tokio::test]
async fn slides_are_read_beside_a_chart_and_diagrams_that_are_broken() {
    let slide = |words: &str| {
        format!(
            "<p:sld><p:sp><a:p><a:r><a:t>{words}</a:t></a:r></a:p></p:sp>{}{}{}{}</p:sld>",
            frame("<c:chart r:id=\"r1\"/>"),
            frame("<dgm:relIds r:dm=\"r2\"/>"),
            frame("<dgm:relIds r:dm=\"r3\"/>"),
            frame("<c:chart r:id=\"r4\"/>"),
        )
    };
    let deck = |words: &str, good: &str| {
        zipped(&[
            ("_rels/.rels", &relations(&[("r1", "officeDocument", "ppt/p.xml")])),
            ("ppt/p.xml", b"<p:presentation><p:sldId id=\"256\" r:id=\"r1\"/></p:presentation>"),
            ("ppt/_rels/p.xml.rels", &relations(&[("r1", "slide", "slide1.xml")])),
            ("ppt/slide1.xml", slide(words).as_bytes()),
            (
                "ppt/_rels/slide1.xml.rels",
                &relations(&[
                    ("r1", "chart", "chart1.xml"),
                    ("r2", "diagramData", "data1.xml"),
                    ("r3", "diagramData", "data2.xml"),
                    ("r4", "chart", "chart2.xml"),
                ]),
            ),
            ("ppt/chart1.xml", b"<c:chartSpace><c:chart>"),
            ("ppt/data1.xml", b"<dgm:dataModel>"),
            ("ppt/chart2.xml", good.as_bytes()),
        ])
    };
    let good = format!("<c:chartSpace>{}</c:chartSpace>", title("Sales"));
    let found = read("a.pptx", &deck("as planned", &good)).await.unwrap();
    check(&found);
    assert_eq!(found.text, "as planned\n\nSales");
    let notice = found.notice.unwrap();
    assert!(notice.contains("damaged or missing. 2 diagrams could not be read"), "{notice}");
    assert!(notice.starts_with(TOLD.trim_end_matches(" Open")) && notice.len() <= 500, "{notice}");
    // Where there is nothing else, it is no file without text.
    let error = read("a.pptx", &deck("", "<x/>")).await.unwrap_err();
    assert!(error.to_string().contains("damaged (its charts"), "{error}");
}

#[tokio::test]
async fn a_chart_that_a_text_does_not_show_is_not_read() {
    let body = |moved: &str| {
        format!(
            "<w:document><w:p><w:t>words</w:t></w:p><w:moveFrom><w:p>{moved}</w:p></w:moveFrom></w:document>"
        )
    };
    for moved in ["", "<c:chart r:id=\"r2\"/>"] {
        let content = zipped(&[
            ("_rels/.rels", &relations(&[("r1", "officeDocument", "word/document.xml")])),
            ("word/document.xml", body(moved).as_bytes()),
            ("word/_rels/document.xml.rels", &relations(&[("r2", "chart", "chart1.xml")])),
            ("word/chart1.xml", b"<c:chartSpace>"),
        ]);
        let found = read("a.docx", &content).await.unwrap();
        assert_eq!((found.text.as_str(), found.notice), ("words", None));
    }
}

/// What is too much is no damage: it is not passed over.
#[tokio::test]
async fn a_chart_that_says_too_much_is_refused() {
    let chart = format!("<c:chartSpace>{}</c:chartSpace>", title(&"a".repeat(9 << 20)));
    let error = read("a.docx", &with_chart(Some(&chart))).await.unwrap_err();
    assert!(matches!(error, ExtractError::TooLarge { .. }), "{error}");
}
