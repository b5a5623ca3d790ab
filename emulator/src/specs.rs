//! The embedded API specs.

use std::{collections::BTreeMap, sync::OnceLock};

use ecs_codegen::{
    facts,
    spec::{ErrorCode, Field, Operation, Rpc, Service, SharedTypes, Type},
};
use serde::de::DeserializeOwned;

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
#[derive(Default)]
pub(crate) struct ServiceSpec {
    /// Facts from `service.json`.
    pub(crate) service: Service,
    types: SharedTypes,
    operations: BTreeMap<&'static str, LazyOperation>,
}

/// An operation that is parsed on first use, because a program that runs for seconds uses few of them.
struct LazyOperation {
    text: &'static str,
    parsed: OnceLock<Option<Operation>>,
}

impl LazyOperation {
    /// Returns the operation; `None` if its spec is invalid, which a test rules out.
    fn get(&self) -> Option<&Operation> {
        self.parsed.get_or_init(|| serde_json::from_str(self.text).ok()).as_ref()
    }
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
    /// Returns the embedded specs. Facts that operations share are parsed on first use, each operation when it is needed.
    ///
    /// # Errors
    ///
    /// Returns the first mistake of the specs. The generator does not write invalid specs, so none are expected.
    pub(crate) fn embedded() -> Result<&'static Specs, String> {
        static SPECS: OnceLock<Result<Specs, String>> = OnceLock::new();
        SPECS.get_or_init(Specs::load).as_ref().map_err(Clone::clone)
    }

    fn load() -> Result<Specs, String> {
        let mut rpc = Rpc::default();
        let mut services: BTreeMap<&str, ServiceSpec> = BTreeMap::new();
        for (path, text) in facts::files(FACTS) {
            let parts: Vec<&str> = path.split('/').collect();
            match parts[..] {
                ["rpc.json"] => rpc = parse(path, text)?,
                [service, "service.json"] => services.entry(service).or_default().service = parse(path, text)?,
                [service, "types.json"] => services.entry(service).or_default().types = parse(path, text)?,
                [service, _, file] => {
                    let name = file.strip_suffix(".json").unwrap_or(file);
                    let operation = LazyOperation { text, parsed: OnceLock::new() };
                    services.entry(service).or_default().operations.insert(name, operation);
                }
                _ => return Err(format!("unexpected file {path} of the specs")),
            }
        }
        Ok(Specs { services: services.into_values().collect(), rpc })
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
        self.operations.keys().filter_map(|name| self.operation(name))
    }

    /// Returns an operation by name.
    pub(crate) fn operation(&self, name: &str) -> Option<OperationSpec<'_>> {
        let operation = self.operations.get(name)?.get()?;
        Some(OperationSpec { operation, service: self })
    }
}

fn parse<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| format!("{path} of the specs is invalid: {error}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_operations_are_valid() {
        let specs = Specs::embedded().unwrap();
        for service in specs.services() {
            for (name, operation) in &service.operations {
                let parsed: Result<Operation, _> = serde_json::from_str(operation.text);
                assert_eq!(
                    parsed.as_ref().map(|operation| operation.operation.as_str()).map_err(|_| ()),
                    Ok(*name),
                    "{parsed:?}"
                );
            }
            assert_eq!(service.operations().count(), service.operations.len());
        }
        assert!(specs.service("ecs").unwrap().operations.len() > 300);
    }
}
