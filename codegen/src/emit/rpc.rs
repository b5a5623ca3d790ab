//! What all services of RPC style have in common, for the runtime.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens;
use crate::spec::Rpc;

/// The module of the runtime.
pub(super) fn module(rpc: &Rpc) -> TokenStream {
    let head = tokens::module_doc("What all services of RPC style have in common.");
    let mut parameters: Vec<&String> = rpc.parameters.keys().collect();
    parameters.sort();
    let mut verbs = rpc.read_verbs.clone();
    verbs.sort();
    quote! {
        #head

        /// Parameters that every request carries. A second value of one could not be signed.
        pub(crate) const COMMON_PARAMETERS: &[&str] = &[#(#parameters),*];

        /// Verbs that begin the names of operations that only read.
        pub(crate) const READ_VERBS: &[&str] = &[#(#verbs),*];
    }
}
