//! The conformance suite: every test runs on SQLite and on PostgreSQL, through the public API.
//!
//! PostgreSQL's address comes from `TEST_DATABASE_URL` (see `scripts/test-services.sh`). Without
//! it that half fails, unless `VPAURA_SKIP_POSTGRES=1`.
#![expect(clippy::unwrap_used, reason = "tests")]

mod budgets;
mod chatbots;
mod checkpoints;
mod collections;
mod conversations;
mod db;
mod durability;
mod files;
mod fixtures;
mod groups;
mod idempotency;
mod ingestion;
mod interrupted;
mod killed_graphs;
mod killed_ingestion;
mod knowledge_fixtures;
mod lost_claims;
mod messages;
mod migrations;
mod outages;
mod pages;
mod prompts;
mod quoted;
mod recovery;
mod row_security;
mod runs;
mod search;
mod search_index;
mod sessions;
mod tenancy;
mod tenants;
mod users;
