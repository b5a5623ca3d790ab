//! Pages and items, for every style of pagination.

use ecs_sdk::fake::{Response, SentRequest, Service};
use ecs_sdk::{Error, cms};
use futures_util::{Stream, StreamExt, TryStreamExt};
use serde_json::{Value, json};

fn number(sent: &SentRequest, name: &str) -> Option<usize> {
    sent.get(name).map(|text| text.parse().unwrap())
}

fn collect<T>(service: &Service, stream: impl Stream<Item = Result<T, Error>>) -> Vec<T> {
    service.run(stream.try_collect()).unwrap()
}

fn sent(service: &Service, name: &str) -> Vec<Option<usize>> {
    service.requests().iter().map(|sent| number(sent, name)).collect()
}

/// A service with `total` instances, paginated by token, or by page number if the request has one or no size for
/// tokens.
fn instances(total: usize) -> Service {
    Service::new(move |sent| {
        let size = number(sent, "MaxResults").or(number(sent, "PageSize")).unwrap_or(10).min(100);
        let numbered = sent.get("MaxResults").is_none() && sent.get("NextToken").is_none();
        let skip = if numbered { (number(sent, "PageNumber").unwrap_or(1) - 1) * size } else { 0 };
        let from = sent.get("NextToken").map_or(skip, |token| token[1..].parse().unwrap());
        let to = (from + size).min(total);
        let items: Vec<Value> = (from..to).map(|index| json!({"InstanceId": format!("i-{index}")})).collect();
        let token = if to < total && !numbered { format!("t{to}") } else { String::new() };
        Response::ok(json!({"Instances": {"Instance": items}, "NextToken": token, "TotalCount": total}))
    })
}

/// A service with `total` images, paginated by page number, with at most `max_size` images per page.
fn images(total: usize, max_size: usize) -> Service {
    Service::new(move |sent| {
        let size = number(sent, "PageSize").unwrap_or(10).min(max_size);
        let page = number(sent, "PageNumber").unwrap_or(1);
        let from = (size * (page - 1)).min(total);
        let items: Vec<Value> =
            (from..(from + size).min(total)).map(|index| json!({"ImageId": format!("m-{index}")})).collect();
        Response::ok(json!({"Images": {"Image": items}, "TotalCount": total, "PageNumber": page, "PageSize": size}))
    })
}

#[test]
fn follows_page_tokens() {
    for (total, calls) in [(0, 1), (1, 1), (100, 1), (101, 2), (250, 3)] {
        let service = instances(total);
        let items = collect(&service, service.client().describe_instances().status("Running").items());
        assert_eq!(items.len(), total);
        assert!(items.iter().enumerate().all(|(index, item)| item.instance_id == format!("i-{index}")));
        assert_eq!(service.requests().len(), calls, "{total}");
        // Every request has the maximum size and the filters.
        assert_eq!(sent(&service, "MaxResults"), vec![Some(100); calls]);
        assert!(service.requests().iter().all(|sent| sent.param("Status") == "Running"));
    }
    let service = instances(5);
    let pages = collect(&service, service.client().describe_instances().max_results(2).pages());
    assert_eq!(pages.iter().map(|page| page.instances.len()).collect::<Vec<_>>(), [2, 2, 1]);
    let service = instances(5);
    let rest = collect(&service, service.client().describe_instances().max_results(2).next_token("t3").items());
    assert_eq!((rest.len(), service.requests().len()), (2, 1));
}

#[test]
fn operations_with_tokens_also_support_page_numbers() {
    // `page_size` is used as the size of pages by token.
    let service = instances(5);
    let pages = collect(&service, service.client().describe_instances().page_size(2).pages());
    assert_eq!((pages.len(), sent(&service, "MaxResults")), (3, vec![Some(2); 3]));
    // A page number selects pagination by number.
    let service = instances(7);
    let items = collect(&service, service.client().describe_instances().page_size(2).page_number(3).items());
    assert_eq!(items.iter().map(|item| item.instance_id.as_str()).collect::<Vec<_>>(), ["i-4", "i-5", "i-6"]);
    assert_eq!(
        (sent(&service, "PageNumber"), sent(&service, "MaxResults")),
        (vec![Some(3), Some(4)], vec![None, None])
    );
    // A token takes precedence over a page number.
    let service = instances(7);
    let request = service.client().describe_instances().page_number(3).max_results(2).next_token("t4");
    assert_eq!((collect(&service, request.items()).len(), service.requests().len()), (3, 2));
}

#[test]
fn pagination_ends_at_absent_empty_and_unchanged_tokens() {
    let page =
        |token: Value| Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i"}]}, "NextToken": token}));
    // An empty page with a token is followed by another page.
    let empty = Response::ok(json!({"Instances": {"Instance": []}, "NextToken": "b"}));
    for (responses, count) in [
        (vec![page(json!("a")), empty, page(json!(""))], 2),
        (vec![page(json!("a")), page(json!("a"))], 2),
        (vec![page(Value::Null)], 1),
    ] {
        let calls = responses.len();
        let service = Service::script(responses);
        assert_eq!(collect(&service, service.client().describe_instances().items()).len(), count);
        assert_eq!(service.requests().len(), calls);
    }
}

#[test]
fn a_cycle_of_tokens_is_an_error() {
    // After `first` pages, the service repeats a cycle of `length` pages.
    for (first, length) in [(0, 2), (2, 2), (0, 3), (5, 40)] {
        let service = Service::new(move |sent| {
            let page = sent.get("NextToken").map_or(0, |token| token[1..].parse::<usize>().unwrap());
            let next = if page + 1 == first + length { first } else { page + 1 };
            Response::ok(json!({"Instances": {"Instance": [{}]}, "NextToken": format!("t{next}")}))
        });
        let mut items = service.client().describe_instances().items();
        let mut count = 0;
        let error = loop {
            match service.run(items.next()).expect("an error comes first") {
                Ok(_) => count += 1,
                Err(error) => break error,
            }
            assert!(count <= first + length + 1);
        };
        assert_eq!(
            error.to_string(),
            "ecs DescribeInstances failed: the service returned the same page token twice, so the pages would repeat forever"
        );
        assert!(!error.is_retryable());
        assert!(service.run(items.next()).is_none());
        assert_eq!(service.requests().len(), count);
    }
}

#[test]
fn page_numbers_increase_until_the_total_is_reached() {
    for (total, calls) in [(0, 1), (1, 1), (100, 1), (101, 2), (300, 3)] {
        let service = images(total, 100);
        let items = collect(&service, service.client().describe_images().items());
        assert_eq!(items.len(), total);
        assert_eq!(service.requests().len(), calls, "{total}");
        assert_eq!(sent(&service, "PageSize"), vec![Some(100); calls]);
    }
    let service = images(10, 100);
    collect(&service, service.client().describe_images().page_size(3).items());
    assert_eq!(sent(&service, "PageNumber"), [None, Some(2), Some(3), Some(4)]);
    // Starting at page 3.
    let service = images(10, 100);
    let items = collect(&service, service.client().describe_images().page_size(3).page_number(3).items());
    assert_eq!((items.len(), sent(&service, "PageNumber")), (4, vec![Some(3), Some(4)]));
    // Starting after the last page.
    let service = images(10, 100);
    assert!(collect(&service, service.client().describe_images().page_size(3).page_number(9).items()).is_empty());
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn pages_may_be_smaller_than_requested() {
    let service = images(80, 50);
    assert_eq!(collect(&service, service.client().describe_images().items()).len(), 80);
    assert_eq!(service.requests().len(), 2);
}

#[test]
fn pages_may_be_larger_than_declared() {
    // 20 images on each page, of which the response declares 10.
    let page = || {
        let items = vec![json!({"ImageId": "m"}); 20];
        Response::ok(json!({"Images": {"Image": items}, "TotalCount": 40, "PageSize": 10}))
    };
    let service = Service::script([page(), page()]);
    assert_eq!(collect(&service, service.client().describe_images().page_size(10).items()).len(), 40);
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let service = Service::always(Response::ok(json!({
        "Images": {"Image": [{"ImageId": "m"}]}, "TotalCount": i64::MAX, "PageSize": i64::MAX, "PageNumber": i64::MAX,
    })));
    let images = service.client().describe_images().page_number(i32::MAX);
    assert_eq!(collect(&service, images.items()).len(), 1);
}

#[test]
fn pagination_ends_if_the_total_shrinks() {
    let page = |count: usize| {
        let items = vec![json!({"ImageId": "m"}); count];
        Response::ok(json!({"Images": {"Image": items}, "TotalCount": 1000, "PageSize": 100}))
    };
    let service = Service::script([page(100), page(3), page(0)]);
    assert_eq!(collect(&service, service.client().describe_images().items()).len(), 103);
}

#[test]
fn numbers_without_a_total_end_with_a_short_page() {
    for (total, calls) in [(0, 1), (4, 1), (5, 2), (12, 3)] {
        let service = Service::new(move |sent| {
            let from = 5 * (number(sent, "PageNumber").unwrap_or(1) - 1);
            let items = vec![json!({"Name": "x"}); total - from.min(total)];
            Response::ok(json!({"Code": "200", "SystemEvents": {"SystemEvent": items[..items.len().min(5)]}}))
        });
        let client = cms::Client::from(service.client().config());
        let items = collect(&service, client.describe_system_event_attribute().page_size(5).items());
        assert_eq!((items.len(), service.requests().len()), (total, calls));
    }
}

#[test]
fn follows_offsets_while_they_increase() {
    let prices = |next: Value, count: usize| {
        let items = vec![json!({"SpotPrice": "0.5"}); count];
        Response::ok(json!({"SpotPrices": {"SpotPriceType": items}, "NextOffset": next}))
    };
    for (responses, count) in [
        (vec![prices(json!(1000), 1000), prices(json!("1500"), 500), prices(json!(0), 1)], 1501),
        (vec![prices(json!(3), 3), prices(json!(3), 0)], 3),
        (vec![prices(Value::Null, 0)], 0),
    ] {
        let calls = responses.len();
        let service = Service::script(responses);
        let request = service.client().describe_spot_price_history().instance_type("t").network_type("vpc");
        assert_eq!(collect(&service, request.items()).len(), count);
        assert_eq!(service.requests().len(), calls);
    }
}

#[test]
fn an_error_ends_the_stream() {
    let page = Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i-1"}]}, "NextToken": "a"}));
    let service = Service::script([page, Response::error(403, "Forbidden.RAM")]);
    let mut items = service.client().describe_instances().items();
    let mut seen = Vec::new();
    while let Some(item) = service.run(items.next()) {
        seen.push(item.map(|item| item.instance_id).map_err(|error| error.code().unwrap().to_owned()));
    }
    assert_eq!(seen, [Ok("i-1".to_owned()), Err("Forbidden.RAM".to_owned())]);
    assert!(service.run(items.next()).is_none());
}

#[test]
fn failed_pages_are_retried() {
    let page = |token| Response::ok(json!({"Instances": {"Instance": [{}]}, "NextToken": token}));
    let service = Service::script([page("a"), Response::error(503, "ServiceUnavailable"), page("")]);
    assert_eq!(collect(&service, service.client().describe_instances().items()).len(), 2);
    let tokens: Vec<_> = service.requests().iter().map(|sent| sent.get("NextToken").unwrap_or_default()).collect();
    assert_eq!(tokens, ["", "a", "a"]);
}

#[test]
fn items_fetch_pages_only_when_needed() {
    let service = instances(250);
    let mut items = service.client().describe_instances().items();
    let count = || service.requests().len();
    assert_eq!(count(), 0);
    for index in 0..100 {
        assert_eq!(service.run(items.next()).unwrap().unwrap().instance_id, format!("i-{index}"));
        assert_eq!(count(), 1);
    }
    service.run(items.next()).unwrap().unwrap();
    assert_eq!(count(), 2);
    drop(items);
    assert_eq!(count(), 2);
}

#[test]
fn numbered_pages_may_be_larger_than_declared() {
    // The response declares pages of 10, but they have more items.
    for (sizes, calls) in [(vec![20, 10], 2), (vec![30], 1), (vec![12, 12, 6], 3)] {
        let total: usize = sizes.iter().sum();
        let service = Service::new({
            let sizes = sizes.clone();
            move |sent| {
                let items = vec![json!({"ImageId": "m"}); sizes[number(sent, "PageNumber").unwrap_or(1) - 1]];
                Response::ok(json!({"Images": {"Image": items}, "TotalCount": total, "PageSize": 10}))
            }
        });
        assert_eq!(collect(&service, service.client().describe_images().items()).len(), total, "{sizes:?}");
        assert_eq!(service.requests().len(), calls, "{sizes:?}");
    }
}

#[test]
fn an_empty_page_does_not_end_numbered_pages() {
    let pages = |sizes: &'static [usize], total: i64| {
        Service::new(move |sent| {
            let size = sizes.get(number(sent, "PageNumber").unwrap_or(1) - 1).copied().unwrap_or(0);
            let items = vec![json!({"ImageId": "m"}); size];
            Response::ok(json!({"Images": {"Image": items}, "TotalCount": total, "PageSize": 10}))
        })
    };
    for (sizes, total, count, calls) in
        [(&[10, 0, 10][..], 30, 20, 3), (&[0, 0, 10], 30, 10, 3), (&[0], 0, 0, 1), (&[10, 0], 15, 10, 2)]
    {
        let service = pages(sizes, total);
        let items = collect(&service, service.client().describe_images().items());
        assert_eq!((items.len(), service.requests().len()), (count, calls), "{sizes:?}");
    }
    for sizes in [&[][..], &[10, 0, 10]] {
        let service = pages(sizes, i64::MAX);
        let stream = service.client().describe_images().pages();
        let error = service.run(stream.try_collect::<Vec<_>>()).unwrap_err();
        let message = "the service returned several empty pages in a row, although more items should follow";
        assert_eq!(error.to_string(), format!("ecs DescribeImages failed: {message}"));
        assert_eq!(service.requests().len(), sizes.len() + 3);
    }
}

#[test]
fn huge_page_numbers_do_not_overflow() {
    let body = json!({"Images": {"Image": [{}]}, "TotalCount": i64::MAX, "PageSize": i64::MAX});
    for number in [1, i32::MAX] {
        let service = Service::always(Response::ok(body.clone()));
        let items = collect(&service, service.client().describe_images().page_number(number).items());
        assert_eq!(items.len(), 1);
    }
}
