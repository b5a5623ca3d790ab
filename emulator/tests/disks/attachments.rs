//! Attaching and detaching disks.

use serde_json::{Value, json};

use crate::common::{CallResult, Test, fails, ids};
use crate::{attached, create, disk, disks, running, stop, system_disk};

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
