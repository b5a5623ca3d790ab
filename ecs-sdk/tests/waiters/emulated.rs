//! The waiters whose operations the emulator simulates, through the lives of real resources.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use ecs_emulator::{Emulator, Outcome as Answer};
use ecs_sdk::{
    Client, Config, Credentials, Error, ErrorKind, Result,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
    vpc,
};
use ecs_sdk_testing::fake::{ACCESS_KEY, Clock, TimeLimit, seconds};
use serde_json::{Value, json};

use crate::{
    calls::{Clients, Outcome, TARGET, WAITERS},
    specs,
};

const LIMIT: Duration = Duration::from_secs(300);

/// An emulator without sockets, whose clock is the one of the test, and the clients of it.
#[derive(Clone)]
struct World {
    clock: Clock,
    service: ecs_emulator::Service,
    /// The time to which the emulator's clock was advanced.
    emulator_time: Arc<Mutex<Duration>>,
    /// The waiters that were used.
    used: Arc<Mutex<BTreeSet<&'static str>>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

impl Transport for World {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let response = self.handle(request);
        Box::pin(async { Ok(response) })
    }
}

impl World {
    fn new() -> Self {
        let clock = Clock::default();
        let service = Emulator::builder().clock(ecs_emulator::Clock::manual(clock.now())).without_sockets().unwrap();
        Self { clock, service, emulator_time: Arc::default(), used: Arc::default() }
    }

    fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let mut emulator_time = self.emulator_time.lock().unwrap();
        let now = self.clock.elapsed();
        self.service.clock().advance(now - *emulator_time);
        *emulator_time = now;
        match self.service.handle(request) {
            Answer::Response(response) => response.http,
            other => panic!("no response: {other:?}"),
        }
    }

    /// Sends a request to the control interface.
    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let request = http::Request::builder().method(method).uri(path).body(body.to_owned().into()).unwrap();
        let response = self.handle(request);
        assert!(response.status().is_success(), "{method} {path} {body}: {response:?}");
        serde_json::from_slice(response.body()).unwrap()
    }

    /// Puts a resource into a state in which no call puts it.
    fn force(&self, table: &str, id: &str, state: &str) {
        let mut saved = self.control("GET", "/emulator/state", "");
        for account in saved["accounts"].as_object_mut().unwrap().values_mut() {
            let rows = account["resources"][table].as_array_mut().unwrap();
            for row in rows.iter_mut().filter(|row| row["id"] == id) {
                row["status"] = json!(state);
            }
        }
        self.control("PUT", "/emulator/state", &saved.to_string());
    }

    fn config(&self) -> Config {
        let builder = Config::builder().without_environment().region("cn-hangzhou").endpoint("http://127.0.0.1:9");
        let builder = builder.credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1));
        builder.transport(self.clone()).system(self.clock.clone()).build().unwrap()
    }

    /// Calls an operation of ECS, or of VPC if its name begins with `vpc `.
    fn call(&self, operation: &str, parameters: &[(&str, &str)]) -> Value {
        let config = self.config();
        let mut call = match operation.strip_prefix("vpc ") {
            Some(operation) => vpc::Client::from(&config).call(operation),
            None => Client::from(&config).call(operation),
        };
        for (name, value) in parameters {
            call = call.parameter(*name, *value);
        }
        self.clock.run(call.send()).unwrap_or_else(|error| panic!("{operation} {parameters:?}: {error}"))
    }

    /// Calls an operation, and returns a string of the response.
    fn create(&self, operation: &str, parameters: &[(&str, &str)], result: &str) -> String {
        let response = self.call(operation, parameters);
        let found = response.pointer(&format!("/{}", result.replace('.', "/"))).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no {result} in {response}")).to_owned()
    }

    fn wait(&self, name: &str, ids: &[&str]) -> Result<Outcome> {
        let waiter = WAITERS.iter().find(|waiter| waiter.name() == name).unwrap();
        self.used.lock().unwrap().insert(waiter.name());
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.clock.run((waiter.wait)(Clients::from(self.config()), ids, LIMIT))
    }

    /// Waits, and asserts that all resources are returned with this value at a path; or none, if they are gone.
    fn reaches(&self, name: &str, ids: &[&str], path: &str, state: &str) -> Outcome {
        let outcome = self.wait(name, ids).unwrap_or_else(|error| panic!("{name} {ids:?}: {error}"));
        assert_eq!(outcome.items.len(), ids.len(), "{name} {outcome:?}");
        for item in &outcome.items {
            assert_eq!(item.pointer(&format!("/{}", path.replace('.', "/"))), Some(&json!(state)), "{name}: {item}");
        }
        outcome
    }

    /// Waits until resources are gone that the first poll may still find.
    fn vanish(&self, name: &str, ids: &[&str]) {
        let outcome = self.wait(name, ids).unwrap_or_else(|error| panic!("{name} {ids:?}: {error}"));
        assert_eq!(outcome.items.len() + outcome.never_seen.len(), ids.len(), "{name} {outcome:?}");
    }

    /// Waits in vain for a resource that cannot reach the state.
    fn fails(&self, name: &str, id: &str, state: &str) -> Error {
        let before = self.clock.elapsed();
        let error = self.wait(name, &[id]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Waiter, "{error}");
        assert!(error.to_string().contains(&format!("`{id}` is {state}")), "{error}");
        assert_eq!(self.clock.elapsed(), before, "{name} waited");
        error
    }

    /// Creates an instance in the default network, and returns its ID.
    fn instance(&self, parameters: &[(&str, &str)]) -> String {
        let all = [&[("ImageId", IMAGE), ("InstanceType", "ecs.g6.large")], parameters].concat();
        self.create("RunInstances", &all, "InstanceIdSets.InstanceIdSet.0")
    }
}

const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";

fn instances(world: &World) {
    let (one, two) = (world.instance(&[("InternetMaxBandwidthOut", "5")]), world.instance(&[]));
    let running = world.reaches("instance_running", &[&one, &two], "Status", "Running");
    assert!(running.polls > 1, "the first poll sees an instance that is being created");
    // The address is known without another call.
    assert!(running.items[0]["PublicIpAddress"]["IpAddress"][0].is_string(), "{running:?}");
    world.call("StopInstance", &[("InstanceId", &one)]);
    world.reaches("instance_stopped", &[&one], "Status", "Stopped");
    world.call("ModifyInstanceSpec", &[("InstanceId", &one), ("InstanceType", TARGET)]);
    world.reaches("instance_type_changed", &[&one], "InstanceType", TARGET);
    assert!(world.wait("instance_type_changed", &[&two]).unwrap_err().is_timeout());
    world.call("StartInstance", &[("InstanceId", &one)]);
    world.reaches("instance_running", &[&one], "Status", "Running");
    world.call("RebootInstance", &[("InstanceId", &one)]);
    world.reaches("instance_running", &[&one, &two], "Status", "Running");
    world.call("DeleteInstance", &[("InstanceId", &one), ("Force", "true")]);
    world.vanish("instance_deleted", &[&one, "i-bp1never0existed00000"]);
    let error = world.wait("instance_deleted", &[&two]).unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

fn spot_instances(world: &World) {
    let [spot, other] = [(); 2].map(|()| world.instance(&[("SpotStrategy", "SpotAsPriceGo")]));
    world.reaches("instance_running", &[&spot, &other], "Status", "Running");
    assert!(world.wait("spot_instance_recycling", &[&other, &spot]).unwrap_err().is_timeout());
    world.control("POST", &format!("/emulator/recycle/{spot}"), "");
    let path = "OperationLocks.LockReason.0.LockReason";
    world.reaches("spot_instance_recycling", &[&spot], path, "Recycling");
    let both = world.wait("spot_instance_recycling", &[&other, &spot]).unwrap();
    assert_eq!(both.items[0].pointer("/OperationLocks/LockReason"), None);
    assert_eq!(both.items[1]["InstanceId"], json!(spot));
    world.clock.run(world.clock.sleep(seconds(400)));
    world.vanish("instance_deleted", &[&spot]);
}

fn disks(world: &World) {
    let instance = world.instance(&[("ZoneId", "cn-hangzhou-h")]);
    world.reaches("instance_running", &[&instance], "Status", "Running");
    let zone = [("ZoneId", "cn-hangzhou-h"), ("DiskCategory", "cloud_essd"), ("Size", "40")];
    let disk = world.create("CreateDisk", &zone, "DiskId");
    let other = world.create("CreateDisk", &zone, "DiskId");
    world.reaches("disk_available", &[&disk, &other], "Status", "Available");
    world.call("AttachDisk", &[("DiskId", &disk), ("InstanceId", &instance)]);
    let attached = world.reaches("disk_in_use", &[&disk], "Status", "In_use");
    assert_eq!(attached.items[0]["InstanceId"], json!(instance));
    world.call("DetachDisk", &[("DiskId", &disk), ("InstanceId", &instance)]);
    world.reaches("disk_detached", &[&disk, &other], "Status", "Available");
    world.call("DeleteDisk", &[("DiskId", &disk)]);
    world.vanish("disk_deleted", &[&disk]);
}

fn snapshots(world: &World) {
    let instance = world.instance(&[]);
    world.reaches("instance_running", &[&instance], "Status", "Running");
    let disk = world.create("DescribeDisks", &[("InstanceId", &instance)], "Disks.Disk.0.DiskId");
    let take = || world.create("CreateSnapshot", &[("DiskId", &disk)], "SnapshotId");
    let snapshot = take();
    world.reaches("snapshot_accomplished", &[&snapshot], "Status", "accomplished");
    world.fails("snapshot_failed", &snapshot, "accomplished");
    let failed = take();
    world.force("snapshots", &failed, "failed");
    world.fails("snapshot_accomplished", &failed, "failed");
    world.reaches("snapshot_failed", &[&failed], "Status", "failed");
    world.call("DeleteSnapshot", &[("SnapshotId", &snapshot)]);
    world.vanish("snapshot_deleted", &[&snapshot]);

    let group = world.create("CreateSnapshotGroup", &[("InstanceId", &instance)], "SnapshotGroupId");
    world.reaches("snapshot_group_accomplished", &[&group], "Status", "accomplished");
    world.call("DeleteSnapshotGroup", &[("SnapshotGroupId", &group)]);
    world.vanish("snapshot_group_deleted", &[&group]);
}

fn images(world: &World) {
    let instance = world.instance(&[]);
    world.reaches("instance_running", &[&instance], "Status", "Running");
    let create = |name| world.create("CreateImage", &[("InstanceId", &instance), ("ImageName", name)], "ImageId");
    let image = create("golden");
    world.reaches("image_available", &[&image], "Status", "Available");
    let copy = |number: i32| {
        let name = format!("copy-{number}");
        world.create("CopyImage", &[("ImageId", &image), ("DestinationImageName", &name)], "ImageId")
    };
    let copies: Vec<String> = (0..6).map(copy).collect();
    let copies: Vec<&str> = copies.iter().map(String::as_str).collect();
    // One of them is `Waiting` at first.
    world.reaches("image_available", &copies, "Status", "Available");

    let bucket = [("OSSBucket", "bucket")];
    let export = [&bucket[..], &[("ImageId", &image), ("RoleName", "AliyunECSImageExportDefaultRole")]].concat();
    let task = world.create("ExportImage", &export, "TaskId");
    world.reaches("image_export_finished", &[&task], "TaskStatus", "Finished");
    let disk = [
        ("DiskDeviceMapping.1.OSSBucket", "bucket"),
        ("DiskDeviceMapping.1.OSSObject", "i.qcow2"),
        ("ImageName", "import"),
    ];
    let imported = world.call("ImportImage", &disk);
    let (imported, import) = (imported["ImageId"].as_str().unwrap(), imported["TaskId"].as_str().unwrap());
    world.reaches("image_import_finished", &[import], "TaskStatus", "Finished");
    world.reaches("image_available", &[imported], "Status", "Available");
    // An import is not an export.
    assert!(world.wait("image_export_finished", &[import]).unwrap_err().is_timeout());
    world.reaches("task_finished", &[&task, import], "TaskStatus", "Finished");
    world.force("tasks", &task, "Failed");
    for waiter in ["task_finished", "image_export_finished"] {
        world.fails(waiter, &task, "Failed");
    }

    world.call("ModifyImageAttribute", &[("ImageId", imported), ("Status", "Deprecated")]);
    world.fails("image_available", imported, "Deprecated");
    let failed = create("failed");
    for state in ["CreateFailed", "UnAvailable"] {
        world.force("images", &failed, state);
        world.fails("image_available", &failed, state);
    }
    world.call("DeleteImage", &[("ImageId", &image), ("Force", "true")]);
    world.vanish("image_deleted", &[&image]);
}

fn commands(world: &World) {
    let instance = world.instance(&[]);
    world.reaches("instance_running", &[&instance], "Status", "Running");
    let ready = world.wait("cloud_assistant_running", &[&instance]).unwrap();
    assert_eq!(ready.items[0]["CloudAssistantStatus"], json!(true));

    world.control("PUT", "/emulator/command-results", r#"{"command": "df*", "output": "no space", "exit_code": 1}"#);
    let run = |script| {
        let script = [("Type", "RunShellScript"), ("CommandContent", script), ("InstanceId.1", instance.as_str())];
        world.create("RunCommand", &script, "InvokeId")
    };
    let (good, bad) = (run("uptime"), run("df"));
    world.reaches("invocation_succeeded", &[&good], "InvocationStatus", "Success");
    let finished = world.wait("invocation_finished", &[&good, &bad]).unwrap();
    assert_eq!(
        finished.items[1].pointer("/InvokeInstances/InvokeInstance/0/ExitCode"),
        Some(&json!(1)),
        "{finished:?}"
    );
    world.fails("invocation_succeeded", &bad, "Failed");

    let file = [("Name", "app.conf"), ("TargetDir", "/etc"), ("Content", "x"), ("InstanceId.1", instance.as_str())];
    let sent = world.create("SendFile", &file, "InvokeId");
    world.reaches("send_file_succeeded", &[&sent], "InvocationStatus", "Success");
    // The file already exists.
    let again = world.create("SendFile", &file, "InvokeId");
    world.reaches("send_file_finished", &[&again], "InvocationStatus", "Failed");
    world.fails("send_file_succeeded", &again, "Failed");
}

fn networks(world: &World) {
    let vpc = world.create("vpc CreateVpc", &[("CidrBlock", "10.0.0.0/8")], "VpcId");
    world.reaches("vpc_available", &[&vpc], "Status", "Available");
    let zone = [("VpcId", vpc.as_str()), ("ZoneId", "cn-hangzhou-h")];
    let vswitch =
        world.create("vpc CreateVSwitch", &[&zone[..], &[("CidrBlock", "10.1.0.0/16")]].concat(), "VSwitchId");
    let other = world.create("vpc CreateVSwitch", &[&zone[..], &[("CidrBlock", "10.2.0.0/16")]].concat(), "VSwitchId");
    world.reaches("vswitch_available", &[&vswitch, &other], "Status", "Available");
    let group = world.create("CreateSecurityGroup", &[("VpcId", &vpc)], "SecurityGroupId");
    let place = [("VSwitchId", vswitch.as_str()), ("SecurityGroupId", &group)];
    let instance = world.instance(&place);
    world.reaches("instance_running", &[&instance], "Status", "Running");

    let interface = world.create("CreateNetworkInterface", &place, "NetworkInterfaceId");
    // The emulator also has the state `Creating`, which the documentation lacks.
    world.reaches("network_interface_available", &[&interface], "Status", "Available");
    let both = [("NetworkInterfaceId", interface.as_str()), ("InstanceId", &instance)];
    world.call("AttachNetworkInterface", &both);
    world.reaches("network_interface_in_use", &[&interface], "Status", "InUse");
    world.call("DetachNetworkInterface", &both);
    world.reaches("network_interface_available", &[&interface], "Status", "Available");
    world.call("DeleteNetworkInterface", &both[..1]);
    world.fails("network_interface_available", &interface, "Deleting");
    world.fails("network_interface_in_use", &interface, "Deleting");
    world.vanish("network_interface_deleted", &[&interface]);

    let eip = world.create("vpc AllocateEipAddress", &[("Bandwidth", "5")], "AllocationId");
    world.reaches("eip_available", &[&eip], "Status", "Available");
    let both = [("AllocationId", eip.as_str()), ("InstanceId", &instance)];
    world.call("vpc AssociateEipAddress", &both);
    world.reaches("eip_in_use", &[&eip], "Status", "InUse");
    world.call("vpc UnassociateEipAddress", &both);
    world.reaches("eip_available", &[&eip], "Status", "Available");
    world.call("vpc ReleaseEipAddress", &both[..1]);
    world.fails("eip_available", &eip, "Releasing");
    world.fails("eip_in_use", &eip, "Releasing");
    world.vanish("eip_released", &[&eip]);

    world.call("DeleteInstance", &[("InstanceId", &instance), ("Force", "true")]);
    world.vanish("instance_deleted", &[&instance]);
    world.call("DeleteSecurityGroup", &[("SecurityGroupId", &group)]);
    world.vanish("security_group_deleted", &[&group]);
    for vswitch in [&vswitch, &other] {
        world.call("vpc DeleteVSwitch", &[("VSwitchId", vswitch)]);
    }
    world.vanish("vswitch_deleted", &[&vswitch, &other]);
    world.call("vpc DeleteVpc", &[("VpcId", &vpc)]);
    world.fails("vpc_available", &vpc, "Deleting");
    world.vanish("vpc_deleted", &[&vpc]);
}

#[test]
fn every_waiter_that_the_emulator_can_serve_follows_the_life_of_a_resource() {
    let _limit = TimeLimit::start();
    let world = World::new();
    for flow in [instances, spot_instances, disks, snapshots, images, commands, networks] {
        flow(&world);
    }
    let coverage = world.control("GET", "/emulator/coverage?fidelity=state", "");
    let coverage = coverage["operations"].as_array().unwrap();
    let is_simulated = |service: &str, operation: &Value| {
        let is_service = |entry: &Value| entry["product"].as_str().unwrap().eq_ignore_ascii_case(service);
        coverage.iter().any(|entry| is_service(entry) && entry["operation"] == *operation)
    };
    let specs = specs::waiters();
    let simulated = specs.values().filter(|spec| is_simulated(spec.service, &spec.operation["operation"]));
    let simulated: BTreeSet<&str> = simulated.map(|spec| spec.name.as_str()).collect();
    assert_eq!(simulated, *world.used.lock().unwrap());
}
