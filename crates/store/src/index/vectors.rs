//! Reads the vectors that a search compares exactly: hundreds, from anywhere. A row for each costs
//! more than all that is done with it, so they come in one.

use data_encoding::HEXUPPER;
use sea_orm::{DbBackend, QueryResult};
use vpaura_domain::{EmbeddingId, WorkspaceId};

use super::list::List;
use super::lists::get;
use crate::error::{Result, StoreError};
use crate::store::Store;

/// Looks each one up by the key, whatever is believed of the table's size: a table that has just
/// been filled is otherwise read from end to end.
const POSTGRES: &str = "SELECT string_agg(wanted.no::text, ','), string_agg(found.data, ''::bytea)
    FROM unnest(string_to_array($3, ',')::bigint[]) AS wanted (no)
    CROSS JOIN LATERAL (
        SELECT data FROM chunk_vectors
        WHERE workspace_id = $1 AND embedding_id = $2 AND no = wanted.no LIMIT 1) AS found";

/// Bytes can only be joined as text here.
const SQLITE: &str = "SELECT group_concat(no, ','), group_concat(hex(data), '') FROM chunk_vectors
    WHERE workspace_id = $1 AND embedding_id = $2 AND no IN (SELECT value FROM json_each($3))";

/// Vectors of chunks, by the chunks' numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChunkVectors {
    numbers: Vec<u32>,
    /// One behind the other, all of the same size.
    data: Vec<u8>,
}

impl ChunkVectors {
    /// The chunks' numbers with the vectors' bytes, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        let size = self.data.len().checked_div(self.numbers.len()).unwrap_or_default();
        self.numbers.iter().copied().zip(self.data.chunks_exact(size.max(1)))
    }
}

impl Store {
    /// The vectors that chunks with these numbers have of this embedding.
    pub async fn vectors(
        &self,
        workspace: WorkspaceId,
        embedding: EmbeddingId,
        numbers: &[u32],
    ) -> Result<ChunkVectors> {
        let (backend, numbers) = (self.db_backend(), List::Numbers(numbers));
        let values =
            vec![workspace.uuid().into(), embedding.uuid().into(), numbers.value(backend)?];
        let (sql, read): (_, fn(&QueryResult) -> Result<ChunkVectors>) = match backend {
            DbBackend::Postgres => (POSTGRES, joined),
            _ => (SQLITE, joined_as_text),
        };
        let mut rows = self.rows(workspace, sql.to_owned(), values, read).await?;
        Ok(rows.pop().unwrap_or_default())
    }
}

fn joined(row: &QueryResult) -> Result<ChunkVectors> {
    match (get(row, 0)?, get(row, 1)?) {
        (Some(numbers), Some(data)) => vectors(numbers, data),
        // Joining no rows gives no text.
        _ => Ok(ChunkVectors::default()),
    }
}

fn joined_as_text(row: &QueryResult) -> Result<ChunkVectors> {
    let (Some(numbers), Some(text)) = (get(row, 0)?, get::<Option<String>>(row, 1)?) else {
        return Ok(ChunkVectors::default());
    };
    let data = HEXUPPER.decode(text.as_bytes());
    vectors(numbers, data.map_err(|error| corrupt(&error.to_string()))?)
}

fn vectors(numbers: String, data: Vec<u8>) -> Result<ChunkVectors> {
    let numbers = numbers.split(',').map(str::parse).collect::<Result<Vec<u32>, _>>();
    let numbers = numbers.map_err(|_| corrupt("numbers out of range"))?;
    if !data.len().is_multiple_of(numbers.len()) {
        return Err(corrupt("vectors of different sizes"));
    }
    Ok(ChunkVectors { numbers, data })
}

fn corrupt(reason: &str) -> StoreError {
    StoreError::Corrupt { column: "chunk_vectors.data", reason: reason.to_owned() }
}
