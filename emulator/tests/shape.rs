//! Responses of operations that are not simulated, made of their specs.

mod common;

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, SystemTime},
};

use common::{ECS, REGION, Test, fails};
use ecs_codegen::{
    load::{ServiceTree, from_dir},
    spec::{Field, Operation, Type},
};
use ecs_emulator::{Clock, Emulator, Unsimulated};
use serde_json::{Value, json};

fn shaped() -> Test {
    let clock = Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(common::START));
    let emulator = Emulator::builder().clock(clock.clone()).unsimulated(Unsimulated::Shape).start_blocking().unwrap();
    Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) }
}

fn type_of<'a>(service: &'a ServiceTree, operation: &'a Operation, name: &str) -> Option<&'a Type> {
    operation.types.get(name).or_else(|| service.types.get(name))
}

/// Adds a value of a required parameter, and of its required members.
fn fill(
    service: &ServiceTree,
    operation: &Operation,
    field: &Field,
    path: &str,
    parameters: &mut BTreeMap<String, String>,
) {
    let item = if field.ty.is_list() && matches!(field.wire.as_deref(), None | Some("repeat")) {
        format!("{path}.1")
    } else {
        path.to_owned()
    };
    let ty = type_of(service, operation, field.ty.name());
    if field.wire.as_deref() == Some("json") {
        let text = if field.ty.is_list() { r#"["a"]"# } else { "{}" };
        parameters.insert(path.to_owned(), text.to_owned());
        return;
    }
    if let Some(fields) = ty.and_then(|ty| ty.fields.as_ref()) {
        // A struct without required members needs any of its members.
        let required: Vec<&Field> = fields.iter().filter(|field| field.required).collect();
        for field in if required.is_empty() { fields.iter().take(1).collect() } else { required } {
            fill(service, operation, field, &format!("{item}.{}", field.name), parameters);
        }
        return;
    }
    let smallest = field.min.as_ref().map_or("1".to_owned(), ToString::to_string);
    let value = match field.ty.name() {
        "bool" => "true".to_owned(),
        "i32" | "i64" | "f32" | "f64" => smallest,
        "time" => "2026-01-02T03:04:05Z".to_owned(),
        "map" => r#"{"a": "b"}"#.to_owned(),
        _ => match field.values.first().or(field.default.as_ref()) {
            Some(Value::String(value)) => value.clone(),
            _ => {
                let text = match field.name.as_str() {
                    name if name.contains("Passw") => "Passw0rd!",
                    name if name.contains("Cidr") => "10.0.0.0/8",
                    _ => "cccccccc",
                };
                let text = text.chars().take(field.max_length.map_or(usize::MAX, |most| most as usize)).collect();
                ty.and_then(|ty| ty.values.as_ref()?.keys().next().cloned()).unwrap_or(text)
            }
        },
    };
    parameters.insert(item, value);
}

/// Checks that a value has exactly the members and types of the spec.
fn check(service: &ServiceTree, operation: &Operation, fields: &[Field], value: &Value, path: &str) {
    let members = value.as_object().unwrap_or_else(|| panic!("{path} is not an object: {value}"));
    let fields: Vec<&Field> = fields.iter().filter(|field| field.skip.is_none()).collect();
    for name in members.keys().filter(|name| *name != "RequestId") {
        assert!(fields.iter().any(|field| field.name == *name), "{path}.{name} is not in the spec");
    }
    for field in fields {
        let path = format!("{path}.{}", field.name);
        let value = members.get(&field.name).unwrap_or_else(|| panic!("{path} is missing"));
        let items = match field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:")) {
            Some(item) => value[item].as_array().unwrap_or_else(|| panic!("{path} has no {item}: {value}")).clone(),
            None if field.ty.is_list() => {
                value.as_array().unwrap_or_else(|| panic!("{path} is not a list: {value}")).clone()
            }
            None => vec![value.clone()],
        };
        for item in &items {
            let ty = type_of(service, operation, field.ty.name());
            if let Some(fields) = ty.and_then(|ty| ty.fields.as_ref()) {
                check(service, operation, fields, item, &path);
                continue;
            }
            let right = match field.ty.name() {
                "bool" => item.is_boolean(),
                "i32" | "i64" => item.is_i64(),
                "f32" | "f64" => item.is_number(),
                "map" => item.is_object(),
                _ => item.is_string(),
            };
            assert!(right, "{path} is not a {}: {item}", field.ty.name());
        }
    }
}

/// Whether every element of a document is closed, by its own name.
fn is_well_formed(xml: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let body = xml.split_once("?>").map_or(xml, |(_, body)| body);
    for tag in body.split('<').skip(1) {
        let name = tag.split('>').next().unwrap_or_default();
        match name.strip_prefix('/') {
            Some(name) if open.pop() != Some(name) => return false,
            Some(_) => {}
            None => open.push(name),
        }
    }
    open.is_empty() && body.contains('>')
}

/// Simulated operations whose response is a constant. They need an instance that exists.
const WITH_INSTANCE: [&str; 3] = ["GetInstanceScreenshot", "InstallCloudAssistant", "ModifyInstanceVncPasswd"];

/// Every operation responds with the names and types of its spec, in JSON and in XML.
#[test]
fn every_operation_has_the_shape_of_its_spec() {
    let test = shaped();
    let specs = from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap();
    let mut shapes = 0;
    for service in &specs.unwrap_or_else(|mistakes| panic!("{mistakes}")).services {
        for operation in &service.operations {
            let mut parameters = BTreeMap::new();
            for field in operation.request.iter().filter(|field| field.required) {
                fill(service, operation, field, &field.name, &mut parameters);
            }
            let parameters: Vec<(&str, &str)> =
                parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let (version, name) = (&service.service.version, &operation.operation);
            let raw = test.post(&test.signed("POST", version, name, &parameters));
            assert_ne!(raw.header("x-emulator-fidelity"), Some("none"), "{name}");
            if raw.header("x-emulator-fidelity") != Some("shape") {
                continue;
            }
            shapes += 1;
            if WITH_INSTANCE.contains(&name.as_str()) {
                continue;
            }
            assert_eq!(raw.status, 200, "{name}: {}", raw.body);
            check(service, operation, &operation.response, &raw.json(), name);
            let xml = [&parameters[..], &[("Format", "XML")]].concat();
            let raw = test.post(&test.signed("POST", version, name, &xml));
            assert!(raw.status == 200 && is_well_formed(&raw.body), "{name}: {}", raw.body);
        }
    }
    assert!(shapes > 100, "{shapes}");
    assert_eq!(test.emulator.warnings().len(), shapes);
}

#[test]
fn shapes_are_useful_to_a_client_that_goes_on() {
    let test = shaped();
    let clusters = test.call_here("DescribeHpcClusters", &[("PageSize", "20")]).unwrap();
    assert_eq!(
        (&clusters["TotalCount"], &clusters["PageSize"], &clusters["PageNumber"]),
        (&json!(0), &json!(20), &json!(1))
    );
    assert_eq!(clusters["HpcClusters"]["HpcCluster"], json!([]));
    let create = |token: &str| test.call_here("CreateHpcCluster", &[("Name", "hpc"), ("ClientToken", token)]).unwrap();
    let (first, second) = (create("a"), create("b"));
    let id = first["HpcClusterId"].as_str().unwrap();
    assert!(id.starts_with("hpc-"), "{id}");
    assert_ne!(first["HpcClusterId"], second["HpcClusterId"]);
    assert_eq!(first["HpcClusterId"], create("a")["HpcClusterId"]);
    // Parameters are checked first, and operations without a spec have no shape.
    assert!(fails(test.call("CreateHpcCluster", &[REGION]), 400, "MissingParameter").contains("Name"));
    fails(test.call_version("2014-05-15", "CreateLoadBalancer", &[]), 501, "EmulatorNotSimulated");
    fails(test.call_version(ECS, "DescribeNothing", &[]), 404, "InvalidAction.NotFound");
}
