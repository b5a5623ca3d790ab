//! Pages and items, for every style of pagination.

use ecs_sdk::fake::{Response, SentRequest, Service};
use ecs_sdk::{Error, ErrorKind, cms};
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
pub(crate) fn instances(total: usize) -> Service {
    Service::new(page_of_instances(total))
}

pub(crate) fn page_of_instances(total: usize) -> impl Fn(&SentRequest) -> Response {
    move |sent| {
        let size = number(sent, "MaxResults").or(number(sent, "PageSize")).unwrap_or(10).min(100);
        let numbered = sent.get("MaxResults").is_none() && sent.get("NextToken").is_none();
        let skip = if numbered { (number(sent, "PageNumber").unwrap_or(1) - 1) * size } else { 0 };
        let from = sent.get("NextToken").map_or(skip, |token| token[1..].parse().unwrap());
        let to = (from + size).min(total);
        let items: Vec<Value> = (from..to).map(|index| json!({"InstanceId": format!("i-{index}")})).collect();
        let token = if to < total && !numbered { format!("t{to}") } else { String::new() };
        Response::ok(json!({"Instances": {"Instance": items}, "NextToken": token, "TotalCount": total}))
    }
}

/// A service with `total` images, paginated by page number, with at most `max_size` images per page.
pub(crate) fn images(total: usize, max_size: usize) -> Service {
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

/// A page with one instance.
fn instance(id: usize, token: impl Into<Value>) -> Response {
    let token = token.into();
    Response::ok(json!({"Instances": {"Instance": [{"InstanceId": format!("i-{id}")}]}, "NextToken": token}))
}

fn no_instances(token: &str) -> Response {
    Response::ok(json!({"Instances": {"Instance": []}, "NextToken": token}))
}

/// Collects the items before an error, and the error. Asserts that the stream ends with it.
fn until_error<T>(service: &Service, stream: impl Stream<Item = Result<T, Error>>) -> (usize, String) {
    let mut stream = std::pin::pin!(stream);
    let mut count = 0;
    let error = loop {
        match service.run(stream.next()).expect("the list must not end without an error") {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    assert!(service.run(stream.next()).is_none());
    assert!(!error.is_retryable() && error.kind() == ErrorKind::Decode);
    (count, error.message().to_owned())
}

const SAME_TOKEN: &str = "the service returned the same page token twice, so the pages would repeat forever";
const SAME_PAGE: &str = "the service returned the same page twice, although more items should follow";
const EMPTY_PAGES: &str = "the service returned several empty pages in a row, although more items should follow";

#[test]
fn pagination_ends_at_absent_empty_and_unchanged_tokens() {
    for (responses, count) in [
        // An empty page with a token is followed by another page.
        (vec![instance(1, "a"), no_instances("b"), instance(2, "")], 2),
        (vec![instance(1, "a"), instance(2, "a")], 2),
        (vec![instance(1, "a"), no_instances("a")], 1),
        (vec![instance(1, Value::Null)], 1),
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
            instance(page, format!("t{next}"))
        });
        let (count, message) = until_error(&service, service.client().describe_instances().items());
        assert_eq!(message, SAME_TOKEN);
        assert!(count <= first + length + 1);
        assert_eq!(service.requests().len(), count);
    }
}

#[test]
fn a_service_that_ignores_tokens_is_an_error() {
    // The same page with the same token.
    let service = Service::always(instance(1, "a"));
    let (count, message) = until_error(&service, service.client().describe_instances().items());
    assert_eq!((count, &*message, service.requests().len()), (1, SAME_PAGE, 2));
    // The same page with a new token each time.
    let service = Service::new(|sent| instance(1, format!("{}x", sent.get("NextToken").unwrap_or_default())));
    let (count, message) = until_error(&service, service.client().describe_instances().items());
    assert_eq!((count, &*message, service.requests().len()), (3, SAME_PAGE, 4));
    // The token does not change, although the total is not reached.
    let page = |id: usize| {
        let instances = json!([{"InstanceId": format!("i-{id}")}]);
        Response::ok(json!({"Instances": {"Instance": instances}, "NextToken": "a", "TotalCount": 500}))
    };
    let service = Service::script([page(1), page(2)]);
    let (count, message) = until_error(&service, service.client().describe_instances().items());
    assert_eq!((count, &*message), (2, SAME_TOKEN));
    // From a token in the middle, the total says nothing.
    let service = Service::script([page(1)]);
    assert_eq!(collect(&service, service.client().describe_instances().next_token("a").items()).len(), 1);
}

#[test]
fn many_empty_pages_with_tokens_are_followed_to_their_end() {
    let pages = |empty: usize| {
        Service::new(move |sent| {
            let page = sent.get("NextToken").map_or(0, |token| token.parse::<usize>().unwrap());
            let next = (page + 1).to_string();
            if page < empty { no_instances(&next) } else { instance(page, if page < empty + 3 { &*next } else { "" }) }
        })
    };
    let service = pages(400);
    assert_eq!(collect(&service, service.client().describe_instances().items()).len(), 4);
    let service = pages(usize::MAX);
    let (count, message) = until_error(&service, service.client().describe_instances().items());
    assert_eq!((count, &*message, service.requests().len()), (0, EMPTY_PAGES, 500));
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

/// A service whose pages have the given numbers of images. `totals` are the total numbers on the pages; the last one
/// applies to all further pages.
fn numbered(sizes: &[usize], totals: &[i64], declared_size: i64) -> Service {
    let (sizes, totals) = (sizes.to_vec(), totals.to_vec());
    Service::new(move |sent| {
        let page = number(sent, "PageNumber").unwrap_or(1) - 1;
        let count = sizes.get(page).copied().unwrap_or(0);
        let items: Vec<Value> = (0..count).map(|index| json!({"ImageId": format!("m-{page}-{index}")})).collect();
        let total = totals.get(page).or(totals.last());
        Response::ok(json!({"Images": {"Image": items}, "TotalCount": total, "PageSize": declared_size}))
    })
}

#[test]
fn numbered_pages_may_be_larger_than_declared() {
    // The response declares pages of 10, but they have more items.
    for (sizes, calls) in [(vec![20, 10], 2), (vec![30], 1), (vec![12, 12, 6], 3), (vec![20, 20], 2)] {
        let total: usize = sizes.iter().sum();
        let service = numbered(&sizes, &[i64::try_from(total).unwrap()], 10);
        assert_eq!(collect(&service, service.client().describe_images().items()).len(), total, "{sizes:?}");
        assert_eq!(service.requests().len(), calls, "{sizes:?}");
    }
}

#[test]
fn the_declared_size_does_not_end_numbered_pages() {
    // The service limits pages to 50 images, but declares the requested size, a larger one, or none.
    for declared in [100, 1000, 0, -1] {
        for (sizes, total) in [(&[50, 30][..], 80), (&[50, 50, 20], 120), (&[50, 50], 100), (&[50, 50, 50, 50, 1], 201)]
        {
            let service = numbered(sizes, &[total], declared);
            let items = collect(&service, service.client().describe_images().items());
            assert_eq!(
                (items.len(), service.requests().len()),
                (sizes.iter().sum(), sizes.len()),
                "{declared} {sizes:?}"
            );
        }
    }
}

#[test]
fn numbered_pages_follow_the_latest_total() {
    for (sizes, totals, calls) in [
        // It shrinks and grows while the list is read.
        (&[100, 3][..], &[1000, 103][..], 2),
        (&[100, 100, 5], &[150, 205], 3),
        // It is 0 or absent, although there are items.
        (&[100, 100, 5], &[205, 0], 3),
        (&[100, 100, 5], &[0], 3),
        (&[100, 50], &[-1], 2),
        // It is smaller than the page.
        (&[100, 100, 5], &[1], 3),
        (&[100, 100, 5], &[205, 99, 205], 3),
        (&[100, 0], &[0], 2),
        // All images were deleted.
        (&[100], &[300, 0], 2),
    ] {
        let service = numbered(sizes, totals, 100);
        let items = collect(&service, service.client().describe_images().items());
        assert_eq!((items.len(), service.requests().len()), (sizes.iter().sum(), calls), "{sizes:?} {totals:?}");
    }
}

#[test]
fn an_empty_or_short_page_does_not_end_numbered_pages() {
    for (sizes, total, count, calls) in [(&[10, 0, 10][..], 30, 20, 3), (&[0, 0, 10], 30, 10, 3), (&[0], 0, 0, 1)] {
        let service = numbered(sizes, &[total], 10);
        let items = collect(&service, service.client().describe_images().items());
        assert_eq!((items.len(), service.requests().len()), (count, calls), "{sizes:?}");
    }
    for (sizes, total) in
        [(&[][..], i64::MAX), (&[10, 0, 10], i64::MAX), (&[10, 0], 15), (&[10, 3], 1000), (&[3], 5), (&[10, 3, 7], 30)]
    {
        let service = numbered(sizes, &[total], 10);
        let (count, message) = until_error(&service, service.client().describe_images().items());
        assert_eq!((count, &*message), (sizes.iter().sum(), EMPTY_PAGES), "{sizes:?}");
        let empty_at_the_end = sizes.iter().rev().take_while(|size| **size == 0).count();
        assert_eq!(service.requests().len(), sizes.len() - empty_at_the_end + 3, "{sizes:?}");
    }
}

#[test]
fn a_service_that_ignores_page_numbers_is_an_error() {
    let page = |total: Value, number: Value| {
        let items: Vec<Value> = (0..100).map(|index| json!({"ImageId": format!("m-{index}")})).collect();
        json!({"Images": {"Image": items}, "TotalCount": total, "PageSize": 100, "PageNumber": number})
    };
    for (total, calls) in [(json!(500), 2), (json!(200), 2), (json!(0), 4), (Value::Null, 4), (json!(i64::MAX), 2)] {
        for echo in [json!(1), json!(7), json!(0), Value::Null] {
            let service = Service::always(Response::ok(page(total.clone(), echo)));
            let (count, message) = until_error(&service, service.client().describe_images().items());
            assert_eq!((count, &*message, service.requests().len()), (100 * (calls - 1), SAME_PAGE, calls), "{total}");
        }
    }
    // A total that grows forever.
    let service = Service::new(move |sent| {
        Response::ok(page(json!(1000 * number(sent, "PageNumber").unwrap_or(1)), Value::Null))
    });
    let (count, message) = until_error(&service, service.client().describe_images().items());
    assert_eq!((count, &*message, service.requests().len()), (300, SAME_PAGE, 4));
    // Two pages in turn.
    let service = Service::new(move |sent| {
        let id = format!("m-{}", number(sent, "PageNumber").unwrap_or(1) % 2);
        Response::ok(json!({"Images": {"Image": [{"ImageId": id}]}, "TotalCount": 9, "PageSize": 1}))
    });
    let (count, message) = until_error(&service, service.client().describe_images().page_size(1).items());
    assert_eq!((count, &*message), (2, SAME_PAGE));
}

#[test]
fn a_page_may_repeat_if_items_were_added_before_it() {
    // The newest image is first, and one is created after the first page.
    let service = Service::new(|sent| {
        let page = number(sent, "PageNumber").unwrap_or(1);
        let (all, total) = if page == 1 { (&["b", "a"][..], 2) } else { (&["c", "b", "a"][..], 3) };
        Response::ok(json!({"Images": {"Image": [{"ImageId": all[page - 1]}]}, "TotalCount": total, "PageSize": 1}))
    });
    let items = collect(&service, service.client().describe_images().page_size(1).items());
    assert_eq!(items.iter().map(|image| &*image.image_id).collect::<Vec<_>>(), ["b", "b", "a"]);
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let body = json!({
        "Images": {"Image": [{"ImageId": "m"}]}, "TotalCount": i64::MAX, "PageSize": i64::MAX, "PageNumber": i64::MAX,
    });
    let service = Service::always(Response::ok(body.clone()));
    let (count, message) = until_error(&service, service.client().describe_images().items());
    assert_eq!((count, &*message), (1, SAME_PAGE));
    let service = Service::always(Response::ok(body));
    let (count, message) = until_error(&service, service.client().describe_images().page_number(i32::MAX).items());
    let expected = "more items should follow, but 2147483648 is too large for `PageNumber`";
    assert_eq!((count, &*message, service.requests().len()), (1, expected, 1));
}

#[test]
fn numbers_without_a_total_end_with_a_short_page() {
    for (total, calls) in [(0, 1), (4, 1), (5, 2), (12, 3)] {
        let service = Service::new(move |sent| {
            let from = 5 * (number(sent, "PageNumber").unwrap_or(1) - 1);
            let items: Vec<Value> = (from..total.min(from + 5)).map(|index| json!({"Name": index})).collect();
            Response::ok(json!({"Code": "200", "SystemEvents": {"SystemEvent": items}}))
        });
        let client = cms::Client::from(service.client().config());
        let items = collect(&service, client.describe_system_event_attribute().page_size(5).items());
        assert_eq!((items.len(), service.requests().len()), (total, calls));
    }
}

#[test]
fn follows_offsets_while_they_increase() {
    let prices = |price: usize, next: Value, count: usize| {
        let items = vec![json!({"SpotPrice": price}); count];
        Response::ok(json!({"SpotPrices": {"SpotPriceType": items}, "NextOffset": next}))
    };
    let request =
        |service: &Service| service.client().describe_spot_price_history().instance_type("t").network_type("vpc");
    for (responses, count) in [
        (vec![prices(1, json!(1000), 1000), prices(2, json!("1500"), 500), prices(3, json!(0), 1)], 1501),
        (vec![prices(1, json!(3), 3), prices(2, json!(3), 0)], 3),
        (vec![prices(1, json!(3), 3), prices(2, json!(3), 2)], 5),
        (vec![prices(1, json!(3), 3), prices(2, json!(6), 0), prices(3, json!(-1), 1)], 4),
        (vec![prices(1, Value::Null, 0)], 0),
    ] {
        let calls = responses.len();
        let service = Service::script(responses);
        assert_eq!(collect(&service, request(&service).items()).len(), count);
        assert_eq!(service.requests().len(), calls);
    }
    let service = Service::script([prices(1, json!(3), 3), prices(1, json!(3), 3)]);
    assert_eq!(until_error(&service, request(&service).items()), (3, SAME_PAGE.to_owned()));
    let service = Service::script([prices(1, json!(3), 3), prices(2, json!(2), 3)]);
    let message = "the service returned the offset 2 on the page at 3, so the pages would repeat forever";
    assert_eq!(until_error(&service, request(&service).items()), (6, message.to_owned()));
    let service = Service::new(move |sent| prices(1, json!(number(sent, "Offset").unwrap_or(0) + 1), 1));
    assert_eq!(until_error(&service, request(&service).items()), (3, SAME_PAGE.to_owned()));
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
