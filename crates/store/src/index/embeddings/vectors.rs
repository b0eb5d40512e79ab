//! The vectors of an embedding while they are being made.

use std::ops::Range;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryResult, QuerySelect, Value};
use vpaura_domain::{EmbeddingId, SegmentId, WorkspaceId};

use super::{EmbeddingClaim, is_held};
use crate::codec::{self, to_u32};
use crate::db::Tx;
use crate::entities::{chunk, segment};
use crate::error::Result;
use crate::index::list::List;
use crate::index::space::head;
use crate::index::write::{insert_signatures, insert_vectors};
use crate::index::{LIVE, SegmentHead};
use crate::store::Store;

/// What a vector is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkToEmbed {
    /// The chunk's number.
    pub no: u32,
    /// The name of its document.
    pub document: String,
    /// The headings above it.
    pub headings: Vec<String>,
    /// Its words.
    pub text: String,
}

const UNEMBEDDED: &str =
    "SELECT s.id, s.first_no, s.span, s.chunks, s.terms_total, s.dead, s.languages
    FROM segments AS s
    WHERE s.workspace_id = $1 AND s.collection_id = $2 AND s.status = 'live' AND NOT EXISTS (
        SELECT 1 FROM segment_signatures AS g WHERE g.segment_id = s.id AND g.embedding_id = $3)
    ORDER BY s.first_no";

const TO_EMBED: &str = "SELECT c.no, d.name, c.headings, c.text
    FROM chunks AS c JOIN documents AS d ON d.id = c.document_id
    WHERE c.workspace_id = $1 AND c.collection_id = $2 AND c.no >= $4 AND c.no < $5
        AND NOT EXISTS (
            SELECT 1 FROM chunk_vectors AS v WHERE v.embedding_id = $3 AND v.no = c.no)
    ORDER BY c.no LIMIT $6";

const WITHIN: &str = "SELECT no, data FROM chunk_vectors
    WHERE workspace_id = $1 AND embedding_id = $2 AND no >= $3 AND no < $4 ORDER BY no LIMIT $5";

impl Store {
    /// The live segments that lack the embedding's signatures, by their numbers.
    pub async fn unembedded_segments(&self, claim: &EmbeddingClaim) -> Result<Vec<SegmentHead>> {
        let row = |row: &QueryResult| head(row, 0);
        let heads = self.rows(claim.workspace_id, UNEMBEDDED.to_owned(), place(claim), row).await?;
        Ok(heads.into_iter().flatten().collect())
    }

    /// Up to `limit` chunks with numbers in this range that have no vector yet, in order.
    pub async fn chunks_to_embed(
        &self,
        claim: &EmbeddingClaim,
        range: Range<u32>,
        limit: u32,
    ) -> Result<Vec<ChunkToEmbed>> {
        let mut values = place(claim);
        values.extend([range.start, range.end, limit].map(|it| i64::from(it).into()));
        let chunk = |row: &QueryResult| {
            let headings: String = row.try_get_by_index(2)?;
            Ok(ChunkToEmbed {
                no: to_u32(row.try_get_by_index(0)?, "chunks.no")?,
                document: row.try_get_by_index(1)?,
                headings: codec::from_text(&headings, "chunks.headings")?,
                text: row.try_get_by_index(3)?,
            })
        };
        self.rows(claim.workspace_id, TO_EMBED.to_owned(), values, chunk).await
    }

    /// Up to `limit` of the embedding's vectors with numbers in this range, in order.
    pub async fn vectors_within(
        &self,
        workspace: WorkspaceId,
        embedding: EmbeddingId,
        range: Range<u32>,
        limit: u32,
    ) -> Result<Vec<(u32, Vec<u8>)>> {
        let mut values: Vec<Value> = vec![workspace.uuid().into(), embedding.uuid().into()];
        values.extend([range.start, range.end, limit].map(|it| i64::from(it).into()));
        let vector = |row: &QueryResult| {
            Ok((to_u32(row.try_get_by_index(0)?, "chunk_vectors.no")?, row.try_get_by_index(1)?))
        };
        self.rows(workspace, WITHIN.to_owned(), values, vector).await
    }

    /// Adds vectors by the chunks' numbers; those of chunks that are gone meanwhile are left out.
    /// `false` when the claim is lost.
    pub async fn put_vectors(
        &self,
        claim: &EmbeddingClaim,
        vectors: Vec<(u32, Vec<u8>)>,
    ) -> Result<bool> {
        let input = (claim.clone(), vectors);
        // What a loss of power undoes is noticed: the signatures follow by a synced write.
        self.write_unsynced(claim.workspace_id, input, |tx, (claim, vectors)| {
            Box::pin(async move {
                if !is_held(tx, claim).await? {
                    return Ok(false);
                }
                let there = chunks_there(tx, claim, vectors).await?;
                let kept: Vec<_> =
                    vectors.iter().filter(|(no, _)| there.binary_search(no).is_ok()).collect();
                insert_vectors(tx, claim.workspace_id, (claim.id, 0), &kept).await?;
                Ok(true)
            })
        })
        .await
    }

    /// Adds the signs of all vectors of a segment; `false` when the claim is lost, or the segment
    /// is searched no more.
    pub async fn put_signatures(
        &self,
        claim: &EmbeddingClaim,
        segment: SegmentId,
        signatures: Vec<u8>,
    ) -> Result<bool> {
        let input = (claim.clone(), segment, signatures);
        self.write(claim.workspace_id, input, |tx, (claim, segment, signatures)| {
            Box::pin(async move {
                if !is_held(tx, claim).await? || !is_live(tx, claim, *segment).await? {
                    return Ok(false);
                }
                let place = (segment.uuid(), claim.id);
                insert_signatures(tx, claim.workspace_id, place, signatures).await?;
                Ok(true)
            })
        })
        .await
    }
}

/// The first three parameters.
fn place(claim: &EmbeddingClaim) -> Vec<Value> {
    vec![
        claim.workspace_id.uuid().into(),
        claim.collection_id.uuid().into(),
        claim.id.uuid().into(),
    ]
}

/// Which of the numbers still have a chunk, in order; the chunks stay until the transaction ends.
async fn chunks_there(
    tx: &Tx,
    claim: &EmbeddingClaim,
    vectors: &[(u32, Vec<u8>)],
) -> Result<Vec<u32>> {
    use chunk::{Column, Entity};
    let numbers: Vec<u32> = vectors.iter().map(|(no, _)| *no).collect();
    let backend = sea_orm::ConnectionTrait::get_database_backend(tx);
    let rows: Vec<i64> = Entity::find()
        .select_only()
        .column(Column::No)
        .filter(Column::CollectionId.eq(claim.collection_id.uuid()))
        .filter(List::Numbers(&numbers).has(backend, "no")?)
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx)
        .await?;
    let mut there =
        rows.into_iter().map(|no| to_u32(no, "chunks.no")).collect::<Result<Vec<_>>>()?;
    there.sort_unstable();
    Ok(there)
}

/// Whether searches use the segment; it is then not replaced until the transaction ends.
async fn is_live(tx: &Tx, claim: &EmbeddingClaim, id: SegmentId) -> Result<bool> {
    use segment::{Column, Entity};
    let rows = Entity::find_by_id(id.uuid())
        .select_only()
        .column(Column::Status)
        .filter(Column::CollectionId.eq(claim.collection_id.uuid()))
        .lock(LockType::Share)
        .into_tuple::<String>()
        .all(tx)
        .await?;
    Ok(rows.iter().any(|status| status == LIVE))
}
