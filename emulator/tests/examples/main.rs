//! The examples in the specs run.

#[path = "../common/mod.rs"]
mod common;

mod account;
mod requests;

use std::collections::BTreeSet;

use account::Stage;
use common::{CallResult, Failure, Test};
use requests::Request;

fn call(test: &Test, request: &Request) -> CallResult {
    test.call_version(&request.version, &request.operation, &request.parameters())
}

/// The requests of operations with fidelity `state`.
fn simulated(test: &Test) -> Vec<Request> {
    let coverage = test.raw("GET", "/emulator/coverage?fidelity=state", &[], "").json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let operations = coverage["operations"].as_array().unwrap().iter();
    let known: BTreeSet<(String, String)> =
        operations.map(|operation| (text(&operation["version"]), text(&operation["operation"]))).collect();
    let is_known = |request: &Request| known.contains(&(request.version.clone(), request.operation.clone()));
    requests::all().into_iter().filter(is_known).collect()
}

/// Calls the operation at each stage of an account that has what the request names, until it succeeds.
fn run(test: &Test, request: &Request) -> Result<(), Vec<Failure>> {
    let mut failures = Vec::new();
    for stage in Stage::ALL {
        let state = account::state(request, stage);
        test.emulator.service().load_state(&state).unwrap_or_else(|error| panic!("{}: {error}", request.origin));
        match call(test, request) {
            Ok(_) => return Ok(()),
            Err(failure) => failures.push(failure),
        }
    }
    Err(failures)
}

#[test]
fn examples_succeed_in_an_account_that_has_what_they_name() {
    let (strict, lenient) = (Test::new(), Test::lenient());
    let mut wrong = Vec::new();
    for request in simulated(&strict) {
        let Err(mut failures) = run(&strict, &request) else { continue };
        // What the emulator does not simulate, such as a private pool, no account can have.
        let has_none = |failure: &Failure| failure.message.ends_with("the emulator has none.");
        if failures.iter().any(has_none) {
            match run(&lenient, &request) {
                Ok(()) => continue,
                Err(more) => failures = more,
            }
        }
        wrong.push(format!("{}: {failures:#?}", request.origin));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn examples_fail_in_a_new_account_only_for_what_it_does_not_have() {
    let test = Test::new();
    let mut wrong = Vec::new();
    for request in simulated(&test) {
        test.emulator.service().load_state(&account::new()).unwrap();
        let Err(failure) = call(&test, &request) else { continue };
        if !request.own().any(|own| failure.message.contains(own)) {
            wrong.push(format!("{}: {failure:?}", request.origin));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
