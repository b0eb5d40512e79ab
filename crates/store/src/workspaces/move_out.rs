//! Moves the users who signed in in a workspace that is being deleted to another one.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_domain::WorkspaceId;

use crate::db::Tx;
use crate::error::Result;

/// The first workspace in use that the user joined, else the default one: as
/// [`standings_of`](crate::Store::standings_of) has them.
const ELSEWHERE: &str = "COALESCE((
    SELECT members.workspace_id FROM members
    JOIN workspaces ON workspaces.id = members.workspace_id AND workspaces.status = 'active'
    WHERE members.user_id = {user} AND members.workspace_id <> $1
    ORDER BY members.created_at, members.workspace_id LIMIT 1), $2)";

/// Moves their sessions, and what leads there at their next sign-in.
pub(super) async fn move_out(tx: &Tx, id: WorkspaceId) -> Result<()> {
    for (table, user, which) in
        [("sessions", "sessions.owner_id", "AND owner_id IS NOT NULL"), ("users", "users.id", "")]
    {
        let elsewhere = ELSEWHERE.replace("{user}", user);
        let sql = format!(
            "UPDATE {table} SET workspace_id = {elsewhere} WHERE workspace_id = $1 {which}"
        );
        let values = [id.uuid().into(), WorkspaceId::DEFAULT.uuid().into()];
        let backend = tx.get_database_backend();
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}
