//! The module of one operation.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    enums, example, pages,
    shape::{self, Role},
    tokens::{self, deprecated, doc, ident, shared_types, use_time},
    waiters,
};
use crate::{
    model::{Enum, Operation, Service, Struct, Type},
    spec::Method,
    suggest::count,
};

/// The whole module.
pub(super) fn module(service: &Service, operation: &Operation) -> TokenStream {
    let structs: Vec<&Struct> = operation.types.iter().filter_map(Type::as_struct).collect();
    let own_enums: Vec<&Enum> = operation.types.iter().filter_map(Type::as_enum).collect();
    let all = || structs.iter().copied().chain([&operation.request, &operation.response]);
    let items = operation.waiters.iter().map(|waiter| &waiter.item);
    let shared = shared_types(shape::kinds(all()).chain(items));
    let use_shared = (!shared.is_empty()).then(|| quote! { use super::super::types::{#(#shared),*}; });
    let use_enum = (!own_enums.is_empty()).then(|| quote! { use crate::model::OpenEnum; });
    let use_time = use_time(shape::kinds(all()));
    let paged = operation.pages.as_ref().map(|pages| pages::paged(operation, pages));
    let use_pages = paged.is_some().then(|| quote! { use crate::pagination::{PageStyle, Paged}; });
    let use_call = if operation.waiters.is_empty() {
        quote! { use crate::call::Call; }
    } else {
        quote! { use crate::{call::Call, waiter::{WaiterCall, WaiterMeta}}; }
    };
    // The summary of a draft has the name already.
    let name = format!("`{}`", operation.wire);
    let named = operation.summary.contains(&name);
    let head = if named { operation.summary.clone() } else { format!("{name}: {}", operation.summary) };
    let head = tokens::module_doc(&head);
    let allow = operation.deprecated.is_some().then(|| quote! { #![allow(deprecated)] });
    let fluent = fluent(service, operation);
    let request_members = shape::members(&operation.request, &Role::Request(&operation.fluent));
    let response = shape::declare(&operation.response, true);
    let response_members = shape::members(&operation.response, &Role::Response);
    let decoders = shape::decoders(&operation.response);
    let types = operation.types.iter().map(declare);
    let waiters = operation.waiters.iter().map(|waiter| waiters::waiter(service, operation, waiter));
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
        #decoders
        #response_members
        #(#types)*
        #(#waiters)*

        #enum_impls
    }
}

/// A struct or enum.
pub(super) fn declare(ty: &Type) -> TokenStream {
    match ty {
        Type::Enum(shape) => enums::declare(shape),
        Type::Struct(shape) => {
            let declared = shape::declare(shape, false);
            let members = shape::members(shape, &Role::Part);
            let setters = shape.request.then(|| {
                let name = ident(&shape.name);
                let setters = shape::setters(shape);
                quote! { impl #name { #setters } }
            });
            let from_pair = shape::from_pair(shape);
            let decoders = shape::decoders(shape);
            quote! { #declared #setters #from_pair #decoders #members }
        }
    }
}

/// The fluent request, and the client method that creates it.
fn fluent(service: &Service, operation: &Operation) -> TokenStream {
    let name = ident(&operation.fluent);
    let method = ident(&operation.method);
    let request = ident(&operation.request.name);
    let response = ident(&operation.response.name);
    let docs = doc(&fluent_doc(service, operation));
    let fields = shape::fields(&operation.request);
    let request_docs = doc(&operation.request.doc);
    let summary = doc(&operation.summary);
    let setters = (!operation.request.fields.is_empty()).then(|| {
        let setters = shape::setters(&operation.request);
        quote! {
            /// Parameters: the required ones first, then common ones, then all others.
            impl<C> #name<C> { #setters }
        }
    });
    let deprecated = deprecated(operation.deprecated.as_ref());
    let wire = &operation.wire;
    let facts = [
        (operation.read, "read"),
        (operation.slow, "slow"),
        (operation.client_token, "client_token"),
        (operation.dry_run, "dry_run"),
        (operation.region, "region"),
        (operation.anonymous, "anonymous"),
    ];
    let facts = facts.into_iter().filter(|(given, _)| *given).map(|(_, fact)| fact);
    let facts = facts.chain(operation.http.map(Method::name)).map(ident);
    let batches = batches(operation);
    let pages = operation.pages.as_ref().map(|pages| {
        let item = tokens::value_type(&pages.item);
        let kind = ident(if operation.batches.is_empty() { "pages" } else { "paged_batches" });
        quote! { ; #kind #item }
    });
    quote! {
        #docs
        #deprecated
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
                #name::from_call(self.start())
            }
        }

        crate::fluent::fluent_request!(SERVICE, #wire, #name, #request => #response #(, #facts)* #batches #pages);

        #setters
    }
}

/// The lists that can be split into several calls.
fn batches(operation: &Operation) -> Option<TokenStream> {
    if operation.batches.is_empty() {
        return None;
    }
    let fact = ident(if operation.pages.is_some() { "paged_batches" } else { "batches" });
    let lists = operation.batches.iter().map(|(name, max)| {
        let max = Literal::u32_unsuffixed(*max);
        quote! { #name = #max }
    });
    Some(quote! { , #fact(#(#lists),*) })
}

/// The paragraph about lists that can be split into several calls.
fn batch_doc(operation: &Operation) -> Option<String> {
    let fields = operation.request.fields.iter().filter_map(|field| {
        let (_, max) = operation.batches.iter().find(|(name, _)| *name == field.wire)?;
        Some((max, format!("[`{0}`](Self::{0})", field.name.trim_start_matches("r#"))))
    });
    let (limits, lists): (Vec<&u32>, Vec<String>) = fields.unzip();
    let (max, list) = (limits.first()?, lists.first()?);
    let limit = if lists.len() == 1 {
        format!("{max} {list}")
    } else if limits.iter().all(|other| other == max) {
        format!("{max} elements in each of {}", list_and(&lists))
    } else {
        list_and(&limits.iter().zip(&lists).map(|(max, list)| format!("{max} {list}")).collect::<Vec<_>>())
    };
    Some(format!(
        "A call takes at most {limit}. [`in_batches`](Self::in_batches) splits a longer list into several calls."
    ))
}

/// Joins parts of a sentence.
fn list_and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The docs of the fluent request: description, example, waiters, feature, the service's page, and error codes.
fn fluent_doc(service: &Service, operation: &Operation) -> String {
    let mut parts = vec![operation.doc.clone()];
    let required = operation.request.in_setter_order().into_iter().filter(|field| field.must_be_set());
    let required: Vec<String> = required
        .map(|field| field.name.trim_start_matches("r#"))
        .map(|name| format!("[`{name}`](Self::{name})"))
        .collect();
    if !required.is_empty() {
        parts.push(format!("Required: {}.", required.join(", ")));
    }
    parts.extend(batch_doc(operation));
    parts.push(example::markdown(service, operation));
    if !operation.waiters.is_empty() {
        let waiters: Vec<String> =
            operation.waiters.iter().map(|waiter| format!("[`{0}`](Client::{0})", waiter.method)).collect();
        parts.push(format!("Waiters that poll this operation: {}.", waiters.join(", ")));
    }
    parts.extend(retries(operation).map(str::to_owned));
    parts.push(format!("{}[Documentation of the service]({})", feature(service, operation), operation.url));
    parts.extend(errors(service, operation));
    parts.join("\n\n")
}

/// The paragraph about retries, which read-only operations do not need.
fn retries(operation: &Operation) -> Option<&'static str> {
    match (operation.read, operation.client_token) {
        (true, _) => None,
        (false, true) => Some(
            "Transient failures are retried. The client token, which the SDK generates if you do not set one, prevents a second \
             execution.",
        ),
        (false, false) => Some(
            "The SDK does not retry after a failure if the service may have executed the request; see \
             [`Error::is_maybe_executed`](crate::Error::is_maybe_executed).",
        ),
    }
}

/// The documented error codes, collapsed.
fn errors(service: &Service, operation: &Operation) -> Option<String> {
    let codes_path = format!("{}::codes", service.path("crate"));
    let codes = operation.errors.iter().map(|error| {
        let mut facts: Vec<String> = error.statuses.iter().map(u16::to_string).collect();
        facts.extend(error.class.map(|class| class.to_string()));
        format!("- [`{}`]({}::{}) ({})", error.code, codes_path, error.constant, facts.join(", "))
    });
    let codes: Vec<String> = codes.collect();
    if codes.is_empty() {
        return None;
    }
    let summary = count(codes.len(), "documented error code");
    Some(format!(
        "# Errors\n\nBesides the [codes common to all operations]({}), the service documents:\n\n\
         <details><summary>{summary}</summary>\n\n{}\n\n</details>",
        codes_path,
        codes.join("\n"),
    ))
}

/// The Cargo features that the operation needs.
fn feature(service: &Service, operation: &Operation) -> String {
    let features: Vec<String> =
        super::samples::features(service, operation).iter().map(|name| format!("`{name}`")).collect();
    match features.as_slice() {
        [] => String::new(),
        [one] => format!("Cargo feature: {one}.\n"),
        several => format!("Cargo features: {}.\n", several.join(" and ")),
    }
}
