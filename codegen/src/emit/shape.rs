//! Structs and their `Model` implementation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{deprecated, doc, ident, value_type};
use crate::model::{Field, Kind, List, Struct};

/// A struct, the table of its members, and `new` where callers build it.
pub(super) fn declare(shape: &Struct) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let fields = shape.fields.iter().map(|field| {
        let docs = doc(&field.doc);
        let deprecated = deprecated(field.deprecated.as_ref());
        let name = ident(&field.name);
        let ty = field_type(field, shape.request);
        quote! { #docs #deprecated pub #name: #ty, }
    });
    let model = model(shape);
    quote! {
        #docs
        #[derive(Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }

        #model
    }
}

/// Type of a field.
fn field_type(field: &Field, request: bool) -> TokenStream {
    let value = value_type(&field.kind);
    match (&field.list, &field.kind) {
        (Some(List::Json), _) => quote! { Option<Vec<#value>> },
        (Some(_), _) => quote! { Vec<#value> },
        (None, Kind::Text | Kind::Struct(_)) if !request => value,
        (None, Kind::Map) => value,
        (None, _) => quote! { Option<#value> },
    }
}

/// The variant of `Slot` and `Value` that a field is.
fn variant(field: &Field, request: bool) -> (TokenStream, Option<&str>) {
    let name = match (&field.list, &field.kind) {
        (Some(List::Wrapped(item)), _) => return (quote! { Wrapped }, Some(item)),
        (Some(List::Json), _) => "JsonList",
        (Some(List::Comma), _) => "CommaList",
        (Some(List::Repeat | List::Plain), _) => "List",
        (None, Kind::Text) if request => "OptionText",
        (None, Kind::Text) => "Text",
        (None, Kind::Bool | Kind::I32 | Kind::I64 | Kind::F32 | Kind::F64) => "Scalar",
        (None, Kind::Enum(_)) => "Enum",
        (None, Kind::Map) if field.json => "JsonMap",
        (None, Kind::Map) => "Map",
        (None, Kind::Struct(_)) if field.json => "JsonModel",
        (None, Kind::Struct(_)) if request => "OptionModel",
        (None, Kind::Struct(_)) => "Model",
    };
    let name = format_ident!("{name}");
    (quote! { #name }, None)
}

/// `Model` for a struct.
fn model(shape: &Struct) -> TokenStream {
    let name = ident(&shape.name);
    let slots = shape.fields.iter().map(|field| {
        let wire = &field.wire;
        let name = ident(&field.name);
        match variant(field, shape.request) {
            (variant, Some(item)) => quote! { #wire => Slot::#variant(#item, &mut self.#name), },
            (variant, None) => quote! { #wire => Slot::#variant(&mut self.#name), },
        }
    });
    let values = shape.fields.iter().map(|field| {
        let wire = &field.wire;
        let name = ident(&field.name);
        match variant(field, shape.request) {
            (variant, Some(item)) => quote! { each(#wire, Value::#variant(#item, &self.#name)); },
            (variant, None) => quote! { each(#wire, Value::#variant(&self.#name)); },
        }
    });
    let allow = shape
        .fields
        .iter()
        .any(|field| field.deprecated.is_some())
        .then(|| quote! { #[allow(deprecated)] });
    let list = |name: &str, keep: &dyn Fn(&Field) -> bool| {
        let wires: Vec<&str> = shape.fields.iter().filter(|field| keep(field)).map(|field| field.wire.as_str()).collect();
        let name = format_ident!("{name}");
        (!wires.is_empty()).then(|| quote! { fn #name(&self) -> &'static [&'static str] { &[#(#wires),*] } })
    };
    let required = list("required", &|field| field.required && shape.request);
    let secret = list("secret", &|field| field.sensitive);
    if shape.fields.is_empty() {
        return quote! {
            impl Model for #name {
                fn slot(&mut self, _: &str) -> Option<Slot<'_>> {
                    None
                }

                fn visit<'a>(&'a self, _: &mut dyn FnMut(&'static str, Value<'a>)) {}
            }
        };
    }
    quote! {
        #allow
        impl Model for #name {
            fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
                let slot = match name {
                    #(#slots)*
                    _ => return None,
                };
                Some(slot)
            }

            fn visit<'a>(&'a self, each: &mut dyn FnMut(&'static str, Value<'a>)) {
                #(#values)*
            }

            #required

            #secret
        }
    }
}

/// Kinds of all fields of structs.
pub(super) fn kinds<'a>(shapes: impl IntoIterator<Item = &'a Struct>) -> impl Iterator<Item = &'a Kind> {
    shapes.into_iter().flat_map(|shape| &shape.fields).map(|field| &field.kind)
}
