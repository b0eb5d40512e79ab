//! PostgreSQL's own lock between workspaces. What SQLite does instead is in `tenancy`.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use uuid::Uuid;
use vpaura_domain::{ConversationFilter, Page, Scope, WorkspaceId};
use vpaura_store::{Store, StoreSettings};

use crate::conformance;
use crate::db::{TestDb, on_postgres};

/// Tables with rows of workspaces, each with the column that says whose. Users belong to none.
const TABLES: &str = "
SELECT c.relname AS tab, a.attname AS col,
    c.relrowsecurity AND (c.relforcerowsecurity OR c.relname = 'search_texts') AND EXISTS (
        SELECT FROM pg_policy WHERE polrelid = c.oid AND polname = 'within_workspace'
    ) AS locked
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND (a.attname = 'workspace_id' AND c.relname <> 'users'
        OR a.attname = 'id' AND c.relname = 'workspaces')
ORDER BY c.relname";

/// The serving role of this database.
const ROLE: &str = "('vpaura_app_' || current_database())::name";

struct Table {
    name: String,
    column: String,
    locked: bool,
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap()
}

async fn one<T: sea_orm::TryGetable>(db: &DatabaseConnection, sql: &str) -> T {
    rows(db, sql).await[0].try_get_by_index(0).unwrap()
}

async fn tables(db: &DatabaseConnection) -> Vec<Table> {
    let rows = rows(db, TABLES).await;
    rows.iter()
        .map(|row| Table {
            name: row.try_get("", "tab").unwrap(),
            column: row.try_get("", "col").unwrap(),
            locked: row.try_get("", "locked").unwrap(),
        })
        .collect()
}

/// One connection, so that what is set on it stays.
async fn connection(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    Database::connect(options).await.unwrap()
}

/// A connection as the server has it, set to a workspace or to nothing.
async fn as_server(db: &TestDb, within: Option<Uuid>) -> DatabaseConnection {
    let raw = connection(&db.settings.url).await;
    raw.execute_unprepared(&format!("SELECT set_config('role', {ROLE}, false)")).await.unwrap();
    if let Some(id) = within {
        let set = format!("SELECT set_config('vpaura.workspace_id', '{id}', false)");
        raw.execute_unprepared(&set).await.unwrap();
    }
    raw
}

/// An INSERT of a row whose workspace is `id`, whatever else the table asks for.
async fn insert(db: &DatabaseConnection, table: &Table, id: Uuid) -> String {
    let columns = rows(
        db,
        &format!(
            "SELECT attname AS name, CASE
                WHEN attname = '{}' THEN quote_literal('{id}')
                WHEN atttypid = 'uuid'::regtype THEN quote_literal(gen_random_uuid())
                WHEN atttypid = 'boolean'::regtype THEN 'false'
                WHEN atttypid = 'jsonb'::regtype THEN quote_literal('{{}}')
                WHEN atttypid = 'bytea'::regtype THEN quote_literal('')
                WHEN atttypid = 'text'::regtype THEN quote_literal(gen_random_uuid())
                ELSE floor(random() * 1000000000)::text END AS value
             FROM pg_attribute
             WHERE attrelid = '{}'::regclass AND attnum > 0 AND NOT attisdropped
                AND attidentity = ''",
            table.column, table.name
        ),
    )
    .await;
    let list = |name: &str| {
        let values: Vec<String> =
            columns.iter().map(|row| row.try_get("", name).unwrap()).collect();
        values.join(", ")
    };
    format!("INSERT INTO {} ({}) VALUES ({})", table.name, list("name"), list("value"))
}

/// Puts a row of each workspace into every table, past all constraints.
async fn fill(raw: &DatabaseConnection, tables: &[Table], workspaces: &[Uuid]) {
    raw.execute_unprepared("SET session_replication_role = replica").await.unwrap();
    for table in tables {
        for id in workspaces {
            let insert = insert(raw, table, *id).await;
            raw.execute_unprepared(&insert).await.unwrap();
        }
    }
}

fn is_refused_by_policy(outcome: &Result<sea_orm::ExecResult, DbErr>) -> bool {
    matches!(outcome, Err(error) if error.to_string().contains("row-level security"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_table_of_workspaces_is_locked() {
    on_postgres(|db| async move {
        let tables = tables(&db.raw().await).await;
        assert!(tables.len() >= 15, "{} tables", tables.len());
        for table in tables {
            assert!(table.locked, "{} is open", table.name);
        }
    })
    .await;
}

/// No table shows, changes or takes a row of another workspace, whatever the statement.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_has_no_way_to_another_workspaces_rows() {
    on_postgres(|db| async move {
        let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let raw = connection(&db.settings.url).await;
        let tables = tables(&raw).await;
        fill(&raw, &tables, &[mine, theirs]).await;
        let server = as_server(&db, Some(mine)).await;
        for table in &tables {
            let Table { name, column, .. } = table;
            let seen = rows(&server, &format!("SELECT {column} AS id FROM {name}")).await;
            let seen: Vec<Uuid> = seen.iter().map(|row| row.try_get("", "id").unwrap()).collect();
            assert_eq!(seen, [mine], "{name} shows what it should");
            for change in [
                format!("UPDATE {name} SET {column} = '{mine}' WHERE {column} = '{theirs}'"),
                format!("DELETE FROM {name} WHERE {column} = '{theirs}'"),
                format!("DELETE FROM {name} WHERE {column} <> '{mine}'"),
            ] {
                let changed = server.execute_unprepared(&change).await.unwrap();
                assert_eq!(changed.rows_affected(), 0, "{change}");
            }
            let insert = insert(&server, table, theirs).await;
            let refused = server.execute_unprepared(&insert).await;
            assert!(is_refused_by_policy(&refused), "{insert}: {refused:?}");
        }
        // Nor is a row of ours given away. (The audit log takes no change at all.)
        for table in tables.iter().filter(|table| table.name != "audit_log") {
            let Table { name, column, .. } = table;
            let gift = format!("UPDATE {name} SET {column} = '{}'", Uuid::from_u128(3));
            let refused = server.execute_unprepared(&gift).await;
            assert!(is_refused_by_policy(&refused), "{gift}: {refused:?}");
        }
        for table in &tables {
            let left: i64 = one(
                &raw,
                &format!("SELECT count(*) FROM {} WHERE {} = '{theirs}'", table.name, table.column),
            )
            .await;
            assert_eq!(left, 1, "{} lost a row", table.name);
        }
        assert_eq!(one::<i64>(&server, "SELECT count(*) FROM searchable_texts").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_set_to_nothing_sees_nothing() {
    on_postgres(|db| async move {
        let raw = connection(&db.settings.url).await;
        let tables = tables(&raw).await;
        fill(&raw, &tables, &[Uuid::from_u128(1)]).await;
        let server = as_server(&db, None).await;
        for setting in ["", "SET vpaura.workspace_id = ''"] {
            server.execute_unprepared(setting).await.unwrap();
            for table in &tables {
                let count = format!("SELECT count(*) FROM {}", table.name);
                assert_eq!(one::<i64>(&server, &count).await, 0, "{count}");
            }
            assert_eq!(one::<i64>(&server, "SELECT count(*) FROM searchable_texts").await, 0);
        }
        server.execute_unprepared("SET vpaura.workspace_id = '*'").await.unwrap();
        for table in &tables {
            let count = format!("SELECT count(*) FROM {}", table.name);
            assert!(one::<i64>(&server, &count).await > 0, "{count}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_serves_under_a_role_that_owns_nothing() {
    on_postgres(|db| async move {
        let raw = db.raw().await;
        let powers = format!(
            "SELECT rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb
                OR EXISTS (SELECT FROM pg_class WHERE relowner = pg_roles.oid)
                OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
             FROM pg_roles WHERE rolname = {ROLE}"
        );
        assert!(!one::<bool>(&raw, &powers).await);
        let may_migrate =
            format!("SELECT has_table_privilege({ROLE}, 'seaql_migrations', 'SELECT')");
        assert!(!one::<bool>(&raw, &may_migrate).await);

        // What the role may not do the store cannot do, so it is the role.
        let (session, scope) = db.session().await;
        let role: String = one(&raw, &format!("SELECT quote_ident({ROLE})")).await;
        raw.execute_unprepared(&format!("REVOKE SELECT ON sessions FROM {role}")).await.unwrap();
        assert!(db.store.get_session(&scope, session.id).await.is_err());
        raw.execute_unprepared(&format!("GRANT SELECT ON sessions TO {role}")).await.unwrap();
        assert!(db.store.get_session(&scope, session.id).await.unwrap().is_some());
    })
    .await;
}

/// A statement that forgot its conditions would still be held by the connection: here one whose
/// rows were moved away under it finds nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stores_connections_are_set_to_the_workspace_of_the_scope() {
    on_postgres(|db| async move {
        let (_, scope) = db.session().await;
        let (conversation, _) = db.talk(&scope, 1).await;
        let raw = db.raw().await;
        // The policy alone decides now: it shows the rows of one workspace, not of another.
        for (shown, expected) in [(WorkspaceId::DEFAULT.uuid(), true), (db.uuid(), false)] {
            let policy = format!(
                "ALTER POLICY within_workspace ON conversations USING
                 (current_setting('vpaura.workspace_id', true) = '{shown}')"
            );
            raw.execute_unprepared(&policy).await.unwrap();
            let found = db.store.get_conversation(&scope, conversation).await.unwrap();
            assert_eq!(found.is_some(), expected);
            let told = db.entry("conversation.unshared");
            let found = db.store.delete_shares(&scope, conversation, &told).await.unwrap();
            assert_eq!(found, expected);
        }
    })
    .await;
}

/// Row-level security must not cost the search its index.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn search_uses_its_index_under_the_role() {
    on_postgres(|db| async move {
        let server = as_server(&db, Some(WorkspaceId::DEFAULT.uuid())).await;
        server.execute_unprepared("SET enable_seqscan = off").await.unwrap();
        let plan = rows(
            &server,
            "EXPLAIN SELECT conversation_id FROM searchable_texts WHERE body LIKE '%needle%'",
        )
        .await;
        let plan: Vec<String> = plan.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        assert!(plan.iter().any(|step| step.contains("search_texts_body")), "{plan:#?}");
    })
    .await;
}

/// An ordinary user that owns its database, with or without the right to make roles.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ordinary_user_is_served_and_locked_out_the_same() {
    on_postgres(|db| async move {
        let (server, _) = db.settings.url.rsplit_once('/').unwrap();
        let admin = db.raw().await;
        for (right, has_role) in [("CREATEROLE", true), ("NOCREATEROLE", false)] {
            let name = format!("vpaura_test_{}", db.uuid().simple());
            for sql in [
                format!("CREATE ROLE {name} LOGIN {right} PASSWORD 'p'"),
                format!("CREATE DATABASE {name} OWNER {name} TEMPLATE template0"),
            ] {
                admin.execute_unprepared(&sql).await.unwrap();
            }
            let (_, host) = server.rsplit_once('@').unwrap();
            let url = format!("postgres://{name}:p@{host}/{name}");
            is_served(&db, &url, has_role).await;
            for sql in [
                format!("DROP DATABASE {name} WITH (FORCE)"),
                format!("DROP ROLE IF EXISTS vpaura_app_{name}"),
                format!("DROP ROLE {name}"),
            ] {
                admin.execute_unprepared(&sql).await.unwrap();
            }
        }
    })
    .await;
}

async fn is_served(db: &TestDb, url: &str, has_role: bool) {
    let store = Store::connect(&StoreSettings::new(url), db.clock.clone()).await.unwrap();
    store.migrate_up().await.unwrap();
    assert_eq!(store.migrate_up().await.unwrap(), 0, "again without any change");
    let session = db.new_session();
    let scope = Scope::session(session.id);
    store.create_session(&scope, &session, None).await.unwrap();
    let mut conversation = db.new_conversation(&scope);
    conversation.title = Some("a needle in it".into());
    store.create_conversation(&scope, &conversation, None).await.unwrap();
    let filter = ConversationFilter { query: Some("needle".into()), ..Default::default() };
    let found = store.list_conversations(&scope, &filter, &Page::default()).await.unwrap();
    assert_eq!(found.items.len(), 1);
    store.close().await.unwrap();

    let owner = connection(url).await;
    let roles = format!("SELECT count(*) FROM pg_roles WHERE rolname = {ROLE}");
    assert_eq!(one::<i64>(&owner, &roles).await, i64::from(has_role));
    for table in tables(&owner).await {
        assert!(table.locked, "{} is open", table.name);
        if table.name != "search_texts" || !has_role {
            let count = format!("SELECT count(*) FROM {}", table.name);
            assert_eq!(one::<i64>(&owner, &count).await, 0, "{count}, though its owner asks");
        }
    }
    let all = store_again(url, db).await;
    let states = all.migration_status().await.unwrap();
    let down = u32::try_from(states.len()).unwrap();
    assert_eq!(all.migrate_down(down).await.unwrap(), down);
    assert_eq!(one::<i64>(&owner, &roles).await, 0, "its role is gone");
    all.close().await.unwrap();
}

async fn store_again(url: &str, db: &TestDb) -> Store {
    Store::connect(&StoreSettings::new(url), db.clock.clone()).await.unwrap()
}

conformance! {
    /// Files of all workspaces share their content: it is gone with the last of them only.
    async fn content_stays_while_another_workspace_has_it(db: TestDb) {
        let here = Scope::operator();
        let there =
            Scope { workspace_id: WorkspaceId::from_uuid(db.uuid()), ..Scope::operator() };
        let raw = db.raw().await;
        let workspace = Statement::from_sql_and_values(
            raw.get_database_backend(),
            "INSERT INTO workspaces (id, name, created_at) VALUES ($1, 'other', 0)",
            [there.workspace_id.uuid().into()],
        );
        raw.execute_raw(workspace).await.unwrap();
        let (ours, theirs) = (db.new_file(&here, "aa"), db.new_file(&there, "aa"));
        db.store.create_file(&here, &ours, None).await.unwrap();
        db.store.create_file(&there, &theirs, None).await.unwrap();
        assert!(db.store.delete_file(&here, ours.id).await.unwrap());
        assert_eq!(db.orphans().await, [""; 0]);
        assert!(db.store.delete_file(&there, theirs.id).await.unwrap());
        assert_eq!(db.orphans().await, ["aa"]);
    }
}
