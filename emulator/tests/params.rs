//! Parameters are checked against the specs.

mod common;

use common::{CallResult, IMAGE, STS, Test, fails};

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
fn regions_and_zones_that_do_not_exist_have_the_documented_status() {
    let test = Test::new();
    for (operation, status) in [("DescribeTasks", 400), ("DescribeAutoSnapshotPolicyEx", 400), ("DescribeDisks", 404)] {
        fails(test.call(operation, &[("RegionId", "nowhere")]), status, "InvalidRegionId.NotFound");
    }
    fails(test.call_here("DescribeDisks", &[("ZoneId", "nowhere")]), 400, "InvalidZoneId.NotFound");
}

#[test]
fn lists_have_limits() {
    let test = Test::new();
    let tags: Vec<(String, String)> =
        (1..=21).map(|number| (format!("Tag.{number}.Key"), format!("k{number}"))).collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    test.call_here("DescribeInstances", &tags[..20]).unwrap();
    let message = fails(test.call_here("DescribeInstances", &tags), 400, "InvalidTagCount");
    assert!(message.contains("Tag"), "{message}");
    let ids: Vec<String> = (1..=101).map(|number| format!("InstanceId.{number}")).collect();
    let ids: Vec<(&str, &str)> = ids.iter().map(|name| (name.as_str(), "i-1")).collect();
    fails(test.call_here("DescribeInstanceStatus", &ids), 403, "InvalidParameter.TooManyInstanceIds");
    let json = |name: &str, count: usize| {
        let ids = format!("[{}]", vec!["\"i-1\""; count].join(","));
        test.call_here("DescribeInstances", &[(name, &ids)])
    };
    json("InstanceIds", 100).unwrap();
    fails(json("InstanceIds", 101), 400, "InvalidParameter");
    fails(json("PrivateIpAddresses", 101), 400, "InvalidParameter");
    let disks: Vec<String> = (1..=17).map(|number| format!("DataDisk.{number}.Size")).collect();
    let disks: Vec<(&str, &str)> = disks.iter().map(|name| (name.as_str(), "40")).collect();
    fails(run(&test, &disks), 400, "InstanceDiskNumber.LimitExceed");
}

/// Calls RunInstances.
fn run(test: &Test, parameters: &[(&str, &str)]) -> CallResult {
    let mut all = vec![("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];
    all.extend_from_slice(parameters);
    test.call_here("RunInstances", &all)
}

#[test]
fn values_follow_the_documented_rules() {
    let test = Test::new();
    let long = "a".repeat(129);
    let cases = [
        ("Password", "a", "InvalidPassword.Malformed"),
        ("Password", "abcdefgh1", "InvalidPassword.Malformed"),
        ("InstanceName", "a", "InvalidInstanceName.Malformed"),
        ("InstanceName", &long, "InvalidInstanceName.Malformed"),
        ("InstanceName", "tab\tbed", "InvalidInstanceName.Malformed"),
        ("InstanceName", "web\u{1}", "InvalidInstanceName.Malformed"),
        ("InstanceName", "1web", "InvalidInstanceName.Malformed"),
        ("InstanceName", "http://web", "InvalidInstanceName.Malformed"),
        ("HostName", "-web", "InvalidHostName.Malformed"),
        ("HostName", "web_1", "InvalidHostName.Malformed"),
        ("Description", "https://web", "InvalidDescription.Malformed"),
        ("SystemDisk.DiskName", "1", "InvalidDiskName.Malformed"),
        ("DataDisk.1.DiskName", "-disk", "InvalidDiskName.Malformed"),
        ("SystemDisk.Description", "http://disk", "InvalidDiskDescription.Malformed"),
        ("Tag.1.Key", "acs:team", "InvalidTagKey.Malformed"),
        ("Tag.1.Key", "aliyun-team", "InvalidTagKey.Malformed"),
        ("Tag.1.Key", "see http://team", "InvalidTagKey.Malformed"),
        ("Tag.1.Value", "web", "InvalidTagKey.Malformed"),
        ("AutoReleaseTime", "tomorrow", "InvalidAutoReleaseTime.Malformed"),
    ];
    for (name, value, code) in cases {
        let message = fails(run(&test, &[(name, value)]), 400, code);
        assert!(message.contains(name.split('.').next().unwrap()), "{message}");
    }
    let tag = |value: &str| run(&test, &[("Tag.1.Key", "team"), ("Tag.1.Value", value)]);
    fails(tag(&"v".repeat(129)), 400, "InvalidTagValue.Malformed");
    fails(run(&test, &[("Tag.1.Key", "team"), ("Tag.2.Key", "team")]), 400, "Duplicate.TagKey");
    let token = |token: &str| run(&test, &[("ClientToken", token), ("DryRun", "true")]);
    fails(token(&"t".repeat(64)), 400, "DryRunOperation");
    for text in ["t".repeat(65), "é".to_owned()] {
        let message = fails(token(&text), 400, "InvalidClientToken.ValueNotSupported");
        assert!(message.contains("ClientToken"), "{message}");
        // This operation documents no code of its own for it.
        fails(test.call_here("CreateSecurityGroup", &[("ClientToken", &text)]), 400, "InvalidParameter");
    }
}

#[test]
fn values_that_are_not_listed_have_the_documented_code() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    for (operation, parameter, status, code) in [
        ("RunInstances", "InternetChargeType", 400, "InvalidInternetChargeType.ValueNotSupported"),
        ("RunInstances", "HttpTokens", 400, "InvalidHttpTokens.NotSupported"),
        ("RunInstances", "CreditSpecification", 400, "InvalidParameter.CreditSpecification"),
        ("DescribeInstances", "Status", 404, "InvalidStatus.NotFound"),
        ("DescribeDisks", "DiskType", 400, "InvalidDiskType.ValueNotSupported"),
        ("DescribeDisks", "DiskChargeType", 404, "InvalidDiskChargeType.NotFound"),
        ("DescribeImages", "OSType", 404, "InvalidOSType"),
        ("DescribeRegions", "AcceptLanguage", 404, "InvalidAcceptLanguage.NotFound"),
        ("DescribeTags", "ResourceType", 404, "InvalidResourceType.NotFound"),
    ] {
        let message = fails(test.call_here(operation, &[("InstanceId", &id), (parameter, "other")]), status, code);
        assert!(message.contains(parameter) && message.contains("other"), "{message}");
    }
}

#[test]
fn values_that_the_rules_allow_are_accepted() {
    let test = Test::new();
    let parameters = [
        ("Password", "Secret-1"),
        ("InstanceName", "web-[1,2]_服务.a:b"),
        ("HostName", "web-[1,2]"),
        ("Description", "it is https://web"),
        ("SystemDisk.DiskName", "système"),
        ("Tag.1.Key", "k8s.io/role team:1"),
        ("Tag.1.Value", "aliyun"),
        ("Tag.2.Key", "empty"),
        ("Tag.2.Value", ""),
    ];
    run(&test, &parameters).unwrap();
    // The rules are for names of new resources, not for filters.
    for (name, value) in [("InstanceName", "*"), ("Tag.1.Key", "acs:autoscaling"), ("KeyPairName", "1")] {
        test.call_here("DescribeInstances", &[(name, value)]).unwrap();
    }
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
    let first = run("web").unwrap();
    let second = run("web").unwrap();
    assert_eq!(first["InstanceIdSets"], second["InstanceIdSets"]);
    assert_ne!(first["RequestId"], second["RequestId"]);
    assert_eq!(test.find(&[]).len(), 1);
    fails(run("db"), 400, "IdempotentParameterMismatch");
    let group =
        |name: &str| test.call_here("CreateSecurityGroup", &[("ClientToken", "once"), ("SecurityGroupName", name)]);
    assert_eq!(group("web").unwrap()["SecurityGroupId"], group("web").unwrap()["SecurityGroupId"]);
    fails(group("db"), 400, "IdempotentParameterMismatch");
}

#[test]
fn policies_of_sessions_are_checked() {
    let test = Test::new();
    let assume = |parameters: &[(&str, &str)]| {
        let mut all = vec![("RoleArn", "acs:ram::1000000000000001:role/web"), ("RoleSessionName", "test")];
        all.extend_from_slice(parameters);
        test.call_version(STS, "AssumeRole", &all)
    };
    let policy = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"ecs:Describe*","Resource":"*"}]}"#;
    assume(&[("Policy", policy)]).unwrap();
    for malformed in ["{bad", "{}", r#"{"Version":"1","Statement":[]}"#, &policy.replace("Allow", "allow")] {
        fails(assume(&[("Policy", malformed)]), 400, "InvalidParameter.PolicyGrammar");
    }
    fails(assume(&[("Policy", &policy.replace('*', &"a".repeat(2048)))]), 400, "InvalidParameter.PolicySize");
    fails(assume(&[("DurationSeconds", "899")]), 400, "InvalidParameter.DurationSeconds");
    fails(assume(&[("ExternalId", "a b")]), 400, "InvalidParameter.ExternalId");
}

#[test]
fn a_role_acts_in_the_account_of_its_arn() {
    let mut test = Test::new();
    let own = test.run(&[]);
    let parameters = [("RoleArn", "acs:ram::1000000000000002:role/web"), ("RoleSessionName", "test")];
    let response = test.call_version(STS, "AssumeRole", &parameters).unwrap();
    let part = |name: &str| response["Credentials"][name].as_str().unwrap().to_owned();
    let user =
        std::mem::replace(&mut test.key, (part("AccessKeyId"), part("AccessKeySecret"), Some(part("SecurityToken"))));
    let identity = test.call_version(STS, "GetCallerIdentity", &[]).unwrap();
    assert_eq!(identity["AccountId"], "1000000000000002");
    assert_eq!(test.find(&[]), Vec::<String>::new());
    let other = test.run(&[]);
    assert_eq!(test.find(&[]), other);
    fails(test.call("StopInstance", &[("InstanceId", &own[0])]), 404, "InvalidInstanceId.NotFound");
    test.key = user;
    assert_eq!(test.find(&[]), own);
}

#[test]
fn a_dry_run_neither_uses_a_client_token_nor_finds_the_response_to_one() {
    let test = Test::new();
    let call = |more: &[(&str, &str)]| run(&test, &[&[("ClientToken", "one")], more].concat());
    fails(call(&[("DryRun", "true")]), 400, "DryRunOperation");
    let created = call(&[]).unwrap();
    fails(call(&[("DryRun", "true")]), 400, "DryRunOperation");
    assert_eq!(call(&[]).unwrap()["InstanceIdSets"], created["InstanceIdSets"]);
}
