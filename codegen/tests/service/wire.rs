//! Requests and responses of the crate. `cargo xtask ci service` copies this test into the crate that it makes.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use shop_client::{
    BoxFuture, Client, Credentials, Error,
    bytes::Bytes,
    codes, http,
    operation::{
        create_machine::Position,
        delete_machine::DeleteMachineRequest,
        describe_machines::{DescribeMachinesRequest, Tag},
    },
    serde_json::json,
    test_util::{Mock, parameters},
    transport::{Transport, TransportError},
};

/// Keeps requests, and responds to each with a request ID.
#[derive(Debug, Clone, Default)]
struct Wire(Arc<Mutex<Vec<http::Request<Bytes>>>>);

impl Transport for Wire {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.0.lock().unwrap().push(request);
        Box::pin(async { Ok(http::Response::new(Bytes::from_static(br#"{"RequestId":"R-1"}"#))) })
    }
}

/// Runs a future that never waits for anything outside the program.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
    panic!("the future waits for something outside the program");
}

#[test]
fn requests_have_their_wire_form() {
    let client: Client = Mock::new().client();
    let machines = client.describe_machines().status("in-repair").tags([Tag::new().key("é*~").value("1")]);
    let sent = parameters(&machines.into_request());
    let expected = [("Status", "in-repair"), ("Tag.1.Key", "é*~"), ("Tag.1.Value", "1")];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let machine =
        client.create_machine().machine_name("a").position(Position::new().hall("H").row(2)).tools(["x", "y"]);
    let sent = parameters(&machine.skills(["p", "q"]).into_request());
    let expected = [
        ("MachineName", "a"),
        ("Position.Hall", "H"),
        ("Position.Row", "2"),
        ("Tools", r#"["x","y"]"#),
        ("Skills", "p,q"),
    ];
    assert_eq!(sent, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn responses_and_errors_are_read() {
    let mock = Mock::new();
    mock.on::<DescribeMachinesRequest>().with(DescribeMachinesRequest::new().region_id("cn-hangzhou")).respond(json!({
        "RequestId": "R-1",
        "TotalCount": "2",
        "Machines": { "Machine": [
            { "MachineId": "m-1", "Serial": 5_000_000_000_i64, "Price": "0.25", "Online": true, "Labels": { "a": "b" } },
            { "MachineId": "m-2", "Position": { "Hall": "H", "Row": 3 }, "Tools": ["saw"], "Unknown": [1] },
        ] },
    }));
    mock.on::<DeleteMachineRequest>().respond(Error::service("Machine.NotFound", "There is no such machine.", 404));
    let client: Client = mock.client();

    let page = run(client.describe_machines().send()).unwrap();
    assert_eq!((page.request_id.as_str(), page.total_count), ("R-1", Some(2)));
    let [first, second] = page.machines.as_slice() else { panic!("{page:?}") };
    assert_eq!((first.serial, first.price, first.online), (Some(5_000_000_000), Some(0.25), Some(true)));
    assert_eq!((first.labels["a"].as_str(), second.position.row, second.tools[0].as_str()), ("b", Some(3), "saw"));

    let error = run(client.delete_machine().machine_id("m-3").send()).unwrap_err();
    assert_eq!(error.code(), Some(codes::MACHINE_NOT_FOUND));
    assert!(error.is_not_found());
    let error = run(client.delete_machine().send()).unwrap_err();
    assert!(error.to_string().contains("MachineId"), "{error}");
}

#[test]
fn operations_are_sent_with_the_methods_of_the_file() {
    let wire = Wire::default();
    let client = Client::builder().endpoint("https://shop-floor.aliyuncs.com").region("cn-hangzhou");
    let client = client.credentials(Credentials::new("id", "s3cret")).transport(wire.clone()).build().unwrap();
    run(client.get_metric_data().machine_id("m-1").send()).unwrap();
    run(client.list_tag_resources().max_results(5).send()).unwrap();
    run(client.delete_machine().machine_id("m-1").send()).unwrap();
    let sent = wire.0.lock().unwrap();
    let [anonymous, get, post] = &sent[..] else { panic!("{sent:?}") };
    let query = |request: &http::Request<Bytes>| request.uri().query().unwrap_or_default().to_owned();
    assert_eq!([anonymous, get, post].map(|request| request.method().as_str()), ["GET", "GET", "POST"]);
    assert!(query(anonymous).contains("&MachineId=m-1&") && !query(anonymous).contains("Signature="), "{anonymous:?}");
    assert!(query(get).contains("&MaxResults=5&") && query(get).contains("&Signature="), "{get:?}");
    assert!(get.body().is_empty() && query(post).is_empty() && !post.body().is_empty());
}
