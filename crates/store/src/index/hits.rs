//! Loads what a search found. What is deleted, turned off or not the scope's to see is not found:
//! here permission is decided, whatever an index says.

use std::collections::BTreeMap;

use sea_orm::prelude::Json;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, FromQueryResult, Iterable, QueryResult,
};
use vpaura_domain::{Chunk, CollectionId, DocumentId, HitDocument, Scope};

use super::list::List;
use crate::codec;
use crate::entities::{chunk, collection, document};
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// A chunk that a search found, and its document.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundChunk {
    /// Its number in its collection.
    pub no: u32,
    /// The chunk.
    pub chunk: Chunk,
    /// Its document.
    pub document: HitDocument,
}

impl Store {
    /// The chunks with these numbers that the scope may see and that are searched, in no order,
    /// in one statement.
    pub async fn load_hits(
        &self,
        scope: &Scope,
        places: &[(CollectionId, u32)],
    ) -> Result<Vec<FoundChunk>> {
        let mut numbers: BTreeMap<CollectionId, Vec<u32>> = BTreeMap::new();
        for (collection, no) in places {
            numbers.entry(*collection).or_default().push(*no);
        }
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let query = query(self.db_backend(), scope, &numbers)?;
        self.read(scope, |db| {
            let query = query.clone();
            async move { db.query_all(&query).await?.iter().map(found).collect() }
        })
        .await
    }
}

fn query(
    backend: DbBackend,
    scope: &Scope,
    numbers: &BTreeMap<CollectionId, Vec<u32>>,
) -> Result<SelectStatement> {
    let of_chunk = |column| Expr::col((chunk::Entity, column));
    let mut places = Condition::any();
    for (collection, numbers) in numbers {
        places = places.add(
            Condition::all()
                .add(of_chunk(chunk::Column::CollectionId).eq(collection.uuid()))
                .add(List::Numbers(numbers).has(backend, "chunks.no")?),
        );
    }
    let its_document =
        Expr::col((document::Entity, document::Column::Id)).eq(of_chunk(chunk::Column::DocumentId));
    let its_collection = Expr::col((collection::Entity, collection::Column::Id))
        .eq(of_chunk(chunk::Column::CollectionId));
    Ok(Query::select()
        .columns(chunk::Column::iter().map(|column| (chunk::Entity, column)))
        .expr_as(Expr::col((document::Entity, document::Column::Name)), Alias::new("document_name"))
        .expr_as(
            Expr::col((document::Entity, document::Column::Metadata)),
            Alias::new("document_metadata"),
        )
        .from(chunk::Entity)
        .inner_join(document::Entity, its_document)
        .inner_join(collection::Entity, its_collection)
        .cond_where(visible::collections(scope))
        .and_where(of_chunk(chunk::Column::WorkspaceId).eq(visible::workspace(scope)))
        .and_where(of_chunk(chunk::Column::Enabled).eq(true))
        .and_where(document::Column::Enabled.eq(true))
        .cond_where(places)
        .to_owned())
}

fn found(row: &QueryResult) -> Result<FoundChunk> {
    let name: String = row.try_get("", "document_name")?;
    let metadata: Json = row.try_get("", "document_metadata")?;
    let row = chunk::Model::from_query_result(row, "")?;
    Ok(FoundChunk {
        no: codec::to_u32(row.no, "chunks.no")?,
        document: HitDocument {
            id: DocumentId::from_uuid(row.document_id),
            collection_id: CollectionId::from_uuid(row.collection_id),
            name,
            metadata: codec::metadata(metadata, "documents.metadata")?,
        },
        chunk: Chunk::try_from(row)?,
    })
}
