//! `#[derive(State)]`: makes the update of a state, and says how it enters the state.

mod fields;
mod options;
mod traits;
mod update;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, Ident, Result, Visibility};

use crate::errors::Errors;
use fields::Entry;
use options::Options;

/// All that the expansion is made of.
struct Plan<'a> {
    vis: &'a Visibility,
    name: &'a Ident,
    /// The update's name.
    update: Ident,
    options: Options,
    entries: Vec<Entry>,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut errors = Errors::default();
    let options = Options::read(&input.attrs, &mut errors);
    if !input.generics.params.is_empty() {
        errors.at(&input.generics, "a state cannot be generic: implement `State` by hand");
    }
    let entries = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => fields::read(&named.named, &input.ident, &mut errors),
            Fields::Unnamed(unnamed) => {
                errors.at(unnamed, "the fields of a state need names");
                Vec::new()
            }
            Fields::Unit => {
                errors.at(&input.ident, "a state has named fields: write `{}` if there are none");
                Vec::new()
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            errors.at(&input.ident, "a state is a struct with named fields");
            Vec::new()
        }
    };
    errors.finish()?;
    let update = options.update.clone().unwrap_or_else(|| format_ident!("{}Update", input.ident));
    let plan = Plan { vis: &input.vis, name: &input.ident, update, options, entries };
    let parts = [update::expand(&plan), traits::expand(&plan)];
    Ok(quote!(#(#parts)*))
}
