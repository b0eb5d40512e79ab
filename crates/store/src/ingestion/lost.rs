//! Documents whose server was lost while it held them. One of them may have killed it, and would
//! kill the next; the others only lay beside it. So from then on each is read alone, and who is lost
//! with one that was alone was lost to it.

use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement};
use uuid::Uuid;

use super::claim::{Busy, Taker};
use crate::db::Tx;
use crate::entities::{collection, document};
use crate::error::Result;

/// So many claims in a row that were lost end it; [`GIVEN_UP`] says the number.
const MOST_LOST: i64 = 3;
const GIVEN_UP: &str = "VPAura stopped three times while this was being read, so it is left out and \
    the others go on: have it read again if that had another reason, or add it in another format";

/// What a server may claim now.
pub(super) enum Turn {
    /// Nothing: it is at one that is read alone, or has to come to an end before.
    Nothing,
    /// One, which it has claimed, and nothing beside it.
    Alone(Busy, Box<document::Model>),
    /// What was never lost.
    Others,
}

#[derive(FromQueryResult)]
struct Held {
    /// 1 where one waits to be read alone.
    waits: i32,
    /// 1 where the server holds anything.
    holds: i32,
    /// 1 where that is read alone.
    is_alone: i32,
}

#[derive(FromQueryResult)]
struct Counted {
    id: Uuid,
    status: String,
}

/// Takes back what was claimed longer ago than its lease, and counts it as lost. A server that lost
/// sight of its own is alive.
pub(super) async fn count(tx: &Tx, taker: &Taker) -> Result<()> {
    let (begin, end) = taker.among();
    let sql = format!(
        "UPDATE documents SET
            status = CASE WHEN lease_owner <> $1 AND lost + 1 >= $3
                THEN 'failed' ELSE 'pending' END,
            error = CASE WHEN lease_owner <> $1 AND lost + 1 >= $3 THEN $4 ELSE error END,
            updated_at = CASE WHEN lease_owner <> $1 AND lost + 1 >= $3
                THEN {now} ELSE updated_at END,
            lost = CASE WHEN lease_owner = $1 THEN lost WHEN lost + 1 >= $3 THEN 0
                ELSE lost + 1 END,
            lease_owner = NULL, lease_until = 0
        WHERE id {begin}
            SELECT id FROM documents
            WHERE lease_owner IS NOT NULL AND status = 'processing' AND lease_until <= {now}
            ORDER BY id{end}
        RETURNING id, status",
        now = taker.now.sql(2),
    );
    let values = [taker.server.into(), taker.now.value().into(), MOST_LOST.into(), GIVEN_UP.into()];
    let count = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    for Counted { id, status } in Counted::find_by_statement(count).all(tx).await? {
        if status == "failed" {
            tracing::error!(document.id = %id, "a document has stopped its server three times and is given up");
        } else {
            tracing::warn!(document.id = %id, "the claim of a document has run out");
        }
    }
    Ok(())
}

/// Whose turn it is. Where it is one's that is read alone, it is claimed: the oldest.
pub(super) async fn turn(tx: &Tx, taker: &Taker) -> Result<Turn> {
    let held = held(tx, taker).await?;
    if held.is_alone != 0 || (held.waits != 0 && held.holds != 0) {
        return Ok(Turn::Nothing);
    }
    if held.waits == 0 {
        return Ok(Turn::Others);
    }
    let Some(row) = take(tx, taker).await? else { return Ok(Turn::Others) };
    let collection = collection::Entity::find_by_id(row.collection_id).all(tx).await?;
    let Some(collection) = collection.into_iter().next() else { return Ok(Turn::Nothing) };
    let collection = Busy {
        id: collection.id,
        asker: row.asked_by.unwrap_or(row.workspace_id),
        workspace_id: collection.workspace_id,
        chunking: collection.chunking,
        under_way: 1,
        has_waiting: 1,
    };
    Ok(Turn::Alone(collection, Box::new(row)))
}

async fn held(tx: &Tx, taker: &Taker) -> Result<Held> {
    let sql = format!(
        "SELECT CASE WHEN EXISTS ({WAITS} AND lease_until <= {now}) THEN 1 ELSE 0 END AS waits,
            CASE WHEN EXISTS ({HOLDS}) THEN 1 ELSE 0 END AS holds,
            CASE WHEN EXISTS ({HOLDS} AND lost > 0) THEN 1 ELSE 0 END AS is_alone",
        now = taker.now.sql(2),
    );
    let values = [taker.server.into(), taker.now.value().into()];
    let ask = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let held = Held::find_by_statement(ask).all(tx).await?.into_iter().next();
    Ok(held.unwrap_or(Held { waits: 0, holds: 0, is_alone: 0 }))
}

/// Those that wait to be read alone.
const WAITS: &str = "SELECT id FROM documents
    WHERE lost > 0 AND status = 'pending' AND EXISTS (
        SELECT 1 FROM collections AS c WHERE c.id = documents.collection_id AND c.status = 'active')";

/// Those that the server holds.
const HOLDS: &str = "SELECT id FROM documents WHERE lease_owner = $1 AND status = 'processing'";

async fn take(tx: &Tx, taker: &Taker) -> Result<Option<document::Model>> {
    let (begin, end) = taker.among();
    let sql = format!(
        "UPDATE documents SET status = 'processing', attempt = attempt + 1, tries = tries + 1,
            lease_owner = $1, lease_until = {until}
        WHERE id {begin}
            {WAITS} AND lease_until <= {now} ORDER BY created_at, id LIMIT 1{end}
        RETURNING *",
        until = taker.until.sql(2),
        now = taker.now.sql(3),
    );
    let values = [taker.server.into(), taker.until.value().into(), taker.now.value().into()];
    let take = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(document::Model::find_by_statement(take).all(tx).await?.into_iter().next())
}
