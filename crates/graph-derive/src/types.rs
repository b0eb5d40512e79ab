//! What can be told of a type from how it is written.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, PathSegment, Result, Type};

/// The type with `Self` replaced by its name: it is used in another type too.
pub(crate) fn named(ty: &Type, this: &Ident) -> Result<Type> {
    syn::parse2(without_self(ty.to_token_stream(), this))
}

fn without_self(tokens: TokenStream, this: &Ident) -> TokenStream {
    let replace = |token| match token {
        TokenTree::Ident(word) if word == "Self" => {
            Ident::new(&this.to_string(), word.span()).into()
        }
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), without_self(group.stream(), this));
            replaced.set_span(group.span());
            replaced.into()
        }
        other => other,
    };
    tokens.into_iter().map(replace).collect()
}

/// The type of an argument, and what is made of an argument called `name`. Texts and pointers are
/// taken as whatever converts into them. Not pointers to a trait: those coerce instead.
pub(crate) fn argument(ty: &Type, name: &TokenStream) -> (TokenStream, TokenStream) {
    if converts(ty) {
        (quote!(impl ::core::convert::Into<#ty>), quote!(::core::convert::Into::into(#name)))
    } else {
        (quote!(#ty), name.clone())
    }
}

fn converts(ty: &Type) -> bool {
    let Some(segment) = last_segment(ty) else { return false };
    if segment.ident == "String" {
        return segment.arguments.is_empty();
    }
    let pointer = segment.ident == "Arc" || segment.ident == "Box";
    pointer && only_argument(segment).is_some_and(|to| !matches!(peel(to), Type::TraitObject(_)))
}

/// What is added to a field of this type one by one.
pub(crate) fn item(ty: &Type) -> Type {
    let listed = last_segment(ty)
        .filter(|segment| ["Vec", "VecDeque", "BTreeSet"].iter().any(|list| segment.ident == list))
        .and_then(only_argument);
    match listed {
        Some(item) => item.clone(),
        None if converts(ty) => ty.clone(),
        None => Type::Verbatim(quote!(<#ty as ::vpaura_graph::update::Growing>::Item)),
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

fn only_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(ty)) if arguments.args.len() == 1 => Some(ty),
        _ => None,
    }
}

/// The type inside of parentheses, and of the marks that other macros leave.
fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        other => other,
    }
}

/// Tokens as text, spaced as `rustfmt` would. Not what the compiler prints: that differs between
/// its versions, and the text is compared with stored ones.
pub(crate) fn written(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(tokens.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut arrow = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(mark) => {
                let next = mark.spacing() == Spacing::Joint;
                match mark.as_char() {
                    '-' if next => text.push_str(" -"),
                    '>' if arrow => text.push_str("> "),
                    '+' => text.push_str(" + "),
                    '=' => text.push_str(" = "),
                    ',' => text.push_str(", "),
                    ';' => text.push_str("; "),
                    other => text.push(other),
                }
                arrow = mark.as_char() == '-' && next;
                continue;
            }
            word => {
                if text.ends_with(|last: char| last.is_alphanumeric() || "_>".contains(last)) {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
        arrow = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Type {
        syn::parse_str(text).expect("a type")
    }

    #[test]
    fn types_are_written_as_people_write_them() {
        for text in [
            "Vec<Arc<Message>>",
            "BTreeMap<String, (u8, [u8; 4])>",
            "Box<dyn Fn(&str, u8) -> Option<u8> + Send + Sync>",
            "&'static str",
            "std::collections::VecDeque<u64>",
            "Box<dyn Iterator<Item = u8>>",
            "*const u8",
            "<Mine<u8> as Growing>::Item",
            "fn()",
        ] {
            let spaced = parsed(text).to_token_stream().to_string();
            assert_eq!(written(&parsed(&spaced)), text);
        }
    }

    #[test]
    fn texts_and_pointers_are_taken_as_what_converts_into_them() {
        for text in ["String", "std::string::String", "(String)", "Arc<str>", "Box<[u8]>"] {
            assert!(converts(&parsed(text)), "{text}");
        }
        for text in ["str", "Arc<dyn Tool>", "Box<(dyn Tool + Send)>", "Rc<u8>", "Option<String>"] {
            assert!(!converts(&parsed(text)), "{text}");
        }
    }

    #[test]
    fn the_item_of_a_list_is_known_by_name() {
        let item = |text| written(&item(&parsed(text)));
        assert_eq!(item("Vec<Arc<str>>"), "Arc<str>");
        assert_eq!(item("std::collections::BTreeSet<u8>"), "u8");
        assert_eq!(item("String"), "String");
        assert!(item("Mine<u8>").ends_with("Growing>::Item"));
    }

    #[test]
    fn self_is_named() {
        let this = Ident::new("Tree", proc_macro2::Span::call_site());
        let named = named(&parsed("Vec<(u8, Box<Self>)>"), &this).expect("a type");
        assert_eq!(written(&named), "Vec<(u8, Box<Tree>)>");
    }
}
