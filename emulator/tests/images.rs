//! Images of the account, and tasks.

mod common;

use std::time::Duration;

use common::{CallResult, RESOURCE_GROUP, Test, fails, ids, texts};
use serde_json::{Value, json};

/// Duration of a state such as `Creating`.
const STEP: Duration = Duration::from_millis(300);

const BUCKET: (&str, &str) = ("DiskDeviceMapping.1.OSSBucket", "my-bucket");
const OBJECT: (&str, &str) = ("DiskDeviceMapping.1.OSSObject", "disk.qcow2");

/// Creates an image of a new instance, and returns their IDs.
fn image(test: &Test, parameters: &[(&str, &str)]) -> (String, String) {
    let instance = test.run(&[("DataDisk.1.Size", "100"), ("DataDisk.1.Category", "cloud_essd")]).remove(0);
    let mut all = vec![("InstanceId", instance.as_str())];
    all.extend_from_slice(parameters);
    let id = image_id(test.call_here("CreateImage", &all));
    (id, instance)
}

fn image_id(response: CallResult) -> String {
    response.unwrap()["ImageId"].as_str().unwrap().to_owned()
}

fn images(test: &Test, parameters: &[(&str, &str)]) -> Vec<Value> {
    let response = test.call_here("DescribeImages", parameters).unwrap();
    response["Images"]["Image"].as_array().unwrap().clone()
}

fn own(test: &Test, parameters: &[(&str, &str)]) -> Vec<String> {
    let mut all = vec![("ImageOwnerAlias", "self")];
    all.extend_from_slice(parameters);
    images(test, &all).iter().map(|image| image["ImageId"].as_str().unwrap().to_owned()).collect()
}

/// The image with an ID in any state.
fn described(test: &Test, region: &str, id: &str) -> Option<Value> {
    let parameters = [("RegionId", region), ("ImageId", id), ("Status", "ALL")];
    let response = test.call("DescribeImages", &parameters).unwrap();
    response["Images"]["Image"].get(0).cloned()
}

fn status(test: &Test, id: &str) -> String {
    let image = described(test, "cn-hangzhou", id);
    image.map_or_else(|| "gone".to_owned(), |image| image["Status"].as_str().unwrap().to_owned())
}

#[test]
fn an_image_of_an_instance_has_snapshots_of_its_disks() {
    let test = Test::new();
    let parameters = [
        ("ImageName", "web-1"),
        ("ImageFamily", "web"),
        ("ImageVersion", "1"),
        ("Description", "First one"),
        ("ResourceGroupId", RESOURCE_GROUP),
        ("Tag.1.Key", "team"),
        ("Tag.1.Value", "web"),
    ];
    let (id, instance) = image(&test, &parameters);
    assert!(id.starts_with("m-bp"), "{id}");
    assert_eq!(own(&test, &[]), Vec::<String>::new());
    let creating = described(&test, "cn-hangzhou", &id).unwrap();
    assert_eq!((&creating["Status"], &creating["Progress"]), (&json!("Creating"), &json!("0%")));
    test.advance(1);
    let image = described(&test, "cn-hangzhou", &id).unwrap();
    let expected = json!({
        "ImageName": "web-1",
        "ImageFamily": "web",
        "ImageVersion": "1",
        "Description": "First one",
        "ImageOwnerAlias": "self",
        "ImageOwnerId": 1_000_000_000_000_001_i64,
        "ResourceGroupId": RESOURCE_GROUP,
        "Status": "Available",
        "Progress": "100%",
        "Usage": "none",
        "Platform": "Aliyun",
        "OSType": "linux",
        "Architecture": "x86_64",
        "Size": 40,
        "IsPublic": false,
        "IsCopied": false,
        "Tags": { "Tag": [{ "TagKey": "team", "TagValue": "web" }] },
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(image[member], *value, "{member}");
    }
    let disks = &image["DiskDeviceMappings"]["DiskDeviceMapping"];
    assert_eq!(ids(disks, "Device"), ["/dev/xvda", "/dev/xvdb"]);
    assert_eq!(ids(disks, "Type"), ["system", "data"]);
    assert_eq!(ids(disks, "Size"), ["40", "100"]);
    let snapshot = ids(disks, "SnapshotId").remove(0);
    for filter in [
        vec![],
        vec![("ImageName", "web")],
        vec![("ImageName", "*-1")],
        vec![("ImageFamily", "web")],
        vec![("SnapshotId", &snapshot)],
        vec![("ResourceGroupId", RESOURCE_GROUP)],
        vec![("Tag.1.Key", "team"), ("Tag.1.Value", "web")],
        vec![("Usage", "none")],
        vec![("InstanceType", "ecs.g6.large")],
        vec![("Filter.1.Key", "CreationStartTime"), ("Filter.1.Value", "2026-01-02T03:04Z")],
        vec![("ImageOwnerId", "1000000000000001")],
        vec![("Usable", "true"), ("Status", "Available,Deprecated")],
    ] {
        assert_eq!(own(&test, &filter), [id.as_str()], "{filter:?}");
    }
    for filter in [
        ("ImageName", "db"),
        ("ImageFamily", "db"),
        ("SnapshotId", "s-none"),
        ("Usage", "instance"),
        ("Tag.1.Key", "owner"),
        ("Status", "Deprecated"),
        ("ImageOwnerId", "2"),
    ] {
        assert_eq!(own(&test, &[filter]), Vec::<String>::new(), "{filter:?}");
    }
    // Those of the account come before the public ones.
    let all = images(&test, &[("PageSize", "100")]);
    assert_eq!((&all[0]["ImageId"], &all[1]["ImageOwnerAlias"]), (&json!(id), &json!("system")));
    let second = test.call_here("CreateImage", &[("InstanceId", &instance), ("ImageFamily", "web")]);
    test.advance(1);
    let newest = test.call_here("DescribeImageFromFamily", &[("ImageFamily", "web")]).unwrap();
    assert_eq!(newest["Image"]["ImageId"], image_id(second));
    let none = test.call_here("DescribeImageFromFamily", &[("ImageFamily", "none")]).unwrap();
    assert_eq!(none.get("Image"), None);
}

#[test]
fn images_of_snapshots_and_empty_disks() {
    let test = Test::new();
    let (id, _) = image(&test, &[]);
    let disks = described(&test, "cn-hangzhou", &id).unwrap()["DiskDeviceMappings"]["DiskDeviceMapping"].clone();
    let snapshots = ids(&disks, "SnapshotId");
    let (system, data) = (snapshots[0].as_str(), snapshots[1].as_str());
    let create = |parameters: &[(&str, &str)]| test.call_here("CreateImage", parameters);
    fails(create(&[("SnapshotId", system)]), 403, "InvalidSnapshotId.NotReady");
    test.advance(1);
    let simple = image_id(create(&[("SnapshotId", system)]));
    let image = described(&test, "cn-hangzhou", &simple).unwrap();
    assert_eq!((&image["Platform"], &image["Size"]), (&json!("Aliyun"), &json!(40)));
    fails(create(&[("SnapshotId", data)]), 403, "OperationDenied");
    fails(create(&[("SnapshotId", "s-none")]), 404, "InvalidSnapshotId.NotFound");
    let full = image_id(create(&[
        ("DiskDeviceMapping.1.SnapshotId", data),
        ("DiskDeviceMapping.1.Device", "/dev/xvdc"),
        ("DiskDeviceMapping.2.SnapshotId", system),
        ("DiskDeviceMapping.2.Size", "60"),
        ("DiskDeviceMapping.3.Device", "/dev/xvdb"),
    ]));
    let image = described(&test, "cn-hangzhou", &full).unwrap();
    assert_eq!(image["Size"], 60);
    let disks = &image["DiskDeviceMappings"]["DiskDeviceMapping"];
    assert_eq!(ids(disks, "Device"), ["/dev/xvda", "/dev/xvdb", "/dev/xvdc"]);
    assert_eq!(ids(disks, "Size"), ["60", "20", "100"]);
    assert_eq!(ids(disks, "SnapshotId"), [system, "", data]);
    // A snapshot of a data disk can become the system disk.
    let other = image_id(create(&[
        ("DiskDeviceMapping.1.SnapshotId", data),
        ("DiskDeviceMapping.1.DiskType", "system"),
        ("Platform", "Ubuntu"),
        ("Architecture", "arm64"),
    ]));
    let image = described(&test, "cn-hangzhou", &other).unwrap();
    assert_eq!((&image["Platform"], &image["BootMode"]), (&json!("Ubuntu"), &json!("UEFI")));
    let one = ("DiskDeviceMapping.1.SnapshotId", system);
    for (parameters, status, code) in [
        (&[][..], 400, "MissingParameter"),
        (&[("DiskDeviceMapping.1.SnapshotId", data)], 400, "OperationDenied"),
        (&[one, ("DiskDeviceMapping.2.SnapshotId", system)], 400, "OperationDenied"),
        (&[one, ("DiskDeviceMapping.1.Size", "39")], 400, "InvalidSize.ValueNotSupported"),
        (&[one, ("DiskDeviceMapping.1.Device", "/dev/sda")], 400, "InvalidDevice.Malformed"),
        (&[one, ("DiskDeviceMapping.1.Device", "/dev/xvdb")], 400, "InvalidDevice.Malformed"),
        (&[one, ("DiskDeviceMapping.1.DiskType", "all")], 400, "InvalidDiskType.ValueNotSupported"),
        (
            &[one, ("DiskDeviceMapping.2.Device", "/dev/xvdb"), ("DiskDeviceMapping.3.Device", "/dev/vdb")],
            400,
            "InvalidDevice.InUse",
        ),
        (&[one, ("DiskDeviceMapping.2.Size", "19")], 400, "InvalidSize.ValueNotSupported"),
        (&[("SnapshotId", system), ("Architecture", "mips")], 400, "InvalidArchitecture.Malformed"),
        (&[("SnapshotId", system), ("Platform", "Plan 9")], 400, "InvalidPlatform.Malformed"),
        (&[("SnapshotId", system), ("BootMode", "Tape")], 400, "InvalidBootMode.NotSupport"),
    ] {
        fails(create(parameters), status, code);
    }
}

#[test]
fn new_images_are_checked() {
    let test = Test::new();
    let (_, instance) = image(&test, &[("ImageName", "web")]);
    let create = |parameters: &[(&str, &str)]| {
        let mut all = vec![("InstanceId", instance.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("CreateImage", &all)
    };
    // Snapshots of the first image are at work.
    fails(create(&[]), 403, "IncorrectDiskStatus.CreatingSnapshot");
    test.advance(1);
    for (parameter, code) in [
        (("ImageName", "web"), "InvalidImageName.Duplicated"),
        (("ImageName", "a"), "InvalidImageName.Malformed"),
        (("ImageName", "aliyun-web"), "InvalidImageName.Malformed"),
        (("Description", "http://a"), "InvalidDescription.Malformed"),
        (("ImageFamily", "acs:web"), "InvalidImageFamily.Malformed"),
    ] {
        fails(create(&[parameter]), 400, code);
    }
    fails(create(&[("ResourceGroupId", "rg-none")]), 404, "InvalidResourceGroup.NotFound");
    fails(test.call_here("CreateImage", &[("InstanceId", "i-none")]), 404, "InvalidInstanceId.NotFound");
    test.call("StopInstance", &[("InstanceId", &instance)]).unwrap();
    fails(create(&[]), 400, "IncorrectInstanceStatus");
    // A dry run leaves no trace.
    test.advance(60);
    let dry_run = create(&[("DryRun", "true"), ("ImageName", "other")]).unwrap_err();
    assert_eq!(dry_run.code, "DryRunOperation");
    assert_eq!(own(&test, &[]).len(), 1);
}

#[test]
fn public_images_are_copied_too() {
    let test = Test::new();
    let parameters =
        [("ImageId", common::IMAGE), ("DestinationRegionId", "cn-beijing"), ("DestinationImageName", "own")];
    let copy = image_id(test.call_here("CopyImage", &parameters));
    test.advance(1);
    let image = described(&test, "cn-beijing", &copy).unwrap();
    assert_eq!((&image["Status"], &image["ImageOwnerAlias"]), (&json!("Available"), &json!("self")));
}

#[test]
fn an_image_is_copied_to_another_region() {
    let test = Test::new();
    let (id, _) = image(&test, &[("ImageName", "web")]);
    let copy = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str()), ("DestinationRegionId", "cn-beijing")];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        test.call_here("CopyImage", &all)
    };
    fails(copy(&[]), 400, "IncorrectImageStatus");
    test.advance(1);
    let first = image_id(copy(&[("DestinationImageName", "web"), ("Encrypted", "true"), ("KMSKeyId", "key-1")]));
    assert!(first.starts_with("m-2ze"), "{first}");
    let image = described(&test, "cn-beijing", &first).unwrap();
    assert_eq!((&image["Status"], &image["IsCopied"]), (&json!("Creating"), &json!(true)));
    assert_eq!(image["DiskDeviceMappings"]["DiskDeviceMapping"][0]["Encrypted"], true);
    fails(copy(&[("DestinationImageName", "web")]), 400, "InvalidImageName.Duplicated");
    fails(copy(&[("DestinationImageName", "a")]), 400, "InvalidImageName.Malformed");
    fails(copy(&[("DestinationRegionId", "nowhere")]), 400, "DestinationRegion.NotFound");
    fails(copy(&[("ImageId", "m-none")]), 404, "InvalidImageId.NotFound");
    fails(copy(&[("KMSKeyId", "key-1")]), 400, "InvalidEncrypted.NotMatchKmsKeyId");
    let delete = |region: &str, id: &str| test.call("DeleteImage", &[("RegionId", region), ("ImageId", id)]);
    fails(delete("cn-beijing", &first), 403, "OperationDenied.ImageCopying");
    fails(delete("cn-hangzhou", &id), 403, "OperationDenied.ImageCopying");
    // Five copies run at a time, others wait.
    let mut copies: Vec<String> = (0..5).map(|_| image_id(copy(&[]))).collect();
    let waiting = copies.pop().unwrap();
    let state = |id: &str| described(&test, "cn-beijing", id).map(|image| image["Status"].as_str().unwrap().to_owned());
    assert_eq!(state(&copies[3]).as_deref(), Some("Creating"));
    assert_eq!(state(&waiting).as_deref(), Some("Waiting"));
    let cancel = |id: &str| test.call("CancelCopyImage", &[("RegionId", "cn-beijing"), ("ImageId", id)]);
    cancel(&copies[0]).unwrap();
    assert_eq!(state(&copies[0]), None);
    test.clock.advance(STEP);
    assert_eq!(state(&first).as_deref(), Some("Available"));
    assert_eq!(state(&waiting).as_deref(), Some("Creating"));
    fails(cancel(&first), 400, "IncorrectImageStatus");
    fails(cancel("m-none"), 404, "InvalidImageId.NotFound");
    fails(test.call_here("CancelCopyImage", &[("ImageId", &id)]), 400, "ImageCreatedNotFromCopy");
    test.clock.advance(STEP);
    delete("cn-hangzhou", &id).unwrap();
    assert_eq!(state(&waiting).as_deref(), Some("Available"));
}

#[test]
fn an_image_is_imported_by_a_task() {
    let test = Test::new();
    let import = |parameters: &[(&str, &str)]| {
        let mut all = vec![BUCKET, OBJECT];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        test.call_here("ImportImage", &all)
    };
    let imported = import(&[
        ("ImageName", "imported"),
        ("Platform", "Debian"),
        ("DiskDeviceMapping.1.DiskImageSize", "50"),
        ("BootMode", "UEFI"),
    ])
    .unwrap();
    let (id, task) = (imported["ImageId"].as_str().unwrap(), imported["TaskId"].as_str().unwrap());
    let image = described(&test, "cn-hangzhou", id).unwrap();
    assert_eq!(
        (&image["Status"], &image["Platform"], &image["Size"]),
        (&json!("Creating"), &json!("Debian"), &json!(50))
    );
    let disk = &image["DiskDeviceMappings"]["DiskDeviceMapping"][0];
    assert_eq!((&disk["Format"], &disk["ImportOSSBucket"]), (&json!("QCOW2"), &json!("my-bucket")));
    let attribute = |task: &str| test.call_here("DescribeTaskAttribute", &[("TaskId", task)]);
    let found = attribute(task).unwrap();
    assert_eq!((&found["TaskStatus"], &found["SupportCancel"]), (&json!("Processing"), &json!(true)));
    let delete = test.call_here("DeleteImage", &[("ImageId", id)]);
    fails(delete, 403, "ImageIsImporting");
    test.advance(60);
    let found = attribute(task).unwrap();
    assert_eq!((&found["TaskStatus"], &found["TaskProcess"]), (&json!("Finished"), &json!("100%")));
    assert_eq!((&found["SuccessCount"], &found["FinishedTime"]), (&json!(1), &json!("2026-01-02T03:04Z")));
    assert_eq!(status(&test, id), "Available");
    for (parameter, status, code) in [
        (("ImageName", "imported"), 400, "InvalidImageName.Duplicated"),
        (("Platform", "Plan 9"), 400, "InvalidPlatform.Malformed"),
        (("Architecture", "mips"), 400, "InvalidArchitecture.Malformed"),
        (("OSType", "beos"), 400, "InvalidOSType.Malformed"),
        (("BootMode", "Tape"), 400, "InvalidBootMode.Malformed"),
        (("DiskDeviceMapping.1.Format", "ISO"), 400, "InvalidImageFormat.Malformed"),
        (("DiskDeviceMapping.1.OSSBucket", "My_Bucket"), 400, "InvalidOSSBucket.Malformed"),
        (("DiskDeviceMapping.1.OSSObject", ""), 400, "InvalidOSSObject.Malformed"),
        (("RoleName", "none"), 403, "NoSetRoletoECSServiceAcount"),
    ] {
        fails(import(&[parameter]), status, code);
    }
    fails(test.call_here("ImportImage", &[]), 403, "MissingParameter.DiskDeviceMapping");
    // A canceled import leaves no image.
    let imported = import(&[]).unwrap();
    let (id, second) = (imported["ImageId"].as_str().unwrap(), imported["TaskId"].as_str().unwrap());
    let cancel = |task: &str| test.call_here("CancelTask", &[("TaskId", task)]);
    cancel(second).unwrap();
    assert_eq!(status(&test, id), "gone");
    assert_eq!(attribute(second).unwrap()["FailedCount"], 1);
    fails(cancel(second), 403, "InvalidTaskId.IncorrectTaskStatus");
    fails(cancel("t-none"), 400, "InvalidTaskId.NotFound");
    fails(attribute("t-none"), 400, "InvalidTaskId.NotFound");
    let tasks = |parameters: &[(&str, &str)]| {
        let response = test.call_here("DescribeTasks", parameters).unwrap();
        ids(&response["TaskSet"]["Task"], "TaskId")
    };
    assert_eq!(tasks(&[]), [task, second]);
    assert_eq!(tasks(&[("TaskStatus", "Failed")]), [second]);
    assert_eq!(tasks(&[("ResourceIds.1", id)]), [second]);
    assert_eq!(tasks(&[("TaskIds", task)]), [task]);
    assert_eq!(tasks(&[("TaskAction", "ExportImage")]), Vec::<String>::new());
    assert_eq!(tasks(&[("StartTime", "2026-01-02T03:05:00Z")]), [second]);
    assert_eq!(tasks(&[("PageSize", "1"), ("PageNumber", "2")]), [second]);
}

#[test]
fn an_image_is_exported_by_a_task() {
    let test = Test::new();
    let (id, _) = image(&test, &[]);
    let export = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str()), ("OSSBucket", "my-bucket")];
        all.retain(|(name, _)| !parameters.iter().any(|(other, _)| name == other));
        all.extend_from_slice(parameters);
        test.call_here("ExportImage", &all)
    };
    fails(export(&[]), 400, "IncorrectImageStatus");
    test.advance(1);
    fails(export(&[("ImageId", "m-none")]), 404, "InvalidImageId.NotFound");
    fails(export(&[("ImageId", common::IMAGE)]), 403, "InvalidImageCategory.NotSupported");
    fails(export(&[("ImageFormat", "iso")]), 400, "InvalidImageFormat.Malformed");
    fails(export(&[("OSSPrefix", "a/b")]), 400, "InvalidOSSPrefix.Malformed");
    let exported = export(&[("OSSPrefix", "backup"), ("ImageFormat", "qcow2")]).unwrap();
    let task = exported["TaskId"].as_str().unwrap();
    fails(export(&[]), 403, "ImageIsExporting");
    fails(test.call_here("DeleteImage", &[("ImageId", &id)]), 403, "ImageIsExporting");
    test.advance(1);
    let found = test.call_here("DescribeTaskAttribute", &[("TaskId", task)]).unwrap();
    let related = &found["OperationProgressSet"]["OperationProgress"][0]["RelatedItemSet"]["RelatedItem"];
    assert_eq!(ids(related, "Value"), [format!("backup_{id}_xvda.qcow2"), format!("backup_{id}_xvdb.qcow2")]);
    test.call_here("DeleteImage", &[("ImageId", &id)]).unwrap();
}

#[test]
fn attributes_are_changed() {
    let test = Test::new();
    let (id, instance) = image(&test, &[("ImageName", "web")]);
    test.advance(1);
    image_id(test.call_here("CreateImage", &[("InstanceId", &instance), ("ImageName", "db")]));
    let modify = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("ModifyImageAttribute", &all)
    };
    modify(&[
        ("ImageName", "new"),
        ("Description", "New one"),
        ("ImageFamily", "web"),
        ("BootMode", "UEFI-Preferred"),
        ("Features.NvmeSupport", "unsupported"),
    ])
    .unwrap();
    let image = described(&test, "cn-hangzhou", &id).unwrap();
    let members = ["ImageName", "Description", "ImageFamily", "BootMode"].map(|member| image[member].as_str().unwrap());
    assert_eq!(members, ["new", "New one", "web", "UEFI-Preferred"]);
    assert_eq!(image["Features"]["NvmeSupport"], "unsupported");
    // Its own name is no duplicate.
    modify(&[("ImageName", "new")]).unwrap();
    fails(modify(&[("ImageName", "db")]), 400, "InvalidImageName.Duplicated");
    fails(modify(&[("BootMode", "Tape")]), 400, "InvalidBootMode.NotSupport");
    fails(modify(&[("LicenseType", "Aliyun")]), 400, "InvalidLicenseType.NotSupported");
    fails(modify(&[("Status", "Available")]), 403, "ImageStatus.NotDeprecated");
    modify(&[("Status", "Deprecated")]).unwrap();
    assert_eq!(status(&test, &id), "Deprecated");
    fails(modify(&[("Status", "Deprecated")]), 403, "ImageStatus.NotAvailable");
    modify(&[("Status", "Available")]).unwrap();
    assert_eq!(own(&test, &[("ImageFamily", "web")]), [id.as_str()]);
    let missing = [("ImageId", "m-none"), ("ImageName", "other")];
    fails(test.call_here("ModifyImageAttribute", &missing), 404, "InvalidImageId.NotFound");
    let public = [("ImageId", common::IMAGE), ("ImageName", "other")];
    fails(test.call_here("ModifyImageAttribute", &public), 404, "InvalidImageId.NotFound");
}

#[test]
fn images_are_shared_and_deleted() {
    let test = Test::new();
    let (id, instance) = image(&test, &[]);
    let share = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("ModifyImageSharePermission", &all)
    };
    let delete = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str())];
        all.extend_from_slice(parameters);
        test.call_here("DeleteImage", &all)
    };
    let accounts = |parameters: &[(&str, &str)]| {
        let mut all = vec![("ImageId", id.as_str())];
        all.extend_from_slice(parameters);
        let response = test.call_here("DescribeImageSharePermission", &all).unwrap();
        ids(&response["Accounts"]["Account"], "AliyunId")
    };
    fails(delete(&[]), 403, "ImageIsCreating");
    fails(share(&[("AddAccount.1", "1000000000000002")]), 403, "OperationDenied.InvalidImageStatus");
    test.advance(1);
    fails(share(&[]), 400, "MissingParameter");
    fails(share(&[("AddAccount.1", "me")]), 404, "InvalidAccount.NotFound");
    fails(share(&[("AddAccount.1", "1000000000000001")]), 404, "InvalidAccount.Forbbiden");
    fails(share(&[("IsPublic", "false")]), 403, "Image.NotPublic");
    let added = [("AddAccount.1", "1000000000000002"), ("AddAccount.2", "1000000000000003"), ("IsPublic", "false")];
    share(&added).unwrap();
    share(&added[..1]).unwrap();
    assert_eq!(accounts(&[]), ["1000000000000002", "1000000000000003"]);
    assert_eq!(accounts(&[("PageSize", "1"), ("PageNumber", "2")]), ["1000000000000003"]);
    assert_eq!(described(&test, "cn-hangzhou", &id).unwrap()["IsSelfShared"], "True");
    fails(delete(&[("Force", "true")]), 403, "ImageUseShared");
    fails(test.call_here("ModifyImageAttribute", &[("ImageId", &id), ("Status", "Deprecated")]), 403, "ImageUseShared");
    share(&[("RemoveAccount.1", "1000000000000002"), ("RemoveAccount.2", "1000000000000003")]).unwrap();
    assert_eq!(accounts(&[]), Vec::<String>::new());
    fails(share(&[("IsPublic", "true")]), 403, "OperationDeined.FullImage");
    for operation in ["DescribeImageSharePermission", "ModifyImageSharePermission"] {
        fails(test.call_here(operation, &[("ImageId", "m-none")]), 404, "InvalidImageId.NotFound");
    }
    // Without its data disk, the image could be published.
    let disks = described(&test, "cn-hangzhou", &id).unwrap()["DiskDeviceMappings"]["DiskDeviceMapping"].clone();
    let community = image_id(test.call_here("CreateImage", &[("SnapshotId", &ids(&disks, "SnapshotId")[0])]));
    test.advance(1);
    let publish = [("ImageId", community.as_str()), ("IsPublic", "true")];
    test.call_here("ModifyImageSharePermission", &publish).unwrap();
    let public = images(&test, &[("IsPublic", "true"), ("ImageOwnerAlias", "others")]);
    assert_eq!(ids(&public.into(), "ImageId"), [community.as_str()]);
    fails(test.call_here("DeleteImage", &[("ImageId", &community)]), 403, "ImageIsPublic");
    fails(test.call_here("DeleteImage", &[("ImageId", common::IMAGE)]), 403, "ImageIsPublic");
    let groups = || {
        let response = test.call_here("DescribeImageSharePermission", &[("ImageId", &community)]).unwrap();
        ids(&response["ShareGroups"]["ShareGroup"], "Group")
    };
    assert_eq!(groups(), ["all"]);
    test.call_here("ModifyImageSharePermission", &[("ImageId", &community), ("IsPublic", "false")]).unwrap();
    assert_eq!(groups(), Vec::<String>::new());
    let group = |change: (&str, &str)| {
        test.call_here("ModifyImageShareGroupPermission", &[("ImageId", community.as_str()), change])
    };
    group(("AddGroup.1", "all")).unwrap();
    assert_eq!(groups(), ["all"]);
    group(("RemoveGroup.1", "all")).unwrap();
    assert_eq!(groups(), Vec::<String>::new());
    fails(group(("AddGroup.1", "some")), 404, "InvalidGroup.Malformed");
    fails(group(("ImageName", "some")), 400, "MissingParameter");
    test.call_here("DeleteImage", &[("ImageId", &community)]).unwrap();
    test.call_here("DeleteImage", &[("ImageId", "m-none")]).unwrap();
    delete(&[]).unwrap();
    assert_eq!(status(&test, &id), "gone");
    assert!(test.instance(&instance).is_some());
}

/// Makes the client one of another account.
fn switch(test: &mut Test, account: &str) {
    let role = format!("acs:ram::{account}:role/builder");
    let assumed =
        test.call_version(common::STS, "AssumeRole", &[("RoleArn", &role), ("RoleSessionName", "session")]).unwrap();
    let text = |name: &str| assumed["Credentials"][name].as_str().unwrap().to_owned();
    test.key = (text("AccessKeyId"), text("AccessKeySecret"), Some(text("SecurityToken")));
}

#[test]
fn another_account_uses_a_shared_image() {
    let mut test = Test::new();
    let owner = test.key.clone();
    let (id, _) = image(&test, &[("ImageFamily", "web")]);
    test.advance(1);
    let ours = |test: &Test| images(test, &[("ImageOwnerAlias", "others")]);
    let share = [("ImageId", id.as_str()), ("AddAccount.1", "1000000000000002")];
    test.call_here("ModifyImageSharePermission", &share).unwrap();
    switch(&mut test, "1000000000000003");
    assert_eq!(ours(&test), Vec::<Value>::new());
    fails(test.call_here("CopyImage", &[("ImageId", &id)]), 404, "InvalidImageId.NotFound");
    test.key = owner;
    switch(&mut test, "1000000000000002");
    let found = ours(&test);
    assert_eq!((found.len(), &found[0]["ImageId"], &found[0]["ImageOwnerAlias"]), (1, &json!(id), &json!("others")));
    assert_eq!(found[0]["ImageOwnerId"], 1_000_000_000_000_001_i64);
    assert_eq!(own(&test, &[]), Vec::<String>::new());
    let newest = test.call_here("DescribeImageFromFamily", &[("ImageFamily", "web")]).unwrap();
    assert_eq!(newest["Image"]["ImageId"], id);
    // It can be copied within its region, and not be changed.
    let away = [("ImageId", id.as_str()), ("DestinationRegionId", "cn-beijing")];
    fails(test.call_here("CopyImage", &away), 403, "OperationDenied.SameRegionOnly");
    let copy = image_id(test.call_here("CopyImage", &[("ImageId", &id)]));
    test.advance(1);
    assert_eq!(own(&test, &[]), [copy]);
    let change = [("ImageId", id.as_str()), ("ImageName", "mine")];
    fails(test.call_here("ModifyImageAttribute", &change), 404, "InvalidImageId.NotFound");
    let export = [("ImageId", id.as_str()), ("OSSBucket", "my-bucket")];
    fails(test.call_here("ExportImage", &export), 403, "InvalidImageCategory.NotSupported");
}

#[test]
fn instances_are_created_from_images() {
    let mut test = Test::new();
    let (id, first) = image(&test, &[("ImageFamily", "web")]);
    let parameters = [common::REGION, ("ImageId", id.as_str()), ("InstanceType", "ecs.g6.large")];
    fails(test.call("RunInstances", &parameters), 400, "IncorrectImageStatus");
    test.advance(1);
    let disks = described(&test, "cn-hangzhou", &id).unwrap()["DiskDeviceMappings"]["DiskDeviceMapping"].clone();
    let instance = test.run(&[("ImageId", &id)]).remove(0);
    let disks_of = |test: &Test, instance: &str| {
        let response = test.call_here("DescribeDisks", &[("InstanceId", instance)]).unwrap();
        response["Disks"]["Disk"].clone()
    };
    let created = disks_of(&test, &instance);
    assert_eq!(ids(&created, "SourceSnapshotId"), ids(&disks, "SnapshotId"));
    assert_eq!((&created[0]["Size"], &created[1]["Size"]), (&json!(40), &json!(100)));
    assert_eq!(test.instance(&instance).unwrap()["OSType"], "linux");
    // A disk with the device of one of the image sets the options of that one.
    let larger = [("ImageId", id.as_str()), ("DataDisk.1.Device", "/dev/xvdb"), ("DataDisk.1.Size", "200")];
    let created = disks_of(&test, &test.run(&larger)[0]);
    assert_eq!((created.as_array().unwrap().len(), &created[1]["Size"]), (2, &json!(200)));
    assert_eq!(ids(&created, "SourceSnapshotId"), ids(&disks, "SnapshotId"));
    let smaller = [&parameters[..], &[("DataDisk.1.Device", "/dev/vdb"), ("DataDisk.1.Size", "50")]].concat();
    fails(test.call("RunInstances", &smaller), 403, "InvalidDiskSize.TooSmall");
    // An image in use is deleted only by force.
    assert_eq!(own(&test, &[("Usage", "instance")]), [id.as_str()]);
    fails(test.call_here("DeleteImage", &[("ImageId", &id)]), 403, "ImageUsingByInstance");
    let share = [("ImageId", id.as_str()), ("AddAccount.1", "1000000000000002")];
    test.call_here("ModifyImageSharePermission", &share).unwrap();
    let owner = test.key.clone();
    switch(&mut test, "1000000000000002");
    assert_eq!(ids(&disks_of(&test, &test.run(&[("ImageId", &id)])[0]), "Type"), ["system", "data"]);
    test.key = owner;
    let share = [("ImageId", id.as_str()), ("RemoveAccount.1", "1000000000000002")];
    test.call_here("ModifyImageSharePermission", &share).unwrap();
    test.call_here("DeleteImage", &[("ImageId", &id), ("Force", "true")]).unwrap();
    assert!(test.instance(&instance).is_some() && test.instance(&first).is_some());
}

#[test]
fn instance_types_of_an_image() {
    let test = Test::new();
    let types = |id: &str| {
        let response = test.call_here("DescribeImageSupportInstanceTypes", &[("ImageId", id)])?;
        Ok(response["InstanceTypes"]["InstanceType"].clone())
    };
    let found = types(common::IMAGE).unwrap();
    assert!(ids(&found, "InstanceTypeId").contains(&"ecs.g6.large".to_owned()));
    assert!(!texts(&json!(ids(&found, "InstanceTypeFamily"))).iter().any(|family| family.contains("g8y")));
    fails(types("m-none"), 404, "InvalidImageId.NotFound");
}
