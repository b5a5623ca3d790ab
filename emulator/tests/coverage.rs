//! Properties of all operations that the emulator simulates: each is called by a test, and rejects resources that do not
//! exist with an error that it documents.

mod common;

use std::{fs, path::Path};

use common::{CMS, ECS, STS, Test, VPC};
use serde_json::Value;

/// Operations that succeed although the resources in the examples of their specs do not exist, or that change something
/// without naming a resource, with the reason.
const SUCCEED: &[(&str, &str, &str)] = &[
    ("ecs", "AllocateEipAddress", "creates a resource and needs no other"),
    ("ecs", "CreateAutoSnapshotPolicy", "creates a resource and needs no other"),
    ("ecs", "CreateKeyPair", "creates a resource and needs no other"),
    ("ecs", "CreateLaunchTemplate", "creates a resource and needs no other"),
    ("ecs", "CreateSecurityGroup", "creates a resource and needs no other"),
    ("ecs", "CreateVpc", "creates a resource and needs no other"),
    ("ecs", "DeleteImage", "an image that does not exist is ignored"),
    ("ecs", "DeleteKeyPairs", "deletes those that exist"),
    ("ecs", "DescribeRouteTables", "a list, empty if nothing matches"),
    ("ecs", "DetachInstanceRamRole", "reports an error for each instance"),
    ("ecs", "DisableDiskEncryptionByDefault", "changes a setting of the region"),
    ("ecs", "EnableDiskEncryptionByDefault", "changes a setting of the region"),
    ("ecs", "ImportKeyPair", "creates a resource and needs no other"),
    ("ecs", "ModifyDiskDefaultKMSKeyId", "changes a setting of the region; the emulator does not know keys"),
    ("ecs", "ResetDiskDefaultKMSKeyId", "changes a setting of the region"),
    ("vpc", "AllocateEipAddress", "creates a resource and needs no other"),
    ("vpc", "CreateVpc", "creates a resource and needs no other"),
    ("vpc", "DescribeRouteTables", "a list, empty if nothing matches"),
];

/// Parameters that one call needs although the spec does not require them, because there is a choice.
const CHOICES: &[(&str, &str, &str)] = &[
    ("AssumeRoleWithOIDC", "OIDCProviderArn", "acs:ram::1000000000000001:oidc-provider/none"),
    ("AssumeRoleWithOIDC", "OIDCToken", "none"),
    ("AssumeRoleWithOIDC", "RoleArn", "acs:ram::1000000000000001:role/none"),
    ("AssumeRoleWithOIDC", "RoleSessionName", "none"),
    ("DescribeRouteTables", "RouteTableId", "vtb-none"),
    ("JoinSecurityGroup", "InstanceId", "i-none"),
    ("LeaveSecurityGroup", "InstanceId", "i-none"),
    ("ModifyInstanceMaintenanceAttributes", "InstanceId.1", "i-none"),
    ("ModifyInstanceMetadataOptions", "InstanceId", "i-none"),
    ("ResetDisks", "Disk.1.DiskId", "d-none"),
    ("ResetDisks", "Disk.1.SnapshotId", "s-none"),
];

/// An operation, with its spec.
struct Simulated {
    service: &'static str,
    version: &'static str,
    name: String,
    spec: Value,
}

impl Simulated {
    /// Whether the operation documents the error. Some document none for resources that do not exist.
    fn documents(&self, status: u16, code: &str) -> bool {
        let errors = || self.spec["errors"].as_array().into_iter().flatten();
        let is_missing = |code: &str| code.contains("NotFound");
        let documents_none = !errors().any(|error| is_missing(error["code"].as_str().unwrap()));
        errors().any(|error| error["code"] == code && error["http"] == status)
            || documents_none && is_missing(code) && (400..500).contains(&status)
    }

    /// The required parameters with the values of the spec's examples, whose resources do not exist.
    fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters = Vec::new();
        for field in self.spec["request"].as_array().unwrap() {
            if field["required"] == true {
                self.fill(field, "", &mut parameters);
            }
        }
        let choices = CHOICES.iter().filter(|choice| choice.0 == self.name);
        parameters.extend(choices.map(|(_, name, value)| ((*name).to_owned(), (*value).to_owned())));
        parameters
    }

    fn fill(&self, field: &Value, path: &str, parameters: &mut Vec<(String, String)>) {
        let name = format!("{path}{}", field["name"].as_str().unwrap());
        let (ty, list) = match &field["type"] {
            Value::Array(types) => (types[0].as_str().unwrap(), true),
            ty => (ty.as_str().unwrap(), false),
        };
        let element = if list && field["wire"] == "repeat" { format!("{name}.1") } else { name.clone() };
        if ty == "Tag" {
            parameters.push((format!("{element}.Key"), "team".to_owned()));
            return;
        }
        if let Some(fields) = self.spec["types"][ty]["fields"].as_array() {
            for field in fields.iter().filter(|field| field["required"] == true) {
                self.fill(field, &format!("{element}."), parameters);
            }
            return;
        }
        let example = match &field["example"] {
            Value::Array(values) => values.first().cloned().unwrap_or_default(),
            example => example.clone(),
        };
        let value = match (example, ty) {
            _ if name == common::REGION.0 => common::REGION.1.to_owned(),
            (Value::String(text), _) => text,
            (Value::Null, "bool") => "false".to_owned(),
            (Value::Null, "i32" | "i64") => "1".to_owned(),
            (Value::Null, "time") => "2026-01-03T00:00:00Z".to_owned(),
            (Value::Null, _) => {
                let values = self.spec["types"][ty]["enum"].as_object();
                values.and_then(|values| values.keys().next()).map_or("none", String::as_str).to_owned()
            }
            (other, _) => other.to_string(),
        };
        let value = if field["wire"] == "json" && list { serde_json::json!([value]).to_string() } else { value };
        parameters.push((element, value));
    }
}

/// The operations with fidelity `state`.
fn simulated(test: &Test) -> Vec<Simulated> {
    let coverage = test.raw("GET", "/emulator/coverage?fidelity=state", &[], "").json();
    let operations = coverage["operations"].as_array().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let services = [("ecs", ECS), ("vpc", VPC), ("cms", CMS), ("sts", STS)];
    let find = |operation: &Value| {
        let (service, version) = services.into_iter().find(|(_, version)| operation["version"] == *version).unwrap();
        let name = operation["operation"].as_str().unwrap().to_owned();
        let families = root.join(service).read_dir().unwrap().map(|entry| entry.unwrap().path());
        let text = families.filter_map(|family| fs::read(family.join(format!("{name}.json"))).ok()).next().unwrap();
        Simulated { service, version, name, spec: serde_json::from_slice(&text).unwrap() }
    };
    operations.iter().map(find).collect()
}

#[test]
fn operations_reject_what_does_not_exist_with_an_error_that_they_document() {
    let test = Test::new();
    let mut wrong = Vec::new();
    for operation in simulated(&test) {
        let Simulated { service, version, name, spec } = &operation;
        let parameters = operation.parameters();
        let parameters: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // IDs in examples, and in `CHOICES`, end like this.
        let names_resource = parameters.iter().any(|(_, value)| value.contains("xample") || value.ends_with("-none"));
        let succeeds = SUCCEED.iter().any(|known| known.0 == *service && known.1 == *name);
        match test.call_version(version, name, &parameters) {
            Ok(_) if succeeds == (names_resource || spec["read"] != true) => {}
            Err(failure) if !succeeds && operation.documents(failure.status, &failure.code) => {}
            other => wrong.push(format!("{service} {name} {parameters:?}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Appends the text of all files in a folder.
fn read_all(folder: &Path, text: &mut String) {
    for path in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read_all(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_simulated_operation_is_called_by_a_test() {
    let mut tests = String::new();
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut tests);
    let called = |operation: &Simulated| tests.contains(&format!("\"{}\"", operation.name));
    let untested: Vec<String> = simulated(&Test::new())
        .into_iter()
        .filter(|operation| !called(operation))
        .map(|operation| format!("{} {}", operation.service, operation.name))
        .collect();
    assert!(untested.is_empty(), "no test calls {untested:?}");
}
