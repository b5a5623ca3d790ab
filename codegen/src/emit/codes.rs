//! Constants of error codes. Where families are features there are many codes, and each family has a page of its own.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::{self, ident};
use crate::model::{Code, Service};

/// The files that declare them: path without extension below the service's folder, and tokens.
pub(super) fn files(service: &Service) -> Vec<(String, TokenStream)> {
    if !service.gate.has_types_crate() {
        let head = head(service, "");
        let constants = service.codes.iter().map(constant);
        return vec![("codes".to_owned(), quote! { #head #(#constants)* })];
    }
    let root = tokens::module_doc(&format!("Error codes of {}, by family.", service.title));
    let modules = modules(service);
    let head = tokens::module_doc("Error codes that operations of several families return.");
    let common = service.codes.iter().filter(|code| code.common).map(constant);
    let mut files = vec![
        ("codes/mod".to_owned(), quote! { #root pub mod common; #(pub mod #modules;)* }),
        ("codes/common".to_owned(), quote! { #head #(#common)* }),
    ];
    let families = service.families.iter().map(|family| family.feature.as_str());
    files.extend(families.map(|name| (format!("codes/{}", tokens::module_name(name)), family(service, name))));
    files
}

/// The module that users see of constants in the crate of types. It is a list of re-exports of its own, since rustdoc
/// would show all constants on the page of a module that is re-exported as a whole.
pub(super) fn re_exports(service: &Service) -> TokenStream {
    let head = head(
        service,
        "\n\nEach is a constant here, such as `codes::INVALID_PARAMETER`. This page lists those that operations of several \
         families return; the module of a family lists all that the family's operations return.",
    );
    let name = ident(&service.name);
    let modules = modules(service);
    quote! {
        #head

        pub use ecs_sdk_types::#name::codes::common::*;

        pub use ecs_sdk_types::#name::codes::{#(#modules),*};

        #[doc(hidden)]
        pub use self::{#(#modules::*),*};
    }
}

fn head(service: &Service, more: &str) -> TokenStream {
    tokens::module_doc(&format!("Error codes that {} documents.{more}", service.title))
}

/// The modules of the families.
fn modules(service: &Service) -> Vec<Ident> {
    service.families.iter().map(|family| ident(&tokens::module_name(&family.feature))).collect()
}

/// All codes that operations of a family document.
fn family(service: &Service, family: &str) -> TokenStream {
    let head = tokens::module_doc(&format!("Error codes that operations of the family `{family}` return."));
    let of_family = || service.codes.iter().filter(|code| code.families.iter().any(|name| name == family));
    let common: Vec<_> = of_family().filter(|code| code.common).map(|code| ident(&code.constant)).collect();
    let use_common = (!common.is_empty()).then(|| quote! { pub use super::common::{#(#common),*}; });
    let own = of_family().filter(|code| !code.common).map(constant);
    quote! { #head #use_common #(#own)* }
}

fn constant(code: &Code) -> TokenStream {
    let docs = tokens::doc(&code.doc);
    let name = ident(&code.constant);
    let code = &code.code;
    quote! { #docs pub const #name: &str = #code; }
}
