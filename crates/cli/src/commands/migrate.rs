//! `vpaura migrate`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use vpaura_domain::SystemClock;
use vpaura_engine::store_settings;
use vpaura_store::Store;

use crate::error::Result;
use crate::terminal;

/// Changes or shows the database's schema.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Action {
    /// Apply every migration that is missing (the default)
    Up,
    /// Undo the newest migrations; what they added is lost
    Down {
        /// How many
        #[arg(default_value_t = 1)]
        steps: u32,
    },
    /// List the migrations and whether each is applied
    Status,
}

impl Migrate {
    pub(crate) async fn run(self) -> Result<()> {
        let config = super::load_config()?;
        let store = Store::connect(&store_settings(&config), Arc::new(SystemClock)).await?;
        let done = act(&store, self.action.unwrap_or(Action::Up)).await;
        store.close().await?;
        done
    }
}

async fn act(store: &Store, action: Action) -> Result<()> {
    match action {
        Action::Up => {
            let applied = store.migrate_up().await?;
            terminal::print_line(&format!("{applied} migrations applied."))?;
        }
        Action::Down { steps } => {
            let undone = store.migrate_down(steps).await?;
            terminal::print_line(&format!("{undone} migrations undone."))?;
        }
        Action::Status => {
            for migration in store.migration_status().await? {
                let state = if migration.applied { "applied" } else { "missing" };
                terminal::print_line(&format!("{state}  {}", migration.name))?;
            }
        }
    }
    Ok(())
}
