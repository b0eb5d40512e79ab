//! Gives out the numbers of chunks.

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;
use vpaura_domain::WorkspaceId;

use crate::db::Tx;
use crate::error::{Result, StoreError};

/// Numbers are 32 bits wide, and so is the one after the last.
const NUMBERS: i64 = (1 << 32) - 1;

const GIVE: &str = "UPDATE collections SET next_no = next_no + $3
    WHERE workspace_id = $1 AND id = $2 AND status = 'active' AND next_no + $3 <= $4
    RETURNING next_no - $3 AS first_no";

/// Gives `count` numbers in a row; the first of them. No number is ever given out twice.
///
/// The transaction that takes them must also be the one that adds the segment which they are of: it
/// holds the collection's lock from here on, so segments come in the order of their numbers. Where
/// that is not so, a merge of the segments around would cover numbers that are still to come, and
/// what becomes of the ones would be counted for the others.
///
/// # Errors
/// [`StoreError::CollectionMissing`] when there is no such collection, or it has used up its 2³²
/// numbers.
pub(crate) async fn give_numbers(
    tx: &Tx,
    (workspace, collection): (WorkspaceId, Uuid),
    count: u32,
) -> Result<u32> {
    let values =
        [workspace.uuid().into(), collection.into(), i64::from(count).into(), NUMBERS.into()];
    let give = Statement::from_sql_and_values(tx.get_database_backend(), GIVE, values);
    let rows = tx.query_all_raw(give).await?;
    let row = rows.first().ok_or(StoreError::CollectionMissing)?;
    let first: i64 = row.try_get("", "first_no")?;
    u32::try_from(first).map_err(|_| StoreError::CollectionMissing)
}
