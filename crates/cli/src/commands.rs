//! The commands, one module each.

pub(crate) mod admin;
pub(crate) mod chat;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod extract_child;
pub(crate) mod graph;
pub(crate) mod ingest;
pub(crate) mod migrate;
pub(crate) mod search;
pub(crate) mod serve;

use vpaura_config::{Config, Sources};

use crate::error::Result;
use crate::terminal;

/// The configuration of this process, with its notices told.
pub(crate) fn load_config() -> Result<Config> {
    let config = Config::load(&Sources::from_process())?;
    for notice in &config.notices {
        terminal::note(notice);
    }
    Ok(config)
}
