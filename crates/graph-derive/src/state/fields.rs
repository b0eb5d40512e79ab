//! The fields of a state: `#[reduce(…)]` and `#[state(ephemeral)]`.

use std::collections::BTreeMap;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, ExprPath, Field, Ident, Result, Token, Type};

use crate::errors::Errors;
use crate::{meta, types};

/// As many as a `FieldSet` has bits.
const MAX_FIELDS: usize = 64;

/// One field.
pub(super) struct Entry {
    pub(super) ident: Ident,
    /// Its name, without `r#`.
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) docs: Vec<Attribute>,
    pub(super) reduce: Reduce,
    /// What a reducer of the state's own takes.
    pub(super) takes: Type,
    pub(super) ephemeral: bool,
}

/// How values enter it.
pub(super) enum Reduce {
    Set,
    Last,
    Append,
    With(ExprPath),
}

impl Entry {
    /// Where derived code about the field stands: what does not fit is shown at its type.
    pub(super) fn here(&self) -> Span {
        self.ty.span().resolved_at(Span::mixed_site())
    }

    /// The type of its part in the update, without arguments.
    pub(super) fn part(&self) -> TokenStream {
        let part = match self.reduce {
            Reduce::Set | Reduce::Last => "Set",
            Reduce::Append => "Append",
            Reduce::With(_) => "Merge",
        };
        let here = self.here();
        let part = Ident::new(part, here);
        quote_spanned!(here=> ::vpaura_graph::update::#part)
    }

    /// The builder method that adds several values.
    pub(super) fn extend(&self) -> Ident {
        format_ident!("extend_{}", self.name, span = self.ident.span())
    }

    /// The builder method that replaces the field past its reducer.
    pub(super) fn overwrite(&self) -> Ident {
        format_ident!("overwrite_{}", self.name, span = self.ident.span())
    }

    fn methods(&self) -> Vec<Ident> {
        match self.reduce {
            Reduce::Set | Reduce::Last => vec![self.ident.clone()],
            Reduce::Append => vec![self.ident.clone(), self.extend(), self.overwrite()],
            Reduce::With(_) => vec![self.ident.clone(), self.overwrite()],
        }
    }
}

pub(super) fn read(
    fields: &Punctuated<Field, Token![,]>,
    this: &Ident,
    errors: &mut Errors,
) -> Vec<Entry> {
    if let Some(field) = fields.iter().nth(MAX_FIELDS) {
        let why = format!("a state has at most {MAX_FIELDS} fields: put some of them together");
        errors.at(&field.ident, why);
    }
    let entries: Vec<Entry> =
        fields.iter().filter_map(|field| read_one(field, this, errors)).collect();
    check_methods(&entries, errors);
    entries
}

fn read_one(field: &Field, this: &Ident, errors: &mut Errors) -> Option<Entry> {
    let ident = field.ident.clone()?;
    let ty = errors.take(types::named(&field.ty, this))?;
    let mut said = Said::default();
    for attribute in &field.attrs {
        let read = if attribute.path().is_ident("reduce") {
            attribute.parse_nested_meta(|argument| said.reducer(&argument, errors))
        } else if attribute.path().is_ident("state") {
            attribute.parse_nested_meta(|argument| said.lifetime(&argument, errors))
        } else {
            Ok(())
        };
        errors.take(read);
    }
    let reduce = said.reducer.unwrap_or(Reduce::Set);
    let takes = match said.takes {
        None => ty.clone(),
        Some(takes) if matches!(reduce, Reduce::With(_)) => {
            errors.take(types::named(&takes, this))?
        }
        Some(takes) => {
            errors.at(takes, "`takes` is for a reducer of your own: `with = path`");
            return None;
        }
    };
    let docs = field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned();
    Some(Entry {
        name: ident.unraw().to_string(),
        ident,
        ty,
        docs: docs.collect(),
        reduce,
        takes,
        ephemeral: said.ephemeral,
    })
}

/// What the attributes of a field say.
#[derive(Default)]
struct Said {
    reducer: Option<Reduce>,
    takes: Option<Type>,
    ephemeral: bool,
}

impl Said {
    fn reducer(&mut self, argument: &ParseNestedMeta<'_>, errors: &mut Errors) -> Result<()> {
        let reducer = match meta::key(argument).as_str() {
            "set" => Reduce::Set,
            "last" => Reduce::Last,
            "append" => Reduce::Append,
            "with" => Reduce::With(argument.value()?.parse()?),
            "takes" => return meta::value(&mut self.takes, argument, errors),
            _ => {
                let why = "unknown reducer: there are `set`, `last`, `append` and `with = path`, \
                           with `takes = Type`";
                return meta::refuse(argument, why, errors);
            }
        };
        if self.reducer.replace(reducer).is_some() {
            errors.at(&argument.path, "a field has one reducer");
        }
        Ok(())
    }

    fn lifetime(&mut self, argument: &ParseNestedMeta<'_>, errors: &mut Errors) -> Result<()> {
        match meta::key(argument).as_str() {
            "ephemeral" => self.ephemeral = true,
            "context" | "event" | "version" | "migrate" | "update" | "transient" => {
                return meta::refuse(argument, "it belongs on the struct", errors);
            }
            _ => return meta::refuse(argument, "unknown: a field can be `ephemeral`", errors),
        }
        Ok(())
    }
}

/// Two fields can ask for one name, as `log` and `extend_log` do.
fn check_methods(entries: &[Entry], errors: &mut Errors) {
    let mut taken: BTreeMap<String, &Entry> = BTreeMap::new();
    for entry in entries {
        for method in entry.methods() {
            if let Some(other) = taken.insert(method.unraw().to_string(), entry) {
                let why = format!(
                    "the update has a method `{}` for the field `{}` already: rename one",
                    method.unraw(),
                    other.name
                );
                errors.at(&entry.ident, why);
            }
        }
    }
}
