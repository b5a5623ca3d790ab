//! Predicates of errors, for all codes documented in the specs.
#![cfg(all(feature = "disks", feature = "instances", feature = "tasks"))]

use ecs_sdk::{Error, codes, retry::Never};
use ecs_sdk_testing::fake::{Response, Service};

/// Returns the error of a call that receives this response and is not retried.
fn failed(response: Response) -> Error {
    let service = Service::script([response]);
    let client: ecs_sdk::Client = service.config().region("r").retry(Never).build().unwrap();
    service.run(client.delete_instance().instance_id("i-1").send()).unwrap_err()
}

/// The predicates of every code that the specs document for ECS. `tests/data/predicates.txt` contains the expected
/// results.
#[test]
fn predicates_of_all_documented_codes() {
    let mut documented = std::collections::BTreeSet::new();
    let specs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs/ecs");
    for family in std::fs::read_dir(specs).unwrap().filter_map(|entry| std::fs::read_dir(entry.unwrap().path()).ok()) {
        for file in family {
            let spec: serde_json::Value =
                serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            for error in spec["errors"].as_array().into_iter().flatten() {
                let status = error["http"].as_u64().unwrap_or(400);
                documented.insert((error["code"].as_str().unwrap().to_owned(), u16::try_from(status).unwrap()));
            }
        }
    }
    assert!(documented.len() > 1000, "{}", documented.len());
    let lines: Vec<String> = documented
        .iter()
        .filter_map(|(code, status)| {
            let error = failed(Response::error(*status, code));
            assert_eq!(
                (error.code(), error.http_status(), error.is_timeout()),
                (Some(code.as_str()), Some(*status), false)
            );
            let facts = [
                ("throttling", error.is_throttling()),
                ("not_found", error.is_not_found()),
                ("retryable", error.is_retryable()),
            ];
            let facts: Vec<&str> = facts.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name).collect();
            (!facts.is_empty()).then(|| format!("{code} {status}: {}", facts.join(", ")))
        })
        .collect();
    let expected: Vec<&str> = include_str!("data/predicates.txt").lines().collect();
    for line in &lines {
        assert!(expected.contains(&line.as_str()), "new or changed: {line}");
    }
    assert_eq!(lines, expected);
}

#[test]
fn code_constants_are_available_at_the_root_and_by_family() {
    assert_eq!(codes::INVALID_INSTANCE_ID_NOT_FOUND, "InvalidInstanceId.NotFound");
    assert_eq!(codes::INVALID_DOT_INSTANCE_ID_NOT_FOUND, "Invalid.InstanceId.NotFound");
    assert_eq!(codes::disks::INVALID_INSTANCE_ID_NOT_FOUND, codes::INVALID_INSTANCE_ID_NOT_FOUND);
    assert_eq!(codes::tasks::CANCEL_TASK_FAILED, codes::CANCEL_TASK_FAILED);
}
