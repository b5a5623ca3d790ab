//! Structs and their `Model` implementation.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::tokens::{doc, ident, value_type};
use crate::model::{Content, Field, Kind, List, Struct};

/// A struct. Responses have an additional private field for the metadata of the call.
pub(super) fn declare(shape: &Struct, meta: bool) -> TokenStream {
    let name = ident(&shape.name);
    let docs = doc(&shape.doc);
    let fields = fields(shape);
    let meta = meta.then(|| quote! { meta: crate::ResponseMeta, });
    let encoding = has_encoding(shape).then(|| quote! { encoding: crate::content::Encoding, });
    let derive = contains_structs(shape).then(|| quote! { #[derive(Default)] });
    quote! {
        #docs
        #derive
        #[non_exhaustive]
        pub struct #name {
            #fields
            #meta
            #encoding
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

/// The setters of a struct.
pub(super) fn setters(shape: &Struct) -> TokenStream {
    let fields = shape.in_setter_order().into_iter().filter(|field| !field.is_set_with_content);
    let setters = fields.map(|field| {
        if let Some(content) = &field.content {
            return content_setters(field, content);
        }
        let docs = doc(&field.doc);
        let name = ident(&field.name);
        let ty = value_type(&field.kind);
        let is_list = field.list.is_some();
        let value = ident(if is_list || field.kind == Kind::Map { "values" } else { "value" });
        let (argument, assigned) = match (&field.list, &field.kind) {
            (Some(list), _) => {
                let collected = quote! { values.into_iter().map(Into::into).collect() };
                let assigned = if *list == List::Json {
                    quote! { Some(#collected) }
                } else {
                    collected
                };
                (quote! { impl IntoIterator<Item = impl Into<#ty>> }, assigned)
            }
            (None, Kind::Map) => (
                quote! { impl IntoIterator<Item = (impl Into<String>, impl Into<String>)> },
                quote! { values.into_iter().map(|(key, value)| (key.into(), value.into())).collect() },
            ),
            // The type of a literal without a suffix would be ambiguous as `impl Into<i64>`.
            (None, kind) if kind.is_scalar() => (ty.clone(), quote! { Some(value) }),
            (None, _) => (quote! { impl Into<#ty> }, quote! { Some(value.into()) }),
        };
        // Generic setters are compiled in the crates that use them. `#[inline]` has the same effect on the others.
        let inline = (field.list.is_none() && field.kind.is_scalar()).then(|| quote! { #[inline] });
        quote! {
            #docs
            #inline
            pub fn #name(mut self, #value: #argument) -> Self {
                self.#name = #assigned;
                self
            }
        }
    });
    quote! { #(#setters)* }
}

/// The conversion from a key and a value, for structs that have nothing else, such as tags.
pub(super) fn from_pair(shape: &Struct) -> Option<TokenStream> {
    let is_text = |field: &Field, name: &str| {
        field.wire.eq_ignore_ascii_case(name) && field.kind == Kind::Text && field.list.is_none()
    };
    let [key, value] = shape.fields.as_slice() else { return None };
    if !shape.request || !is_text(key, "Key") || !is_text(value, "Value") {
        return None;
    }
    let struct_name = ident(&shape.name);
    let (key, value) = (ident(&key.name), ident(&value.name));
    Some(quote! {
        impl<K: Into<String>, V: Into<String>> From<(K, V)> for #struct_name {
            fn from((key, value): (K, V)) -> Self {
                Self::new().#key(key).#value(value)
            }
        }
    })
}

/// The setters of content: one encodes it, the other takes Base64.
fn content_setters(field: &Field, content: &Content) -> TokenStream {
    let docs = doc(&field.doc);
    let name = ident(&field.name);
    let plain_name = field.name.trim_start_matches("r#");
    let base64_name = format_ident!("{plain_name}_base64");
    let state = match content {
        Content::Stated { field, ty, variant, .. } => {
            let (field, ty, variant) = (ident(field), value_type(ty), ident(variant));
            Some(quote! { self.#field = Some(#ty::#variant); })
        }
        Content::Base64 | Content::Requested => None,
    };
    let also = match content {
        Content::Stated { field, .. } => {
            format!(", and [`{0}`](Self::{0}) to Base64", field.trim_start_matches("r#"))
        }
        Content::Base64 | Content::Requested => String::new(),
    };
    let base64_docs =
        doc(&format!("Sets [`{plain_name}`](Self::{plain_name}) to content that is already in Base64{also}."));
    quote! {
        #docs
        pub fn #name(mut self, content: impl AsRef<[u8]>) -> Self {
            self.#name = Some(crate::content::encode(content));
            #state
            self
        }

        #base64_docs
        pub fn #base64_name(mut self, value: impl Into<String>) -> Self {
            self.#name = Some(value.into());
            #state
            self
        }
    }
}

/// The methods that decode the content of a response.
pub(super) fn decoders(shape: &Struct) -> Option<TokenStream> {
    let decoders: Vec<TokenStream> =
        shape.fields.iter().filter_map(|field| Some(decoder(field, field.content.as_ref()?))).collect();
    let name = ident(&shape.name);
    (!shape.request && !decoders.is_empty()).then(|| quote! { impl #name { #(#decoders)* } })
}

fn decoder(field: &Field, content: &Content) -> TokenStream {
    let (name, wire) = (ident(&field.name), &field.wire);
    let plain_name = field.name.trim_start_matches("r#");
    let method = format_ident!("{plain_name}_decoded");
    let encoding = match content {
        Content::Base64 => quote! { crate::content::Encoding::Base64 },
        Content::Stated { field, .. } => {
            let field = ident(field);
            quote! { crate::content::Encoding::of(self.#field.as_ref()) }
        }
        Content::Requested => quote! { self.encoding },
    };
    let docs = doc(&format!(
        "Returns the content of [`{plain_name}`](Self::{plain_name}).\n\n# Errors\n\nReturns an error if it is not valid Base64."
    ));
    quote! {
        #docs
        #[inline]
        pub fn #method(&self) -> Result<crate::content::Content, crate::content::InvalidContent> {
            #encoding.decode(#wire, &self.#name)
        }
    }
}

/// Whether the content of a struct in a response is encoded as the request asked.
fn has_encoding(shape: &Struct) -> bool {
    shape.fields.iter().any(|field| matches!(field.content, Some(Content::Requested)))
}

/// Whether a struct in a response has a field that is a struct. A request has structs only as options.
fn contains_structs(shape: &Struct) -> bool {
    !shape.request && shape.fields.iter().any(|field| field.list.is_none() && matches!(field.kind, Kind::Struct(_)))
}

/// Role of a struct.
pub(super) enum Role<'a> {
    /// Part of a request or response.
    Part,
    /// A request, and the name of the fluent request that sends it.
    Request(&'a str),
    /// A response.
    Response,
}

/// The table of a struct's members.
pub(super) fn members(shape: &Struct, role: &Role<'_>) -> TokenStream {
    let name = ident(&shape.name);
    let role = match role {
        Role::Part if has_encoding(shape) => Some(quote! { , with encoding }),
        Role::Part => shape.request.then(|| quote! { , with setters }),
        Role::Request(fluent) => {
            let fluent = ident(fluent);
            Some(quote! { , sent by #fluent })
        }
        Role::Response => Some(quote! { , with meta }),
    };
    let list = |name: &str, keep: &dyn Fn(&Field) -> bool| {
        let wires: Vec<&str> =
            shape.fields.iter().filter(|field| keep(field)).map(|field| field.wire.as_str()).collect();
        let name = format_ident!("{name}");
        (!wires.is_empty()).then(|| quote! { [#name: #(#wires),*], })
    };
    let required = list("required", &|field| field.required && shape.request);
    let secret = list("secret", &|field| field.sensitive);
    let sizes: Vec<TokenStream> = shape.fields.iter().filter_map(size).collect();
    let sizes = (!sizes.is_empty()).then(|| quote! { [sizes: #(#sizes),*], });
    let rows = shape.fields.iter().map(|field| {
        let (name, wire) = (ident(&field.name), &field.wire);
        let style = style(field, shape.request).map(|style| quote! { as #style });
        quote! { #name = #wire #style, }
    });
    let default = contains_structs(shape).then(|| quote! { [default: derived], });
    quote! { crate::model::members! { #name #role; #default #required #secret #sizes #(#rows)* } }
}

/// The limit on the size of a field, if it has one.
fn size(field: &Field) -> Option<TokenStream> {
    let (wire, max) = (&field.wire, Literal::u32_unsuffixed(field.max_bytes?));
    Some(match &field.content {
        Some(Content::Stated { by, default_is_base64, .. }) => quote! { Stated(#wire, #max, #by, #default_is_base64) },
        Some(Content::Base64 | Content::Requested) => quote! { Base64(#wire, #max) },
        None => quote! { Text(#wire, #max) },
    })
}

/// The encoding of a field, unless it is the default.
fn style(field: &Field, request: bool) -> Option<TokenStream> {
    // Only requests have a format to write; responses keep the original string.
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

/// Kinds of all fields of structs.
pub(super) fn kinds<'a>(shapes: impl IntoIterator<Item = &'a Struct>) -> impl Iterator<Item = &'a Kind> {
    shapes.into_iter().flat_map(|shape| &shape.fields).map(|field| &field.kind)
}
