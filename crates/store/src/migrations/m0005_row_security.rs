//! Where PostgreSQL's row-level security begins; `row_security` lays it over the tables after every
//! migration.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::row_security;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0005_row_security"
    }
}

/// The texts that the connection may search. On the table itself row-level security would keep
/// the trigram index from being used: LIKE might tell of rows that it is not to see, so it would
/// come last. The view reads the table as its owner, and its own condition, to which that caution
/// does not apply, shows the same rows as the policy.
const VIEW: &str = "
CREATE VIEW searchable_texts AS
SELECT workspace_id, conversation_id, body FROM search_texts
WHERE workspace_id = (SELECT nullif(nullif(
    current_setting('vpaura.workspace_id', true), '*'), '')::uuid)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(VIEW).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared("DROP VIEW searchable_texts").await?;
            row_security::release(db).await?;
        }
        Ok(())
    }
}
