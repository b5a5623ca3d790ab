//! Instances: many in a call, their attributes, console, roles, billing method, and references of new ones.

mod common;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::{CallResult, IMAGE, REGION, Test, VPC, fails, ids, texts};
use serde_json::{Value, json};

/// Calls RunInstances for an instance with the usual parameters, except those that are given.
fn run(test: &Test, parameters: &[(&str, &str)]) -> CallResult {
    let mut all = vec![REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];
    all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
    all.extend_from_slice(parameters);
    test.call("RunInstances", &all)
}

fn attribute(test: &Test, id: &str) -> Value {
    test.call("DescribeInstanceAttribute", &[("InstanceId", id)]).unwrap()
}

/// Results of an operation for several instances: ID, code, and states before and after.
fn results(response: &Value) -> Vec<(String, String, String, String)> {
    let results = response["InstanceResponses"]["InstanceResponse"].as_array().unwrap();
    let text = |result: &Value, name: &str| result[name].as_str().unwrap_or_default().to_owned();
    let row = |result: &Value| {
        let [id, code, before, after] =
            ["InstanceId", "Code", "PreviousStatus", "CurrentStatus"].map(|name| text(result, name));
        (id, code, before, after)
    };
    results.iter().map(row).collect()
}

#[test]
fn maintenance_and_private_pools_of_instances_are_set_and_read() {
    let test = Test::new();
    let id = test.run(&[("PrivatePoolOptions.MatchCriteria", "Open")]).remove(0);
    let (one, list) = (("InstanceId.1", id.as_str()), format!("[\"{id}\"]"));
    let maintenance = || {
        let response = test.call_here("DescribeInstanceMaintenanceAttributes", &[one]).unwrap();
        response["MaintenanceAttributes"]["MaintenanceAttribute"][0].clone()
    };
    let before = maintenance();
    assert_eq!(
        (&before["ActionOnMaintenance"]["Value"], &before["NotifyOnMaintenance"], &before["InstanceId"]),
        (&json!("AutoRecover"), &json!(false), &json!(id))
    );
    let window = [("MaintenanceWindow.1.StartTime", "02:00:00"), ("MaintenanceWindow.1.EndTime", "06:00:00")];
    let change = [&[one, ("ActionOnMaintenance", "Stop"), ("NotifyOnMaintenance", "true")], &window[..]].concat();
    test.call_here("ModifyInstanceMaintenanceAttributes", &change).unwrap();
    let after = maintenance();
    assert_eq!(after["ActionOnMaintenance"]["Value"], "Stop");
    assert_eq!(after["NotifyOnMaintenance"], true);
    let window = json!([{ "StartTime": "02:00:00", "EndTime": "06:00:00" }]);
    assert_eq!(after["MaintenanceWindows"]["MaintenanceWindow"], window);
    let half = [one, ("MaintenanceWindow.1.StartTime", "02:30:00"), ("MaintenanceWindow.1.EndTime", "06:00:00")];
    fails(test.call_here("ModifyInstanceMaintenanceAttributes", &half), 403, "InvalidParameter");
    let none = [("InstanceId.1", "i-none")];
    fails(test.call_here("ModifyInstanceMaintenanceAttributes", &none), 404, "InvalidInstanceId.NotFound");
    fails(test.call_here("DescribeInstanceMaintenanceAttributes", &none), 404, "InvalidInstanceId.NotFound");

    let criteria = || {
        let response = test.call_here("DescribeInstanceAttachmentAttributes", &[("InstanceIds", &list)]).unwrap();
        response["Instances"]["Instance"][0]["PrivatePoolOptionsMatchCriteria"].clone()
    };
    assert_eq!(criteria(), "Open");
    let pool = |parameters: &[(&str, &str)]| {
        let parameters = [&[("InstanceId", id.as_str())], parameters].concat();
        test.call_here("ModifyInstanceAttachmentAttributes", &parameters)
    };
    pool(&[("PrivatePoolOptions.MatchCriteria", "None")]).unwrap();
    assert_eq!(criteria(), "None");
    let target = ("PrivatePoolOptions.MatchCriteria", "Target");
    fails(pool(&[target]), 400, "MissingParameter.PrivatePoolOptions.Id");
    fails(pool(&[target, ("PrivatePoolOptions.Id", "eap-1")]), 400, "Invalid.PrivatePoolOptions.Id");
    let none = [("InstanceIds", "[\"i-none\"]")];
    fails(test.call_here("DescribeInstanceAttachmentAttributes", &none), 404, "InvalidInstanceIds.NotFound");
}

#[test]
fn the_inbound_bandwidth_of_older_instances_is_taken() {
    let test = Test::new();
    let id = test.run(&[("InternetMaxBandwidthOut", "5"), ("InternetMaxBandwidthIn", "200")]).remove(0);
    assert_eq!(test.instance(&id).unwrap()["InternetMaxBandwidthIn"], 200);
    let more = [("InstanceType", "ecs.g6.large"), ("InternetMaxBandwidthIn", "201")];
    fails(test.call_here("RunInstances", &more), 400, "InvalidInternetMaxBandwidthIn.Malformed");
}

#[test]
fn many_instances_change_together_or_each_alone() {
    let test = Test::new();
    let instances = test.run(&[("Amount", "3")]);
    let call = |operation: &str, ids: &[&str], more: &[(&str, &str)]| {
        let names: Vec<String> = (1..=ids.len()).map(|number| format!("InstanceId.{number}")).collect();
        let mut all: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(ids.iter().copied()).collect();
        all.extend_from_slice(more);
        test.call_here(operation, &all)
    };
    let [one, two, three] = [0, 1, 2].map(|place: usize| instances[place].as_str());
    let each = ("BatchOptimization", "SuccessFirst");
    let row = |id: &str, code: &str, before: &str, after: &str| {
        (id.to_owned(), code.to_owned(), before.to_owned(), after.to_owned())
    };
    let response = call("StopInstances", &[one], &[]).unwrap();
    assert_eq!(results(&response), [row(one, "200", "Running", "Stopping")]);
    test.advance(1);
    // By default, all are changed or none.
    fails(call("StopInstances", &[two, one], &[]), 403, "IncorrectInstanceStatus");
    fails(call("RebootInstances", &[two, "i-none"], &[]), 404, "InvalidInstanceId.NotFound");
    assert_eq!(test.status(two), "Running");
    let response = call("RebootInstances", &[two, one, "i-none"], &[each]).unwrap();
    assert_eq!(
        results(&response),
        [
            row(two, "200", "Running", "Stopping"),
            row(one, "IncorrectInstanceStatus", "Stopped", "Stopped"),
            row("i-none", "InvalidInstanceId.NotFound", "", ""),
        ]
    );
    test.advance(1);
    assert_eq!(test.status(two), "Running");
    let response = call("StartInstances", &[one, one], &[each]).unwrap();
    assert_eq!(results(&response), [row(one, "200", "Stopped", "Starting")]);
    fails(call("StartInstances", &[three], &[("DryRun", "true"), each]), 400, "DRYRUN.SUCCESS");
    fails(call("StartInstances", &[three], &[("BatchOptimization", "Maybe")]), 400, "InvalidParameter");
    let elsewhere = test.run(&[("RegionId", "cn-beijing")]).remove(0);
    fails(call("RebootInstances", &[&elsewhere], &[]), 404, "InvalidInstanceId.NotFound");
    let many: Vec<String> = (0..101).map(|number| format!("i-{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    fails(call("StartInstances", &many, &[]), 403, "InvalidParameter.TooManyInstanceIds");
}

#[test]
fn an_instance_reboots_hibernates_and_obeys_its_locks() {
    let test = Test::new();
    let id = test.run(&[("HibernationOptions.Configured", "true")]).remove(0);
    let own = [("InstanceId", id.as_str())];
    assert_eq!(test.instance(&id).unwrap()["HibernationOptions"]["Configured"], true);
    test.call("RebootInstance", &own).unwrap();
    assert_eq!(test.status(&id), "Stopping");
    test.advance(1);
    assert_eq!(test.status(&id), "Running");
    test.call("StopInstance", &[own[0], ("Hibernate", "true"), ("ForceStop", "true")]).unwrap();
    test.advance(1);
    assert_eq!(test.instance(&id).unwrap()["StoppedMode"], "StopCharging");
    fails(test.call("RebootInstance", &own), 403, "IncorrectInstanceStatus");
    fails(test.call("RebootInstance", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    let other = test.run(&[]).remove(0);
    let stop = |more: (&str, &str)| test.call("StopInstance", &[("InstanceId", &other), more]);
    fails(stop(("Hibernate", "true")), 403, "HibernationConfigured.NotEnabled");
    fails(stop(("StoppedMode", "Later")), 400, "InvalidParameter");
    fails(test.call("ReActivateInstances", &own), 400, "ReopenInstance.InstanceStatusNotValid");
}

#[test]
fn a_start_needs_capacity_that_was_given_back() {
    let test = Test::new();
    let (kept, given) = (test.run(&[]).remove(0), test.run(&[]).remove(0));
    let call =
        |operation: &str, id: &str, mode: &str| test.call(operation, &[("InstanceId", id), ("StoppedMode", mode)]);
    call("StopInstance", &kept, "KeepCharging").unwrap();
    call("StopInstance", &given, "StopCharging").unwrap();
    test.advance(1);
    let stock = json!({ "instance_type": "ecs.g6.large", "stock": "sold_out" }).to_string();
    let reply = test.raw("PUT", "/emulator/stock", &[("content-type", "application/json")], &stock);
    assert_eq!(reply.status, 200, "{}", reply.body);
    fails(call("StartInstance", &given, ""), 403, "OperationDenied.NoStock");
    call("StartInstance", &kept, "").unwrap();
    fails(run(&test, &[]), 403, "OperationDenied.NoStock");
}

#[test]
fn attributes_are_changed() {
    let test = Test::new();
    let id = test.run(&[("InstanceType", "ecs.t6-c1m1.large"), ("InternetMaxBandwidthOut", "3")]).remove(0);
    let modify = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call("ModifyInstanceAttribute", &all)
    };
    let group = test.call_here("CreateSecurityGroup", &[("SecurityGroupName", "web")]).unwrap();
    let group = group["SecurityGroupId"].as_str().unwrap();
    modify(&[
        ("InstanceName", "web-1"),
        ("Description", "A web server"),
        ("HostName", "web-1"),
        ("Password", "Passw0rd!"),
        ("UserData", "echo hello"),
        ("SecurityGroupIds.1", group),
        ("DeletionProtection", "true"),
        ("CreditSpecification", "Unlimited"),
        ("EnableJumboFrame", "true"),
        ("PrivateDnsNameOptions.HostnameType", "IpBased"),
    ])
    .unwrap();
    let seen = attribute(&test, &id);
    for (name, value) in [
        ("InstanceName", json!("web-1")),
        ("Description", json!("A web server")),
        ("HostName", json!("web-1")),
        ("CreditSpecification", json!("Unlimited")),
        ("EnableJumboFrame", json!(true)),
        ("IoOptimized", json!("optimized")),
        ("Status", json!("Running")),
        ("InstanceType", json!("ecs.t6-c1m1.large")),
        ("InternetMaxBandwidthOut", json!(3)),
        ("SecurityGroupIds", json!({ "SecurityGroupId": [group] })),
        ("PublicIpAddress", json!({ "IpAddress": ["203.0.113.1"] })),
        ("InstanceChargeType", json!("PostPaid")),
    ] {
        assert_eq!(seen[name], value, "{name}");
    }
    let instance = test.instance(&id).unwrap();
    assert_eq!(instance["DeletionProtection"], true);
    assert_eq!(instance["PrivateDnsNameOptions"]["HostnameType"], "IpBased");
    let data = test.call_here("DescribeUserData", &[("InstanceId", &id)]).unwrap();
    assert_eq!((&data["UserData"], &data["RegionId"]), (&json!(STANDARD.encode("echo hello")), &json!("cn-hangzhou")));
    fails(
        test.call("DeleteInstance", &[("InstanceId", &id), ("Force", "true")]),
        403,
        "InvalidOperation.DeletionProtection",
    );
    fails(modify(&[("HostName", "a")]), 400, "InvalidHostName.Malformed");
    fails(modify(&[("Password", "password")]), 400, "InvalidPassword.Malformed");
    fails(modify(&[("InstanceName", "1")]), 400, "InvalidInstanceName.Malformed");
    fails(modify(&[("SecurityGroupIds.1", "sg-none")]), 404, "InvalidSecurityGroupId.NotFound");
    fails(modify(&[("NetworkInterfaceQueueNumber", "2")]), 403, "IncorrectInstanceStatus");
    let data = STANDARD.encode(vec![0; 33 * 1024]);
    fails(modify(&[("UserData", &data)]), 400, "InvalidUserData.SizeExceeded");
    fails(test.call("ModifyInstanceAttribute", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    fails(test.call("DescribeInstanceAttribute", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    fails(test.call_here("DescribeUserData", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    let usual = test.run(&[]).remove(0);
    let credit = [("InstanceId", usual.as_str()), ("CreditSpecification", "Standard")];
    fails(test.call("ModifyInstanceAttribute", &credit), 400, "InstanceType.ValueNotSupported");
}

#[test]
fn metadata_options_are_changed() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let modify = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", id.as_str()), ("HttpEndpoint", "enabled")];
        all.extend_from_slice(parameters);
        test.call_here("ModifyInstanceMetadataOptions", &all)
    };
    modify(&[("HttpTokens", "required"), ("InstanceMetadataTags", "enabled")]).unwrap();
    let options = test.instance(&id).unwrap()["MetadataOptions"].clone();
    assert_eq!((&options["HttpTokens"], &options["InstanceMetadataTags"]), (&json!("required"), &json!("enabled")));
    assert_eq!(test.find(&[("HttpTokens", "required")]), [id.as_str()]);
    fails(modify(&[("HttpTokens", "maybe")]), 400, "InvalidHttpTokens.NotSupported");
    let missing = [("InstanceId", "i-none"), ("HttpEndpoint", "enabled")];
    fails(test.call_here("ModifyInstanceMetadataOptions", &missing), 404, "InvalidInstanceId.NotFound");
}

#[test]
fn the_console_has_output_a_screen_and_an_address() {
    let test = Test::new();
    let id = test.run(&[("HostName", "web-1")]).remove(0);
    let own = [("InstanceId", id.as_str())];
    let output = test.call_here("GetInstanceConsoleOutput", &own).unwrap();
    let text = STANDARD.decode(output["ConsoleOutput"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(text).unwrap().contains("web-1 login:"));
    assert_eq!(output["LastUpdateTime"], "2026-01-02T03:04:05Z");
    let screen = test.call_here("GetInstanceScreenshot", &own).unwrap();
    let image = STANDARD.decode(screen["Screenshot"].as_str().unwrap()).unwrap();
    assert!(image.starts_with(&[0xff, 0xd8]) && image.ends_with(&[0xff, 0xd9]));
    let url = test.call_here("DescribeInstanceVncUrl", &own).unwrap();
    assert!(url["VncUrl"].as_str().unwrap().starts_with("wss://"));
    test.call_here("ModifyInstanceVncPasswd", &[own[0], ("VncPassword", "Vnc4Me")]).unwrap();
    fails(
        test.call_here("ModifyInstanceVncPasswd", &[own[0], ("VncPassword", "vnc-me")]),
        400,
        "IncorrectVncPassword.Malformed",
    );
    test.call("StopInstance", &own).unwrap();
    test.advance(1);
    fails(test.call_here("DescribeInstanceVncUrl", &own), 403, "IncorrectInstanceStatus");
    fails(test.call_here("GetInstanceScreenshot", &own), 405, "IncorrectInstanceStatus");
    fails(test.call_here("GetInstanceConsoleOutput", &[("InstanceId", "i-none")]), 404, "InvalidParameter");
}

#[test]
fn roles_are_attached_and_detached_per_instance() {
    let test = Test::new();
    let with = test.run(&[("RamRoleName", "EcsRamRole")]).remove(0);
    let without = test.run(&[]).remove(0);
    let call = |operation: &str, ids: &[&str], role: &str| {
        let ids = json!(ids).to_string();
        test.call_here(operation, &[("InstanceIds", &ids), ("RamRoleName", role)])
    };
    let roles = |parameters: &[(&str, &str)]| {
        let response = test.call_here("DescribeInstanceRamRole", parameters).unwrap();
        let sets = response["InstanceRamRoleSets"]["InstanceRamRoleSet"].as_array().unwrap().clone();
        sets.iter().map(|set| set["RamRoleName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = json!([with, without]).to_string();
    assert_eq!(roles(&[("InstanceIds", &both)]), ["EcsRamRole", ""]);
    let response = call("AttachInstanceRamRole", &[&with, &without, "i-none"], "EcsEmulatorRole").unwrap();
    assert_eq!((&response["TotalCount"], &response["FailCount"]), (&json!(3), &json!(2)));
    let results = &response["AttachInstanceRamRoleResults"]["AttachInstanceRamRoleResult"];
    let success: Vec<bool> = results.as_array().unwrap().iter().map(|result| result["Success"] == true).collect();
    assert_eq!(success, [false, true, false]);
    assert_eq!(results[2]["Code"], "InvalidInstanceId.NotFound");
    assert_eq!(roles(&[("RamRoleName", "EcsEmulatorRole")]), ["EcsEmulatorRole"]);
    let response = call("DetachInstanceRamRole", &[&with], "EcsRamRole").unwrap();
    assert_eq!(response["FailCount"], 0);
    assert_eq!(roles(&[("InstanceIds", &both)]), ["", "EcsEmulatorRole"]);
    assert_eq!(call("DetachInstanceRamRole", &[&with], "EcsRamRole").unwrap()["FailCount"], 1);
    fails(call("AttachInstanceRamRole", &[&with], "NoRole"), 404, "InvalidRamRole.NotFound");
    fails(test.call_here("DescribeInstanceRamRole", &[]), 403, "InvalidParameter.AllEmpty");
    fails(
        test.call_here("DescribeInstanceRamRole", &[("InstanceIds", "[\"i-none\"]")]),
        404,
        "InvalidInstanceId.NotFound",
    );
}

#[test]
fn the_billing_method_is_changed() {
    let test = Test::new();
    let id = test.run(&[("DataDisk.1.Size", "20")]).remove(0);
    let list = json!([id]).to_string();
    let change = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceIds", list.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("ModifyInstanceChargeType", &all)
    };
    fails(change(&[("Period", "13")]), 400, "InvalidPeriod");
    assert!(change(&[("Period", "1")]).unwrap()["OrderId"].is_string());
    let instance = test.instance(&id).unwrap();
    assert_eq!(
        (&instance["InstanceChargeType"], &instance["ExpiredTime"]),
        (&json!("PrePaid"), &json!("2026-02-02T03:04Z"))
    );
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &id)]).unwrap();
    assert_eq!(ids(&disks["Disks"]["Disk"], "DiskChargeType"), ["PrePaid", "PostPaid"]);
    fails(change(&[("Period", "1")]), 400, "InvalidInstanceChargeType.ValueNotSupported");
    let response = change(&[("InstanceChargeType", "PostPaid"), ("IsDetailFee", "true")]).unwrap();
    let fee = &response["FeeOfInstances"]["FeeOfInstance"][0];
    assert!(fee["Fee"].as_str().unwrap().parse::<f64>().unwrap() > 1.0, "{fee}");
    assert_eq!(test.instance(&id).unwrap()["InstanceChargeType"], "PostPaid");
    fails(
        test.call_here("ModifyInstanceChargeType", &[("InstanceIds", "[\"i-none\"]"), ("Period", "1")]),
        404,
        "InvalidInstanceId.NotFound",
    );
}

#[test]
fn bandwidth_and_public_addresses_are_changed() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let own = ("InstanceId", id.as_str());
    fails(
        test.call("ModifyInstanceNetworkSpec", &[own, ("AllocatePublicIp", "true")]),
        400,
        "InvalidParam.AllocatePublicIp",
    );
    let change =
        [own, ("InternetMaxBandwidthOut", "20"), ("AllocatePublicIp", "true"), ("NetworkChargeType", "PayByBandwidth")];
    test.call("ModifyInstanceNetworkSpec", &change).unwrap();
    let instance = test.instance(&id).unwrap();
    assert_eq!(instance["InternetMaxBandwidthOut"], 20);
    assert_eq!(instance["InternetChargeType"], "PayByBandwidth");
    let address = instance["PublicIpAddress"]["IpAddress"][0].as_str().unwrap();
    fails(
        test.call("ModifyInstanceNetworkSpec", &[own, ("InternetMaxBandwidthOut", "150")]),
        400,
        "InvalidInternetMaxBandwidthOut.ValueNotSupported",
    );
    // The address stays, as an elastic one.
    test.call_here("ConvertNatPublicIpToEip", &[own]).unwrap();
    let instance = test.instance(&id).unwrap();
    assert_eq!(
        (&instance["PublicIpAddress"]["IpAddress"], &instance["EipAddress"]["IpAddress"]),
        (&json!([]), &json!(address))
    );
    assert_eq!(test.find(&[("EipAddresses", &json!([address]).to_string())]), [id.as_str()]);
    fails(test.call_here("ConvertNatPublicIpToEip", &[own]), 404, "InvalidInstance.IpAddressMissing");
    fails(
        test.call("ModifyInstanceNetworkSpec", &[own, ("InternetMaxBandwidthOut", "1")]),
        400,
        "BandwidthUpgradeDenied.EipBoundInstance",
    );
    fails(test.call("ModifyInstanceNetworkSpec", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
}

/// Creates a VPC with a vSwitch in a zone, and returns their IDs and that of a security group.
fn network(test: &Test, zone: &str) -> (String, String, String) {
    let text = |response: &Value, name: &str| response[name].as_str().unwrap().to_owned();
    let vpc = test.call_version(VPC, "CreateVpc", &[REGION, ("CidrBlock", "10.0.0.0/8")]).unwrap();
    let vpc = text(&vpc, "VpcId");
    test.advance(1);
    let parameters = [REGION, ("VpcId", vpc.as_str()), ("ZoneId", zone), ("CidrBlock", "10.1.0.0/28")];
    let vswitch = text(&test.call_version(VPC, "CreateVSwitch", &parameters).unwrap(), "VSwitchId");
    test.advance(1);
    let group = test.call_here("CreateSecurityGroup", &[("VpcId", &vpc), ("SecurityGroupName", "own")]).unwrap();
    (vpc, vswitch, text(&group, "SecurityGroupId"))
}

#[test]
fn a_stopped_instance_moves_to_another_network() {
    let test = Test::new();
    let id = test.run(&[]).remove(0);
    let zone = test.instance(&id).unwrap()["ZoneId"].as_str().unwrap().to_owned();
    let (vpc, vswitch, group) = network(&test, &zone);
    let to = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", id.as_str()), ("VSwitchId", vswitch.as_str())];
        all.extend_from_slice(parameters);
        test.call("ModifyInstanceVpcAttribute", &all)
    };
    let vpc_id = ("VpcId", vpc.as_str());
    fails(to(&[vpc_id]), 400, "IncorrectInstanceStatus");
    test.call("StopInstance", &[("InstanceId", &id)]).unwrap();
    test.advance(1);
    fails(to(&[]), 404, "InvalidVSwitch.NotBelongToVpc");
    fails(to(&[vpc_id]), 400, "InvalidParameter.SecurityGroupId");
    fails(
        to(&[vpc_id, ("SecurityGroupId.1", &group), ("PrivateIpAddress", "10.2.0.1")]),
        400,
        "InvalidPrivateIpAddress.Mismatch",
    );
    to(&[vpc_id, ("SecurityGroupId.1", &group), ("PrivateIpAddress", "10.1.0.5")]).unwrap();
    let instance = test.instance(&id).unwrap();
    assert_eq!(instance["VpcAttributes"]["VpcId"], json!(vpc));
    assert_eq!(instance["VpcAttributes"]["PrivateIpAddress"]["IpAddress"], json!(["10.1.0.5"]));
    assert_eq!(instance["NetworkInterfaces"]["NetworkInterface"][0]["PrimaryIpAddress"], "10.1.0.5");
    assert_eq!(test.find(&[("VpcId", &vpc)]), [id.as_str()]);
    assert_eq!(test.find(&[("SecurityGroupId", &group)]), [id.as_str()]);
    to(&[("PrivateIpAddress", "10.1.0.6")]).unwrap();
    assert_eq!(test.find(&[("PrivateIpAddresses", "[\"10.1.0.6\"]")]), [id.as_str()]);
}

#[test]
fn references_of_new_instances_must_exist() {
    let test = Test::new();
    for (name, value, status, code) in [
        ("LaunchTemplateId", "lt-none", 404, "InvalidLaunchTemplate.NotFound"),
        ("LaunchTemplateName", "none", 404, "InvalidLaunchTemplate.NotFound"),
        ("KeyPairName", "none", 404, "InvalidKeyPairName.NotFound"),
        ("RamRoleName", "none", 404, "InvalidRamRole.NotFound"),
        ("ResourceGroupId", "rg-none", 404, "InvalidResourceGroup.NotFound"),
        ("DeploymentSetId", "ds-none", 400, "InvalidDeploymentSetId.NotFound"),
        ("DedicatedHostId", "dh-none", 400, "InvalidDedicatedHostId.NotFound"),
        ("HpcClusterId", "hpc-none", 400, "InvalidHpcClusterId.NotFound"),
        ("PrivatePoolOptions.Id", "eap-none", 400, "Invalid.PrivatePoolOptions.Id"),
        ("StorageSetId", "ss-none", 403, "InvalidParameter.StorageSetId"),
        ("SystemDisk.AutoSnapshotPolicyId", "sp-none", 404, "InvalidAutoSnapshotPolicyId.NotFound"),
        ("DataDisk.1.SnapshotId", "s-none", 400, "InvalidSnapshotId.NotFound"),
        ("NetworkInterface.1.NetworkInterfaceId", "eni-none", 403, "InvalidEniId.NotFound"),
        ("SecurityGroupIds.1", "sg-none", 404, "InvalidSecurityGroupId.NotFound"),
        ("ImageId", "m-none", 404, "InvalidImageId.NotFound"),
    ] {
        fails(run(&test, &[(name, value)]), status, code);
    }
    let family = [("ImageId", ""), ("ImageFamily", "none")];
    fails(run(&test, &family), 403, "InvalidImageFamily.MissingAvailableImage");
    fails(run(&test, &[("ImageFamily", "acs:debian_12_8_x64")]), 400, "UnexpectedImageFamily.ImageIdSupplied");
    let create = [REGION, ("ImageId", IMAGE), ("InstanceType", "ecs.g6.large"), ("KeyPairName", "none")];
    fails(test.call("CreateInstance", &create), 404, "InvalidKeyPairName.NotFound");
    assert_eq!(test.find(&[]).len(), 0);
}

#[test]
fn values_of_new_instances_are_checked() {
    let test = Test::new();
    for (parameters, status, code) in [
        (vec![("Password", "a")], 400, "InvalidPassword.Malformed"),
        (vec![("Password", "Passw0rd!"), ("PasswordInherit", "true")], 400, "InvalidPasswordParam.Mismatch"),
        (vec![("InstanceName", "a")], 400, "InvalidInstanceName.Malformed"),
        (vec![("InstanceName", "tab\there")], 400, "InvalidInstanceName.Malformed"),
        (vec![("HostName", "-web")], 400, "InvalidHostName.Malformed"),
        (vec![("Description", "http://example.com")], 400, "InvalidDescription.Malformed"),
        (vec![("HostName", "web"), ("HostNames.1", "web")], 403, "InvalidHostname.SingleAndMultiConflict"),
        (vec![("HostNames.1", "web-1"), ("HostNames.2", "web-2")], 403, "InvalidHostname.SizeInvalid"),
        (vec![("SpotStrategy", "SpotAsPriceGo"), ("SpotDuration", "9")], 400, "InvalidSpotDuration"),
        (vec![("SpotStrategy", "Cheap")], 400, "InvalidSpotStrategy"),
        (vec![("AutoPay", "false")], 400, "InvalidAutoPay.PostPaidUnsupported"),
        (vec![("IoOptimized", "none")], 400, "IoOptimized.NotSupported"),
        (vec![("Tenancy", "castle")], 400, "InvalidParam.Tenancy"),
        (vec![("HttpTokens", "maybe")], 400, "InvalidHttpTokens.NotSupported"),
        (vec![("DataDisk.1.Size", "20"), ("DataDisk.1.Device", "sdb")], 400, "InvalidDataDevice.Malformed"),
        (vec![("SystemDisk.PerformanceLevel", "PL9")], 400, "InvalidPerformanceLevel.Malformed"),
        (
            vec![("SystemDisk.Category", "cloud_ssd"), ("SystemDisk.ProvisionedIops", "100")],
            400,
            "ProvisionedIopsForDiskCategoryUnsupported",
        ),
        (vec![("Ipv6AddressCount", "1")], 403, "InvalidVSwitch.Ipv6NotTurnOn"),
    ] {
        fails(run(&test, &parameters), status, code);
    }
    fails(test.call_here("DescribeInstances", &[("HpcClusterId", "hpc-none")]), 400, "InvalidHpcClusterId.NotFound");
    let many: Vec<String> = (0..101).map(|number| format!("i-{number}")).collect();
    fails(test.call_here("DescribeInstances", &[("InstanceIds", &json!(many).to_string())]), 400, "InvalidParameter");
    assert_eq!(test.find(&[]).len(), 0);
}

#[test]
fn a_launch_template_completes_the_request() {
    let test = Test::new();
    let parameters = [
        ("LaunchTemplateName", "web"),
        ("ImageId", IMAGE),
        ("InstanceType", "ecs.g6.xlarge"),
        ("InstanceName", "from-template"),
        ("SystemDisk.Size", "60"),
        ("SystemDisk.DiskName", "root"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "web"),
    ];
    let template = test.call_here("CreateLaunchTemplate", &parameters).unwrap();
    let template = template["LaunchTemplateId"].as_str().unwrap();
    let create = |parameters: &[(&str, &str)]| {
        let mut all = vec![REGION];
        all.extend_from_slice(parameters);
        let response = test.call("RunInstances", &all)?;
        test.advance(1);
        Ok::<_, common::Failure>(texts(&response["InstanceIdSets"]["InstanceIdSet"]).remove(0))
    };
    let id = create(&[("LaunchTemplateId", template)]).unwrap();
    let instance = test.instance(&id).unwrap();
    assert_eq!(
        (&instance["InstanceType"], &instance["InstanceName"]),
        (&json!("ecs.g6.xlarge"), &json!("from-template"))
    );
    assert_eq!(instance["Tags"]["Tag"], json!([{ "TagKey": "team", "TagValue": "web" }]));
    // The request overrides the template, member by member.
    let own = [("LaunchTemplateName", "web"), ("InstanceType", "ecs.g6.large"), ("SystemDisk.Size", "80")];
    let id = create(&own).unwrap();
    assert_eq!(test.instance(&id).unwrap()["InstanceType"], "ecs.g6.large");
    let disks = test.call_here("DescribeDisks", &[("InstanceId", &id)]).unwrap();
    let disk = &disks["Disks"]["Disk"][0];
    assert_eq!((&disk["Size"], &disk["DiskName"]), (&json!(80), &json!("root")));
    let version = [("LaunchTemplateId", template), ("LaunchTemplateVersion", "7")];
    fails(create(&version).map(Value::from), 404, "InvalidLaunchTemplateVersion.NotFound");
    let elsewhere = [("LaunchTemplateId", template), ("RegionId", "cn-beijing")];
    fails(test.call("RunInstances", &elsewhere), 404, "InvalidLaunchTemplate.NotFound");
}

#[test]
fn network_interfaces_are_created_and_attached_with_an_instance() {
    let test = Test::new();
    let id = test
        .run(&[
            ("NetworkInterface.1.InstanceType", "Primary"),
            ("NetworkInterface.1.SecondaryPrivateIpAddressCount", "2"),
            ("NetworkInterface.2.NetworkInterfaceName", "second"),
        ])
        .remove(0);
    let instance = test.instance(&id).unwrap();
    let interfaces = instance["NetworkInterfaces"]["NetworkInterface"].as_array().unwrap().clone();
    assert_eq!(interfaces.iter().map(|own| &own["Type"]).collect::<Vec<_>>(), ["Primary", "Secondary"]);
    assert_eq!(interfaces[0]["PrivateIpSets"]["PrivateIpSet"].as_array().unwrap().len(), 3);
    let vswitch = instance["VpcAttributes"]["VSwitchId"].as_str().unwrap();
    let group = instance["SecurityGroupIds"]["SecurityGroupId"][0].as_str().unwrap();
    let parameters = [("VSwitchId", vswitch), ("SecurityGroupId", group)];
    let interface = test.call_here("CreateNetworkInterface", &parameters).unwrap();
    let interface = interface["NetworkInterfaceId"].as_str().unwrap();
    test.advance(1);
    let attach = [("VSwitchId", vswitch), ("NetworkInterface.1.NetworkInterfaceId", interface)];
    fails(run(&test, &[attach[0], attach[1], ("Amount", "2")]), 403, "InvalidParam.Amount");
    let other = test.run(&attach).remove(0);
    let interfaces = test.instance(&other).unwrap()["NetworkInterfaces"]["NetworkInterface"].clone();
    assert_eq!(interfaces[1]["NetworkInterfaceId"], interface);
    fails(run(&test, &attach), 403, "InvalidOperation.InvalidNetworkInterfaceId");
    let twice = [("VSwitchId", vswitch), ("NetworkInterface.1.InstanceType", "Primary")];
    fails(run(&test, &twice), 400, "InvalidParam.NetworkInterface");
    let many = ["NetworkInterface.1.Description", "NetworkInterface.2.Description", "NetworkInterface.3.Description"];
    let many: Vec<(&str, &str)> = many.into_iter().map(|name| (name, "more")).collect();
    fails(run(&test, &many), 403, "InvalidParameter.EniNumExceededWithLaunchEcs");
}

#[test]
fn as_many_instances_are_created_as_there_are_addresses() {
    let test = Test::new();
    let (vpc, vswitch, group) = network(&test, "cn-hangzhou-h");
    let place = [("VSwitchId", vswitch.as_str()), ("SecurityGroupId", group.as_str())];
    // 16 addresses, of which the service keeps the first one and the last three.
    fails(run(&test, &[place[0], place[1], ("Amount", "13")]), 400, "QuotaExceeded.PrivateIpAddress");
    let some = test.run(&[place[0], place[1], ("Amount", "20"), ("MinAmount", "2")]);
    assert_eq!(some.len(), 12);
    assert_eq!(test.find(&[("VpcId", &vpc), ("PageSize", "100")]).len(), 12);
    fails(
        run(&test, &[place[0], place[1], ("Amount", "5"), ("MinAmount", "1")]),
        400,
        "QuotaExceeded.PrivateIpAddress",
    );
    // A security group of another VPC.
    fails(run(&test, &[("SecurityGroupId", &group)]), 400, "InvalidSecurityGroup.VpcMismatch");
    // Consecutive addresses begin with the one that the request names.
    let two = test.run(&[("PrivateIpAddress", "172.16.0.100"), ("Amount", "2"), ("ZoneId", "cn-hangzhou-b")]);
    let address = |id: &str| test.instance(id).unwrap()["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0].clone();
    assert_eq!([address(&two[0]), address(&two[1])], ["172.16.0.100", "172.16.0.101"]);
}

#[test]
fn creation_goes_on_when_default_vswitches_are_full() {
    let test = Test::new();
    // A default vSwitch has 4,092 addresses; the region starts with two.
    let mut vswitches = std::collections::BTreeSet::new();
    for _ in 0..82 {
        let id = test.run(&[("Amount", "100")]).remove(99);
        vswitches.insert(test.instance(&id).unwrap()["VpcAttributes"]["VSwitchId"].to_string());
    }
    assert_eq!(vswitches.len(), 3);
    let rest = test.run(&[("Amount", "92"), ("ZoneId", "cn-hangzhou-b")]);
    assert_eq!(rest.len(), 92);
}

#[test]
fn a_lenient_emulator_has_stand_ins() {
    let test = Test::lenient();
    let id = test
        .run(&[
            ("ImageId", "m-mine"),
            ("InstanceType", "ecs.c99i.2xlarge"),
            ("KeyPairName", "mine"),
            ("RamRoleName", "mine"),
            ("ResourceGroupId", "rg-mine"),
            ("DeploymentSetId", "ds-mine"),
            ("DataDisk.1.SnapshotId", "s-mine"),
        ])
        .remove(0);
    let instance = test.instance(&id).unwrap();
    assert_eq!((&instance["Cpu"], &instance["Memory"]), (&json!(8), &json!(16_384)));
    assert_eq!((&instance["ImageId"], &instance["DeploymentSetId"]), (&json!("m-mine"), &json!("ds-mine")));
    assert_eq!((&instance["KeyPairName"], &instance["ResourceGroupId"]), (&json!("mine"), &json!("rg-mine")));
    // A launch template that it does not know has an image and an instance type.
    test.call_here("RunInstances", &[("LaunchTemplateName", "none")]).unwrap();
}
