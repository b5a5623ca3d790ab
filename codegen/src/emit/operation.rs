//! The module of one operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    enums, pages,
    shape::{self, Owner},
    tokens::{self, deprecated, doc, ident, shared_types, use_time},
};
use crate::model::{Enum, Field, Kind, Operation, Service, Struct, Type};

/// The whole module.
pub(super) fn module(service: &Service, operation: &Operation) -> TokenStream {
    let structs: Vec<&Struct> = operation.types.iter().filter_map(Type::as_struct).collect();
    let own_enums: Vec<&Enum> = operation.types.iter().filter_map(Type::as_enum).collect();
    let all = || structs.iter().copied().chain([&operation.request, &operation.response]);
    let shared = shared_types(shape::kinds(all()));
    let use_shared = (!shared.is_empty()).then(|| quote! { use super::super::types::{#(#shared),*}; });
    let use_enum = (!own_enums.is_empty()).then(|| quote! { use crate::model::OpenEnum; });
    let use_time = use_time(shape::kinds(all()));
    let paged = operation.pages.as_ref().map(|pages| pages::paged(operation, pages));
    let use_pages = paged.is_some().then(|| quote! { use crate::pagination::{PageStyle, Paged}; });
    let use_call = if operation.waiters.is_empty() {
        quote! { use crate::call::Call; }
    } else {
        quote! {
            use std::time::Duration;
            use crate::{Operation, call::{Call, CallOptions}, waiter::{Waiting, WaiterMeta}};
        }
    };
    let head = tokens::module_doc(&format!("{} `{}`.", service.title, operation.wire));
    let allow = operation.deprecated.is_some().then(|| quote! { #![allow(deprecated)] });
    let fluent = fluent(service, operation);
    let request_members = shape::members(&operation.request, &Owner::Fluent(&operation.fluent));
    let response = shape::declare(&operation.response, true);
    let response_members = shape::members(&operation.response, &Owner::Call);
    let types = operation.types.iter().map(declare);
    let waiters = operation.waiters.iter().map(|waiter| pages::waiter(operation, waiter));
    let enum_names = own_enums.iter().map(|shape| ident(&shape.name));
    let enum_impls = (!own_enums.is_empty()).then(|| quote! { crate::model::enums!(#(#enum_names),*); });
    quote! {
        #head
        #allow
        #use_call
        #use_enum
        #use_pages
        #use_time
        use super::super::{Client, SERVICE};
        #use_shared

        #fluent
        #request_members
        #paged
        #response
        #response_members
        #(#types)*
        #(#waiters)*

        #enum_impls
    }
}

/// A type of an operation's own, or a shared one.
pub(super) fn declare(ty: &Type) -> TokenStream {
    match ty {
        Type::Enum(shape) => enums::declare(shape),
        Type::Struct(shape) => {
            let declared = shape::declare(shape, false);
            let members = shape::members(shape, &Owner::Itself);
            quote! { #declared #members }
        }
    }
}

/// The fluent request, and the client's method that starts it.
fn fluent(service: &Service, operation: &Operation) -> TokenStream {
    let name = ident(&operation.fluent);
    let method = ident(&operation.method);
    let request = ident(&operation.request.name);
    let response = ident(&operation.response.name);
    let docs = doc(&fluent_doc(service, operation));
    let fields = shape::fields(&operation.request);
    let request_docs = doc(&operation.request.doc);
    let summary = doc(operation.doc.lines().next().unwrap_or_default());
    let deprecated = deprecated(operation.deprecated.as_ref());
    let wire = &operation.wire;
    let facts = [
        (operation.read, "read"),
        (operation.slow, "slow"),
        (operation.client_token, "client_token"),
        (operation.dry_run, "dry_run"),
        (operation.region, "region"),
    ];
    let facts = facts.into_iter().filter(|(given, _)| *given).map(|(_, fact)| ident(fact));
    let pages = operation.pages.is_some().then(|| quote! { ; pages });
    quote! {
        #docs
        #deprecated
        #[derive(Default)]
        #[must_use = "a request does nothing until it is sent"]
        #[non_exhaustive]
        pub struct #name<C = Call> {
            #fields
            call: C,
        }

        #request_docs
        pub type #request = #name<()>;

        impl Client {
            #summary
            #deprecated
            #[inline]
            pub fn #method(&self) -> #name {
                self.request(#request::default())
            }
        }

        crate::fluent::fluent_request!(SERVICE, #wire, #name, #request => #response #(, #facts)* #pages);
    }
}

fn fluent_doc(service: &Service, operation: &Operation) -> String {
    let mut doc = operation.doc.clone();
    let required: Vec<&Field> =
        operation.request.fields.iter().filter(|field| field.required && field.wire != "RegionId").collect();
    if !required.is_empty() {
        let names: Vec<String> = required
            .iter()
            .map(|field| field.name.trim_start_matches("r#"))
            .map(|name| format!("[`{name}`](Self::{name})"))
            .collect();
        doc.push_str(&format!("\n\nRequired: {}.", names.join(", ")));
    }
    doc.push_str(&format!("\n\n{}", example(service, operation, &required)));
    if !operation.errors.is_empty() {
        let codes: Vec<String> = operation.errors.iter().map(|(code, http)| format!("`{code}` ({http})")).collect();
        doc.push_str(&format!("\n\n# Errors\n\nDocumented codes, with HTTP status: {}.", codes.join(", ")));
    }
    doc.push_str(&format!("\n\n[The service's page]({})", operation.url));
    doc
}

/// A compiled example: the required parameters set, the request sent.
fn example(service: &Service, operation: &Operation, required: &[&Field]) -> String {
    let client = if service.name == "ecs" { "Client".to_owned() } else { format!("{}::Client", service.name) };
    let mut calls = vec![format!(".{}()", operation.method)];
    for field in required {
        let value = match (&field.kind, field.example.as_ref()) {
            (Kind::Struct(name), _) => format!("{}::new()", type_path(service, operation, &name.name, name.shared)),
            (Kind::Map, _) => "[(\"key\", \"value\")]".to_owned(),
            (Kind::Text | Kind::Time | Kind::Enum(_), Some(serde_json::Value::String(text))) => format!("{text:?}"),
            (Kind::Enum(name), _) => {
                let value = service.find(operation, name).and_then(Type::first_value);
                format!("{:?}", value.unwrap_or("value"))
            }
            (Kind::Text, _) => "\"value\"".to_owned(),
            (Kind::Time, _) => format!("{:?}", field.sample_time()),
            (Kind::Bool, _) => "true".to_owned(),
            (Kind::F32 | Kind::F64, _) => "1.0".to_owned(),
            (_, Some(value)) if value.is_number() => value.to_string(),
            (Kind::I32 | Kind::I64, _) => "1".to_owned(),
        };
        let value = if field.list.is_some() { format!("[{value}]") } else { value };
        calls.push(format!(".{}({value})", field.name));
    }
    calls.push(".send()".to_owned());
    calls.push(".await?;".to_owned());
    let short = format!("let out = client{}", calls.concat());
    let call = if short.len() <= 88 { short } else { format!("let out = client\n    {}", calls.join("\n    ")) };
    let deprecated = if operation.deprecated.is_some() { "# #![allow(deprecated)]\n" } else { "" };
    format!(
        "```no_run\n{deprecated}# async fn example(client: ecs_sdk::{client}) -> ecs_sdk::Result<()> {{\n{call}\nprintln!(\"{{}}\", out.request_id);\n# Ok(())\n# }}\n```"
    )
}

fn type_path(service: &Service, operation: &Operation, name: &str, shared: bool) -> String {
    let root = if service.name == "ecs" { "ecs_sdk".to_owned() } else { format!("ecs_sdk::{}", service.name) };
    if shared { format!("{root}::types::{name}") } else { format!("{root}::operation::{}::{name}", operation.method) }
}
