//! `#[derive(Route)]`: lists the variants of an enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields, Result};

use crate::errors::Errors;

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let mut errors = Errors::default();
    if !input.generics.params.is_empty() {
        errors.at(&input.generics, "a route cannot be generic");
    }
    let Data::Enum(data) = &input.data else {
        errors.at(&input.ident, "a route is an enum: one variant for each way");
        return errors.finish().map(|()| TokenStream::new());
    };
    if data.variants.is_empty() {
        errors.at(&input.ident, "a route needs at least one way to go");
    }
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.at(&variant.fields, "a way carries no values: put them into the state");
        }
    }
    errors.finish()?;
    let name = &input.ident;
    let ways = data.variants.iter().map(|variant| &variant.ident);
    Ok(quote! {
        #[automatically_derived]
        impl ::vpaura_graph::Route for #name {
            const ALL: &'static [Self] = &[#(Self::#ways),*];
        }
    })
}
