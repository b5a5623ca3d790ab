//! Tests of a crate of its own: the specs' examples, and a complete request and response of every operation.

use proc_macro2::TokenStream;
use quote::quote;

use super::{example_tests, tokens::ident};
use crate::model::{Model, Service};

/// The module of the tests.
pub(super) fn tests(model: &Model, service: &Service) -> TokenStream {
    let examples = example_tests::tests(model);
    let module = ident(&service.name);
    let checks = service.operations.iter().map(|operation| {
        let (method, request) = (ident(&operation.method), ident(&operation.request.name));
        quote! { samples.check::<super::#module::operation::#method::#request>(); }
    });
    quote! {
        #examples

        /// Requests with all members are encoded and decoded, and so are responses.
        #[test]
        #[allow(deprecated, reason = "the service has deprecated some operations")]
        fn every_operation_encodes_and_decodes_its_samples() {
            let samples = crate::test_util::Samples::new(include_str!("samples.json"));
            #(#checks)*
        }
    }
}
