//! Finds segments to be merged, and takes them.

use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;
use vpaura_domain::{CollectionId, IdGen, SegmentId, Timestamp, WorkspaceId};

use super::{Merge, UNFINISHED};
use crate::db::{Db, Tx};
use crate::entities::collection;
use crate::entities::segment::{Column, Entity, Model};
use crate::error::Result;
use crate::index::space::{HEAD, head};
use crate::index::{LIVE, RETIRED, SegmentHead, tiers};
use crate::moment::Moment;
use crate::store::Store;
use crate::visible::DELETING;
use crate::within::Within;

/// Collections that may have something to merge, those with the most segments first.
const CANDIDATES: &str = "SELECT s.collection_id AS id, s.workspace_id
    FROM segments AS s JOIN collections AS c ON c.id = s.collection_id AND c.status = 'active'
    WHERE s.status = 'live' AND c.merge_until <= {now}
    GROUP BY s.collection_id, s.workspace_id
    HAVING COUNT(*) >= 2 OR SUM(s.dead) > 0
    ORDER BY COUNT(*) DESC, s.collection_id LIMIT 1000";

#[derive(Debug, Clone, Copy, FromQueryResult)]
struct Candidate {
    id: Uuid,
    workspace_id: Uuid,
}

impl Store {
    /// Takes some collection's segments that are better one, if there are any, for this long; the
    /// new one gets its id from `ids`. Not bound to a workspace: this is the server's own doing.
    pub async fn begin_merge(
        &self,
        server: Uuid,
        lease: Duration,
        ids: &dyn IdGen,
    ) -> Result<Option<Merge>> {
        let now = self.now();
        let (at_once, until) = (self.at_once(), self.after(lease));
        let found = self
            .read(Within::Installation, |db| {
                let at_once = at_once.clone();
                async move { find(&db, &at_once).await }
            })
            .await?;
        let Some((candidate, parts)) = found else { return Ok(None) };
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Ok(None) };
        let merge = Merge {
            server,
            workspace_id: WorkspaceId::from_uuid(candidate.workspace_id),
            collection_id: CollectionId::from_uuid(candidate.id),
            segment_id: SegmentId::generate(ids),
            first_no: first.first_no,
            span: (last.first_no - first.first_no).saturating_add(last.span),
            parts,
        };
        let input = (merge, at_once, until);
        self.write(input.0.workspace_id, input, move |tx, (merge, at_once, until)| {
            Box::pin(async move {
                let taken = take(tx, merge, (at_once, until), now).await?;
                Ok(taken.then(|| merge.clone()))
            })
        })
        .await
    }

    /// Keeps the merge for this long from now; `false` when it is lost.
    pub async fn renew_merge(&self, merge: &Merge, lease: Duration) -> Result<bool> {
        let until = self.after(lease);
        self.write(merge.workspace_id, (merge.clone(), until), |tx, (merge, until)| {
            Box::pin(async move {
                let renewed = collection::Entity::update_many()
                    .col_expr(collection::Column::MergeUntil, until.expr())
                    .filter(collection::Column::Id.eq(merge.collection_id.uuid()))
                    .filter(collection::Column::MergeOwner.eq(merge.server))
                    .filter(collection::Column::Status.ne(DELETING))
                    .exec(tx)
                    .await?;
                Ok(renewed.rows_affected == 1)
            })
        })
        .await
    }
}

async fn find(db: &Db, now: &Moment) -> Result<Option<(Candidate, Vec<SegmentHead>)>> {
    let sql = CANDIDATES.replace("{now}", &now.sql(1));
    let backend = db.get_database_backend();
    let ask = Statement::from_sql_and_values(backend, sql, [now.value().into()]);
    for candidate in Candidate::find_by_statement(ask).all(db).await? {
        let mut heads = live(db, candidate.id).await?;
        if let Some(chosen) = tiers::choose(&heads) {
            return Ok(Some((candidate, heads.drain(chosen).collect())));
        }
    }
    Ok(None)
}

async fn live(db: &Db, collection: Uuid) -> Result<Vec<SegmentHead>> {
    let query = sea_orm::sea_query::Query::select()
        .columns(HEAD)
        .from(Entity)
        .and_where(Column::CollectionId.eq(collection))
        .and_where(Column::Status.eq(LIVE))
        .order_by(Column::FirstNo, sea_orm::Order::Asc)
        .to_owned();
    let rows = db.query_all(&query).await?;
    rows.iter().filter_map(|row| head(row, 0).transpose()).collect()
}

async fn take(
    tx: &Tx,
    merge: &Merge,
    (now, until): (&Moment, &Moment),
    created_at: Timestamp,
) -> Result<bool> {
    let collection = merge.collection_id.uuid();
    let taken = collection::Entity::update_many()
        .col_expr(collection::Column::MergeOwner, Expr::val(merge.server))
        .col_expr(collection::Column::MergeUntil, until.expr())
        .filter(collection::Column::Id.eq(collection))
        .filter(Expr::col(collection::Column::MergeUntil).lte(now.expr()))
        .filter(collection::Column::Status.ne(DELETING))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(false);
    }
    Entity::update_many()
        .col_expr(Column::Status, Expr::val(RETIRED))
        .filter(Column::CollectionId.eq(collection))
        .filter(Column::Status.eq(UNFINISHED))
        .exec(tx)
        .await?;
    // Somebody may have merged them since they were read.
    let parts: Vec<Uuid> = merge.parts.iter().map(|part| part.id.uuid()).collect();
    let there: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(parts))
        .filter(Column::Status.eq(LIVE))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(tx)
        .await?;
    if there.len() < merge.parts.len() {
        return Ok(false);
    }
    let row = Model {
        id: merge.segment_id.uuid(),
        workspace_id: merge.workspace_id.uuid(),
        collection_id: collection,
        first_no: merge.first_no.into(),
        span: merge.span.into(),
        chunks: 0,
        terms_total: 0,
        dead: 0,
        status: UNFINISHED.to_owned(),
        created_at: created_at.millis(),
        languages: String::new(),
        lengths: Vec::new(),
    };
    Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
    Ok(true)
}
