//! The methods of the streams of pages and items, without the traits of `futures-util`.

use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use ecs_sdk::fake::{Response, Service, TimeLimit, millis};
use ecs_sdk::{
    BoxFuture, Client, Error, ErrorKind,
    futures_core::{FusedStream, Stream},
    operation::{describe_images::DescribeImagesRequest, describe_instances::DescribeInstancesRequest},
    pagination::{Items, Paged, Pages, Position},
    system::System as _,
    transport::{Transport, TransportError},
};
use serde_json::json;

use crate::pagination::{images, instances, page_of_instances};

#[test]
fn streams_have_their_own_methods() {
    let service = instances(250);
    let client = service.client();
    service.run(async {
        let mut items = client.describe_instances().items();
        assert_eq!(items.next().await.unwrap().unwrap().instance_id, "i-0");
        assert_eq!(items.try_next().await.unwrap().unwrap().instance_id, "i-1");
        let rest: VecDeque<_> = items.try_collect().await.unwrap();
        assert_eq!((rest.len(), &*rest[0].instance_id), (248, "i-2"));

        let mut pages = client.describe_instances().pages();
        assert_eq!(pages.next().await.unwrap().unwrap().instances.len(), 100);
        assert_eq!(pages.try_next().await.unwrap().unwrap().instances.len(), 100);
        let rest = pages.try_collect::<Vec<_>>().await.unwrap();
        assert_eq!((rest.len(), rest[0].instances.len()), (1, 50));
    });
    let service = Service::always(Response::error(403, "Forbidden.RAM"));
    let client = service.client();
    service.run(async {
        let code = |error: Error| error.code().unwrap().to_owned();
        let mut items = client.describe_instances().items();
        assert_eq!(items.try_next().await.map_err(code).unwrap_err(), "Forbidden.RAM");
        assert!(items.try_next().await.unwrap().is_none() && items.next().await.is_none() && items.is_terminated());
        let all = client.describe_instances().items().try_collect::<Vec<_>>().await;
        assert_eq!(all.map_err(code).unwrap_err(), "Forbidden.RAM");
    });
}

#[test]
fn futures_of_streams_can_be_sent_and_moved() {
    fn sent<T: Send + Unpin>(value: T) -> T {
        value
    }
    fn stream<T: FusedStream + Send + Unpin + 'static>(value: T) -> T {
        value
    }
    fn generic<R: Paged>(client: &Client, request: R) -> (Items<R>, Pages<R>) {
        let (mut items, mut pages) = (client.items(request.clone()), client.pages(request));
        drop((sent(items.next()), sent(pages.next())));
        drop((sent(items.try_next()), sent(pages.try_next())));
        (stream(items), stream(pages))
    }
    let service = instances(3);
    let client = service.client();
    let request = DescribeInstancesRequest::new().status("Running");
    let (items, pages) = generic(&client, request.clone());
    let items = service.run(sent(items.try_collect::<Vec<_>>())).unwrap();
    let pages = service.run(sent(pages.try_collect::<Vec<_>>())).unwrap();
    assert_eq!((items.len(), pages[0].instances.len()), (3, 3));
    // The same from the fluent form of data.
    let fluent = client.request(request);
    assert_eq!(service.run(fluent.items().try_collect::<Vec<_>>()).unwrap().len(), 3);
    assert!(service.requests().iter().all(|sent| sent.param("Status") == "Running"));
}

#[test]
fn a_page_in_progress_is_kept_if_its_future_is_dropped() {
    let service = Service::new({
        let page = page_of_instances(4);
        move |sent| page(sent).after(millis(10))
    });
    let mut items = service.client().describe_instances().max_results(2).items();
    for (index, calls) in [(0, 1), (1, 1), (2, 2), (3, 2)] {
        if index % 2 == 0 {
            for _ in 0..3 {
                assert!(service.clock.poll(pin!(items.next())).is_pending());
            }
        }
        assert_eq!(service.run(items.next()).unwrap().unwrap().instance_id, format!("i-{index}"));
        assert_eq!(service.requests().len(), calls);
    }
    assert!(service.run(items.next()).is_none());
}

#[test]
fn the_page_size_can_be_set() {
    let service = instances(25);
    let items = service.client().describe_instances().max_results(5).items().page_size(10);
    assert_eq!(service.run(items.try_collect::<Vec<_>>()).unwrap().len(), 25);
    assert_eq!(service.requests().iter().map(|sent| sent.param("MaxResults")).collect::<Vec<_>>(), ["10"; 3]);
    let service = images(25, 100);
    let mut pages = service.client().describe_images().pages().page_size(10);
    service.run(pages.next()).unwrap().unwrap();
    // The size cannot change within a list.
    let rest = service.run(pages.page_size(5).try_collect::<Vec<_>>()).unwrap();
    assert_eq!((rest.len(), service.requests().len()), (2, 3));
    // The parameter of a request with a page number.
    let service = instances(25);
    let items = service.client().describe_instances().page_number(2).items().page_size(10);
    assert_eq!(service.run(items.try_collect::<Vec<_>>()).unwrap().len(), 15);
    assert!(service.requests().iter().all(|sent| sent.get("MaxResults").is_none() && sent.param("PageSize") == "10"));
}

#[test]
fn limits_stop_before_further_pages() {
    for (limit, count, calls) in [(0, 0, 0), (1, 1, 1), (10, 10, 1), (11, 11, 2), (25, 25, 3), (99, 25, 3)] {
        for read_ahead in [false, true] {
            let service = instances(25);
            let mut items = service.client().describe_instances().items().page_size(10).limit(limit);
            if read_ahead {
                items = items.read_ahead();
            }
            let ids: Vec<_> = service.run(items.try_collect()).unwrap();
            assert_eq!((ids.len(), service.requests().len()), (count, calls), "{limit}");
        }
    }
    for (limit, count) in [(0, 0), (1, 1), (3, 3), (9, 3)] {
        let service = instances(25);
        let pages = service.client().describe_instances().pages().page_size(10).limit(limit).read_ahead();
        assert_eq!(service.run(pages.try_collect::<Vec<_>>()).unwrap().len(), count);
        assert_eq!(service.requests().len(), count);
    }
    // Of a stream that is in use: further items.
    let service = instances(25);
    let mut items = service.client().describe_instances().items().page_size(10);
    for _ in 0..4 {
        service.run(items.next()).unwrap().unwrap();
    }
    let mut items = items.limit(6);
    for _ in 0..6 {
        service.run(items.next()).unwrap().unwrap();
    }
    assert!(service.run(items.next()).is_none() && items.is_terminated());
    assert_eq!(service.requests().len(), 1);
}

/// Reads `count` items, and the others from a stream that resumes at the position, which is stored as a string.
fn halves<R: Paged>(service: &Service, client: &Client, request: &R, count: usize) -> (Vec<R::Item>, Vec<R::Item>) {
    let mut first = client.items(request.clone()).limit(count);
    let mut seen = Vec::new();
    while let Some(item) = service.run(first.try_next()).unwrap() {
        seen.push(item);
    }
    let Some(position) = first.position() else { return (seen, Vec::new()) };
    let stored = serde_json::to_string(&position).unwrap();
    assert_eq!(stored, format!("\"{position}\""));
    let position: Position = serde_json::from_str(&stored).unwrap();
    (seen, service.run(client.items(request.clone()).resume(position).try_collect()).unwrap())
}

#[test]
fn a_stream_resumes_at_the_position_of_another() {
    for count in 0..=25 {
        let service = instances(25);
        for request in [DescribeInstancesRequest::new().max_results(10), DescribeInstancesRequest::new().page_size(10)]
        {
            let (mut all, rest) = halves(&service, &service.client(), &request, count);
            all.extend(rest);
            let ids: Vec<_> = all.into_iter().map(|instance| instance.instance_id).collect();
            assert_eq!(ids, (0..25).map(|index| format!("i-{index}")).collect::<Vec<_>>(), "{count}");
        }
        // Numbered pages, of an operation that has both styles, and of one that has only these.
        let numbered = DescribeInstancesRequest::new().page_number(1).page_size(10);
        let (first, rest) = halves(&service, &service.client(), &numbered, count);
        assert_eq!(first.len() + rest.len(), 25, "{count}");
        let service = images(25, 100);
        let (first, rest) = halves(&service, &service.client(), &DescribeImagesRequest::new().page_size(10), count);
        assert_eq!(first.len() + rest.len(), 25, "{count}");
    }
}

#[test]
fn positions_are_those_of_the_next_page_or_item() {
    let service = instances(25);
    let text = |position: Option<Position>| position.map(|position| position.to_string());
    let mut pages = service.client().describe_instances().pages().page_size(10).read_ahead();
    for expected in [Some("token:0:"), Some("token:0:t10"), Some("token:0:t20"), None] {
        assert_eq!(text(pages.position()).as_deref(), expected);
        service.run(pages.next());
    }
    let service = images(25, 100);
    let mut items = service.client().describe_images().page_number(2).items().page_size(10).read_ahead();
    let mut positions = vec![text(items.position()).unwrap()];
    while service.run(items.try_next()).unwrap().is_some() {
        positions.extend(text(items.position()));
    }
    assert_eq!(positions[..3], ["page:0:2:10", "page:1:2:10", "page:2:2:10"]);
    assert_eq!((&*positions[9], &*positions[10], positions.len()), ("page:9:2:10", "page:0:3:10", 15));
    // The whole page, for a stream of pages. The size of numbered pages is that of the position.
    let position: Position = positions[11].parse().unwrap();
    assert_eq!((position.page_number(), position.skip(), position.token()), (Some(3), 1, None));
    let page = service.run(service.client().describe_images().pages().page_size(7).resume(position).next());
    assert_eq!(page.unwrap().unwrap().images.len(), 5);
    let last = service.requests().pop().unwrap();
    assert_eq!((last.param("PageNumber"), last.param("PageSize")), ("3".to_owned(), "10".to_owned()));
}

#[test]
fn after_an_error_the_position_is_that_of_the_page_that_failed() {
    for read_ahead in [false, true] {
        let service = Service::new({
            let (page, failed) = (page_of_instances(25), std::sync::atomic::AtomicBool::new(false));
            move |sent| {
                let fails = sent.get("NextToken").as_deref() == Some("t20");
                if fails && !failed.swap(true, std::sync::atomic::Ordering::SeqCst) {
                    return Response::error(403, "Forbidden.RAM");
                }
                page(sent)
            }
        });
        let mut items = service.client().describe_instances().items().page_size(10);
        if read_ahead {
            items = items.read_ahead();
        }
        for _ in 0..20 {
            service.run(items.next()).unwrap().unwrap();
        }
        assert!(service.run(items.next()).unwrap().unwrap_err().is_access_denied());
        assert!(service.run(items.next()).is_none());
        let position = items.position().unwrap();
        assert_eq!(position.token(), Some("t20"));
        let rest = service.run(items.resume(position).try_collect::<Vec<_>>()).unwrap();
        assert_eq!((rest.len(), &*rest[0].instance_id), (5, "i-20"));
    }
}

#[test]
fn positions_of_other_lists_are_rejected() {
    let service = instances(1);
    let client = service.client();
    let numbered = || client.describe_images().items();
    let by_token = || client.describe_instances().max_results(10).items();
    let by_offset = || client.describe_spot_price_history().instance_type("t").network_type("vpc").items();
    let position = |text: &str| text.parse::<Position>().unwrap();
    let errors = [
        service.run(numbered().resume(position("token:0:abc")).next()).unwrap().unwrap_err(),
        service.run(numbered().resume(position("page:0:99999999999:10")).next()).unwrap().unwrap_err(),
        service.run(by_token().resume(position("page:0:2:10")).next()).unwrap().unwrap_err(),
        service.run(by_token().resume(position("offset:0:7")).next()).unwrap().unwrap_err(),
        service.run(by_offset().resume(position("token:1:abc")).next()).unwrap().unwrap_err(),
    ];
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::Request), "{errors:?}");
    let message = "the position `token:0:abc` is not one of this list, which has page numbers";
    assert_eq!(errors[0].to_string(), format!("ecs DescribeImages failed: {message}"));
    assert_eq!(service.requests().len(), 0);
    for text in
        ["", "abc", "token:x:abc", "token:abc", "page:0:1", "page:0:0:10", "page:0:-1:10", "offset:0:x", "t:0:a"]
    {
        let error = text.parse::<Position>().unwrap_err();
        assert!(error.to_string().contains("expected the string form of a `Position`"), "{text}: {error}");
    }
}

/// Reads 60 pages, each of which takes 10 ms to request and 10 ms to use. Returns the total time.
fn time(read_ahead: bool) -> Duration {
    let service = Service::new({
        let page = page_of_instances(600);
        move |sent| page(sent).after(millis(10))
    });
    let mut pages = service.client().describe_instances().pages().page_size(10);
    if read_ahead {
        pages = pages.read_ahead();
    }
    service.run(async {
        while let Some(page) = pages.try_next().await.unwrap() {
            assert_eq!(page.instances.len(), 10);
            service.clock.sleep(millis(10)).await;
        }
    });
    assert_eq!(service.requests().len(), 60);
    service.clock.elapsed()
}

#[test]
fn reading_ahead_overlaps_requests_with_the_use_of_pages() {
    assert_eq!((time(false), time(true)), (millis(1200), millis(610)));
}

/// A transport whose requests in progress can be counted.
#[derive(Debug)]
struct Counted(Service, Arc<()>);

impl Transport for Counted {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let (response, counter) = (self.0.send(request), self.1.clone());
        Box::pin(async move {
            let _counter = counter;
            response.await
        })
    }
}

/// Lets other tasks run until a condition is met.
async fn until(condition: impl Fn() -> bool) {
    for _ in 0..10_000 {
        if condition() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the condition is never met");
}

#[tokio::test]
async fn a_task_reads_one_page_ahead_and_ends_with_the_stream() {
    let _limit = TimeLimit::start();
    let service = Service::new({
        let page = page_of_instances(50);
        move |sent| if sent.get("NextToken").as_deref() == Some("t30") { Response::hang() } else { page(sent) }
    });
    let counter = Arc::new(());
    let client: Client =
        service.config().region("r").transport(Counted(service.clone(), counter.clone())).build().unwrap();
    let idle = Arc::strong_count(&counter);
    let mut pages = client.describe_instances().pages().page_size(10).read_ahead();
    assert_eq!(service.requests().len(), 0);
    for page in 1..=3 {
        pages.next().await.unwrap().unwrap();
        // Nothing polls the stream while the next page is requested.
        until(|| service.requests().len() == page + 1).await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(service.requests().len(), page + 1);
    }
    assert_eq!(Arc::strong_count(&counter), idle + 1);
    drop(pages);
    until(|| Arc::strong_count(&counter) == idle).await;
}

#[test]
fn a_page_is_requested_again_if_the_runtime_that_read_ahead_has_ended() {
    let _limit = TimeLimit::start();
    let service = instances(25);
    let mut pages = service.client().describe_instances().pages().page_size(10).read_ahead();
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        sizes.push(runtime.block_on(pages.next()).unwrap().unwrap().instances.len());
    }
    assert_eq!(sizes, [10, 10, 5]);
}

#[test]
fn streams_may_be_used_as_trait_objects() {
    let service = Service::always(Response::ok(json!({"Instances": {"Instance": [{"InstanceId": "i"}]}})));
    let items: Box<dyn Stream<Item = Result<_, Error>> + Send + Unpin> =
        Box::new(service.client().describe_instances().items());
    let mut items = items;
    let item = service.run(std::future::poll_fn(|context| std::pin::Pin::new(&mut items).poll_next(context)));
    assert_eq!(item.unwrap().unwrap().instance_id, "i");
}
