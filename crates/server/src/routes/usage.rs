//! `/workspaces/{id}/usage`: what was used, added up.

mod report;

pub(crate) use report::*;
