//! The traits: `State`, `Durable`, and an update as a step.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Type, parse_quote};

use super::Plan;
use super::fields::{Entry, Reduce};
use crate::types;

pub(super) fn expand(plan: &Plan<'_>) -> TokenStream {
    let Plan { name, update, options, entries, .. } = plan;
    let unit: Type = parse_quote!(());
    let context = options.context.as_ref().unwrap_or(&unit);
    let event = options.event.as_ref().unwrap_or(&unit);
    let version = options.version();
    let fields = entries.iter().map(field);
    let here = Span::mixed_site();
    let given = quote_spanned!(here=> update);
    let begin_step = begin_step(entries);
    let entering = entries.iter().map(|entry| enter(entry, &given));
    let writes = writes(entries, &given);
    let forgetting = forget(entries, &given);
    let take_ephemeral = take_ephemeral(entries, &given);
    let durable = durable(plan);
    quote_spanned! {here=>
        #[allow(unused_variables, reason = "a state may have no field that a method looks at")]
        #[automatically_derived]
        impl ::vpaura_graph::State for #name {
            type Update = #update;
            type Context = #context;
            type Event = #event;

            const VERSION: u32 = #version;
            const FIELDS: &'static [::vpaura_graph::Field] = &[#(#fields),*];

            #begin_step

            fn apply(
                &mut self,
                update: Self::Update,
            ) -> ::core::result::Result<(), ::vpaura_graph::ReduceError> {
                #(#entering)*
                ::core::result::Result::Ok(())
            }

            fn writes(update: &Self::Update) -> ::vpaura_graph::Writes {
                #writes
            }

            fn forget(update: &mut Self::Update, fields: ::vpaura_graph::FieldSet) {
                #forgetting
            }

            #take_ephemeral
        }

        #[automatically_derived]
        impl ::core::convert::From<#update> for ::vpaura_graph::Step<#name> {
            fn from(update: #update) -> Self {
                Self::update(update)
            }
        }

        #durable
    }
}

/// The field as data.
fn field(entry: &Entry) -> TokenStream {
    let Entry { name, ephemeral, .. } = entry;
    let ty = types::written(&entry.ty);
    let reducer = match &entry.reduce {
        Reduce::Set => quote!(Set),
        Reduce::Last => quote!(Last),
        Reduce::Append => quote!(Append),
        Reduce::With(path) => {
            let path = types::written(path);
            quote!(Custom(#path))
        }
    };
    quote! {
        ::vpaura_graph::Field {
            name: #name,
            reducer: ::vpaura_graph::Reducer::#reducer,
            ty: #ty,
            ephemeral: #ephemeral,
        }
    }
}

fn begin_step(entries: &[Entry]) -> Option<TokenStream> {
    let mut resets = entries.iter().filter(|entry| entry.ephemeral).map(reset).peekable();
    resets.peek()?;
    Some(quote_spanned! {Span::mixed_site()=>
        fn begin_step(&mut self) {
            #(#resets)*
        }
    })
}

fn reset(entry: &Entry) -> TokenStream {
    let ident = &entry.ident;
    quote_spanned!(entry.here()=> self.#ident = ::core::default::Default::default();)
}

/// One part of the update enters its field.
fn enter(entry: &Entry, update: &TokenStream) -> TokenStream {
    let Entry { ident, name, .. } = entry;
    match &entry.reduce {
        Reduce::Set | Reduce::Last | Reduce::Append => {
            let part = entry.part();
            quote_spanned!(entry.here()=> #part::enter(#update.#ident, &mut self.#ident);)
        }
        Reduce::With(path) => {
            let here = path.span().resolved_at(Span::mixed_site());
            quote_spanned! {here=>
                ::vpaura_graph::update::Merge::enter(
                    #update.#ident,
                    #name,
                    &mut self.#ident,
                    #path,
                )?;
            }
        }
    }
}

fn writes(entries: &[Entry], update: &TokenStream) -> TokenStream {
    let (mut exclusive, mut overwrite) = (TokenStream::new(), TokenStream::new());
    for (bit, entry) in (0_u32..).zip(entries) {
        let (here, ident, part) = (entry.here(), &entry.ident, entry.part());
        match entry.reduce {
            Reduce::Set => exclusive
                .extend(quote_spanned!(here=> .with(#bit, !#part::is_unset(&#update.#ident)))),
            Reduce::Last => {}
            Reduce::Append | Reduce::With(_) => overwrite
                .extend(quote_spanned!(here=> .with(#bit, #part::overwrites(&#update.#ident)))),
        }
    }
    quote! {
        ::vpaura_graph::Writes {
            exclusive: ::vpaura_graph::FieldSet(0)#exclusive,
            overwrite: ::vpaura_graph::FieldSet(0)#overwrite,
        }
    }
}

fn forget(entries: &[Entry], update: &TokenStream) -> TokenStream {
    let here = Span::mixed_site();
    let each = (0_u32..).zip(entries).map(|(bit, Entry { ident, .. })| {
        quote_spanned! {here=>
            if fields.has(#bit) {
                #update.#ident = ::core::default::Default::default();
            }
        }
    });
    quote!(#(#each)*)
}

fn take_ephemeral(entries: &[Entry], update: &TokenStream) -> Option<TokenStream> {
    let here = Span::mixed_site();
    let taken = quote_spanned!(here=> taken);
    let mut each = entries
        .iter()
        .filter(|entry| entry.ephemeral)
        .map(|entry| {
            let (ident, part) = (&entry.ident, entry.part());
            quote_spanned! {entry.here()=>
                if !#part::is_unset(&#update.#ident) {
                    let all = #taken.get_or_insert_with(::core::default::Default::default);
                    all.#ident = ::core::mem::take(&mut #update.#ident);
                }
            }
        })
        .peekable();
    each.peek()?;
    Some(quote_spanned! {here=>
        fn take_ephemeral(update: &mut Self::Update) -> ::core::option::Option<Self::Update> {
            let mut #taken: ::core::option::Option<Self::Update> = ::core::option::Option::None;
            #(#each)*
            #taken
        }
    })
}

fn durable(plan: &Plan<'_>) -> Option<TokenStream> {
    if plan.options.is_transient() {
        return None;
    }
    let name = plan.name;
    let here = Span::mixed_site();
    let migrate = plan.options.migrate.as_ref().map(|path| {
        quote_spanned! {here=>
            fn migrate(
                from: u32,
                part: ::vpaura_graph::Part,
                value: ::vpaura_graph::__private::serde_json::Value,
            ) -> ::core::result::Result<
                ::vpaura_graph::__private::serde_json::Value,
                ::std::string::String,
            > {
                #path(from, part, value)
            }
        }
    });
    Some(quote_spanned! {here=>
        #[automatically_derived]
        impl ::vpaura_graph::Durable for #name {
            #migrate
        }
    })
}
