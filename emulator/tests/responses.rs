//! Every simulated operation responds only with members of its spec, in their types.

mod common;

use std::{collections::BTreeSet, path::Path};

use common::{CMS, ECS, IMAGE, STS, Test, VPC, fails};
use ecs_codegen::{
    load::{ServiceTree, Tree, from_dir},
    spec::{Field, Operation, Type},
};
use serde_json::Value;

fn specs() -> Tree {
    from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs"))
        .unwrap()
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

/// Fills an emulator, and returns its instances: a running one, a subscription, a spot and a stopped one.
fn populate(test: &Test) -> Vec<String> {
    let tag = [("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
    let running = test.run(&[
        tag[0],
        tag[1],
        ("InternetMaxBandwidthOut", "1"),
        ("DataDisk.1.Size", "40"),
        ("AutoReleaseTime", &*test.time(7200)),
    ]);
    let subscription = test.run(&[
        ("InstanceChargeType", "PrePaid"),
        ("Period", "1"),
        ("InstanceType", "ecs.i2.xlarge"),
        ("ZoneId", "cn-hangzhou-e"),
    ]);
    let spot = test.run(&[("SpotStrategy", "SpotAsPriceGo"), ("InstanceType", "ecs.gn6i-c4g1.xlarge")]);
    assert!(test.emulator.recycle(&spot[0]));
    let stopped = test.run(&[("InternetMaxBandwidthOut", "0")]);
    test.call("StopInstance", &[("InstanceId", &stopped[0])]).unwrap();
    test.advance(1);
    [running, subscription, spot, stopped].concat()
}

/// Version, operation and parameters.
type Call<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>);

#[test]
fn responses_match_the_specs() {
    let test = Test::new();
    let instances = populate(&test);
    let [running, subscription, _, stopped] = instances.iter().map(String::as_str).collect::<Vec<_>>()[..] else {
        panic!("four instances")
    };
    let release = test.time(3600);
    let calls: Vec<Call<'_>> = vec![
        (ECS, "DescribeInstances", vec![]),
        (ECS, "DescribeInstanceStatus", vec![]),
        (ECS, "DescribeInstanceAutoRenewAttribute", vec![("InstanceId", subscription)]),
        (ECS, "ModifyInstanceAutoRenewAttribute", vec![("InstanceId", subscription), ("AutoRenew", "true")]),
        (ECS, "DescribeRegions", vec![("AcceptLanguage", "en-US")]),
        (ECS, "DescribeImages", vec![("PageSize", "100")]),
        (
            ECS,
            "DescribeAvailableResource",
            vec![("DestinationResource", "SystemDisk"), ("InstanceType", "ecs.g6.large")],
        ),
        (ECS, "DescribeAvailableResource", vec![("DestinationResource", "InstanceType")]),
        (ECS, "DescribeResourcesModification", vec![("DestinationResource", "InstanceType"), ("ResourceId", running)]),
        (ECS, "DescribeInstanceTypes", vec![]),
        (ECS, "DescribeSecurityGroups", vec![("IsQueryEcsCount", "true")]),
        (ECS, "CreateSecurityGroup", vec![("SecurityGroupName", "web")]),
        (ECS, "DescribeSpotPriceHistory", vec![("InstanceType", "ecs.g5.large"), ("NetworkType", "vpc")]),
        (
            ECS,
            "RunInstances",
            vec![
                ("ImageId", IMAGE),
                ("InstanceType", "ecs.g6.large"),
                ("InstanceChargeType", "PrePaid"),
                ("Period", "1"),
            ],
        ),
        (
            ECS,
            "CreateInstance",
            vec![
                ("ImageId", IMAGE),
                ("InstanceType", "ecs.g6.large"),
                ("InstanceChargeType", "PrePaid"),
                ("Period", "1"),
            ],
        ),
        (ECS, "ListTagResources", vec![("ResourceType", "instance"), ("Tag.1.Key", "team")]),
        (ECS, "AllocatePublicIpAddress", vec![("InstanceId", stopped)]),
        (ECS, "DescribeDisks", vec![]),
        (ECS, "ModifyInstanceAutoReleaseTime", vec![("InstanceId", running), ("AutoReleaseTime", &release)]),
        (ECS, "RenewInstance", vec![("InstanceId", subscription), ("Period", "1")]),
        (ECS, "ModifyInstanceSpec", vec![("InstanceId", stopped), ("InstanceType", "ecs.g6.xlarge")]),
        (ECS, "ModifyPrepayInstanceSpec", vec![("InstanceId", subscription), ("InstanceType", "ecs.i2.xlarge")]),
        (ECS, "StartInstance", vec![("InstanceId", stopped)]),
        (ECS, "StopInstance", vec![("InstanceId", running)]),
        (ECS, "DeleteInstance", vec![("InstanceId", running), ("Force", "true")]),
        (ECS, "DeleteInstances", vec![("InstanceId.1", stopped), ("Force", "true")]),
        (VPC, "DescribeVSwitches", vec![]),
        (CMS, "DescribeSystemEventAttribute", vec![]),
        (
            STS,
            "AssumeRole",
            vec![("RoleArn", "acs:ram::1:role/web"), ("RoleSessionName", "test"), ("SourceIdentity", "me")],
        ),
    ];
    test.call("ModifyInstanceSpec", &[("InstanceId", stopped), ("InternetMaxBandwidthOut", "1")]).unwrap();
    let specs = specs();
    let mut seen = BTreeSet::new();
    for (version, name, mut parameters) in calls {
        parameters.push(common::REGION);
        let mut response =
            test.call_version(version, name, &parameters).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        // Every response has it, so the specs omit it.
        assert!(response.as_object_mut().unwrap().remove("RequestId").is_some());
        let service = specs.services.iter().find(|tree| tree.service.version == version).unwrap();
        let operation = service.operations.iter().find(|operation| operation.operation == name).unwrap();
        check_members(service, operation, &operation.response, &response, name);
        seen.insert(name);
    }
    assert_eq!(seen.len(), 28);
}

fn check_members(service: &ServiceTree, operation: &Operation, fields: &[Field], value: &Value, path: &str) {
    let members = value.as_object().unwrap_or_else(|| panic!("{path} is not an object: {value}"));
    for (name, value) in members {
        let field = fields.iter().find(|field| field.name == *name).unwrap_or_else(|| panic!("{path} has no {name}"));
        check(service, operation, field, value, &format!("{path}.{name}"));
    }
}

fn check(service: &ServiceTree, operation: &Operation, field: &Field, value: &Value, path: &str) {
    let mut value = value;
    if let Some(element) = field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:")) {
        let members = value.as_object().unwrap_or_else(|| panic!("{path} is not an object: {value}"));
        assert!(members.keys().all(|name| name == element), "{path}: {value}");
        value = &members[element];
    }
    if field.ty.is_list() {
        let items = value.as_array().unwrap_or_else(|| panic!("{path} is not a list: {value}"));
        items.iter().for_each(|item| check_one(service, operation, field.ty.name(), item, path));
    } else {
        check_one(service, operation, field.ty.name(), value, path);
    }
}

fn check_one(service: &ServiceTree, operation: &Operation, ty: &str, value: &Value, path: &str) {
    let right = match ty {
        "string" | "time" => value.is_string(),
        // Some Booleans are sent as strings, which may be empty.
        "bool" => value.is_boolean() || matches!(value.as_str(), Some("true" | "false" | "")),
        "i32" => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "i64" => value.is_i64() || value.is_u64(),
        "f32" | "f64" => value.is_number(),
        "map" => value.is_object(),
        name => match operation.types.get(name).or_else(|| service.types.get(name)) {
            Some(Type { fields: Some(fields), .. }) => return check_members(service, operation, fields, value, path),
            Some(_) => value.is_string(),
            None => panic!("{path}: no type {name}"),
        },
    };
    assert!(right, "{path} is not a {ty}: {value}");
}

#[test]
fn operations_without_a_handler_return_an_error() {
    let simulated = ["DescribeRegions", "DescribeInstanceTypes", "DescribeSystemEventAttribute"];
    let test = Test::new();
    let specs = specs();
    let unknown = specs.services.iter().flat_map(|tree| tree.operations.iter().map(move |operation| (tree, operation)));
    for (tree, operation) in unknown.filter(|(_, operation)| operation.request.iter().all(|field| !field.required)) {
        let response = test.call_version(&tree.service.version, &operation.operation, &[]);
        if let Err(failure) = response.clone() {
            assert!(!simulated.contains(&operation.operation.as_str()), "{failure:?}");
            assert_ne!(failure.code, "InvalidAction.NotFound");
            if failure.code == "UnsupportedOperation" {
                fails(response, 400, "UnsupportedOperation");
            }
        }
    }
}
