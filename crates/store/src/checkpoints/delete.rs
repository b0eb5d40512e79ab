//! Deletes a thread with everything of it.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_graph::ThreadId;

use super::Checkpoints;
use crate::error::Result;

const DELETE: &str = "DELETE FROM graph_threads WHERE workspace_id = $1 AND name = $2";

impl Checkpoints {
    pub(super) async fn delete_thread(&self, name: &ThreadId) -> Result<()> {
        let workspace = self.workspace;
        self.store
            .write(self.within(), name.clone(), move |tx, name| {
                Box::pin(async move {
                    let values = [workspace.into(), name.as_str().into()];
                    let backend = tx.get_database_backend();
                    tx.execute_raw(Statement::from_sql_and_values(backend, DELETE, values)).await?;
                    Ok(())
                })
            })
            .await
    }
}
