//! Lists a thread's checkpoints.

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use vpaura_graph::ThreadId;
use vpaura_graph::store::{Meta, Page};

use super::Checkpoints;
use super::load::source;
use crate::codec::{to_i64, to_u32, to_u64};
use crate::error::Result;

const HISTORY: &str = "SELECT c.seq, c.branch, c.parent, c.source, c.step, c.created_at,
        CAST(octet_length(c.body) + COALESCE(octet_length(c.snapshot), 0) AS BIGINT) AS bytes,
        c.snapshot IS NOT NULL AS has_snapshot
    FROM graph_threads AS t JOIN graph_checkpoints AS c ON c.thread_id = t.id
    WHERE t.workspace_id = $1 AND t.name = $2 AND c.seq < $3
    ORDER BY c.seq DESC LIMIT $4";

impl Checkpoints {
    pub(super) async fn list_checkpoints(&self, name: &ThreadId, page: Page) -> Result<Vec<Meta>> {
        let values = [
            self.workspace.into(),
            name.as_str().into(),
            page.before.map_or(i64::MAX, to_i64).into(),
            i64::from(page.limit).into(),
        ];
        let query = &Statement::from_sql_and_values(self.store.db_backend(), HISTORY, values);
        self.store
            .read(self.within(), |db| async move {
                db.query_all_raw(query.clone()).await?.iter().map(meta).collect::<Result<Vec<_>>>()
            })
            .await
    }
}

fn meta(row: &QueryResult) -> Result<Meta> {
    let parent: Option<i64> = row.try_get("", "parent")?;
    let bytes: i64 = row.try_get("", "bytes")?;
    Ok(Meta {
        seq: to_u64(row.try_get("", "seq")?),
        branch: to_u32(row.try_get("", "branch")?, "graph_checkpoints.branch")?,
        parent: parent.map(to_u64),
        source: source(&row.try_get::<String>("", "source")?)?,
        step: to_u32(row.try_get("", "step")?, "graph_checkpoints.step")?,
        at: to_u64(row.try_get("", "created_at")?),
        bytes: to_u64(bytes),
        has_snapshot: row.try_get("", "has_snapshot")?,
    })
}
