//! Gives out the numbers of chunks.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_domain::{CollectionId, WorkspaceId};

use crate::error::{Result, StoreError};
use crate::store::Store;

/// Numbers are 32 bits wide, and so is the one after the last.
const NUMBERS: i64 = (1 << 32) - 1;

const RESERVE: &str = "UPDATE collections SET next_no = next_no + $3
    WHERE workspace_id = $1 AND id = $2 AND status = 'active' AND next_no + $3 <= $4
    RETURNING next_no - $3 AS first_no";

impl Store {
    /// Reserves `count` numbers in a row; the first of them. No number is ever given out twice:
    /// those that are not used stay unused.
    ///
    /// # Errors
    /// [`StoreError::CollectionMissing`] when there is no such collection, or it has used up its
    /// 2³² numbers.
    pub async fn reserve_numbers(
        &self,
        workspace: WorkspaceId,
        collection: CollectionId,
        count: u32,
    ) -> Result<u32> {
        self.write(
            workspace,
            (workspace, collection, count),
            |tx, (workspace, collection, count)| {
                Box::pin(async move {
                    let values = [
                        workspace.uuid().into(),
                        collection.uuid().into(),
                        i64::from(*count).into(),
                        NUMBERS.into(),
                    ];
                    let backend = tx.get_database_backend();
                    let reserve = Statement::from_sql_and_values(backend, RESERVE, values);
                    let rows = tx.query_all_raw(reserve).await?;
                    let row = rows.first().ok_or(StoreError::CollectionMissing)?;
                    let first: i64 = row.try_get("", "first_no")?;
                    u32::try_from(first).map_err(|_| StoreError::CollectionMissing)
                })
            },
        )
        .await
    }
}
