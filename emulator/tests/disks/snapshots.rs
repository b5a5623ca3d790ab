//! Snapshots of disks.

use serde_json::{Value, json};

use crate::common::{Test, fails, ids};
use crate::{ZONE, attached, create, disk, disks, snapshot, snapshot_of, snapshots, stop, system_disk};

#[test]
fn a_snapshot_lives_from_creation_to_deletion() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let create = |parameters: &[(&str, &str)]| {
        test.call("CreateSnapshot", &[&[("DiskId", id.as_str())][..], parameters].concat())
    };
    fails(test.call("CreateSnapshot", &[("DiskId", "d-none")]), 404, "InvalidDiskId.NotFound");
    fails(create(&[("SnapshotName", "auto-1")]), 400, "InvalidSnapshotName.Malformed");
    fails(create(&[("Description", "http://a")]), 404, "InvalidDescription.Malformed");
    fails(create(&[("Category", "floppy")]), 403, "InvalidSnapshotCategory.Malformed");
    let options = [("SnapshotName", "before"), ("RetentionDays", "2"), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
    let taken = create(&options).unwrap()["SnapshotId"].as_str().unwrap().to_owned();
    test.clock.advance(std::time::Duration::from_millis(75));
    let known = snapshot(&test, &taken);
    assert_eq!((&known["Status"], &known["Available"]), (&json!("progressing"), &json!(false)));
    let progress: u32 = known["Progress"].as_str().unwrap().trim_end_matches('%').parse().unwrap();
    assert!((1..100).contains(&progress), "{progress}");
    fails(create(&[]), 403, "IncorrectDiskStatus.CreatingSnapshot");
    test.advance(1);
    let known = snapshot(&test, &taken);
    assert_eq!((&known["Status"], &known["Progress"]), (&json!("accomplished"), &json!("100%")));
    assert_eq!((&known["SourceDiskId"], &known["SourceDiskSize"]), (&json!(id), &json!("40")));
    assert_eq!(
        (&known["SnapshotName"], &known["RetentionDays"], &known["Usage"]),
        (&json!("before"), &json!(2), &json!("none"))
    );
    for (name, value, count) in [
        ("DiskId", id.as_str(), 1),
        ("InstanceId", instance.as_str(), 1),
        ("InstanceId", "i-none", 0),
        ("SnapshotName", "before", 1),
        ("SnapshotName", "after", 0),
        ("Status", "accomplished", 1),
        ("Status", "progressing", 0),
        ("SnapshotType", "user", 1),
        ("SnapshotType", "auto", 0),
        ("SourceDiskType", "Data", 1),
        ("SourceDiskType", "system", 0),
        ("Usage", "none", 1),
        ("Usage", "image", 0),
        ("Encrypted", "true", 0),
        ("Tag.1.Key", "team", 1),
        ("SnapshotLinkId", known["SnapshotLinkId"].as_str().unwrap(), 1),
        ("SnapshotLinkId", "[\"sl-none\"]", 0),
    ] {
        assert_eq!(snapshots(&test, &[(name, value)]).len(), count, "{name}={value}");
    }
    fails(test.call_here("DescribeSnapshots", &[("Status", "lost")]), 404, "InvalidStatus.NotFound");
    test.call("DeleteSnapshot", &[("SnapshotId", &taken)]).unwrap();
    fails(test.call("DeleteSnapshot", &[("SnapshotId", &taken)]), 404, "InvalidSnapshotId.NotFound");
    // One that expires is released.
    let next = create(&options).unwrap()["SnapshotId"].as_str().unwrap().to_owned();
    test.advance(2 * 86_400 - 1);
    assert_ne!(snapshot(&test, &next), Value::Null);
    test.advance(1);
    assert_eq!(snapshot(&test, &next), Value::Null);
}

#[test]
fn a_disk_that_was_never_attached_has_no_snapshots() {
    let test = Test::new();
    let id = create(&test, &[ZONE, ("Size", "40")]);
    fails(test.call("CreateSnapshot", &[("DiskId", &id)]), 403, "IncorrectDiskStatus");
    test.advance(1);
    fails(test.call("CreateSnapshot", &[("DiskId", &id)]), 403, "IncorrectDiskStatus.NeverAttached");
}

#[test]
fn a_snapshot_that_disks_were_created_from_is_deleted_by_force() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let taken = snapshot_of(&test, &id);
    let zone = disk(&test, &id)["ZoneId"].as_str().unwrap().to_owned();
    let copy = create(&test, &[("ZoneId", &zone), ("SnapshotId", &taken), ("Size", "20")]);
    let known = disk(&test, &copy);
    assert_eq!((&known["Size"], &known["SourceSnapshotId"]), (&json!(40), &json!(taken)));
    assert_eq!(snapshot(&test, &taken)["Usage"], "disk");
    assert_eq!(ids(&json!(disks(&test, &[("SnapshotId", &taken)])), "DiskId"), std::slice::from_ref(&copy));
    test.advance(1);
    test.call("AttachDisk", &[("InstanceId", &instance), ("DiskId", &copy)]).unwrap();
    fails(test.call("DeleteSnapshot", &[("SnapshotId", &taken)]), 403, "SnapshotCreatedDisk");
    test.call("DeleteSnapshot", &[("SnapshotId", &taken), ("Force", "true")]).unwrap();
    stop(&test, &instance);
    fails(test.call("ReInitDisk", &[("DiskId", &copy)]), 403, "InvalidSourceSnapshot");
}

#[test]
fn a_snapshot_of_an_image_is_kept_as_long_as_the_image() {
    let test = Test::new();
    let (_, id) = attached(&test);
    let response = test.call("CreateSnapshot", &[("DiskId", &id), ("RetentionDays", "1")]).unwrap();
    let taken = response["SnapshotId"].as_str().unwrap().to_owned();
    test.advance(1);
    let system = system_disk(&test, disk(&test, &id)["InstanceId"].as_str().unwrap());
    let source = snapshot_of(&test, &system);
    let disk_of_it = [ZONE, ("Size", "40"), ("SnapshotId", source.as_str())];
    fails(test.call_here("CreateDisk", &disk_of_it), 403, "InvalidSnapshotId.NotDataDiskSnapshot");
    let image = test.call_here("CreateImage", &[("SnapshotId", &source), ("ImageName", "own")]).unwrap();
    test.advance(1);
    assert_eq!(snapshot(&test, &source)["Usage"], "image");
    fails(test.call("DeleteSnapshot", &[("SnapshotId", &source)]), 403, "SnapshotCreatedImage");
    fails(test.call("DeleteSnapshot", &[("SnapshotId", &source), ("Force", "true")]), 403, "SnapshotCreatedImage");
    test.call_here("DeleteImage", &[("ImageId", image["ImageId"].as_str().unwrap())]).unwrap();
    test.advance(1);
    test.call("DeleteSnapshot", &[("SnapshotId", &source)]).unwrap();
    assert_ne!(snapshot(&test, &taken), Value::Null);
}

#[test]
fn snapshots_are_changed_archived_and_copied() {
    let test = Test::new();
    let (_, id) = attached(&test);
    let response = test.call("CreateSnapshot", &[("DiskId", &id), ("RetentionDays", "100")]).unwrap();
    let taken = response["SnapshotId"].as_str().unwrap().to_owned();
    let own = ("SnapshotId", taken.as_str());
    let copy = |to: &str, name: &str| {
        let texts = [("DestinationSnapshotName", name), ("DestinationSnapshotDescription", "a copy")];
        test.call_here("CopySnapshot", &[own, ("DestinationRegionId", to), texts[0], texts[1]])
    };
    fails(copy("cn-beijing", "copied"), 403, "InvalidSnapshotId.NotReady");
    test.advance(1);
    let modify = |parameters: &[(&str, &str)]| test.call("ModifySnapshotAttribute", &[&[own][..], parameters].concat());
    fails(modify(&[]), 400, "NoAttributeToModify");
    fails(modify(&[("SnapshotName", "a/b")]), 400, "InvalidSnapshotName.Malformed");
    fails(modify(&[("RetentionDays", "99")]), 400, "InvalidOperation.DecreaseRetentionDaysUnsupported");
    modify(&[("SnapshotName", "weekly"), ("Description", "of the week"), ("RetentionDays", "200")]).unwrap();
    let known = snapshot(&test, &taken);
    assert_eq!((&known["SnapshotName"], &known["RetentionDays"]), (&json!("weekly"), &json!(200)));
    fails(copy("cn-hangzhou", "copied"), 403, "InvalidOperation.NotSupportCopyInSameRegion");
    fails(copy("cn-nowhere", "copied"), 403, "InvalidRegionId.NotExists");
    let copied = copy("cn-beijing", "copied").unwrap()["SnapshotId"].clone();
    let there = test.call("DescribeSnapshots", &[("RegionId", "cn-beijing")]).unwrap();
    let there = &there["Snapshots"]["Snapshot"][0];
    assert_eq!((&there["SnapshotId"], &there["SourceSnapshotId"]), (&copied, &json!(taken)));
    assert_eq!((&there["SourceRegionId"], &there["SnapshotName"]), (&json!("cn-hangzhou"), &json!("copied")));
    // A copy in progress does not keep the disk from having snapshots.
    snapshot_of(&test, &id);
    let archive = [own, ("Category", "Archive"), ("RetentionDays", "90")];
    fails(test.call("ModifySnapshotCategory", &archive), 403, "OperationDenied");
    test.advance(14 * 86_400);
    test.call("ModifySnapshotCategory", &archive).unwrap();
    assert_eq!(ids(&json!(snapshots(&test, &[("Category", "archive")])), "SnapshotId"), std::slice::from_ref(&taken));
    let usage = test.call_here("DescribeSnapshotsUsage", &[]).unwrap();
    assert_eq!((&usage["SnapshotCount"], &usage["SnapshotSize"]), (&json!(2), &json!(80_u64 << 30)));
    let links = test.call_here("DescribeSnapshotLinks", &[("DiskIds", &json!([id]).to_string())]).unwrap();
    let link = &links["SnapshotLinks"]["SnapshotLink"][0];
    assert_eq!((&link["SourceDiskId"], &link["TotalCount"]), (&json!(id), &json!(2)));
}

#[test]
fn snapshots_of_several_disks_form_a_group() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let system = system_disk(&test, &instance);
    let create = |parameters: &[(&str, &str)]| test.call_here("CreateSnapshotGroup", parameters);
    let own = ("InstanceId", instance.as_str());
    fails(create(&[]), 400, "MissingParamter.InstanceId");
    fails(
        create(&[own, ("DiskId.1", &id), ("ExcludeDiskId.1", &id)]),
        400,
        "InvalidParam.ExcludeDiskIdsAndDiskIds.Conflict",
    );
    fails(create(&[("DiskId.1", "d-none")]), 404, "InvalidDiskId.NotFound");
    fails(create(&[own, ("Name", "1st")]), 400, "InvalidParameter.Name");
    fails(create(&[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    let group = create(&[own, ("Name", "nightly"), ("Tag.1.Key", "team")]).unwrap()["SnapshotGroupId"].clone();
    let group = group.as_str().unwrap();
    let describe = |parameters: &[(&str, &str)]| test.call_here("DescribeSnapshotGroups", parameters).unwrap();
    let found = describe(&[("SnapshotGroupId.1", group)]);
    let known = &found["SnapshotGroups"]["SnapshotGroup"][0];
    assert_eq!((&known["Status"], &known["InstanceId"]), (&json!("progressing"), &json!(instance)));
    assert_eq!(known["Tags"]["Tag"], json!([{ "Key": "team", "Value": "" }]));
    test.advance(1);
    let found = describe(&[("Status.1", "accomplished"), own]);
    let known = &found["SnapshotGroups"]["SnapshotGroup"][0];
    assert_eq!(ids(&known["Snapshots"]["Snapshot"], "SourceDiskId"), [system.clone(), id.clone()]);
    let group_id = [("SnapshotGroupId", group)];
    test.call_here("ModifySnapshotGroup", &[group_id[0], ("Description", "of the night")]).unwrap();
    let without = create(&[own, ("ExcludeDiskId.1", &system)]).unwrap();
    assert!(without["SnapshotGroupId"].is_string());
    let found = describe(&[("Name", "nightly")]);
    assert_eq!(found["SnapshotGroups"]["SnapshotGroup"][0]["Description"], "of the night");
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 2);
    let deleted = test.call_here("DeleteSnapshotGroup", &group_id).unwrap();
    assert_eq!(deleted["OperationProgressSet"]["OperationProgress"].as_array().unwrap().len(), 2);
    fails(test.call_here("DeleteSnapshotGroup", &group_id), 404, "InvalidSnapshotGroup.NotFound");
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 1);
}
