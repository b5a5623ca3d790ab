//! Setters of fluent requests and of the structs inside them.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{deprecated, doc, ident, value_type};
use crate::model::{Field, Kind, List, Struct};

/// Setters of a fluent request, which holds its data in `self.request`.
pub(super) fn fluent(request: &Struct) -> TokenStream {
    let owner = &request.name;
    let setters = request.fields.iter().map(|field| setter(field, &quote! { self.request }, owner));
    quote! { #(#setters)* }
}

/// `new` and the setters of a struct inside a request.
pub(super) fn nested(shape: &Struct) -> TokenStream {
    let name = ident(&shape.name);
    let setters = shape.fields.iter().map(|field| setter(field, &quote! { self }, "Self"));
    quote! {
        impl #name {
            /// Starts with nothing set.
            pub fn new() -> Self {
                Self::default()
            }

            #(#setters)*
        }
    }
}

fn setter(field: &Field, target: &TokenStream, owner: &str) -> TokenStream {
    let plain = field.name.trim_start_matches("r#");
    let docs = doc(&format!("Sets [`{plain}`]({owner}::{plain})."));
    let deprecated = deprecated(field.deprecated.as_ref());
    let allow = field.deprecated.is_some().then(|| quote! { #[allow(deprecated)] });
    let name = ident(&field.name);
    let value = value_type(&field.kind);
    let (argument, assigned) = match (&field.list, &field.kind) {
        (Some(list), _) => {
            let collected = quote! { values.into_iter().map(Into::into).collect() };
            let assigned = if *list == List::Json { quote! { Some(#collected) } } else { collected };
            (quote! { values: impl IntoIterator<Item = impl Into<#value>> }, assigned)
        }
        (None, Kind::Map) => (
            quote! { values: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)> },
            quote! { values.into_iter().map(|(key, value)| (key.into(), value.into())).collect() },
        ),
        (None, Kind::F32) => (quote! { value: f32 }, quote! { Some(value) }),
        (None, _) => {
            let argument = format_ident!("value");
            (quote! { #argument: impl Into<#value> }, quote! { Some(value.into()) })
        }
    };
    quote! {
        #docs
        #deprecated
        #allow
        pub fn #name(mut self, #argument) -> Self {
            #target.#name = #assigned;
            self
        }
    }
}
