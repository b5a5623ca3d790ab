//! Dry runs and batches: of every operation with a fake service, and of whole programs with an emulator.
#![cfg(all(
    feature = "cms",
    feature = "vpc",
    feature = "disks",
    feature = "images",
    feature = "instances",
    feature = "tags-and-resource-groups"
))]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use bytes::Bytes;
use ecs_emulator::{Emulator, Outcome};
use ecs_sdk::{
    CallOptions, Client, Config, Credentials, Error, ErrorKind, Operation, Result,
    system::BoxFuture,
    transport::{Transport, TransportError},
};
use ecs_sdk_runtime::decode;
use ecs_sdk_testing::fake::{ACCESS_KEY, Response, Service, TimeLimit};
use serde_json::{Value, json};

/// The modules of the operations, by service.
mod operations {
    pub(super) use ecs_sdk::{cms::operation as cms, operation as ecs, sts::operation as sts, vpc::operation as vpc};
}

/// An operation with erased types.
struct Entry {
    meta: &'static ecs_sdk_runtime::operation::OperationMeta,
    /// Sends a request with these members.
    send: fn(&Config, &Value, CallOptions) -> BoxFuture<'static, Result<()>>,
}

fn entry<R: Operation>() -> Entry {
    Entry {
        meta: R::META,
        send: |config, members, options| {
            let mut request = R::default();
            assert_eq!(decode::unread(members.to_string().as_bytes(), &mut request).unwrap(), [""; 0]);
            // The call is the same for all services: the operation knows its own.
            let call = ecs_sdk::call::Call::new(R::META.service, config.clone()).options(options);
            let sending = call.send::<R>(&request);
            Box::pin(async { sending.await.map(drop) })
        },
    }
}

macro_rules! operations {
    (all; $($(#[$gate:meta])* $service:ident $name:literal $module:ident::$request:ident,)*) => {
        /// The operations that are compiled in, by service and name.
        fn entries() -> BTreeMap<(&'static str, &'static str), Entry> {
            [$(
                $(#[$gate])*
                ((stringify!($service), $name), entry::<operations::$service::$module::$request>()),
            )*].into()
        }
    };
}

include!("../src/generated/operations.rs");

/// The specs of the operations, by service and name.
fn specs() -> BTreeMap<(String, String), Value> {
    let mut specs = BTreeMap::new();
    for service in ["cms", "ecs", "sts", "vpc"] {
        let folder = format!("{}/../specs/{service}", env!("CARGO_MANIFEST_DIR"));
        let families = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        for file in families.flat_map(|family| fs::read_dir(family).unwrap()) {
            let spec: Value = serde_json::from_slice(&fs::read(file.unwrap().path()).unwrap()).unwrap();
            specs.insert((service.to_owned(), spec["operation"].as_str().unwrap().to_owned()), spec);
        }
    }
    specs
}

/// A configuration that sends requests to a service in memory.
fn config(service: &Service) -> Config {
    service.config().region("cn-hangzhou").build().unwrap()
}

fn parameters(spec: &Value) -> &Vec<Value> {
    spec["request"].as_array().unwrap()
}

/// A request in which every member has a value, by service and operation.
fn samples() -> Value {
    serde_json::from_str(include_str!("../src/generated/samples.json")).unwrap()
}

/// Whether the parameter exists, and whether it can be `true`.
fn dry_run(spec: &Value) -> Option<bool> {
    let parameter = parameters(spec).iter().find(|field| field["name"] == "DryRun")?;
    Some(parameter["values"] != json!([false]))
}

#[test]
fn every_operation_with_a_dry_run_has_a_check() {
    let specs = specs();
    let mut counts = [0; 2];
    for ((service, name), entry) in entries() {
        let spec = &specs[&(service.to_owned(), name.to_owned())];
        let expected = dry_run(spec);
        counts[0] += usize::from(expected == Some(true));
        counts[1] += usize::from(expected == Some(false));
        // The macro that defines `check` and the trait for dry runs of batches has the same condition.
        assert_eq!(entry.meta.dry_run, expected == Some(true), "{name}");
    }
    assert!(counts[0] >= 30, "{counts:?}");
}

#[test]
fn a_dry_run_of_any_operation_is_an_error_and_never_a_response() {
    let (specs, samples) = (specs(), samples());
    let passed = || Service::always(Response::success());
    for ((service_name, name), entry) in entries() {
        let spec = &specs[&(service_name.to_owned(), name.to_owned())];
        let mut members = samples[service_name][name]["request"].clone();
        members.as_object_mut().unwrap().remove("DryRun");
        let by_name = CallOptions::new().parameter("DryRun", "true");
        let service = passed();
        let config = config(&service);
        let executed = service.run((entry.send)(&config, &members, CallOptions::new()));
        executed.unwrap_or_else(|error| panic!("{error}"));
        let error = service.run((entry.send)(&config, &members, by_name)).unwrap_err();
        let Some(allowed) = dry_run(spec) else {
            // Nobody knows whether the service did it anyway.
            assert!(error.is_dry_run_passed() && error.is_maybe_executed() != entry.meta.read, "{error}");
            continue;
        };
        members["DryRun"] = json!(true);
        let by_member = service.run((entry.send)(&config, &members, CallOptions::new())).unwrap_err();
        for error in [error, by_member] {
            assert!(!error.is_maybe_executed(), "{error}");
            if allowed {
                assert!(error.is_dry_run_passed(), "{error}");
            } else {
                let message = format!("`DryRun` of {name} can only be `false`: the service might execute the request");
                assert_eq!((error.kind(), error.message()), (ErrorKind::Request, &*message));
            }
        }
        assert_eq!(service.requests().len(), if allowed { 3 } else { 1 }, "{name}");
    }
}

#[test]
fn the_lists_of_every_operation_have_the_limits_of_the_specs() {
    let (specs, samples) = (specs(), samples());
    let mut lists = 0;
    for ((service_name, name), entry) in entries() {
        let spec = &specs[&(service_name.to_owned(), name.to_owned())];
        let batches = parameters(spec).iter().filter(|field| field["batch"] == true);
        let expected: Vec<(&str, usize)> = batches
            .map(|field| (field["name"].as_str().unwrap(), field["max_items"].as_u64().unwrap().try_into().unwrap()))
            .collect();
        assert_eq!(entry.meta.batches, expected, "{name}");
        lists += expected.len();
        let mut members = samples[service_name][name]["request"].clone();
        members.as_object_mut().unwrap().remove("DryRun");
        let ids = |count: usize| json!((0..count).map(|id| format!("id-{id}")).collect::<Vec<_>>());
        for (list, max) in expected {
            let service = Service::always(Response::success());
            let send = |count, options| {
                let mut members = members.clone();
                members[list] = ids(count);
                service.run((entry.send)(&config(&service), &members, options))
            };
            send(max, CallOptions::new()).unwrap();
            let error = send(max + 1, CallOptions::new()).unwrap_err();
            let start = format!("`{list}` has {} elements, but a call takes at most {max}; ", max + 1);
            assert!(error.message().starts_with(&start) && error.kind() == ErrorKind::Request, "{error}");
            assert_eq!(service.requests().len(), 1);
            send(max + 1, CallOptions::new().check_limits(false)).unwrap();
        }
    }
    assert!(lists >= 60, "{lists}");
}

/// An emulator without sockets, as a transport.
#[derive(Clone)]
struct InProcess(ecs_emulator::Service);

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl Transport for InProcess {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let Outcome::Response(response) = self.0.handle(request) else { panic!("no response") };
        Box::pin(async { Ok(response.http) })
    }
}

/// An emulator in which changes take no time, and a client.
fn emulator() -> Client {
    let service = Emulator::builder().transition(Duration::ZERO).without_sockets().unwrap();
    Client::builder()
        .without_environment()
        .region("cn-hangzhou")
        .endpoint("http://127.0.0.1:9")
        .credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1))
        .transport(InProcess(service))
        .build()
        .unwrap()
}

async fn disks(client: &Client, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        let disk = client.create_disk().zone_id("cn-hangzhou-h").disk_category("cloud_essd").size(20).send().await;
        ids.push(disk.unwrap().disk_id);
    }
    ids
}

async fn instances(client: &Client, count: i32) -> Vec<String> {
    let mut ids = Vec::new();
    for start in (0..count).step_by(100) {
        let run =
            client.run_instances().image_id("aliyun_3_x64_20G_alibase_20250117.vhd").instance_type("ecs.g6.large");
        let run = run.amount((count - start).min(100)).send().await.unwrap();
        ids.extend(run.instance_id_sets);
    }
    ids
}

#[tokio::test]
async fn more_disks_than_a_call_takes_are_found_in_batches() {
    let _limit = TimeLimit::start();
    let client = emulator();
    let disks = disks(&client, 301).await;
    let error = client.describe_disks().disk_ids(&disks).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    for count in [0, 1, 100, 101, 301] {
        let request = client.describe_disks().disk_ids(&disks[..count]);
        let found: Vec<_> = request.in_batches().items().try_collect().await.unwrap();
        let found: BTreeSet<String> = found.into_iter().map(|disk| disk.disk_id).collect();
        assert_eq!(found, disks[..count].iter().cloned().collect());
    }
}

#[tokio::test]
async fn a_fleet_is_tagged_stopped_started_and_deleted_in_batches() {
    let _limit = TimeLimit::start();
    let client = emulator();
    let ids = instances(&client, 230).await;
    let tags = [ecs_sdk::types::Tag::new().key("team").value("web")];
    let tag = client.tag_resources().resource_type("instance").resource_ids(&ids).tags(tags);
    assert_eq!(tag.in_batches().send().await.into_result().unwrap().len(), 5);
    let tagged = client.list_tag_resources().resource_type("instance").resource_ids(&ids);
    assert_eq!(tagged.in_batches().send().await.into_items().unwrap().len(), 230);

    // A dry run stops nothing.
    let stop = client.stop_instances().instance_ids(&ids);
    assert!(stop.clone().in_batches().check().await.is_ok());
    let dry = stop.clone().dry_run(true).in_batches().send().await;
    assert!(dry.errors().all(|(_, error)| error.is_dry_run_passed()));
    let status = || client.describe_instances().instance_ids(&ids).in_batches().items();
    let states = |status: Vec<ecs_sdk::operation::describe_instances::Instance>| {
        status.iter().map(|instance| instance.status.clone().unwrap().to_string()).collect::<BTreeSet<_>>()
    };
    assert_eq!(states(status().try_collect().await.unwrap()), ["Running".to_owned()].into());
    stop.in_batches().send().await.into_result().unwrap();
    assert_eq!(states(status().try_collect().await.unwrap()), ["Stopped".to_owned()].into());
    let start = client.start_instances().instance_ids(&ids).in_batches().concurrency(3).send().await;
    let started: Vec<String> = start.batches().iter().flat_map(|batch| batch.ids.clone()).collect();
    assert_eq!(started, ids);
    start.into_result().unwrap();

    // An unknown ID fails its batch only.
    let mut mixed = ids.clone();
    mixed[150] = "i-bp1unknown0000000000".to_owned();
    let outcome = client.delete_instances().instance_ids(&mixed).force(true).in_batches().send().await;
    assert_eq!(outcome.failed_ids().collect::<Vec<_>>(), mixed[100..200]);
    let errors: Vec<(&[String], &Error)> = outcome.errors().collect();
    assert!(errors.len() == 1 && errors[0].1.is_not_found(), "{errors:?}");
    let left: Vec<_> = status().try_collect().await.unwrap();
    assert_eq!(left.len(), 100);
}
