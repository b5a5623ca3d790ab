//! What the official SDKs send for the same requests: encoded, signed and sent by this one.

#![cfg(all(
    feature = "cms",
    feature = "disks",
    feature = "images",
    feature = "instances",
    feature = "pricing-and-spot",
    feature = "public-ip-and-bandwidth",
    feature = "regions-and-zones",
    feature = "security-groups",
    feature = "tags-and-resource-groups",
    feature = "vpc",
))]

mod common;

use std::{collections::BTreeMap, path::Path};

use common::{Answer, KEY, Sent, Service, http::Server};
use ecs_sdk::{
    Client, Credentials, Operation, Result, cms::operation as cms, operation as ecs, runtime::BoxFuture,
    sts::operation as sts, vpc::operation as vpc,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// An operation of this SDK.
struct Entry {
    /// Type of the request.
    request: &'static str,
    version: &'static str,
    /// Makes the request of its JSON and sends it.
    send: fn(&Client, &Value) -> BoxFuture<'static, Result<()>>,
}

impl Entry {
    fn name(&self) -> &'static str {
        self.request.strip_suffix("Request").unwrap()
    }
}

fn send<R: Operation + DeserializeOwned>(client: &Client, request: &Value) -> BoxFuture<'static, Result<()>> {
    let sending = client.send(R::deserialize(request).unwrap());
    Box::pin(async { sending.await.map(|_| ()) })
}

macro_rules! operations {
    ($($service:ident $version:literal { $($module:ident::$request:ident,)* })*) => {
        const OPERATIONS: &[Entry] = &[$($(
            Entry { request: stringify!($request), version: $version, send: send::<$service::$module::$request> },
        )*)*];
    };
}

operations! {
    ecs "2014-05-26" {
        allocate_public_ip_address::AllocatePublicIpAddressRequest,
        create_instance::CreateInstanceRequest,
        create_security_group::CreateSecurityGroupRequest,
        delete_instance::DeleteInstanceRequest,
        delete_instances::DeleteInstancesRequest,
        describe_available_resource::DescribeAvailableResourceRequest,
        describe_disks::DescribeDisksRequest,
        describe_images::DescribeImagesRequest,
        describe_instance_auto_renew_attribute::DescribeInstanceAutoRenewAttributeRequest,
        describe_instance_status::DescribeInstanceStatusRequest,
        describe_instance_types::DescribeInstanceTypesRequest,
        describe_instances::DescribeInstancesRequest,
        describe_regions::DescribeRegionsRequest,
        describe_resources_modification::DescribeResourcesModificationRequest,
        describe_security_groups::DescribeSecurityGroupsRequest,
        describe_spot_price_history::DescribeSpotPriceHistoryRequest,
        list_tag_resources::ListTagResourcesRequest,
        modify_instance_auto_release_time::ModifyInstanceAutoReleaseTimeRequest,
        modify_instance_auto_renew_attribute::ModifyInstanceAutoRenewAttributeRequest,
        modify_instance_spec::ModifyInstanceSpecRequest,
        modify_prepay_instance_spec::ModifyPrepayInstanceSpecRequest,
        renew_instance::RenewInstanceRequest,
        run_instances::RunInstancesRequest,
        start_instance::StartInstanceRequest,
        stop_instance::StopInstanceRequest,
    }
    vpc "2016-04-28" {
        describe_vswitches::DescribeVSwitchesRequest,
    }
    cms "2019-01-01" {
        describe_system_event_attribute::DescribeSystemEventAttributeRequest,
    }
    sts "2015-04-01" {
        assume_role::AssumeRoleRequest,
    }
}

/// A request and the parameters that the official SDK made of it.
struct Vector {
    entry: &'static Entry,
    request: Value,
    parameters: BTreeMap<String, String>,
}

fn vectors() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("data/wire-requests.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap().iter().filter_map(|vector| {
        let entry = OPERATIONS.iter().find(|entry| vector["operation"] == entry.name())?;
        let parameters = serde_json::from_value(vector["parameters"].clone()).unwrap();
        Some(Vector { entry, request: vector["request"].clone(), parameters })
    });
    vectors.collect()
}

/// Compares what was sent; only a `ClientToken` may have been added.
fn compare(vector: &Vector, sent: &Sent) {
    let name = vector.entry.name();
    let mut own: BTreeMap<String, String> = sent.own().into_iter().collect();
    if !vector.parameters.contains_key("ClientToken") {
        own.remove("ClientToken");
    }
    assert_eq!(own, vector.parameters, "{name}");
    assert_eq!((sent.param("Action").as_str(), sent.param("Version").as_str()), (name, vector.entry.version));
    assert_eq!((sent.param("Format").as_str(), sent.param("AccessKeyId").as_str()), ("JSON", KEY.0));
    sent.verify(KEY.1);
}

#[test]
fn encode_as_the_official_sdks_do() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 20);
    for vector in &vectors {
        let service = Service::always(Answer::done());
        let client: Client = service.config().build().unwrap();
        service.run((vector.entry.send)(&client, &vector.request)).unwrap();
        compare(vector, &service.only());
    }
}

#[tokio::test]
async fn arrive_over_http_as_they_were_signed() {
    let server = Server::start(|_| (200, r#"{"RequestId":"R-1"}"#.to_owned()));
    let client = Client::builder().without_environment().credentials(Credentials::new(KEY.0, KEY.1));
    let client = client.endpoint(&server.url).build().unwrap();
    let vectors = vectors();
    for vector in &vectors {
        (vector.entry.send)(&client, &vector.request).await.unwrap();
    }
    let seen = server.seen();
    assert_eq!(seen.len(), vectors.len());
    for (vector, request) in vectors.iter().zip(seen) {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/"));
        assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("ecs-sdk-rust/"));
        let sent = Sent { url: request.path, body: request.body, ..Sent::default() };
        compare(vector, &sent);
    }
}

/// The list above names every operation of the specs.
#[test]
fn no_operation_is_left_out() {
    let mut specs = Vec::new();
    let folders = |path: &Path| -> Vec<_> { path.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect() };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for service in folders(&root).iter().filter(|path| path.is_dir()) {
        for family in folders(service).iter().filter(|path| path.is_dir()) {
            specs.extend(folders(family).iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()));
        }
    }
    specs.sort();
    let mut listed: Vec<&str> = OPERATIONS.iter().map(Entry::name).collect();
    listed.sort_unstable();
    assert_eq!(listed, specs);
}
