//! Open enums.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{doc, ident};
use crate::{model::Enum, naming::CATCH_ALL};

/// An open enum and the table of its values.
pub(super) fn declare(shape: &Enum) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let catch_all = ident(CATCH_ALL);
    let variants = shape.variants.iter().map(|variant| {
        let docs = doc(&format!("`{}`: {}", variant.wire, lower_first(&variant.doc)));
        let name = ident(&variant.name);
        quote! { #docs #name, }
    });
    let known = shape.variants.iter().map(|variant| {
        let wire = &variant.wire;
        let name = ident(&variant.name);
        quote! { (#wire, Self::#name) }
    });
    quote! {
        #docs
        #[derive(Clone)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            /// A value unknown to this version, verbatim.
            #catch_all(String),
        }

        impl OpenEnum for #name {
            const KNOWN: &'static [(&'static str, Self)] = &[#(#known),*];
        }
    }
}

/// A sentence as it stands behind a colon: acronyms keep their capitals.
fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    if chars.clone().next().is_some_and(|second| second.is_uppercase() || second.is_ascii_digit()) {
        return text.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}
