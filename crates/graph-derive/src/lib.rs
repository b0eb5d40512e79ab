//! The derive macros of `vpaura-graph`, which re-exports them. Use them from there.
//!
//! They read the text of a struct or an enum and write code; what the code means is known to
//! `vpaura-graph` alone.

mod errors;
mod meta;
mod route;
mod state;
mod types;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields the state of a graph.
///
/// Each field says how values enter it. The macro makes an *update*, a struct with a method for
/// each way to write each field, and implements `State` (and `Durable`, so that it can be stored).
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Arc;
///
/// use serde::{Deserialize, Serialize};
/// use serde_json::{Value, json};
/// use vpaura_graph::{Part, State};
///
/// #[derive(State, Clone, Default, Serialize, Deserialize)]
/// #[state(version = 2, migrate = rename_title)]
/// struct Report {
///     /// One node a step may set it; a second one is a conflict.
///     title: Option<String>,
///     /// Several may; the last one stays.
///     #[reduce(last)]
///     status: String,
///     /// Grows, and is stored as what was added.
///     #[reduce(append)]
///     lines: Vec<Arc<str>>,
///     /// Grows in a way of its own.
///     #[reduce(with = count, takes = String)]
///     words: BTreeMap<String, u32>,
///     /// Is gone when the next step's updates arrive.
///     #[state(ephemeral)]
///     hint: Option<String>,
/// }
///
/// fn count(words: &mut BTreeMap<String, u32>, word: String) -> Result<(), String> {
///     let times = words.entry(word).or_default();
///     *times = times.checked_add(1).ok_or("too often")?;
///     Ok(())
/// }
///
/// fn rename_title(from: u32, _: Part, mut stored: Value) -> Result<Value, String> {
///     let fields = stored.as_object_mut().ok_or_else(|| format!("no object in version {from}"))?;
///     if let Some(title) = fields.remove("name") {
///         fields.insert("title".into(), title);
///     }
///     Ok(stored)
/// }
///
/// let update = ReportUpdate::default()
///     .title(Some("Bees".into()))
///     .status("draft")
///     .lines("They hum.")
///     .extend_lines(["They dance.".into()])
///     .words("hum")
///     .words("hum");
/// assert_eq!(
///     serde_json::to_value(&update)?,
///     json!({
///         "title": "Bees",
///         "status": "draft",
///         "lines": {"+": ["They hum.", "They dance."]},
///         "words": {"+": ["hum", "hum"]},
///     })
/// );
///
/// let mut report = Report::default();
/// report.apply(update)?;
/// report.apply(ReportUpdate::default().overwrite_lines(vec!["Bees sleep.".into()]))?;
/// assert_eq!(report.lines, ["Bees sleep.".into()]);
/// assert_eq!(report.words["hum"], 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # On the struct: `#[state(…)]`
///
/// | argument | says | if absent |
/// |---|---|---|
/// | `context = Type` | what nodes need from outside | `()` |
/// | `event = Type` | what nodes emit while they run | `()` |
/// | `update = Name` | the update's name; it is as visible as the struct | the struct's name and `Update` |
/// | `version = N` | the version of the stored form | 1 |
/// | `migrate = path` | `fn(u32, Part, serde_json::Value) -> Result<serde_json::Value, String>`, which reads older ones | none is read |
/// | `transient` | it is never stored: neither `Durable` nor serde is needed | it can be stored |
///
/// Unless it is transient, the struct needs serde's `Serialize` and `Deserialize`:
///
/// ```compile_fail
/// #[derive(vpaura_graph::State, Clone)]
/// struct Unstorable {
///     field: u8,
/// }
/// ```
///
/// # On a field
///
/// | attribute | the update's methods | needs |
/// |---|---|---|
/// | `#[reduce(set)]`, or none | `field(value)` | |
/// | `#[reduce(last)]` | `field(value)` | |
/// | `#[reduce(append)]` | `field(item)`, `extend_field(items)`, `overwrite_field(whole)` | `update::Growing` |
/// | `#[reduce(with = path)]` | `field(value)`, `overwrite_field(whole)` | `fn(&mut T, T)`, which may return a `Result<(), E>` |
/// | `#[reduce(with = path, takes = U)]` | the same | `fn(&mut T, U)` |
/// | `#[state(ephemeral)]`, beside a reducer | | `Default` |
///
/// A value whose type is written `String`, `Arc<…>` or `Box<…>` is taken as whatever converts into
/// it; pointers to a trait are taken as they are.
///
/// # The update's stored form
///
/// A JSON object with the fields that were written, by their Rust names: attributes of serde on the
/// struct's fields do not change it. A value that is set stands for itself, so `null` is a value and
/// an absent field is unset. What is appended or merged is under `"+"`, what is overwritten before it
/// under `"="`. An unknown field is an error: raise the version when fields change.
///
/// The update's `Debug` names the fields that are written and hides their values.
#[proc_macro_derive(State, attributes(state, reduce))]
pub fn derive_state(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    state::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum without values a choice of ways: implements `Route`, which lists them all.
///
/// ```
/// use vpaura_graph::Route;
///
/// #[derive(Route, Debug, Clone, Copy, PartialEq)]
/// enum Next {
///     Ask,
///     Answer,
/// }
///
/// assert_eq!(Next::ALL, [Next::Ask, Next::Answer]);
/// ```
#[proc_macro_derive(Route)]
pub fn derive_route(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    route::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
