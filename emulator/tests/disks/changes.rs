//! Changing disks and their contents.

use serde_json::{Value, json};

use crate::common::{self, Test, fails, ids};
use crate::{attached, disk, disks, running, snapshot_of, stop, system_disk};

#[test]
fn disks_grow_and_do_not_shrink() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let resize = |disk: &str, size: &str, kind: &str| {
        test.call("ResizeDisk", &[("DiskId", disk), ("NewSize", size), ("Type", kind)])
    };
    fails(resize("d-none", "60", "online"), 404, "InvalidDiskId.NotFound");
    fails(resize(&id, "40", "online"), 403, "InvalidDiskSize.TooSmall");
    fails(resize(&id, "39", "offline"), 403, "InvalidDiskSize.TooSmall");
    fails(resize(&id, "60", "sideways"), 400, "InvalidParam.Type");
    assert_eq!(resize(&id, "60", "online").unwrap().get("OrderId"), None);
    assert_eq!((&disk(&test, &id)["Size"], &disk(&test, &id)["IOPS"]), (&json!(60), &json!(4_800)));
    let system = system_disk(&test, &instance);
    fails(resize(&system, "2049", "offline"), 400, "InvalidSystemDiskSize.ValueNotSupported");
    resize(&system, "100", "offline").unwrap();
    stop(&test, &instance);
    fails(resize(&id, "80", "online"), 403, "InvalidInstanceStatus.NotRunning");
    test.call("CreateSnapshot", &[("DiskId", &id)]).unwrap();
    fails(resize(&id, "80", "offline"), 403, "DiskCreatingSnapshot");
    fails(test.call("DeleteDisk", &[("DiskId", &id)]), 403, "IncorrectDiskStatus");
    test.advance(1);
    resize(&id, "80", "offline").unwrap();
}

#[test]
fn attributes_of_one_disk_or_of_many_can_be_changed() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let system = system_disk(&test, &instance);
    let modify = |parameters: &[(&str, &str)]| test.call_here("ModifyDiskAttribute", parameters);
    let one = ("DiskId", id.as_str());
    fails(modify(&[("DiskName", "data")]), 400, "MissingParameter.DiskIdOrDiskIds");
    fails(modify(&[one, ("DiskIds.1", &system)]), 400, "ParameterConflict.DiskIdAndDiskIds");
    fails(modify(&[one]), 400, "NoAttributeToModify");
    fails(modify(&[one, ("DiskName", "a/b")]), 400, "InvalidDiskName.Malformed");
    fails(modify(&[one, ("Description", "https://a")]), 404, "InvalidDescription.Malformed");
    fails(modify(&[one, ("BurstingEnabled", "true")]), 400, "BurstingEnabledForDiskCategoryUnsupported");
    fails(modify(&[("DiskIds.1", &id), ("DiskIds.2", "d-none"), ("DiskName", "data")]), 404, "InvalidDiskId.NotFound");
    assert_eq!(disk(&test, &id)["DiskName"], "");
    modify(&[one, ("DiskName", "data"), ("Description", "of all"), ("DeleteWithInstance", "true")]).unwrap();
    modify(&[
        ("DiskIds.1", &id),
        ("DiskIds.2", &system),
        ("EnableAutoSnapshot", "true"),
        ("DeleteAutoSnapshot", "true"),
    ])
    .unwrap();
    let known = disk(&test, &id);
    assert_eq!((&known["DiskName"], &known["Description"]), (&json!("data"), &json!("of all")));
    assert_eq!(disks(&test, &[("EnableAutoSnapshot", "true"), ("DeleteAutoSnapshot", "true")]).len(), 2);
    modify(&[("DiskId", &system), ("DeleteWithInstance", "false")]).unwrap();
    test.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]).unwrap();
    test.advance(1);
    assert_eq!(ids(&json!(disks(&test, &[])), "DiskId"), [system]);
}

#[test]
fn category_and_performance_can_be_changed() {
    let test = Test::new();
    let (_, id) = attached(&test);
    let modify = |parameters: &[(&str, &str)]| {
        test.call("ModifyDiskSpec", &[&[("DiskId", id.as_str())][..], parameters].concat())
    };
    let level = |level| [("PerformanceLevel", level)];
    fails(test.call("ModifyDiskSpec", &[("DiskId", "d-none")]), 404, "InvalidDiskId.NotFound");
    fails(modify(&level("PL1")), 403, "NoChangeInDiskCategoryAndPerformanceLevel");
    fails(modify(&level("PL7")), 400, "InvalidPerformanceLevel.Malformed");
    fails(modify(&level("PL2")), 403, "OperationDenied.PerformanceLevelNotMatch");
    fails(modify(&[("DiskCategory", "floppy")]), 400, "InvalidDiskCategory.ValueNotSupported");
    fails(modify(&[("DiskCategory", "cloud")]), 403, "InvalidDiskCategory.NotSupported");
    fails(modify(&[("DiskCategory", "cloud_essd_entry")]), 403, "InvalidInstanceType.NotSupportDiskCategory");
    fails(modify(&[("ProvisionedIops", "100")]), 400, "ProvisionedIopsForDiskCategoryUnsupported");
    let response = modify(&level("PL0")).unwrap();
    let task = [("TaskId", response["TaskId"].as_str().unwrap())];
    assert_eq!(test.call_here("DescribeTaskAttribute", &task).unwrap()["TaskStatus"], "Processing");
    test.advance(1);
    assert_eq!(test.call_here("DescribeTaskAttribute", &task).unwrap()["TaskStatus"], "Finished");
    assert_eq!(disk(&test, &id)["PerformanceLevel"], "PL0");
    modify(&[("DiskCategory", "cloud_auto"), ("ProvisionedIops", "1000")]).unwrap();
    let known = disk(&test, &id);
    assert_eq!((&known["Category"], &known["PerformanceLevel"]), (&json!("cloud_auto"), &json!("")));
    assert_eq!((&known["IOPS"], &known["ProvisionedIops"]), (&json!(4_800), &json!(1_000)));
    fails(modify(&level("PL1")), 400, "InvalidPerformanceLevelParam.Mismatch");
    modify(&[("DiskCategory", "cloud_essd"), ("PerformanceLevel", "PL0")]).unwrap();
    assert_eq!(disk(&test, &id)["PerformanceLevel"], "PL0");
}

#[test]
fn disks_of_a_subscription_are_billed_with_it() {
    let test = Test::new();
    let subscription = [("InstanceChargeType", "PrePaid"), ("Period", "1"), ("PeriodUnit", "Month")];
    let instance = test.run(&subscription).remove(0);
    let own = ("InstanceId", instance.as_str());
    let created = [own, ("Size", "40"), ("DiskCategory", "cloud_essd")];
    let response = test.call_here("CreateDisk", &created).unwrap();
    let id = response["DiskId"].as_str().unwrap().to_owned();
    assert!(!response["OrderId"].as_str().unwrap().is_empty());
    test.advance(1);
    let known = disk(&test, &id);
    assert_eq!((&known["Status"], &known["DiskChargeType"]), (&json!("In_use"), &json!("PrePaid")));
    assert_eq!((&known["InstanceId"], &known["Portable"]), (&json!(instance), &json!(false)));
    assert_eq!(known["ExpiredTime"], test.instance(&instance).unwrap()["ExpiredTime"]);
    fails(test.call("DetachDisk", &[own, ("DiskId", &id)]), 403, "DiskNotPortable");
    let resized = test.call("ResizeDisk", &[("DiskId", &id), ("NewSize", "50")]).unwrap();
    assert!(resized["OrderId"].is_string());
    fails(
        test.call("ModifyDiskSpec", &[("DiskId", &id), ("DiskCategory", "cloud_ssd")]),
        403,
        "Downgrade.NotSupported",
    );
    let list = json!([id]).to_string();
    let modify = |parameters: &[(&str, &str)]| test.call_here("ModifyDiskChargeType", parameters);
    fails(modify(&[own, ("DiskIds", &list)]), 400, "ChargeTypeViolation");
    fails(modify(&[own, ("DiskIds", "[\"d-none\"]")]), 404, "InvalidDiskIds.NotFound");
    fails(modify(&[("InstanceId", "i-none"), ("DiskIds", &list)]), 400, "InvalidInstanceId.NotFound");
    modify(&[own, ("DiskIds", &list), ("DiskChargeType", "PostPaid")]).unwrap();
    let known = disk(&test, &id);
    assert_eq!((&known["DiskChargeType"], &known["Portable"]), (&json!("PostPaid"), &json!(true)));
    modify(&[own, ("DiskIds", &list)]).unwrap();
    assert_eq!(disk(&test, &id)["DiskChargeType"], "PrePaid");
    let other = running(&test).0;
    let wrong = [("InstanceId", other.as_str()), ("Size", "40"), ("DiskCategory", "cloud_essd")];
    fails(test.call_here("CreateDisk", &wrong), 403, "InvalidInstanceChargeType.ValueNotSupported");
}

#[test]
fn disks_are_reset_while_their_instance_is_stopped() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let system = system_disk(&test, &instance);
    let taken = snapshot_of(&test, &id);
    let foreign = snapshot_of(&test, &system);
    let init = |disk: &str, more: &[(&str, &str)]| test.call("ReInitDisk", &[&[("DiskId", disk)][..], more].concat());
    let reset = |disk: &str, taken: &str| test.call("ResetDisk", &[("DiskId", disk), ("SnapshotId", taken)]);
    fails(init(&id, &[]), 403, "IncorrectInstanceStatus");
    fails(reset(&id, &taken), 403, "IncorrectInstanceStatus");
    stop(&test, &instance);
    fails(init("d-none", &[]), 404, "InvalidDiskId.NotFound");
    fails(init(&system, &[("Password", "weak")]), 400, "InvalidPassword.Malformed");
    fails(init(&system, &[("KeyPairName", "none")]), 400, "InvalidKeyPairName.NotFound");
    init(&system, &[("Password", "Secret-123")]).unwrap();
    assert_eq!(disk(&test, &system)["Status"], "ReIniting");
    fails(init(&system, &[]), 403, "IncorrectDiskStatus");
    test.advance(1);
    assert_eq!(disk(&test, &system)["Status"], "In_use");
    fails(reset(&id, "s-none"), 404, "InvalidSnapshotId.NotFound");
    fails(reset(&id, &foreign), 403, "InvalidParameter.Mismatch");
    reset(&id, &taken).unwrap();
    assert_eq!(disk(&test, &id)["Status"], "ReIniting");
    test.advance(1);
    let both = [
        ("Disk.1.DiskId", id.as_str()),
        ("Disk.1.SnapshotId", taken.as_str()),
        ("Disk.2.DiskId", system.as_str()),
        ("Disk.2.SnapshotId", foreign.as_str()),
    ];
    let response = test.call_here("ResetDisks", &both).unwrap();
    assert_eq!(response["OperationProgressSet"]["OperationProgress"].as_array().unwrap().len(), 2);
    test.advance(1);
    init(&system, &[("AutoStartInstance", "true")]).unwrap();
    test.advance(1);
    assert_eq!(test.status(&instance), "Running");
}

#[test]
fn a_system_disk_is_replaced_by_one_from_another_image() {
    let test = Test::new();
    let images = test.call_here("DescribeImages", &[("OSType", "windows"), ("PageSize", "1")]).unwrap();
    let windows = images["Images"]["Image"][0]["ImageId"].as_str().unwrap().to_owned();
    let images = [("Architecture", "arm64"), ("PageSize", "1")];
    let arm = test.call_here("DescribeImages", &images).unwrap()["Images"]["Image"][0]["ImageId"].clone();
    let (instance, _) = running(&test);
    let old = system_disk(&test, &instance);
    let replace = |image: &str, more: &[(&str, &str)]| {
        test.call("ReplaceSystemDisk", &[&[("InstanceId", instance.as_str()), ("ImageId", image)][..], more].concat())
    };
    fails(replace(common::IMAGE, &[]), 403, "IncorrectInstanceStatus");
    stop(&test, &instance);
    fails(replace("m-none", &[]), 404, "InvalidImageId.NotFound");
    fails(replace(arm.as_str().unwrap(), &[]), 403, "ImageNotSupportInstanceType");
    fails(replace(common::IMAGE, &[("SystemDisk.Size", "19")]), 404, "InvalidSystemDiskSize.LessThanImageSize");
    fails(
        replace(common::IMAGE, &[("Password", "Secret-123"), ("PasswordInherit", "true")]),
        400,
        "InvalidPasswordParam.Mismatch",
    );
    fails(replace(&windows, &[("KeyPairName", "own")]), 403, "DependencyViolation.WindowsInstance");
    let response = replace(common::IMAGE, &[("SystemDisk.Size", "80"), ("ClientToken", "one")]).unwrap();
    let new = response["DiskId"].as_str().unwrap().to_owned();
    assert_eq!(replace(common::IMAGE, &[("SystemDisk.Size", "80"), ("ClientToken", "one")]).unwrap()["DiskId"], new);
    assert_eq!(disk(&test, &old), Value::Null);
    let known = disk(&test, &new);
    assert_eq!((&known["Size"], &known["Type"], &known["Device"]), (&json!(80), &json!("system"), &json!("/dev/xvda")));
    test.advance(1);
    replace(&windows, &[]).unwrap();
    assert_eq!(test.instance(&instance).unwrap()["ImageId"], windows);
    test.advance(1);
    test.call("ReplaceSystemDisk", &[("InstanceId", instance.as_str())]).unwrap();
    assert_eq!(test.instance(&instance).unwrap()["ImageId"], windows, "the image is optional");
}
