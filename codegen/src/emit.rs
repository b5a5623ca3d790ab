//! Model → Rust source. Small pure functions turn the model into token streams, which `render` formats.

mod classes;
mod codes;
mod crate_tests;
mod enums;
mod example;
mod example_tests;
mod jobs;
mod operation;
mod pages;
mod rpc;
mod samples;
mod service;
mod shape;
mod tokens;
mod waiters;

use crate::{
    fileset::FileSet,
    model::{Model, Operation, Service},
    render,
    spec::Gate,
};
use jobs::{Jobs, Part};

/// The generated files of the crates, with paths below their folders of generated source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Files of ecs-sdk.
    pub sdk: FileSet,
    /// Files of ecs-sdk-types: shared types and error codes of services whose families are features.
    pub types: FileSet,
    /// Files of ecs-sdk-companions: services that are features as a whole.
    pub companions: FileSet,
    /// Files of ecs-sdk-runtime: the services that the runtime itself calls.
    pub runtime: FileSet,
}

/// Emits all generated files.
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit(model: &Model) -> Output {
    emit_with(model, &|_, _| true, &mut || ())
}

/// Emits the files of the selected operations, and all files that operations have in common. The files of other operations
/// stay as they are. `done` is called after each operation.
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit_with(model: &Model, select: &dyn Fn(&Service, &Operation) -> bool, done: &mut dyn FnMut()) -> Output {
    let mut output = Output::default();
    let mut jobs = Jobs::default();
    jobs.add_text(Part::Sdk, "samples.json".to_owned(), || samples::samples(model));
    jobs.add(Part::Sdk, "mod.rs".to_owned(), || service::services(model));
    jobs.add(Part::Sdk, "tests.rs".to_owned(), || example_tests::tests(model));
    jobs.add(Part::Sdk, "operations.rs".to_owned(), || samples::operations(model));
    for service in &model.services {
        let name = &service.name;
        let part = match service.gate {
            Gate::Runtime => Part::Runtime,
            Gate::Service => Part::Companions,
            Gate::Families | Gate::None | Gate::Crate => Part::Sdk,
        };
        jobs.add(part, format!("{name}/mod.rs"), || service::module(service));
        jobs.add(part, format!("{name}/operation/mod.rs"), || service::operations(service));
        for operation in &service.operations {
            let file = operation.method.trim_start_matches("r#");
            let path = format!("{name}/operation/{file}.rs");
            if select(service, operation) {
                jobs.add_operation(part, path, || operation::module(service, operation));
            } else {
                output.part(part).insert_untouched(path);
            }
        }
        let mut shared = part;
        if service.gate.has_types_crate() {
            shared = Part::Types;
            jobs.add(part, format!("{name}/codes.rs"), || codes::re_exports(service));
            jobs.add(shared, format!("{name}/mod.rs"), || service::types_module(service));
        }
        jobs.add_all(shared, format!("{name}/types"), || service::type_files(service));
        jobs.add_all(shared, name.clone(), || codes::files(service));
    }
    let services_where =
        |has: fn(Gate) -> bool| model.services.iter().filter(move |service| has(service.gate)).collect();
    let with_types: Vec<&Service> = services_where(Gate::has_types_crate);
    if !with_types.is_empty() {
        jobs.add(Part::Types, "mod.rs".to_owned(), move || service::types_root(&with_types));
    }
    let companions: Vec<&Service> = services_where(Gate::is_companion);
    if !companions.is_empty() {
        jobs.add(Part::Companions, "mod.rs".to_owned(), move || service::companions_root(&companions));
    }
    let in_runtime: Vec<&Service> = services_where(Gate::is_in_runtime);
    if !in_runtime.is_empty() {
        // An excerpt has no facts of all services: the runtime that it uses already has them.
        let rpc = &model.rpc;
        let has_rpc = !rpc.parameters.is_empty();
        jobs.add(Part::Runtime, "mod.rs".to_owned(), move || service::runtime_root(&in_runtime, has_rpc));
        if has_rpc {
            jobs.add(Part::Runtime, "rpc.rs".to_owned(), || rpc::module(rpc));
            jobs.add(Part::Runtime, "error_classes.rs".to_owned(), || classes::module(&rpc.error_classes));
        }
    }
    jobs.run(&mut output, done);
    output
}

/// The module of ecs-sdk-model that states the form of generated source that the runtime expects.
///
/// # Panics
///
/// Panics if the tokens are not valid Rust, which would be a bug in the generator.
pub fn form_module(form: &str) -> String {
    render::render(service::form(form))
}

/// Emits the files of a service that is a crate of its own, with paths below the crate's folder of generated source. `form` is
/// the form of generated source that the crate's runtime expects; `select` and `done` are those of [`emit_with`].
///
/// # Panics
///
/// Panics if an emitter produces tokens that are not valid Rust, which would be a bug in the generator.
pub fn emit_crate(
    model: &Model,
    form: &str,
    select: &dyn Fn(&Service, &Operation) -> bool,
    done: &mut dyn FnMut(),
) -> FileSet {
    let mut files = emit_with(model, select, done).sdk;
    let Some(service) = model.services.first() else { return files };
    files.remove("operations.rs");
    for (path, tokens) in
        [("mod.rs", service::crate_root(service, form)), ("tests.rs", crate_tests::tests(model, service))]
    {
        files.insert(path.to_owned(), render::render(tokens));
    }
    files
}
