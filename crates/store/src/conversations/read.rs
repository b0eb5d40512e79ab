//! Reads one conversation.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;
use vpaura_domain::{Conversation, ConversationId, RunId, Scope};

use crate::db::Tx;
use crate::entities::conversation::{Column, Entity};
use crate::entities::run;
use crate::error::Result;
use crate::store::Store;
use crate::visible;

impl Store {
    /// The conversation, unless deleted or not visible.
    pub async fn get_conversation(
        &self,
        scope: &Scope,
        id: ConversationId,
    ) -> Result<Option<Conversation>> {
        self.read(scope, |db| async move { find(&db, scope, id).await }).await
    }
}

/// By its key, so there is one at most. (`LIMIT 1` would have SQLite compile the statement anew at
/// each use.)
pub(crate) async fn find<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
    id: ConversationId,
) -> Result<Option<Conversation>> {
    let rows = Entity::find_by_id(id.uuid()).filter(visible::conversations(scope)).all(db).await?;
    rows.into_iter().next().map(Conversation::try_from).transpose()
}

/// The conversation, kept from other writers until the transaction ends. Whatever changes a
/// conversation's messages or runs takes this lock first, so there is one order and no deadlock.
pub(crate) async fn find_locked(
    tx: &Tx,
    scope: &Scope,
    id: ConversationId,
) -> Result<Option<Conversation>> {
    let rows = Entity::find_by_id(id.uuid())
        .filter(visible::conversations(scope))
        .lock_exclusive()
        .all(tx)
        .await?;
    rows.into_iter().next().map(Conversation::try_from).transpose()
}

/// Takes that lock, if the conversation is there, whoever may see it. SQLite's transactions have
/// the whole database to themselves.
pub(crate) async fn lock(tx: &Tx, id: ConversationId) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        Entity::find_by_id(id.uuid()).lock_exclusive().all(tx).await?;
    }
    Ok(())
}

/// Takes that lock of all conversations that meet the condition, in the order of their ids.
pub(crate) async fn lock_all(tx: &Tx, which: Condition) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        let locked = Entity::find().select_only().column(Column::Id).filter(which);
        let locked = locked.order_by_asc(Column::Id).lock_exclusive();
        locked.into_tuple::<Uuid>().all(tx).await?;
    }
    Ok(())
}

/// Takes the lock of the run's conversation.
pub(crate) async fn lock_of_run(tx: &Tx, id: RunId) -> Result<()> {
    if tx.get_database_backend() != DbBackend::Sqlite {
        let its = Query::select()
            .column(run::Column::ConversationId)
            .from(run::Entity)
            .and_where(run::Column::Id.eq(id.uuid()))
            .to_owned();
        // One value, not a set: so the row is found by its key, however few there were when the
        // statement was planned.
        let conversation = Expr::col((Entity, Column::Id)).eq(its);
        Entity::find().filter(conversation).lock_exclusive().all(tx).await?;
    }
    Ok(())
}
