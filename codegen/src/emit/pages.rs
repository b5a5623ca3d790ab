//! Pagination: constants that configure the runtime's implementation.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{ident, value_type};
use crate::{
    model::{Operation, Pages},
    spec::PageStyle,
};

/// Implements `Paged` for a request: the pagination style and the path to the items.
pub(super) fn paged(operation: &Operation, pages: &Pages) -> TokenStream {
    let request = ident(&operation.request.name);
    let item = value_type(&pages.item);
    let path: Vec<_> = pages.items.iter().map(|name| ident(name)).collect();
    let style = style(pages);
    let wire = &pages.spec.items;
    quote! {
        impl Paged for #request {
            type Item = #item;

            const ITEMS: &'static str = #wire;
            const PAGES: PageStyle = #style;

            #[inline]
            fn items(response: Self::Response) -> Vec<Self::Item> {
                response #(.#path)*
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
