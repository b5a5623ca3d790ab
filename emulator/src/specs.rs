//! The API specs, which are embedded in the program.

use std::{collections::HashMap, sync::OnceLock};

use ecs_codegen::{
    facts, load,
    spec::{ErrorCode, Field, Operation, Rpc, Service, SharedTypes, Type},
};

/// The facts of all spec files, as the generator copies them.
const FACTS: &str = include_str!("generated/specs.txt");

/// All services.
pub(crate) struct Specs {
    services: Vec<ServiceSpec>,
    /// What `rpc.json` says.
    rpc: Rpc,
}

/// Returns the names of the parameters that the requests of all operations have: they select the operation, and
/// authenticate the request.
pub fn common_parameters() -> impl Iterator<Item = &'static str> {
    let specs = Specs::embedded().ok();
    specs.into_iter().flat_map(|specs| specs.rpc.parameters.keys().map(String::as_str))
}

/// Whether a parameter is one that the requests of all operations have.
pub(crate) fn is_common_parameter(name: &str) -> bool {
    Specs::embedded().is_ok_and(|specs| specs.rpc.parameters.contains_key(name))
}

/// A service: its facts, the types that its operations share, and the operations.
pub(crate) struct ServiceSpec {
    /// What `service.json` tells.
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
    /// The embedded specs, parsed at the first call.
    ///
    /// # Errors
    ///
    /// Returns every mistake of the specs. The generator does not write specs with mistakes, so there should be none.
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

    /// All services.
    pub(crate) fn services(&self) -> &[ServiceSpec] {
        &self.services
    }

    /// The services of an API version.
    pub(crate) fn version<'a>(&'a self, version: &'a str) -> impl Iterator<Item = &'a ServiceSpec> {
        self.services.iter().filter(move |service| service.service.version == version)
    }

    /// A service by its short name.
    pub(crate) fn service(&self, name: &str) -> Option<&ServiceSpec> {
        self.services.iter().find(|service| service.service.service == name)
    }

    /// An operation by version and name.
    pub(crate) fn operation<'a>(&'a self, version: &'a str, name: &str) -> Option<OperationSpec<'a>> {
        self.version(version).find_map(|service| service.operation(name))
    }
}

impl ServiceSpec {
    /// An operation by name.
    pub(crate) fn operation(&self, name: &str) -> Option<OperationSpec<'_>> {
        self.operations.get(name).map(|operation| OperationSpec { operation, service: self })
    }
}

impl<'a> OperationSpec<'a> {
    /// Short name of the service and name of the operation.
    pub(crate) fn key(self) -> (&'a str, &'a str) {
        (&self.service.service.service, &self.operation.operation)
    }

    /// The struct or enum of that name; `None` for simple types.
    pub(crate) fn ty(self, name: &str) -> Option<&'a Type> {
        self.operation.types.get(name).or_else(|| self.service.types.get(name))
    }

    /// The parameter of that name.
    pub(crate) fn parameter(self, name: &str) -> Option<&'a Field> {
        self.operation.request.iter().find(|field| field.name == name)
    }

    /// Whether the response has a member of this name.
    pub(crate) fn has_response_member(self, name: &str) -> bool {
        self.operation.response.iter().any(|field| field.name == name)
    }

    /// The first documented error whose code the test accepts.
    pub(crate) fn documented(self, test: impl Fn(&str) -> bool) -> Option<&'a ErrorCode> {
        self.operation.errors.iter().find(|error| test(&error.code))
    }
}
