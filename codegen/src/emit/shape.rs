//! Structs and their `Model` implementation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{doc, ident, value_type};
use crate::model::{Field, Kind, List, Struct};

/// A struct.
pub(super) fn declare(shape: &Struct) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let fields = shape.fields.iter().map(|field| {
        let docs = doc(&field.doc);
        let name = ident(&field.name);
        let ty = field_type(field, shape.request);
        quote! { #docs pub #name: #ty, }
    });
    quote! {
        #docs
        #[derive(Default)]
        #[non_exhaustive]
        pub struct #name {
            #(#fields)*
        }
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

/// The table of a struct's members, and who has setters for them: the struct itself, or a fluent request.
pub(super) fn members(shape: &Struct, fluent: Option<&str>) -> TokenStream {
    let name = ident(&shape.name);
    let setters = match fluent {
        Some(fluent) => {
            let fluent = ident(fluent);
            Some(quote! { , set by #fluent through request })
        }
        None => shape.request.then(|| quote! { , set by #name }),
    };
    let list = |name: &str, keep: &dyn Fn(&Field) -> bool| {
        let wires: Vec<&str> =
            shape.fields.iter().filter(|field| keep(field)).map(|field| field.wire.as_str()).collect();
        let name = format_ident!("{name}");
        (!wires.is_empty()).then(|| quote! { [#name: #(#wires),*], })
    };
    let required = list("required", &|field| field.required && shape.request);
    let secret = list("secret", &|field| field.sensitive);
    let rows = shape.fields.iter().map(|field| {
        let (name, wire, kind, ty) =
            (ident(&field.name), &field.wire, kind(field, shape.request), element(&field.kind));
        let item = match &field.list {
            Some(List::Wrapped(item)) => Some(quote! { #item, }),
            _ => None,
        };
        quote! { #name: #kind(#item #ty) = #wire, }
    });
    quote! { crate::model::members! { #name #setters; #required #secret #(#rows)* } }
}

/// The variant of `Slot` and `Value` that a field is.
fn kind(field: &Field, request: bool) -> TokenStream {
    let name = match (&field.list, &field.kind) {
        (Some(List::Wrapped(_)), _) => "Wrapped",
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
    quote! { #name }
}

/// Type of a value, of a list's elements or of a map's values.
fn element(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Map => quote! { String },
        kind => value_type(kind),
    }
}

/// Kinds of all fields of structs.
pub(super) fn kinds<'a>(shapes: impl IntoIterator<Item = &'a Struct>) -> impl Iterator<Item = &'a Kind> {
    shapes.into_iter().flat_map(|shape| &shape.fields).map(|field| &field.kind)
}
