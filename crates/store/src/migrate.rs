//! Migrations, run in one transaction under a lock, so that several servers may start at once
//! and a failed one leaves nothing behind.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, QueryOrder, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{
    IntoSchemaManagerConnection, MigratorTrait, SchemaManager, SchemaManagerConnection,
    seaql_migrations,
};

use crate::error::{Result, StoreError};
use crate::migrations::Migrator;
use crate::within::Within;
use crate::{Backend, Store, row_security};

/// PostgreSQL's advisory lock for migrations: any constant that no other program picks.
const LOCK: i64 = 0x5650_4175_7261_0001;

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Its name.
    pub name: String,
    /// Whether it has been applied.
    pub applied: bool,
}

impl Store {
    /// Brings the schema up to this version; answers how many migrations that took. Refuses a
    /// database that a newer version has migrated ([`StoreError::SchemaTooNew`]).
    pub async fn migrate_up(&self) -> Result<u32> {
        let tx = self.lock_schema().await?;
        let before = states((&tx).into_database_executor()).await?;
        Migrator::up(&tx, None).await?;
        self.protect(&tx).await?;
        tx.commit().await?;
        self.renew_connections();
        Ok(count(before.iter().filter(|state| !state.applied)))
    }

    /// Undoes the last `steps` migrations, with all the data in what they created; answers how
    /// many there were to undo.
    pub async fn migrate_down(&self, steps: u32) -> Result<u32> {
        let tx = self.lock_schema().await?;
        let before = states((&tx).into_database_executor()).await?;
        Migrator::down(&tx, Some(steps)).await?;
        tx.commit().await?;
        self.renew_connections();
        Ok(count(before.iter().filter(|state| state.applied)).min(steps))
    }

    /// All migrations that this version knows, oldest first.
    pub async fn migration_status(&self) -> Result<Vec<MigrationState>> {
        let db = self.schema_connection().await?;
        states((&db).into_database_executor()).await
    }

    /// Locks the schema as it is now behind row-level security, where the database has that.
    async fn protect(&self, tx: &DatabaseTransaction) -> Result<()> {
        match self.backend() {
            Backend::Sqlite => Ok(()),
            Backend::Postgres => Ok(row_security::protect(tx).await?),
        }
    }

    /// A transaction that no other server's migrations can overlap.
    async fn lock_schema(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.schema_connection().await?.begin_with_options(options).await?;
        if self.backend() == Backend::Postgres {
            let lock = Statement::from_sql_and_values(
                tx.get_database_backend(),
                "SELECT pg_advisory_xact_lock($1)",
                [LOCK.into()],
            );
            tx.execute_raw(lock).await?;
            // What a migration changes of the data it changes in all workspaces.
            let all = row_security::set_in_transaction(Within::Installation);
            tx.execute_unprepared(&all).await?;
        }
        Ok(tx)
    }
}

async fn states(db: SchemaManagerConnection<'_>) -> Result<Vec<MigrationState>> {
    let applied = applied(SchemaManager::new(db)).await?;
    let mut states: Vec<_> = Migrator::migrations()
        .iter()
        .map(|migration| MigrationState { name: migration.name().to_owned(), applied: false })
        .collect();
    for name in applied {
        match states.iter_mut().find(|state| state.name == name) {
            Some(state) => state.applied = true,
            None => return Err(StoreError::SchemaTooNew { found: name }),
        }
    }
    Ok(states)
}

/// The names of the applied migrations. Creates nothing, so that a status query may run on a
/// connection that cannot write.
async fn applied(manager: SchemaManager<'_>) -> Result<Vec<String>> {
    if !manager.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find()
        .order_by_asc(seaql_migrations::Column::Version)
        .all(manager.get_connection())
        .await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
