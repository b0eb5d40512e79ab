//! `vpaura eval retrieval`: asks a collection judged queries, by words, by vectors, by both, and
//! reranked, and says how good each ranking of documents is.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;
use vpaura_domain::{CollectionId, Page, Scope};
use vpaura_engine::{DocumentMatch, Engine, MAX_HITS, SearchBy, SearchQuery};
use vpaura_knowledge::evaluate::{mean, measure};

use super::judged::{Counts, Format, QrelsFormat, TestSet, read};
use super::table::{Row, table};
use crate::commands::load_config;
use crate::error::{Error, Result};
use crate::terminal;

/// How deep the second look at a ranking goes, in documents.
const DEEP: u32 = 100;
/// How long the engine may take to end.
const STOP: Duration = Duration::from_secs(5);

/// Measures the search of a collection.
#[derive(Debug, Args)]
pub(crate) struct Retrieval {
    /// The collection's name. Its documents are known to the judgements by `id` in their metadata,
    /// else by their names with or without extension
    #[arg(long)]
    collection: String,
    /// The queries
    #[arg(long, value_name = "FILE")]
    queries: PathBuf,
    /// Which documents are relevant to which query
    #[arg(long, value_name = "FILE")]
    qrels: PathBuf,
    /// How the queries are written, and judgements of three columns with them; told from the files
    /// when absent
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// How the judgements are written; told from the files when absent
    #[arg(long, value_enum)]
    qrels_format: Option<QrelsFormat>,
    /// How many documents of a ranking count, at most as many as a search has hits
    #[arg(long, value_name = "K", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_HITS)))]
    at: u32,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// One way of searching.
#[derive(Debug, Clone, Copy)]
struct Way {
    name: &'static str,
    by: SearchBy,
    rerank: bool,
}

impl Retrieval {
    pub(crate) async fn run(self) -> Result<()> {
        let set = read(&self.queries, &self.qrels, self.format, self.qrels_format)?;
        let engine = Engine::assemble(&load_config()?).await?;
        let mut rows = Vec::new();
        let measured = self.measure(&engine, &set, &mut rows).await;
        engine.stop(STOP).await;
        // What could be measured is told, whatever could not.
        if !rows.is_empty() {
            self.tell(&rows, &set.count())?;
        }
        measured
    }

    fn tell(&self, rows: &[Row], counts: &Counts) -> std::io::Result<()> {
        let k = self.at as usize;
        if self.json {
            let all = serde_json::json!({
                "collection": self.collection,
                "queries": counts.measured,
                "unjudged": counts.unjudged,
                "none_relevant": counts.none_relevant,
                "k": k,
                "rankings": rows,
            });
            return terminal::print_line(&all.to_string());
        }
        terminal::print(&(table(rows, k) + "\n" + &counts.told() + "\n"))
    }

    /// One row for each way of searching, until one fails.
    async fn measure(&self, engine: &Engine, set: &TestSet, rows: &mut Vec<Row>) -> Result<()> {
        let scope = Scope::operator();
        let collection = self.find(engine, &scope).await?;
        let ways = ways(engine, &scope, collection).await?;
        if !ways.iter().any(|way| way.by.vectors) {
            terminal::note("without vectors: the collection has none of a configured embedder");
        }
        for way in ways {
            rows.push(self.row(engine, collection, way, set).await?);
        }
        Ok(())
    }

    async fn find(&self, engine: &Engine, scope: &Scope) -> Result<CollectionId> {
        let name = self.collection.trim();
        let mut page = Page { limit: 100, ..Page::default() };
        loop {
            let listing = engine.list_collections(scope, &page, Some(name)).await?;
            if let Some(found) = listing.items.iter().find(|it| it.name == name) {
                return Ok(found.id);
            }
            match listing.next_cursor {
                Some(cursor) => page.cursor = Some(cursor),
                None => {
                    let reason = format!("there is no collection called {name:?}");
                    return Err(Error::Refused(reason));
                }
            }
        }
    }

    async fn row(
        &self,
        engine: &Engine,
        collection: CollectionId,
        way: Way,
        set: &TestSet,
    ) -> Result<Row> {
        let (mut at_k, mut at_100, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for (query, judged) in set.measured() {
            let search = SearchQuery {
                collections: Some(vec![collection]),
                query: query.text.clone(),
                limit: self.at,
                per_document: None,
                filter: DocumentMatch::default(),
                rerank: way.rerank,
                by: way.by,
            };
            let begun = Instant::now();
            let first = ranking(engine, way, &search, set).await?;
            times.push(begun.elapsed());
            at_k.extend(measure(&first, judged, self.at as usize));
            // Which documents are among so many does not depend on the order of the first ones.
            let deep = SearchQuery { limit: DEEP, rerank: false, ..search };
            let deep = ranking(engine, way, &deep, set).await?;
            at_100.extend(measure(&deep, judged, DEEP as usize));
        }
        if at_k.is_empty() {
            return Err(Error::Refused("no query has a relevant document".to_owned()));
        }
        times.sort_unstable();
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        Ok(Row {
            by: way.name,
            at_k: mean(&at_k),
            recall_100: mean(&at_100).recall,
            median_ms: median.as_secs_f64() * 1e3,
        })
    }
}

/// The documents of a search, the best first, by their ids in the judgements. As many passages are
/// candidates as a search for so many hits looks at, so that nothing counts that it does not find.
async fn ranking(
    engine: &Engine,
    way: Way,
    search: &SearchQuery,
    set: &TestSet,
) -> Result<Vec<String>> {
    let ranking = engine.rank_documents(&Scope::operator(), search).await?;
    if let Some(notice) = ranking.notice {
        return Err(Error::Refused(format!("{:?} cannot be measured: {notice}", way.name)));
    }
    Ok(ranking.documents.iter().map(|it| set.id_of(it)).collect())
}

/// The ways that there are: what a search says of itself tells whether there are vectors. Where
/// they should be compared and cannot be, that is for their row to say.
async fn ways(engine: &Engine, scope: &Scope, collection: CollectionId) -> Result<Vec<Way>> {
    let way = |name, words, vectors, rerank| Way { name, by: SearchBy { words, vectors }, rerank };
    let probe = SearchQuery {
        collections: Some(vec![collection]),
        query: "a".to_owned(),
        limit: 1,
        per_document: None,
        filter: DocumentMatch::default(),
        rerank: false,
        by: SearchBy::ALL,
    };
    let found = engine.search(scope, probe).await?;
    let mut ways = vec![way("words", true, false, false)];
    if found.embedder.is_some() || found.notice.is_some() {
        ways.push(way("vectors", false, true, false));
        ways.push(way("fused", true, true, false));
    }
    if engine.reranker_model().is_some() {
        let vectors = ways.len() > 1;
        ways.push(way("reranked", true, vectors, true));
    }
    Ok(ways)
}
