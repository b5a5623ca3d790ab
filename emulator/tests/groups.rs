//! Security groups, their rules and their members.

mod common;

use common::{REGION, Test, fails, ids};
use serde_json::Value;

fn create(test: &Test, parameters: &[(&str, &str)]) -> String {
    let response = test.call_here("CreateSecurityGroup", parameters).unwrap();
    response["SecurityGroupId"].as_str().unwrap().to_owned()
}

fn rules(test: &Test, group: &str, direction: &str) -> Vec<Value> {
    let parameters = [("SecurityGroupId", group), ("Direction", direction)];
    let response = test.call_here("DescribeSecurityGroupAttribute", &parameters).unwrap();
    response["Permissions"]["Permission"].as_array().unwrap().clone()
}

const SSH: [(&str, &str); 3] = [("IpProtocol", "tcp"), ("PortRange", "22/22"), ("SourceCidrIp", "10.0.0.0/8")];

#[test]
fn an_ipv6_block_of_a_rule_is_the_same_however_it_is_written() {
    let test = Test::new();
    let group = create(&test, &[]);
    let call = |operation: &str, block: &str| {
        let rule = [("IpProtocol", "tcp"), ("PortRange", "22/22"), ("Ipv6SourceCidrIp", block)];
        test.call_here(operation, &[&[("SecurityGroupId", group.as_str())], &rule[..]].concat()).unwrap();
        rules(&test, &group, "ingress").len()
    };
    assert_eq!(call("AuthorizeSecurityGroup", "2001:0DB8:0:0::/64"), 1);
    assert_eq!(rules(&test, &group, "ingress")[0]["Ipv6SourceCidrIp"], "2001:db8::/64");
    assert_eq!(call("AuthorizeSecurityGroup", "2001:db8::/64"), 1);
    assert_eq!(call("RevokeSecurityGroup", "2001:db8:0::/64"), 0);
}

#[test]
fn rules_are_added_found_changed_and_removed() {
    let test = Test::new();
    let group = create(&test, &[("SecurityGroupName", "web"), ("Description", "web servers")]);
    let own = ("SecurityGroupId", group.as_str());
    let call = |operation: &str, parameters: &[(&str, &str)]| test.call_here(operation, &[&[own], parameters].concat());
    call("AuthorizeSecurityGroup", &SSH).unwrap();
    call("AuthorizeSecurityGroup", &SSH).unwrap();
    let added = rules(&test, &group, "ingress");
    assert_eq!(added.len(), 1, "the same rule twice is one rule");
    assert_eq!(
        (added[0]["PortRange"].as_str(), added[0]["SourceCidrIp"].as_str(), added[0]["IpProtocol"].as_str()),
        (Some("22/22"), Some("10.0.0.0/8"), Some("TCP"))
    );
    let several = [
        ("Permissions.1.IpProtocol", "UDP"),
        ("Permissions.1.PortRange", "53/53"),
        ("Permissions.1.DestCidrIp", "0.0.0.0/0"),
        ("Permissions.1.Policy", "drop"),
        ("Permissions.2.IpProtocol", "ALL"),
        ("Permissions.2.PortRange", "-1/-1"),
        ("Permissions.2.DestGroupId", group.as_str()),
        ("Permissions.2.Priority", "7"),
        ("Permissions.2.Description", "among themselves"),
    ];
    call("AuthorizeSecurityGroupEgress", &several).unwrap();
    let egress = rules(&test, &group, "egress");
    assert_eq!(egress.len(), 2);
    assert_eq!((egress[0]["Policy"].as_str(), egress[1]["Priority"].as_str()), (Some("Drop"), Some("7")));
    assert_eq!((egress[1]["DestGroupName"].as_str(), egress[1]["SourceGroupId"].as_str()), (Some("web"), Some("")));
    let found = call("DescribeSecurityGroups", &[]).unwrap();
    assert_eq!(found["SecurityGroups"]["SecurityGroup"][0]["RuleCount"], 3);

    let rule = added[0]["SecurityGroupRuleId"].as_str().unwrap();
    call(
        "ModifySecurityGroupRule",
        &[("SecurityGroupRuleId", rule), ("PortRange", "2222/2222"), ("Description", "moved")],
    )
    .unwrap();
    let changed = &rules(&test, &group, "ingress")[0];
    assert_eq!((changed["PortRange"].as_str(), changed["Description"].as_str()), (Some("2222/2222"), Some("moved")));
    assert_eq!(changed["SourceCidrIp"], "10.0.0.0/8");

    let out = egress[1]["SecurityGroupRuleId"].as_str().unwrap();
    call("ModifySecurityGroupEgressRule", &[("SecurityGroupRuleId", out), ("Description", "changed")]).unwrap();
    assert_eq!(rules(&test, &group, "egress")[1]["Description"], "changed");
    let wrong = call("ModifySecurityGroupEgressRule", &[("SecurityGroupRuleId", rule), ("Description", "in")]);
    fails(wrong, 404, "InvalidSecurityGroupRuleId.NotFound");

    call("RevokeSecurityGroup", &SSH).unwrap();
    assert_eq!(rules(&test, &group, "ingress").len(), 1, "a rule that does not exist cannot be removed");
    call("RevokeSecurityGroup", &[("SecurityGroupRuleId.1", rule)]).unwrap();
    call("RevokeSecurityGroupEgress", &several[..4]).unwrap();
    assert_eq!(rules(&test, &group, "all").len(), 1);
    fails(call("RevokeSecurityGroup", &[("SecurityGroupRuleId.1", rule)]), 404, "InvalidSecurityGroupRuleId.NotFound");
}

#[test]
fn a_description_and_the_name_of_a_snapshot_may_have_one_character() {
    let test = Test::new();
    create(&test, &[("Description", "x")]);
    test.run(&[("InstanceName", "web")]);
    test.advance(60);
    let disks = test.call_here("DescribeDisks", &[]).unwrap();
    let disk = disks["Disks"]["Disk"][0]["DiskId"].as_str().unwrap();
    test.call_here("CreateSnapshot", &[("DiskId", disk), ("SnapshotName", "s"), ("Description", "x")]).unwrap();
}

#[test]
fn wrong_rules_are_rejected_together() {
    let test = Test::new();
    let group = create(&test, &[]);
    let own = ("SecurityGroupId", group.as_str());
    let call = |parameters: &[(&str, &str)]| test.call_here("AuthorizeSecurityGroup", &[&[own], parameters].concat());
    let with = |name: &'static str, value: &'static str| {
        let mut all = SSH.to_vec();
        all.retain(|(other, _)| *other != name);
        all.push((name, value));
        all
    };
    fails(call(&with("PortRange", "22")), 400, "InvalidPortRange.Malformed");
    fails(call(&with("PortRange", "23/22")), 400, "InvalidPortRange.Malformed");
    fails(call(&with("IpProtocol", "sctp")), 400, "InvalidIpProtocol.ValueNotSupported");
    fails(call(&with("SourceCidrIp", "10.0.0.0/33")), 400, "InvalidSourceCidrIp.Malformed");
    fails(call(&with("Priority", "101")), 400, "InvalidPriority.ValueNotSupported");
    fails(call(&with("Policy", "maybe")), 400, "InvalidPolicy.Malformed");
    fails(call(&with("SourceGroupId", "sg-none")), 404, "InvalidSourceGroupId.NotFound");
    fails(call(&SSH[..2]), 400, "MissingParameter.Source");
    fails(call(&with("SecurityGroupId", "sg-none")), 404, "InvalidSecurityGroupId.NotFound");
    let second_wrong = [
        ("Permissions.1.IpProtocol", "tcp"),
        ("Permissions.1.PortRange", "80/80"),
        ("Permissions.1.SourceCidrIp", "0.0.0.0/0"),
        ("Permissions.2.IpProtocol", "tcp"),
        ("Permissions.2.PortRange", "0/0"),
        ("Permissions.2.SourceCidrIp", "0.0.0.0/0"),
    ];
    fails(call(&second_wrong), 400, "InvalidPortRange.Malformed");
    assert_eq!(rules(&test, &group, "all").len(), 0, "no rule of a rejected call is added");
}

#[test]
fn a_group_in_use_cannot_be_deleted() {
    let test = Test::new();
    let [one, two] = [create(&test, &[]), create(&test, &[])];
    let instance = test.run(&[("SecurityGroupId", &one)]).remove(0);
    let delete = |group: &str| test.call_here("DeleteSecurityGroup", &[("SecurityGroupId", group)]);
    fails(delete(&one), 403, "DependencyViolation");
    let names_two = [("SecurityGroupId", one.as_str()), SSH[0], SSH[1], ("SourceGroupId", &two)];
    test.call_here("AuthorizeSecurityGroup", &names_two).unwrap();
    fails(delete(&two), 403, "DependencyViolation");
    let references = test.call_here("DescribeSecurityGroupReferences", &[("SecurityGroupId.1", &two)]).unwrap();
    let reference = &references["SecurityGroupReferences"]["SecurityGroupReference"][0];
    assert_eq!(
        ids(&reference["ReferencingSecurityGroups"]["ReferencingSecurityGroup"], "SecurityGroupId"),
        std::slice::from_ref(&one)
    );
    test.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]).unwrap();
    test.advance(1);
    delete(&one).unwrap();
    delete(&two).unwrap();
    fails(delete(&two), 404, "InvalidSecurityGroup.NotFound");
}

#[test]
fn instances_join_and_leave_groups() {
    let test = Test::new();
    let [one, two, enterprise] =
        [create(&test, &[]), create(&test, &[]), create(&test, &[("SecurityGroupType", "enterprise")])];
    let id = test.run(&[("SecurityGroupId", &one)]).remove(0);
    let call =
        |operation: &str, group: &str| test.call(operation, &[("InstanceId", id.as_str()), ("SecurityGroupId", group)]);
    fails(call("JoinSecurityGroup", &one), 403, "InvalidInstanceId.AlreadyExists");
    fails(call("JoinSecurityGroup", "sg-none"), 404, "InvalidSecurityGroupId.NotFound");
    fails(call("JoinSecurityGroup", &enterprise), 400, "InvalidOperation.MultiGroupType");
    fails(call("LeaveSecurityGroup", &two), 403, "InstanceNotInSecurityGroup");
    fails(call("LeaveSecurityGroup", &one), 403, "InstanceLastSecurityGroup");
    call("JoinSecurityGroup", &two).unwrap();
    call("LeaveSecurityGroup", &one).unwrap();
    assert_eq!(test.find(&[("SecurityGroupId", &two)]), std::slice::from_ref(&id));
    assert_eq!(test.find(&[("SecurityGroupId", &one)]), [""; 0]);
    let none = test.call("JoinSecurityGroup", &[("InstanceId", "i-none"), ("SecurityGroupId", &one)]);
    fails(none, 404, "InvalidInstanceId.NotFound");
}

#[test]
fn attributes_and_the_policy_among_members_are_changed() {
    let test = Test::new();
    let group = create(&test, &[]);
    let own = ("SecurityGroupId", group.as_str());
    let attributes = || test.call("DescribeSecurityGroupAttribute", &[REGION, own]).unwrap();
    assert_eq!(attributes()["InnerAccessPolicy"], "Accept");
    test.call_here("ModifySecurityGroupPolicy", &[own, ("InnerAccessPolicy", "drop")]).unwrap();
    test.call_here("ModifySecurityGroupAttribute", &[own, ("SecurityGroupName", "renamed")]).unwrap();
    let changed = attributes();
    assert_eq!(
        (changed["InnerAccessPolicy"].as_str(), changed["SecurityGroupName"].as_str()),
        (Some("Drop"), Some("renamed"))
    );
    let wrong = test.call_here("ModifySecurityGroupAttribute", &[own, ("SecurityGroupName", "http://x")]);
    fails(wrong, 400, "InvalidSecurityGroupName.Malformed");
}

#[test]
fn resource_groups_of_new_resources_must_exist() {
    let test = Test::new();
    let instance = test.instance(&test.run(&[]).remove(0)).unwrap();
    let id = instance["InstanceId"].as_str().unwrap();
    let vswitch = instance["VpcAttributes"]["VSwitchId"].as_str().unwrap();
    let group = instance["SecurityGroupIds"]["SecurityGroupId"][0].as_str().unwrap();
    let interface = [("VSwitchId", vswitch), ("SecurityGroupId", group)];
    let policy = [("repeatWeekdays", "[\"1\"]"), ("timePoints", "[\"0\"]"), ("retentionDays", "7")];
    let creations: [(&str, &[(&str, &str)]); 4] = [
        ("CreateSecurityGroup", &[]),
        ("CreateNetworkInterface", &interface),
        ("CreateSnapshotGroup", &[("InstanceId", id)]),
        ("CreateAutoSnapshotPolicy", &policy),
    ];
    for (operation, parameters) in creations {
        let grouped = [parameters, &[("ResourceGroupId", "rg-none")]].concat();
        fails(test.call_here(operation, &grouped), 404, "InvalidResourceGroup.NotFound");
        test.call_here(operation, parameters).unwrap();
    }
}
