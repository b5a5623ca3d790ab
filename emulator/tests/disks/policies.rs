//! Automatic snapshot policies.

use serde_json::json;

use crate::common::{self, Test, fails, ids};
use crate::{attached, disk, snapshots, system_disk};

#[test]
fn a_policy_takes_snapshots_as_the_clock_moves() {
    let test = Test::new();
    let (_, id) = attached(&test);
    let region = ("regionId", "cn-hangzhou");
    let call =
        |operation: &str, parameters: &[(&str, &str)]| test.call(operation, &[&[region][..], parameters].concat());
    // It is 11:04 in Beijing.
    let schedule =
        [("timePoints", "[\"12\",\"0\"]"), ("repeatWeekdays", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]")];
    let create = |name: &str, points: &str, days: &str| {
        let rest = [("autoSnapshotPolicyName", name), ("timePoints", points), ("retentionDays", days)];
        call("CreateAutoSnapshotPolicy", &[&rest[..], &schedule[1..]].concat())
    };
    fails(create("nightly", "[\"24\"]", "1"), 403, "ParameterInvalid");
    fails(create("1st", "[\"1\"]", "1"), 400, "InvalidSnapshotPolicyName.Malformed");
    let policy = create("nightly", schedule[0].1, "2").unwrap()["AutoSnapshotPolicyId"].clone();
    let policy = ("autoSnapshotPolicyId", policy.as_str().unwrap());
    let list = json!([id]).to_string();
    fails(call("ApplyAutoSnapshotPolicy", &[policy, ("diskIds", "[\"d-none\"]")]), 404, "InvalidDiskId.NotFound");
    let none = ("autoSnapshotPolicyId", "sp-none");
    let failure = call("ApplyAutoSnapshotPolicy", &[none, ("diskIds", &list)]).unwrap_err();
    assert_eq!(failure.code, "ParameterInvalid");
    call("ApplyAutoSnapshotPolicy", &[policy, ("diskIds", &list)]).unwrap();
    let known = disk(&test, &id);
    assert_eq!(
        (&known["AutoSnapshotPolicyId"], &known["EnableAutomatedSnapshotPolicy"]),
        (&json!(policy.1), &json!(true))
    );
    let found = test.call_here("DescribeAutoSnapshotPolicyEx", &[("AutoSnapshotPolicyId", policy.1)]).unwrap();
    let found = &found["AutoSnapshotPolicies"]["AutoSnapshotPolicy"][0];
    assert_eq!((&found["TimePoints"], &found["DiskNums"]), (&json!("[\"0\",\"12\"]"), &json!(1)));
    assert_eq!((&found["AutoSnapshotPolicyName"], &found["Status"]), (&json!("nightly"), &json!("Normal")));
    let pairs = test.call_here("DescribeAutoSnapshotPolicyAssociations", &[("DiskId", &id)]).unwrap();
    let pairs = &pairs["AutoSnapshotPolicyAssociations"]["AutoSnapshotPolicyAssociation"];
    assert_eq!(ids(pairs, "AutoSnapshotPolicyId"), [policy.1]);
    // A new instance can name the policy for its disks.
    let disks = [("SystemDisk.AutoSnapshotPolicyId", policy.1), ("SystemDisk.Category", "cloud_auto")];
    let auto = [("SystemDisk.ProvisionedIops", "100"), ("SystemDisk.BurstingEnabled", "true")];
    let instance = test.run(&[disks, auto].concat()).remove(0);
    let system = disk(&test, &system_disk(&test, &instance));
    assert_eq!((&system["AutoSnapshotPolicyId"], &system["EnableAutoSnapshot"]), (&json!(policy.1), &json!(true)));
    assert_eq!((&system["ProvisionedIops"], &system["BurstingEnabled"]), (&json!(100), &json!(true)));
    test.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]).unwrap();
    test.advance(13 * 3600);
    let taken = snapshots(&test, &[("SnapshotType", "auto")]);
    assert_eq!(ids(&json!(taken), "CreationTime"), ["2026-01-02T04:00:00Z", "2026-01-02T16:00:00Z"]);
    assert_eq!(taken[0]["SnapshotName"], format!("auto2.0_20260102_{}", policy.1));
    // Snapshots of two days are kept.
    test.advance(30 * 86_400);
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 4);
    test.call("ModifyDiskAttribute", &[("DiskId", &id), ("DeleteAutoSnapshot", "true")]).unwrap();
    // Programs spell the region in two ways.
    let changes = [common::REGION, policy, ("retentionDays", "-1"), ("timePoints", "[\"1\"]")];
    test.call("ModifyAutoSnapshotPolicyEx", &changes).unwrap();
    call("CancelAutoSnapshotPolicy", &[policy, ("diskIds", &list)]).unwrap();
    assert_eq!(disk(&test, &id)["AutoSnapshotPolicyId"], "");
    test.advance(86_400);
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 2);
    let instance = disk(&test, &id)["InstanceId"].as_str().unwrap().to_owned();
    test.call("DetachDisk", &[("DiskId", &id), ("InstanceId", &instance)]).unwrap();
    test.advance(1);
    test.call("DeleteDisk", &[("DiskId", &id)]).unwrap();
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 0);
    call("DeleteAutoSnapshotPolicy", &[policy]).unwrap();
    fails(call("DeleteAutoSnapshotPolicy", &[policy]), 404, "ParameterInvalid");
}

#[test]
fn a_policy_for_tags_covers_the_disks_of_instances_and_a_jump_of_years_ends() {
    let test = Test::new();
    let tagged = [("Tag.1.Key", "backup"), ("Tag.1.Value", "nightly")];
    let id = test.run(&tagged).remove(0);
    test.run(&[]);
    let policy = [
        ("regionId", "cn-hangzhou"),
        ("timePoints", "[\"2\"]"),
        ("repeatWeekdays", "[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\"]"),
        ("retentionDays", "-1"),
        ("AssociationType", "AssociatedWithInstanceTag"),
        ("EnableCrossRegionCopy", "true"),
        ("TargetCopyRegions", "[\"cn-beijing\"]"),
        ("CopiedSnapshotsRetentionDays", "1"),
    ];
    fails(test.call("CreateAutoSnapshotPolicy", &policy), 403, "ParameterInvalid");
    let target = [("TargetTags.1.Key", "backup"), ("TargetTags.1.Value", "nightly")];
    test.call("CreateAutoSnapshotPolicy", &[&policy[..], &target].concat()).unwrap();
    test.advance(86_400);
    let taken = snapshots(&test, &[("SnapshotType", "auto")]);
    assert_eq!(ids(&json!(taken), "SourceDiskId"), [system_disk(&test, &id)]);
    let copies = test.call("DescribeSnapshots", &[("RegionId", "cn-beijing")]).unwrap();
    assert_eq!(copies["Snapshots"]["Snapshot"][0]["SourceSnapshotId"], taken[0]["SnapshotId"]);
    // Only the last week of a century is made up for.
    test.advance(100 * 365 * 86_400);
    assert_eq!(snapshots(&test, &[("SnapshotType", "auto")]).len(), 1 + 7);
    let copies = test.call("DescribeSnapshots", &[("RegionId", "cn-beijing")]).unwrap();
    assert_eq!(copies["TotalCount"], 1);
}
