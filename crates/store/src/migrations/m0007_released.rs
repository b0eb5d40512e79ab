//! Contents that rows stopped referring to, and who asked for documents to be read.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0007_released"
    }
}

/// Who asked may be gone, and that matters: so no foreign keys.
const TABLES: &str = "
CREATE TABLE released_contents (
    sha256 TEXT PRIMARY KEY,
    claim {uuid},
    claimed_until BIGINT NOT NULL,
    again BOOLEAN NOT NULL
);
CREATE INDEX released_contents_waiting ON released_contents (claimed_until, sha256);
ALTER TABLE documents ADD COLUMN asked_by {uuid};
ALTER TABLE documents ADD COLUMN asked_by_key {uuid};
UPDATE documents SET asked_by = created_by WHERE status IN ('pending', 'processing');
";

/// Rows go in many ways, by cascades too; none may forget what it had.
const RELEASE: &str = "
INSERT INTO released_contents (sha256, claim, claimed_until, again)
VALUES (OLD.sha256, NULL, 0, FALSE)
ON CONFLICT (sha256) DO UPDATE SET again = TRUE, claimed_until =
    CASE WHEN released_contents.claim IS NULL THEN 0 ELSE released_contents.claimed_until END;
";

const SQLITE_TRIGGERS: &str = "
CREATE TRIGGER files_release AFTER DELETE ON files BEGIN {release} END;
CREATE TRIGGER documents_release AFTER DELETE ON documents
WHEN OLD.sha256 IS NOT NULL BEGIN {release} END;
CREATE TRIGGER documents_replace AFTER UPDATE OF sha256 ON documents
WHEN OLD.sha256 IS NOT NULL AND OLD.sha256 IS NOT NEW.sha256 BEGIN {release} END;
";

const POSTGRES_TRIGGERS: &str = "
CREATE FUNCTION release_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN {release} RETURN NULL; END $$;
CREATE TRIGGER files_release AFTER DELETE ON files
    FOR EACH ROW EXECUTE FUNCTION release_content();
CREATE TRIGGER documents_release AFTER DELETE ON documents
    FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION release_content();
CREATE TRIGGER documents_replace AFTER UPDATE OF sha256 ON documents
    FOR EACH ROW WHEN (OLD.sha256 IS NOT NULL AND OLD.sha256 IS DISTINCT FROM NEW.sha256)
    EXECUTE FUNCTION release_content();
";

const SQLITE_DOWN: &str = "
DROP TRIGGER documents_replace;
DROP TRIGGER documents_release;
DROP TRIGGER files_release;
";

const POSTGRES_DOWN: &str = "
DROP TRIGGER documents_replace ON documents;
DROP TRIGGER documents_release ON documents;
DROP TRIGGER files_release ON files;
DROP FUNCTION release_content();
";

const DOWN: &str = "
ALTER TABLE documents DROP COLUMN asked_by_key;
ALTER TABLE documents DROP COLUMN asked_by;
DROP TABLE released_contents;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (uuid, triggers) = match db.get_database_backend() {
            DbBackend::Postgres => ("UUID", POSTGRES_TRIGGERS),
            _ => ("BLOB", SQLITE_TRIGGERS),
        };
        db.execute_unprepared(&TABLES.replace("{uuid}", uuid)).await?;
        db.execute_unprepared(&triggers.replace("{release}", RELEASE)).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let triggers = match db.get_database_backend() {
            DbBackend::Postgres => POSTGRES_DOWN,
            _ => SQLITE_DOWN,
        };
        db.execute_unprepared(triggers).await?;
        db.execute_unprepared(DOWN).await?;
        Ok(())
    }
}
