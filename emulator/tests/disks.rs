//! Disks and their snapshots.

mod common;

use common::{CallResult, Test, fails, ids};
use serde_json::{Value, json};

const ZONE: (&str, &str) = ("ZoneId", "cn-hangzhou-e");

/// A zone of the region and an instance in it.
fn running(test: &Test) -> (String, String) {
    let id = test.run(&[]).remove(0);
    let zone = test.instance(&id).unwrap()["ZoneId"].as_str().unwrap().to_owned();
    (id, zone)
}

fn create(test: &Test, parameters: &[(&str, &str)]) -> String {
    let mut all = vec![("DiskCategory", "cloud_essd")];
    all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
    all.extend_from_slice(parameters);
    let response = test.call_here("CreateDisk", &all).unwrap();
    response["DiskId"].as_str().unwrap().to_owned()
}

/// A data disk of 40 GiB that is attached to a new running instance.
fn attached(test: &Test) -> (String, String) {
    let (instance, zone) = running(test);
    let disk = create(test, &[("Size", "40"), ("ZoneId", &zone)]);
    test.advance(1);
    test.call("AttachDisk", &[("InstanceId", &instance), ("DiskId", &disk)]).unwrap();
    test.advance(1);
    (instance, disk)
}

fn stop(test: &Test, instance: &str) {
    test.call("StopInstance", &[("InstanceId", instance)]).unwrap();
    test.advance(1);
}

fn disks(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeDisks", parameters).unwrap();
    response["Disks"]["Disk"].as_array().unwrap().clone()
}

fn disk(test: &Test, id: &str) -> Value {
    disks(test, &[("DiskIds", &json!([id]).to_string())]).into_iter().next().unwrap_or_default()
}

fn system_disk(test: &Test, instance: &str) -> String {
    let found = disks(test, &[("InstanceId", instance), ("DiskType", "system")]);
    found[0]["DiskId"].as_str().unwrap().to_owned()
}

fn snapshot_of(test: &Test, disk: &str) -> String {
    let response = test.call("CreateSnapshot", &[("DiskId", disk)]).unwrap();
    test.advance(1);
    response["SnapshotId"].as_str().unwrap().to_owned()
}

fn snapshots(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeSnapshots", parameters).unwrap();
    response["Snapshots"]["Snapshot"].as_array().unwrap().clone()
}

fn snapshot(test: &Test, id: &str) -> Value {
    snapshots(test, &[("SnapshotIds", &json!([id]).to_string())]).into_iter().next().unwrap_or_default()
}

#[test]
fn a_disk_lives_from_creation_to_deletion() {
    let test = Test::new();
    let (instance, zone) = running(&test);
    let options = [
        ("DiskName", "data-1"),
        ("Description", "of the database"),
        ("Size", "40"),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "web"),
        ("ResourceGroupId", "rg-1"),
    ];
    let id = create(&test, &[&options[..], &[("ZoneId", &zone)]].concat());
    let own = [("DiskId", id.as_str())];
    let pair = [("DiskId", id.as_str()), ("InstanceId", instance.as_str())];
    assert_eq!(disk(&test, &id)["Status"], "Creating");
    fails(test.call("DeleteDisk", &own), 403, "IncorrectDiskStatus.Initializing");
    fails(test.call("AttachDisk", &pair), 403, "IncorrectDiskStatus");
    test.advance(1);
    let known = disk(&test, &id);
    assert_eq!(
        (&known["Status"], &known["Type"], &known["Portable"]),
        (&json!("Available"), &json!("data"), &json!(true))
    );
    assert_eq!((&known["DiskName"], &known["Description"]), (&json!("data-1"), &json!("of the database")));
    assert_eq!(
        (&known["PerformanceLevel"], &known["IOPS"], &known["Throughput"]),
        (&json!("PL1"), &json!(3800), &json!(140))
    );
    assert_eq!(known["Tags"]["Tag"], json!([{ "TagKey": "team", "TagValue": "web" }]));
    fails(test.call("DetachDisk", &pair), 404, "InvalidDisk.AlreadyDetached");
    test.call("AttachDisk", &pair).unwrap();
    assert_eq!(disk(&test, &id)["Status"], "Attaching");
    test.advance(1);
    let known = disk(&test, &id);
    assert_eq!((&known["Status"], &known["InstanceId"]), (&json!("In_use"), &json!(instance)));
    assert_eq!(
        (&known["Device"], &known["Attachments"]["Attachment"][0]["Device"]),
        (&json!("/dev/xvdb"), &json!("/dev/xvdb"))
    );
    fails(test.call("DeleteDisk", &own), 403, "IncorrectDiskStatus");
    fails(test.call("AttachDisk", &pair), 403, "IncorrectDiskStatus");
    test.call("DetachDisk", &pair).unwrap();
    let known = disk(&test, &id);
    assert_eq!((&known["Status"], &known["InstanceId"]), (&json!("Detaching"), &json!(instance)));
    fails(test.call("DetachDisk", &pair), 403, "IncorrectDiskStatus");
    test.advance(1);
    let known = disk(&test, &id);
    assert_eq!(
        (&known["Status"], &known["InstanceId"], &known["Device"]),
        (&json!("Available"), &json!(""), &json!(""))
    );
    assert_ne!(known["DetachedTime"], "");
    assert_eq!(disks(&test, &[("InstanceId", &instance)]).len(), 1);
    test.call("DeleteDisk", &own).unwrap();
    assert_eq!(disk(&test, &id), Value::Null);
    for (operation, status) in [("DeleteDisk", 404), ("AttachDisk", 404), ("DetachDisk", 404)] {
        fails(test.call(operation, &pair), status, "InvalidDiskId.NotFound");
    }
}

#[test]
fn new_disks_have_documented_sizes_and_options() {
    let test = Test::new();
    let create = |parameters: &[(&str, &str)]| {
        let mut all = vec![ZONE, ("Size", "40"), ("DiskCategory", "cloud_essd")];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        test.call_here("CreateDisk", &all)
    };
    let size = "InvalidDataDiskSize.ValueNotSupported";
    fails(create(&[("Size", "19")]), 400, size);
    fails(create(&[("PerformanceLevel", "PL2"), ("Size", "460")]), 400, size);
    fails(create(&[("PerformanceLevel", "PL3"), ("Size", "1260")]), 400, size);
    fails(create(&[("DiskCategory", "cloud_ssd"), ("Size", "32769")]), 400, size);
    fails(create(&[("DiskCategory", "cloud"), ("Size", "4")]), 400, size);
    fails(create(&[("DiskCategory", "floppy")]), 400, "InvalidDataDiskCategory.ValueNotSupported");
    fails(create(&[("PerformanceLevel", "PL9")]), 400, "InvalidPerformanceLevel.Malformed");
    fails(create(&[("Size", "")]), 400, "MissingParameter");
    fails(create(&[("ZoneId", "")]), 400, "MissingParameter");
    fails(create(&[("ZoneId", "cn-hangzhou-zz")]), 404, "InvalidZoneId.NotFound");
    fails(create(&[("DiskName", "1st")]), 400, "InvalidDiskName.Malformed");
    fails(create(&[("Description", "http://a")]), 400, "InvalidDescription.Malformed");
    fails(create(&[("InstanceId", "i-1")]), 403, "InvalidParam.ZoneIdAndInstanceId.Conflict");
    fails(create(&[("ZoneId", ""), ("InstanceId", "i-1")]), 404, "InvalidInstanceId.NotFound");
    fails(create(&[("SnapshotId", "s-1")]), 404, "InvalidSnapshotId.NotFound");
    fails(create(&[("ProvisionedIops", "100")]), 400, "ProvisionedIopsForDiskCategoryUnsupported");
    fails(create(&[("BurstingEnabled", "true")]), 400, "BurstingEnabledForDiskCategoryUnsupported");
    fails(create(&[("KMSKeyId", "key-1")]), 400, "InvalidEncrypted.NotMatchKmsKeyId");
    let auto = |iops| create(&[("DiskCategory", "cloud_auto"), ("ProvisionedIops", iops), ("BurstingEnabled", "true")]);
    fails(auto("36201"), 400, "InvalidProvisionedIops.LimitExceed");
    let id = auto("36200").unwrap()["DiskId"].as_str().unwrap().to_owned();
    let known = disk(&test, &id);
    assert_eq!((&known["IOPS"], &known["ProvisionedIops"]), (&json!(40_000), &json!(36_200)));
    assert_eq!((&known["BurstingEnabled"], &known["Encrypted"]), (&json!(true), &json!(false)));
    let shared = [("MultiAttach", "Enabled"), ("DiskCategory", "cloud_ssd")];
    fails(create(&shared), 403, "InvalidParameter.DiskCategoryAndMultiAttachNotMatch");
    assert_eq!(disks(&test, &[]).len(), 1);
}

#[test]
fn disks_are_attached_where_they_fit() {
    let test = Test::new();
    let (instance, zone) = running(&test);
    let attach = |disk: &str, more: &[(&str, &str)]| {
        test.call("AttachDisk", &[&[("InstanceId", instance.as_str()), ("DiskId", disk)][..], more].concat())
    };
    let other = if zone == "cn-hangzhou-e" { "cn-hangzhou-f" } else { "cn-hangzhou-e" };
    let elsewhere = create(&test, &[("Size", "40"), ("ZoneId", other)]);
    let here: Vec<String> = (0..17).map(|_| create(&test, &[("Size", "20"), ("ZoneId", &zone)])).collect();
    let entry = create(&test, &[("Size", "20"), ("ZoneId", &zone), ("DiskCategory", "cloud_essd_entry")]);
    test.advance(1);
    fails(attach(&elsewhere, &[]), 403, "ResourcesNotInSameZone");
    fails(attach(&entry, &[]), 403, "InvalidInstanceType.NotSupportDiskCategory");
    fails(attach(&here[0], &[("Device", "xvdb")]), 400, "InvalidDevice.Malformed");
    fails(attach(&here[0], &[("Device", "/dev/xvda")]), 403, "InvalidDevice.InUse");
    fails(attach(&here[0], &[("Force", "true")]), 400, "InvalidParameterForce.DiskCategoryNotSupported");
    let none = [("InstanceId", "i-none"), ("DiskId", here[0].as_str())];
    fails(test.call("AttachDisk", &none), 404, "InvalidInstanceId.NotFound");
    attach(&here[0], &[("Device", "/dev/xvdc")]).unwrap();
    for id in &here[1..16] {
        attach(id, &[]).unwrap();
    }
    let devices: Vec<Value> = here.iter().map(|id| disk(&test, id)["Device"].clone()).collect();
    assert_eq!(devices[..4], ["/dev/xvdc", "/dev/xvdb", "/dev/xvdd", "/dev/xvde"]);
    fails(attach(&here[16], &[]), 403, "InstanceDiskLimitExceeded");
    test.advance(1);
    let pair = [("InstanceId", instance.as_str()), ("DiskId", here[2].as_str())];
    test.call("DetachDisk", &pair).unwrap();
    test.advance(1);
    attach(&here[16], &[]).unwrap();
    assert_eq!(disk(&test, &here[16])["Device"], "/dev/xvdd");
    let another = test.run(&[]).remove(0);
    let wrong = [("InstanceId", another.as_str()), ("DiskId", here[1].as_str())];
    fails(test.call("DetachDisk", &wrong), 403, "DependencyViolation");
    test.call("StopInstance", &[("InstanceId", &instance)]).unwrap();
    let pair = [("InstanceId", instance.as_str()), ("DiskId", here[1].as_str())];
    fails(test.call("DetachDisk", &pair), 403, "IncorrectInstanceStatus");
}

#[test]
fn a_disk_for_several_instances_is_attached_to_each() {
    let test = Test::new();
    let instances = test.run(&[("Amount", "2")]);
    let zone = test.instance(&instances[0]).unwrap()["ZoneId"].as_str().unwrap().to_owned();
    let id = create(&test, &[("Size", "40"), ("ZoneId", &zone), ("MultiAttach", "Enabled")]);
    test.advance(1);
    let call = |operation: &str, instance: &str| -> CallResult {
        let response = test.call(operation, &[("InstanceId", instance), ("DiskId", &id)]);
        test.advance(1);
        response
    };
    for instance in &instances {
        call("AttachDisk", instance).unwrap();
    }
    fails(call("AttachDisk", &instances[0]), 404, "InvalidDisk.InUse");
    let known = disk(&test, &id);
    assert_eq!(ids(&known["Attachments"]["Attachment"], "InstanceId"), instances);
    assert_eq!((&known["MountInstanceNum"], &known["MultiAttach"]), (&json!(2), &json!("Enabled")));
    assert_eq!(disks(&test, &[("InstanceId", &instances[1]), ("MultiAttach", "Enabled")]).len(), 1);
    call("DetachDisk", &instances[0]).unwrap();
    assert_eq!(disk(&test, &id)["Status"], "In_use");
    test.call("DeleteInstance", &[("InstanceId", &instances[1]), ("Force", "true")]).unwrap();
    test.advance(1);
    assert_eq!(disk(&test, &id)["Status"], "Available");
}

#[test]
fn a_system_disk_can_be_detached_and_attached_again() {
    let test = Test::new();
    let (instance, data) = attached(&test);
    let id = system_disk(&test, &instance);
    let pair = [("InstanceId", instance.as_str()), ("DiskId", id.as_str())];
    fails(test.call("DetachDisk", &pair), 403, "IncorrectInstanceStatus");
    stop(&test, &instance);
    test.call("DetachDisk", &pair).unwrap();
    test.advance(1);
    let resize = [("DiskId", id.as_str()), ("NewSize", "100")];
    fails(test.call("ResizeDisk", &resize), 400, "InvalidDisk.DetachedSystemDisk");
    let other = test.run(&[]).remove(0);
    stop(&test, &other);
    let boot = ("Bootable", "true");
    fails(test.call("AttachDisk", &[pair[1], boot, ("InstanceId", &other)]), 400, "InvalidInstance.NotOriginInstance");
    test.call("DetachDisk", &[pair[0], ("DiskId", &data)]).unwrap();
    test.advance(1);
    fails(test.call("AttachDisk", &[pair[0], boot, ("DiskId", &data)]), 400, "InvalidDisk.DiskNotBootable");
    test.call("AttachDisk", &[pair[0], pair[1], boot]).unwrap();
    test.advance(1);
    let known = disk(&test, &id);
    assert_eq!((&known["Type"], &known["Device"]), (&json!("system"), &json!("/dev/xvda")));
}

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
}

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
    assert_eq!(ids(&json!(disks(&test, &[("SnapshotId", &taken)])), "DiskId"), [copy.clone()]);
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
fn disks_are_found_by_every_filter() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let zone = disk(&test, &id)["ZoneId"].as_str().unwrap().to_owned();
    let free =
        create(&test, &[("ZoneId", &zone), ("Size", "40"), ("DiskCategory", "cloud_ssd"), ("DiskName", "free-1")]);
    test.advance(1);
    let list = json!([id, "d-none"]).to_string();
    for (name, value, count) in [
        ("DiskIds", list.as_str(), 1),
        ("DiskIds", "[]", 0),
        ("InstanceId", instance.as_str(), 2),
        ("InstanceId", "i-none", 0),
        ("ZoneId", zone.as_str(), 3),
        ("DiskType", "system", 1),
        ("DiskType", "data", 2),
        ("DiskType", "all", 3),
        ("Category", "cloud_ssd", 1),
        ("Category", "all", 3),
        ("Status", "Available", 1),
        ("Status", "In_use", 2),
        ("Status", "All", 3),
        ("PerformanceLevel", "PL1", 2),
        ("PerformanceLevel", "PL3", 0),
        ("DiskChargeType", "PostPaid", 3),
        ("DiskChargeType", "PrePaid", 0),
        ("DiskName", "free-*", 1),
        ("DiskName", "free", 0),
        ("Portable", "true", 2),
        ("Portable", "false", 1),
        ("DeleteWithInstance", "true", 1),
        ("DeleteWithInstance", "false", 2),
        ("MultiAttach", "Enabled", 0),
        ("Encrypted", "true", 0),
        ("SnapshotId", "s-none", 0),
        ("AutoSnapshotPolicyId", "sp-none", 0),
        ("EnableAutomatedSnapshotPolicy", "true", 0),
        ("LockReason", "financial", 0),
        ("ResourceGroupId", "rg-none", 0),
        ("Tag.1.Key", "none", 0),
    ] {
        assert_eq!(disks(&test, &[(name, value)]).len(), count, "{name}={value}");
    }
    fails(test.call_here("DescribeDisks", &[("Status", "Lost")]), 400, "InvalidStatus.ValueNotSupported");
    fails(test.call_here("DescribeDisks", &[("DiskType", "floppy")]), 400, "InvalidDiskType.ValueNotSupported");
    let created = |time: &str| {
        let filter = [("Filter.1.Key", "CreationStartTime"), ("Filter.1.Value", time)];
        ids(&json!(disks(&test, &filter)), "DiskId")
    };
    assert_eq!(created(&test.time(3600)), Vec::<String>::new());
    assert!(created(&test.time(-3600)).contains(&free));
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
    assert_eq!(ids(&json!(snapshots(&test, &[("Category", "archive")])), "SnapshotId"), [taken.clone()]);
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
    test.advance(13 * 3600);
    let taken = snapshots(&test, &[("SnapshotType", "auto")]);
    assert_eq!(ids(&json!(taken), "CreationTime"), ["2026-01-02T04:00:00Z", "2026-01-02T16:00:00Z"]);
    assert_eq!(taken[0]["SnapshotName"], format!("auto2.0_20260102_{}", policy.1));
    // Snapshots of two days are kept.
    test.advance(30 * 86_400);
    assert_eq!(snapshots(&test, &[("DiskId", &id)]).len(), 4);
    test.call("ModifyDiskAttribute", &[("DiskId", &id), ("DeleteAutoSnapshot", "true")]).unwrap();
    call("ModifyAutoSnapshotPolicyEx", &[policy, ("retentionDays", "-1"), ("timePoints", "[\"1\"]")]).unwrap();
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
fn new_disks_are_encrypted_by_default_if_the_region_says_so() {
    let test = Test::new();
    let key = || test.call_here("DescribeDiskDefaultKMSKeyId", &[]).unwrap()["KMSKeyId"].clone();
    let enabled = || test.call_here("DescribeDiskEncryptionByDefaultStatus", &[]).unwrap()["Encrypted"].clone();
    let service = key();
    assert_eq!(enabled(), false);
    test.call_here("EnableDiskEncryptionByDefault", &[]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40")]);
    let known = disk(&test, &id);
    assert_eq!((&known["Encrypted"], &known["KMSKeyId"], enabled()), (&json!(true), &service, json!(true)));
    test.call_here("ModifyDiskDefaultKMSKeyId", &[("KMSKeyId", "key-own")]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40")]);
    assert_eq!(disk(&test, &id)["KMSKeyId"], "key-own");
    test.call_here("ResetDiskDefaultKMSKeyId", &[]).unwrap();
    assert_eq!(key(), service);
    test.call_here("DisableDiskEncryptionByDefault", &[]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40"), ("Encrypted", "true"), ("KMSKeyId", "key-2")]);
    assert_eq!(disk(&test, &id)["KMSKeyId"], "key-2");
    assert_eq!(disks(&test, &[("Encrypted", "true")]).len(), 3);
}

#[test]
fn disks_are_listed_with_their_health() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let full = |parameters: &[(&str, &str)]| test.call_here("DescribeDisksFullStatus", parameters).unwrap();
    let found = full(&[("DiskId.1", &id)]);
    let known = &found["DiskFullStatusSet"]["DiskFullStatusType"][0];
    assert_eq!((&known["InstanceId"], &known["Status"]["Name"]), (&json!(instance), &json!("In_use")));
    assert_eq!(full(&[("Status", "Available")])["TotalCount"], 0);
    assert_eq!(full(&[("HealthStatus", "Impaired")])["TotalCount"], 0);
}

#[test]
fn lists_have_pages_and_dry_runs_change_nothing() {
    let test = Test::new();
    let created: Vec<String> = (0..21).map(|_| create(&test, &[ZONE, ("Size", "40")])).collect();
    let mut seen = Vec::new();
    let mut token = String::new();
    for _ in 0..3 {
        let response = test.call_here("DescribeDisks", &[("MaxResults", "10"), ("NextToken", &token)]).unwrap();
        seen.extend(ids(&response["Disks"]["Disk"], "DiskId"));
        token = response["NextToken"].as_str().unwrap().to_owned();
    }
    assert_eq!((seen, token.as_str()), (created.clone(), ""));
    let response = test.call_here("DescribeDisks", &[("PageSize", "15"), ("PageNumber", "2")]).unwrap();
    assert_eq!((response["TotalCount"].as_u64(), ids(&response["Disks"]["Disk"], "DiskId").len()), (Some(21), 6));
    let dry = [("DiskId", created[0].as_str()), ("PerformanceLevel", "PL0"), ("DryRun", "true")];
    test.advance(1);
    fails(test.call("ModifyDiskSpec", &dry), 400, "DryRunOperation");
    assert_eq!(disk(&test, &created[0])["PerformanceLevel"], "PL1");
    // Disks of another region are not found.
    let elsewhere = [("RegionId", "cn-beijing"), ("DiskIds", &json!(created).to_string())];
    assert_eq!(test.call("DescribeDisks", &elsewhere).unwrap()["TotalCount"], 0);
}
