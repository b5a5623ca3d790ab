//! Model → Rust source. Small pure functions turn the model into token streams, which `render` formats.

mod classes;
mod codes;
mod crate_tests;
mod enums;
mod example;
mod example_tests;
mod operation;
mod pages;
mod rpc;
mod samples;
mod service;
mod shape;
mod tokens;
mod waiters;

use proc_macro2::TokenStream;

use crate::{
    fileset::FileSet,
    model::{Model, Operation, Service},
    render,
    spec::Gate,
};

/// The generated files of the crates, with paths below their folders of generated source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Files of ecs-sdk.
    pub sdk: FileSet,
    /// Files of ecs-sdk-types: shared types and error codes of services whose families are features, and the services that
    /// are features as a whole.
    pub types: FileSet,
    /// Files of ecs-sdk-runtime: the services that the runtime itself calls.
    pub runtime: FileSet,
}

/// Emits all generated files.
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit(model: &Model) -> Output {
    emit_with(model, &mut |_, _| true)
}

/// Emits the files of some operations, and all files that operations have in common. `select` is called for each operation
/// before it is emitted; the files of operations that it rejects stay as they are.
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit_with(model: &Model, select: &mut dyn FnMut(&Service, &Operation) -> bool) -> Output {
    let Output { mut sdk, mut types, mut runtime } = Output::default();
    for service in &model.services {
        let name = &service.name;
        let files = match service.gate {
            Gate::Runtime => &mut runtime,
            Gate::Service => &mut types,
            Gate::Families | Gate::None | Gate::Crate => &mut sdk,
        };
        let mut add = |path: String, tokens: TokenStream| files.insert(path, render::render(tokens));
        add(format!("{name}/mod.rs"), service::module(service));
        add(format!("{name}/operation/mod.rs"), service::operations(service));
        for operation in &service.operations {
            let file = operation.method.trim_start_matches("r#");
            let path = format!("{name}/operation/{file}.rs");
            if select(service, operation) {
                files.insert(path, render::render(operation::module(service, operation)));
            } else {
                files.insert_untouched(path);
            }
        }
        let mut add = |path: String, tokens: TokenStream| files.insert(path, render::render(tokens));
        if service.gate.has_types_crate() {
            add(format!("{name}/codes.rs"), codes::re_exports(service));
        }
        let files = if service.gate.has_types_crate() { &mut types } else { files };
        let mut add = |path: String, tokens: TokenStream| files.insert(path, render::render(tokens));
        for (file, tokens) in service::type_files(service) {
            add(format!("{name}/types/{file}.rs"), tokens);
        }
        for (file, tokens) in codes::files(service) {
            add(format!("{name}/{file}.rs"), tokens);
        }
        if service.gate.has_types_crate() {
            add(format!("{name}/mod.rs"), service::types_module(service));
        }
    }
    for (path, tokens) in [
        ("mod.rs", service::services(model)),
        ("tests.rs", example_tests::tests(model)),
        ("operations.rs", samples::operations(model)),
    ] {
        sdk.insert(path.to_owned(), render::render(tokens));
    }
    sdk.insert("samples.json".to_owned(), samples::samples(model));
    let services_where =
        |has: fn(Gate) -> bool| model.services.iter().filter(move |service| has(service.gate)).collect();
    let in_types: Vec<&Service> = services_where(|gate| gate.has_types_crate() || gate.is_in_types());
    if !in_types.is_empty() {
        types.insert("mod.rs".to_owned(), render::render(service::types_root(&in_types)));
    }
    let in_runtime: Vec<&Service> = services_where(Gate::is_in_runtime);
    if !in_runtime.is_empty() {
        // An excerpt has no facts of all services: the runtime that it uses already has them.
        let rpc = Some(&model.rpc).filter(|rpc| !rpc.parameters.is_empty());
        runtime.insert("mod.rs".to_owned(), render::render(service::runtime_root(&in_runtime, rpc.is_some())));
        runtime.extend(rpc.map(|rpc| ("rpc.rs".to_owned(), render::render(rpc::module(rpc)))));
        let classes =
            rpc.map(|rpc| ("error_classes.rs".to_owned(), render::render(classes::module(&rpc.error_classes))));
        runtime.extend(classes);
    }
    Output { sdk, types, runtime }
}

/// The module of the runtime that states the form of generated source that it expects: `format.rs` beside its services.
///
/// # Panics
///
/// Panics if the tokens are not valid Rust, which would be a bug in the generator.
pub fn form_module(form: &str) -> String {
    render::render(service::form(form))
}

/// Emits the files of a service that is a crate of its own, with paths below the crate's folder of generated source. `form` is
/// the form of generated source that the crate's runtime expects, and `select` is called as by [`emit_with`].
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit_crate(model: &Model, form: &str, select: &mut dyn FnMut(&Service, &Operation) -> bool) -> FileSet {
    let mut files = emit_with(model, select).sdk;
    let Some(service) = model.services.first() else { return files };
    files.remove("operations.rs");
    for (path, tokens) in
        [("mod.rs", service::crate_root(service, form)), ("tests.rs", crate_tests::tests(model, service))]
    {
        files.insert(path.to_owned(), render::render(tokens));
    }
    files
}
