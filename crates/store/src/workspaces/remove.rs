//! Removes a workspace with all that it holds, in steps that can be interrupted at any moment and
//! begun again: marked first, emptied batch by batch, looked through, and only then forgotten.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement};
use vpaura_domain::{AuditEntry, Scope, Timestamp, WorkspaceId, WorkspaceStatus};

use super::lock;
use super::move_out::move_out;
use crate::audit;
use crate::codec::Word;
use crate::db::Tx;
use crate::entities::collection;
use crate::entities::workspace::{Column, Entity};
use crate::error::Result;
use crate::revocations::{self, RevocationKind};
use crate::store::Store;
use crate::visible::DELETING;
use crate::within::Within;

/// Rows removed in one transaction.
const BATCH: u64 = 500;
/// Rows of the search index, which are small, removed in one transaction.
const BATCH_OF_INDEX: u32 = 5_000;
/// Of the tables of the search index the one with the most rows.
const POSTINGS: &str = "postings";
/// Those of visitors go. Those that users signed in to are moved instead.
const SESSIONS: &str = "sessions";

/// Every table with rows of workspaces, in an order in which no removal takes many rows of another
/// table with it. A test compares it with the schema.
const TABLES: [&str; 38] = [
    "segment_signatures",
    "chunk_vectors",
    POSTINGS,
    "segments",
    "chunks",
    "documents",
    "embeddings",
    "chatbot_collections",
    "collections",
    "run_events",
    "feedback",
    "message_files",
    "search_texts",
    "conversation_shares",
    "graph_records",
    "graph_checkpoints",
    "graph_threads",
    "idempotency_keys",
    "usage",
    "budget_reservations",
    "budget_periods",
    "budgets",
    "runs",
    "messages",
    "conversations",
    "files",
    "api_key_chatbots",
    "api_keys",
    "grants",
    "chatbot_versions",
    "chatbots",
    "prompt_versions",
    "prompts",
    "invitations",
    "members",
    "roles",
    "sessions",
    "audit_log",
];

/// How far a removal has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removed {
    /// Rows were found that had come since: empty it again.
    NotYet {
        /// A table that has some, and how many.
        left: Vec<(&'static str, u64)>,
    },
    /// Nothing is left of it; true where this call removed the last.
    Gone(bool),
}

impl Store {
    /// The tables that are emptied and looked through when a workspace is deleted.
    pub const fn workspace_tables() -> &'static [&'static str] {
        &TABLES
    }

    /// Marks the scope's workspace as being deleted: from the commit on, no credential works in
    /// it. The entry is for the installation's log.
    pub async fn begin_workspace_removal(
        &self,
        scope: &Scope,
        entry: &AuditEntry,
        now: Timestamp,
    ) -> Result<()> {
        let input = (scope.workspace_id, entry.clone(), now);
        self.write(Within::Installation, input, |tx, (id, entry, now)| {
            Box::pin(async move {
                lock(tx, *id).await?;
                Entity::update_many()
                    .col_expr(Column::Status, Expr::val(WorkspaceStatus::Deleting.word()))
                    .col_expr(Column::UpdatedAt, Expr::val(now.millis()))
                    .filter(Column::Id.eq(id.uuid()))
                    .exec(tx)
                    .await?;
                collection::Entity::update_many()
                    .col_expr(collection::Column::Status, Expr::val(DELETING))
                    .filter(collection::Column::WorkspaceId.eq(id.uuid()))
                    .exec(tx)
                    .await?;
                revocations::insert(tx, RevocationKind::Workspace, id.uuid(), *now).await?;
                audit::insert(tx, entry).await
            })
        })
        .await
    }

    /// The workspaces that are being deleted.
    pub async fn workspaces_to_remove(&self) -> Result<Vec<WorkspaceId>> {
        self.read(Within::Installation, |db| async move {
            let rows = Entity::find()
                .filter(Column::Status.eq(WorkspaceStatus::Deleting.word()))
                .all(&db)
                .await?;
            Ok(rows.into_iter().map(|row| WorkspaceId::from_uuid(row.id)).collect())
        })
        .await
    }

    /// Removes the rows that a workspace which is being deleted has in every table, in batches.
    /// Nobody is signed out: who signed in there goes on in another workspace of theirs, else in
    /// the default one.
    pub async fn empty_workspace(&self, id: WorkspaceId) -> Result<()> {
        self.write(Within::Installation, id, |tx, id| Box::pin(move_out(tx, *id))).await?;
        // These tables are found by other columns than the workspace's.
        while self.purge_knowledge_of(id, BATCH_OF_INDEX).await? {}
        for table in &TABLES {
            while self
                .write(id, (id, *table), |tx, (id, table)| Box::pin(remove_batch(tx, *id, table)))
                .await?
                == BATCH
            {}
        }
        Ok(())
    }

    /// Removes the workspace itself, once no table has a row of it any more. The entry is for the
    /// installation's log.
    pub async fn finish_workspace_removal(
        &self,
        id: WorkspaceId,
        entry: &AuditEntry,
    ) -> Result<Removed> {
        self.write(Within::Installation, (id, entry.clone()), |tx, (id, entry)| {
            Box::pin(async move {
                let mut left = Vec::new();
                for table in TABLES {
                    let rows = count(tx, *id, table).await?;
                    if rows > 0 {
                        left.push((table, rows));
                    }
                }
                if !left.is_empty() {
                    return Ok(Removed::NotYet { left });
                }
                let gone = Entity::delete_many()
                    .filter(Column::Id.eq(id.uuid()))
                    .filter(Column::Status.eq(WorkspaceStatus::Deleting.word()))
                    .exec(tx)
                    .await?;
                if gone.rows_affected == 1 {
                    audit::insert(tx, entry).await?;
                }
                Ok(Removed::Gone(gone.rows_affected == 1))
            })
        })
        .await
    }
}

/// Removes up to [`BATCH`] rows; answers how many.
async fn remove_batch(tx: &Tx, id: WorkspaceId, table: &str) -> Result<u64> {
    let backend = tx.get_database_backend();
    // One that a user has signed in to since is moved when the workspace is emptied again.
    let which = if table == SESSIONS { "AND owner_id IS NULL" } else { "" };
    let sql = match backend {
        // It has no row ids on SQLite.
        DbBackend::Sqlite if table == POSTINGS => format!(
            "DELETE FROM {table} WHERE (segment_id, term) IN (
                 SELECT segment_id, term FROM {table} WHERE workspace_id = $1 LIMIT {BATCH})"
        ),
        DbBackend::Postgres => format!(
            "DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                 SELECT ctid FROM {table} WHERE workspace_id = $1 {which} LIMIT {BATCH}))"
        ),
        _ => format!(
            "DELETE FROM {table} WHERE rowid IN (
                 SELECT rowid FROM {table} WHERE workspace_id = $1 {which} LIMIT {BATCH})"
        ),
    };
    let delete = Statement::from_sql_and_values(backend, sql, [id.uuid().into()]);
    Ok(tx.execute_raw(delete).await?.rows_affected())
}

async fn count(tx: &Tx, id: WorkspaceId, table: &str) -> Result<u64> {
    let ask = Statement::from_sql_and_values(
        tx.get_database_backend(),
        format!("SELECT COUNT(*) AS rows FROM {table} WHERE workspace_id = $1"),
        [id.uuid().into()],
    );
    let row = tx.query_one_raw(ask).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get("", "rows"))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}
