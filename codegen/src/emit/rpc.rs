//! Facts common to all RPC-style services, for the runtime.

use proc_macro2::TokenStream;
use quote::quote;

use super::tokens;
use crate::spec::Rpc;

/// The module of the runtime.
pub(super) fn module(rpc: &Rpc) -> TokenStream {
    let head = tokens::module_doc("Facts common to all RPC-style services.");
    let mut parameters: Vec<&String> = rpc.parameters.keys().collect();
    parameters.sort();
    let mut verbs = rpc.read_verbs.clone();
    verbs.sort();
    let dry_run_codes = rpc.dry_run_codes.keys();
    quote! {
        #head

        /// Parameters that every request has. None may occur twice, because a second value could not be signed.
        pub(crate) const COMMON_PARAMETERS: &[&str] = &[#(#parameters),*];

        /// Verbs that start the names of read-only operations.
        pub(crate) const READ_VERBS: &[&str] = &[#(#verbs),*];

        /// Codes by which services report that a dry run passed.
        pub(crate) const DRY_RUN_CODES: &[&str] = &[#(#dry_run_codes),*];
    }
}
