//! What a merge reads, and the postings that it writes.

use std::ops::Range;

use sea_orm::QueryResult;
use sea_orm::sea_query::LockType;
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbeddingId, SegmentId, WorkspaceId};

use super::{Merge, held};
use crate::codec::to_u32;
use crate::error::Result;
use crate::index::list::List;
use crate::index::write::insert_postings;
use crate::store::Store;

impl Store {
    /// The numbers in this range that have a chunk, in order.
    pub async fn alive_numbers(
        &self,
        workspace: WorkspaceId,
        collection: CollectionId,
        range: Range<u32>,
    ) -> Result<Vec<u32>> {
        let sql = "SELECT no FROM chunks
            WHERE workspace_id = $1 AND collection_id = $2 AND no >= $3 AND no < $4 ORDER BY no";
        let values = vec![
            workspace.uuid().into(),
            collection.uuid().into(),
            i64::from(range.start).into(),
            i64::from(range.end).into(),
        ];
        let number = |row: &QueryResult| to_u32(row.try_get_by_index(0)?, "chunks.no");
        self.rows(workspace, sql.to_owned(), values, number).await
    }

    /// Up to `limit` postings of the segment behind this term, or from the first, in the order of
    /// the terms' bytes.
    pub async fn postings_after(
        &self,
        workspace: WorkspaceId,
        segment: SegmentId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, Vec<u8>)>> {
        // No term is empty.
        let sql = "SELECT term, data FROM postings
            WHERE segment_id = $1 AND term > $2 AND workspace_id = $3 ORDER BY term LIMIT $4";
        let values = vec![
            segment.uuid().into(),
            after.unwrap_or_default().into(),
            workspace.uuid().into(),
            i64::from(limit).into(),
        ];
        let posting = |row: &QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        self.rows(workspace, sql.to_owned(), values, posting).await
    }

    /// Of which embeddings these segments have signatures.
    pub async fn segment_embeddings(
        &self,
        workspace: WorkspaceId,
        segments: &[SegmentId],
    ) -> Result<Vec<(SegmentId, EmbeddingId)>> {
        let backend = self.db_backend();
        let segments = List::Ids(segments.iter().map(|id| id.uuid()).collect());
        let sql = format!(
            "SELECT segment_id, embedding_id FROM segment_signatures
             WHERE workspace_id = $1 AND segment_id {}",
            segments.one_of(backend, 2)
        );
        let values = vec![workspace.uuid().into(), segments.value(backend)?];
        let pair = |row: &QueryResult| {
            let (segment, embedding): (Uuid, Uuid) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            Ok((SegmentId::from_uuid(segment), EmbeddingId::from_uuid(embedding)))
        };
        self.rows(workspace, sql, values, pair).await
    }

    /// Adds postings to the new segment, each term once in all; `false` when the merge is lost.
    pub async fn put_merged_postings(
        &self,
        merge: &Merge,
        postings: Vec<(String, Vec<u8>)>,
    ) -> Result<bool> {
        let input = (merge.clone(), postings);
        // What a loss of power undoes is noticed: the merge is finished by a synced write.
        self.write_unsynced(merge.workspace_id, input, |tx, (merge, postings)| {
            Box::pin(async move {
                if held(tx, merge, LockType::KeyShare).await?.is_none() {
                    return Ok(false);
                }
                let segment = merge.segment_id.uuid();
                insert_postings(tx, merge.workspace_id, segment, postings).await?;
                Ok(true)
            })
        })
        .await
    }
}
