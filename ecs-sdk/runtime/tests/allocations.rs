//! Allocations of calls and sizes of types. They are exact where times are not. The figures are those of
//! debug builds, which CI tests.
//!
//! This test has its own binary because it counts the allocations of the process, and a single function because tests of a
//! binary run at the same time.
#![cfg(all(debug_assertions, target_os = "linux", target_pointer_width = "64"))]

extern crate ecs_sdk_testing as ecs_sdk;

use std::{
    alloc::System,
    future::Future,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
    thread,
};

use bytes::Bytes;
use ecs_sdk::{
    Client, Credentials, ResponseMeta, Result,
    operation::{
        describe_instances::{DescribeInstances, DescribeInstancesResponse, Instance},
        describe_regions::DescribeRegionsResponse,
    },
    system::BoxFuture,
    transport::{Transport, TransportError},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Instances in a response.
const INSTANCES: usize = 100;

/// A response without regions.
const EMPTY: &str = r#"{"RequestId":"473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E","Regions":{"Region":[]}}"#;

/// Allocations when the last request was passed to the transport.
static SIGNED: AtomicUsize = AtomicUsize::new(0);

/// Returns the smallest of several counts. The first call prepares what later ones share, and another thread, as that of the
/// test harness, can allocate at the same time, which only adds to a count.
fn smallest(count: impl FnMut() -> usize) -> usize {
    std::iter::repeat_with(count).take(16).min().unwrap()
}

/// Allocations since `before`, without reallocations.
fn allocations(before: &Stats) -> usize {
    ALLOCATOR.stats().allocations - before.allocations
}

/// Bytes in use.
fn live() -> usize {
    let Stats { bytes_allocated, bytes_deallocated, .. } = ALLOCATOR.stats();
    bytes_allocated.saturating_sub(bytes_deallocated)
}

/// A transport that sends prepared pages, in order.
#[derive(Debug)]
struct Pages {
    pages: Vec<Bytes>,
    sent: AtomicUsize,
}

impl Pages {
    fn new(pages: Vec<String>) -> Self {
        Self { pages: pages.into_iter().map(Bytes::from).collect(), sent: AtomicUsize::new(0) }
    }
}

impl Transport for Pages {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        SIGNED.store(ALLOCATOR.stats().allocations, Ordering::Relaxed);
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        let body = self.pages[number % self.pages.len()].clone();
        Box::pin(async { Ok(http::Response::new(body)) })
    }
}

/// Twenty members, nine of which are strings that take memory, and two lists of a string each.
fn page(token: &str, count: usize, total: usize) -> String {
    let instance = r#"{"InstanceId":"i-bp67acfmxazb4p0000","InstanceName":"web","Status":"Running","Cpu":4,"Memory":16384,
        "RegionId":"cn-hangzhou","ZoneId":"cn-hangzhou-h","ImageId":"m-1","InstanceType":"ecs.g7.xlarge",
        "CreationTime":"2026-11-28T04:30Z","Description":"","HostName":"","OSType":"linux","Recyclable":false,
        "InternetMaxBandwidthOut":5,"InstanceChargeType":"PostPaid","VpcAttributes":{"VpcId":"vpc-1"},"OSName":"Linux",
        "SecurityGroupIds":{"SecurityGroupId":["sg-1"]},"PublicIpAddress":{"IpAddress":["10.1.2.3"]}}"#;
    // Pages with the same items are an error.
    let instances = vec![instance; count].join(",").replace("p0000", token.get(5..).unwrap_or("p0000"));
    format!(
        r#"{{"RequestId":"473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E","NextToken":"{token}","TotalCount":{total},"Instances":{{"Instance":[{instances}]}}}}"#
    )
}

fn client(pages: Vec<String>) -> Client {
    builder().endpoint("http://127.0.0.1:9").transport(Pages::new(pages)).build().unwrap()
}

fn builder() -> ecs_sdk::config::Builder<Client> {
    Client::builder().without_environment().region("cn-hangzhou").credentials(Credentials::new("id", "secret"))
}

/// Polls a future that is ready at once.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the transport responds at once"),
    }
}

/// A request that signing completes to 20 parameters.
fn request(client: &Client) -> DescribeInstances {
    let request = client.describe_instances().zone_id("cn-hangzhou-h").instance_ids(["i-1", "i-2"]).status("Running");
    let request = request.instance_name("web server *").page_number(1).max_results(100).vpc_id("vpc-1");
    let request = request.resource_group_id("rg-1").need_sale_cycle(false).instance_type("ecs.g7.xlarge");
    request.region_id("cn-hangzhou").key_pair_name("key")
}

fn encode_and_sign() -> usize {
    let client = client(vec![page("", 0, 0)]);
    smallest(|| {
        let request = request(&client);
        let before = ALLOCATOR.stats();
        now(request.send()).unwrap();
        SIGNED.load(Ordering::Relaxed) - before.allocations
    })
}

/// A small call without HTTP.
fn small_call() -> usize {
    let client = client(vec![EMPTY.to_owned()]);
    smallest(|| {
        let before = ALLOCATOR.stats();
        now(client.describe_regions().send()).unwrap();
        allocations(&before)
    })
}

fn decode() -> usize {
    let page = page("", INSTANCES, INSTANCES);
    smallest(|| {
        let before = ALLOCATOR.stats();
        let response: DescribeInstancesResponse = serde_json::from_str(&page).unwrap();
        let count = allocations(&before);
        assert_eq!(response.instances.len(), INSTANCES);
        count
    })
}

/// Responds to each request of one connection. Allocates only before the first response.
fn respond(mut stream: TcpStream) {
    let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{EMPTY}", EMPTY.len());
    let mut received = [0; 8192];
    let mut length = 0;
    while let Ok(more @ 1..) = stream.read(&mut received[length..]) {
        length += more;
        if is_complete(&received[..length]) {
            length = 0;
            stream.write_all(response.as_bytes()).unwrap();
        }
    }
}

/// Whether all of a request has been received.
fn is_complete(received: &[u8]) -> bool {
    let Some(head) = received.windows(4).position(|end| end == b"\r\n\r\n").map(|end| end + 4) else { return false };
    let length = received[..head].split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    received.len() >= head + length.unwrap_or(0)
}

/// A small call over HTTP.
fn small_call_over_http() -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || respond(listener.accept().unwrap().0));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let client = builder().endpoint(url).build().unwrap();
    smallest(|| {
        let before = ALLOCATOR.stats();
        runtime.block_on(client.describe_regions().send()).unwrap();
        allocations(&before)
    })
}

/// The memory in use after each page.
fn memory_of_pages() -> Vec<usize> {
    const COUNT: usize = 12;
    let token = |number: usize| if number + 1 < COUNT { format!("page-{number:04}") } else { String::new() };
    let pages = (0..COUNT).map(|number| page(&token(number), INSTANCES, COUNT * INSTANCES));
    let client = client(pages.collect());
    let mut items = client.describe_instances().items();
    let mut memory = Vec::with_capacity(COUNT);
    let mut count = 0;
    while let Some(item) = now(items.try_next()).unwrap() {
        drop(item);
        count += 1;
        if count % INSTANCES == 0 {
            memory.push(live());
        }
    }
    assert_eq!(count, COUNT * INSTANCES);
    memory
}

/// Figures: the name, the recorded value, and the value now.
fn figures() -> Vec<(&'static str, usize, usize)> {
    let client = client(vec![String::new()]);
    vec![
        ("allocations of encoding and signing 20 parameters", 11, encode_and_sign()),
        ("allocations of a small call without HTTP", 14, small_call()),
        ("allocations of a small call over HTTP", 32, small_call_over_http()),
        ("allocations of decoding 100 instances", 1304, decode()),
        ("bytes of Client", 8, size_of::<Client>()),
        ("bytes of the future of a call", 16, size_of_val(&client.describe_regions().send())),
        ("bytes of DescribeInstances", 880, size_of::<DescribeInstances>()),
        ("bytes of ResponseMeta", 8, size_of::<ResponseMeta>()),
        ("bytes of DescribeRegionsResponse", 56, size_of::<DescribeRegionsResponse>()),
        ("bytes of DescribeInstancesResponse", 128, size_of::<DescribeInstancesResponse>()),
        ("bytes of Instance", 1888, size_of::<Instance>()),
    ]
}

#[test]
fn calls_allocate_as_often_and_types_are_as_large_as_recorded() {
    let figures = figures();
    // `cargo xtask ci budgets` shows them.
    figures.iter().for_each(|(name, _, now)| println!("{name}: {now}"));
    let differing: Vec<String> = figures
        .into_iter()
        .filter(|(_, recorded, now)| recorded != now)
        .map(|(name, recorded, now)| format!("  {name}: {now}, recorded {recorded}"))
        .collect();
    assert!(
        differing.is_empty(),
        "figures differ from those in `figures` of this file:\n{}\nrecord a smaller figure there; a larger one needs a reason",
        differing.join("\n")
    );

    let memory = memory_of_pages();
    // The first page is decoded before its memory can be reused, and the last one is followed by none. The token of each
    // page is kept, to find pages that repeat.
    let growth = memory[10].saturating_sub(memory[1]) / 9;
    assert!(growth < 200, "memory grows by {growth} bytes with every page: {memory:?}");
}
