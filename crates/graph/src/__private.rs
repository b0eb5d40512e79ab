//! What derived code stands on. Not for use by hand: it changes without notice.

use std::fmt;

pub use {serde, serde_json};

/// Shows an update as the names of the fields that it writes: values must not get into logs.
pub fn debug_update(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[(&str, bool)],
) -> fmt::Result {
    let mut tuple = f.debug_tuple(name);
    for (field, _) in fields.iter().filter(|(_, written)| *written) {
        tuple.field(&format_args!("{field}"));
    }
    tuple.finish()
}
