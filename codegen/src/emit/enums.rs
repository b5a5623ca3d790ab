//! Open enums.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{doc, ident};
use crate::{lower::code_span, model::Enum, naming::CATCH_ALL};

/// An open enum and the table of its values.
pub(super) fn declare(shape: &Enum) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let catch_all = ident(CATCH_ALL);
    let variants = shape.variants.iter().map(|variant| {
        let docs = if variant.wire == variant.name {
            doc(&variant.doc)
        } else {
            doc(&format!("{} Wire value: {}.", variant.doc, code_span(&variant.wire)))
        };
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
            /// A value unknown to this version, verbatim. A `match` needs a `_` arm, because later versions may know more
            /// values.
            #catch_all(String),
        }

        impl OpenEnum for #name {
            const KNOWN: &'static [(&'static str, Self)] = &[#(#known),*];
        }
    }
}
