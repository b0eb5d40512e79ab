//! A run that waits for answers keeps its conversation busy, as one that runs.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::ConnectionTrait;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0003_interrupted"
    }
}

const UP: &str = "
DROP INDEX runs_one_running;
CREATE UNIQUE INDEX runs_one_under_way ON runs (conversation_id)
    WHERE status IN ('running', 'interrupted');
";

/// The version before knows no interrupted runs: they fail.
const DOWN: &str = "
DROP INDEX runs_one_under_way;
UPDATE runs SET status = 'failed' WHERE status = 'interrupted';
CREATE UNIQUE INDEX runs_one_running ON runs (conversation_id) WHERE status = 'running';
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
