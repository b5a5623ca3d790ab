//! Extreme numbers and times in parameters, and clocks far ahead, are errors or are accepted, but never a panic.

mod common;

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    time::{Duration, SystemTime},
};

use common::{ECS, REGION, Test, form};
use ecs_codegen::{
    load::{ServiceTree, from_dir},
    spec::{Field, Operation, Type},
};
use ecs_emulator::{Clock, Emulator, Outcome};

const NUMBERS: [&str; 4] = ["-1", "9223372036854775807", "-9223372036854775808", "1e308"];

const TIMES: [&str; 2] = ["9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z"];

type Parameters = BTreeMap<String, String>;

/// IDs of resources that exist, by the name of the parameter that takes them.
fn populate(test: &Test) -> Parameters {
    let id = test
        .run(&[("DataDisk.1.Size", "40"), ("InternetMaxBandwidthOut", "1"), ("SpotStrategy", "SpotAsPriceGo")])
        .remove(0);
    let instance = test.instance(&id).unwrap();
    let text = |pointer: &str| instance.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &id)]).unwrap();
    let disk = disks["Disks"]["Disk"][1]["DiskId"].as_str().unwrap().to_owned();
    let known = [
        ("RegionId", "cn-hangzhou".to_owned()),
        ("ZoneId", text("/ZoneId")),
        ("InstanceId", id.clone()),
        ("InstanceIds", format!("[\"{id}\"]")),
        ("InstanceType", text("/InstanceType")),
        ("ImageId", text("/ImageId")),
        ("VpcId", text("/VpcAttributes/VpcId")),
        ("VSwitchId", text("/VpcAttributes/VSwitchId")),
        ("SecurityGroupId", text("/SecurityGroupIds/SecurityGroupId/0")),
        ("NetworkInterfaceId", text("/NetworkInterfaces/NetworkInterface/0/NetworkInterfaceId")),
        ("DiskId", disk),
    ];
    known.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn type_of<'a>(service: &'a ServiceTree, operation: &'a Operation, name: &str) -> Option<&'a Type> {
    operation.types.get(name).or_else(|| service.types.get(name))
}

/// The form of a member's path: a list has elements.
fn place(field: &Field, prefix: &str) -> String {
    let repeated = field.ty.is_list() && matches!(field.wire.as_deref(), None | Some("repeat"));
    format!("{prefix}{}{}", field.name, if repeated { ".1" } else { "" })
}

/// Adds a required parameter.
fn fill(
    service: &ServiceTree,
    operation: &Operation,
    field: &Field,
    prefix: &str,
    known: &Parameters,
    all: &mut Parameters,
) {
    let path = place(field, prefix);
    if let Some(fields) = type_of(service, operation, field.ty.name()).and_then(|ty| ty.fields.as_ref()) {
        for field in fields.iter().filter(|field| field.required) {
            fill(service, operation, field, &format!("{path}."), known, all);
        }
        return;
    }
    let value = known.get(&field.name).cloned().unwrap_or_else(|| match field.ty.name() {
        "bool" => "true".to_owned(),
        "i32" | "i64" | "f32" | "f64" => field.min.as_ref().map_or("1".to_owned(), ToString::to_string),
        "time" => "2026-01-02T03:04:05Z".to_owned(),
        name => {
            let ty = type_of(service, operation, name);
            ty.and_then(|ty| ty.values.as_ref()?.keys().next().cloned()).unwrap_or_else(|| "value-1".to_owned())
        }
    });
    all.insert(path, value);
}

/// The paths of all parameters with numbers or times, and whether it is a time. Members of structs are two levels deep.
fn extremes(
    service: &ServiceTree,
    operation: &Operation,
    fields: &[Field],
    prefix: &str,
    depth: usize,
    found: &mut Vec<(String, bool)>,
) {
    for field in fields {
        let path = place(field, prefix);
        match (type_of(service, operation, field.ty.name()).and_then(|ty| ty.fields.as_ref()), field.ty.name()) {
            (Some(fields), _) if depth > 0 => {
                extremes(service, operation, fields, &format!("{path}."), depth - 1, found);
            }
            (None, "i32" | "i64" | "f32" | "f64") => found.push((path, false)),
            (None, "time") => found.push((path, true)),
            (None, "string") if field.name.ends_with("Time") => found.push((path, true)),
            _ => {}
        }
    }
}

/// Calls an operation without a socket, and returns the status; `None` if it panics.
fn status(test: &Test, version: &str, operation: &str, parameters: &Parameters) -> Option<u16> {
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let body = form(&test.signed("POST", version, operation, &parameters));
    let request = http::Request::post("/").header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(body.into()).unwrap();
    match catch_unwind(AssertUnwindSafe(|| test.emulator.service().handle(request))) {
        Ok(Outcome::Response(response)) => Some(response.http.status().as_u16()),
        _ => None,
    }
}

/// Calls every operation with each extreme value of each parameter, and returns the calls that panic.
fn panics(test: &Test, values: impl Fn(bool) -> Vec<&'static str>) -> Vec<String> {
    let known = populate(test);
    let saved = test.emulator.service().state_json();
    let specs = from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap();
    let mut panics = Vec::new();
    for service in &specs.unwrap_or_else(|mistakes| panic!("{mistakes}")).services {
        for operation in &service.operations {
            let mut base = Parameters::new();
            for field in &operation.request {
                if field.required || (known.contains_key(&field.name) && !field.ty.is_list()) {
                    fill(service, operation, field, "", &known, &mut base);
                }
            }
            let (version, name) = (&service.service.version, &operation.operation);
            let mut call = |parameters: &Parameters| {
                let status = status(test, version, name, parameters);
                if status.is_none() {
                    panics.push(format!("{name} {parameters:?}"));
                }
                status
            };
            if call(&base) == Some(501) {
                continue;
            }
            let mut paths = Vec::new();
            extremes(service, operation, &operation.request, "", 2, &mut paths);
            for (path, time) in paths {
                for value in values(time) {
                    let mut all = base.clone();
                    all.insert(path.clone(), value.to_owned());
                    call(&all);
                }
            }
            if !operation.read {
                test.emulator.service().load_state(&saved).unwrap();
            }
            test.emulator.clear_requests();
        }
    }
    panics
}

#[test]
fn extreme_parameters_never_panic() {
    let test = Test::new();
    let panics = panics(&test, |time| if time { TIMES.to_vec() } else { NUMBERS.to_vec() });
    assert!(panics.is_empty(), "{} panics:\n{}", panics.len(), panics.join("\n"));
}

#[test]
fn operations_work_when_the_clock_is_far_ahead() {
    let clock = Clock::manual(SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40));
    let emulator = Emulator::builder().clock(clock.clone()).start_blocking().unwrap();
    let test = Test { emulator, clock, key: ("testid".to_owned(), "testsecret".to_owned(), None) };
    test.clock.advance(Duration::MAX);
    let panics = panics(&test, |_| vec![]);
    assert!(panics.is_empty(), "{} panics:\n{}", panics.len(), panics.join("\n"));
    test.call_version(ECS, "DescribeRegions", &[REGION]).unwrap();
}
