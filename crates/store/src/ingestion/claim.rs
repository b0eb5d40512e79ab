//! Claims documents, fairly between people and collections; what may have stopped a server is claimed alone.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;
use vpaura_domain::{
    ApiKeyId, Chunking, CollectionId, Document, DocumentId, EmbedderStamp, EmbeddingId, Subject,
    UserId, WorkspaceId,
};

use super::lost::{self, Turn};
use super::turns::ClaimTurns;
use super::{ClaimedDocument, DocumentClaim};
use crate::Backend;
use crate::codec::{self, to_u64};
use crate::db::{Db, Tx};
use crate::entities::{document, embedding};
use crate::error::Result;
use crate::index::{BUILDING, SERVING};
use crate::moment::Moment;
use crate::store::Store;
use crate::within::Within;

/// Documents of a collection that somebody asked for, some of which wait or are under way.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Busy {
    /// The collection.
    pub(super) id: Uuid,
    /// The user who asked; the workspace, where it was the server's operator.
    pub(super) asker: Uuid,
    pub(super) workspace_id: Uuid,
    pub(super) chunking: String,
    pub(super) under_way: i64,
    /// 1 where some wait.
    pub(super) has_waiting: i32,
}

/// Who claims, and for how long.
#[derive(Debug, Clone)]
pub(super) struct Taker {
    pub(super) server: Uuid,
    pub(super) backend: Backend,
    pub(super) now: Moment,
    pub(super) until: Moment,
}

impl Taker {
    /// What stands around the choice of rows that another server may be taking at this moment:
    /// those are passed over.
    pub(super) const fn among(&self) -> (&'static str, &'static str) {
        match self.backend {
            Backend::Sqlite => ("IN (", ")"),
            // An array is made once. A plain subquery might be asked again for each row.
            Backend::Postgres => ("= ANY (ARRAY(", " FOR UPDATE SKIP LOCKED))"),
        }
    }
}

/// The embeddings of a collection that new chunks need vectors of.
#[derive(Default)]
struct Embeddings {
    serving: Option<(EmbeddingId, EmbedderStamp)>,
    building: Option<(EmbeddingId, EmbedderStamp)>,
}

impl Store {
    /// Claims up to `limit` documents that wait, or whose server is gone, for this long. Where
    /// several workspaces have such, each gets its share, first those of which the fewest are under
    /// way, and of those that have as few whose turn was the longest ago; likewise those who asked
    /// for them there, and the collections of each. Of these the oldest go first. However many servers ask at once, each
    /// document goes to one. Not bound to a workspace: this is the server's own doing.
    ///
    /// Documents whose server was lost come before all others, and each is read alone: while one
    /// waits nothing is claimed for who holds anything, and while one is held nothing beside it. So
    /// whoever held nothing again is to ask again. One that was lost three times in a row fails.
    pub async fn claim_documents(
        &self,
        server: Uuid,
        limit: u32,
        lease: Duration,
        turns: &ClaimTurns,
    ) -> Result<Vec<ClaimedDocument>> {
        let (until, now) = (self.after(lease), self.at_once());
        // Mostly nothing waits, and to see that costs no place in the writers' line.
        let busy = self
            .read(Within::Installation, |db| {
                let now = now.clone();
                async move { busy(&db, &now).await }
            })
            .await?;
        let busy = turns.in_order(busy, limit as usize);
        if busy.is_empty() {
            return Ok(Vec::new());
        }
        let taker = Taker { server, backend: self.backend(), now, until };
        let claimed = self
            .write(Within::Installation, (busy, taker), move |tx, (busy, taker)| {
                Box::pin(claim(tx, busy, taker, limit as usize))
            })
            .await?;
        turns.note(&claimed);
        Ok(claimed)
    }
}

async fn claim(
    tx: &Tx,
    busy: &[Busy],
    taker: &Taker,
    limit: usize,
) -> Result<Vec<ClaimedDocument>> {
    lost::count(tx, taker).await?;
    match lost::turn(tx, taker).await? {
        Turn::Nothing => Ok(Vec::new()),
        Turn::Alone(collection, row) => {
            let embeddings = embeddings(tx, std::slice::from_ref(&collection)).await?;
            let chunking = codec::from_text(&collection.chunking, "collections.chunking")?;
            let embeddings = embeddings.get(&collection.id);
            Ok(vec![claimed_document(taker.server, *row, chunking, embeddings)?])
        }
        Turn::Others => share_out(tx, busy, taker, limit).await,
    }
}

async fn share_out(
    tx: &Tx,
    busy: &[Busy],
    taker: &Taker,
    limit: usize,
) -> Result<Vec<ClaimedDocument>> {
    let embeddings = embeddings(tx, busy).await?;
    let mut claimed = Vec::new();
    let mut waiting: Vec<&Busy> = busy.iter().collect();
    // What some do not need of their shares the others get.
    while claimed.len() < limit && !waiting.is_empty() {
        let mut rest = Vec::new();
        let asking = waiting.len();
        for (place, collection) in waiting.into_iter().enumerate() {
            let share = (limit - claimed.len()).div_ceil(asking - place);
            let rows = take(tx, taker, collection, share).await?;
            if rows.len() == share {
                rest.push(collection);
            }
            let chunking = codec::from_text(&collection.chunking, "collections.chunking")?;
            for row in rows {
                let embeddings = embeddings.get(&collection.id);
                claimed.push(claimed_document(taker.server, row, chunking, embeddings)?);
            }
        }
        waiting = rest;
    }
    Ok(claimed)
}

/// Documents that wait or are under way, by collection and by who asked for them, those of which the
/// oldest waits first. They are found one by one along the index, so that a hundred thousand
/// documents of one collection that one person asked for cost as much as one.
async fn busy(db: &Db, now: &Moment) -> Result<Vec<Busy>> {
    const WAIT: &str = "d.status IN ('pending', 'processing')";
    const ASKER: &str = "COALESCE(d.asked_by, d.workspace_id)";
    let now_sql = now.sql(1);
    let sql = format!(
        "WITH RECURSIVE waiting (id) AS (
            SELECT (SELECT d.id FROM documents AS d WHERE {WAIT}
                ORDER BY d.collection_id, {ASKER} LIMIT 1)
            UNION ALL
            SELECT COALESCE(
                (SELECT d.id FROM documents AS d WHERE {WAIT}
                    AND d.collection_id = last.collection_id
                    AND {ASKER} > COALESCE(last.asked_by, last.workspace_id)
                    ORDER BY d.collection_id, {ASKER} LIMIT 1),
                (SELECT d.id FROM documents AS d WHERE {WAIT}
                    AND d.collection_id > last.collection_id
                    ORDER BY d.collection_id, {ASKER} LIMIT 1))
            FROM waiting JOIN documents AS last ON last.id = waiting.id
        ), held (collection_id, asker, under_way) AS (
            SELECT d.collection_id, {ASKER}, COUNT(*) FROM documents AS d
            WHERE d.lease_owner IS NOT NULL AND d.status = 'processing'
                AND d.lease_until > {now_sql}
            GROUP BY d.collection_id, {ASKER}
        ), busy (id, asker, workspace_id, chunking, oldest) AS (
            SELECT c.id, COALESCE(any_one.asked_by, any_one.workspace_id), c.workspace_id, c.chunking,
                (SELECT d.created_at FROM documents AS d WHERE d.collection_id = c.id
                    AND {ASKER} = COALESCE(any_one.asked_by, any_one.workspace_id)
                    AND {WAIT} AND d.lease_until <= {now_sql}
                    ORDER BY d.created_at, d.id LIMIT 1)
            FROM waiting JOIN documents AS any_one ON any_one.id = waiting.id
                JOIN collections AS c ON c.id = any_one.collection_id AND c.status = 'active'
        )
        SELECT busy.id, busy.asker, busy.workspace_id, busy.chunking,
            COALESCE(held.under_way, 0) AS under_way,
            CASE WHEN oldest IS NULL THEN 0 ELSE 1 END AS has_waiting
        FROM busy LEFT JOIN held
            ON held.collection_id = busy.id AND held.asker = busy.asker
        ORDER BY oldest, busy.id"
    );
    let values = [now.value().into()];
    let ask = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(Busy::find_by_statement(ask).all(db).await?)
}

/// Takes the oldest of these. What another server takes at this moment is passed over.
async fn take(
    tx: &Tx,
    taker: &Taker,
    collection: &Busy,
    most: usize,
) -> Result<Vec<document::Model>> {
    let Taker { server, now, until, .. } = taker;
    let (begin, end) = taker.among();
    let sql = format!(
        "UPDATE documents SET status = 'processing', attempt = attempt + 1, tries = tries + 1,
            lease_owner = $1, lease_until = {until}
        WHERE id {begin}
            SELECT id FROM documents
            WHERE collection_id = $3 AND COALESCE(asked_by, workspace_id) = $4
                AND status IN ('pending', 'processing') AND lease_until <= {now} AND lost = 0
            ORDER BY created_at, id LIMIT $6{end}
        RETURNING *",
        until = until.sql(2),
        now = now.sql(5),
    );
    let values = [
        (*server).into(),
        until.value().into(),
        collection.id.into(),
        collection.asker.into(),
        now.value().into(),
        i64::try_from(most).unwrap_or(i64::MAX).into(),
    ];
    let take = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let mut rows = document::Model::find_by_statement(take).all(tx).await?;
    rows.sort_by_key(|row| (row.created_at, row.id));
    Ok(rows)
}

async fn embeddings(tx: &Tx, collections: &[Busy]) -> Result<HashMap<Uuid, Embeddings>> {
    use embedding::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::CollectionId.is_in(collections.iter().map(|it| it.id)))
        .filter(Column::Status.is_in([SERVING, BUILDING]))
        .all(tx)
        .await?;
    let mut found: HashMap<Uuid, Embeddings> = HashMap::with_capacity(rows.len());
    for row in rows {
        let dimension = codec::to_u32(row.dimension, "embeddings.dimension")?;
        let one = (EmbeddingId::from_uuid(row.id), EmbedderStamp { model: row.model, dimension });
        let of = found.entry(row.collection_id).or_default();
        if row.status == SERVING { of.serving = Some(one) } else { of.building = Some(one) }
    }
    Ok(found)
}

fn claimed_document(
    server: Uuid,
    row: document::Model,
    chunking: Chunking,
    embeddings: Option<&Embeddings>,
) -> Result<ClaimedDocument> {
    let claim = DocumentClaim {
        server,
        workspace_id: WorkspaceId::from_uuid(row.workspace_id),
        collection_id: CollectionId::from_uuid(row.collection_id),
        document_id: DocumentId::from_uuid(row.id),
        attempt: to_u64(row.attempt),
    };
    Ok(ClaimedDocument {
        claim,
        asked_by: asked_by(&row),
        tries: codec::to_u32(row.tries, "documents.tries")?,
        document: Document::try_from(row)?,
        chunking,
        serving: embeddings.and_then(|of| of.serving.clone()),
        building: embeddings.and_then(|of| of.building.clone()),
    })
}

fn asked_by(row: &document::Model) -> Option<Subject> {
    let user = row.asked_by.map(UserId::from_uuid)?;
    Some(match row.asked_by_key.map(ApiKeyId::from_uuid) {
        Some(id) => Subject::ApiKey { id, user, limited: false },
        None => Subject::User { id: user, session: None },
    })
}
