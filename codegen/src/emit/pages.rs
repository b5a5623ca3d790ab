//! Pagination and waiters: constants that configure the runtime's implementations.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    example,
    tokens::{deprecated, doc, ident, value_type},
};
use crate::{
    model::{Operation, Pages, Service, Waiter},
    spec::PageStyle,
};

/// Implements `Paged` for a request: the pagination style and the path to the items.
pub(super) fn paged(operation: &Operation, pages: &Pages) -> TokenStream {
    let request = ident(&operation.request.name);
    let item = value_type(&pages.item);
    let path: Vec<_> = pages.items.iter().map(|name| ident(name)).collect();
    let style = style(pages);
    quote! {
        impl Paged for #request {
            type Item = #item;

            const PAGES: PageStyle = #style;

            #[inline]
            fn items(response: Self::Response) -> Vec<Self::Item> {
                response #(.#path)*
            }

            #[inline]
            fn count(response: &Self::Response) -> usize {
                response #(.#path)*.len()
            }
        }
    }
}

fn style(pages: &Pages) -> TokenStream {
    let spec = &pages.spec;
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    let option = |name: &Option<String>| name.as_ref().map_or_else(|| quote! { None }, |name| quote! { Some(#name) });
    match spec.style {
        PageStyle::Token => {
            let token = text(&spec.token);
            let size = option(&spec.size);
            let max = spec.max.unwrap_or_default();
            quote! { PageStyle::Token { token: #token, size: #size, max: #max } }
        }
        PageStyle::Number => {
            let (number, size, total) = (text(&spec.number), text(&spec.size), option(&spec.total));
            let max = spec.max.unwrap_or_default();
            quote! { PageStyle::Number { number: #number, size: #size, max: #max, total: #total } }
        }
        PageStyle::Offset => {
            let (offset, next) = (text(&spec.offset), text(&spec.next));
            quote! { PageStyle::Offset { offset: #offset, next: #next } }
        }
    }
}

/// A waiter's fluent type and the client method that starts it.
pub(super) fn waiter(service: &Service, operation: &Operation, waiter: &Waiter) -> TokenStream {
    let spec = &waiter.spec;
    let name = ident(&waiter.type_name);
    let method = ident(&waiter.method);
    let request = ident(&operation.request.name);
    let ids_name = ident(&waiter.ids);
    let docs = doc(&waiter_doc(service, operation, waiter));
    let failure_docs = (!spec.failure.is_empty()).then(|| {
        quote! {
            /// Returns an error of kind [`Waiter`](crate::ErrorKind::Waiter) if a resource reaches a state from which it cannot
            /// reach the desired one.
        }
    });
    let client_docs = doc(&spec.doc);
    let deprecated = deprecated(operation.deprecated.as_ref());
    let (ids, items, id) = (&spec.ids, &spec.items, &spec.id);
    let state = spec.state.as_ref().map_or_else(|| quote! { None }, |state| quote! { Some(#state) });
    let (success, failure) = (&spec.success, &spec.failure);
    let (gone, chunk, interval) = (spec.gone, waiter.chunk, u64::from(spec.interval));
    let set = spec.set.iter().map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        quote! { (#name, #value) }
    });
    let wire = spec.name.clone();
    let region = operation.request.fields.iter().find(|field| field.wire == "RegionId").map(|field| {
        let name = ident(&field.name);
        quote! {
            /// Sets the region of the resources. Defaults to the client's region.
            pub fn region_id(mut self, value: impl Into<String>) -> Self {
                self.request.#name = Some(value.into());
                self
            }
        }
    });
    quote! {
        #docs
        #deprecated
        #[derive(Debug, Clone)]
        #[must_use = "a waiter does nothing until `wait` is awaited"]
        pub struct #name {
            call: Call,
            ids: Vec<String>,
            request: #request,
        }

        impl Client {
            #client_docs
            #deprecated
            #[inline]
            pub fn #method(&self) -> #name {
                #name { call: self.start(), ids: Vec::new(), request: #request::default() }
            }
        }

        impl #name {
            const WAITER: WaiterMeta = WaiterMeta {
                name: #wire,
                operation: #request::META,
                response: || Box::new(<#request as Operation>::Response::default()),
                ids: #ids,
                items: #items,
                id: #id,
                state: #state,
                success: &[#(#success),*],
                failure: &[#(#failure),*],
                gone: #gone,
                set: &[#(#set),*],
                chunk: #chunk,
                interval: Duration::from_secs(#interval),
            };

            /// Sets the IDs of the resources to wait for. Required.
            pub fn #ids_name(mut self, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.ids = values.into_iter().map(Into::into).collect();
                self
            }

            #region

            /// Calls a setter if there is a value, and changes nothing otherwise.
            #[inline]
            pub fn maybe<T>(self, value: Option<T>, setter: fn(Self, T) -> Self) -> Self {
                crate::model::maybe(self, value, setter)
            }

            /// Sets the options of each poll: timeouts, retries, headers, extra parameters.
            #[inline]
            pub fn options(mut self, options: CallOptions) -> Self {
                self.call = self.call.options(options);
                self
            }

            /// Polls until every resource has reached the desired state, for at most `timeout`.
            ///
            /// # Errors
            ///
            /// Returns an error of kind [`Timeout`](crate::ErrorKind::Timeout) that lists the last seen states if
            /// `timeout` elapses. If a poll fails, returns its error.
            #failure_docs
            #[inline]
            pub fn wait(self, timeout: Duration) -> Waiting {
                self.call.wait(&Self::WAITER, Box::new(self.request), self.ids, timeout)
            }
        }
    }
}

/// The docs of a waiter: the state to wait for, the conditions for success and failure, and an example.
fn waiter_doc(service: &Service, operation: &Operation, waiter: &Waiter) -> String {
    let spec = &waiter.spec;
    let choice = |states: &[String]| {
        let states: Vec<String> = states.iter().map(|state| format!("`{state}`")).collect();
        states.join(" or ")
    };
    let state = spec.state.as_deref().unwrap_or_default();
    let success = if spec.gone {
        "It succeeds when none of the resources is found.".to_owned()
    } else {
        format!(
            "It succeeds when the `{state}` of every resource is {}. Resources that are not found are polled until the timeout.",
            choice(&spec.success)
        )
    };
    let failure = match spec.failure.as_slice() {
        [] => String::new(),
        states => format!(" It fails as soon as the `{state}` of a resource is {}.", choice(states)),
    };
    let polls = format!("Polls [`{}`] every {} seconds. {success}{failure}", operation.fluent, spec.interval);
    let (ids, client) = (&waiter.ids, example::client(service));
    format!(
        "{}\n\n{polls}\n\n```no_run\n# async fn example(client: {client}, {ids}: Vec<String>) -> ecs_sdk::Result<()> {{\n\
         use std::time::Duration;\n\nclient.{}().{ids}({ids}).wait(Duration::from_secs(300)).await?;\n# Ok(())\n# }}\n```",
        spec.doc, waiter.method
    )
}
