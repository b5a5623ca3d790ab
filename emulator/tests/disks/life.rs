//! Creating, finding and deleting disks.

use serde_json::{Value, json};

use crate::common::{Test, fails, ids};
use crate::{ZONE, attached, create, disk, disks, running, snapshot_of};

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
        ("ResourceGroupId", "rg-acfmemulator0default"),
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
    fails(create(&[("ResourceGroupId", "rg-none")]), 404, "InvalidResourceGroup.NotFound");
    fails(create(&[("StorageClusterId", "dbsc-none")]), 404, "InvalidStorageClusterId.NotExist");
    fails(create(&[("StorageSetId", "ss-none")]), 400, "InvalidStorageSetId.NotFound");
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
fn new_disks_are_encrypted_by_default_if_the_region_requires_it() {
    let test = Test::new();
    let key = || test.call_here("DescribeDiskDefaultKMSKeyId", &[]).unwrap()["KMSKeyId"].clone();
    let enabled = || test.call_here("DescribeDiskEncryptionByDefaultStatus", &[]).unwrap()["Encrypted"].clone();
    let service = key();
    assert_eq!(enabled(), false);
    test.call_here("EnableDiskEncryptionByDefault", &[]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40")]);
    let known = disk(&test, &id);
    assert_eq!((&known["Encrypted"], &known["KMSKeyId"], enabled()), (&json!(true), &service, json!(true)));
    // A disk of an encrypted snapshot is encrypted.
    let (_, source) = attached(&test);
    assert_eq!(disk(&test, &source)["Encrypted"], true);
    let taken = snapshot_of(&test, &source);
    test.call_here("DisableDiskEncryptionByDefault", &[]).unwrap();
    let copy = create(&test, &[ZONE, ("SnapshotId", &taken), ("Encrypted", "false")]);
    assert_eq!((&disk(&test, &copy)["Encrypted"], &disk(&test, &copy)["KMSKeyId"]), (&json!(true), &service));
    test.call_here("EnableDiskEncryptionByDefault", &[]).unwrap();
    let instance = test.run(&[]).remove(0);
    assert_eq!(disks(&test, &[("InstanceId", &instance), ("Encrypted", "true")]).len(), 1);
    test.call_here("ModifyDiskDefaultKMSKeyId", &[("KMSKeyId", "key-own")]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40")]);
    assert_eq!(disk(&test, &id)["KMSKeyId"], "key-own");
    test.call_here("ResetDiskDefaultKMSKeyId", &[]).unwrap();
    assert_eq!(key(), service);
    test.call_here("DisableDiskEncryptionByDefault", &[]).unwrap();
    let id = create(&test, &[ZONE, ("Size", "40"), ("Encrypted", "true"), ("KMSKeyId", "key-2")]);
    assert_eq!(disk(&test, &id)["KMSKeyId"], "key-2");
    assert_eq!(disks(&test, &[("Encrypted", "true"), ("DiskType", "data")]).len(), 5);
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

#[test]
fn resources_join_a_group() {
    let test = Test::new();
    let (instance, id) = attached(&test);
    let group = ("ResourceGroupId", "rg-acfmemulator0default");
    let join = |kind: &str, id: &str| {
        test.call_here("JoinResourceGroup", &[group, ("ResourceType", kind), ("ResourceId", id)])
    };
    assert_eq!(disks(&test, &[group]).len(), 0);
    join("disk", &id).unwrap();
    assert_eq!(ids(&json!(disks(&test, &[group])), "DiskId"), std::slice::from_ref(&id));
    join("instance", &instance).unwrap();
    assert_eq!(test.find(&[group]), [instance]);
    fails(join("disk", "d-none"), 404, "InvalidResourceId.NotFound");
    fails(join("floppy", &id), 404, "InvalidResourceType.NotFound");
    let none = [("ResourceGroupId", "rg-none"), ("ResourceType", "disk"), ("ResourceId", id.as_str())];
    fails(test.call_here("JoinResourceGroup", &none), 404, "InvalidResourceGroup.NotFound");
    fails(test.call_here("JoinResourceGroup", &none[..2]), 403, "MissingParameter");
}
