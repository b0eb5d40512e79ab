//! What the marks of a format say beside its words.

use insta::assert_snapshot;

use super::extract_bad::{office, word};
use super::extract_support::read;

async fn text_of(name: &str, content: &[u8]) -> String {
    read(name, content).await.unwrap().text
}

#[tokio::test]
async fn former_properties_are_not_those_of_now() {
    let now = "<w:pPr><w:outlineLvl w:val=\"0\"/><w:pPrChange w:id=\"1\"><w:pPr><w:outlineLvl w:val=\"4\"/>\
               <w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:pPrChange></w:pPr>";
    let cell = |span: &str, text: &str| {
        format!("<w:tc><w:tcPr>{span}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let merged =
        "<w:tcPrChange w:id=\"2\"><w:tcPr><w:gridSpan w:val=\"3\"/></w:tcPr></w:tcPrChange>";
    let body = format!(
        "<w:p>{now}<w:r><w:rPr><w:rPrChange w:id=\"3\"><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr>\
         <w:t>Terms</w:t></w:r></w:p><w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell(merged, "Item"),
        cell("", "Price"),
        cell("", "Rope"),
        cell("", "3")
    );
    assert_eq!(
        text_of("a.docx", &word(&body)).await,
        "# Terms\n\n| Item | Price |\n| --- | --- |\n| Rope | 3 |"
    );
}

#[tokio::test]
async fn cells_of_several_columns_and_rows_keep_the_others_at_their_places() {
    let page = "<table><thead><tr><th rowspan=2>Plan<th colspan=2>2024<tr><th>Users<th>Price</thead>\
                <tr><td rowspan=2>Basic<td>5<td>10 €<tr><td>9<td>18 €<tr><td colspan=0>Team<td>20\
                <td rowspan=0>40 €<tr><td>Large<td>50<tr></table>";
    assert_snapshot!(text_of("a.html", page.as_bytes()).await, @r"
    | Plan | 2024 |  |
    | --- | --- | --- |
    | Plan | Users | Price |
    | Basic | 5 | 10 € |
    | Basic | 9 | 18 € |
    | Team | 20 | 40 € |
    | Large | 50 | 40 € |
    ");
    let page =
        "<tr><td colspan=99999999 rowspan=99999999>a<td rowspan=65534>b<tr><td>c".repeat(500);
    let text = text_of("a.html", format!("<table>{page}</table>").as_bytes()).await;
    assert!(text.len() < 4 << 20, "{}", text.len());
}

#[tokio::test]
async fn marks_of_notes_are_no_part_of_the_word() {
    let page = "<p>A refund<sup>1</sup> or credit<sup><a>12</a></sup>, paid<sup>a</sup> by the 1<sup>st</sup>, \
                the 2<sup>e</sup>, 10<sup>6</sup> m<sup>2</sup> of H<sub>2</sub>O, VPAura<sup>TM</sup>, noted<sup>[3]</sup>\
                <sup>4</sup> x<sup></sup>y";
    assert_eq!(
        text_of("a.html", page.as_bytes()).await,
        "A refund^1 or credit^12, paid^a by the 1st, the 2e, 10^6 m^2 of H2O, VPAuraTM, noted[3]4 xy"
    );
}

#[tokio::test]
async fn a_binary_workbook_is_to_be_saved_as_another() {
    let error = read("a.xlsb", &office("xl/workbook.bin", b"\x83\x01")).await.unwrap_err();
    assert!(error.to_string().contains("save it as .xlsx"), "{error}");
}
