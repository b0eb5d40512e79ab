//! The numbers of sheets as they are seen.

use super::extract_bad::styled_workbook;
use super::extract_support::{check, read};

#[tokio::test]
async fn numbers_are_written_as_their_formats_show_them() {
    let codes = [
        "\"kg\" 0.0",
        "[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00",
        "yyyy\\-mm\\-dd",
        "[h]:mm",
        "0.00E+00",
        "h:mm AM/PM",
    ];
    let formats: String = (170..)
        .zip(codes)
        .map(|(id, code)| {
            let code = code.replace('"', "&quot;");
            format!("<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>")
        })
        .collect();
    let ids = [0, 9, 10, 3, 4, 14, 22, 170, 171, 172, 173, 174, 175];
    let styles: String = ids.iter().map(|id| format!("<xf numFmtId=\"{id}\"/>")).collect();
    let styles = format!("<numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs>");
    let cells = [
        (0, "0.25", "0.25"),
        (1, "0.25", "25%"),
        (2, "-0.12345", "-12.35%"),
        (3, "1234567.6", "1,234,568"),
        (4, "1200", "1,200.00"),
        (5, "45351", "2024-02-29"),
        (6, "45351.5", "2024-02-29 12:00:00"),
        (7, "2.25", "kg 2.3"),
        (8, "-1234.5", "-€ 1,234.50"),
        (9, "45351", "2024-02-29"),
        (10, "1.5", "36:00:00"),
        // What is not understood, and a style that is not there.
        (11, "1234.5", "1234.5"),
        (12, "0.75", "18:00:00"),
        (99, "0.1", "0.1"),
    ];
    let rows: String = (1..)
        .zip(cells)
        .map(|(row, (style, value, _))| {
            format!("<row r=\"{row}\"><c r=\"A{row}\" s=\"{style}\"><v>{value}</v></c></row>")
        })
        .collect();
    let found = read("a.xlsx", &styled_workbook(&styles, &[&rows])).await.unwrap();
    check(&found);
    let lines = found.text.lines().skip(2).filter(|line| !line.contains("---"));
    let shown: Vec<&str> = lines.map(|line| line.trim_matches(['|', ' '])).collect();
    assert_eq!(shown, cells.map(|(_, _, shown)| shown));
}
