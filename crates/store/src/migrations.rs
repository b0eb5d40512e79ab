//! The schema's history, oldest first. A migration that has been released is never edited; a
//! change is a new file here.

mod m0001_chat;
mod m0002_graph;
mod m0003_interrupted;
mod m0004_identity;
mod m0005_row_security;
mod m0006_knowledge;
mod m0007_released;
mod m0008_notice;
mod m0009_lost;
mod m0010_askers;
mod m0011_unquoted_search;

use sea_orm_migration::prelude::*;

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_chat::Migration),
            Box::new(m0002_graph::Migration),
            Box::new(m0003_interrupted::Migration),
            Box::new(m0004_identity::Migration),
            Box::new(m0005_row_security::Migration),
            Box::new(m0006_knowledge::Migration),
            Box::new(m0007_released::Migration),
            Box::new(m0008_notice::Migration),
            Box::new(m0009_lost::Migration),
            Box::new(m0010_askers::Migration),
            Box::new(m0011_unquoted_search::Migration),
        ]
    }
}
