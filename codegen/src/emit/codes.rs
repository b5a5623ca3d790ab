//! Constants of error codes. If families are features, each family has its own module, because there are many codes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::tokens::{self, ident};
use crate::model::{Code, Service};

/// The files with the constants: path below the service's folder without extension, and tokens.
pub(super) fn files(service: &Service) -> Vec<(String, TokenStream)> {
    if !service.gate.has_types_crate() {
        let head = head(service, "");
        let constants = service.codes.iter().map(constant);
        return vec![("codes".to_owned(), quote! { #head #(#constants)* })];
    }
    let root = tokens::module_doc(&format!("Error codes of {}, by family.", service.title));
    let modules = modules(service);
    let head = tokens::module_doc("Error codes returned by operations of several families.");
    let common = service.codes.iter().filter(|code| code.common).map(constant);
    let mut files = vec![
        ("codes/mod".to_owned(), quote! { #root pub mod common; #(pub mod #modules;)* }),
        ("codes/common".to_owned(), quote! { #head #(#common)* }),
    ];
    let families = service.families.iter().map(|family| family.feature.as_str());
    files.extend(families.map(|name| (format!("codes/{}", tokens::module_name(name)), family(service, name))));
    files
}

/// The module of ecs-sdk that re-exports the constants of ecs-sdk-types. It lists the re-exports one by one, because rustdoc
/// would show all constants on the page of a module that is re-exported as a whole.
pub(super) fn re_exports(service: &Service) -> TokenStream {
    let head = head(
        service,
        "\n\nEach code is a constant, such as `codes::INVALID_PARAMETER`. This page lists the codes that operations of \
         several families return. The module of a family lists all codes that the family's operations return.",
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
    let service_wide = service.codes.iter().filter(|code| code.service_wide);
    let list: String =
        service_wide.map(|code| format!("\n- [`{}`]({}): {}", code.code, code.constant, code.doc)).collect();
    let list = if list.is_empty() { list } else { format!("\n\nAny operation can return these codes:\n{list}") };
    tokens::module_doc(&format!("Error codes documented by {}.{more}{list}", service.title))
}

/// The modules of the families.
fn modules(service: &Service) -> Vec<Ident> {
    service.families.iter().map(|family| ident(&tokens::module_name(&family.feature))).collect()
}

/// All codes that operations of a family document.
fn family(service: &Service, family: &str) -> TokenStream {
    let head = tokens::module_doc(&format!("Error codes returned by operations in the `{family}` family."));
    let of_family = || service.codes.iter().filter(|code| code.families.iter().any(|name| name == family));
    let common: Vec<_> = of_family().filter(|code| code.common).map(|code| ident(&code.constant)).collect();
    let use_common = (!common.is_empty()).then(|| quote! { pub use super::common::{#(#common),*}; });
    let own = of_family().filter(|code| !code.common).map(constant);
    quote! { #head #use_common #(#own)* }
}

fn constant(code: &Code) -> TokenStream {
    let class = code.class.map(|class| format!("Class: {class} (`Error::{}`).", class.predicate()));
    let paragraphs: Vec<&str> = [code.doc.as_str(), class.as_deref().unwrap_or_default()]
        .into_iter()
        .filter(|paragraph| !paragraph.is_empty())
        .collect();
    let docs = tokens::doc(&paragraphs.join("\n\n"));
    let name = ident(&code.constant);
    let code = &code.code;
    quote! { #docs pub const #name: &str = #code; }
}
