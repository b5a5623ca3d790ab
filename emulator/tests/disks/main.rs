//! Disks and their snapshots.

#[path = "../common/mod.rs"]
mod common;

mod attachments;
mod changes;
mod life;
mod policies;
mod snapshots;

use common::Test;
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
