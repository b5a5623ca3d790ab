//! Paging of every operation, with a fake that serves pages in the style of the operation, and of lists of the emulator
//! that change while they are read.
#![cfg(feature = "instances")]

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    time::Duration,
};

use ecs_emulator::{Emulator, Fault, Faults};
use ecs_sdk::{
    Client, Credentials, Error, ErrorKind,
    operation::describe_instance_status::DescribeInstanceStatusRequest,
    pagination::{Items, Paged},
    retry::{FullJitter, RetryPolicy},
};
use ecs_sdk_testing::fake::{Response, SentRequest, Service, TimeLimit};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The modules of the operations, by service.
mod operations {
    #[cfg(feature = "cms")]
    pub(super) use ecs_sdk::cms::operation as cms;
    pub(super) use ecs_sdk::operation as ecs;
    pub(super) use ecs_sdk::sts::operation as sts;
    #[cfg(feature = "vpc")]
    pub(super) use ecs_sdk::vpc::operation as vpc;
}

/// An operation that pages.
struct List {
    /// Path of the items in the response.
    items: &'static str,
    /// Reads all items of a request that is given as JSON, with this page size. Returns their number.
    read: fn(&Service, Value, u32) -> Result<usize, Error>,
}

fn read<R: Paged + DeserializeOwned>(service: &Service, request: Value, size: u32) -> Result<usize, Error> {
    let client: Client = service.config().region("cn-hangzhou").build().unwrap();
    let request: R = serde_json::from_value(request).unwrap();
    let mut items = client.items(request).page_size(size);
    service.run(async {
        let mut count = 0;
        while items.try_next().await?.is_some() {
            count += 1;
        }
        Ok(count)
    })
}

/// Finds out whether a request is `Paged`: the method of the first trait is preferred, if the type implements it.
struct Probe<R>(PhantomData<R>);

trait IsPaged {
    fn list(&self) -> Option<List>;
}

impl<R: Paged + DeserializeOwned> IsPaged for Probe<R> {
    fn list(&self) -> Option<List> {
        Some(List { items: R::ITEMS, read: read::<R> })
    }
}

trait IsNotPaged {
    fn list(&self) -> Option<List> {
        None
    }
}

impl<R> IsNotPaged for &Probe<R> {}

macro_rules! operations {
    (all; $($(#[$gate:meta])* $service:ident $name:literal $module:ident::$request:ident,)*) => {
        /// The operations that are compiled in, by service and name.
        fn operations() -> BTreeMap<(&'static str, &'static str), Option<List>> {
            BTreeMap::from([$(
                $(#[$gate])*
                ((stringify!($service), $name), (&Probe::<operations::$service::$module::$request>(PhantomData)).list()),
            )*])
        }
    };
}

include!("../src/generated/operations.rs");

const PAGING_PARAMETERS: [&str; 5] = ["MaxResults", "NextToken", "Offset", "PageNumber", "PageSize"];

/// A request and a response of an operation in which every member has a value.
#[derive(Clone)]
struct Sample {
    request: Value,
    response: Value,
    /// The path of the items, and the name of the list if it is wrapped.
    path: Vec<String>,
}

impl Sample {
    fn new(all: &Value, (service, name): (&str, &str), items: &str) -> Self {
        let (request, response) = (&all[service][name]["request"], &all[service][name]["response"]);
        let mut path: Vec<String> = items.split('.').map(str::to_owned).collect();
        let found = path.iter().fold(response, |value, name| &value[name]);
        if let Some((wrapped, _)) = found.as_object().and_then(|list| list.iter().next()) {
            path.push(wrapped.clone());
        }
        Self { request: request.clone(), response: response.clone(), path }
    }

    fn list(response: &mut Value, path: &[String]) -> Value {
        path.iter().fold(response, |value, name| &mut value[name]).take()
    }

    /// The request without its paging parameters, and their names.
    fn split_request(&self) -> (Value, BTreeSet<&'static str>) {
        let mut request = self.request.clone();
        let parameters = request.as_object_mut().unwrap();
        // A dry run returns no items.
        parameters.remove("DryRun");
        let paging = PAGING_PARAMETERS.into_iter().filter(|name| parameters.remove(*name).is_some()).collect();
        (request, paging)
    }

    /// A page with the items from `from` to `to`.
    fn page(&self, from: usize, to: usize, members: &Value) -> Value {
        let mut response = self.response.clone();
        let item = Self::list(&mut response, &self.path)[0].clone();
        let items: Vec<Value> = (from..to).map(|index| with_id(item.clone(), index)).collect();
        let (last, parents) = self.path.split_last().unwrap();
        parents.iter().fold(&mut response, |value, name| &mut value[name])[last] = items.into();
        // The paging members are in the struct that has the list, or the one that has its wrapper.
        for depth in 0..self.path.len() {
            let parent = self.path[..depth].iter().fold(&mut response, |value, name| &mut value[name]);
            for (name, value) in members.as_object().unwrap() {
                if let Some(member) = parent.get_mut(name) {
                    *member = value.clone();
                }
            }
        }
        response
    }
}

/// Makes an item differ from the others.
fn with_id(mut item: Value, index: usize) -> Value {
    match &mut item {
        Value::Object(members) => {
            let member = members.values_mut().find(|value| value.is_string()).expect("an item with a string");
            *member = format!("x-{index}").into();
        }
        item => *item = format!("x-{index}").into(),
    }
    item
}

fn number(sent: &SentRequest, name: &str) -> Option<usize> {
    sent.get(name).map(|text| text.parse().unwrap())
}

/// Page size of operations whose requests do not set it.
const FIXED_SIZE: usize = 3;

/// A service with `total` items, which pages as the parameters of the request demand.
fn serve(sample: &Sample, total: usize) -> Service {
    let (sample, (_, paging)) = (sample.clone(), sample.split_request());
    Service::new(move |sent| {
        let size = number(sent, "MaxResults").or(number(sent, "PageSize")).unwrap_or(FIXED_SIZE);
        let from = if paging.contains("NextToken") {
            // Where both styles exist, tokens are preferred.
            assert!(sent.get("PageNumber").is_none(), "{sent:?}");
            sent.get("NextToken").map_or(0, |token| token[1..].parse().unwrap())
        } else if paging.contains("Offset") {
            number(sent, "Offset").unwrap_or(0)
        } else {
            (number(sent, "PageNumber").unwrap_or(1) - 1) * size
        };
        let to = total.min(from + size);
        let token = if to < total { format!("t{to}") } else { String::new() };
        let offset = if to < total { to } else { 0 };
        let members = json!({
            "NextToken": token, "NextOffset": offset, "TotalCount": total, "PageSize": size, "MaxResults": size,
            "PageNumber": from / size + 1,
        });
        Response::ok(sample.page(from.min(total), to, &members))
    })
}

#[test]
fn all_operations_with_page_parameters_page() {
    let all: Value = serde_json::from_str(include_str!("../src/generated/samples.json")).unwrap();
    let mut count = 0;
    for ((service, name), list) in operations() {
        let request = &all[service][name]["request"];
        let pages = ["NextToken", "Offset", "PageNumber"].iter().any(|parameter| request.get(parameter).is_some());
        assert_eq!(list.is_some(), pages, "{service} {name}");
        let Some(list) = list else { continue };
        count += 1;
        let sample = Sample::new(&all, (service, name), list.items);
        let (request, paging) = sample.split_request();
        let has_total = sample.response.get("TotalCount").is_some();
        for total in [0, 1, 3, 7] {
            let fake = serve(&sample, total);
            let read = (list.read)(&fake, request.clone(), 3).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read, total, "{service} {name}");
            // Without token, offset or total, only an empty page ends a list of whole pages.
            let is_open = !paging.contains("NextToken") && !paging.contains("Offset") && !has_total;
            let calls = if is_open { total / 3 + 1 } else { total.div_ceil(3).max(1) };
            assert_eq!(fake.requests().len(), calls, "{service} {name}: {total}");
        }
        // A service that ignores the parameters, and always returns the first page.
        let members = json!({ "NextToken": "t3", "NextOffset": 3, "TotalCount": 7, "PageSize": 3, "PageNumber": 1 });
        let fake = Service::always(Response::ok(sample.page(0, 3, &members)));
        let error = (list.read)(&fake, request, 3).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Decode, "{name}: {error}");
        assert!(error.to_string().contains("the service returned the same page twice"), "{name}: {error}");
        assert!(fake.requests().len() <= 4, "{name}");
    }
    assert!(count > 0);
    if cfg!(all(
        feature = "classic-network",
        feature = "deprecated",
        feature = "vpc",
        feature = "cms",
        feature = "tasks"
    )) {
        assert_eq!(count, 91);
    }
}

/// An emulator with `count` instances, and a client.
async fn start(count: usize) -> (Emulator, Client) {
    let emulator = Emulator::builder().transition(Duration::ZERO).start_blocking().unwrap();
    let client = Client::builder()
        .without_environment()
        .region("cn-hangzhou")
        .credentials(Credentials::new("testid", "testsecret"))
        .endpoint(emulator.endpoint())
        .retry(FullJitter::default().base_delay(Duration::from_millis(1)).max_attempts(3))
        .build()
        .unwrap();
    create(&client, count).await;
    emulator.clear_requests();
    (emulator, client)
}

async fn create(client: &Client, count: usize) {
    for _ in 0..count.div_ceil(100) {
        let image = "aliyun_3_x64_20G_alibase_20250117.vhd";
        let request = client.run_instances().image_id(image).instance_type("ecs.g6.large");
        request.amount(i32::try_from(count).unwrap()).send().await.unwrap();
    }
}

async fn delete(client: &Client, id: &str) {
    client.delete_instance().instance_id(id).force(true).send().await.unwrap();
}

async fn rest<R: Paged>(items: Items<R>, id: fn(&R::Item) -> &str) -> Vec<String> {
    items.try_collect::<Vec<_>>().await.unwrap().iter().map(|item| id(item).to_owned()).collect()
}

/// Lists the instances by token, with pages of 10.
async fn by_token(client: &Client) -> Vec<String> {
    rest(client.describe_instances().items().page_size(10), |instance| &instance.instance_id).await
}

/// Lists the instances by page number, with pages of 10.
fn by_number(client: &Client) -> Items<DescribeInstanceStatusRequest> {
    client.describe_instance_status().items().page_size(10)
}

#[tokio::test]
async fn lists_of_the_emulator_are_read_completely() {
    let _limit = TimeLimit::start();
    for (count, calls) in [(0, 1), (1, 1), (10, 1), (11, 2), (35, 4)] {
        let (emulator, client) = start(count).await;
        let ids = emulator.instance_ids();
        assert_eq!(by_token(&client).await, ids);
        assert_eq!(emulator.take_requests().len(), calls, "{count}");
        assert_eq!(rest(by_number(&client), |status| &status.instance_id).await, ids);
        assert_eq!(emulator.take_requests().len(), calls, "{count}");
        let ahead = client.describe_instances().items().page_size(10).read_ahead();
        assert_eq!(rest(ahead, |instance| &instance.instance_id).await, ids);
        assert_eq!(emulator.take_requests().len(), calls, "{count}");
    }
}

#[tokio::test]
async fn lists_may_start_in_the_middle() {
    let _limit = TimeLimit::start();
    let (emulator, client) = start(35).await;
    let ids = emulator.instance_ids();
    let second = client.describe_instances().max_results(10).send().await.unwrap().next_token;
    let from_token = client.describe_instances().max_results(10).next_token(second).items();
    assert_eq!(rest(from_token, |instance| &instance.instance_id).await, ids[10..]);
    let from_number = client.describe_instance_status().page_number(3).page_size(10).items();
    assert_eq!(rest(from_number, |status| &status.instance_id).await, ids[20..]);
    let after_the_end = client.describe_instance_status().page_number(9).page_size(10).items();
    assert!(rest(after_the_end, |status| &status.instance_id).await.is_empty());
    // Both styles exist, and the caller chooses numbers.
    let numbered = client.describe_instances().page_number(2).page_size(20).items();
    assert_eq!(rest(numbered, |instance| &instance.instance_id).await, ids[20..]);
    // At the item where another stream stopped.
    let mut first = client.describe_instances().items().page_size(10).limit(17);
    while first.try_next().await.unwrap().is_some() {}
    let resumed = client.describe_instances().items().resume(first.position().unwrap());
    assert_eq!(rest(resumed, |instance| &instance.instance_id).await, ids[17..]);
}

#[tokio::test]
async fn lists_may_change_while_they_are_read() {
    let _limit = TimeLimit::start();
    // Deleted instances are not returned; with tokens, all others are.
    let (emulator, client) = start(35).await;
    let ids = emulator.instance_ids();
    let mut items = client.describe_instances().items().page_size(10);
    for id in &ids[..15] {
        assert_eq!(&items.try_next().await.unwrap().unwrap().instance_id, id);
    }
    for id in ids[..5].iter().chain(&ids[30..]) {
        delete(&client, id).await;
    }
    assert_eq!(rest(items, |instance| &instance.instance_id).await, ids[15..30]);
    // With numbers, deletions before the page shift the others.
    let (emulator, client) = start(35).await;
    let ids = emulator.instance_ids();
    let mut items = by_number(&client);
    items.try_next().await.unwrap().unwrap();
    for id in &ids[..5] {
        delete(&client, id).await;
    }
    let rest_of_page_and_shifted = [&ids[1..10], &ids[15..]].concat();
    assert_eq!(rest(items, |status| &status.instance_id).await, rest_of_page_and_shifted);
    // All are deleted.
    let (emulator, client) = start(35).await;
    let (mut items, mut numbered) = (client.describe_instances().items().page_size(10), by_number(&client));
    items.try_next().await.unwrap().unwrap();
    numbered.try_next().await.unwrap().unwrap();
    for id in emulator.instance_ids() {
        delete(&client, &id).await;
    }
    assert_eq!(rest(items, |instance| &instance.instance_id).await.len(), 9);
    assert_eq!(rest(numbered, |status| &status.instance_id).await.len(), 9);
    // New instances are at the end, and are read too.
    let (emulator, client) = start(10).await;
    let (mut items, mut numbered) = (client.describe_instances().items().page_size(5), by_number(&client).page_size(5));
    items.try_next().await.unwrap().unwrap();
    numbered.try_next().await.unwrap().unwrap();
    create(&client, 12).await;
    let ids = emulator.instance_ids();
    assert_eq!(rest(items, |instance| &instance.instance_id).await, ids[1..]);
    assert_eq!(rest(numbered, |status| &status.instance_id).await, ids[1..]);
}

#[tokio::test]
async fn an_error_on_the_third_page_ends_the_list_after_the_second() {
    let _limit = TimeLimit::start();
    let (emulator, client) = start(35).await;
    let ids = emulator.instance_ids();
    for (failures, ends) in [(1, false), (3, true)] {
        let mut items = client.describe_instances().items().page_size(10);
        for id in &ids[..20] {
            assert_eq!(&items.try_next().await.unwrap().unwrap().instance_id, id);
        }
        emulator.set_faults(Faults::none().next(Fault::InternalError { executed: false }, failures));
        if ends {
            let error = items.next().await.unwrap().unwrap_err();
            assert_eq!((error.code(), error.attempts()), (Some("InternalError"), 3));
            assert!(items.next().await.is_none());
            items = client.describe_instances().items().page_size(10).resume(items.position().unwrap());
        }
        assert_eq!(rest(items, |instance| &instance.instance_id).await, ids[20..]);
    }
}
