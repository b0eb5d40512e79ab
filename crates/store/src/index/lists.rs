//! Reads what a search scores: lengths, postings, signatures. Each is one statement.

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable, Value};
use uuid::Uuid;
use vpaura_domain::{EmbeddingId, SegmentId, WorkspaceId};

use super::list::List;
use crate::Backend;
use crate::error::Result;
use crate::store::Store;

impl Store {
    /// The lengths of the chunks of these segments, as they were given.
    pub async fn segment_lengths(
        &self,
        workspace: WorkspaceId,
        segments: &[SegmentId],
    ) -> Result<Vec<(SegmentId, Vec<u8>)>> {
        let (backend, segments) = (self.db_backend(), list(segments));
        let sql = format!(
            "SELECT id, lengths FROM segments WHERE workspace_id = $1 AND id {}",
            segments.one_of(backend, 2)
        );
        let values = vec![workspace.uuid().into(), segments.value(backend)?];
        self.rows(workspace, sql, values, segment_and_data).await
    }

    /// The postings that these segments have of these terms, in no order.
    pub async fn postings(
        &self,
        workspace: WorkspaceId,
        segments: &[SegmentId],
        terms: &[String],
    ) -> Result<Vec<(SegmentId, String, Vec<u8>)>> {
        let (backend, segments, terms) = (self.db_backend(), list(segments), List::Words(terms));
        let sql = format!(
            "SELECT segment_id, term, data FROM postings
             WHERE segment_id {} AND term {} AND workspace_id = $1",
            segments.one_of(backend, 2),
            terms.one_of(backend, 3),
        );
        let values = vec![workspace.uuid().into(), segments.value(backend)?, terms.value(backend)?];
        let posting = |row: &QueryResult| {
            Ok((SegmentId::from_uuid(get(row, 0)?), get(row, 1)?, get(row, 2)?))
        };
        self.rows(workspace, sql, values, posting).await
    }

    /// The signatures that these segments have of this embedding.
    pub async fn signatures(
        &self,
        workspace: WorkspaceId,
        embedding: EmbeddingId,
        segments: &[SegmentId],
    ) -> Result<Vec<(SegmentId, Vec<u8>)>> {
        let (backend, segments) = (self.db_backend(), list(segments));
        let sql = format!(
            "SELECT segment_id, data FROM segment_signatures
             WHERE workspace_id = $1 AND embedding_id = $2 AND segment_id {}",
            segments.one_of(backend, 3)
        );
        let values =
            vec![workspace.uuid().into(), embedding.uuid().into(), segments.value(backend)?];
        self.rows(workspace, sql, values, segment_and_data).await
    }

    /// The rows of one statement, each turned into what it stands for.
    pub(super) async fn rows<T: Send>(
        &self,
        workspace: WorkspaceId,
        sql: String,
        values: Vec<Value>,
        turn: fn(&QueryResult) -> Result<T>,
    ) -> Result<Vec<T>> {
        let query = Statement::from_sql_and_values(self.db_backend(), sql, values);
        self.read(workspace, |db| {
            let query = query.clone();
            async move { db.query_all_raw(query).await?.iter().map(turn).collect() }
        })
        .await
    }

    pub(crate) fn db_backend(&self) -> DbBackend {
        match self.backend() {
            Backend::Sqlite => DbBackend::Sqlite,
            Backend::Postgres => DbBackend::Postgres,
        }
    }
}

fn list(segments: &[SegmentId]) -> List<'static> {
    List::Ids(segments.iter().map(|id| id.uuid()).collect())
}

fn segment_and_data(row: &QueryResult) -> Result<(SegmentId, Vec<u8>)> {
    let id: Uuid = get(row, 0)?;
    Ok((SegmentId::from_uuid(id), get(row, 1)?))
}

pub(super) fn get<T: TryGetable>(row: &QueryResult, column: usize) -> Result<T> {
    Ok(row.try_get_by_index(column)?)
}
