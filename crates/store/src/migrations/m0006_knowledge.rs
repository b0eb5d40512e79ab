//! Collections, their documents and chunks, and the index over them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0006_knowledge"
    }
}

/// `{uuid}` and `{json}` as in `m0001_chat`. What is long comes last in its table. A `name_key` is
/// the name as it is searched for.
const CONTENT: &str = "
CREATE TABLE collections (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT,
    visibility TEXT NOT NULL,
    chunking TEXT NOT NULL,
    status TEXT NOT NULL,
    next_no BIGINT NOT NULL,
    merge_owner {uuid},
    merge_until BIGINT NOT NULL,
    created_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX collections_listed ON collections (workspace_id, created_at, id);
CREATE INDEX collections_of_user ON collections (created_by) WHERE created_by IS NOT NULL;
CREATE INDEX collections_deleting ON collections (id) WHERE status = 'deleting';

CREATE TABLE chatbot_collections (
    chatbot_id {uuid} NOT NULL REFERENCES chatbots (id) ON DELETE CASCADE,
    collection_id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    PRIMARY KEY (chatbot_id, collection_id)
);
CREATE INDEX chatbot_collections_of ON chatbot_collections (collection_id);

CREATE TABLE documents (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    collection_id {uuid} NOT NULL REFERENCES collections (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    source TEXT NOT NULL,
    media_type TEXT,
    size BIGINT,
    sha256 TEXT,
    status TEXT NOT NULL,
    error TEXT,
    enabled BOOLEAN NOT NULL,
    chars BIGINT NOT NULL,
    pages BIGINT,
    chunks BIGINT NOT NULL,
    first_no BIGINT,
    attempt BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    lease_owner {uuid},
    lease_until BIGINT NOT NULL,
    created_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    metadata {json} NOT NULL
);
CREATE INDEX documents_listed ON documents (collection_id, created_at, id);
CREATE INDEX documents_counted ON documents (collection_id, status, enabled, chunks);
CREATE INDEX documents_waiting ON documents (collection_id, created_at, id)
    WHERE status IN ('pending', 'processing');
CREATE INDEX documents_leased ON documents (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX documents_of_content ON documents (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX documents_of_user ON documents (created_by) WHERE created_by IS NOT NULL;

CREATE TABLE chunks (
    collection_id {uuid} NOT NULL,
    no BIGINT NOT NULL,
    id {uuid} NOT NULL UNIQUE,
    workspace_id {uuid} NOT NULL,
    document_id {uuid} NOT NULL REFERENCES documents (id),
    position BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    enabled BOOLEAN NOT NULL,
    edited BOOLEAN NOT NULL,
    span TEXT NOT NULL,
    headings TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (collection_id, no)
);
CREATE UNIQUE INDEX chunks_of_document ON chunks (document_id, position);
CREATE INDEX chunks_edited ON chunks (collection_id) WHERE edited;
";

/// A chunk's `no` is its number in the index. Rows of postings, vectors and signatures come in
/// great numbers and go with what they belong to, in small steps: so no foreign keys.
///
/// `{c}` sorts terms by their bytes. SQLite keeps small rows best without row ids.
const INDEX: &str = "
CREATE TABLE segments (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    collection_id {uuid} NOT NULL REFERENCES collections (id),
    first_no BIGINT NOT NULL,
    span BIGINT NOT NULL,
    chunks BIGINT NOT NULL,
    terms_total BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    languages TEXT NOT NULL,
    lengths {blob} NOT NULL
);
CREATE INDEX segments_of_collection ON segments (collection_id, status, first_no);
CREATE INDEX segments_retired ON segments (id) WHERE status = 'retired';

CREATE TABLE postings (
    segment_id {uuid} NOT NULL,
    term TEXT {c} NOT NULL,
    workspace_id {uuid} NOT NULL,
    data {blob} NOT NULL,
    PRIMARY KEY (segment_id, term)
) {without_rowid};

CREATE TABLE embeddings (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL,
    collection_id {uuid} NOT NULL REFERENCES collections (id),
    model TEXT NOT NULL,
    dimension BIGINT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    lease_owner {uuid},
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX embeddings_of_collection ON embeddings (collection_id);
CREATE UNIQUE INDEX embeddings_one_serving ON embeddings (collection_id)
    WHERE status = 'serving';
CREATE UNIQUE INDEX embeddings_one_building ON embeddings (collection_id)
    WHERE status = 'building';
CREATE INDEX embeddings_retired ON embeddings (id) WHERE status = 'retired';

CREATE TABLE chunk_vectors (
    embedding_id {uuid} NOT NULL,
    no BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    data {blob} NOT NULL,
    PRIMARY KEY (embedding_id, no)
);

CREATE TABLE segment_signatures (
    segment_id {uuid} NOT NULL,
    embedding_id {uuid} NOT NULL,
    workspace_id {uuid} NOT NULL,
    data {blob} NOT NULL,
    PRIMARY KEY (segment_id, embedding_id)
);
CREATE INDEX segment_signatures_of_embedding ON segment_signatures (embedding_id);
";

/// Numbers in a compact form do not get smaller by compressing them.
const UNCOMPRESSED: &str = "
ALTER TABLE postings ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE chunk_vectors ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE segment_signatures ALTER COLUMN data SET STORAGE EXTERNAL;
";

const DOWN: &str = "
DROP TABLE segment_signatures;
DROP TABLE chunk_vectors;
DROP TABLE embeddings;
DROP TABLE postings;
DROP TABLE segments;
DROP TABLE chunks;
DROP TABLE documents;
DROP TABLE chatbot_collections;
DROP TABLE collections;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (uuid, json, blob, c, without_rowid) = match db.get_database_backend() {
            DbBackend::Postgres => ("UUID", "JSONB", "BYTEA", "COLLATE \"C\"", ""),
            _ => ("BLOB", "TEXT", "BLOB", "", "WITHOUT ROWID"),
        };
        for part in [CONTENT, INDEX] {
            let part = part
                .replace("{uuid}", uuid)
                .replace("{json}", json)
                .replace("{blob}", blob)
                .replace("{c}", c)
                .replace("{without_rowid}", without_rowid);
            db.execute_unprepared(&part).await?;
        }
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(UNCOMPRESSED).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(DOWN).await?;
        Ok(())
    }
}
