//! VPCs, vSwitches, elastic IP addresses and their tags, by the operations of VPC and the older ones of ECS.

mod common;

use common::{CallResult, ECS, IMAGE, REGION, Test, VPC, fails, ids, texts};
use serde_json::Value;

/// The resource group that an account has from the start.
const GROUP: &str = "rg-acfmemulator0default";

const ZONE: (&str, &str) = ("ZoneId", "cn-hangzhou-h");

/// Calls an operation of VPC in the region that tests use.
fn vpc_call(test: &Test, operation: &str, parameters: &[(&str, &str)]) -> CallResult {
    test.call_version(VPC, operation, &[&[REGION], parameters].concat())
}

fn text(response: &Value, member: &str) -> String {
    response[member].as_str().unwrap_or_else(|| panic!("{member} of {response}")).to_owned()
}

/// Creates a VPC and waits until it is available.
fn create_vpc(test: &Test, parameters: &[(&str, &str)]) -> String {
    let id = text(&vpc_call(test, "CreateVpc", parameters).unwrap(), "VpcId");
    test.advance(1);
    id
}

/// Creates a vSwitch and waits until it is available.
fn create_vswitch(test: &Test, vpc: &str, cidr: &str) -> String {
    let parameters = [("VpcId", vpc), ZONE, ("CidrBlock", cidr)];
    let id = text(&vpc_call(test, "CreateVSwitch", &parameters).unwrap(), "VSwitchId");
    test.advance(1);
    id
}

fn create_group(test: &Test, vpc: &str) -> String {
    text(&test.call_here("CreateSecurityGroup", &[("VpcId", vpc)]).unwrap(), "SecurityGroupId")
}

fn allocate(test: &Test, parameters: &[(&str, &str)]) -> String {
    text(&vpc_call(test, "AllocateEipAddress", parameters).unwrap(), "AllocationId")
}

/// The elements of a list in the response of an operation of VPC.
fn list(test: &Test, operation: &str, path: [&str; 2], parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = vpc_call(test, operation, parameters).unwrap();
    response[path[0]][path[1]].as_array().unwrap_or_else(|| panic!("{response}")).clone()
}

fn vpcs(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    list(test, "DescribeVpcs", ["Vpcs", "Vpc"], parameters)
}

fn vswitches(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    list(test, "DescribeVSwitches", ["VSwitches", "VSwitch"], parameters)
}

fn eips(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    list(test, "DescribeEipAddresses", ["EipAddresses", "EipAddress"], parameters)
}

fn eip(test: &Test, id: &str) -> Value {
    eips(test, &[("AllocationId", id)]).remove(0)
}

fn delete(test: &Test, operation: &str, parameter: &str, id: &str) -> CallResult {
    vpc_call(test, operation, &[(parameter, id)])
}

#[test]
fn the_error_of_a_deleted_vswitch_is_one_that_terraform_knows() {
    let test = Test::new();
    let message = fails(
        vpc_call(&test, "DescribeVSwitchAttributes", &[("VSwitchId", "vsw-none")]),
        400,
        "InvalidVSwitchId.NotFound",
    );
    assert!(message.contains("NotFound"), "{message}");
}

#[test]
fn a_network_is_created_used_and_torn_down() {
    let test = Test::new();
    // Everything passes through its states.
    let created = vpc_call(&test, "CreateVpc", &[("CidrBlock", "10.0.0.0/8"), ("VpcName", "shop")]).unwrap();
    let vpc = text(&created, "VpcId");
    assert_eq!(vpcs(&test, &[("VpcId", &vpc)])[0]["Status"], "Pending");
    let early = [("VpcId", vpc.as_str()), ZONE, ("CidrBlock", "10.1.0.0/24")];
    fails(vpc_call(&test, "CreateVSwitch", &early), 400, "IncorrectVpcStatus");
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 400, "IncorrectVpcStatus");
    fails(test.call_here("CreateSecurityGroup", &[("VpcId", &vpc)]), 400, "IncorrectVpcStatus");
    test.advance(1);
    let vswitch = text(&vpc_call(&test, "CreateVSwitch", &early).unwrap(), "VSwitchId");
    assert_eq!(vswitches(&test, &[("VSwitchId", &vswitch)])[0]["Status"], "Pending");
    fails(delete(&test, "DeleteVSwitch", "VSwitchId", &vswitch), 400, "IncorrectVSwitchStatus");
    let group = create_group(&test, &vpc);
    let place = [("VSwitchId", vswitch.as_str()), ("SecurityGroupId", group.as_str()), ("ZoneId", "cn-hangzhou-h")];
    let run = [("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")];
    fails(test.call_here("RunInstances", &[&place[..], &run].concat()), 400, "IncorrectVSwitchStatus");
    fails(test.call_here("CreateNetworkInterface", &place), 400, "IncorrectVSwitchStatus");
    test.advance(1);
    let attributes = vpc_call(&test, "DescribeVSwitchAttributes", &[("VSwitchId", &vswitch)]).unwrap();
    assert_eq!((&attributes["Status"], &attributes["VpcId"]), (&"Available".into(), &vpc.as_str().into()));
    assert_eq!(attributes["AvailableIpAddressCount"], 252);

    // An instance in it takes an address and gets an elastic one.
    let instance = test.run(&place).remove(0);
    let shown = test.instance(&instance).unwrap();
    assert_eq!(shown["VpcAttributes"]["VpcId"], vpc.as_str());
    assert!(texts(&shown["VpcAttributes"]["PrivateIpAddress"]["IpAddress"])[0].starts_with("10.1.0."));
    assert_eq!(vswitches(&test, &[("VpcId", &vpc)])[0]["AvailableIpAddressCount"], 251);
    let address = allocate(&test, &[("Bandwidth", "20"), ("InternetChargeType", "PayByTraffic"), ("Name", "front")]);
    let pair = [("AllocationId", address.as_str()), ("InstanceId", instance.as_str())];
    vpc_call(&test, "AssociateEipAddress", &pair).unwrap();
    assert_eq!(eip(&test, &address)["Status"], "Associating");
    fails(vpc_call(&test, "UnassociateEipAddress", &pair), 400, "IncorrectEipStatus");
    test.advance(1);
    let bound = eip(&test, &address);
    assert_eq!((&bound["Status"], &bound["InstanceId"]), (&"InUse".into(), &instance.as_str().into()));
    assert_eq!((&bound["InstanceType"], &bound["Bandwidth"]), (&"EcsInstance".into(), &"20".into()));
    let shown = &test.instance(&instance).unwrap()["EipAddress"];
    assert_eq!((&shown["AllocationId"], &shown["IpAddress"]), (&address.as_str().into(), &bound["IpAddress"]));

    // It is torn down from the inside.
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 400, "DependencyViolation.VSwitch");
    fails(delete(&test, "DeleteVSwitch", "VSwitchId", &vswitch), 400, "DependencyViolation");
    fails(delete(&test, "ReleaseEipAddress", "AllocationId", &address), 400, "IncorrectEipStatus");
    vpc_call(&test, "UnassociateEipAddress", &pair).unwrap();
    assert_eq!(eip(&test, &address)["Status"], "Unassociating");
    test.advance(1);
    assert_eq!(
        (&eip(&test, &address)["Status"], &eip(&test, &address)["InstanceId"]),
        (&"Available".into(), &"".into())
    );
    assert_eq!(test.instance(&instance).unwrap()["EipAddress"]["IpAddress"], "");
    delete(&test, "ReleaseEipAddress", "AllocationId", &address).unwrap();
    assert_eq!(eip(&test, &address)["Status"], "Releasing");
    test.advance(1);
    assert_eq!(eips(&test, &[("AllocationId", &address)]), Vec::<Value>::new());
    test.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]).unwrap();
    test.advance(1);
    delete(&test, "DeleteVSwitch", "VSwitchId", &vswitch).unwrap();
    assert_eq!(vswitches(&test, &[("VSwitchId", &vswitch)])[0]["Status"], "Pending");
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 400, "DependencyViolation.VSwitch");
    test.advance(1);
    assert_eq!(vswitches(&test, &[("VSwitchId", &vswitch)]), Vec::<Value>::new());
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 400, "DependencyViolation.SecurityGroup");
    test.call_here("DeleteSecurityGroup", &[("SecurityGroupId", &group)]).unwrap();
    delete(&test, "DeleteVpc", "VpcId", &vpc).unwrap();
    test.advance(1);
    assert_eq!(vpcs(&test, &[("VpcId", &vpc)]), Vec::<Value>::new());
}

#[test]
fn a_network_interface_has_an_address_for_each_private_one() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("CidrBlock", "10.0.0.0/16")]);
    let vswitch = create_vswitch(&test, &vpc, "10.0.0.0/24");
    let group = create_group(&test, &vpc);
    let place = [("VSwitchId", vswitch.as_str()), ("SecurityGroupId", group.as_str())];
    let more = [("PrimaryIpAddress", "10.0.0.20"), ("SecondaryPrivateIpAddressCount", "1")];
    let created = test.call_here("CreateNetworkInterface", &[&place[..], &more].concat()).unwrap();
    let interface = text(&created, "NetworkInterfaceId");
    let addresses = [allocate(&test, &[]), allocate(&test, &[])];
    let associate = |address: &str, parameters: &[(&str, &str)]| {
        let own = [("AllocationId", address), ("InstanceType", "NetworkInterface"), ("InstanceId", interface.as_str())];
        vpc_call(&test, "AssociateEipAddress", &[&own[..], parameters].concat())
    };
    fails(associate(&addresses[0], &[]), 400, "InvalidStatus.EniStatusNotSupport");
    test.advance(1);
    fails(delete(&test, "DeleteVSwitch", "VSwitchId", &vswitch), 400, "DependencyViolation");
    let absent = [("PrivateIpAddress", "10.0.0.99")];
    fails(associate(&addresses[0], &absent), 400, "OperationFailed.PrivateIpAddressNotExist");
    fails(associate(&addresses[0], &[("Mode", "ROUTED")]), 400, "IllegalParam.Mode");
    fails(associate(&addresses[0], &[("Mode", "BINDED")]), 400, "Eni.HasSubIp");
    associate(&addresses[0], &[]).unwrap();
    fails(associate(&addresses[1], &[]), 400, "InvalidAssociation.Duplicated");
    let described = test.call_here("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &interface)]).unwrap();
    let shown = &described["NetworkInterfaceSets"]["NetworkInterfaceSet"][0];
    assert_eq!(shown["AssociatedPublicIp"]["AllocationId"], addresses[0].as_str());
    let other = shown["PrivateIpSets"]["PrivateIpSet"].as_array().unwrap().iter().find(|set| set["Primary"] == false);
    let second = [("PrivateIpAddress", other.unwrap()["PrivateIpAddress"].as_str().unwrap())];
    fails(associate(&addresses[1], &[&second[..], &[("Mode", "MULTI_BINDED")]].concat()), 400, "Mode.Conflict");
    associate(&addresses[1], &second).unwrap();
    test.advance(1);
    assert_eq!(eip(&test, &addresses[0])["PrivateIpAddress"], "10.0.0.20");
    let of_interface = [("AssociatedInstanceType", "NetworkInterface"), ("AssociatedInstanceId", interface.as_str())];
    assert_eq!(eips(&test, &of_interface).len(), 2);
    let primary = test.run(&place).remove(0);
    let primary = test.instance(&primary).unwrap();
    let primary = text(&primary["NetworkInterfaces"]["NetworkInterface"][0], "NetworkInterfaceId");
    let third = allocate(&test, &[]);
    let own =
        [("AllocationId", third.as_str()), ("InstanceType", "NetworkInterface"), ("InstanceId", primary.as_str())];
    fails(vpc_call(&test, "AssociateEipAddress", &own), 400, "InvalidParameter.EniInstanceId");
    for address in &addresses {
        vpc_call(&test, "UnassociateEipAddress", &[("AllocationId", address)]).unwrap();
    }
    test.advance(1);
    assert_eq!(eips(&test, &of_interface).len(), 0);
}

#[test]
fn an_empty_vpc_is_deleted() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[]);
    delete(&test, "DeleteVpc", "VpcId", &vpc).unwrap();
    let attribute = || vpc_call(&test, "DescribeVpcAttribute", &[("VpcId", &vpc)]);
    assert_eq!(attribute().unwrap()["Status"], "Deleting");
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 400, "IncorrectVpcStatus");
    test.advance(1);
    fails(attribute(), 404, "InvalidVpcId.NotFound");
    fails(delete(&test, "DeleteVpc", "VpcId", &vpc), 404, "InvalidVpcId.NotFound");
    assert_eq!(vpcs(&test, &[("VpcId", &vpc)]), Vec::<Value>::new());
}

#[test]
fn the_older_operations_of_ecs_see_the_same_network() {
    let test = Test::new();
    let ecs = |operation: &str, parameters: &[(&str, &str)]| {
        test.call_version(ECS, operation, &[&[REGION], parameters].concat())
    };
    let vpc = text(&ecs("CreateVpc", &[("CidrBlock", "192.168.0.0/16"), ("VpcName", "older")]).unwrap(), "VpcId");
    test.advance(1);
    let place = [("VpcId", vpc.as_str()), ZONE, ("CidrBlock", "192.168.1.0/24")];
    let vswitch = text(&ecs("CreateVSwitch", &place).unwrap(), "VSwitchId");
    test.advance(1);
    assert_eq!(texts(&vpcs(&test, &[("VpcId", &vpc)])[0]["VSwitchIds"]["VSwitchId"]), [vswitch.as_str()]);
    ecs("ModifyVpcAttribute", &[("VpcId", &vpc), ("VpcName", "renamed"), ("UserCidr", "20.0.0.0/16")]).unwrap();
    ecs("ModifyVSwitchAttribute", &[("VSwitchId", &vswitch), ("Description", "front end")]).unwrap();
    test.advance(1);
    let shown = &ecs("DescribeVpcs", &[("VpcId", &vpc)]).unwrap()["Vpcs"]["Vpc"][0];
    assert_eq!((&shown["VpcName"], &shown["UserCidrs"]["UserCidr"][0]), (&"renamed".into(), &"20.0.0.0/16".into()));
    assert!(shown.get("Tags").is_none(), "the older operation has no such member: {shown}");
    let shown = &ecs("DescribeVSwitches", &[("VpcId", &vpc)]).unwrap()["VSwitches"]["VSwitch"][0];
    assert_eq!((&shown["Description"], shown.get("OwnerId")), (&"front end".into(), None));

    let router = text(&vpcs(&test, &[("VpcId", &vpc)])[0], "VRouterId");
    for version in [ECS, VPC] {
        let call =
            |operation: &str, more: &[(&str, &str)]| test.call_version(version, operation, &[&[REGION], more].concat());
        let routers = call("DescribeVRouters", &[("VRouterId", &router)]).unwrap();
        assert_eq!(routers["VRouters"]["VRouter"][0]["VpcId"], vpc.as_str());
        let tables = call("DescribeRouteTables", &[("VRouterId", &router)]).unwrap();
        let table = &tables["RouteTables"]["RouteTable"][0];
        assert_eq!(table.get("VSwitchIds").is_some(), version == VPC);
        let entries = &table["RouteEntrys"]["RouteEntry"];
        assert_eq!(ids(entries, "DestinationCidrBlock"), ["192.168.1.0/24", "100.64.0.0/10"]);
        fails(call("DescribeRouteTables", &[]), 400, "MissingParameter");
    }
    let tables = list(&test, "DescribeRouteTableList", ["RouterTableList", "RouterTableListType"], &[("VpcId", &vpc)]);
    assert_eq!((tables.len(), &tables[0]["RouterId"]), (1, &router.as_str().into()));
    assert_eq!(texts(&tables[0]["VSwitchIds"]["VSwitchId"]), [vswitch.as_str()]);

    let instance = test.run(&[]).remove(0);
    let allocated = ecs("AllocateEipAddress", &[("Bandwidth", "10")]).unwrap();
    let address = text(&allocated, "AllocationId");
    let pair = [("AllocationId", address.as_str()), ("InstanceId", instance.as_str())];
    ecs("AssociateEipAddress", &pair).unwrap();
    test.advance(1);
    let of_instance = [("AssociatedInstanceType", "EcsInstance"), ("AssociatedInstanceId", instance.as_str())];
    let found = ecs("DescribeEipAddresses", &of_instance).unwrap();
    let shown = &found["EipAddresses"]["EipAddress"][0];
    assert_eq!((&shown["IpAddress"], shown.get("Netmode")), (&allocated["EipAddress"], None));
    ecs("ModifyEipAddressAttribute", &[("AllocationId", &address), ("Bandwidth", "50")]).unwrap();
    assert_eq!(eip(&test, &address)["Bandwidth"], "50");
    ecs("UnassociateEipAddress", &pair).unwrap();
    test.advance(1);
    ecs("ReleaseEipAddress", &[("AllocationId", &address)]).unwrap();
    ecs("DeleteVSwitch", &[("VSwitchId", &vswitch)]).unwrap();
    test.advance(1);
    ecs("DeleteVpc", &[("VpcId", &vpc)]).unwrap();
    test.advance(1);
    assert_eq!((eips(&test, &[]).len(), vpcs(&test, &[("IsDefault", "false")]).len()), (0, 0));
}

#[test]
fn a_region_has_a_default_network() {
    let test = Test::new();
    let default = vpcs(&test, &[]).remove(0);
    assert_eq!((&default["IsDefault"], &default["CidrBlock"]), (&true.into(), &"172.16.0.0/12".into()));
    assert_eq!(texts(&default["VSwitchIds"]["VSwitchId"]).len(), 2);
    let created = create_vpc(&test, &[]);
    assert_eq!(ids(&Value::from(vpcs(&test, &[("IsDefault", "false")])), "VpcId"), [created.as_str()]);
    let attribute = vpc_call(&test, "DescribeVpcAttribute", &[("VpcId", &text(&default, "VpcId"))]).unwrap();
    assert_eq!(attribute["CloudResources"]["CloudResourceSetType"][0]["ResourceCount"], 2);
    assert_eq!(vswitches(&test, &[("IsDefault", "true")]).len(), 2);
    // A resource of another region is not there.
    let elsewhere = [("RegionId", "cn-beijing"), ("VpcId", created.as_str())];
    fails(test.call_version(VPC, "DeleteVpc", &elsewhere), 404, "InvalidVpcId.NotFound");
    fails(test.call_version(VPC, "DescribeVpcAttribute", &elsewhere), 404, "InvalidVpcId.NotFound");
    fails(test.call_version(VPC, "DescribeVpcs", &[("RegionId", "xx-nowhere")]), 404, "InvalidRegionId.NotFound");
    fails(
        test.call_version(VPC, "DescribeEipAddresses", &[("RegionId", "xx-nowhere")]),
        404,
        "Forbidden.RegionNotFound",
    );
}

#[test]
fn blocks_of_vpcs_are_checked() {
    let test = Test::new();
    let create = |cidr: &str| vpc_call(&test, "CreateVpc", &[("CidrBlock", cidr), ("DryRun", "true")]);
    for valid in ["10.0.0.0/8", "172.16.0.0/28", "192.168.0.0/16", "30.0.0.0/8"] {
        fails(create(valid), 400, "DryRunOperation");
    }
    for invalid in ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/7", "10.0.0.0/29", "10.0.0.0/33", "ten"] {
        fails(create(invalid), 400, "InvalidParameter");
    }
    for excluded in ["100.64.0.0/10", "100.64.1.0/24", "127.0.0.0/8", "224.0.0.0/8", "169.254.0.0/16"] {
        fails(create(excluded), 400, "OperationDenied.CidrInExcludeCidrs");
    }
    fails(test.call_here("CreateVpc", &[("CidrBlock", "30.0.0.0/8")]), 400, "InvalidParameter");
    fails(vpc_call(&test, "CreateVpc", &[("VpcName", "http://shop")]), 400, "InvalidVpcName.Malformed");
    fails(test.call_here("CreateVpc", &[("VpcName", "1st")]), 400, "InvalidVpcName.Malformed");
    fails(vpc_call(&test, "CreateVpc", &[("Description", "https://a")]), 400, "InvalidVpcDiscription.Malformed");
    fails(vpc_call(&test, "CreateVpc", &[("UserCidr", "100.64.0.0/16")]), 400, "InvalidUserCidr.Malformed");
    fails(vpc_call(&test, "CreateVpc", &[("UserCidr", "x")]), 400, "IllegalParam.UserCidr");
    fails(vpc_call(&test, "CreateVpc", &[("Ipv4IpamPoolId", "ipam-1")]), 404, "ResourceNotFound.IpamPool");
    assert_eq!(vpcs(&test, &[]).len(), 1);
}

#[test]
fn blocks_of_vswitches_are_checked() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("CidrBlock", "192.168.0.0/16")]);
    let first = create_vswitch(&test, &vpc, "192.168.1.0/24");
    let create = |parameters: &[(&str, &str)]| {
        vpc_call(&test, "CreateVSwitch", &[&[("VpcId", vpc.as_str())], parameters].concat())
    };
    for (cidr, code) in [
        ("192.168.1.0", "InvalidCidrBlock.Malformed"),
        ("192.168.1.1/24", "InvalidCidrBlock.Malformed"),
        ("192.169.0.0/15", "InvalidCidrBlock.Malformed"),
        ("192.0.0.0/8", "InvalidCirdrBlock.MaskLength"),
        ("192.168.2.0/30", "InvalidCirdrBlock.MaskLength"),
        ("10.0.0.0/24", "InvalidParameter"),
        ("192.168.1.128/25", "InvalidCidrBlock.Overlapped"),
        ("192.168.0.0/16", "InvalidCidrBlock.Overlapped"),
    ] {
        let message = fails(create(&[ZONE, ("CidrBlock", cidr)]), 400, code);
        assert_eq!(code.ends_with("Overlapped"), message.contains(&first), "{message}");
    }
    fails(create(&[ZONE]), 400, "MissingParameter");
    fails(create(&[("ZoneId", "cn-hangzhou-zz"), ("CidrBlock", "192.168.2.0/24")]), 404, "InvalidZoneId.NotFound");
    fails(
        create(&[ZONE, ("CidrBlock", "192.168.2.0/24"), ("VSwitchName", "http://a")]),
        400,
        "InvalidVSwitchName.Malformed",
    );
    let nowhere = [("VpcId", "vpc-1"), ZONE, ("CidrBlock", "192.168.2.0/24")];
    fails(vpc_call(&test, "CreateVSwitch", &nowhere), 404, "InvalidVpcId.NotFound");
    // The first free block with a prefix.
    let picked = text(&create(&[ZONE, ("CidrMask", "24")]).unwrap(), "VSwitchId");
    assert_eq!(vswitches(&test, &[("VSwitchId", &picked)])[0]["CidrBlock"], "192.168.0.0/24");
    fails(create(&[ZONE, ("CidrMask", "16")]), 400, "InvalidCidrBlock.Overlapped");
}

#[test]
fn a_vpc_is_changed() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("CidrBlock", "10.0.0.0/16"), ("VpcName", "before")]);
    create_vswitch(&test, &vpc, "10.0.8.0/24");
    let change = |parameters: &[(&str, &str)]| {
        vpc_call(&test, "ModifyVpcAttribute", &[&[("VpcId", vpc.as_str())], parameters].concat())
    };
    change(&[("VpcName", "after"), ("Description", "d")]).unwrap();
    change(&[("CidrBlock", "10.0.0.0/8")]).unwrap();
    change(&[("CidrBlock", "10.0.0.0/20")]).unwrap();
    fails(change(&[("CidrBlock", "10.0.0.0/21")]), 400, "IllegalCidrBlock");
    fails(change(&[("CidrBlock", "10.0.0.1/8")]), 400, "InvalidCidrBlock.Malformed");
    fails(change(&[("VpcName", "https://a")]), 400, "InvalidVpcName.Malformed");
    let shrink = [("VpcId", vpc.as_str()), ("CidrBlock", "10.0.8.0/24")];
    fails(test.call_here("ModifyVpcAttribute", &shrink), 400, "IllegalCidrBlock");
    fails(vpc_call(&test, "ModifyVpcAttribute", &[("VpcId", "vpc-1")]), 404, "InvalidVpcId.NotFound");
    let shown = vpcs(&test, &[("VpcName", "after")]).remove(0);
    assert_eq!((&shown["Description"], &shown["CidrBlock"]), (&"d".into(), &"10.0.0.0/20".into()));
}

#[test]
fn a_vpc_and_its_vswitches_have_ipv6_blocks() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("CidrBlock", "10.0.0.0/16")]);
    let vswitch = create_vswitch(&test, &vpc, "10.0.0.0/24");
    let change = |parameters: &[(&str, &str)]| {
        let response =
            vpc_call(&test, "ModifyVSwitchAttribute", &[&[("VSwitchId", vswitch.as_str())], parameters].concat());
        test.advance(1);
        response
    };
    let change_vpc = |value: &str| vpc_call(&test, "ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableIPv6", value)]);
    fails(change(&[("EnableIPv6", "true")]), 400, "OperationFailed.VpcIpv6Disabled");
    change_vpc("true").unwrap();
    let both = [("VpcId", vpc.as_str()), ("EnableIPv6", "true"), ("CidrBlock", "10.0.0.0/15")];
    fails(vpc_call(&test, "ModifyVpcAttribute", &both), 400, "ParamExclusive.EnableIpv6AndCidrBlock");
    let block = text(&vpcs(&test, &[("EnableIpv6", "true")])[0], "Ipv6CidrBlock");
    assert!(block.starts_with("2001:db8:") && block.ends_with("00::/56"), "{block}");
    change(&[("Ipv6CidrBlock", "10")]).unwrap();
    let shown = vswitches(&test, &[("VpcId", &vpc), ("EnableIpv6", "true")]).remove(0);
    assert_eq!(shown["Ipv6CidrBlock"], block.replace("00::/56", "0a::/64").as_str());
    fails(change(&[("Ipv6CidrBlock", "11")]), 400, "OperationFailed.Ipv6AlreadyEnabled");
    let taken = [("VpcId", vpc.as_str()), ZONE, ("CidrBlock", "10.0.1.0/24"), ("Ipv6CidrBlock", "10")];
    fails(vpc_call(&test, "CreateVSwitch", &taken), 400, "OperationFailed.Ipv6CidrBlockExisted");
    fails(change_vpc("false"), 400, "OperationFailed.IpV6VSwitchInuse");
    change(&[("EnableIPv6", "false")]).unwrap();
    change_vpc("false").unwrap();
    assert_eq!(vpcs(&test, &[("VpcId", &vpc)])[0]["EnabledIpv6"], false);
    let reserved = [("EnableIpv6", "true"), ("Ipv6CidrBlock", "2001:db8::/56")];
    fails(vpc_call(&test, "CreateVpc", &reserved), 400, "OperationFailed.IPv6CidrNotReserved");
}

#[test]
fn a_vswitch_is_pending_while_it_is_changed() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("CidrBlock", "10.0.0.0/16")]);
    let vswitch = create_vswitch(&test, &vpc, "10.0.0.0/24");
    let change = |parameters: &[(&str, &str)]| {
        vpc_call(&test, "ModifyVSwitchAttribute", &[&[("VSwitchId", vswitch.as_str())], parameters].concat())
    };
    change(&[("VSwitchName", "web")]).unwrap();
    let shown = vswitches(&test, &[("VSwitchName", "web")]).remove(0);
    assert_eq!((&shown["Status"], &shown["VSwitchId"]), (&"Pending".into(), &vswitch.as_str().into()));
    fails(change(&[("VSwitchName", "db")]), 400, "IncorrectStatus.VSwitch");
    test.advance(1);
    change(&[]).unwrap();
    fails(change(&[("Description", "http://a")]), 400, "InvalidVSwitchDiscription.Malformed");
    assert_eq!(vswitches(&test, &[("VSwitchId", &vswitch)])[0]["Status"], "Available");
    fails(vpc_call(&test, "ModifyVSwitchAttribute", &[("VSwitchId", "vsw-1")]), 404, "InvalidVSwitchId.NotFound");
    fails(vpc_call(&test, "DescribeVSwitchAttributes", &[("VSwitchId", "vsw-1")]), 400, "InvalidVSwitchId.NotFound");
    fails(delete(&test, "DeleteVSwitch", "VSwitchId", "vsw-1"), 404, "InvalidVSwitchId.NotFound");
}

#[test]
fn the_numbers_of_resources_are_limited() {
    let test = Test::new();
    for _ in 0..10 {
        create_vpc(&test, &[]);
    }
    fails(vpc_call(&test, "CreateVpc", &[]), 400, "QuotaExceeded.Vpc");
    test.call_version(VPC, "CreateVpc", &[("RegionId", "cn-beijing")]).unwrap();
    for _ in 0..20 {
        allocate(&test, &[]);
    }
    fails(vpc_call(&test, "AllocateEipAddress", &[]), 400, "QuotaExceeded.Eip");
    let page = vpc_call(&test, "DescribeEipAddresses", &[("PageSize", "15"), ("PageNumber", "2")]).unwrap();
    assert_eq!((&page["TotalCount"], page["EipAddresses"]["EipAddress"].as_array().unwrap().len()), (&20.into(), 5));
}

#[test]
fn a_client_token_creates_one_vpc_and_one_address() {
    let test = Test::new();
    let token = [("ClientToken", "once")];
    let first = vpc_call(&test, "CreateVpc", &token).unwrap();
    assert_eq!(vpc_call(&test, "CreateVpc", &token).unwrap()["VpcId"], first["VpcId"]);
    let first = vpc_call(&test, "AllocateEipAddress", &token).unwrap();
    assert_eq!(vpc_call(&test, "AllocateEipAddress", &token).unwrap()["EipAddress"], first["EipAddress"]);
    assert_eq!((vpcs(&test, &[("IsDefault", "false")]).len(), eips(&test, &[]).len()), (1, 1));
}

#[test]
fn an_address_is_associated_only_where_it_can_be() {
    let test = Test::new();
    let [first, second] = [allocate(&test, &[]), allocate(&test, &[])];
    let associate = |address: &str, parameters: &[(&str, &str)]| {
        vpc_call(&test, "AssociateEipAddress", &[&[("AllocationId", address)], parameters].concat())
    };
    let nowhere = [("InstanceId", "i-1")];
    fails(associate("eip-1", &nowhere), 404, "InvalidAllocationId.NotFound");
    fails(associate(&first, &nowhere), 404, "InvalidInstanId.NotFound");
    fails(
        associate(&first, &[("InstanceId", "lb-1"), ("InstanceType", "SlbInstance")]),
        404,
        "InvalidInstanId.NotFound",
    );
    let wrong = [("InstanceId", "i-1"), ("InstanceType", "Bucket")];
    fails(associate(&first, &wrong), 400, "InvalidInstanceType.ValueNotSupported");
    let public = test.run(&[("InternetMaxBandwidthOut", "5")]).remove(0);
    fails(associate(&first, &[("InstanceId", &public)]), 400, "EIP_CAN_NOT_ASSOCIATE_WITH_PUBLIC_IP");
    let far =
        text(&test.call_version(VPC, "AllocateEipAddress", &[("RegionId", "cn-beijing")]).unwrap(), "AllocationId");
    let instance = test.run(&[]).remove(0);
    let mismatch = [("AllocationId", far.as_str()), ("InstanceId", instance.as_str())];
    fails(test.call_version(VPC, "AssociateEipAddress", &mismatch), 400, "InvalidParameter.Mismatch");
    test.call("StopInstance", &[("InstanceId", &instance)]).unwrap();
    fails(associate(&first, &[("InstanceId", &instance)]), 400, "IncorrectInstanceStatus");
    test.advance(1);
    associate(&first, &[("InstanceId", &instance)]).unwrap();
    fails(associate(&first, &[("InstanceId", &instance)]), 400, "IncorrectEipStatus");
    fails(associate(&second, &[("InstanceId", &instance)]), 400, "InvalidAssociation.Duplicated");
    test.advance(1);
    let other = [("AllocationId", first.as_str()), ("InstanceId", public.as_str())];
    fails(vpc_call(&test, "UnassociateEipAddress", &other), 404, "InvalidBindInstance.NotFound");
    fails(test.call_here("UnassociateEipAddress", &other), 400, "InvalidInstanceId.NotFound");
    // The address outlives the instance.
    test.call("DeleteInstance", &[("InstanceId", &instance)]).unwrap();
    assert_eq!((&eip(&test, &first)["Status"], &eip(&test, &first)["InstanceId"]), (&"Available".into(), &"".into()));
    fails(delete(&test, "ReleaseEipAddress", "AllocationId", "eip-1"), 404, "InvalidAllocationId.NotFound");
}

#[test]
fn a_lenient_emulator_takes_resources_of_other_services() {
    let test = Test::lenient();
    let id = allocate(&test, &[]);
    let balancer = [("AllocationId", id.as_str()), ("InstanceId", "lb-1"), ("InstanceType", "SlbInstance")];
    vpc_call(&test, "AssociateEipAddress", &balancer).unwrap();
    test.advance(1);
    assert_eq!((&eip(&test, &id)["Status"], &eip(&test, &id)["InstanceId"]), (&"InUse".into(), &"lb-1".into()));
    vpc_call(&test, "UnassociateEipAddress", &balancer).unwrap();
    test.advance(1);
    delete(&test, "ReleaseEipAddress", "AllocationId", &id).unwrap();
}

#[test]
fn addresses_are_checked_changed_and_found() {
    let test = Test::new();
    let allocate_with = |parameters: &[(&str, &str)]| vpc_call(&test, "AllocateEipAddress", parameters);
    for bandwidth in ["0", "501", "5.5", "x"] {
        fails(allocate_with(&[("Bandwidth", bandwidth)]), 400, "InvalidBandwidth.Malformed");
    }
    let by_traffic = [("Bandwidth", "201"), ("InternetChargeType", "PayByTraffic")];
    fails(allocate_with(&by_traffic), 400, "InvalidBandwidth.Malformed");
    fails(allocate_with(&[("InternetChargeType", "Free")]), 400, "InvalidParameter");
    fails(allocate_with(&[("ISP", "Carrier")]), 400, "IllegalParam.Isp");
    fails(allocate_with(&[("InstanceChargeType", "PrePaid")]), 400, "MissingParameter");
    let wanted = allocate_with(&[("IpAddress", "203.0.113.200"), ("Name", "web"), ("Tag.1.Key", "x")]).unwrap();
    assert_eq!(wanted["EipAddress"], "203.0.113.200");
    fails(allocate_with(&[("IpAddress", "203.0.113.200")]), 400, "Ip.Allocated");
    let subscription =
        allocate_with(&[("InstanceChargeType", "PrePaid"), ("Period", "1"), ("AutoPay", "true")]).unwrap();
    assert!(subscription["OrderId"].is_number() && subscription.get("EipAddress").is_none(), "{subscription}");
    let prepaid = text(&subscription, "AllocationId");
    fails(delete(&test, "ReleaseEipAddress", "AllocationId", &prepaid), 400, "Forbidden.ChargeTypeIsPrepaid");

    let id = text(&wanted, "AllocationId");
    let change = |parameters: &[(&str, &str)]| {
        vpc_call(&test, "ModifyEipAddressAttribute", &[&[("AllocationId", id.as_str())], parameters].concat())
    };
    change(&[("Name", "db"), ("Description", "for the database"), ("Bandwidth", "300")]).unwrap();
    fails(change(&[("Name", "1st")]), 400, "InvalidEipAddressName.Malformed");
    fails(change(&[("Description", "1")]), 400, "InvalidDescription.Malformed");
    fails(change(&[("Bandwidth", "501")]), 400, "InvalidParameter");
    let found = |parameters: &[(&str, &str)]| ids(&Value::from(eips(&test, parameters)), "AllocationId");
    for parameters in [
        [("EipName", "db")],
        [("EipAddress", "203.0.113.9,203.0.113.200")],
        [("ChargeType", "PostPaid")],
        [("AllocationId", &id)],
    ] {
        assert_eq!(found(&parameters), [id.as_str()], "{parameters:?}");
    }
    assert_eq!(found(&[("ChargeType", "PrePaid")]), [prepaid.as_str()]);
    assert_eq!(found(&[("Status", "Available")]).len(), 2);
    assert_eq!(found(&[("Status", "InUse")]).len(), 0);
    let later = [("Filter.1.Key", "CreationStartTime"), ("Filter.1.Value", &test.time(60))];
    assert_eq!(found(&later).len(), 0);
    let earlier = [("Filter.1.Key", "CreationEndTime"), ("Filter.1.Value", &test.time(60))];
    assert_eq!(found(&earlier).len(), 2);
    for (parameters, status, code) in [
        (&[("Filter.1.Key", "Color"), ("Filter.1.Value", "x")][..], 404, "InvalidFilterKey.NotFound"),
        (&[("Filter.1.Key", "CreationEndTime"), ("Filter.1.Value", "x")], 404, "InvalidFilterValue"),
        (&[("LockReason", "x")], 404, "InvalidLockReason.NotFound"),
        (&[("ChargeType", "x")], 400, "InvalidChargeType.ValueNotSupported"),
        (&[("AssociatedInstanceType", "x")], 400, "InvalidIAssociatedInstanceType.ValueNotSupported"),
    ] {
        fails(vpc_call(&test, "DescribeEipAddresses", parameters), status, code);
    }
}

#[test]
fn tags_of_vpcs_vswitches_and_addresses() {
    let test = Test::new();
    let vpc = create_vpc(&test, &[("Tag.1.Key", "team"), ("Tag.1.Value", "web")]);
    let vswitch = create_vswitch(&test, &vpc, "172.16.0.0/24");
    let address = allocate(&test, &[]);
    assert_eq!(vpcs(&test, &[("Tag.1.Key", "team")])[0]["Tags"]["Tag"][0]["Value"], "web");
    for (kind, id) in [("VPC", &vpc), ("vswitch", &vswitch), ("Eip", &address)] {
        let resource = [("ResourceType", kind), ("ResourceId.1", id.as_str())];
        let with = |operation: &str, more: &[(&str, &str)]| vpc_call(&test, operation, &[&resource[..], more].concat());
        let tags = || {
            let list = with("ListTagResources", &[]).unwrap()["TagResources"]["TagResource"].clone();
            list.as_array().unwrap().iter().map(|tag| (text(tag, "TagKey"), text(tag, "TagValue"))).collect::<Vec<_>>()
        };
        with("TagResources", &[("Tag.1.Key", "team"), ("Tag.1.Value", "db"), ("Tag.2.Key", "empty")]).unwrap();
        assert_eq!(tags(), [("team".to_owned(), "db".to_owned()), ("empty".to_owned(), String::new())]);
        with("UnTagResources", &[("TagKey.1", "team")]).unwrap();
        assert_eq!(tags().len(), 1);
        fails(with("UnTagResources", &[]), 400, "MissingParam");
        with("UnTagResources", &[("All", "true")]).unwrap();
        assert_eq!(tags(), []);
        fails(with("TagResources", &[("Tag.1.Key", "acs:x")]), 400, "InvalidTagKey");
        fails(with("TagResources", &[("Tag.1.Key", "k"), ("Tag.1.Value", "acs:x")]), 400, "InvalidTagValue");
        fails(with("TagResources", &[("Tag.1.Value", "x")]), 400, "MissingParameter.TagKey");
        let twice = [("Tag.1.Key", "k"), ("Tag.2.Key", "k")];
        fails(with("TagResources", &twice), 400, "Forbidden.TagKey.Duplicated");
        let many: Vec<(String, String)> = (1..=20).map(|n| (format!("Tag.{n}.Key"), format!("k{n}"))).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        with("TagResources", &many).unwrap();
        fails(with("TagResources", &[("Tag.1.Key", "one more")]), 400, "QuotaExceeded.TagNum");
    }
    let page =
        vpc_call(&test, "ListTagResources", &[("ResourceType", "VPC"), ("ResourceId.1", &vpc), ("MaxResults", "15")]);
    let page = page.unwrap();
    assert_eq!(page["TagResources"]["TagResource"].as_array().unwrap().len(), 15);
    let next = [("ResourceType", "VPC"), ("ResourceId.1", &vpc), ("NextToken", page["NextToken"].as_str().unwrap())];
    let rest = vpc_call(&test, "ListTagResources", &next).unwrap();
    assert_eq!((rest["TagResources"]["TagResource"].as_array().unwrap().len(), &rest["NextToken"]), (5, &"".into()));
    let of = |kind: &'static str| [("ResourceType", kind), ("ResourceId.1", "vpc-1"), ("Tag.1.Key", "k")];
    fails(vpc_call(&test, "TagResources", &of("VPC")), 400, "InvalidInstanceIds.NotFound");
    fails(vpc_call(&test, "TagResources", &of("NATGATEWAY")), 400, "InvalidInstanceIds.NotFound");
    fails(vpc_call(&test, "TagResources", &of("BUCKET")), 400, "InvalidInstanceType.NotFound");
    fails(vpc_call(&test, "ListTagResources", &[("ResourceType", "VPC")]), 400, "BothEmpty.TagsAndResources");
}

#[test]
fn an_address_is_protected_and_moved_to_another_group() {
    let test = Test::new();
    let id = allocate(&test, &[]);
    let protect = |kind: &str, id: &str, enable: &str| {
        let parameters = [("Type", kind), ("InstanceId", id), ("ProtectionEnable", enable)];
        vpc_call(&test, "DeletionProtection", &parameters)
    };
    protect("EIP", &id, "true").unwrap();
    assert_eq!(eip(&test, &id)["DeletionProtection"], true);
    fails(delete(&test, "ReleaseEipAddress", "AllocationId", &id), 400, "InvalidOperation.DeletionProtection");
    fails(protect("EIP", "eip-1", "true"), 404, "InvalidAllocationId.NotFound");
    fails(protect("NATGW", "ngw-1", "true"), 404, "DeletionProtection.NotExist");
    fails(protect("Bucket", "b-1", "true"), 400, "DeletionProtection.TypeNotSupport");
    let vpc = create_vpc(&test, &[]);
    let vswitch = create_vswitch(&test, &vpc, "172.16.0.0/24");
    let change = |kind: &str, id: &str| {
        let parameters = [("ResourceType", kind), ("ResourceId", id), ("NewResourceGroupId", GROUP)];
        vpc_call(&test, "MoveResourceGroup", &parameters)
    };
    change("EIP", &id).unwrap();
    change("vpc", &vpc).unwrap();
    assert_eq!(eips(&test, &[("ResourceGroupId", GROUP)]).len(), 1);
    assert_eq!(text(&vpcs(&test, &[("ResourceGroupId", GROUP)])[0], "VpcId"), vpc);
    assert_eq!(text(&vswitches(&test, &[("ResourceGroupId", GROUP)])[0], "VSwitchId"), vswitch);
    fails(change("Eip", &vpc), 400, "InvalidResourceId.NotFound");
    fails(change("Bucket", &id), 400, "IllegalParam.ResourceType");
    let nowhere = [("ResourceType", "eip"), ("ResourceId", id.as_str()), ("NewResourceGroupId", "rg-nowhere")];
    fails(vpc_call(&test, "MoveResourceGroup", &nowhere), 400, "InvalidResourceGroupId");
    for operation in ["CreateVpc", "AllocateEipAddress"] {
        fails(vpc_call(&test, operation, &[("ResourceGroupId", "rg-nowhere")]), 400, "InvalidResourceGroupId");
    }
    protect("EIP", &id, "false").unwrap();
    delete(&test, "ReleaseEipAddress", "AllocationId", &id).unwrap();
}
