//! Tests of the specs' examples.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{
    samples,
    tokens::{self, ident},
};
use crate::model::Model;

/// A test for each operation that has examples.
pub(super) fn tests(model: &Model) -> TokenStream {
    let tests = model.services.iter().flat_map(|service| {
        service.operations.iter().filter(|operation| !operation.examples.is_empty()).map(move |operation| {
            let gate = tokens::gate(&samples::features(service, operation));
            let plain = operation.method.trim_start_matches("r#");
            let name = format_ident!("{}_{plain}", service.name);
            let (module, method, request) =
                (ident(&service.name), ident(&operation.method), ident(&operation.request.name));
            let checks = operation.examples.iter().map(|example| {
                let (name, form) = (&example.name, &example.form);
                let sent = example.request.to_string();
                let response = match &example.response {
                    Some(response) => {
                        let text = response.to_string();
                        quote! { Some(#text) }
                    }
                    None => quote! { None },
                };
                quote! { check_example::<#request>(#name, #sent, #form, #response); }
            });
            quote! {
                #gate
                #[test]
                fn #name() {
                    use super::#module::operation::#method::#request;
                    #(#checks)*
                }
            }
        })
    });
    let head = tokens::module_doc(
        "Tests of the examples in the specs: requests are encoded as the documented form, and responses are decoded without loss.",
    );
    quote! {
        #head

        #[allow(unused_imports, reason = "unused if no features are enabled")]
        use crate::test_util::check_example;

        #(#tests)*
    }
}
