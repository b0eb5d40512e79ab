//! What answers quote: which of it is there still, and open to whoever reads them now.

use std::collections::{BTreeSet, HashSet};

use sea_orm::sea_query::{SelectStatement, UnionType};
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;
use vpaura_domain::{Quoted, Scope};

use crate::entities::{document, file};
use crate::error::Result;
use crate::index::list::List;
use crate::store::Store;
use crate::visible;

impl Store {
    /// Those of these files and documents that are there and that the scope may see, in one
    /// statement however many they are. A document that is turned off, or being read, is there.
    pub async fn still_visible(
        &self,
        scope: &Scope,
        quoted: &BTreeSet<Quoted>,
    ) -> Result<HashSet<Quoted>> {
        let Some(query) = self.visible_of(scope, quoted)? else { return Ok(HashSet::new()) };
        let visible: HashSet<Uuid> = self
            .read(scope, |db| {
                let query = query.clone();
                async move {
                    let rows = db.query_all(&query).await?;
                    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect::<Result<_>>()
                }
            })
            .await?;
        Ok(quoted.iter().copied().filter(|it| visible.contains(&id(*it))).collect())
    }

    /// The ids of those; none where nothing is asked for.
    fn visible_of(
        &self,
        scope: &Scope,
        quoted: &BTreeSet<Quoted>,
    ) -> Result<Option<SelectStatement>> {
        let (files, documents): (Vec<Quoted>, Vec<Quoted>) =
            quoted.iter().partition(|it| matches!(it, Quoted::File(_)));
        let list = |of: &[Quoted]| List::Ids(of.iter().map(|it| id(*it)).collect());
        let backend = self.db_backend();
        let mut asked = Vec::new();
        if !documents.is_empty() {
            let query = document::Entity::find().select_only().column(document::Column::Id);
            let these = list(&documents).has(backend, "documents.id")?;
            asked.push(query.filter(these).filter(visible::documents(scope)).into_query());
        }
        if !files.is_empty() {
            let query = file::Entity::find().select_only().column(file::Column::Id);
            let these = list(&files).has(backend, "files.id")?;
            asked.push(query.filter(these).filter(visible::files(scope)).into_query());
        }
        Ok(asked.into_iter().reduce(|mut query, more| {
            query.union(UnionType::All, more);
            query
        }))
    }
}

const fn id(quoted: Quoted) -> Uuid {
    match quoted {
        Quoted::File(id) => id.uuid(),
        Quoted::Document(id) => id.uuid(),
    }
}
