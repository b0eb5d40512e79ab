//! What a search goes through: the one place where its permission is decided before the last.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryResult};
use uuid::Uuid;
use vpaura_domain::{CollectionId, EmbedderStamp, EmbeddingId, Scope, SegmentId};

use super::{LIVE, SERVING, SearchSpace, SearchedCollection, SegmentHead};
use crate::codec::{to_u32, to_u64};
use crate::entities::{collection, embedding, segment};
use crate::error::Result;
use crate::store::Store;
use crate::visible;

impl Store {
    /// The indexes of those of the collections that the scope may search, in one statement; of
    /// all that it may where none are named.
    pub async fn search_space(
        &self,
        scope: &Scope,
        collections: Option<&[CollectionId]>,
    ) -> Result<SearchSpace> {
        let query = query(scope, collections);
        let rows = self.read(scope, |db| {
            let query = query.clone();
            async move { Ok(db.query_all(&query).await?) }
        });
        let mut found: Vec<SearchedCollection> = Vec::new();
        let mut places: HashMap<Uuid, usize> = HashMap::new();
        for row in rows.await? {
            let id: Uuid = row.try_get_by_index(0)?;
            let place = *places.entry(id).or_insert(found.len());
            if place == found.len() {
                found.push(searched(id, &row)?);
            }
            if let (Some(head), Some(of)) = (head(&row, 4)?, found.get_mut(place)) {
                of.segments.push(head);
            }
        }
        Ok(SearchSpace { workspace_id: scope.workspace_id, collections: found })
    }
}

fn query(scope: &Scope, collections: Option<&[CollectionId]>) -> SelectStatement {
    let id = || Expr::col((collection::Entity, collection::Column::Id));
    let serving = Expr::col((embedding::Entity, embedding::Column::CollectionId))
        .eq(id())
        .and(embedding::Column::Status.eq(SERVING));
    let live = Expr::col((segment::Entity, segment::Column::CollectionId))
        .eq(id())
        .and(segment::Column::Status.eq(LIVE));
    let mut query = Query::select();
    query
        .column((collection::Entity, collection::Column::Id))
        .column((embedding::Entity, embedding::Column::Id))
        .column((embedding::Entity, embedding::Column::Model))
        .column((embedding::Entity, embedding::Column::Dimension))
        .columns(HEAD.map(|column| (segment::Entity, column)))
        .from(collection::Entity)
        .left_join(embedding::Entity, serving)
        .left_join(segment::Entity, live)
        .cond_where(visible::collections(scope))
        .order_by((segment::Entity, segment::Column::FirstNo), sea_orm::Order::Asc);
    if let Some(ids) = collections {
        query.and_where(collection::Column::Id.is_in(ids.iter().map(|id| id.uuid())));
    }
    query
}

/// The columns of a [`SegmentHead`].
pub(super) const HEAD: [segment::Column; 7] = [
    segment::Column::Id,
    segment::Column::FirstNo,
    segment::Column::Span,
    segment::Column::Chunks,
    segment::Column::TermsTotal,
    segment::Column::Dead,
    segment::Column::Languages,
];

fn searched(id: Uuid, row: &QueryResult) -> Result<SearchedCollection> {
    let embedding: Option<Uuid> = row.try_get_by_index(1)?;
    let serving = match embedding {
        None => None,
        Some(id) => {
            let dimension = to_u32(row.try_get_by_index(3)?, "embeddings.dimension")?;
            let stamp = EmbedderStamp { model: row.try_get_by_index(2)?, dimension };
            Some((EmbeddingId::from_uuid(id), stamp))
        }
    };
    Ok(SearchedCollection { id: CollectionId::from_uuid(id), serving, segments: Vec::new() })
}

/// The segment whose columns begin at `at`, if there is one.
pub(super) fn head(row: &QueryResult, at: usize) -> Result<Option<SegmentHead>> {
    let id: Option<Uuid> = row.try_get_by_index(at)?;
    let Some(id) = id else { return Ok(None) };
    let number = |place: usize, column| to_u32(row.try_get_by_index(at + place)?, column);
    Ok(Some(SegmentHead {
        id: SegmentId::from_uuid(id),
        first_no: number(1, "segments.first_no")?,
        span: number(2, "segments.span")?,
        chunks: number(3, "segments.chunks")?,
        terms_total: to_u64(row.try_get_by_index(at + 4)?),
        dead: number(5, "segments.dead")?,
        languages: row.try_get_by_index(at + 6)?,
    }))
}
