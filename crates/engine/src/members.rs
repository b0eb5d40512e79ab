//! Members of a workspace: list, give another role, remove.

mod change;
mod list;
mod remove;
