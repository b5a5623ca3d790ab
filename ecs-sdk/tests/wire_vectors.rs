//! Compares requests with those that the official SDKs send for the same parameters.

use std::{collections::BTreeMap, path::Path};

use ecs_sdk::{Client, Credentials, Operation, Result, system::BoxFuture};
use ecs_sdk_testing::fake::{ACCESS_KEY, Response, SentRequest, Service, http::Server};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The modules of the operations, by service.
mod operations {
    #[cfg(feature = "cms")]
    pub(super) use ecs_sdk::cms::operation as cms;
    #[cfg(feature = "vpc")]
    pub(super) use ecs_sdk::vpc::operation as vpc;
    #[allow(unused_imports, reason = "without a family there are no operations of ECS")]
    pub(super) use ecs_sdk::{operation as ecs, sts::operation as sts};
}

/// An operation of this SDK.
struct Entry {
    service: &'static str,
    name: &'static str,
    /// Creates a request from its JSON and sends it.
    send: fn(&Client, &Value) -> BoxFuture<'static, Result<()>>,
}

impl Entry {
    fn version(&self) -> &'static str {
        match self.service {
            "ecs" => "2014-05-26",
            "vpc" => "2016-04-28",
            "cms" => "2019-01-01",
            _ => "2015-04-01",
        }
    }
}

fn send<R: Operation + DeserializeOwned>(client: &Client, request: &Value) -> BoxFuture<'static, Result<()>> {
    let sending = client.send(R::deserialize(request).unwrap());
    Box::pin(async { sending.await.map(|_| ()) })
}

macro_rules! operations {
    (all; $($(#[$gate:meta])* $service:ident $name:literal $module:ident::$request:ident,)*) => {
        fn entries() -> Vec<Entry> {
            vec![$(
                $(#[$gate])*
                Entry {
                    service: stringify!($service),
                    name: $name,
                    send: send::<operations::$service::$module::$request>,
                },
            )*]
        }
    };
}

include!("../src/generated/operations.rs");

/// A request, and the parameters that the official SDK sends for it.
struct Vector {
    entry: Entry,
    request: Value,
    parameters: BTreeMap<String, String>,
}

/// The vectors of all operations that are compiled in.
fn vectors() -> Vec<Vector> {
    let file: Value = serde_json::from_str(include_str!("data/wire-requests.json")).unwrap();
    let all = file["vectors"].as_array().unwrap();
    let vectors: Vec<Vector> = all
        .iter()
        .filter_map(|vector| {
            let is = |entry: &Entry| vector["product"] == entry.service && vector["operation"] == entry.name;
            let entry = entries().into_iter().find(is)?;
            let parameters = serde_json::from_value(vector["parameters"].clone()).unwrap();
            Some(Vector { entry, request: vector["request"].clone(), parameters })
        })
        .collect();
    if entries().len() == specs().len() {
        assert_eq!(vectors.len(), all.len(), "every vector has an operation");
    }
    vectors
}

/// Asserts that a request is that of a vector. Only a `ClientToken` may have been added.
fn compare(vector: &Vector, sent: &SentRequest) {
    let name = vector.entry.name;
    let mut own: BTreeMap<String, String> = sent.operation_parameters().into_iter().collect();
    if !vector.parameters.contains_key("ClientToken") {
        own.remove("ClientToken");
    }
    assert_eq!(own, vector.parameters, "{name}");
    assert_eq!((sent.param("Action").as_str(), sent.param("Version").as_str()), (name, vector.entry.version()));
    assert_eq!((sent.param("Format").as_str(), sent.param("AccessKeyId").as_str()), ("JSON", ACCESS_KEY.0));
    sent.verify(ACCESS_KEY.1);
}

/// Asserts that the service accepted a request. A dry run that passes is an error.
fn succeeded<T>(result: ecs_sdk::Result<T>) {
    if let Err(error) = result {
        assert!(error.is_dry_run_passed(), "{error}");
    }
}

#[test]
fn requests_are_encoded_like_those_of_the_official_sdks() {
    let vectors = vectors();
    for vector in &vectors {
        let service = Service::always(Response::success());
        let client: Client = service.config().build().unwrap();
        succeeded(service.run((vector.entry.send)(&client, &vector.request)));
        compare(vector, &service.only_request());
    }
}

#[tokio::test]
async fn requests_arrive_over_http_as_signed() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let server = Server::start(|_| (200, r#"{"RequestId":"R-1"}"#.to_owned()));
    let client = Client::builder().without_environment().credentials(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1));
    let client = client.endpoint(&server.url).build().unwrap();
    let vectors = vectors();
    for vector in &vectors {
        succeeded((vector.entry.send)(&client, &vector.request).await);
    }
    let seen = server.requests();
    assert_eq!(seen.len(), vectors.len());
    for (vector, request) in vectors.iter().zip(seen) {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/"));
        assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(request.header("accept"), Some("application/json"));
        assert!(request.header("user-agent").unwrap().starts_with("ecs-sdk-rust/"));
        let sent = SentRequest { url: request.path, body: request.body, ..SentRequest::default() };
        compare(vector, &sent);
    }
}

/// The service and the name of every operation in the specs.
fn specs() -> Vec<(String, String)> {
    let mut specs = Vec::new();
    let folders = |path: &Path| -> Vec<_> { path.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect() };
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    for service in folders(&root).iter().filter(|path| path.is_dir()) {
        for family in folders(service).iter().filter(|path| path.is_dir()) {
            specs.extend(folders(family).iter().map(|file| (name(service), name(file))));
        }
    }
    specs.sort();
    specs
}

#[test]
fn the_list_of_operations_matches_the_specs() {
    let specs = specs();
    for entry in entries() {
        assert!(specs.contains(&(entry.service.to_owned(), entry.name.to_owned())), "{}", entry.name);
    }
    if cfg!(all(feature = "deprecated", feature = "instances", feature = "vpc", feature = "cms")) {
        assert_eq!(entries().len(), specs.len());
    }
}
