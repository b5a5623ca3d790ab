//! Structs and their `Model` implementation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::tokens::{doc, ident, value_type};
use crate::model::{Field, Kind, List, Struct};

/// A struct; a response has a private field more, for how the call went.
pub(super) fn declare(shape: &Struct, meta: bool) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let fields = fields(shape);
    let meta = meta.then(|| quote! { meta: crate::ResponseMeta, });
    quote! {
        #docs
        #[derive(Default)]
        #[non_exhaustive]
        pub struct #name {
            #fields
            #meta
        }
    }
}

/// The fields of a struct.
pub(super) fn fields(shape: &Struct) -> TokenStream {
    let fields = shape.fields.iter().map(|field| {
        let docs = doc(&field.doc);
        let name = ident(&field.name);
        let ty = field_type(field, shape.request);
        quote! { #docs pub #name: #ty, }
    });
    quote! { #(#fields)* }
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

/// Who a struct's table makes more for than the struct.
pub(super) enum Owner<'a> {
    /// The struct has setters where it is sent.
    Itself,
    /// It is a request, which the fluent request of this name sends.
    Fluent(&'a str),
    /// It is a response, which tells how the call went.
    Call,
}

/// The table of a struct's members.
pub(super) fn members(shape: &Struct, owner: &Owner<'_>) -> TokenStream {
    let name = ident(&shape.name);
    let owner = match owner {
        Owner::Itself => shape.request.then(|| quote! { , with setters }),
        Owner::Fluent(fluent) => {
            let fluent = ident(fluent);
            Some(quote! { , sent by #fluent })
        }
        Owner::Call => Some(quote! { , with meta }),
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
        let (name, wire, kind, ty) = (ident(&field.name), &field.wire, setter(field), element(&field.kind));
        let style = style(field, shape.request).map(|style| quote! { as #style });
        quote! { #name: #kind(#ty) = #wire #style, }
    });
    quote! { crate::model::members! { #name #owner; #required #secret #(#rows)* } }
}

/// The kind of setter that a field has, or would have.
fn setter(field: &Field) -> TokenStream {
    match (&field.list, &field.kind) {
        (Some(List::Json), _) => quote! { OptionList },
        (Some(_), _) => quote! { List },
        (None, Kind::Map) => quote! { Map },
        (None, _) => quote! { One },
    }
}

/// How a field travels, if not in the usual way.
fn style(field: &Field, request: bool) -> Option<TokenStream> {
    // Only requests are written in a form; a response keeps what it says.
    let time = || field.time.as_ref().filter(|_| request).map(|form| quote! { Time(#form) });
    match &field.list {
        Some(List::Wrapped(item)) => Some(quote! { Wrapped(#item) }),
        Some(List::Comma) => Some(quote! { Comma }),
        Some(List::Json) => Some(quote! { Json }),
        Some(List::Repeat | List::Plain) => time(),
        None if field.json => Some(quote! { Json }),
        None => time(),
    }
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
