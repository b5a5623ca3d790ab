//! The examples in the specs run.

#[path = "../common/mod.rs"]
mod common;

mod account;
mod documents;
mod requests;

use std::collections::BTreeSet;

use account::Stage;
use common::{CallResult, Failure, REGION, Test, fails};
use requests::Request;
use serde_json::json;

fn call(test: &Test, request: &Request) -> CallResult {
    test.call_version(&request.version, &request.operation, &request.parameters())
}

/// The requests of operations with fidelity `state`.
fn simulated(test: &Test) -> Vec<Request> {
    let coverage = test.raw("GET", "/emulator/coverage?fidelity=state", &[], "").json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let operations = coverage["operations"].as_array().unwrap().iter();
    let known: BTreeSet<(String, String)> =
        operations.map(|operation| (text(&operation["version"]), text(&operation["operation"]))).collect();
    let is_known = |request: &Request| known.contains(&(request.version.clone(), request.operation.clone()));
    requests::all().into_iter().filter(is_known).collect()
}

/// Calls the operation at each stage of an account that has what the request names, until it succeeds.
fn run(test: &Test, request: &Request) -> Result<(), Vec<Failure>> {
    let mut failures = Vec::new();
    for stage in Stage::ALL {
        let state = account::state(request, stage);
        test.emulator.service().load_state(&state).unwrap_or_else(|error| panic!("{}: {error}", request.origin));
        match call(test, request) {
            Ok(_) => return Ok(()),
            Err(failure) => failures.push(failure),
        }
    }
    Err(failures)
}

#[test]
fn examples_succeed_in_an_account_that_has_what_they_name() {
    let (strict, lenient) = (Test::new(), Test::lenient());
    let mut wrong = Vec::new();
    for request in simulated(&strict) {
        let Err(mut failures) = run(&strict, &request) else { continue };
        // No account can have resources that the emulator does not simulate, such as a private pool.
        let has_none = |failure: &Failure| failure.message.ends_with("the emulator has none.");
        if failures.iter().any(has_none) {
            match run(&lenient, &request) {
                Ok(()) => continue,
                Err(more) => failures = more,
            }
        }
        wrong.push(format!("{}: {failures:#?}", request.origin));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_fail_in_a_new_account_only_for_what_it_does_not_have() {
    let test = Test::new();
    let mut wrong = Vec::new();
    for request in simulated(&test) {
        test.emulator.service().load_state(&account::new()).unwrap();
        let Err(failure) = call(&test, &request) else { continue };
        if !request.own().any(|own| failure.message.contains(own)) {
            wrong.push(format!("{}: {failure:?}", request.origin));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_lenient_emulator_creates_what_an_example_asks_for() {
    let test = Test::lenient();
    let mut wrong = Vec::new();
    for request in simulated(&test) {
        if !["Create", "Run", "Allocate", "Import"].iter().any(|verb| request.operation.starts_with(verb)) {
            continue;
        }
        test.emulator.service().load_state(&account::new()).unwrap();
        let Err(failure) = call(&test, &request) else { continue };
        // An image of an instance, a snapshot of a disk or a version of a template needs the thing itself.
        let itself = ["i", "d", "lt"].iter().flat_map(|prefix| request.ids(prefix));
        if failure.status == 500 || !itself.into_iter().any(|id| failure.message.contains(id)) {
            wrong.push(format!("{}: {failure:?}", request.origin));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn networks_of_a_lenient_emulator_fit_each_other() {
    let test = Test::lenient();
    let image = ("ImageId", "m-none");
    let launch = |parameters: &[(&str, &str)]| {
        let all = [&[image, ("InstanceType", "ecs.g7.large"), ("ZoneId", "cn-hangzhou-k")], parameters].concat();
        let response = test.call_here("RunInstances", &all).unwrap();
        let id = response["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
        test.instance(id).unwrap()
    };
    let first = launch(&[
        ("VSwitchId", "vsw-1"),
        ("SecurityGroupId", "sg-1"),
        ("PrivateIpAddress", "10.40.7.21"),
        ("Ipv6Address.1", "2001:db8:40::21"),
    ]);
    assert_eq!(first["ZoneId"], "cn-hangzhou-k");
    assert_eq!(first["VpcAttributes"]["VSwitchId"], "vsw-1");
    assert_eq!(first["VpcAttributes"]["PrivateIpAddress"]["IpAddress"], json!(["10.40.7.21"]));
    assert_eq!(first["SecurityGroupIds"]["SecurityGroupId"], json!(["sg-1"]));
    // The vSwitch of one call goes with the security group of another.
    launch(&[("VSwitchId", "vsw-2"), ("SecurityGroupId", "sg-2")]);
    let both = launch(&[("VSwitchId", "vsw-1"), ("SecurityGroupIds.1", "sg-1"), ("SecurityGroupIds.2", "sg-2")]);
    assert_eq!(both["VpcAttributes"]["VpcId"], first["VpcAttributes"]["VpcId"]);
    let parameters = [("VpcId", "vpc-none"), ("CidrBlock", "192.168.1.0/24"), ("ZoneId", "cn-hangzhou-k")];
    let vswitch = test.call_here("CreateVSwitch", &parameters).unwrap();
    let group = test.call_here("CreateSecurityGroup", &[("VpcId", "vpc-none")]).unwrap();
    test.advance(1);
    let own = [("VSwitchId", &vswitch["VSwitchId"]), ("SecurityGroupId", &group["SecurityGroupId"])];
    launch(&own.map(|(name, id)| (name, id.as_str().unwrap())));
    // A call that fails leaves nothing behind, and what is changed or deleted must exist.
    let parameters =
        [REGION, image, ("InstanceType", "ecs.g7.large"), ("VSwitchId", "vsw-3"), ("SystemDisk.Size", "1")];
    let failure = test.call("RunInstances", &parameters).unwrap_err();
    assert!(failure.code.contains("DiskSize"), "{failure:?}");
    fails(test.call("DeleteVSwitch", &[("VSwitchId", "vsw-3")]), 404, "InvalidVSwitchId.NotFound");
    fails(test.call("StopInstance", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
}
