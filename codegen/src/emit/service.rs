//! The module of a service: its client, modules, shared types and endpoints.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    classes, operation, shape,
    tokens::{self, ident, shared_types},
};
use crate::{
    model::{Enum, Model, Service, Struct, Type},
    spec::Gate,
};

const ROOT: &str = "Generated clients, requests and types, one module per service.";

/// The root of the generated source: the public items of all services.
pub(super) fn services(model: &Model) -> TokenStream {
    let (in_runtime, others): (Vec<&Service>, Vec<&Service>) =
        model.services.iter().partition(|service| service.gate.is_in_runtime());
    let (companions, own): (Vec<&Service>, Vec<&Service>) =
        others.into_iter().partition(|service| service.gate.is_companion());
    let modules = own.iter().map(|service| {
        let name = ident(&service.name);
        if service.is_at_root() {
            quote! { pub(crate) mod #name; pub use self::#name::{Client, codes, operation, types}; }
        } else {
            quote! { pub mod #name; }
        }
    });
    let companions = companions.into_iter().map(|service| {
        let (name, gate) = (ident(&service.name), gate(service));
        quote! { #gate pub use ecs_sdk_companions::#name; }
    });
    let builders = builders(&own);
    let in_runtime = in_runtime.iter().map(|service| ident(&service.name));
    let head = tokens::module_doc(ROOT);
    quote! {
        #head

        #builders

        #(#modules)*
        #(#companions)*
        #(pub use ecs_sdk_runtime::#in_runtime;)*

        #[cfg(test)]
        mod tests;
    }
}

/// The feature of a service.
fn gate(service: &Service) -> Option<TokenStream> {
    let feature = &service.name;
    (service.gate == Gate::Service).then(|| quote! { #[cfg(feature = #feature)] })
}

/// The argument of the macros of clients that states where the client is, unless it is that of ECS.
fn place(service: &Service) -> Option<TokenStream> {
    let (name, library) = (&service.name, &service.library);
    match service.gate {
        Gate::Families => None,
        Gate::Crate => Some(quote! { , in #library }),
        Gate::Service | Gate::None | Gate::Runtime => Some(quote! { , #name }),
    }
}

/// The module that adds `from_env` and `builder` to the clients.
fn builders(services: &[&Service]) -> TokenStream {
    let clients = services.iter().map(|service| {
        let (name, gate) = (ident(&service.name), gate(service));
        let place = place(service);
        quote! { #gate ecs_sdk_runtime::client_builder!(super::#name::Client #place); }
    });
    quote! {
        // Before the clients, because rustdoc lists the methods of a type in the order of the modules that define them.
        mod builders { #(#clients)* }
    }
}

/// The root of the generated source of a crate of its own: the public items of the service and of the runtime.
pub(super) fn crate_root(service: &Service, form: &str) -> TokenStream {
    let head = tokens::module_doc(&format!(
        "Client of {} ({}, API version {}), and the parts of the runtime that programs use.",
        service.title, service.product, service.version
    ));
    let builders = builders(&[service]);
    let name = ident(&service.name);
    quote! {
        #head

        // If the next line fails, the runtime expects source in another form.
        ecs_sdk_runtime::generated_format!(#form);

        #builders

        mod #name;

        pub use self::#name::{Client, codes, operation, types};

        #[cfg(any(test, feature = "test-util"))]
        #[doc(inline)]
        pub use ecs_sdk_runtime::test_util;
        #[doc(inline)]
        pub use ecs_sdk_runtime::{
            AccessDenied, BoxError, BoxFuture, CallOptions, Config, Credentials, Error, ErrorClass, ErrorKind,
            InvalidTimestamp, Model, Network, Operation, Response, ResponseMeta, Result, SignatureVersion, Timestamp, UntypedCall,
            batch, call, content, credentials, environment, interceptor, metadata, pagination, retry, sts, system,
            transport, waiter,
        };
        #[doc(no_inline)]
        pub use ecs_sdk_runtime::{bytes, futures_core, http, serde_json};
        #[allow(unused_imports, reason = "which ones are used depends on the operations")]
        pub(crate) use ecs_sdk_runtime::{client, endpoint, fluent, model};

        /// Configuration of clients.
        pub mod config {
            #[doc(inline)]
            pub use ecs_sdk_runtime::{Config, Timeouts, builder::Builder};
        }

        #[cfg(test)]
        mod tests;
    }
}

/// The macro of the models that rejects source in another form.
pub(super) fn form(form: &str) -> TokenStream {
    let head = tokens::module_doc("The form of generated source that this version of the runtime expects.");
    quote! {
        #head

        /// Fails to compile unless it gets the expected form. The macros that generated source uses pass it what
        /// they do not know.
        #[doc(hidden)]
        #[macro_export]
        macro_rules! generated_format {
            (#form) => {};
            ($($other:tt)*) => {
                compile_error!(concat!(
                    "the source of this crate was generated for another version of ecs-sdk-runtime; run \
                     `cargo xtask codegen --crate ",
                    env!("CARGO_MANIFEST_DIR"),
                    "` in the checkout of ecs-sdk that has the version of the runtime"
                ));
            };
        }
    }
}

/// The root of the generated source of ecs-sdk-types.
pub(super) fn types_root(services: &[&Service]) -> TokenStream {
    let names = services.iter().map(|service| ident(&service.name));
    let head = tokens::module_doc("Generated types and error codes, one module per service.");
    quote! { #head #(pub mod #names;)* }
}

/// The root of the generated source of ecs-sdk-companions.
pub(super) fn companions_root(services: &[&Service]) -> TokenStream {
    let builders = builders(services);
    let modules = services.iter().map(|service| {
        let (name, gate) = (ident(&service.name), gate(service));
        quote! { #gate pub mod #name; }
    });
    let head = tokens::module_doc(ROOT);
    quote! { #head #builders #(#modules)* }
}

/// The root of the generated source of ecs-sdk-runtime.
pub(super) fn runtime_root(services: &[&Service], has_rpc: bool) -> TokenStream {
    let names = services.iter().map(|service| ident(&service.name));
    let head = tokens::module_doc(ROOT);
    let rpc = has_rpc.then(|| quote! { pub(crate) mod error_classes; pub(crate) mod rpc; });
    quote! { #head #(pub mod #names;)* #rpc }
}

/// The module of a service in ecs-sdk-types.
pub(super) fn types_module(service: &Service) -> TokenStream {
    let head = tokens::module_doc(&format!("Types and error codes shared by the operations of {}.", service.title));
    quote! {
        #head

        pub mod codes;
        pub mod types;
    }
}

/// The module of a service: its description, endpoints and client.
pub(super) fn module(service: &Service) -> TokenStream {
    let head =
        tokens::module_doc(&format!("{} ({}, API version {}).", service.title, service.product, service.version));
    let client = format!("Client for {}.", service.title);
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
    let mut regions = endpoints.regions.clone();
    regions.sort();
    let location = &endpoints.location;
    let error_classes = classes::rules(&service.error_classes);
    let use_classes = (!error_classes.is_empty()).then(|| quote! { use crate::{ErrorClass, endpoint::ClassRule}; });
    let module = ident(name);
    let place = place(service);
    let types = match service.gate {
        Gate::Families => quote! { pub use ecs_sdk_types::#module::types; },
        Gate::Crate | Gate::Service | Gate::None | Gate::Runtime => quote! { pub mod types; },
    };
    quote! {
        #head

        // Before the operations, because rustdoc lists the methods of a type in the order of the modules that define them.
        mod client {
            use super::SERVICE;

            crate::client::client!(#client #place);
        }
        pub mod codes;
        pub mod operation;
        #types

        pub use client::Client;

        #use_classes
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
                regions: &[#(#regions),*],
                location: #location,
            },
            error_classes: &[#(#error_classes),*],
        };
    }
}

/// The list of a service's operations.
pub(super) fn operations(service: &Service) -> TokenStream {
    let modules = service.operations.iter().map(|operation| {
        let gate = tokens::gate(&operation.features);
        let name = ident(&operation.method);
        quote! { #gate pub mod #name; }
    });
    let head = tokens::module_doc(&format!(
        "Operations of {}, one module per operation.\n\nA module has the request that the method of [`Client`](super::Client) \
         with the same name returns, its response, and the types that no other operation uses.",
        service.title
    ));
    quote! {
        #head

        #(#modules)*
    }
}

/// The files of shared types. Types of one family are in a file behind its feature, the others in `enums` and `structs`.
pub(super) fn type_files(service: &Service) -> Vec<(String, TokenStream)> {
    let mut files: BTreeMap<(bool, &str), Vec<&Type>> = BTreeMap::new();
    for ty in &service.types {
        let file = match (service.family_types.get(ty.name()), ty) {
            (Some(family), _) => (true, family.as_str()),
            (None, Type::Enum(_)) => (false, "enums"),
            (None, Type::Struct(_)) => (false, "structs"),
        };
        files.entry(file).or_default().push(ty);
    }
    let head = tokens::module_doc(&format!("Types shared by several operations of {}.", service.title));
    let modules = files.keys().map(|(gated, name)| {
        let gate = gated.then(|| quote! { #[cfg(feature = #name)] });
        let module = ident(&tokens::module_name(name));
        quote! { #gate mod #module; #gate pub use #module::*; }
    });
    let list = quote! { #head #(#modules)* };
    let mut all = vec![("mod".to_owned(), list)];
    all.extend(files.into_iter().map(|((_, name), types)| (tokens::module_name(name), type_file(&types))));
    all
}

/// A file of shared types.
fn type_file(types: &[&Type]) -> TokenStream {
    let structs: Vec<&Struct> = types.iter().filter_map(|ty| ty.as_struct()).collect();
    let enums: Vec<&Enum> = types.iter().filter_map(|ty| ty.as_enum()).collect();
    let others: Vec<_> = shared_types(shape::kinds(structs.iter().copied()))
        .into_iter()
        .filter(|name| !types.iter().any(|ty| *name == ty.name()))
        .collect();
    let use_others = (!others.is_empty()).then(|| quote! { use super::{#(#others),*}; });
    let use_enum = (!enums.is_empty()).then(|| quote! { use crate::model::OpenEnum; });
    let use_time = tokens::use_time(shape::kinds(structs.iter().copied()));
    let declared = types.iter().map(|ty| operation::declare(ty));
    let names = enums.iter().map(|shape| ident(&shape.name));
    let impls = (!enums.is_empty()).then(|| quote! { crate::model::enums!(#(#names),*); });
    quote! {
        #use_enum
        #use_time
        #use_others

        #(#declared)*

        #impls
    }
}
