//! The update: a struct with one part for each field, and the methods that fill it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{LitStr, Type};

use super::Plan;
use super::fields::{Entry, Reduce};
use crate::types;

pub(super) fn expand(plan: &Plan<'_>) -> TokenStream {
    let Plan { vis, name, update, .. } = plan;
    let here = Span::mixed_site();
    let about = format!("What a node changes in [`{name}`]. The default changes nothing.");
    let stored = !plan.options.is_transient();
    let serde = stored.then(|| {
        quote_spanned! {here=>
            #[derive(
                ::vpaura_graph::__private::serde::Serialize,
                ::vpaura_graph::__private::serde::Deserialize,
            )]
            #[serde(crate = "::vpaura_graph::__private::serde", deny_unknown_fields)]
        }
    });
    let parts = plan.entries.iter().map(|entry| part(entry, stored));
    let methods = plan.entries.iter().map(|entry| methods(plan, entry));
    let written = plan.entries.iter().map(|entry| {
        let (Entry { ident, name, .. }, part) = (entry, entry.part());
        quote_spanned!(entry.here()=> (#name, !#part::is_unset(&self.#ident)))
    });
    let label = update.to_string();
    quote_spanned! {here=>
        #[doc = #about]
        #[derive(::core::clone::Clone, ::core::default::Default)]
        #serde
        #vis struct #update {
            #(#parts)*
        }

        #[allow(dead_code, reason = "a graph may not need every way to write every field")]
        impl #update {
            #(#methods)*
        }

        /// Names the fields that are written, without their values.
        #[automatically_derived]
        impl ::core::fmt::Debug for #update {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::vpaura_graph::__private::debug_update(f, #label, &[#(#written),*])
            }
        }
    }
}

/// The update's field.
fn part(entry: &Entry, stored: bool) -> TokenStream {
    let Entry { ident, ty, takes, .. } = entry;
    let (here, part) = (entry.here(), entry.part());
    let arguments = match entry.reduce {
        Reduce::Set | Reduce::Last | Reduce::Append => quote!(#ty),
        Reduce::With(_) => quote!(#ty, #takes),
    };
    let is_unset = LitStr::new(&types::written(&quote!(#part::is_unset)), here);
    let serde =
        stored.then(|| quote_spanned!(here=> #[serde(default, skip_serializing_if = #is_unset)]));
    quote_spanned!(here=> #serde #ident: #part<#arguments>,)
}

fn methods(plan: &Plan<'_>, entry: &Entry) -> TokenStream {
    let name = &entry.name;
    let add = match &entry.reduce {
        Reduce::Set => return set(plan, entry, &format!("Sets `{name}`.")),
        Reduce::Last => {
            let about =
                format!("Sets `{name}`. If several nodes of a step do, the last one stays.");
            return set(plan, entry, &about);
        }
        Reduce::Append => append(plan, entry),
        Reduce::With(path) => {
            let about = format!("Merges a value into `{name}` with `{}`.", types::written(path));
            push(plan, entry, &about, &entry.takes)
        }
    };
    let overwrite = overwrite(plan, entry);
    quote!(#add #overwrite)
}

fn set(plan: &Plan<'_>, entry: &Entry, about: &str) -> TokenStream {
    let (vis, Entry { ident, ty, docs, .. }) = (plan.vis, entry);
    let (here, part) = (entry.here(), entry.part());
    let (argument, value) = types::argument(ty, &quote_spanned!(here=> value));
    quote_spanned! {here=>
        #[doc = #about]
        ///
        #(#docs)*
        #[must_use]
        #vis fn #ident(mut self, value: #argument) -> Self {
            self.#ident = #part(::core::option::Option::Some(#value));
            self
        }
    }
}

fn append(plan: &Plan<'_>, entry: &Entry) -> TokenStream {
    let (vis, Entry { ident, name, ty, .. }) = (plan.vis, entry);
    let item = types::item(ty);
    let (extend, part) = (entry.extend(), entry.part());
    let one = push(plan, entry, &format!("Adds a value to `{name}`."), &item);
    let about = format!("Adds several values to `{name}`.");
    quote_spanned! {entry.here()=>
        #one

        #[doc = #about]
        #[must_use]
        #vis fn #extend(
            mut self,
            items: impl ::core::iter::IntoIterator<Item = #item>,
        ) -> Self {
            for item in items {
                #part::push(&mut self.#ident, item);
            }
            self
        }
    }
}

/// The method that adds one value to what is to be appended or merged.
fn push(plan: &Plan<'_>, entry: &Entry, about: &str, ty: &Type) -> TokenStream {
    let (vis, Entry { ident, docs, .. }) = (plan.vis, entry);
    let (here, part) = (entry.here(), entry.part());
    let (argument, value) = types::argument(ty, &quote_spanned!(here=> value));
    quote_spanned! {here=>
        #[doc = #about]
        ///
        #(#docs)*
        #[must_use]
        #vis fn #ident(mut self, value: #argument) -> Self {
            #part::push(&mut self.#ident, #value);
            self
        }
    }
}

fn overwrite(plan: &Plan<'_>, entry: &Entry) -> TokenStream {
    let (vis, Entry { ident, name, ty, .. }) = (plan.vis, entry);
    let method = entry.overwrite();
    let (here, part) = (entry.here(), entry.part());
    let (argument, value) = types::argument(ty, &quote_spanned!(here=> whole));
    let about = format!("Replaces `{name}`. What other nodes of the step give for it is dropped.");
    quote_spanned! {here=>
        #[doc = #about]
        #[must_use]
        #vis fn #method(mut self, whole: #argument) -> Self {
            #part::overwrite(&mut self.#ident, #value);
            self
        }
    }
}
