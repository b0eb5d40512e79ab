//! Reading the arguments of our helper attributes.

use proc_macro2::TokenTree;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::{Result, Token};

use crate::errors::Errors;

/// The name of an argument; empty if it is a path of several parts.
pub(crate) fn key(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(ToString::to_string).unwrap_or_default()
}

/// Reads `key = value` into its slot; a second one is an error.
pub(crate) fn value<T: Parse>(
    slot: &mut Option<T>,
    meta: &ParseNestedMeta<'_>,
    errors: &mut Errors,
) -> Result<()> {
    if slot.replace(meta.value()?.parse()?).is_some() {
        errors.add(meta.error(format!("`{}` is said twice", key(meta))));
    }
    Ok(())
}

/// Reports an argument and goes on with the next one.
pub(crate) fn refuse(
    meta: &ParseNestedMeta<'_>,
    why: impl std::fmt::Display,
    errors: &mut Errors,
) -> Result<()> {
    errors.at(&meta.path, why);
    skip(meta.input)
}

fn skip(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
