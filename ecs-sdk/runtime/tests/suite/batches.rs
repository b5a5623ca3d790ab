//! Calls with more IDs than the service takes at once.

use std::{pin::pin, task::Poll};

use ecs_sdk::batch::{Batch, BatchOutcome};
use ecs_sdk::fake::{Response, SentRequest, Service, seconds};
use ecs_sdk::operation::delete_instances::DeleteInstancesRequest;
use ecs_sdk::{CallOptions, Client, ErrorKind, Result};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::json;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("i-{number}")).collect()
}

/// The IDs of a request, in any encoding.
fn ids_of(sent: &SentRequest) -> Vec<String> {
    match (sent.get("InstanceIds"), sent.get("InstanceId")) {
        (Some(json), _) => serde_json::from_str(&json).unwrap(),
        (None, Some(comma)) => comma.split(',').map(str::to_owned).collect(),
        (None, None) => {
            let mut found: Vec<(usize, String)> = sent.parameters().into_iter().filter_map(numbered).collect();
            found.sort_unstable();
            found.into_iter().map(|(_, id)| id).collect()
        }
    }
}

fn numbered((name, value): (String, String)) -> Option<(usize, String)> {
    Some((name.strip_prefix("InstanceId.")?.parse().ok()?, value))
}

/// A response with one instance per ID of the request, in pages.
fn instances(sent: &SentRequest) -> Response {
    let ids = ids_of(sent);
    let size: usize = sent.get("MaxResults").map_or(10, |size| size.parse().unwrap());
    let start: usize = sent.get("NextToken").map_or(0, |token| token.parse().unwrap());
    let end = ids.len().min(start + size);
    let items: Vec<_> = ids[start..end].iter().map(|id| json!({ "InstanceId": id })).collect();
    let token = if end < ids.len() { end.to_string() } else { String::new() };
    Response::ok(json!({ "RequestId": "R", "NextToken": token, "Instances": { "Instance": items } }))
}

/// A service that finds every instance, and fails calls whose first ID is listed.
fn service(failing: &'static [&'static str]) -> Service {
    Service::new(move |sent| match failing.contains(&ids_of(sent)[0].as_str()) {
        true => Response::error(403, "Forbidden.Batch"),
        false => instances(sent),
    })
}

fn batches_of(sent: &[SentRequest]) -> Vec<Vec<String>> {
    sent.iter().map(ids_of).collect()
}

#[test]
fn ids_are_split_by_the_limit_and_keep_their_order_and_duplicates() {
    for (count, sizes) in [
        (0, vec![]),
        (1, vec![1]),
        (99, vec![99]),
        (100, vec![100]),
        (101, vec![100, 1]),
        (301, vec![100, 100, 100, 1]),
    ] {
        let mut ids = ids(count);
        if count > 100 {
            ids[100] = "i-0".to_owned();
        }
        let service = service(&[]);
        let client = service.client();

        let items = client.describe_instances().instance_ids(&ids).in_batches().items();
        let found: Vec<String> = service.run(items.map_ok(|item| item.instance_id).try_collect()).unwrap();
        assert_eq!(found, ids);
        let sent = batches_of(&service.requests());
        assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
        assert_eq!(sent.concat(), ids);

        let outcome = service.run(client.delete_instances().instance_ids(&ids).in_batches().send());
        assert!(outcome.is_ok() && outcome.failed_ids().next().is_none());
        assert_eq!(outcome.batches().iter().flat_map(|batch| batch.ids.clone()).collect::<Vec<_>>(), ids);
        assert_eq!(outcome.into_result().unwrap().len(), sizes.len());
        assert_eq!(batches_of(&service.requests()[sizes.len()..]).concat(), ids);

        let renewals = client.describe_instance_auto_renew_attribute().instance_id(&ids).in_batches();
        let outcome = service.run(renewals.send());
        assert_eq!(outcome.into_items().unwrap(), []);
        assert_eq!(batches_of(&service.requests()[2 * sizes.len()..]).concat(), ids);
    }
}

#[test]
fn a_request_without_ids_makes_no_call_because_it_would_mean_all() {
    let service = Service::script([]);
    let client = service.client();
    let none: [&str; 0] = [];
    for request in [client.describe_instances(), client.describe_instances().instance_ids(none)] {
        let batches = request.status("Running").in_batches();
        assert_eq!(service.run(batches.items().try_collect::<Vec<_>>()).unwrap(), []);
    }
    let comma = client.describe_instance_auto_renew_attribute().instance_id(none);
    assert!(service.run(comma.in_batches().send()).batches().is_empty());
    let outcome = service.run(client.delete_instances().instance_ids(none).in_batches().send());
    assert_eq!(outcome.into_result().unwrap(), []);
    assert!(service.run(client.delete_instances().in_batches().check()).is_ok());
}

#[test]
fn results_are_in_order_although_later_batches_are_faster() {
    let slow_first = Service::new(|sent| {
        let slow = ids_of(sent)[0] == "i-0";
        instances(sent).after(seconds(if slow { 10 } else { 1 }))
    });
    let batches = slow_first.client().describe_instances().instance_ids(ids(700)).in_batches();
    let found = slow_first.run(batches.items().map_ok(|item| item.instance_id).try_collect::<Vec<_>>()).unwrap();
    assert_eq!(found, ids(700));
    // Four at a time; results that wait for the first batch count.
    assert_eq!(slow_first.request_times(), [0, 0, 0, 0, 10_000, 10_000, 10_000]);

    for (concurrency, times) in [
        (0, [0, 1000, 2000, 3000, 4000]),
        (1, [0, 1000, 2000, 3000, 4000]),
        (2, [0, 0, 1000, 1000, 2000]),
        (100, [0; 5]),
    ] {
        let service = Service::new(|sent| instances(sent).after(seconds(1)));
        let batches = service.client().describe_instances().instance_ids(ids(450)).in_batches();
        assert!(service.run(batches.concurrency(concurrency).send()).is_ok());
        assert_eq!(service.request_times(), times, "{concurrency}");
    }
    // Changes are made one after the other by default.
    let service = Service::always(Response::success().after(seconds(1)));
    let batches = service.client().delete_instances().instance_ids(ids(201)).in_batches();
    assert!(service.run(batches.send()).is_ok());
    assert_eq!(service.request_times(), [0, 1000, 2000]);
}

#[test]
fn the_results_of_other_batches_survive_an_error() {
    let service = service(&["i-100", "i-300"]);
    let batches = service.client().describe_instances().instance_ids(ids(450)).in_batches();
    let outcome = service.run(batches.send());
    assert_eq!(service.requests().len(), 5);
    assert!(!outcome.is_ok());
    assert_eq!(outcome.results().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    let errors: Vec<_> = outcome.errors().map(|(ids, error)| (&*ids[0], ids.len(), error.code().unwrap())).collect();
    assert_eq!(errors, [("i-100", 100, "Forbidden.Batch"), ("i-300", 100, "Forbidden.Batch")]);
    assert_eq!(outcome.failed_ids().collect::<Vec<_>>(), [&ids(450)[100..200], &ids(450)[300..400]].concat());
    let firsts = outcome.clone().into_iter().map(|Batch { ids, result, .. }| (ids[0].clone(), result.is_ok()));
    assert_eq!(firsts.map(|(_, ok)| ok).collect::<Vec<_>>(), [true, false, true, false, true]);
    let error = outcome.into_items().unwrap_err();
    assert_eq!(
        error.to_string(),
        "ecs DescribeInstances failed: Forbidden.Batch: Because; 2 of 5 batches failed, first the one with 100 IDs from \
         `i-100` on (HTTP 403, request id R-9)"
    );
    assert!(!error.is_maybe_executed());
}

#[test]
fn the_error_of_a_change_reports_that_other_batches_were_executed() {
    let service = service(&["i-100"]);
    let client = service.client();
    let outcome = service.run(client.delete_instances().instance_ids(ids(150)).in_batches().send());
    let (_, error) = outcome.errors().next().unwrap();
    assert!(!error.is_maybe_executed());
    assert!(outcome.into_result().unwrap_err().is_maybe_executed());
    // A single batch has the error of its call.
    let outcome = service.run(client.delete_instances().instance_ids(["i-100"]).in_batches().send());
    let error = outcome.into_result().unwrap_err();
    assert_eq!((error.message(), error.is_maybe_executed()), ("Because.", false));
}

#[test]
fn an_error_stops_the_batches_that_follow() {
    let service = service(&["i-100"]);
    let mut batches = service.client().delete_instances().instance_ids(ids(400)).in_batches();
    service.run(async {
        assert!(batches.next().await.unwrap().result.is_ok());
        assert!(batches.next().await.unwrap().result.is_err());
    });
    drop(batches);
    assert_eq!(service.requests().len(), 2);

    let mut items = service.client().describe_instances().instance_ids(ids(900)).in_batches().items();
    service.run(async {
        for _ in 0..100 {
            items.try_next().await.unwrap().unwrap();
        }
        assert_eq!(items.next().await.unwrap().unwrap_err().code(), Some("Forbidden.Batch"));
        assert!(items.next().await.is_none() && items.next().await.is_none());
    });
    // The ones that were already running.
    assert_eq!(service.requests().len(), 2 + 5);
}

#[test]
fn canceled_waits_lose_nothing_and_dropped_batches_send_nothing_more() {
    let service = Service::new(|sent| instances(sent).after(seconds(1)));
    let mut batches = service.client().describe_instances().instance_ids(ids(450)).in_batches().concurrency(2);
    assert_eq!(service.requests().len(), 0);
    for _ in 0..3 {
        let mut next = pin!(batches.next());
        assert!(matches!(service.clock.poll(next.as_mut()), Poll::Pending));
    }
    let found = service.run(batches.by_ref().take(3).map(|batch| batch.ids.len()).collect::<Vec<_>>());
    assert_eq!(found, [100; 3]);
    drop(batches);
    service.advance(seconds(10));
    assert_eq!(service.requests().len(), 4);
}

#[test]
fn every_batch_has_a_token_of_its_own() {
    let tokens = |service: &Service| {
        service.requests().iter().map(|sent| sent.get("ClientToken").unwrap_or_default()).collect::<Vec<_>>()
    };
    let run = |client: &Client, service: &Service, count: usize, token: &str, options: CallOptions| {
        let request = client.delete_instances().instance_ids(ids(count)).options(options);
        let request = if token.is_empty() { request } else { request.client_token(token) };
        assert!(service.run(request.in_batches().concurrency(3).send()).is_ok());
    };
    let option = || CallOptions::new().parameter("ClientToken", "o");
    for (count, token, options, expected) in [
        (250, "t", CallOptions::new(), vec!["t-1", "t-2", "t-3"]),
        (250, "", option(), vec!["o-1", "o-2", "o-3"]),
        (250, "t", option(), vec!["o-1", "o-2", "o-3"]),
        (100, "t", CallOptions::new(), vec!["t"]),
        (100, "", option(), vec!["o"]),
    ] {
        let service = Service::always(Response::success());
        run(&service.client(), &service, count, token, options);
        assert_eq!(tokens(&service), expected);
    }
    // Retries of a batch have its token.
    let service =
        Service::script([Response::error(503, "ServiceUnavailable"), Response::success(), Response::success()]);
    assert!(service.run(service.client().delete_instances().instance_ids(ids(101)).in_batches().send()).is_ok());
    let sent = tokens(&service);
    assert!(sent[0] == sent[1] && sent[1] != sent[2] && sent.iter().all(|token| token.len() == 36), "{sent:?}");
}

#[test]
fn too_many_ids_are_an_error_before_anything_is_sent() {
    let service = Service::script([]);
    let client = service.client();
    let instances = || client.describe_instances().instance_ids(ids(101));
    let delete = client.delete_instances().instance_ids(ids(250));
    let errors = [
        service.run(instances().send()).unwrap_err(),
        service.run(instances().check()).unwrap_err(),
        service.run(instances().items().try_collect::<Vec<_>>()).unwrap_err(),
        service.run(client.send(instances().into_request())).unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.is_maybe_executed()), (ErrorKind::Request, false));
        assert_eq!(
            error.to_string(),
            "ecs DescribeInstances failed: `InstanceIds` has 101 elements, but a call takes at most 100; split them with \
             `in_batches()`, or disable the check with `CallOptions::check_limits`"
        );
    }
    assert_eq!(
        service.run(delete.send()).unwrap_err().message(),
        "`InstanceId` has 250 elements, but a call takes at most 100; split them with `in_batches()`, or disable the check \
         with `CallOptions::check_limits`"
    );
}

#[test]
fn the_check_of_limits_can_be_disabled() {
    let service = Service::always(Response::success());
    let client = service.client();
    let unchecked = || CallOptions::new().check_limits(false);
    service.run(client.describe_instances().instance_ids(ids(101)).options(unchecked()).send()).unwrap();
    service.run(client.delete_instances().instance_ids(ids(250)).options(unchecked()).send()).unwrap();
    assert_eq!(batches_of(&service.requests()), [ids(101), ids(250)]);
    // A parameter of the call options replaces the list.
    let options = CallOptions::new().parameter("InstanceIds", "[\"i-9\"]");
    service.run(client.describe_instances().instance_ids(ids(101)).options(options).send()).unwrap();
    // Other lists have no batches, and their limits are left to the service.
    let tags = (0..30).map(|number| ecs_sdk::types::Tag::new().key(format!("k{number}")));
    service.run(client.describe_instances().tags(tags).send()).unwrap();
}

#[test]
fn the_list_over_its_limit_is_split_and_the_other_is_in_every_batch() {
    let service = Service::always(Response::success());
    let client = service.client();
    let request = client.describe_instances().eip_addresses(["1.1.1.1"]).instance_ids(ids(150));
    let outcome = service.run(request.in_batches().send());
    assert_eq!(outcome.batches().iter().map(|batch| batch.ids.len()).collect::<Vec<_>>(), [100, 50]);
    assert!(service.requests().iter().all(|sent| sent.param("EipAddresses") == "[\"1.1.1.1\"]"));

    let both = client.describe_instances().eip_addresses(ids(101)).instance_ids(ids(150));
    let outcome = service.run(both.in_batches().send());
    assert_eq!(service.requests().len(), 2);
    assert_eq!(
        outcome.into_result().unwrap_err().to_string(),
        "ecs DescribeInstances failed: `InstanceIds` has 150 elements, but a call takes at most 100; `in_batches()` can \
         split only one list"
    );
}

#[test]
fn what_cannot_be_split_is_an_error_before_anything_is_sent() {
    let service = Service::script([]);
    let client = service.client();
    let request = || client.describe_instances().instance_ids(ids(150));
    let set = |name: &str| CallOptions::new().parameter(name, "x");
    for (request, message) in [
        (
            request().options(set("InstanceIds")),
            "call options set `InstanceIds`, so every batch would have the same IDs",
        ),
        (
            request().next_token("t"),
            "batches start with their first page: remove `NextToken`, or split the IDs yourself",
        ),
        (
            request().page_number(2),
            "batches start with their first page: remove `PageNumber`, or split the IDs yourself",
        ),
    ] {
        let outcome = service.run(request.in_batches().send());
        let [(failed, error)] = outcome.errors().collect::<Vec<_>>()[..] else { panic!("{outcome:?}") };
        assert_eq!((failed.len(), error.kind(), error.message()), (150, ErrorKind::Request, message));
    }
}

#[test]
fn pages_never_cut_a_batch() {
    let service = service(&[]);
    let client = service.client();
    for (request, pages) in [
        (client.describe_instances(), 1),
        (client.describe_instances().max_results(40), 3),
        (client.describe_instances().page_number(1), 1),
    ] {
        let before = service.requests().len();
        let outcome = service.run(request.instance_ids(ids(101)).in_batches().send());
        if pages > 1 {
            assert_eq!(outcome.clone().into_result().unwrap().iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
            assert_eq!(service.requests().len() - before, pages + 1);
        }
        assert!(outcome.is_ok());
    }
}

#[test]
fn batches_can_be_smaller_than_the_limit_but_not_larger() {
    for (size, sizes) in [(0, vec![1; 5]), (2, vec![2, 2, 1]), (1000, vec![5])] {
        let service = service(&[]);
        let batches = service.client().delete_instances().instance_ids(ids(5)).in_batches().size(size);
        let outcome = service.run(batches.send());
        assert_eq!(outcome.batches().iter().map(|batch| batch.ids.len()).collect::<Vec<_>>(), sizes);
    }
    let service = service(&[]);
    let batches = service.client().delete_instances().instance_ids(ids(150)).in_batches().size(1000);
    assert_eq!(service.run(batches.send()).batches().len(), 2);
}

#[test]
fn a_dry_run_checks_every_batch() {
    let service = Service::script([
        Response::error(400, "DRYRUN.SUCCESS"),
        Response::error(403, "Forbidden.RAM"),
        Response::error(400, "DRYRUN.SUCCESS"),
    ]);
    let client = service.client();
    let data = DeleteInstancesRequest::new().instance_ids(ids(250));
    let outcome: BatchOutcome<()> = service.run(client.request(data).in_batches().check());
    assert!(service.requests().iter().all(|sent| sent.param("DryRun") == "true"));
    assert_eq!(outcome.batches().iter().map(|batch| batch.result.is_ok()).collect::<Vec<_>>(), [true, false, true]);
    let error = outcome.into_result().unwrap_err();
    assert!(error.is_access_denied() && !error.is_maybe_executed(), "{error}");

    // With `send`, a dry run is an error in batches too.
    let service = Service::always(Response::success());
    let outcome =
        service.run(service.client().delete_instances().instance_ids(ids(101)).dry_run(true).in_batches().send());
    assert!(outcome.errors().all(|(_, error)| error.is_dry_run_passed()) && outcome.results().next().is_none());
    let error = outcome.into_result().unwrap_err();
    assert!(error.is_dry_run_passed() && !error.to_string().contains("failed"), "{error}");
    // The failure of one is not hidden by those that pass.
    let service = Service::new(|sent| match ids_of(sent).len() {
        1 => Response::error(403, "IncorrectInstanceStatus"),
        _ => Response::error(412, "DryRunOperation"),
    });
    let outcome =
        service.run(service.client().delete_instances().instance_ids(ids(201)).dry_run(true).in_batches().send());
    let error = outcome.into_result().unwrap_err();
    assert_eq!(error.code(), Some("IncorrectInstanceStatus"));
    assert!(!error.is_dry_run_passed() && error.to_string().contains("1 of 3 batches failed"), "{error}");
}

#[test]
fn batches_are_send_and_requests_as_data_have_them_too() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let service = service(&[]);
    let client = service.client();
    let data = client.describe_instances().instance_ids(ids(150)).into_request();
    let all: Result<Vec<_>> = service.run(is_send(client.request(data).in_batches().items().try_collect()));
    assert_eq!(all.unwrap().len(), 150);
    drop(is_send(is_send(client.delete_instances().in_batches()).send()));
    drop(is_send(client.delete_instances().in_batches().check()));
    assert_eq!(
        format!("{:?}", client.delete_instances().in_batches()),
        "Batches { operation: \"DeleteInstances\", concurrency: 1, .. }"
    );
}
