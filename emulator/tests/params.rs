//! Parameters are checked against the specs.

mod common;

use common::{IMAGE, Test, fails};

#[test]
fn errors_name_missing_parameters() {
    let test = Test::new();
    let message = fails(test.call("DescribeInstances", &[]), 400, "MissingParameter");
    assert!(message.contains("RegionId"), "{message}");
    let message = fails(test.call_here("DescribeInstances", &[("RegionId", "")]), 400, "MissingParameter");
    assert!(message.contains("RegionId"), "{message}");
    fails(test.call_here("DeleteInstances", &[]), 400, "MissingParameter");
}

#[test]
fn errors_name_malformed_values() {
    let test = Test::new();
    let cases = [
        ("PageSize", "ten"),
        ("PageSize", "0"),
        ("PageSize", "101"),
        ("PageSize", "1.5"),
        ("PageNumber", "99999999999"),
        ("DryRun", "yes"),
        ("InstanceIds", "i-1"),
        ("InstanceIds", "{}"),
        ("InstanceIds", "[true]"),
        ("Tag", "team"),
        ("Tag.1", "team"),
        ("Tag.0.Key", "team"),
        ("Tag.2.Key", "team"),
        ("Tag.x.Key", "team"),
        ("Ipv6Address.1.Key", "::1"),
    ];
    for (name, value) in cases {
        let message = fails(test.call_here("DescribeInstances", &[(name, value)]), 400, "InvalidParameter");
        assert!(message.contains(name.split('.').next().unwrap()), "{name}={value}: {message}");
    }
    let message = fails(
        test.call_here("DescribeAvailableResource", &[("DestinationResource", "Zone"), ("Memory", "much")]),
        400,
        "InvalidParameter",
    );
    assert!(message.contains("Memory"), "{message}");
}

#[test]
fn lists_have_limits() {
    let test = Test::new();
    let tags: Vec<(String, String)> =
        (1..=21).map(|number| (format!("Tag.{number}.Key"), format!("k{number}"))).collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    test.call_here("DescribeInstances", &tags[..20]).unwrap();
    let message = fails(test.call_here("DescribeInstances", &tags), 400, "InvalidParameter");
    assert!(message.contains("Tag"), "{message}");
    let ids: Vec<String> = (1..=101).map(|number| format!("InstanceId.{number}")).collect();
    let ids: Vec<(&str, &str)> = ids.iter().map(|name| (name.as_str(), "i-1")).collect();
    fails(test.call_here("DescribeInstanceStatus", &ids), 403, "InvalidParameter.TooManyInstanceIds");
}

#[test]
fn unknown_parameters_are_ignored_but_logged() {
    let test = Test::new();
    test.call_here("DescribeInstances", &[("OwnerId", "1"), ("NoSuchThing.1.Key", "x"), ("Tag.1.Color", "red")])
        .unwrap();
    let request = test.emulator.requests().pop().unwrap();
    assert_eq!(request.parameter("NoSuchThing.1.Key"), Some("x"));
}

#[test]
fn booleans_are_accepted_in_any_letter_case() {
    let test = Test::new();
    for value in ["true", "True", "TRUE"] {
        fails(test.call_here("DescribeInstances", &[("DryRun", value)]), 400, "DryRunOperation");
    }
    test.call_here("DescribeInstances", &[("DryRun", "False")]).unwrap();
}

#[test]
fn a_dry_run_checks_without_executing() {
    let test = Test::new();
    let run = |image: &str| {
        let parameters =
            [("ImageId", image), ("InstanceType", "ecs.g6.large"), ("DryRun", "true"), ("ClientToken", "t")];
        test.call_here("RunInstances", &parameters)
    };
    fails(run(IMAGE), 400, "DryRunOperation");
    fails(run("nothing"), 404, "InvalidImageId.NotFound");
    assert_eq!(test.find(&[]), Vec::<String>::new());
    let id = test.run(&[("ClientToken", "t")]).remove(0);
    fails(test.call("StopInstance", &[("InstanceId", &id), ("DryRun", "true")]), 400, "DryRunOperation");
    assert_eq!(test.status(&id), "Running");
    fails(test.call("StartInstance", &[("InstanceId", &id), ("DryRun", "true")]), 403, "IncorrectInstanceStatus");
    // This operation documents its own code.
    let parameters = [("InstanceId.1", id.as_str()), ("Force", "true"), ("DryRun", "true")];
    fails(test.call_here("DeleteInstances", &parameters), 400, "DRYRUN.SUCCESS");
    assert_eq!(test.status(&id), "Running");
}

#[test]
fn a_client_token_creates_instances_once() {
    let test = Test::new();
    let run = |name: &str| {
        let parameters =
            [("ImageId", IMAGE), ("InstanceType", "ecs.g6.large"), ("ClientToken", "once"), ("InstanceName", name)];
        test.call_here("RunInstances", &parameters)
    };
    let first = run("a").unwrap();
    let second = run("a").unwrap();
    assert_eq!(first["InstanceIdSets"], second["InstanceIdSets"]);
    assert_ne!(first["RequestId"], second["RequestId"]);
    assert_eq!(test.find(&[]).len(), 1);
    fails(run("b"), 400, "IdempotentParameterMismatch");
    let group =
        |name: &str| test.call_here("CreateSecurityGroup", &[("ClientToken", "once"), ("SecurityGroupName", name)]);
    assert_eq!(group("web").unwrap()["SecurityGroupId"], group("web").unwrap()["SecurityGroupId"]);
    fails(group("db"), 400, "IdempotentParameterMismatch");
}
