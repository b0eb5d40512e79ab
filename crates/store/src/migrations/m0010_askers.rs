//! Documents that wait, by who asked for them.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0010_askers"
    }
}

/// What the server's operator asked for counts as its workspace's.
const UP: &str = "
DROP INDEX documents_waiting;
CREATE INDEX documents_waiting
    ON documents (collection_id, (COALESCE(asked_by, workspace_id)), created_at, id)
    WHERE status IN ('pending', 'processing');
";

const DOWN: &str = "
DROP INDEX documents_waiting;
CREATE INDEX documents_waiting ON documents (collection_id, created_at, id)
    WHERE status IN ('pending', 'processing');
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}
