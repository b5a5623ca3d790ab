//! Waiters: a type for each, whose methods a macro of the runtime defines.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{
    example,
    tokens::{deprecated, doc, ident, value_type},
};
use crate::{
    model::{Kind, Operation, Service, Type, TypeName, Waiter},
    render,
};

/// A waiter's fluent type and the client method that starts it.
pub(super) fn waiter(service: &Service, operation: &Operation, waiter: &Waiter) -> TokenStream {
    let name = ident(&waiter.type_name);
    let method = ident(&waiter.method);
    let request = ident(&operation.request.name);
    let ids = ident(&waiter.ids);
    let docs = doc(&waiter_doc(service, operation, waiter));
    let client_docs = doc(&waiter.spec.doc);
    let deprecated = deprecated(operation.deprecated.as_ref());
    let region = operation.request.fields.iter().find(|field| field.wire == "RegionId").map(|field| {
        let name = ident(&field.name);
        quote! { , region #name }
    });
    let fetch = ident(if operation.pages.is_some() { "all_pages" } else { "only_page" });
    let items = if waiter.items.is_empty() {
        quote! { vec![response] }
    } else {
        items(&quote! { response }, &waiter.items, &waiter.lists)
    };
    let target = waiter.spec.target.as_ref().map(|target| {
        let target = ident(target);
        quote! { , target #target }
    });
    let item = value_type(&waiter.item);
    let meta = meta(waiter);
    quote! {
        #docs
        #deprecated
        #[derive(Debug)]
        #[must_use = "a waiter does nothing until `wait` is awaited"]
        pub struct #name(WaiterCall<#request>);

        impl Client {
            #client_docs
            #deprecated
            #[inline]
            pub fn #method(&self) -> #name {
                #name(WaiterCall::new(self.start()))
            }
        }

        impl #name {
            const META: &WaiterMeta = &#meta;
        }

        crate::waiter::wait_until!(#name, #request, #ids #region #target; #fetch, |response| #items, #item);
    }
}

/// Takes the items out of a value, along a path of fields. Lists within lists become one.
fn items(value: &TokenStream, path: &[String], lists: &[bool]) -> TokenStream {
    let ([name, rest @ ..], [is_list, lists @ ..]) = (path, lists) else { return value.clone() };
    let name = ident(name);
    let value = quote! { #value.#name };
    if rest.is_empty() || !is_list {
        return items(&value, rest, lists);
    }
    let inner = items(&quote! { item }, rest, lists);
    quote! { #value.into_iter().flat_map(|item| #inner).collect::<Vec<_>>() }
}

/// The facts of the spec that the runtime needs, without those that have their default.
fn meta(waiter: &Waiter) -> TokenStream {
    let spec = &waiter.spec;
    let (name, ids, chunk) = (&spec.name, &spec.ids, Literal::u32_unsuffixed(waiter.chunk));
    let path = |setter: &str, path: &Option<String>| {
        let setter = ident(setter);
        path.as_ref().map(|path| quote! { .#setter(#path) })
    };
    let states = |setter: &str, states: &[String]| {
        let setter = ident(setter);
        (!states.is_empty()).then(|| quote! { .#setter(&[#(#states),*]) })
    };
    let (id, state) = (path("id", &spec.id), path("state", &spec.state));
    let success = states("success", &spec.success);
    let failure = states("failure", &spec.failure);
    let transient = states("transient", &spec.transient);
    let gone = spec.gone.then(|| quote! { .gone() });
    let any = spec.any.then(|| quote! { .any() });
    let target = spec.target.as_ref().map(|target| quote! { .target(#target) });
    let set = spec.set.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        quote! { (#name, #value) }
    });
    let set = (!spec.set.is_empty()).then(|| quote! { .set(&[#(#set),*]) });
    quote! { WaiterMeta::new(#name, #ids, #chunk) #id #state #success #target #any #failure #transient #gone #set }
}

/// The docs of a waiter: the state to wait for, the conditions for success and failure, and an example.
fn waiter_doc(service: &Service, operation: &Operation, waiter: &Waiter) -> String {
    let spec = &waiter.spec;
    let (method, ids, client) = (&waiter.method, &waiter.ids, example::client(service));
    let library = &service.library;
    let parameter = spec.target.as_ref().map(|target| format!(", {target}: &str")).unwrap_or_default();
    let target = spec.target.as_ref().map(|target| format!(".{target}({target})")).unwrap_or_default();
    let wait = format!("client.{method}().{ids}({ids}){target}.wait(Duration::from_secs(300)).await?;");
    let code = if spec.gone { render::statements(&wait) } else { example::waited(service, operation, waiter, &wait) };
    format!(
        "{}\n\n{}\n\n```no_run\n# async fn example(client: {client}, {ids}: Vec<String>{parameter}) -> {library}::Result<()> {{\n\
         use std::time::Duration;\n\n{code}# Ok(())\n# }}\n```",
        spec.doc,
        conditions(service, operation, waiter),
    )
}

/// The operation that is polled, and the conditions for success and failure.
fn conditions(service: &Service, operation: &Operation, waiter: &Waiter) -> String {
    let spec = &waiter.spec;
    let state = waiter.state.as_ref().map(|(owner, field)| {
        let name = field.name.trim_start_matches("r#");
        format!("[`{name}`]({}::{name})", path(owner))
    });
    let state = state.unwrap_or_default();
    let choice = |states: &[String]| {
        let states: Vec<String> = states.iter().map(|state| link(service, operation, waiter, state)).collect();
        match states.split_last() {
            Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
            _ => states.concat(),
        }
    };
    let mut parts = vec![format!("Polls [`{}`].", operation.fluent)];
    parts.push(match (spec.gone, spec.success.as_slice()) {
        (true, []) => "Succeeds when none of the resources is found.".to_owned(),
        (true, success) => {
            format!("Succeeds when none of the resources is found or its {state} is {}.", choice(success))
        }
        (false, _) if spec.target.is_some() => {
            format!("Succeeds when the {state} of every resource is the one that is given.")
        }
        (false, success) if spec.any => format!("Succeeds when the {state} of any resource is {}.", choice(success)),
        (false, success) => format!(
            "Succeeds when the {state} of every resource is {}. Resources that are not found are waited for.",
            choice(success)
        ),
    });
    if !spec.failure.is_empty() {
        parts.push(format!("Fails as soon as the {state} of a resource is {}.", choice(&spec.failure)));
    }
    if !spec.transient.is_empty() {
        parts.push(format!("Meanwhile, the {state} can be {}.", choice(&spec.transient)));
    }
    parts.push("See [`waiter`](crate::waiter) for the rules of all waiters.".to_owned());
    parts.join(" ")
}

/// The path of a type from the module of an operation.
fn path(name: &TypeName) -> String {
    if name.shared { format!("super::super::types::{}", name.name) } else { name.name.clone() }
}

/// A state, with a link to its variant if states are an enum.
fn link(service: &Service, operation: &Operation, waiter: &Waiter, state: &str) -> String {
    let name = waiter.state.as_ref().and_then(|(_, field)| match &field.kind {
        Kind::Enum(name) => Some(name),
        _ => None,
    });
    let variant = name.and_then(|name| {
        let variants = &service.find(operation, name).and_then(Type::as_enum)?.variants;
        let variant = variants.iter().find(|variant| variant.wire == state)?;
        Some(format!("[`{state}`]({}::{})", path(name), variant.name))
    });
    variant.unwrap_or_else(|| format!("`{state}`"))
}
