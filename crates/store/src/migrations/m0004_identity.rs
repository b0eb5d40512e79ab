//! Users, roles, invitations, API keys, chatbots, prompts, budgets, usage, and the audit log; and
//! to whom sessions, conversations, files and runs belong.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};
use vpaura_domain::WorkspaceId;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m0004_identity"
    }
}

/// Who there is. `{uuid}`, `{json}` and `{serial}` as in `m0001_chat`. A `…_key` is the form of a
/// name in which two count as the same; a `…_hash` is SHA-256 in hexadecimal, and the secret itself
/// is stored nowhere.
const PEOPLE: &str = "
CREATE TABLE users (
    id {uuid} PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    full_name TEXT,
    status TEXT NOT NULL,
    is_owner BOOLEAN NOT NULL,
    password_hash TEXT,
    totp_secret TEXT,
    totp_confirmed BOOLEAN NOT NULL,
    totp_last_step BIGINT,
    failed_sign_ins BIGINT NOT NULL,
    workspace_id {uuid} REFERENCES workspaces (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_sign_in_at BIGINT
);

CREATE TABLE profiles (
    user_id {uuid} PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE user_identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX user_identities_of ON user_identities (user_id);

CREATE TABLE recovery_codes (
    code_hash TEXT NOT NULL,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE refresh_tokens (
    token_hash TEXT PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    session_id {uuid} NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_of_user ON refresh_tokens (user_id);

CREATE TABLE one_use_tokens (
    token_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    user_id {uuid} REFERENCES users (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX one_use_tokens_of ON one_use_tokens (user_id, purpose);
CREATE INDEX one_use_tokens_age ON one_use_tokens (expires_at);

CREATE TABLE revocations (
    id {serial} PRIMARY KEY,
    kind TEXT NOT NULL,
    subject_id {uuid} NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX revocations_age ON revocations (at);
";

/// What belongs to workspaces.
const TENANTS: &str = "
ALTER TABLE workspaces ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
ALTER TABLE workspaces ADD COLUMN updated_at BIGINT NOT NULL DEFAULT 0;

CREATE TABLE roles (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (workspace_id, name_key)
);

CREATE TABLE members (
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT,
    role_id {uuid} REFERENCES roles (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX members_of_user ON members (user_id);
CREATE INDEX members_of_role ON members (role_id);

CREATE TABLE invitations (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT,
    role_id {uuid} REFERENCES roles (id),
    status TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    invited_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invitations_listed ON invitations (workspace_id, status, created_at, id);
CREATE INDEX invitations_of_role ON invitations (role_id);

CREATE TABLE chatbots (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    is_default BOOLEAN NOT NULL,
    visibility TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX chatbots_listed ON chatbots (workspace_id, created_at, id);
CREATE UNIQUE INDEX chatbots_one_default ON chatbots (workspace_id) WHERE is_default;

CREATE TABLE chatbot_versions (
    chatbot_id {uuid} NOT NULL REFERENCES chatbots (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    settings TEXT NOT NULL,
    note TEXT,
    created_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (chatbot_id, version)
);

CREATE TABLE prompts (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (workspace_id, name)
);

CREATE TABLE prompt_versions (
    prompt_id {uuid} NOT NULL REFERENCES prompts (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    body TEXT NOT NULL,
    created_by {uuid} REFERENCES users (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (prompt_id, version)
);

CREATE TABLE grants (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    object_kind TEXT NOT NULL,
    object_id {uuid} NOT NULL,
    user_id {uuid} REFERENCES users (id) ON DELETE CASCADE,
    role TEXT,
    role_id {uuid} REFERENCES roles (id) ON DELETE CASCADE,
    access TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX grants_of_object ON grants (object_id);
CREATE INDEX grants_of_user ON grants (user_id);
CREATE INDEX grants_of_role ON grants (role_id);

CREATE TABLE api_keys (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id {uuid} NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash TEXT NOT NULL UNIQUE,
    permissions TEXT NOT NULL,
    limited BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX api_keys_listed ON api_keys (workspace_id, created_at, id);
CREATE INDEX api_keys_of_user ON api_keys (user_id);

CREATE TABLE api_key_chatbots (
    api_key_id {uuid} NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    chatbot_id {uuid} NOT NULL REFERENCES chatbots (id) ON DELETE CASCADE,
    workspace_id {uuid} NOT NULL,
    PRIMARY KEY (api_key_id, chatbot_id)
);
CREATE INDEX api_key_chatbots_of ON api_key_chatbots (chatbot_id);

CREATE TABLE budgets (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    spender TEXT NOT NULL,
    spender_id {uuid} NOT NULL,
    period TEXT NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (workspace_id, spender, spender_id, period, unit)
);

CREATE TABLE budget_periods (
    budget_id {uuid} NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    begins_at BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    spent BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (budget_id, begins_at)
);

CREATE TABLE budget_reservations (
    run_id {uuid} NOT NULL,
    budget_id {uuid} NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    begins_at BIGINT NOT NULL,
    workspace_id {uuid} NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (run_id, budget_id)
);
CREATE INDEX budget_reservations_of ON budget_reservations (budget_id);

CREATE TABLE usage (
    run_id {uuid} PRIMARY KEY,
    workspace_id {uuid} NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    user_id {uuid},
    session_id {uuid},
    api_key_id {uuid},
    chatbot_id {uuid},
    model TEXT NOT NULL,
    input BIGINT NOT NULL,
    output BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    day BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX usage_by_day ON usage (workspace_id, day);

CREATE TABLE audit_log (
    id {uuid} PRIMARY KEY,
    workspace_id {uuid},
    actor TEXT NOT NULL,
    actor_id {uuid},
    actor_user_id {uuid},
    action TEXT NOT NULL,
    object_kind TEXT,
    object_id TEXT,
    ip_address TEXT,
    user_agent TEXT,
    request_id TEXT,
    details TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX audit_log_listed ON audit_log (workspace_id, id);
CREATE INDEX audit_log_of_object ON audit_log (workspace_id, object_id, id);
CREATE INDEX audit_log_of_actor ON audit_log (workspace_id, actor_user_id, id);

ALTER TABLE sessions ADD COLUMN owner_id {uuid} REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX sessions_of_owner ON sessions (owner_id) WHERE owner_id IS NOT NULL;

ALTER TABLE conversations ADD COLUMN user_id {uuid} REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE conversations ADD COLUMN chatbot_id {uuid};
CREATE INDEX conversations_of_user ON conversations (user_id, workspace_id, status, updated_at, id)
    WHERE user_id IS NOT NULL;

ALTER TABLE files ADD COLUMN user_id {uuid} REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE files ADD COLUMN api_key_id {uuid};
CREATE INDEX files_of_user ON files (user_id) WHERE user_id IS NOT NULL;

ALTER TABLE runs ADD COLUMN user_id {uuid};
ALTER TABLE runs ADD COLUMN api_key_id {uuid};
ALTER TABLE runs ADD COLUMN chatbot_id {uuid};
";

/// The audit log only grows. What belongs to a workspace goes with the workspace alone, which its
/// deletion says first.
const SQLITE_APPEND_ONLY: &str = "
CREATE TRIGGER audit_log_fixed BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
CREATE TRIGGER audit_log_kept BEFORE DELETE ON audit_log
WHEN NOT EXISTS (SELECT 1 FROM workspaces WHERE id = old.workspace_id AND status = 'deleting')
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;
";

const POSTGRES_APPEND_ONLY: &str = "
CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM workspaces WHERE id = OLD.workspace_id AND status = 'deleting'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_kept BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION audit_log_refuse();
";

const SQLITE_DOWN: &str = "
DROP TRIGGER audit_log_kept;
DROP TRIGGER audit_log_fixed;
";

const POSTGRES_DOWN: &str = "
DROP TRIGGER audit_log_kept ON audit_log;
DROP FUNCTION audit_log_refuse();
";

const DOWN: &str = "
ALTER TABLE runs DROP COLUMN chatbot_id;
ALTER TABLE runs DROP COLUMN api_key_id;
ALTER TABLE runs DROP COLUMN user_id;
DROP INDEX files_of_user;
ALTER TABLE files DROP COLUMN api_key_id;
ALTER TABLE files DROP COLUMN user_id;
DROP INDEX conversations_of_user;
ALTER TABLE conversations DROP COLUMN chatbot_id;
ALTER TABLE conversations DROP COLUMN user_id;
DROP INDEX sessions_of_owner;
ALTER TABLE sessions DROP COLUMN owner_id;
DROP TABLE audit_log;
DROP TABLE usage;
DROP TABLE budget_reservations;
DROP TABLE budget_periods;
DROP TABLE budgets;
DROP TABLE api_key_chatbots;
DROP TABLE api_keys;
DROP TABLE grants;
DROP TABLE prompt_versions;
DROP TABLE prompts;
DROP TABLE chatbot_versions;
DROP TABLE chatbots;
DROP TABLE invitations;
DROP TABLE members;
DROP TABLE roles;
ALTER TABLE workspaces DROP COLUMN updated_at;
ALTER TABLE workspaces DROP COLUMN status;
DROP TABLE revocations;
DROP TABLE one_use_tokens;
DROP TABLE refresh_tokens;
DROP TABLE recovery_codes;
DROP TABLE user_identities;
DROP TABLE profiles;
DROP TABLE users;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (uuid, serial, append_only) = match db.get_database_backend() {
            DbBackend::Postgres => {
                ("UUID", "BIGINT GENERATED ALWAYS AS IDENTITY", POSTGRES_APPEND_ONLY)
            }
            _ => ("BLOB", "INTEGER", SQLITE_APPEND_ONLY),
        };
        for part in [PEOPLE, TENANTS] {
            let part = part.replace("{uuid}", uuid).replace("{serial}", serial);
            db.execute_unprepared(&part).await?;
        }
        db.execute_unprepared(append_only).await?;
        add_default_chatbot(db).await
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

/// The default workspace's chatbot: everything as the installation has it. It shares its
/// workspace's id, as an anchor that every installation has.
async fn add_default_chatbot(db: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
    let id = WorkspaceId::DEFAULT.uuid();
    let chatbot = Query::insert()
        .into_table("chatbots")
        .columns([
            "id",
            "workspace_id",
            "name",
            "is_default",
            "visibility",
            "version",
            "created_at",
            "updated_at",
        ])
        .values_panic([
            id.into(),
            id.into(),
            "Assistant".into(),
            true.into(),
            "workspace".into(),
            1_i64.into(),
            0_i64.into(),
            0_i64.into(),
        ])
        .to_owned();
    db.execute(&chatbot).await?;
    let version = Query::insert()
        .into_table("chatbot_versions")
        .columns(["chatbot_id", "version", "workspace_id", "settings", "created_at"])
        .values_panic([id.into(), 1_i64.into(), id.into(), "{}".into(), 0_i64.into()])
        .to_owned();
    db.execute(&version).await?;
    Ok(())
}
