//! How often the server that read a document was lost.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0009_lost"
    }
}

const UP: &str = "
ALTER TABLE documents ADD COLUMN lost BIGINT NOT NULL DEFAULT 0;
CREATE INDEX documents_lost ON documents (created_at, id) WHERE lost > 0;
";

const DOWN: &str = "
DROP INDEX documents_lost;
ALTER TABLE documents DROP COLUMN lost;
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
