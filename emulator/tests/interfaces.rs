//! Elastic network interfaces.

mod common;

use common::{IMAGE, REGION, Test, VPC, fails, ids};
use serde_json::{Value, json};

/// The vSwitch and the security group of an instance.
fn network(test: &Test, instance: &str) -> (String, String) {
    let instance = test.instance(instance).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&instance["VpcAttributes"]["VSwitchId"]), text(&instance["SecurityGroupIds"]["SecurityGroupId"][0]))
}

fn create(test: &Test, network: &(String, String), more: &[(&str, &str)]) -> Value {
    let own = [("VSwitchId", network.0.as_str()), ("SecurityGroupId", network.1.as_str())];
    test.call_here("CreateNetworkInterface", &[&own, more].concat()).unwrap()
}

fn find(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeNetworkInterfaces", parameters).unwrap();
    response["NetworkInterfaceSets"]["NetworkInterfaceSet"].as_array().unwrap().clone()
}

fn status(test: &Test, id: &str) -> String {
    find(test, &[("NetworkInterfaceId.1", id)])
        .first()
        .map_or_else(|| "gone".to_owned(), |found| found["Status"].as_str().unwrap().to_owned())
}

#[test]
fn an_interface_is_created_attached_detached_and_deleted() {
    let test = Test::new();
    let instance = test.run(&[]).remove(0);
    let network = network(&test, &instance);
    let created =
        create(&test, &network, &[("NetworkInterfaceName", "second"), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")]);
    let id = created["NetworkInterfaceId"].as_str().unwrap();
    assert_eq!(created["SecurityGroupIds"]["SecurityGroupId"], json!([network.1]));
    let call = |operation: &str, parameters: &[(&str, &str)]| {
        test.call_here(operation, &[&[("NetworkInterfaceId", id)], parameters].concat())
    };
    let attach = || call("AttachNetworkInterface", &[("InstanceId", &instance)]);
    fails(attach(), 400, "InvalidOperation.InvalidEniState");
    test.advance(1);
    assert_eq!(status(&test, id), "Available");
    attach().unwrap();
    assert_eq!(status(&test, id), "Attaching");
    test.advance(1);
    let attached = find(&test, &[("InstanceId", &instance)]);
    assert_eq!(ids(&json!(attached), "Type"), ["Primary", "Secondary"]);
    assert_eq!(attached[1]["Attachment"]["DeviceIndex"], 1);
    fails(call("DeleteNetworkInterface", &[]), 400, "InvalidOperation.InvalidEniState");
    let primary = attached[0]["NetworkInterfaceId"].as_str().unwrap();
    let detach =
        |id: &str| test.call_here("DetachNetworkInterface", &[("NetworkInterfaceId", id), ("InstanceId", &instance)]);
    fails(detach(primary), 400, "InvalidOperation.DetachPrimaryEniNotAllowed");
    detach(id).unwrap();
    assert_eq!(status(&test, id), "Detaching");
    test.advance(1);
    fails(detach(id), 403, "InvalidParameter.EniNotBelongEcs");
    call("DeleteNetworkInterface", &[]).unwrap();
    assert_eq!(status(&test, id), "Deleting");
    test.advance(1);
    assert_eq!(status(&test, id), "gone");
    fails(call("AttachNetworkInterface", &[("InstanceId", &instance)]), 404, "InvalidEniId.NotFound");
}

#[test]
fn an_interface_goes_with_its_instance_unless_it_is_kept() {
    let test = Test::new();
    let instance = test.run(&[("InstanceType", "ecs.g6.2xlarge")]).remove(0);
    let network = network(&test, &instance);
    let kept =
        create(&test, &network, &[("DeleteOnRelease", "false")])["NetworkInterfaceId"].as_str().unwrap().to_owned();
    let gone = create(&test, &network, &[])["NetworkInterfaceId"].as_str().unwrap().to_owned();
    test.advance(1);
    for id in [&kept, &gone] {
        test.call_here("AttachNetworkInterface", &[("NetworkInterfaceId", id), ("InstanceId", &instance)]).unwrap();
        test.advance(1);
    }
    test.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]).unwrap();
    test.advance(1);
    assert_eq!((status(&test, &kept).as_str(), status(&test, &gone).as_str()), ("Available", "gone"));
}

#[test]
fn secondary_addresses_are_assigned_once() {
    let test = Test::new();
    let instance = test.run(&[]).remove(0);
    let network = network(&test, &instance);
    let created = create(&test, &network, &[("SecondaryPrivateIpAddressCount", "2")]);
    test.advance(1);
    let id = created["NetworkInterfaceId"].as_str().unwrap();
    let addresses = ids(&created["PrivateIpSets"]["PrivateIpSet"], "PrivateIpAddress");
    assert_eq!(addresses.len(), 3);
    let free = || {
        let response =
            test.call_version(common::VPC, "DescribeVSwitches", &[common::REGION, ("VSwitchId", &network.0)]).unwrap();
        response["VSwitches"]["VSwitch"][0]["AvailableIpAddressCount"].as_u64().unwrap()
    };
    let before = free();
    let call = |operation: &str, parameters: &[(&str, &str)]| {
        test.call_here(operation, &[&[("NetworkInterfaceId", id)], parameters].concat())
    };
    let assign = |address: &str| call("AssignPrivateIpAddresses", &[("PrivateIpAddress.1", address)]);
    fails(assign(&addresses[1]), 403, "InvalidIp.IpAssigned");
    fails(assign("10.1.2.3"), 403, "InvalidVSwitchId.IpInvalid");
    fails(assign("10.1.2"), 400, "InvalidPrivateIpAddress.Malformed");
    let assigned = call("AssignPrivateIpAddresses", &[("SecondaryPrivateIpAddressCount", "3")]).unwrap();
    let new = &assigned["AssignedPrivateIpAddressesSet"]["PrivateIpSet"]["PrivateIpAddress"];
    assert_eq!((new.as_array().unwrap().len(), free()), (3, before - 3));
    assert_eq!(find(&test, &[("PrivateIpAddress.1", new[0].as_str().unwrap())]).len(), 1);
    call("UnassignPrivateIpAddresses", &[("PrivateIpAddress.1", new[0].as_str().unwrap())]).unwrap();
    assert_eq!(free(), before - 2);
    let primary = call("UnassignPrivateIpAddresses", &[("PrivateIpAddress.1", &addresses[0])]);
    fails(primary, 403, "InvalidIp.IpUnassigned");
    fails(call("AssignIpv6Addresses", &[("Ipv6AddressCount", "1")]), 404, "InvalidOperation.VSwitchIpv6Disabled");
}

#[test]
fn an_interface_has_ipv6_addresses_of_its_vswitch() {
    let test = Test::new();
    let vpc = |operation: &str, parameters: &[(&str, &str)]| {
        test.call_version(common::VPC, operation, &[&[common::REGION], parameters].concat()).unwrap()
    };
    let text = |response: &Value, member: &str| response[member].as_str().unwrap().to_owned();
    let network = text(&vpc("CreateVpc", &[("CidrBlock", "10.0.0.0/8"), ("EnableIpv6", "true")]), "VpcId");
    test.advance(60);
    let block = [("CidrBlock", "10.1.0.0/16"), ("Ipv6CidrBlock", "7"), ("ZoneId", "cn-hangzhou-h")];
    let vswitch = text(&vpc("CreateVSwitch", &[&block[..], &[("VpcId", &network)]].concat()), "VSwitchId");
    test.advance(60);
    let group = text(&test.call_here("CreateSecurityGroup", &[("VpcId", &network)]).unwrap(), "SecurityGroupId");
    let id = text(&create(&test, &(vswitch, group), &[]), "NetworkInterfaceId");
    test.advance(60);
    let call = |operation: &str, parameter: (&str, &str)| {
        test.call_here(operation, &[("NetworkInterfaceId", id.as_str()), parameter])
    };
    let addresses = || ids(&find(&test, &[("NetworkInterfaceId.1", &id)])[0]["Ipv6Sets"]["Ipv6Set"], "Ipv6Address");
    let assigned = call("AssignIpv6Addresses", ("Ipv6AddressCount", "2")).unwrap();
    let assigned = common::texts(&assigned["Ipv6Sets"]["Ipv6Address"]);
    assert_eq!(addresses(), assigned);
    call("UnassignIpv6Addresses", ("Ipv6Address.1", &assigned[0])).unwrap();
    assert_eq!(addresses(), assigned[1..]);
    fails(call("UnassignIpv6Addresses", ("Ipv6Address.1", &assigned[0])), 403, "InvalidIp.IpUnassigned");
}

#[test]
fn groups_of_a_primary_interface_are_those_of_its_instance() {
    let test = Test::new();
    let instance = test.run(&[]).remove(0);
    let group = test.call_here("CreateSecurityGroup", &[]).unwrap()["SecurityGroupId"].as_str().unwrap().to_owned();
    let primary = find(&test, &[("InstanceId", &instance)])[0]["NetworkInterfaceId"].as_str().unwrap().to_owned();
    let own = ("NetworkInterfaceId", primary.as_str());
    test.call_here("ModifyNetworkInterfaceAttribute", &[own, ("SecurityGroupId.1", &group), ("Description", "first")])
        .unwrap();
    assert_eq!(test.find(&[("SecurityGroupId", &group)]), [instance]);
    let attribute = test.call_here("DescribeNetworkInterfaceAttribute", &[own]).unwrap();
    assert_eq!((attribute["Description"].as_str(), attribute["Type"].as_str()), (Some("first"), Some("Primary")));
    let none = test.call_here("ModifyNetworkInterfaceAttribute", &[own, ("SecurityGroupId.1", "sg-none")]);
    fails(none, 404, "InvalidSecurityGroupId.NotFound");
}

#[test]
fn an_ipv6_address_is_the_same_however_it_is_written() {
    let test = Test::new();
    let vpc = test.call_version(VPC, "CreateVpc", &[REGION, ("EnableIpv6", "true")]).unwrap();
    test.advance(1);
    let vpc = vpc["VpcId"].as_str().unwrap();
    let block = [("VpcId", vpc), ("ZoneId", "cn-hangzhou-h"), ("CidrBlock", "172.16.1.0/24"), ("Ipv6CidrBlock", "0")];
    let vswitch = test.call_version(VPC, "CreateVSwitch", &block).unwrap();
    test.advance(1);
    let vswitch = vswitch["VSwitchId"].as_str().unwrap();
    let group = test.call_here("CreateSecurityGroup", &[("VpcId", vpc)]).unwrap();
    let network = (vswitch.to_owned(), group["SecurityGroupId"].as_str().unwrap().to_owned());
    let parameters = [("VSwitchId", vswitch)];
    let described = test.call_version(VPC, "DescribeVSwitchAttributes", &parameters).unwrap();
    let prefix = described["Ipv6CidrBlock"].as_str().unwrap().trim_end_matches(":/64").to_owned();
    let [short, long, upper] =
        ["::ab", ":0:0:0:00ab", "::AB"].map(|end| format!("{}{end}", prefix.trim_end_matches(':')));

    let image = ("ImageId", IMAGE);
    let image = [image, ("InstanceType", "ecs.g7.large"), ("VSwitchId", vswitch), ("SecurityGroupId", &network.1)];
    let launch = |more: &[(&str, &str)]| test.call_here("RunInstances", &[&image, more].concat());
    let response = launch(&[("Ipv6Address.1", &long)]).unwrap();
    let instance = response["InstanceIdSets"]["InstanceIdSet"][0].as_str().unwrap();
    test.advance(1);
    let primary = find(&test, &[("InstanceId", instance)]).remove(0);
    assert_eq!(primary["Ipv6Sets"]["Ipv6Set"], json!([{ "Ipv6Address": short }]));
    for address in [&short, &long, &upper] {
        fails(launch(&[("Ipv6Address.1", address)]), 403, "InvalidIp.IpAssigned");
        assert_eq!(find(&test, &[("Ipv6Address.1", address)]).len(), 1, "{address}");
        assert_eq!(test.find(&[("Ipv6Address.1", address)]), [instance]);
        let other = create(&test, &network, &[]);
        test.advance(1);
        let other = ("NetworkInterfaceId", other["NetworkInterfaceId"].as_str().unwrap());
        fails(test.call_here("AssignIpv6Addresses", &[other, ("Ipv6Address.1", address)]), 403, "InvalidIp.IpAssigned");
    }
    let own = ("NetworkInterfaceId", primary["NetworkInterfaceId"].as_str().unwrap());
    test.call_here("UnassignIpv6Addresses", &[own, ("Ipv6Address.1", &upper)]).unwrap();
    fails(launch(&[("Ipv6Address.1", &short), ("Ipv6Address.2", &upper)]), 403, "InvalidIp.IpAssigned");
    let two = [("Ipv6Address.1", &*short), ("Amount", "2")];
    fails(launch(&two), 403, "InvalidParam.Amount");
    // A state written by hand can have any spelling, too.
    let state = test.emulator.service().state_json().replace("\"ipv6\": []", &format!("\"ipv6\": [{long:?}]"));
    test.emulator.service().load_state(&state).unwrap();
    fails(launch(&[("Ipv6Address.1", &short)]), 403, "InvalidIp.IpAssigned");
}
