//! Takes answers that are quotes out of the search of messages. They are no longer added to it, since
//! it told of what they quote to whoever may not see that any more; older ones were.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0011_unquoted_search"
    }
}

/// As `Message::quotes_verbatim` has it at this time. Within a text of the JSON the quotation marks
/// would be escaped. SQLite's index follows by its trigger.
const UP: &str = r#"
DELETE FROM search_texts WHERE message_id IN (
    SELECT id FROM messages WHERE role = 'assistant' AND model = 'builtin/extractive'
        AND (status <> 'completed' OR parts LIKE '%"type":"citation"%')
);
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(UP).await?;
        Ok(())
    }

    /// What was taken out stays out: no version needs it.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
