//! Lists: filters, paging and the catalog.

mod common;

use std::path::Path;

use common::{REGION, RESOURCE_GROUP, Test, VPC, fails, ids};
use ecs_codegen::{load::from_dir, spec::Field};
use serde_json::{Value, json};

#[test]
fn instances_are_filtered() {
    let test = Test::lenient();
    let web = test.run(&[("Amount", "2"), ("InstanceName", "web-1"), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")]);
    let db = test.run(&[
        ("InstanceName", "db-1"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "db"),
        ("InstanceType", "ecs.c7.large"),
        ("InstanceChargeType", "PrePaid"),
        ("Period", "1"),
        ("ZoneId", "cn-hangzhou-h"),
        ("InternetMaxBandwidthOut", "1"),
        ("ResourceGroupId", RESOURCE_GROUP),
        ("KeyPairName", "me"),
    ]);
    let instance = test.instance(&db[0]).unwrap();
    let private = instance["VpcAttributes"]["PrivateIpAddress"]["IpAddress"].to_string();
    let public = instance["PublicIpAddress"]["IpAddress"].to_string();
    let vswitch = instance["VpcAttributes"]["VSwitchId"].as_str().unwrap();
    let group = instance["SecurityGroupIds"]["SecurityGroupId"][0].as_str().unwrap();
    let only_db = [
        vec![("InstanceName", "db*")],
        vec![("Tag.1.Key", "team"), ("Tag.1.Value", "db")],
        vec![("InstanceType", "ecs.c7.large")],
        vec![("InstanceTypeFamily", "ecs.c7")],
        vec![("InstanceChargeType", "PrePaid")],
        vec![("ZoneId", "cn-hangzhou-h")],
        vec![("ResourceGroupId", RESOURCE_GROUP)],
        vec![("KeyPairName", "me")],
        vec![("PrivateIpAddresses", private.as_str())],
        vec![("PublicIpAddresses", public.as_str())],
        vec![("VSwitchId", vswitch)],
    ];
    for filter in only_db {
        assert_eq!(test.find(&filter), db, "{filter:?}");
    }
    let all = [web.clone(), db].concat();
    for filter in [
        vec![],
        vec![("SecurityGroupId", group)],
        vec![("InstanceNetworkType", "vpc")],
        vec![("InternetChargeType", "PayByTraffic")],
        vec![("Status", "Running")],
        vec![("Tag.1.Key", "team")],
        vec![("Filter.1.Key", "CreationStartTime"), ("Filter.1.Value", "2026-01-02T03:04Z")],
    ] {
        assert_eq!(test.find(&filter), all, "{filter:?}");
    }
    assert_eq!(test.find(&[("InstanceIds", &json!(web).to_string())]), web);
    for filter in [
        vec![("InstanceIds", "[]")],
        vec![("InstanceNetworkType", "classic")],
        vec![("LockReason", "security")],
        vec![("EipAddresses", "[\"1.2.3.4\"]")],
        vec![("Filter.1.Key", "CreationEndTime"), ("Filter.1.Value", "2026-01-01T00:00Z")],
        vec![("Tag.1.Key", "team"), ("Tag.1.Value", "db"), ("Tag.2.Key", "more")],
    ] {
        assert_eq!(test.find(&filter), Vec::<String>::new(), "{filter:?}");
    }
    assert_eq!(test.call("DescribeInstances", &[("RegionId", "cn-beijing")]).unwrap()["TotalCount"], 0);
}

#[test]
fn unknown_values_have_documented_codes() {
    let test = Test::new();
    for (name, code) in [
        ("Status", "InvalidStatus.NotFound"),
        ("InstanceChargeType", "InvalidInstanceChargeType.NotFound"),
        ("InstanceNetworkType", "InvalidNetworkType.NotFound"),
        ("InternetChargeType", "InvalidInternetChargeType.ValueNotSupported"),
        ("LockReason", "InvalidLockReason.NotFound"),
    ] {
        fails(test.call_here("DescribeInstances", &[(name, "Nonsense")]), 404, code);
    }
    fails(test.call("DescribeInstances", &[("RegionId", "cn-nowhere")]), 404, "InvalidRegionId.NotFound");
}

#[test]
fn pages_are_numbered() {
    let test = Test::new();
    let all = test.run(&[("Amount", "5")]);
    for (number, expected) in [("1", &all[..2]), ("2", &all[2..4]), ("3", &all[4..]), ("4", &[])] {
        let response = test.call_here("DescribeInstances", &[("PageSize", "2"), ("PageNumber", number)]).unwrap();
        assert_eq!(ids(&response["Instances"]["Instance"], "InstanceId"), expected);
        assert_eq!(
            (&response["TotalCount"], &response["PageSize"], &response["NextToken"]),
            (&json!(5), &json!(2), &json!(""))
        );
        assert_eq!(response["PageNumber"].to_string(), number);
        let status = test.call_here("DescribeInstanceStatus", &[("PageSize", "2"), ("PageNumber", number)]).unwrap();
        assert_eq!(ids(&status["InstanceStatuses"]["InstanceStatus"], "InstanceId"), expected);
    }
}

/// Reads a list by tokens, and runs a closure after each page.
fn by_token(
    test: &Test,
    operation: &str,
    list: (&str, &str),
    parameters: &[(&str, &str)],
    mut between: impl FnMut(&Value),
) -> Vec<Value> {
    let (mut items, mut token) = (Vec::new(), String::new());
    for _ in 0..100 {
        let mut all = parameters.to_vec();
        all.push(("NextToken", &token));
        let response = test.call_here(operation, &all).unwrap();
        let part = &response[list.0][list.1];
        items.extend(part.as_array().unwrap().iter().cloned());
        between(part);
        response["NextToken"].as_str().unwrap().clone_into(&mut token);
        if token.is_empty() {
            return items;
        }
    }
    panic!("{operation} does not end");
}

#[test]
fn a_page_size_outside_of_its_limits_is_the_nearest_one_where_that_is_documented() {
    let test = Test::new();
    test.run(&[("Amount", "12")]);
    for (operation, list, item, counts) in [
        ("DescribeDisks", "Disks", "Disk", [("1", 10), ("9", 10), ("11", 11), ("501", 12)]),
        (
            "DescribeNetworkInterfaces",
            "NetworkInterfaceSets",
            "NetworkInterfaceSet",
            [("1", 10), ("0", 10), ("11", 11), ("9999", 12)],
        ),
        ("DescribeInstances", "Instances", "Instance", [("1", 1), ("0", 1), ("11", 11), ("101", 12)]),
    ] {
        for (size, count) in counts {
            let page = test.call_here(operation, &[("MaxResults", size)]).unwrap();
            assert_eq!(page[list][item].as_array().unwrap().len(), count, "{operation} {size}");
        }
    }
    let group = test.call_here("DescribeSecurityGroups", &[]).unwrap()["SecurityGroups"]["SecurityGroup"][0].clone();
    let group = ("SecurityGroupId", group["SecurityGroupId"].as_str().unwrap());
    fails(test.call_here("DescribeSecurityGroupAttribute", &[group, ("MaxResults", "9")]), 400, "InvalidParameter");
}

#[test]
fn tokens_stay_valid_after_deletions() {
    let test = Test::new();
    let all = test.run(&[("Amount", "7")]);
    let found = by_token(&test, "DescribeInstances", ("Instances", "Instance"), &[("MaxResults", "3")], |part| {
        for id in ids(part, "InstanceId") {
            test.call("DeleteInstance", &[("InstanceId", &id), ("Force", "true")]).unwrap();
        }
        test.advance(1);
    });
    assert_eq!(ids(&found.into(), "InstanceId"), all);
    fails(test.call_here("DescribeInstances", &[("NextToken", "made-up")]), 400, "InvalidParameter");
    fails(test.call_here("DescribeSecurityGroups", &[("NextToken", "made-up")]), 400, "InValidParameter.NextToken");
}

#[test]
fn every_list_with_tokens_pages() {
    let test = Test::new();
    for number in 1..=5 {
        let name = format!("group{number}");
        test.call_here(
            "CreateSecurityGroup",
            &[("SecurityGroupName", &name), ("Tag.1.Key", "n"), ("Tag.1.Value", &name)],
        )
        .unwrap();
    }
    test.run(&[("Amount", "6"), ("DataDisk.1.Size", "20")]);
    let groups =
        by_token(&test, "DescribeSecurityGroups", ("SecurityGroups", "SecurityGroup"), &[("MaxResults", "2")], |_| {});
    assert_eq!(ids(&groups.into(), "SecurityGroupName"), ["default", "group1", "group2", "group3", "group4", "group5"]);
    let disks = by_token(&test, "DescribeDisks", ("Disks", "Disk"), &[("MaxResults", "10")], |_| {});
    assert_eq!(disks.len(), 12);
    let types =
        by_token(&test, "DescribeInstanceTypes", ("InstanceTypes", "InstanceType"), &[("MaxResults", "100")], |_| {});
    assert!(types.len() > 600, "{}", types.len());
    let tags = by_token(
        &test,
        "ListTagResources",
        ("TagResources", "TagResource"),
        &[("ResourceType", "securitygroup"), ("Tag.1.Key", "n")],
        |_| {},
    );
    assert_eq!(tags.len(), 5);
    let both = [("MaxResults", "2"), ("PageSize", "2")];
    fails(test.call_here("DescribeSecurityGroups", &both), 400, "NotSupported.PageNumberAndPageSize");
}

#[test]
fn security_groups_and_vswitches_exist_from_the_start() {
    let test = Test::new();
    let groups = test.call_here("DescribeSecurityGroups", &[]).unwrap();
    let group = &groups["SecurityGroups"]["SecurityGroup"][0];
    let vswitches = test.call_version(VPC, "DescribeVSwitches", &[REGION]).unwrap();
    let vswitches = &vswitches["VSwitches"]["VSwitch"];
    assert_eq!(ids(vswitches, "CidrBlock"), ["172.16.0.0/20", "172.16.16.0/20"]);
    assert_eq!(vswitches[0]["VpcId"], group["VpcId"]);
    let filtered = test.call_version(VPC, "DescribeVSwitches", &[REGION, ("ZoneId", "cn-hangzhou-e")]).unwrap();
    assert_eq!(filtered["TotalCount"], 1);
    let available = |test: &Test| {
        test.call_version(VPC, "DescribeVSwitches", &[REGION]).unwrap()["VSwitches"]["VSwitch"][0]["AvailableIpAddressCount"].as_u64()
    };
    assert_eq!(available(&test), Some(4092));
    let id = test.run(&[]).remove(0);
    assert_eq!(available(&test), Some(4091));
    test.call("DeleteInstance", &[("InstanceId", &id), ("Force", "true")]).unwrap();
    test.advance(1);
    assert_eq!(available(&test), Some(4092));
    let vpc = group["VpcId"].as_str().unwrap();
    test.call_here("CreateSecurityGroup", &[("VpcId", vpc), ("SecurityGroupName", "web")]).unwrap();
    fails(
        test.call_here("CreateSecurityGroup", &[("SecurityGroupName", "1")]),
        400,
        "InvalidSecurityGroupName.Malformed",
    );
    let response = test.call_here("CreateSecurityGroup", &[("VpcId", "vpc-none")]).unwrap_err();
    assert_eq!(response.code, "InvalidVpcId.NotFound");
}

#[test]
fn images_are_filtered() {
    let test = Test::new();
    let find = |parameters: &[(&str, &str)]| {
        let response = test.call_here("DescribeImages", parameters).unwrap();
        assert_eq!(response["RegionId"], "cn-hangzhou");
        ids(&response["Images"]["Image"], "ImageId")
    };
    assert_eq!(find(&[]).len(), 10);
    let all = find(&[("PageSize", "100")]);
    assert_eq!(find(&[("PageNumber", "3")]), all[20..30]);
    let windows = find(&[("OSType", "windows"), ("PageSize", "100")]);
    assert!(windows.len() > 5 && windows.iter().all(|id| id.starts_with("win")), "{windows:?}");
    assert_eq!(find(&[("ImageOwnerAlias", "self")]).len(), 0);
    assert_eq!(
        find(&[("ImageName", "ubuntu_22*"), ("Architecture", "arm64")]),
        ["ubuntu_22_04_arm64_20G_alibase_20250113.vhd"]
    );
    let arm = find(&[("InstanceType", "ecs.g8y.large"), ("PageSize", "100")]);
    assert!(arm.len() > 5 && arm.iter().all(|id| id.contains("arm64")), "{arm:?}");
    assert_eq!(find(&[("ImageFamily", "acs:debian_12_8_x64")]).len(), 1);
    test.run(&[]);
    assert_eq!(find(&[("Usage", "instance")]), [common::IMAGE]);
    fails(
        test.call_here("DescribeImages", &[("ImageOwnerAlias", "me")]),
        400,
        "InvalidImageOwnerAlias.ValueNotSupported",
    );
}

#[test]
fn modifications_depend_on_the_instance() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let find = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ResourceId", id.as_str())];
        all.extend_from_slice(parameters);
        let response = test.call_here("DescribeResourcesModification", &all).unwrap();
        ids(
            &response["AvailableZones"]["AvailableZone"][0]["AvailableResources"]["AvailableResource"][0]["SupportedResources"]
                ["SupportedResource"],
            "Value",
        )
    };
    let types = find(&[("DestinationResource", "InstanceType")]);
    assert!(types.contains(&"ecs.g6.xlarge".to_owned()) && !types.contains(&"ecs.g6.large".to_owned()), "{types:?}");
    let sized = find(&[("DestinationResource", "InstanceType"), ("Cores", "104"), ("Memory", "384")]);
    assert_eq!(sized[..2], ["ecs.g6.26xlarge", "ecs.g6e.26xlarge"]);
    assert_eq!(find(&[("DestinationResource", "SystemDisk"), ("InstanceType", "ecs.g6.xlarge")])[0], "cloud_essd");
    let call = |parameters: &[(&str, &str)]| test.call_here("DescribeResourcesModification", parameters);
    fails(call(&[("DestinationResource", "SystemDisk"), ("ResourceId", &id)]), 400, "Invalid.Param");
    fails(
        call(&[("DestinationResource", "InstanceType"), ("ResourceId", "i-none")]),
        404,
        "InvalidInstanceId.NotFound",
    );
    fails(
        call(&[("DestinationResource", "InstanceType"), ("ResourceId", &id), ("OperationType", "Downgrade")]),
        400,
        "Invalid.OperationType",
    );
}

#[test]
fn tags_are_listed() {
    let test = Test::new();
    let id = test
        .run(&[("Tag.1.Key", "team"), ("Tag.1.Value", "web"), ("Tag.2.Key", "stage"), ("Tag.2.Value", "test")])
        .remove(0);
    let response = test.call_here("ListTagResources", &[("ResourceType", "instance"), ("ResourceId.1", &id)]).unwrap();
    let tags = &response["TagResources"]["TagResource"];
    assert_eq!(ids(tags, "TagKey"), ["team", "stage"]);
    assert_eq!(tags[1], json!({ "ResourceId": id, "ResourceType": "instance", "TagKey": "stage", "TagValue": "test" }));
    let disks = test
        .call_here("ListTagResources", &[("ResourceType", "disk"), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")])
        .unwrap();
    assert_eq!(disks["TagResources"]["TagResource"].as_array().unwrap().len(), 2);
    fails(test.call_here("ListTagResources", &[("ResourceType", "instance")]), 403, "BothEmpty.TagsAndResources");
    fails(
        test.call_here("ListTagResources", &[("ResourceType", "moon"), ("Tag.1.Key", "a")]),
        404,
        "InvalidResourceType.NotFound",
    );
}

#[test]
fn regions_have_names_and_endpoints() {
    let test = Test::new();
    let regions = |language: &str| {
        let response = test.call("DescribeRegions", &[("AcceptLanguage", language)]).unwrap();
        let regions = response["Regions"]["Region"].as_array().unwrap().clone();
        regions.into_iter().find(|region| region["RegionId"] == "cn-hangzhou").unwrap()
    };
    assert_eq!(regions("")["LocalName"], "华东1（杭州）");
    assert_eq!(regions("en-US")["LocalName"], "China (Hangzhou)");
    assert_eq!(regions("ja")["RegionEndpoint"], "ecs-cn-hangzhou.aliyuncs.com");
    fails(test.call("DescribeRegions", &[("AcceptLanguage", "tlh")]), 404, "InvalidAcceptLanguage.NotFound");
}

#[test]
fn emulators_with_the_same_seed_generate_the_same_ids() {
    let (first, second) = (Test::new(), Test::new());
    assert_eq!(first.run(&[("Amount", "2")]), second.run(&[("Amount", "2")]));
}

/// The list in a response: the elements of its only wrapped list, which may be in a struct.
fn list(response: &Value) -> &[Value] {
    fn find(value: &Value) -> Option<&Value> {
        if value.is_array() { Some(value) } else { value.as_object()?.values().find_map(find) }
    }
    find(response).and_then(Value::as_array).unwrap_or_else(|| panic!("no list in {response}"))
}

#[test]
fn every_list_checks_its_pages() {
    let test = Test::new();
    test.run(&[("Amount", "3"), ("DataDisk.1.Size", "20")]);
    let specs = from_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap().unwrap();
    let mut checked = Vec::new();
    for (tree, operation) in
        specs.services.iter().flat_map(|tree| tree.operations.iter().map(move |operation| (tree, operation)))
    {
        let name = operation.operation.as_str();
        let parameter = |name: &str| operation.request.iter().find(|field| field.name == name);
        let max = |field: &Field| field.max.as_ref().and_then(serde_json::Number::as_i64);
        let call = |parameters: &[(&str, &str)]| {
            let mut all = vec![common::REGION];
            all.extend_from_slice(parameters);
            test.call_version(&tree.service.version, name, &all)
        };
        let pages = parameter("PageNumber").or(parameter("NextToken")).is_some();
        // Operations that need more than a region have tests of their own.
        let Some(Ok(all)) = (operation.read && pages).then(|| call(&[])) else { continue };
        let refused = |parameters: &[(&str, &str)]| {
            let failure = call(parameters).expect_err(&format!("{name} {parameters:?}"));
            assert_eq!(failure.status, 400, "{name} {parameters:?} {failure:?}");
        };
        if let Some(size) = parameter("PageSize") {
            for wrong in ["0", "-1", "ten", &(max(size).unwrap_or(100) + 1).to_string()] {
                refused(&[("PageSize", wrong)]);
            }
            ["0", "-1", "one"].iter().for_each(|wrong| refused(&[("PageNumber", wrong)]));
            let one = call(&[("PageSize", "1")]).unwrap();
            let reports = |name: &str| operation.response.iter().any(|field| field.name == name);
            if reports("TotalCount") {
                let total = all["TotalCount"].as_u64().unwrap_or_else(|| panic!("{name} has no TotalCount"));
                assert_eq!(list(&one).len() as u64, total.min(1), "{name}");
            }
            let end = call(&[("PageNumber", "1000000")]).unwrap();
            assert_eq!((list(&end).len(), &end["TotalCount"]), (0, &all["TotalCount"]), "{name}");
            let largest = max(size).unwrap_or(100);
            let page = call(&[("PageSize", &largest.to_string())]).unwrap();
            assert!(!reports("PageSize") || page["PageSize"] == largest, "{name} {page}");
        }
        if parameter("NextToken").is_some() {
            refused(&[("NextToken", "made-up")]);
            // A token of another operation.
            let other = "T3RoZXI6MTAx";
            refused(&[("NextToken", other)]);
        }
        if let Some(limit) = parameter("MaxResults").and_then(max) {
            // Some operations document that they use the nearest limit.
            let nearest = [
                "DescribeAutoSnapshotPolicyAssociations",
                "DescribeDisks",
                "DescribeInstances",
                "DescribeNetworkInterfaces",
                "DescribeSnapshotLinks",
            ];
            if !nearest.contains(&name) {
                refused(&[("MaxResults", &(limit + 1).to_string())]);
                refused(&[("MaxResults", "-1")]);
            }
            let page = call(&[("MaxResults", &limit.to_string())]).unwrap();
            // One operation has its pages in a struct.
            assert_eq!(page.get("Invocation").unwrap_or(&page)["NextToken"], "", "{name}");
        }
        checked.push(name);
    }
    assert!(checked.len() >= 8, "{checked:?}");
}
