//! Collections as they are written, and measures worked out by hand.

use super::*;

fn judged(pairs: &[(&str, u32)]) -> Judged {
    pairs.iter().map(|(id, gain)| ((*id).to_owned(), *gain)).collect()
}

#[test]
fn measures_are_those_worked_out_by_hand() {
    let judged = judged(&[("a", 3), ("b", 1), ("c", 2), ("x", 0)]);
    let found = measure(&["x", "c", "a", "y"], &judged, 3).expect("something is relevant");
    let ideal = 3.0 + 2.0 / 3.0_f64.log2() + 1.0 / 2.0;
    assert!((found.ndcg - (2.0 / 3.0_f64.log2() + 3.0 / 2.0) / ideal).abs() < 1e-9);
    assert!((found.recall - 2.0 / 3.0).abs() < 1e-9);
    assert!((found.mrr - 0.5).abs() < 1e-9);
    assert_eq!(
        measure(&["a", "c", "b"], &judged, 10),
        Some(Measures { ndcg: 1.0, recall: 1.0, mrr: 1.0 })
    );
    assert_eq!(measure(&["y"], &judged, 10), Some(Measures::default()));
}

#[test]
fn a_query_without_relevant_documents_says_nothing() {
    assert_eq!(measure(&["a"], &judged(&[("a", 0)]), 10), None);
    assert_eq!(measure(&["a"], &Judged::new(), 10), None);
}

#[test]
fn a_document_that_comes_twice_counts_once() {
    let judged = judged(&[("a", 1), ("b", 1)]);
    let found = measure(&["a", "a", "b"], &judged, 2).expect("something is relevant");
    assert_eq!(found, Measures { ndcg: 1.0, recall: 1.0, mrr: 1.0 });
}

#[test]
fn the_mean_is_over_queries() {
    let one = Measures { ndcg: 1.0, recall: 0.5, mrr: 1.0 };
    assert_eq!(mean(&[one, Measures::default()]), Measures { ndcg: 0.5, recall: 0.25, mrr: 0.5 });
    assert_eq!(mean(&[]), Measures::default());
}

#[test]
fn cranfield_files_are_read() {
    let documents = cranfield_documents(
        ".I 1\n.T\nflow past\na plate .\n.A\nting\n.B\nj. ae.\n.W\nflow past\na plate .\n  in the study\n.I 2\n.T\n.A\n.W\nwords\n",
    );
    let [first, second] = &documents.expect("two documents")[..] else { panic!("two documents") };
    assert_eq!((first.id.as_str(), first.text.as_str()), ("1", "in the study"));
    assert_eq!(first.title.as_deref(), Some("flow past a plate ."));
    assert_eq!((second.title.as_deref(), second.text.as_str()), (None, "words"));
    let queries = cranfield_queries(".I 001\n.W\nwhat\nlaws .\n.I 004\n.W\nheat .\n");
    let ids: Vec<_> =
        queries.expect("two").into_iter().map(|query| (query.id, query.text)).collect();
    assert_eq!(ids, [("1".into(), "what laws .".into()), ("2".to_owned(), "heat .".to_owned())]);
    let judgements = cranfield_judgements("1 184 1 \n1 29 4\n1 486 -1\n1 29 3\n").expect("four");
    assert_eq!(judgements["1"], judged(&[("184", 4), ("29", 2), ("486", 0)]));
}

#[test]
fn beir_and_trec_files_are_read() {
    let documents = beir_documents(
        "{\"_id\":\"d1\",\"title\":\"\",\"text\":\"words\"}\n\n{\"_id\":7,\"text\":\"x\",\"metadata\":{}}\n",
    );
    let documents = documents.expect("two documents");
    assert_eq!((documents[0].id.as_str(), &documents[0].title), ("d1", &None));
    assert_eq!(documents[1].id, "7");
    let queries = beir_queries("{\"_id\":\"q\",\"text\":\"what\"}").expect("a query");
    assert_eq!(queries, [TestQuery { id: "q".into(), text: "what".into() }]);
    let expected = judged(&[("d1", 2), ("d2", 0)]);
    let beir = "query-id\tcorpus-id\tscore\nq\td1\t2\nq\td2\t0\n";
    let beir = qrels(beir, QrelsFormat::Beir).expect("two");
    let trec = qrels("q 0 d1 2\nq 0 d2 -1\n", QrelsFormat::Trec).expect("two");
    assert_eq!((&beir["q"], &trec["q"]), (&expected, &expected));
}

#[test]
fn what_is_no_collection_is_refused_by_its_line() {
    let line = |error: EvaluateError| error.to_string();
    assert_eq!(
        cranfield_judgements("1 2 1\n1 2\n").map_err(line),
        Err("line 2: expected a query, a document and a code".into())
    );
    assert_eq!(
        cranfield_documents("words").map_err(line),
        Err("line 1: expected a line that begins with .I".into())
    );
    assert_eq!(cranfield_queries("").map_err(line), Err("there are no queries in it".into()));
    assert!(
        beir_documents("{}").is_err_and(|error| line(error).starts_with("line 1: missing field"))
    );
    assert_eq!(
        qrels("a b 1\na b c\n", QrelsFormat::Beir).map_err(line),
        Err("line 2: the relevance is no number".into())
    );
    assert_eq!(
        qrels("a 0 b 1\na b 1\n", QrelsFormat::Trec).map_err(line),
        Err("line 2: expected a query, an iteration, a document and a relevance".into())
    );
    assert_eq!(
        qrels("a 0 b 1\n", QrelsFormat::Beir).map_err(line),
        Err("line 1: expected a query, a document and a relevance".into())
    );
    assert_eq!(
        qrels("", QrelsFormat::Trec).map_err(line),
        Err("there are no judgements in it".into())
    );
}

#[test]
fn what_judgements_are_is_told_by_their_first_line_where_it_is_not_the_same_in_all() {
    assert_eq!(QrelsFormat::of("\n1 0 13 1\n"), Some(QrelsFormat::Trec));
    assert_eq!(QrelsFormat::of("query-id corpus-id score\n1 13 1\n"), Some(QrelsFormat::Beir));
    assert_eq!(QrelsFormat::of("1\t13\t1\n"), Some(QrelsFormat::Beir));
    assert_eq!(QrelsFormat::of("1 13 1 \n"), None);
    assert_eq!(QrelsFormat::of(""), None);
}

#[test]
fn relevances_are_not_taken_for_codes() {
    let codes = qrels("1 184 1\n1 29 5\n", QrelsFormat::Cranfield).expect("two");
    assert_eq!(codes["1"], judged(&[("184", 4), ("29", 0)]));
    for relevances in ["1 184 2\n1 29 0\n", "1 184 2\n1 29 6\n", "1 184 2\n1 29 -2\n"] {
        let refused = qrels(relevances, QrelsFormat::Cranfield).map_err(|error| error.to_string());
        assert!(
            refused.as_ref().is_err_and(|why| why.starts_with("line 2: the code is not among")),
            "{refused:?}"
        );
    }
}
