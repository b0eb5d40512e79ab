//! Collections: what is searched as one, who may, and how far its vectors are.

mod change;
mod create;
mod delete;
mod read;

use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use vpaura_domain::{Chunking, Collection, UserId, Visibility, WorkspaceId};

use crate::codec::{self, Word};
use crate::db::Tx;
use crate::entities::collection::{Column, Entity, Model};
use crate::error::Result;

/// The status of a collection in use.
const ACTIVE: &str = "active";

/// What changes of a collection; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CollectionChanges {
    /// The new name.
    pub name: Option<String>,
    /// The new description; `Some(None)` removes it.
    pub description: Option<Option<String>>,
    /// Who may search it from now on.
    pub visibility: Option<Visibility>,
    /// How documents are cut that are read from now on.
    pub chunking: Option<Chunking>,
}

/// The row of a new collection.
fn row(workspace: WorkspaceId, collection: &Collection) -> Result<Model> {
    Ok(Model {
        id: collection.id.uuid(),
        workspace_id: workspace.uuid(),
        name: collection.name.clone(),
        name_key: collection.name.to_lowercase(),
        description: collection.description.clone(),
        visibility: collection.visibility.word().to_owned(),
        chunking: codec::to_text(&collection.chunking, "collections.chunking")?,
        status: ACTIVE.to_owned(),
        next_no: 0,
        merge_owner: None,
        merge_until: 0,
        created_by: collection.created_by.map(UserId::uuid),
        created_at: collection.created_at.millis(),
        updated_at: collection.updated_at.millis(),
    })
}

/// Whether the collection is there and not deleted. It then stays until the transaction ends.
pub(crate) async fn is_in_use(tx: &Tx, workspace: WorkspaceId, id: Uuid) -> Result<bool> {
    let rows: Vec<Uuid> = Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(workspace.uuid()))
        .filter(Column::Status.eq(ACTIVE))
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(tx)
        .await?;
    Ok(!rows.is_empty())
}

/// Takes the collection's lock, under which chunks become dead and segments take the place of
/// others, so that the count of the dead is right. Documents are locked before.
pub(crate) async fn lock(tx: &Tx, id: Uuid) -> Result<()> {
    Entity::find_by_id(id)
        .select_only()
        .column(Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .all(tx)
        .await?;
    Ok(())
}
