//! Constants of error codes. Where families are features there are many codes, and each family has a page of its own.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens::{self, ident};
use crate::model::{Code, Service};

/// The files: path without extension below the service's folder, and tokens.
pub(super) fn files(service: &Service) -> Vec<(String, TokenStream)> {
    if !service.gate.has_types_crate() {
        let head = tokens::module_doc(&format!("Error codes that {} documents.", service.title));
        let constants = service.codes.iter().map(constant);
        return vec![("codes".to_owned(), quote! { #head #(#constants)* })];
    }
    let families = || service.families.iter().map(|family| family.feature.as_str());
    let mut files = vec![("codes/mod".to_owned(), root(service, families()))];
    files.extend(families().map(|name| (format!("codes/{}", tokens::module_name(name)), family(service, name))));
    files
}

/// Codes that concern more than one family, and the modules of the families.
fn root<'s>(service: &'s Service, families: impl Iterator<Item = &'s str>) -> TokenStream {
    let head = tokens::module_doc(&format!(
        "Error codes that {} documents.\n\nEach is a constant here, as `codes::INVALID_PARAMETER`. Below are those that \
         operations of several families return; those of one family alone are on the page of its module, together \
         with all others that the family's operations return.",
        service.title
    ));
    let modules: Vec<_> = families.map(|family| ident(&tokens::module_name(family))).collect();
    let common = service.codes.iter().filter(|code| code.common).map(constant);
    quote! {
        #head

        #(pub mod #modules;)*

        #[doc(hidden)]
        pub use self::{#(#modules::*),*};

        #(#common)*
    }
}

/// All codes that operations of a family document.
fn family(service: &Service, family: &str) -> TokenStream {
    let head = tokens::module_doc(&format!("Error codes that operations of the family `{family}` return."));
    let of_family = || service.codes.iter().filter(|code| code.families.iter().any(|name| name == family));
    let common: Vec<_> = of_family().filter(|code| code.common).map(|code| ident(&code.constant)).collect();
    let use_common = (!common.is_empty()).then(|| quote! { pub use super::{#(#common),*}; });
    let own = of_family().filter(|code| !code.common).map(constant);
    quote! { #head #use_common #(#own)* }
}

fn constant(code: &Code) -> TokenStream {
    let docs = tokens::doc(&code.doc);
    let name = ident(&code.constant);
    let code = &code.code;
    quote! { #docs pub const #name: &str = #code; }
}
