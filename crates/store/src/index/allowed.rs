//! Turns a filter on documents into numbers of chunks, so that an index can be asked within them.
//! Keys and values are parameters, never part of a statement.

use std::collections::HashSet;
use std::ops::Range;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, Value};
use uuid::Uuid;
use vpaura_domain::{CollectionId, DocumentId, Scope};

use super::list::List;
use crate::codec::to_u32;
use crate::db::Db;
use crate::entities::{chunk, document};
use crate::error::Result;
use crate::store::Store;
use crate::visible;

/// Which documents are searched. All of it must be met.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DocumentMatch {
    /// Only these, where given.
    pub document_ids: Option<Vec<DocumentId>>,
    /// What must be noted on them.
    pub metadata: Vec<MetadataCondition>,
}

/// What must be noted on a document under a key. A list meets it if any of its items does.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataCondition {
    /// The key, at the top level.
    pub key: String,
    /// What its value must be.
    pub test: MetadataTest,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataTest {
    /// One of these.
    OneOf(Vec<MetadataValue>),
    /// Of the bounds' kind, and between them, both inclusive. Texts are compared by their bytes.
    Between {
        /// The least.
        from: Option<MetadataValue>,
        /// The greatest.
        to: Option<MetadataValue>,
    },
}

/// A value that can be compared.
#[derive(Debug, Clone, PartialEq)]
pub enum MetadataValue {
    /// A text.
    Text(String),
    /// A whole number; equal to the same number written otherwise.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

impl Store {
    /// The numbers of the chunks of the collection's documents that meet this, in order and
    /// without overlaps; none where the scope does not see it. Among them may be numbers that no
    /// chunk has any more.
    pub async fn allowed_numbers(
        &self,
        scope: &Scope,
        collection: CollectionId,
        wanted: &DocumentMatch,
    ) -> Result<Vec<Range<u32>>> {
        let condition = condition(self.db_backend(), scope, collection, wanted)?;
        self.read(scope, |db| {
            let condition = condition.clone();
            async move { ranges(&db, condition, collection).await }
        })
        .await
    }
}

async fn ranges(
    db: &Db,
    condition: Condition,
    collection: CollectionId,
) -> Result<Vec<Range<u32>>> {
    use document::Column;
    let documents: Vec<(Uuid, Option<i64>, i64)> = document::Entity::find()
        .select_only()
        .columns([Column::Id, Column::FirstNo, Column::Chunks])
        .filter(condition)
        .into_tuple()
        .all(db)
        .await?;
    let mut ranges = Vec::with_capacity(documents.len());
    let mut ids = HashSet::with_capacity(documents.len());
    for (id, first, chunks) in documents {
        let Some(first) = first else { continue };
        let end = to_u32(first + chunks, "documents.first_no")?;
        ranges.push(to_u32(first, "documents.first_no")?..end);
        ids.insert(id);
    }
    // An edited chunk has a number of its own.
    let edited: Vec<(i64, Uuid)> = chunk::Entity::find()
        .select_only()
        .columns([chunk::Column::No, chunk::Column::DocumentId])
        .filter(chunk::Column::CollectionId.eq(collection.uuid()))
        // In the statement itself, for the partial index.
        .filter(Expr::cust("edited"))
        .into_tuple()
        .all(db)
        .await?;
    for (no, _) in edited.into_iter().filter(|(_, document)| ids.contains(document)) {
        let no = to_u32(no, "chunks.no")?;
        ranges.push(no..no.saturating_add(1));
    }
    Ok(joined(ranges))
}

/// The ranges in order, those that touch made one.
fn joined(mut ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    ranges
}

fn condition(
    backend: DbBackend,
    scope: &Scope,
    collection: CollectionId,
    wanted: &DocumentMatch,
) -> Result<Condition> {
    use document::Column;
    let mut condition = visible::documents(scope)
        .add(Column::CollectionId.eq(collection.uuid()))
        .add(Column::Enabled.eq(true));
    if let Some(ids) = &wanted.document_ids {
        let ids = List::Ids(ids.iter().map(|id| id.uuid()).collect());
        condition = condition.add(ids.has(backend, "documents.id")?);
    }
    for wanted in &wanted.metadata {
        condition = condition.add(noted(backend, wanted));
    }
    Ok(condition)
}

/// The condition that the document's value under the key, or an item of it, passes the test.
fn noted(backend: DbBackend, wanted: &MetadataCondition) -> Expr {
    let (tests, and_or): (Vec<(&str, &MetadataValue)>, _) = match &wanted.test {
        MetadataTest::OneOf(values) => (values.iter().map(|value| ("=", value)).collect(), " OR "),
        MetadataTest::Between { from, to } => {
            let from = from.iter().map(|from| (">=", from));
            (from.chain(to.iter().map(|to| ("<=", to))).collect(), " AND ")
        }
    };
    if tests.is_empty() {
        return Expr::val(and_or == " AND ");
    }
    let passes: Vec<String> =
        (2..).zip(&tests).map(|(n, (than, value))| passes(backend, n, than, value)).collect();
    let passes = passes.join(and_or);
    let sql = match backend {
        DbBackend::Postgres => format!(
            "EXISTS (SELECT 1 FROM (SELECT documents.metadata -> $1::text AS value) AS m,
                jsonb_array_elements(CASE jsonb_typeof(m.value) WHEN 'array' THEN m.value
                    ELSE jsonb_build_array(m.value) END) AS v (value)
                WHERE {passes})"
        ),
        _ => format!(
            "EXISTS (SELECT 1 FROM json_each(documents.metadata) AS m,
                json_each(CASE m.type WHEN 'array' THEN m.value
                    WHEN 'true' THEN '[true]' WHEN 'false' THEN '[false]'
                    ELSE json_array(m.value) END) AS v
                WHERE m.key = ? AND m.type <> 'object' AND ({passes}))"
        ),
    };
    let values = tests.into_iter().map(|(_, value)| parameter(value));
    Expr::cust_with_values(sql, std::iter::once(wanted.key.as_str().into()).chain(values))
}

/// The condition that an item compares like this with the parameter `n`.
fn passes(backend: DbBackend, n: usize, than: &str, value: &MetadataValue) -> String {
    use MetadataValue::{Bool, Float, Integer, Text};
    if backend == DbBackend::Postgres {
        let (kind, sql_type) = match value {
            Text(_) => {
                return format!(
                    "(jsonb_typeof(v.value) = 'string'
                        AND (v.value #>> '{{}}') COLLATE \"C\" {than} ${n})"
                );
            }
            Integer(_) => ("number", "bigint"),
            Float(_) => ("number", "float8"),
            Bool(_) => ("boolean", "boolean"),
        };
        return format!(
            "(jsonb_typeof(v.value) = '{kind}' AND v.value {than} to_jsonb(${n}::{sql_type}))"
        );
    }
    let kinds = match value {
        Text(_) => "'text'",
        Integer(_) | Float(_) => "'integer', 'real'",
        Bool(_) => "'true', 'false'",
    };
    format!("(v.type IN ({kinds}) AND v.value {than} ?)")
}

fn parameter(value: &MetadataValue) -> Value {
    match value {
        MetadataValue::Text(text) => text.as_str().into(),
        MetadataValue::Integer(number) => (*number).into(),
        MetadataValue::Float(number) => (*number).into(),
        MetadataValue::Bool(is_true) => (*is_true).into(),
    }
}
