//! The life cycle of instances.

mod common;

use common::{IMAGE, Test, fails, ids};
use serde_json::json;

#[test]
fn run_instances_passes_through_its_states() {
    let test = Test::new();
    let parameters = [("ImageId", IMAGE), ("InstanceType", "ecs.g6.large"), ("Amount", "2")];
    let response = test.call_here("RunInstances", &parameters).unwrap();
    let instances = common::texts(&response["InstanceIdSets"]["InstanceIdSet"]);
    assert_eq!(instances.len(), 2);
    let disk = [("SystemDisk.Category", "cloud_essd"), ("SystemDisk.Size", "40")];
    let price = test.call_here("DescribePrice", &[&parameters[..], &disk].concat()).unwrap();
    assert_eq!(response["TradePrice"], price["PriceInfo"]["Price"]["TradePrice"]);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(test.status(&instances[1]));
        test.clock.advance(std::time::Duration::from_millis(300));
    }
    assert_eq!(seen, ["Pending", "Starting", "Running"]);
    assert_eq!(test.find(&[("Status", "Running")]), instances);
}

#[test]
fn create_start_stop_delete() {
    let test = Test::new();
    let response = test.call_here("CreateInstance", &[("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")]).unwrap();
    let id = response["InstanceId"].as_str().unwrap().to_owned();
    let own = [("InstanceId", id.as_str())];
    assert_eq!(test.status(&id), "Pending");
    fails(test.call("StartInstance", &own), 403, "IncorrectInstanceStatus");
    fails(test.call("DeleteInstance", &own), 403, "IncorrectInstanceStatus.Initializing");
    test.advance(1);
    assert_eq!(test.status(&id), "Stopped");
    assert_eq!(test.instance(&id).unwrap()["StartTime"], "");
    fails(test.call("StopInstance", &own), 403, "IncorrectInstanceStatus");
    test.call("StartInstance", &own).unwrap();
    assert_eq!(test.status(&id), "Starting");
    test.advance(1);
    assert_eq!(test.status(&id), "Running");
    assert_eq!(test.instance(&id).unwrap()["StartTime"], "2026-01-02T03:04Z");
    fails(test.call("DeleteInstance", &own), 403, "IncorrectInstanceStatus");
    test.call("StopInstance", &[own[0], ("StoppedMode", "StopCharging")]).unwrap();
    assert_eq!(test.status(&id), "Stopping");
    test.advance(1);
    let instance = test.instance(&id).unwrap();
    assert_eq!((&instance["Status"], &instance["StoppedMode"]), (&json!("Stopped"), &json!("StopCharging")));
    test.call("DeleteInstance", &own).unwrap();
    assert_eq!(test.status(&id), "gone");
    fails(test.call("DeleteInstance", &own), 404, "InvalidInstanceId.NotFound");
}

#[test]
fn force_releases_a_running_instance() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    test.call("DeleteInstance", &[("InstanceId", &id), ("Force", "true")]).unwrap();
    assert_eq!(test.status(&id), "Stopping");
    test.advance(1);
    assert_eq!(test.status(&id), "gone");
}

#[test]
fn protected_instances_cannot_be_released() {
    let test = Test::new();
    let id = test.run(&[("DeletionProtection", "true")]).remove(0);
    fails(
        test.call("DeleteInstance", &[("InstanceId", &id), ("Force", "true")]),
        403,
        "InvalidOperation.DeletionProtection",
    );
}

#[test]
fn delete_instances_deletes_all_or_none() {
    let test = Test::new();
    let instances = test.run(&[("Amount", "2")]);
    let delete = |ids: &[&str], force: &str| {
        let names: Vec<String> = (1..=ids.len()).map(|number| format!("InstanceId.{number}")).collect();
        let mut parameters: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(ids.iter().copied()).collect();
        parameters.push(("Force", force));
        test.call_here("DeleteInstances", &parameters)
    };
    fails(delete(&[&instances[0], "i-none"], "true"), 404, "InvalidInstanceId.NotFound");
    fails(delete(&[&instances[0]], "false"), 403, "IncorrectInstanceStatus");
    let elsewhere = test.run(&[("RegionId", "cn-beijing")]).remove(0);
    fails(delete(&[&elsewhere], "true"), 400, "InvalidParameter.CrossRegionNotSupport");
    assert_eq!(test.find(&[]).len(), 2);
    delete(&[&instances[0], &instances[1]], "true").unwrap();
    test.advance(1);
    assert_eq!(test.find(&[]).len(), 0);
}

#[test]
fn auto_release_can_be_set_and_canceled() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let set =
        |time: &str| test.call("ModifyInstanceAutoReleaseTime", &[("InstanceId", &id), ("AutoReleaseTime", time)]);
    fails(set(&test.time(29 * 60)), 400, "InvalidAutoReleaseTime.Malformed");
    fails(set(&test.time(4 * 366 * 86_400)), 400, "InvalidAutoReleaseTime.Malformed");
    fails(set("tomorrow"), 400, "InvalidAutoReleaseTime.Malformed");
    set(&test.time(30 * 60)).unwrap();
    assert_eq!(test.instance(&id).unwrap()["AutoReleaseTime"], "2026-01-02T03:34Z");
    set("").unwrap();
    assert_eq!(test.instance(&id).unwrap()["AutoReleaseTime"], "");
    test.advance(3600);
    assert_eq!(test.status(&id), "Running");
    set(&test.time(3600)).unwrap();
    test.advance(3600);
    assert_eq!(test.status(&id), "gone");
    fails(set(&test.time(3600)), 404, "NoSuchResource");
    let other = test.run(&[("AutoReleaseTime", &test.time(3600))]).remove(0);
    test.advance(3600);
    assert_eq!(test.status(&other), "gone");
}

#[test]
fn a_public_address_needs_bandwidth() {
    let test = Test::new();
    let with = test.run(&[("InternetMaxBandwidthOut", "5")]).remove(0);
    assert_eq!(test.instance(&with).unwrap()["PublicIpAddress"]["IpAddress"], json!(["203.0.113.1"]));
    fails(test.call("AllocatePublicIpAddress", &[("InstanceId", &with)]), 403, "AllocatedAlready");
    let without = test.run(&[]).remove(0);
    fails(test.call("AllocatePublicIpAddress", &[("InstanceId", &without)]), 400, "AllocateIpInvalidInstanceBandwidth");
    test.call("ModifyInstanceSpec", &[("InstanceId", &without), ("InternetMaxBandwidthOut", "1")]).unwrap();
    let response = test.call("AllocatePublicIpAddress", &[("InstanceId", &without)]).unwrap();
    assert_eq!(test.instance(&without).unwrap()["PublicIpAddress"]["IpAddress"][0], response["IpAddress"]);
    // CreateInstance assigns no public address.
    let parameters = [("ImageId", IMAGE), ("InstanceType", "ecs.g6.large"), ("InternetMaxBandwidthOut", "5")];
    let id = test.call_here("CreateInstance", &parameters).unwrap()["InstanceId"].as_str().unwrap().to_owned();
    fails(test.call("AllocatePublicIpAddress", &[("InstanceId", &id)]), 403, "IncorrectInstanceStatus");
    test.advance(1);
    assert_eq!(test.instance(&id).unwrap()["PublicIpAddress"]["IpAddress"], json!([]));
    test.call("AllocatePublicIpAddress", &[("InstanceId", &id)]).unwrap();
}

#[test]
fn requested_resources_must_exist() {
    let test = Test::new();
    let run = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        test.call_here("RunInstances", &all)
    };
    fails(run(&[("ImageId", "m-none")]), 404, "InvalidImageId.NotFound");
    fails(run(&[("ImageId", "")]), 400, "MissingParameter");
    fails(run(&[("InstanceType", "ecs.none.large")]), 400, "InvalidInstanceType.ValueNotSupported");
    fails(run(&[("InstanceType", "ecs.g8y.large")]), 403, "ImageNotSupportInstanceType");
    fails(run(&[("SecurityGroupId", "sg-none")]), 404, "InvalidSecurityGroupId.NotFound");
    fails(run(&[("VSwitchId", "vsw-none")]), 404, "InvalidVSwitchId.NotFound");
    fails(run(&[("ZoneId", "cn-hangzhou-z")]), 404, "InvalidZoneId.NotFound");
    fails(run(&[("RegionId", "cn-nowhere")]), 404, "InvalidRegionId.NotFound");
    fails(
        run(&[("ZoneId", "cn-hangzhou-k"), ("InstanceType", "ecs.gn4.8xlarge")]),
        403,
        "InvalidInstanceType.ZoneNotSupported",
    );
    fails(
        run(&[("ZoneId", "cn-hangzhou-e"), ("InstanceType", "ecs.gn6i-c4g1.xlarge")]),
        403,
        "OperationDenied.NoStock",
    );
    fails(run(&[("SystemDisk.Size", "10")]), 404, "InvalidSystemDiskSize.LessThanImageSize");
    fails(run(&[("SystemDisk.Category", "floppy")]), 400, "InvalidSystemDiskCategory.ValueNotSupported");
    fails(run(&[("DataDisk.1.Size", "5")]), 400, "InvalidDataDiskSize.ValueNotSupported");
    fails(run(&[("InstanceChargeType", "Free")]), 400, "Invalid.InstanceChargeType");
    fails(run(&[("InstanceChargeType", "PrePaid"), ("Period", "11")]), 400, "InvalidPeriod");
    let renewing =
        [("InstanceChargeType", "PrePaid"), ("Period", "1"), ("AutoRenew", "true"), ("AutoRenewPeriod", "7")];
    fails(run(&renewing), 400, "InvalidAutoRenewPeriod.ValueNotSupported");
    fails(run(&[("UserData", "%")]), 400, "InvalidUserData.Base64FormatInvalid");
    fails(run(&[("PrivateIpAddress", "10.0.0.1")]), 400, "InvalidPrivateIpAddress");
    fails(run(&[("Amount", "2"), ("MinAmount", "3")]), 403, "InvalidParam.Amount");
    fails(run(&[("Tag.1.Key", "a"), ("Tag.2.Key", "a")]), 400, "Duplicate.TagKey");
    assert_eq!(test.find(&[]).len(), 0);
}

#[test]
fn instances_show_the_options_they_were_created_with() {
    let test = Test::new();
    let vswitches = test.call_version(common::VPC, "DescribeVSwitches", &[common::REGION]).unwrap();
    let vswitch = ids(&vswitches["VSwitches"]["VSwitch"], "VSwitchId").remove(1);
    let group = test.call_here("CreateSecurityGroup", &[("SecurityGroupName", "web")]).unwrap();
    let group = group["SecurityGroupId"].as_str().unwrap();
    let instances = test.run(&[
        ("Amount", "2"),
        ("InstanceName", "web"),
        ("HostName", "host[5,3]"),
        ("UniqueSuffix", "true"),
        ("VSwitchId", &vswitch),
        ("SecurityGroupId", group),
        ("PrivateIpAddress", "172.16.16.77"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "web"),
        ("DataDisk.1.Size", "100"),
        ("DataDisk.1.DeleteWithInstance", "false"),
        ("InternetMaxBandwidthOut", "1"),
    ]);
    let instance = test.instance(&instances[1]).unwrap();
    assert_eq!(instance["InstanceName"], "web002");
    assert_eq!(instance["HostName"], "host006");
    assert_eq!(instance["Tags"]["Tag"], json!([{ "TagKey": "team", "TagValue": "web" }]));
    assert_eq!(instance["SecurityGroupIds"]["SecurityGroupId"], json!([group]));
    assert_eq!(instance["VpcAttributes"]["VSwitchId"], json!(vswitch));
    assert_eq!((instance["Cpu"].as_u64(), instance["Memory"].as_u64()), (Some(2), Some(8192)));
    let first = test.instance(&instances[0]).unwrap();
    assert_eq!(first["VpcAttributes"]["PrivateIpAddress"]["IpAddress"], json!(["172.16.16.77"]));
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &instances[0])]).unwrap();
    assert_eq!(ids(&disks["Disks"]["Disk"], "Type"), ["system", "data"]);
    assert_eq!(ids(&disks["Disks"]["Disk"], "Status"), ["In_use", "In_use"]);
    // The data disk outlives its instance.
    test.call("DeleteInstance", &[("InstanceId", &instances[0]), ("Force", "true")]).unwrap();
    test.advance(1);
    let disks = test.call_here("DescribeDisks", &[("Status", "Available")]).unwrap();
    assert_eq!((disks["TotalCount"].as_u64(), &disks["Disks"]["Disk"][0]["Size"]), (Some(1), &json!(100)));
}

#[test]
fn the_type_of_a_stopped_instance_can_be_changed() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let modify = |ty: &str| test.call("ModifyInstanceSpec", &[("InstanceId", &id), ("InstanceType", ty)]);
    fails(modify("ecs.g6.xlarge"), 400, "InvalidInstanceStatus.NotStopped");
    fails(test.call("ModifyInstanceSpec", &[("InstanceId", &id)]), 400, "InvalidParameter");
    test.call("StopInstance", &[("InstanceId", &id)]).unwrap();
    test.advance(1);
    fails(modify("ecs.none"), 400, "InvalidInstanceType.ValueNotSupported");
    fails(modify("ecs.g8y.large"), 403, "ImageNotSupportInstanceType");
    modify("ecs.g6.xlarge").unwrap();
    let instance = test.instance(&id).unwrap();
    assert_eq!((&instance["InstanceType"], &instance["Cpu"]), (&json!("ecs.g6.xlarge"), &json!(4)));
    let prepay = [("InstanceId", id.as_str()), ("InstanceType", "ecs.g6.large")];
    fails(test.call_here("ModifyPrepayInstanceSpec", &prepay), 400, "InvalidInstanceChargeType.ValueNotSupported");
}
