//! Measures retrieval on a test collection: words alone, vectors alone, and both fused.
//!
//! ```sh
//! cargo run --release -p vpaura-knowledge --example retrieval_quality -- \
//!     cranfield FOLDER [DOCUMENTS.f32 QUERIES.f32]
//! cargo run --release -p vpaura-knowledge --example retrieval_quality -- \
//!     beir CORPUS.jsonl QUERIES.jsonl QRELS [DOCUMENTS.f32 QUERIES.f32]
//! ```
//!
//! The vectors are 32-bit floats, little-endian, one behind the other in the order of the files.
//! They are made elsewhere: this crate knows no models.

#![expect(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::error::Error;
use std::fs;
use std::path::Path;

use vpaura_knowledge::evaluate::{
    Judgements, Measures, QrelsFormat, TestDocument, TestQuery, beir_documents, beir_queries,
    cranfield_documents, cranfield_judgements, cranfield_queries, mean, measure, qrels,
};
use vpaura_knowledge::index::{
    BuiltSegment, PostingList, SegmentBuilder, SegmentStats, Signatures, bm25, cosine_f16,
    encode_f16, nearest, signatures_blob,
};
use vpaura_knowledge::retrieve::fuse;
use vpaura_knowledge::terms::{Language, LanguageSet, document_terms, query_terms};

const K: usize = 10;
const CANDIDATES: usize = 200;

type Ranking = Vec<(usize, f32)>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (set, vectors) = match &arguments[..] {
        ["cranfield", folder, vectors @ ..] => (cranfield(Path::new(folder))?, vectors),
        ["beir", corpus, queries, judgements, vectors @ ..] => {
            (beir(corpus, queries, judgements)?, vectors)
        }
        _ => return Err("cranfield FOLDER or beir CORPUS QUERIES QRELS".into()),
    };
    let segment = index(&set.documents)?;
    let words = set.queries.iter().map(|query| by_words(&segment, &query.text));
    let words = words.collect::<Result<Vec<_>, _>>()?;
    set.report("words", &words);
    if let [documents, queries] = vectors {
        let documents = floats(documents, set.documents.len())?;
        let queries = floats(queries, set.queries.len())?;
        let meaning = by_meaning(&documents, &queries)?;
        set.report("vectors", &meaning);
        let fused: Vec<Ranking> = words
            .iter()
            .zip(&meaning)
            .map(|(a, b)| fuse(a, b, CANDIDATES).iter().map(|hit| (hit.key, hit.fused)).collect())
            .collect();
        set.report("fused", &fused);
    }
    Ok(())
}

struct Set {
    documents: Vec<TestDocument>,
    queries: Vec<TestQuery>,
    judgements: Judgements,
}

impl Set {
    /// Prints the means over all queries, and over each half of them.
    fn report(&self, name: &str, rankings: &[Ranking]) {
        let measured: Vec<Option<Measures>> = self
            .queries
            .iter()
            .zip(rankings)
            .map(|(query, ranking)| {
                let ids: Vec<&str> =
                    ranking.iter().map(|(at, _)| self.documents[*at].id.as_str()).collect();
                measure(&ids, self.judgements.get(&query.id)?, K)
            })
            .collect();
        let half = |odd: usize| -> Vec<Measures> {
            measured.iter().skip(odd).step_by(2).copied().flatten().collect()
        };
        let all: Vec<Measures> = measured.iter().copied().flatten().collect();
        let whole = mean(&all);
        println!(
            "{name:8} nDCG@{K} {:.4}  recall@{K} {:.4}  MRR@{K} {:.4}  (nDCG of halves {:.4} {:.4}; {} queries)",
            whole.ndcg,
            whole.recall,
            whole.mrr,
            mean(&half(0)).ndcg,
            mean(&half(1)).ndcg,
            all.len()
        );
    }
}

fn cranfield(folder: &Path) -> Result<Set, Box<dyn Error>> {
    Ok(Set {
        documents: cranfield_documents(&fs::read_to_string(folder.join("cran.all.1400"))?)?,
        queries: cranfield_queries(&fs::read_to_string(folder.join("cran.qry"))?)?,
        judgements: cranfield_judgements(&fs::read_to_string(folder.join("cranqrel"))?)?,
    })
}

fn beir(corpus: &str, queries: &str, judgements: &str) -> Result<Set, Box<dyn Error>> {
    let judgements = fs::read_to_string(judgements)?;
    let format = QrelsFormat::of(&judgements).unwrap_or(QrelsFormat::Beir);
    Ok(Set {
        documents: beir_documents(&fs::read_to_string(corpus)?)?,
        queries: beir_queries(&fs::read_to_string(queries)?)?,
        judgements: qrels(&judgements, format)?,
    })
}

fn index(documents: &[TestDocument]) -> Result<BuiltSegment, Box<dyn Error>> {
    let mut builder = SegmentBuilder::new(0);
    for (no, document) in (0..).zip(documents) {
        let language = Language::detect(&document.text);
        let terms = document_terms(&document.text, &[], document.title.as_deref(), language);
        builder.add(no, &terms, language)?;
    }
    Ok(builder.finish())
}

fn by_words(segment: &BuiltSegment, query: &str) -> Result<Ranking, Box<dyn Error>> {
    let terms = query_terms(query, &LanguageSet::read(&segment.languages));
    let looked_up = terms.terms();
    let found = looked_up.iter().filter_map(|term| {
        let at = segment.postings.binary_search_by(|(known, _)| known.cmp(term)).ok()?;
        segment.postings.get(at)
    });
    let lists: Vec<PostingList<'_>> =
        found.map(|(term, data)| PostingList { segment: 0, term, data }).collect();
    let stats = SegmentStats {
        first_no: 0,
        chunks: segment.chunks,
        terms_total: segment.terms_total,
        lengths: &segment.lengths,
        allowed: None,
    };
    let found = bm25(&terms, &[stats], &lists, CANDIDATES)?;
    Ok(found.iter().map(|hit| (hit.no as usize, hit.score)).collect())
}

/// As searches do it: the nearest by signs, then by the exact cosine.
fn by_meaning(
    documents: &[Vec<f32>],
    queries: &[Vec<f32>],
) -> Result<Vec<Ranking>, Box<dyn Error>> {
    let numbered: Vec<(u32, &Vec<f32>)> = (0..).zip(documents).collect();
    let span = u32::try_from(documents.len())?;
    let blob = signatures_blob(0, span, &numbered)?;
    let stored: Vec<Vec<u8>> = documents.iter().map(|vector| encode_f16(vector)).collect();
    let rank = |query: &Vec<f32>| -> Result<Ranking, Box<dyn Error>> {
        let part = Signatures { segment: 0, first_no: 0, span, data: &blob, allowed: None };
        let near = nearest(query, &[part], 4 * CANDIDATES)?;
        let mut ranking = Ranking::new();
        for hit in near {
            let at = hit.no as usize;
            ranking.push((at, cosine_f16(query, &stored[at])?));
        }
        ranking.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranking.truncate(CANDIDATES);
        Ok(ranking)
    };
    queries.iter().map(rank).collect()
}

fn floats(path: &str, rows: usize) -> Result<Vec<Vec<f32>>, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let all: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    let width = all.len() / rows.max(1);
    if width == 0 || width * rows != all.len() {
        return Err(format!("{path} has {} numbers for {rows} rows", all.len()).into());
    }
    Ok(all.chunks_exact(width).map(<[f32]>::to_vec).collect())
}
