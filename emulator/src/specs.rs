//! The embedded API specs.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use ecs_codegen::{
    facts, load,
    spec::{ErrorCode, Field, Operation, Rpc, Service, SharedTypes, Type},
};

/// The facts of all spec files, written by the generator.
const FACTS: &str = include_str!("generated/specs.txt");

/// All services.
pub(crate) struct Specs {
    services: Vec<ServiceSpec>,
    /// Facts from `rpc.json`.
    rpc: Rpc,
}

/// Returns the names of the parameters that requests of all operations have. They select the operation and authenticate
/// the request.
pub fn common_parameters() -> impl Iterator<Item = &'static str> {
    let specs = Specs::embedded().ok();
    specs.into_iter().flat_map(|specs| specs.rpc.parameters.keys().map(String::as_str))
}

/// Whether requests of all operations have the parameter.
pub(crate) fn is_common_parameter(name: &str) -> bool {
    Specs::embedded().is_ok_and(|specs| specs.rpc.parameters.contains_key(name))
}

/// A service: its facts, the types its operations share, and the operations.
pub(crate) struct ServiceSpec {
    /// Facts from `service.json`.
    pub(crate) service: Service,
    types: SharedTypes,
    operations: HashMap<String, Operation>,
}

/// An operation together with its service.
#[derive(Clone, Copy)]
pub(crate) struct OperationSpec<'a> {
    /// The operation.
    pub(crate) operation: &'a Operation,
    /// The service that it belongs to.
    pub(crate) service: &'a ServiceSpec,
}

impl Specs {
    /// Returns the embedded specs, which are parsed on first use.
    ///
    /// # Errors
    ///
    /// Returns all mistakes of the specs. The generator does not write invalid specs, so none are expected.
    pub(crate) fn embedded() -> Result<&'static Specs, String> {
        static SPECS: OnceLock<Result<Specs, String>> = OnceLock::new();
        SPECS.get_or_init(Specs::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Specs, String> {
        let tree = load::from_files(facts::read(FACTS)).map_err(|mistakes| mistakes.to_string())?;
        let services = tree.services.into_iter().map(|tree| ServiceSpec {
            service: tree.service,
            types: tree.types,
            operations: tree.operations.into_iter().map(|op| (op.operation.clone(), op)).collect(),
        });
        Ok(Specs { services: services.collect(), rpc: tree.rpc })
    }

    /// Returns all services.
    pub(crate) fn services(&self) -> &[ServiceSpec] {
        &self.services
    }

    /// Returns the services with an API version.
    pub(crate) fn version<'a, 'v>(&'a self, version: &'v str) -> impl Iterator<Item = &'a ServiceSpec> + use<'a, 'v> {
        self.services.iter().filter(move |service| service.service.version == version)
    }

    /// Returns a service by its short name.
    pub(crate) fn service(&self, name: &str) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| service.service.service == name)
    }

    /// Returns an operation by version and name.
    pub(crate) fn operation<'a>(&'a self, version: &str, name: &str) -> Option<OperationSpec<'a>> {
        self.version(version).find_map(|service| service.operation(name))
    }
}

impl ServiceSpec {
    /// Returns all operations, in order of their names.
    pub(crate) fn operations(&self) -> impl Iterator<Item = OperationSpec<'_>> {
        let names: BTreeSet<&String> = self.operations.keys().collect();
        names.into_iter().filter_map(|name| self.operation(name))
    }

    /// Returns an operation by name.
    pub(crate) fn operation(&self, name: &str) -> Option<OperationSpec<'_>> {
        self.operations.get(name).map(|operation| OperationSpec { operation, service: self })
    }
}

impl<'a> OperationSpec<'a> {
    /// Returns the short name of the service and the name of the operation.
    pub(crate) fn key(self) -> (&'a str, &'a str) {
        (&self.service.service.service, &self.operation.operation)
    }

    /// Returns the struct or enum with a name; `None` for scalar types.
    pub(crate) fn ty(self, name: &str) -> Option<&'a Type> {
        self.operation.types.get(name).or_else(|| self.service.types.get(name))
    }

    /// Returns the parameter with a name.
    pub(crate) fn parameter(self, name: &str) -> Option<&'a Field> {
        self.operation.request.iter().find(|field| field.name == name)
    }

    /// Whether the response has a member with this name.
    pub(crate) fn has_response_member(self, name: &str) -> bool {
        self.operation.response.iter().any(|field| field.name == name)
    }

    /// Returns the first documented error whose code passes a test.
    pub(crate) fn documented(self, test: impl Fn(&str) -> bool) -> Option<&'a ErrorCode> {
        self.operation.errors.iter().find(|error| test(&error.code))
    }
}
