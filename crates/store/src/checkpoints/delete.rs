//! Deletes a thread with everything of it.

use sea_orm::{ConnectionTrait, Statement};
use vpaura_graph::ThreadId;
use vpaura_graph::store::Lease;

use super::{Answer, Checkpoints, thread};

const DELETE: &str = "DELETE FROM graph_threads WHERE workspace_id = $1 AND name = $2";

impl Checkpoints {
    /// With a lease, unless that is superseded.
    pub(super) async fn delete_thread(&self, name: &ThreadId, lease: Option<Lease>) -> Answer<()> {
        let workspace = self.workspace;
        self.store
            .write(self.within(), (name.clone(), lease), move |tx, (name, lease)| {
                Box::pin(async move {
                    if let Some(lease) = lease {
                        let found = thread::find_and_lock(tx, workspace, name).await?;
                        if let Err(refusal) = thread::not_fenced(found.as_ref(), lease) {
                            return Ok(Err(refusal));
                        }
                    }
                    let values = [workspace.into(), name.as_str().into()];
                    let backend = tx.get_database_backend();
                    tx.execute_raw(Statement::from_sql_and_values(backend, DELETE, values)).await?;
                    Ok(Ok(()))
                })
            })
            .await
    }
}
