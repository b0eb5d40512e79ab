//! One file per section of `config.default.toml`: the plain struct, and how it is read.

pub(crate) mod app;
pub(crate) mod auth;
pub(crate) mod files;
pub(crate) mod knowledge;
pub(crate) mod limits;
pub(crate) mod llm;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod oidc;
pub(crate) mod runs;
pub(crate) mod server;
pub(crate) mod storage;
pub(crate) mod tools;
