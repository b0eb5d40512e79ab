//! Reads what is needed to continue from a checkpoint.

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use vpaura_graph::ThreadId;
use vpaura_graph::store::{
    At, Checkpoint, Head, Loaded, Record, Seq, Source, StoreError as Refusal,
};

use super::thread::head_of;
use super::{Answer, Checkpoints};
use crate::codec::{to_i64, to_u32, to_u64};
use crate::error::{Result, StoreError};

/// The head, the line and the records, of one moment because in one statement. `part` tells which
/// is which, `n` orders them. $3 is the number of the checkpoint; NULL for the head.
///
/// The cross joins make SQLite look up parents by number instead of searching for them. PostgreSQL
/// would not look up by COALESCE under row-level security: it counts as what may leak rows.
const LOAD: &str = "WITH RECURSIVE thread (id, head, branch, last_branch) AS (
        SELECT id, head, branch, last_branch FROM graph_threads
        WHERE workspace_id = $1 AND name = $2
    ), line (seq, branch, parent, step, source, body, snapshot) AS (
        SELECT c.seq, c.branch, c.parent, c.step, c.source, c.body, c.snapshot
        FROM thread CROSS JOIN graph_checkpoints AS c
        WHERE c.thread_id = thread.id AND c.seq = CASE WHEN $3 IS NULL THEN thread.head ELSE $3 END
        UNION ALL
        SELECT c.seq, c.branch, c.parent, c.step, c.source, c.body, c.snapshot
        FROM line CROSS JOIN thread CROSS JOIN graph_checkpoints AS c
        WHERE line.snapshot IS NULL AND c.thread_id = thread.id AND c.seq = line.parent
    )
    SELECT CAST(0 AS BIGINT) AS part, head AS n, branch, last_branch AS parent,
        CAST(NULL AS BIGINT) AS step, CAST(NULL AS TEXT) AS word, CAST(NULL AS TEXT) AS slot,
        CAST(NULL AS TEXT) AS body, CAST(NULL AS TEXT) AS snapshot
    FROM thread
    UNION ALL
    SELECT 1, seq, branch, parent, step, source, NULL, body, snapshot FROM line
    UNION ALL
    SELECT 2, r.id, NULL, NULL, NULL, r.path, r.slot, r.body, NULL
    FROM thread CROSS JOIN graph_records AS r
    WHERE r.thread_id = thread.id AND r.base = CASE WHEN $3 IS NULL THEN thread.head ELSE $3 END
    ORDER BY part, n";

impl Checkpoints {
    pub(super) async fn load_line(&self, name: &ThreadId, at: At) -> Answer<Option<Loaded>> {
        let asked = match at {
            At::Head => None,
            At::Seq(seq) => Some(seq),
        };
        let values = [self.workspace.into(), name.as_str().into(), asked.map(to_i64).into()];
        let query = &Statement::from_sql_and_values(self.store.db_backend(), LOAD, values);
        let rows = self
            .store
            .read(self.within(), |db| async move { Ok(db.query_all_raw(query.clone()).await?) })
            .await?;
        let Some((head, rows)) = head(&rows)? else { return Ok(Ok(None)) };
        let loaded = loaded(head, asked.unwrap_or(head.seq), rows)?;
        if loaded.line.is_empty() {
            let seq = asked.unwrap_or(head.seq);
            return Ok(Err(Refusal::Missing { thread: name.clone(), seq }));
        }
        Ok(Ok(Some(loaded)))
    }
}

/// Takes the first row apart; `None` if the thread has no checkpoint.
fn head(rows: &[QueryResult]) -> Result<Option<(Head, &[QueryResult])>> {
    let Some((first, rest)) = rows.split_first() else { return Ok(None) };
    let seq: Option<i64> = first.try_get("", "n")?;
    let Some(seq) = seq else { return Ok(None) };
    let head = head_of(seq, first.try_get("", "branch")?, first.try_get("", "parent")?)?;
    Ok(Some((head, rest)))
}

fn loaded(head: Head, base: Seq, rows: &[QueryResult]) -> Result<Loaded> {
    let mut loaded = Loaded { head, line: Vec::new(), records: Vec::new() };
    for row in rows {
        let part: i64 = row.try_get("", "part")?;
        match part {
            1 => loaded.line.push(checkpoint(row)?),
            _ => loaded.records.push(Record {
                base,
                path: row.try_get("", "word")?,
                slot: row.try_get("", "slot")?,
                body: row.try_get("", "body")?,
            }),
        }
    }
    Ok(loaded)
}

fn checkpoint(row: &QueryResult) -> Result<Checkpoint> {
    let parent: Option<i64> = row.try_get("", "parent")?;
    Ok(Checkpoint {
        seq: to_u64(row.try_get("", "n")?),
        branch: to_u32(row.try_get("", "branch")?, "graph_checkpoints.branch")?,
        parent: parent.map(to_u64),
        source: source(&row.try_get::<String>("", "word")?)?,
        step: to_u32(row.try_get("", "step")?, "graph_checkpoints.step")?,
        body: row.try_get("", "body")?,
        snapshot: row.try_get("", "snapshot")?,
    })
}

pub(super) fn source(word: &str) -> Result<Source> {
    let column = "graph_checkpoints.source";
    Source::parse(word)
        .ok_or_else(|| StoreError::Corrupt { column, reason: "unknown word".to_owned() })
}
