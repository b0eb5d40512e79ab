//! The measures of several rankings beside each other.

use serde::Serialize;
use vpaura_engine::MAX_HITS;
use vpaura_knowledge::evaluate::Measures;

/// One way of searching, measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    /// Its name.
    pub(super) by: &'static str,
    /// By the first `k` documents.
    #[serde(flatten)]
    pub(super) at_k: Measures,
    /// How many of all relevant documents are among the first 100, looked for with as many
    /// candidates: more than any search has.
    pub(super) recall_100: f64,
    /// How long a query takes, in milliseconds: the median.
    pub(super) median_ms: f64,
}

/// The rows as a table of plain text.
pub(super) fn table(rows: &[Row], k: usize) -> String {
    let mut text = format!(
        "{:<10} {:>8} {:>10} {:>8} {:>10} {:>10}\n",
        "",
        format!("nDCG@{k}"),
        format!("recall@{k}"),
        format!("MRR@{k}"),
        "recall@100",
        "median ms"
    );
    for Row { by, at_k, recall_100, median_ms } in rows {
        let Measures { ndcg, recall, mrr } = at_k;
        text.push_str(&format!(
            "{by:<10} {ndcg:>8.4} {recall:>10.4} {mrr:>8.4} {recall_100:>10.4} {median_ms:>10.2}\n"
        ));
    }
    text.push_str(&format!(
        "\nThe first {k} are those of a search for {k}. recall@100 looks deeper than a search, which has at\n\
         most {MAX_HITS} hits.\n"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_below_their_names() {
        let at_k = Measures { ndcg: 0.5, recall: 0.25, mrr: 1.0 };
        let rows = [Row { by: "words", at_k, recall_100: 0.75, median_ms: 1.234 }];
        let told = table(&rows, 10);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "            nDCG@10  recall@10   MRR@10 recall@100  median ms");
        assert_eq!(lines[1], "words        0.5000     0.2500   1.0000     0.7500       1.23");
    }
}
