//! Every waiter over a service whose responses have the documented form, with any states, errors and pages.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use ecs_sdk::{Error, ErrorKind, Result};
use ecs_sdk_testing::fake::{Response, SentRequest, Service, TimeLimit, seconds};
use serde_json::Value;

use crate::{
    calls::{Clients, Outcome, WAITERS, Waiter},
    specs::{self, Spec},
};

/// Longer than any wait that succeeds.
const LONG: Duration = Duration::from_secs(300);
/// A state that no documentation mentions.
const UNKNOWN: &str = "Hibernating";

/// All waiters, with their specs.
fn all() -> Vec<(Waiter, Spec)> {
    let specs = specs::waiters();
    WAITERS.iter().map(|waiter| (*waiter, specs[&(waiter.service, waiter.name().to_owned())].clone())).collect()
}

/// A service with resources that change from poll to poll.
#[derive(Clone)]
struct Fake {
    spec: Arc<Spec>,
    service: Service,
}

impl Fake {
    /// `state` returns the state of an ID in a poll, of which the first has the number 0; `None` if it does not exist.
    fn new(
        spec: &Spec,
        page_size: usize,
        state: impl Fn(&str, usize) -> Result<Option<String>, Response> + Send + Sync + 'static,
    ) -> Self {
        let spec = Arc::new(spec.clone());
        let polls: Mutex<BTreeMap<String, usize>> = Mutex::default();
        let answer = {
            let spec = spec.clone();
            move |sent: &SentRequest| {
                let is_next_page =
                    sent.get("NextToken").is_some() || sent.get("PageNumber").is_some_and(|number| number != "1");
                let mut elements = Vec::new();
                for id in spec.ids(sent) {
                    let mut polls = polls.lock().unwrap();
                    let poll = polls.entry(id.clone()).or_default();
                    *poll += usize::from(!is_next_page);
                    match state(&id, *poll - 1) {
                        Ok(Some(state)) => elements.push(spec.element(&id, &state)),
                        Ok(None) => {}
                        Err(response) => return response,
                    }
                }
                if sent.get("DryRun").is_some_and(|value| value == "true") {
                    return Response::error(400, "DryRunOperation");
                }
                Response::ok(spec.page(sent, &elements, page_size))
            }
        };
        Self { spec, service: Service::new(answer) }
    }

    /// A service in which every poll finds a resource in the next of these states; the last one is kept.
    fn with_states(spec: &Spec, states: &[&str]) -> Self {
        let states: Vec<String> = states.iter().map(|state| (*state).to_owned()).collect();
        Self::new(spec, 100, move |_, poll| Ok(Some(states[poll.min(states.len() - 1)].clone())))
    }

    fn wait(&self, waiter: Waiter, ids: &[&str], timeout: Duration) -> Result<Outcome> {
        let clients: Clients = self.service.config().region("cn-hangzhou").build()?;
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        self.service.run((waiter.wait)(clients, ids, timeout))
    }

    /// Asserts that all requests polled the operation of the waiter, with its fixed parameters.
    fn check_requests(&self) {
        for sent in self.service.requests() {
            assert_eq!(sent.param("Action"), self.spec.operation["operation"].as_str().unwrap(), "{}", self.spec.name);
            for (name, value) in self.spec.fixed() {
                assert_eq!(sent.param(&name), value, "{} {name}", self.spec.name);
            }
        }
    }
}

/// The ID of each resource, if resources contain it.
fn expected(spec: &Spec, ids: &[&str], state: &str) -> Vec<Value> {
    ids.iter().map(|id| spec.element(id, state)).collect()
}

/// Whether a value contains all members of another one.
fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(all), Value::Object(some)) => {
            some.iter().all(|(name, part)| all.get(name).is_some_and(|value| contains(value, part)))
        }
        (Value::Array(all), Value::Array(some)) => {
            all.len() == some.len() && all.iter().zip(some).all(|(value, part)| contains(value, part))
        }
        _ => value == part,
    }
}

fn assert_items(spec: &Spec, outcome: &Outcome, expected: &[Value]) {
    let name = &spec.name;
    assert_eq!(outcome.items.len(), expected.len(), "{name}: {outcome:?}");
    for (item, expected) in outcome.items.iter().zip(expected) {
        assert!(contains(item, expected), "{name}: {item} lacks {expected}");
    }
}

fn assert_timeout(spec: &Spec, error: &Error, parts: &[&str]) {
    assert!(error.is_timeout(), "{}: {error}", spec.name);
    for part in parts {
        assert!(error.to_string().contains(part), "{}: {error} lacks {part}", spec.name);
    }
}

#[test]
fn every_waiter_of_the_specs_is_tested() {
    let tested: BTreeSet<_> = WAITERS.iter().map(|waiter| (waiter.service, waiter.name().to_owned())).collect();
    let declared: BTreeSet<_> = specs::waiters().keys().cloned().collect();
    assert_eq!(tested, declared);
}

#[test]
fn waiters_list_every_documented_state() {
    for (name, spec) in specs::waiters() {
        let documented: BTreeSet<_> = spec.documented_states().into_iter().collect();
        let listed: Vec<_> = ["success", "failure", "transient"].iter().flat_map(|key| spec.states(key)).collect();
        let distinct: BTreeSet<_> = listed.iter().copied().collect();
        assert_eq!(distinct.len(), listed.len(), "{name:?} lists a state twice");
        if !documented.is_empty() && !spec.waits_for_absence() {
            assert_eq!(distinct, documented, "{name:?}");
        }
    }
}

#[test]
fn a_resource_in_a_success_state_is_returned_by_the_first_poll() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all() {
        for state in spec.states("success") {
            let fake = Fake::with_states(&spec, &[state]);
            let outcome = fake.wait(waiter, &["r-1"], Duration::ZERO).unwrap();
            assert_items(&spec, &outcome, &expected(&spec, &["r-1"], state));
            assert_eq!(outcome.polls, 1);
            fake.check_requests();
        }
    }
}

#[test]
fn states_are_compared_without_letter_case() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all() {
        // Booleans have one form only.
        for state in spec.states("success").into_iter().filter(|state| *state != "true") {
            for state in [state.to_uppercase(), state.to_lowercase()] {
                let outcome = Fake::with_states(&spec, &[&state]).wait(waiter, &["r-1"], Duration::ZERO);
                assert_eq!(outcome.unwrap().polls, 1, "{} {state}", spec.name);
            }
        }
        for state in spec.states("failure") {
            let fake = Fake::with_states(&spec, &[&state.to_uppercase()]);
            let error = fake.wait(waiter, &["r-1"], LONG).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Waiter, "{} {state}", spec.name);
        }
    }
}

#[test]
fn a_failure_state_ends_the_wait_at_once_and_is_named() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all() {
        for state in spec.states("failure") {
            let fake = Fake::new(&spec, 100, {
                let (ready, state) = (spec.states("success")[0].to_owned(), state.to_owned());
                move |id, _| Ok(Some(if id == "r-2" { state.clone() } else { ready.clone() }))
            });
            let error = fake.wait(waiter, &["r-1", "r-2", "r-3"], LONG).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Waiter, "{}", spec.name);
            assert!(error.to_string().contains(&format!("`r-2` is {state}")), "{error}");
            assert_eq!(fake.service.clock.elapsed(), Duration::ZERO, "{}", spec.name);
        }
    }
}

#[test]
fn other_states_keep_the_waiter_waiting() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all().into_iter().filter(|(_, spec)| !spec.waits_for_absence()) {
        let ready = spec.states("success")[0];
        for state in spec.states("transient").into_iter().chain([UNKNOWN]) {
            let fake = Fake::with_states(&spec, &[state, state, state, ready]);
            let outcome = fake.wait(waiter, &["r-1"], LONG).unwrap();
            assert_eq!(outcome.polls, 4, "{} {state}", spec.name);
            assert_items(&spec, &outcome, &expected(&spec, &["r-1"], ready));
        }
    }
}

#[test]
fn a_timeout_names_the_last_states_and_those_that_are_unknown() {
    let _limit = TimeLimit::start();
    let wait_for_all = |(_, spec): &(_, Spec)| !spec.waits_for_absence() && !spec.waits_for_any();
    for (waiter, spec) in all().into_iter().filter(wait_for_all) {
        let is_flag = spec.states("success") == ["true"];
        let ready = spec.states("success")[0].to_owned();
        let fake = Fake::new(&spec, 100, move |id, _| {
            Ok(match id {
                "r-1" => Some(ready.clone()),
                "r-2" => Some(UNKNOWN.to_owned()),
                _ => None,
            })
        });
        let error = fake.wait(waiter, &["r-1", "r-2", "r-3"], seconds(20)).unwrap_err();
        // A member that is not a Boolean is absent.
        let unknown = if is_flag { "`r-2`" } else { "`r-2` Hibernating" };
        assert_timeout(&spec, &error, &["1 of 3 done", unknown, "`r-3` not found"]);
    }
}

#[test]
fn a_resource_that_is_not_listed_yet_keeps_the_waiter_waiting() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all().into_iter().filter(|(_, spec)| !spec.waits_for_absence()) {
        for is_error in [false, true] {
            let ready = spec.states("success")[0].to_owned();
            let fake = Fake::new(&spec, 100, move |_, poll| match poll {
                0..3 if is_error => Err(Response::error(404, "InvalidResourceId.NotFound")),
                0..3 => Ok(None),
                _ => Ok(Some(ready.clone())),
            });
            let outcome = fake.wait(waiter, &["r-1"], LONG).unwrap();
            assert_eq!(outcome.polls, 4, "{}", spec.name);
        }
    }
}

#[test]
fn a_waiter_for_deletion_waits_until_resources_are_gone() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all().into_iter().filter(|(_, spec)| spec.waits_for_absence()) {
        for is_error in [false, true] {
            let fake = Fake::new(&spec, 100, move |id, poll| match (id, poll) {
                ("r-1", 0..2) => Ok(Some("Deleting".to_owned())),
                _ if is_error => Err(Response::error(404, "InvalidResourceId.NotFound")),
                _ => Ok(None),
            });
            let outcome = fake.wait(waiter, &["r-1", "r-2"], LONG).unwrap();
            assert_eq!(outcome.never_seen, ["r-2"], "{}", spec.name);
            assert_items(&spec, &outcome, &expected(&spec, &["r-1"], "Deleting"));
            fake.check_requests();
        }
        let fake = Fake::with_states(&spec, &["Deleting"]);
        let error = fake.wait(waiter, &["r-1"], seconds(20)).unwrap_err();
        assert_timeout(&spec, &error, &["0 of 1 done", "`r-1`"]);
    }
}

#[test]
fn an_empty_list_means_deleted_only_with_the_permission_to_list() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all().into_iter().filter(|(_, spec)| spec.waits_for_absence()) {
        let empty = Fake::new(&spec, 100, |_, _| Ok(None));
        assert_eq!(empty.wait(waiter, &["r-1"], LONG).unwrap().never_seen, ["r-1"], "{}", spec.name);
        let dry_runs = empty.service.requests().iter().filter(|sent| sent.get("DryRun").is_some()).count();
        assert_eq!(dry_runs, usize::from(spec.has_parameter("DryRun")), "{}", spec.name);
        if spec.has_parameter("DryRun") {
            let spec = Arc::new(spec);
            let service = Service::new({
                let spec = spec.clone();
                move |sent| match sent.get("DryRun") {
                    None => Response::ok(spec.page(sent, &[], 100)),
                    Some(_) => Response::error(403, "Forbidden.RAM"),
                }
            });
            let error = Fake { spec, service }.wait(waiter, &["r-1"], LONG).unwrap_err();
            assert_eq!(error.code(), Some("Forbidden.RAM"), "{}", waiter.name());
        }
    }
}

#[test]
fn more_ids_than_a_call_takes_are_split_and_every_page_is_read() {
    let _limit = TimeLimit::start();
    for (waiter, spec) in all().into_iter().filter(|(_, spec)| !spec.waits_for_any()) {
        let limit = spec.limit();
        let ids: Vec<String> = (0..limit * 2 + 1).map(|index| format!("r-{index}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let page_size = limit / 3 + 1;
        let last = ids[limit * 2].to_owned();
        let fake = if spec.waits_for_absence() {
            // Those on later pages still exist in the first poll.
            Fake::new(&spec, page_size, |_, poll| Ok((poll == 0).then(|| "Deleting".to_owned())))
        } else {
            let (ready, other) = (spec.states("success")[0].to_owned(), UNKNOWN.to_owned());
            Fake::new(&spec, page_size, move |id, poll| {
                Ok(Some(if id == last && poll == 0 { other.clone() } else { ready.clone() }))
            })
        };
        let outcome = fake.wait(waiter, &ids, LONG).unwrap();
        assert_eq!(outcome.polls, 2, "{}", spec.name);
        let state = spec.states("success").first().copied().unwrap_or("Deleting");
        assert_items(&spec, &outcome, &expected(&spec, &ids, state));
        let most = fake.service.requests().iter().map(|sent| spec.ids(sent).len()).max();
        assert_eq!(most, Some(limit), "{}", spec.name);
        fake.check_requests();
    }
}
