//! What a service has once: its client, its modules, shared types, codes and addresses.

use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, operation, shape, shared_types};
use crate::{
    model::{Enum, Model, Service, Struct},
    spec::Gate,
};

/// The root of the generated source: one module a service.
pub(super) fn services(model: &Model) -> TokenStream {
    let modules = model.services.iter().map(|service| {
        let name = ident(&service.name);
        let gate = (service.gate == Gate::Service).then(|| {
            let feature = &service.name;
            quote! { #[cfg(feature = #feature)] }
        });
        quote! { #gate pub mod #name; }
    });
    let head = super::module_doc("Everything that `cargo xtask codegen` writes, one module a service.");
    quote! {
        #head

        #(#modules)*

        #[cfg(test)]
        mod tests;
    }
}

/// The module of a service: what it is, where it is, its client.
pub(super) fn module(service: &Service) -> TokenStream {
    let head = super::module_doc(&format!("{} ({}, API version {}).", service.title, service.product, service.version));
    let client = format!("Client of {}.", service.title);
    let (name, version) = (&service.name, &service.version);
    let endpoints = &service.endpoints;
    let (default, public, vpc) = (&endpoints.default, &endpoints.public, &endpoints.vpc);
    let pairs = |map: &indexmap::IndexMap<String, String>| {
        let mut pairs: Vec<_> = map.iter().collect();
        pairs.sort();
        pairs.into_iter().map(|(region, host)| quote! { (#region, #host) }).collect::<Vec<_>>()
    };
    let public_exceptions = pairs(&endpoints.public_exceptions);
    let vpc_exceptions = pairs(&endpoints.vpc_exceptions);
    quote! {
        #head

        pub mod codes;
        pub mod operation;
        pub mod types;

        use crate::endpoint::{Endpoints, Service};

        pub(crate) static SERVICE: Service = Service {
            name: #name,
            version: #version,
            endpoints: Endpoints {
                default: #default,
                public: #public,
                vpc: #vpc,
                public_exceptions: &[#(#public_exceptions),*],
                vpc_exceptions: &[#(#vpc_exceptions),*],
            },
        };

        crate::client::client!(#client);
    }
}

/// The list of an service's operations.
pub(super) fn operations(service: &Service) -> TokenStream {
    let modules = service.operations.iter().map(|operation| {
        let gate = super::gate(&operation.features);
        let name = ident(&operation.method);
        quote! { #gate pub mod #name; }
    });
    let head = super::module_doc(&format!("Operations of {}, one module each.", service.title));
    quote! {
        #head

        #(#modules)*
    }
}

/// The list of shared types.
pub(super) fn types(service: &Service) -> TokenStream {
    let head = super::module_doc(&format!("Types that operations of {} share.", service.title));
    let enums = service.types.iter().any(|ty| operation::as_enum(ty).is_some());
    let structs = service.types.iter().any(|ty| operation::as_struct(ty).is_some());
    let modules = [(enums, "enums"), (structs, "structs")];
    let modules: Vec<_> = modules.into_iter().filter(|(there, _)| *there).map(|(_, name)| ident(name)).collect();
    quote! {
        #head

        #(mod #modules;)*

        #(pub use #modules::*;)*
    }
}

/// The shared enums.
pub(super) fn shared_enums(service: &Service) -> TokenStream {
    let enums: Vec<&Enum> = service.types.iter().filter_map(operation::as_enum).collect();
    if enums.is_empty() {
        return TokenStream::new();
    }
    let declared = service.types.iter().filter(|ty| operation::as_enum(ty).is_some()).map(operation::declare);
    let names = enums.iter().map(|shape| ident(&shape.name));
    quote! {
        use crate::model::OpenEnum;

        #(#declared)*

        crate::model::enums!(#(#names),*);
    }
}

/// The shared structs.
pub(super) fn shared_structs(service: &Service) -> TokenStream {
    let structs: Vec<&Struct> = service.types.iter().filter_map(operation::as_struct).collect();
    if structs.is_empty() {
        return TokenStream::new();
    }
    let shared: Vec<_> = shared_types(shape::kinds(structs.iter().copied()))
        .into_iter()
        .filter(|name| !structs.iter().any(|shape| *name == shape.name))
        .collect();
    let use_enums = (!shared.is_empty()).then(|| quote! { use super::enums::{#(#shared),*}; });
    let declared = service.types.iter().filter(|ty| operation::as_struct(ty).is_some()).map(operation::declare);
    quote! {
        #use_enums

        #(#declared)*
    }
}

/// Constants of the error codes.
pub(super) fn codes(service: &Service) -> TokenStream {
    let head = super::module_doc(&format!("Error codes that {} documents.", service.title));
    let codes = service.codes.iter().map(|code| {
        let docs = super::doc(&code.doc);
        let name = ident(&code.constant);
        let code = &code.code;
        quote! { #docs pub const #name: &str = #code; }
    });
    quote! {
        #head

        #(#codes)*
    }
}
