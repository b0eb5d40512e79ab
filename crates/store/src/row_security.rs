//! Row-level security: PostgreSQL's own lock on every table that belongs to workspaces, behind the
//! conditions of [`visible`](crate::visible).
//!
//! A connection sees the rows of the workspace that it is [set](set) to, or all rows where the
//! operation is not about one. Without a setting it sees none. The server serves under a role of
//! its own, which owns nothing and so cannot lift the lock. Where it may not make such a role it
//! serves as the tables' owner, for whom the lock is as good unless it is exempt as a superuser is.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::within::Within;

/// Sets, from now on, whose rows the connection sees.
pub(crate) fn set(within: Within) -> String {
    set_config(within, false)
}

/// Sets whose rows are seen until the transaction's end, however it ends.
pub(crate) fn set_in_transaction(within: Within) -> String {
    set_config(within, true)
}

fn set_config(within: Within, in_transaction: bool) -> String {
    let value = match within {
        Within::Workspace(id) => id.uuid().to_string(),
        Within::Installation => "*".to_owned(),
    };
    format!("SELECT set_config('vpaura.workspace_id', '{value}', {in_transaction})")
}

/// Takes the serving role, if there is one and this user may, and tells whether the user that
/// serves then is exempt. Roles belong to the whole server, so each database has its own.
pub(crate) const TAKE_ROLE: &str = "
SELECT set_config('role', rolname, false) FROM pg_roles
WHERE rolname = ('vpaura_app_' || current_database())::name AND pg_has_role(session_user, oid,
    CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END);
SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";

/// Makes the serving role, if that is allowed; locks every table that has workspaces' rows; and
/// lets the role use the tables. Changes only what is not so already.
///
/// The policy reads the setting once for each statement, and is a CASE because PostgreSQL does not
/// try to guess how few rows that lets through: every query says the same once more, and guessed
/// twice, it would seem to find next to nothing and be planned for that.
///
/// Users belong to the installation; their `workspace_id` is where they were last. `search_texts`
/// is not locked for its owner where another role serves, see `m0005_row_security`.
const PROTECT: &str = "
DO $$
DECLARE
    app name := ('vpaura_app_' || current_database())::name;
    may text := CASE WHEN current_setting('server_version_num')::int < 160000
        THEN 'MEMBER' ELSE 'SET' END;
    served boolean;
    it record;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', app);
        END IF;
        IF NOT pg_has_role(current_user, app, may) THEN
            EXECUTE format('GRANT %I TO CURRENT_USER', app);
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE LOG 'vpaura serves as %, since it may not make the role %', current_user, app;
    END;
    served := EXISTS (SELECT FROM pg_roles WHERE rolname = app AND pg_has_role(oid, may));

    FOR it IN
        SELECT * FROM (
            SELECT c.oid::regclass AS tab, a.attname AS col, c.relrowsecurity, c.relforcerowsecurity,
                NOT (served AND c.relname = 'search_texts') AS forced,
                EXISTS (SELECT FROM pg_policy
                    WHERE polrelid = c.oid AND polname = 'within_workspace') AS has_policy
            FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
                AND NOT a.attisdropped AND (a.attname = 'workspace_id' AND c.relname <> 'users'
                    OR a.attname = 'id' AND c.relname = 'workspaces')
        ) AS t
        WHERE NOT (relrowsecurity AND has_policy AND relforcerowsecurity = forced)
    LOOP
        IF NOT it.has_policy THEN
            EXECUTE format($policy$
                CREATE POLICY within_workspace ON %s USING (
                    CASE (SELECT current_setting('vpaura.workspace_id', true)) WHEN '*' THEN true
                    ELSE %I = (SELECT nullif(nullif(
                        current_setting('vpaura.workspace_id', true), '*'), '')::uuid) END
                )$policy$, it.tab, it.col);
        END IF;
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', it.tab);
        EXECUTE format('ALTER TABLE %s %s ROW LEVEL SECURITY', it.tab,
            CASE WHEN it.forced THEN 'FORCE' ELSE 'NO FORCE' END);
    END LOOP;

    IF served THEN
        IF NOT has_schema_privilege(app, current_schema(), 'USAGE') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), app);
        END IF;
        FOR it IN
            SELECT oid::regclass AS tab FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v')
                AND relname <> 'seaql_migrations' AND pg_has_role(relowner, 'USAGE')
                AND NOT has_table_privilege(app, oid, 'DELETE')
        LOOP
            EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', it.tab, app);
        END LOOP;
    END IF;
END $$";

/// Undoes that.
const RELEASE: &str = "
DO $$
DECLARE
    app name := ('vpaura_app_' || current_database())::name;
    it record;
BEGIN
    FOR it IN
        SELECT c.oid::regclass AS tab FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND p.polname = 'within_workspace'
    LOOP
        EXECUTE format('DROP POLICY within_workspace ON %s', it.tab);
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', it.tab);
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', it.tab);
    END LOOP;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        EXECUTE format('DROP OWNED BY %I', app);
        EXECUTE format('DROP ROLE %I', app);
    END IF;
EXCEPTION WHEN insufficient_privilege OR dependent_objects_still_exist THEN
    RAISE LOG 'the role % stays', app;
END $$";

/// Locks what the schema has now. Done after every migration, so that none can forget it.
pub(crate) async fn protect(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    tx.execute_unprepared(PROTECT).await?;
    Ok(())
}

/// Lifts the lock.
pub(crate) async fn release<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    db.execute_unprepared(RELEASE).await?;
    Ok(())
}
