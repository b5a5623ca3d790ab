//! Classes of all error codes that are documented in the specs, or known from elsewhere.
#![cfg(all(feature = "disks", feature = "instances", feature = "tasks", feature = "vpc", feature = "cms"))]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use ecs_sdk::{Config, Error, ErrorClass, codes, retry::Never};
use ecs_sdk_testing::fake::{Response, Service};
use serde_json::Value;

const SERVICES: [&str; 4] = ["ecs", "vpc", "sts", "cms"];

fn specs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// The error codes that a service documents, each with its HTTP statuses.
fn documented(service: &str) -> BTreeMap<String, BTreeSet<u16>> {
    let folder = specs().join(service);
    let mut codes: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for code in json(&folder.join("service.json"))["errors"].as_object().into_iter().flat_map(|errors| errors.keys()) {
        codes.entry(code.clone()).or_default().insert(400);
    }
    for family in fs::read_dir(folder).unwrap().filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok()) {
        for file in family {
            for error in json(&file.unwrap().path())["errors"].as_array().into_iter().flatten() {
                let status = u16::try_from(error["http"].as_u64().unwrap_or(400)).unwrap();
                codes.entry(error["code"].as_str().unwrap().to_owned()).or_default().insert(status);
            }
        }
    }
    codes
}

/// The codes of all services, and those that no service documents.
fn known() -> BTreeSet<String> {
    let rpc = json(&specs().join("rpc.json"));
    let undocumented =
        rpc["undocumented_codes"].as_object().unwrap().values().flat_map(|codes| codes.as_array().unwrap());
    let mut known: BTreeSet<String> = undocumented.map(|code| code.as_str().unwrap().to_owned()).collect();
    known.extend(SERVICES.into_iter().flat_map(|service| documented(service).into_keys()));
    known
}

fn class(code: &str) -> Option<ErrorClass> {
    Error::service(code, "m", 400).class()
}

/// The class of every known code, as reviewed in `tests/data/error-classes.txt`. A code without a class has `-`.
#[test]
fn classes_of_all_known_codes_are_as_reviewed() {
    let known = known();
    assert!(known.len() > 2200, "{}", known.len());
    let mut lines: Vec<String> = known
        .iter()
        .map(|code| class(code).map_or_else(|| format!("{code} -"), |class| format!("{code} {class:?}")))
        .collect();
    lines.sort_by_key(|line| (line.to_ascii_lowercase(), line.clone()));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/error-classes.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    let reviewed = String::from_utf8(fs::read(&path).unwrap()).unwrap();
    let reviewed: Vec<&str> = reviewed.lines().collect();
    let changed: Vec<&String> = lines.iter().filter(|line| !reviewed.contains(&line.as_str())).collect();
    let gone: Vec<&&str> = reviewed.iter().filter(|line| !lines.iter().any(|new| new == *line)).collect();
    assert!(
        changed.is_empty() && gone.is_empty(),
        "new or changed: {changed:#?}\ngone: {gone:#?}\n\
         Review them, correct `error_classes` in specs/rpc.json or specs/<service>/service.json, and accept them with \
         `UPDATE=1 cargo test -p ecs-sdk --test documented_errors`."
    );
    assert_eq!(lines, reviewed);
}

/// Returns the error of a call that receives this response and is not retried.
fn failed(service: &str, status: u16, code: &str) -> Error {
    let fake = Service::script([Response::error(status, code)]);
    let config: Config = fake.config().region("r").retry(Never).build().unwrap();
    match service {
        "ecs" => fake.run(ecs_sdk::Client::from(config).delete_instance().instance_id("i-1").send()).map(|_| ()),
        "vpc" => fake.run(ecs_sdk::vpc::Client::from(config).describe_vpcs().send()).map(|_| ()),
        "sts" => fake.run(ecs_sdk::sts::Client::from(config).get_caller_identity().send()).map(|_| ()),
        "cms" => fake.run(ecs_sdk::cms::Client::from(config).describe_system_event_attribute().send()).map(|_| ()),
        _ => unreachable!("{service}"),
    }
    .unwrap_err()
}

/// An error of a call has the same class as the bare code, unless the service's own table decides otherwise. Predicates
/// follow from the class, except that the status 429 always means throttling.
#[test]
fn errors_of_calls_have_the_class_of_their_code() {
    for service in SERVICES {
        let own = json(&specs().join(service).join("service.json"))["error_classes"].clone();
        for (code, statuses) in documented(service) {
            for status in statuses {
                let error = failed(service, status, &code);
                assert_eq!((error.code(), error.http_status()), (Some(code.as_str()), Some(status)));
                let known = error.class();
                if own.is_null() {
                    assert_eq!(known, class(&code), "{service} {code}");
                }
                let predicates = [
                    (ErrorClass::InProgress, error.is_in_progress()),
                    (ErrorClass::Throttling, error.is_throttling()),
                    (ErrorClass::Unavailable, error.is_unavailable()),
                    (ErrorClass::Conflict, error.is_conflict()),
                    (ErrorClass::IncorrectState, error.is_incorrect_state()),
                    (ErrorClass::InUse, error.is_in_use()),
                    (ErrorClass::NotFound, error.is_not_found()),
                    (ErrorClass::OutOfStock, error.is_out_of_stock()),
                    (ErrorClass::QuotaExceeded, error.is_quota_exceeded()),
                    (ErrorClass::AccessDenied, error.is_access_denied()),
                    (ErrorClass::ExpiredCredentials, error.is_expired_credentials()),
                ];
                for (class, holds) in predicates {
                    let is_429 = status == 429 && class == ErrorClass::Throttling;
                    assert_eq!(holds, known == Some(class) || is_429, "{service} {code} {status} {class:?}");
                }
                assert!(!error.is_timeout(), "{service} {code} {status}");
            }
        }
    }
}

#[test]
fn code_constants_are_available_at_the_root_and_by_family() {
    assert_eq!(codes::INVALID_INSTANCE_ID_NOT_FOUND, "InvalidInstanceId.NotFound");
    assert_eq!(codes::INVALID_DOT_INSTANCE_ID_NOT_FOUND, "Invalid.InstanceId.NotFound");
    assert_eq!(codes::disks::INVALID_INSTANCE_ID_NOT_FOUND, codes::INVALID_INSTANCE_ID_NOT_FOUND);
    assert_eq!(codes::tasks::CANCEL_TASK_FAILED, codes::CANCEL_TASK_FAILED);
}
