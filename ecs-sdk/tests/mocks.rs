//! Programs are tested with mocks, recordings, a clock and the emulator.
#![cfg(all(feature = "cms", feature = "cloud-assistant", feature = "disks", feature = "instances", feature = "vpc"))]

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use ecs_sdk::test_util::{self, Mock, ReceivedCall, Recorder, Recording, Reply, Sequence, TestClock};
use ecs_sdk::{
    CallOptions, Client, Error, ErrorKind, Model as _, ResponseMeta, SignatureVersion, cms, codes,
    config::Timeouts,
    content, http,
    operation::{
        create_instance::CreateInstanceRequest,
        describe_instances::{DescribeInstancesRequest, DescribeInstancesResponse, Instance},
        describe_invocation_results::{
            DescribeInvocationResultsRequest, DescribeInvocationResultsResponse, InvocationResult,
        },
        describe_user_data::DescribeUserDataRequest,
        run_command::RunCommandRequest,
        run_instances::{RunInstancesRequest, RunInstancesResponse},
        start_instance::{StartInstanceRequest, StartInstanceResponse},
        stop_instance::StopInstanceRequest,
    },
    retry::{FullJitter, RetryPolicy as _},
    serde_json::json,
    sts,
    system::System as _,
    transport::Transport as _,
    types::ContentEncoding,
    vpc,
};
use ecs_sdk_testing::fake::TimeLimit;
use futures_util::TryStreamExt as _;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let _limit = TimeLimit::start();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn page(ids: &[&str]) -> DescribeInstancesResponse {
    DescribeInstancesResponse::build(|page| {
        page.instances =
            ids.iter().map(|id| Instance::build(|instance| instance.instance_id = (*id).to_owned())).collect();
        page.total_count = Some(ids.len() as i64);
    })
}

/// The message of the panic that `work` ends with.
fn panic_of(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    let formatted = panic.downcast_ref::<String>().cloned();
    formatted.unwrap_or_else(|| (*panic.downcast_ref::<&str>().expect("a message")).to_owned())
}

/// A mock whose calls are wrong on purpose.
fn unchecked() -> Mock {
    let mock = Mock::new();
    mock.verify_on_drop(false);
    mock
}

#[test]
fn typed_requests_get_typed_responses() {
    let mock = Mock::new();
    let expected = DescribeInstancesRequest::new().status("Running").instance_ids(["i-1", "i-2"]);
    let found = mock.on::<DescribeInstancesRequest>().with(expected).reply(page(&["i-1"]));
    let client: Client = mock.client();
    let request = client.describe_instances().status("Running").instance_ids(["i-1", "i-2"]);
    let response = run(request.send()).unwrap();
    assert_eq!(response.instances[0].instance_id, "i-1");
    assert!(!response.request_id.is_empty());
    assert_eq!(response.meta().request_id(), Some(&*response.request_id));
    assert_eq!(found.count(), 1);
    let [call] = mock.calls::<DescribeInstancesRequest>().try_into().unwrap();
    assert_eq!((call.region_id.as_deref(), call.instance_ids.unwrap().len()), (Some("cn-hangzhou"), 2));
    mock.verify();
}

#[test]
fn parameters_of_a_query_are_read_too() {
    let mock = Mock::new();
    mock.on::<StopInstanceRequest>().with(StopInstanceRequest::new().instance_id("i 1+&\u{661f}"));
    let client: Client = mock.builder().signature_version(SignatureVersion::V3).build().unwrap();
    run(client.stop_instance().instance_id("i 1+&\u{661f}").send()).unwrap();
}

#[test]
fn services_with_operations_of_the_same_name_are_distinct() {
    let mock = Mock::new();
    mock.on::<vpc::operation::describe_vpcs::DescribeVpcsRequest>().once();
    mock.on::<cms::operation::describe_system_event_attribute::DescribeSystemEventAttributeRequest>().once();
    mock.on::<sts::operation::get_caller_identity::GetCallerIdentityRequest>().reply_with(|_| {
        sts::operation::get_caller_identity::GetCallerIdentityResponse::build(|me| me.user_id = "u".into())
    });
    let (vpc, cms, sts): (vpc::Client, cms::Client, sts::Client) = (mock.client(), mock.client(), mock.client());
    run(async {
        vpc.describe_vpcs().send().await.unwrap();
        cms.describe_system_event_attribute().send().await.unwrap();
        assert_eq!(sts.get_caller_identity().send().await.unwrap().user_id, "u");
        let ecs = Client::from(vpc.config());
        let error = ecs.call("DescribeVpcs").send().await.unwrap_err();
        assert!(error.message().contains("the mock does not expect calls of DescribeVpcs"), "{error}");
    });
    mock.verify_on_drop(false);
}

#[test]
fn errors_have_code_message_status_and_request_id() {
    let mock = Mock::new();
    mock.on::<StartInstanceRequest>()
        .error(codes::INVALID_INSTANCE_ID_NOT_FOUND, 404)
        .error_with("IncorrectInstanceStatus", "The instance is running.", 403)
        .respond(Error::service("X.Y", "m", 400).with_request_id("R-7"));
    let client: Client = mock.client();
    run(async {
        let start = || client.start_instance().instance_id("i-1").send();
        let error = start().await.unwrap_err();
        assert!(error.is_not_found() && error.request_id().is_some() && error.http_status() == Some(404), "{error}");
        assert!(!error.is_maybe_executed());
        let error = start().await.unwrap_err();
        assert!(error.is_incorrect_state() && error.message() == "The instance is running.", "{error}");
        assert_eq!(start().await.unwrap_err().request_id(), Some("R-7"));
    });
}

#[test]
fn failures_of_the_connection_say_whether_the_call_may_have_been_executed() {
    let mock = Mock::new();
    mock.on::<StartInstanceRequest>().timeout().connection_refused().times(3).connection_lost();
    mock.on::<StopInstanceRequest>()
        .respond(Error::new(ErrorKind::Timeout, "slow").with_maybe_executed(false))
        .times(3);
    let client: Client = mock.client();
    run(async {
        let start = || client.start_instance().instance_id("i-1").send();
        let error = start().await.unwrap_err();
        assert!(error.is_timeout() && error.is_maybe_executed() && error.attempts() == 1, "{error}");
        let error = start().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Transport && !error.is_maybe_executed() && error.attempts() == 3, "{error}");
        let error = start().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Transport && error.is_maybe_executed() && error.attempts() == 1, "{error}");
        let error = client.stop_instance().instance_id("i-1").send().await.unwrap_err();
        assert!(error.is_timeout() && !error.is_maybe_executed() && error.attempts() == 3, "{error}");
    });
}

#[test]
fn replies_are_used_in_order_and_the_last_one_again() {
    let mock = Mock::new();
    mock.on::<DescribeInstancesRequest>().reply(page(&["i-1"])).times(2).reply(page(&[]));
    let client: Client = mock.client();
    run(async {
        let mut counts = Vec::new();
        for _ in 0..5 {
            counts.push(client.describe_instances().send().await.unwrap().instances.len());
        }
        assert_eq!(counts, [1, 1, 0, 0, 0]);
    });
}

#[test]
fn retries_take_no_time() {
    let mock = Mock::new();
    mock.on::<RunInstancesRequest>()
        .error("ServiceUnavailable", 503)
        .respond(Reply::error("Throttling.User", "Slow down.", 400).with_header("retry-after", "5"))
        .reply_with(|request| {
            RunInstancesResponse::build(|response| {
                response.instance_id_sets = vec!["i-1".into(); request.amount.unwrap_or(1) as usize];
            })
        });
    let client: Client = mock.client();
    let response = run(client.run_instances().amount(3).send()).unwrap();
    assert_eq!((response.instance_id_sets.len(), response.meta().attempts()), (3, 3));
    assert!(mock.clock().elapsed() >= seconds(5));
    let calls = mock.calls::<RunInstancesRequest>();
    assert!(calls[0].client_token.is_some() && calls.iter().all(|call| call.client_token == calls[0].client_token));
}

#[test]
fn late_replies_and_none_at_all_time_out() {
    let mock = Mock::new();
    mock.on::<StartInstanceRequest>()
        .reply(StartInstanceResponse::default())
        .after(seconds(20))
        .respond(Reply::never());
    let client: Client = mock.builder().timeouts(Timeouts::new().attempt(seconds(10))).build().unwrap();
    run(async {
        for elapsed in [10, 20] {
            let error = client.start_instance().instance_id("i-1").send().await.unwrap_err();
            assert!(error.is_timeout() && error.is_maybe_executed(), "{error}");
            assert_eq!(mock.clock().elapsed(), seconds(elapsed));
        }
        let patient = CallOptions::new().attempt_timeout(seconds(60));
        mock.on::<StopInstanceRequest>().after(seconds(20));
        client.stop_instance().instance_id("i-1").options(patient).send().await.unwrap();
        assert_eq!(mock.clock().elapsed(), seconds(40));
    });
}

#[test]
fn pages_and_waiters_use_the_mock() {
    let mock = Mock::new();
    // The size of pages, which the SDK sets, is not compared.
    mock.on::<DescribeInstancesRequest>().with(DescribeInstancesRequest::new()).reply(
        DescribeInstancesResponse::build(|first| {
            first.clone_from(&page(&["i-1"]));
            first.next_token = "more".into();
        }),
    );
    mock.on::<DescribeInstancesRequest>()
        .containing(DescribeInstancesRequest::new().next_token("more"))
        .reply(page(&["i-2"]));
    let states = ["Pending", "Starting", "Running"].map(|status| {
        DescribeInstancesResponse::build(|page| {
            page.instances = vec![Instance::build(|instance| {
                instance.instance_id = "i-1".into();
                instance.status = Some(status.into());
            })];
        })
    });
    let [pending, starting, running] = states;
    mock.on::<DescribeInstancesRequest>()
        .matching(|request| request.instance_ids.is_some())
        .reply(pending)
        .times(100)
        .reply(starting)
        .reply(running);
    let client: Client = mock.client();
    run(async {
        let all: Vec<_> =
            client.describe_instances().items().map_ok(|item| item.instance_id).try_collect().await.unwrap();
        assert_eq!(all, ["i-1", "i-2"]);
        client.wait_until_instance_running().instance_ids(["i-1"]).wait(seconds(3600)).await.unwrap();
    });
    assert!(mock.clock().elapsed() > seconds(100));
}

#[test]
fn untyped_operations_reply_with_json() {
    let mock = Mock::new();
    mock.on_operation("DescribeSomethingNew").with_parameter("PageSize", 10).reply_json(json!({"TotalCount": 1}));
    mock.on_operation("CreateSomethingNew")
        .matching(|call| call.parameter("Name") == Some("n") && call.header("x-mine") == Some("yes"))
        .respond_with(|call: &ReceivedCall| json!({"Id": format!("new-{}", call.parameter("Name").unwrap())}));
    mock.on_any().error("Nothing.Else", 400);
    let client: Client = mock.client();
    run(async {
        let response = client.call("DescribeSomethingNew").parameter("PageSize", 10).send().await.unwrap();
        assert_eq!((response["TotalCount"].clone(), response["RequestId"].is_string()), (json!(1), true));
        let options = CallOptions::new().header("x-mine", "yes");
        let call = client.call("CreateSomethingNew").parameter("Name", "n").options(options);
        assert_eq!(call.send().await.unwrap()["Id"], "new-n");
        assert_eq!(client.describe_regions_untyped().await, Some("Nothing.Else".to_owned()));
    });
}

/// Calls of an operation without its type.
trait Untyped {
    fn describe_regions_untyped(&self) -> impl Future<Output = Option<String>>;
}

impl Untyped for Client {
    async fn describe_regions_untyped(&self) -> Option<String> {
        self.call("DescribeRegions").send().await.unwrap_err().code().map(str::to_owned)
    }
}

#[test]
fn raw_responses_and_metadata_are_sent_unchanged() {
    let mock = Mock::new();
    let html = http::Response::builder().status(502).body("<html>Bad gateway</html>").unwrap();
    let mut response = StartInstanceResponse::default();
    let headers = http::HeaderMap::from_iter([(http::header::SERVER, http::HeaderValue::from_static("s"))]);
    ResponseMeta::default().with_request_id("R-1").with_headers(headers).attach_to(&mut response);
    mock.on::<StartInstanceRequest>().respond(html).reply(response);
    mock.on::<StopInstanceRequest>().dry_run_passed();
    let client: Client = mock.client();
    run(async {
        let error = client.start_instance().instance_id("i-1").send().await.unwrap_err();
        assert_eq!((error.http_status(), error.code()), (Some(502), None));
        let response = client.start_instance().instance_id("i-1").send().await.unwrap();
        assert_eq!((response.meta().request_id(), response.meta().header("server")), (Some("R-1"), Some("s")));
        client.stop_instance().instance_id("i-1").check().await.unwrap();
        assert_eq!(mock.calls::<StopInstanceRequest>()[0].dry_run, Some(true));
    });
}

#[test]
fn an_unexpected_call_names_the_nearest_expectation_and_is_reported() {
    let mock = unchecked();
    mock.on::<DescribeInstancesRequest>().with(DescribeInstancesRequest::new().status("Stopped").zone_id("z"));
    mock.on::<DescribeInstancesRequest>().with(DescribeInstancesRequest::new().status("Running").page_size(10));
    let client: Client = mock.client();
    let error = run(client.describe_instances().status("Running").page_size(50).send()).unwrap_err();
    assert_eq!(error.attempts(), 1);
    let difference = r#"`PageSize` is "50" instead of "10""#;
    let message = error.message();
    assert!(message.contains(difference) && message.contains("mocks.rs:"), "{message}");
    assert!(!message.contains("ZoneId") && !message.contains('\n'), "{message}");

    let report = panic_of(|| mock.verify());
    for line in [
        "missing: DescribeInstances, expected at least once, never called",
        "unexpected: DescribeInstances (call 1)",
        "      - PageSize = \"10\"\n      + PageSize = \"50\"\n",
        "        Status = \"Running\"\n",
    ] {
        assert!(report.contains(line), "{line}\n---\n{report}");
    }
}

#[test]
fn an_operation_without_expectation_is_named_with_the_others() {
    let mock = unchecked();
    mock.on::<StopInstanceRequest>();
    let client: Client = mock.client();
    let error = run(client.start_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.message().contains("does not expect calls of StartInstance, only of StopInstance"), "{error}");
    let error = run(unchecked().client::<Client>().start_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.message().contains("does not expect calls of StartInstance, and no others"), "{error}");
}

#[test]
fn conditions_that_are_not_met_are_named_by_their_place() {
    let mock = unchecked();
    mock.on::<StopInstanceRequest>().matching(|request| request.force_stop == Some(true));
    let client: Client = mock.client();
    let error = run(client.stop_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.message().contains("mocks.rs") && error.message().contains("is not met"), "{error}");
}

#[test]
fn a_mock_panics_when_it_is_dropped_unless_its_calls_were_made() {
    let report = panic_of(|| {
        let mock = Mock::new();
        mock.on::<StopInstanceRequest>().times(2..=3);
        run(mock.client::<Client>().stop_instance().instance_id("i-1").send()).unwrap();
        // Clones and clients do not matter.
        drop(mock.clone());
    });
    assert!(report.contains("StopInstance, expected 2 to 3 times, called once"), "{report}");
    let panic = catch_unwind(|| {
        let mock = Mock::new();
        mock.on::<StopInstanceRequest>();
        panic!("the test itself");
    });
    assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"the test itself"));
}

#[test]
fn the_number_of_calls_is_checked() {
    let mock = unchecked();
    mock.on::<StartInstanceRequest>().never();
    mock.on::<StopInstanceRequest>().times(2);
    let client: Client = mock.client();
    run(async {
        let error = client.start_instance().instance_id("i-1").send().await.unwrap_err();
        assert!(error.message().contains("this call: it should never be made; the nearest"), "{error}");
        for _ in 0..2 {
            client.stop_instance().instance_id("i-1").send().await.unwrap();
        }
        let error = client.stop_instance().instance_id("i-1").send().await.unwrap_err();
        assert!(error.message().contains("expected twice, and was already called twice"), "{error}");
    });
    // A used-up expectation makes room for the next one.
    mock.on::<StopInstanceRequest>().error("Conflict", 409);
    assert_eq!(run(client.stop_instance().instance_id("i-1").send()).unwrap_err().code(), Some("Conflict"));
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "the mistakes that are tested")]
fn mistakes_in_expectations_are_reported_where_they_are_made() {
    let declare = |declare: fn(&Mock)| panic_of(|| declare(&unchecked()));
    for message in [
        declare(|mock| drop(mock.on::<StopInstanceRequest>().times(2..2))),
        declare(|mock| drop(mock.on::<StopInstanceRequest>().times(3..=1))),
        declare(|mock| drop(mock.on::<StopInstanceRequest>().reply(Default::default()).times(1..1))),
    ] {
        assert!(message.contains("the range of calls is empty"), "{message}");
    }
    // An unlimited number of calls leaves none for another reply.
    let message = declare(|mock| drop(mock.on::<StopInstanceRequest>().timeout().times(1..).error("Conflict", 409)));
    assert!(message.contains("this reply would never be used"), "{message}");
    // A response with this status is not an error.
    for status in [200, 0, 99, 1000] {
        let message = panic_of(|| drop(unchecked().on::<StopInstanceRequest>().error("Conflict", status)));
        assert!(message.contains(&format!("HTTP status, not {status}")), "{message}");
    }
}

#[test]
fn calls_can_be_expected_in_order() {
    let mock = unchecked().in_order();
    mock.on::<StopInstanceRequest>();
    mock.on::<StartInstanceRequest>().error("ServiceUnavailable", 503).reply(StartInstanceResponse::default());
    mock.on::<StopInstanceRequest>();
    let client: Client = mock.client();
    let stop = || client.stop_instance().instance_id("i-1").send();
    let start = || client.start_instance().instance_id("i-1").send();
    run(async {
        let early = start().await.unwrap_err();
        assert!(early.message().contains("called too early: StopInstance at"), "{early}");
        stop().await.unwrap();
        let early = stop().await.unwrap_err();
        assert!(early.message().contains("too early") || early.message().contains("already called"), "{early}");
        assert_eq!(start().await.unwrap_err().code(), Some("ServiceUnavailable"));
        start().await.unwrap();
        stop().await.unwrap();
        assert!(stop().await.unwrap_err().message().contains("the mock does not expect this call"));
    });
}

#[test]
fn sequences_order_only_their_own_expectations() {
    let mock = unchecked();
    let sequence = Sequence::new();
    mock.on::<DescribeInstancesRequest>();
    mock.on::<StopInstanceRequest>().in_sequence(&sequence);
    mock.on::<StartInstanceRequest>().in_sequence(&sequence);
    let client: Client = mock.client();
    run(async {
        client.describe_instances().send().await.unwrap();
        assert!(client.start_instance().instance_id("i-1").send().await.is_err());
        client.stop_instance().instance_id("i-1").send().await.unwrap();
        client.describe_instances().send().await.unwrap();
        client.start_instance().instance_id("i-1").send().await.unwrap();
        let late = client.stop_instance().instance_id("i-1").send().await.unwrap_err();
        assert!(late.message().contains("called too late"), "{late}");
    });
}

#[test]
fn tokens_and_regions_are_compared_only_if_the_expected_request_has_them() {
    let mock = unchecked();
    mock.on::<RunInstancesRequest>().with(RunInstancesRequest::new().amount(1)).once();
    mock.on::<RunInstancesRequest>().with(RunInstancesRequest::new().amount(1).client_token("t").region_id("r")).once();
    let client: Client = mock.client();
    run(async {
        client.run_instances().amount(1).send().await.unwrap();
        client.run_instances().amount(1).client_token("t").region_id("r").send().await.unwrap();
        let error = client.run_instances().amount(1).client_token("u").region_id("r").send().await.unwrap_err();
        assert!(error.message().contains("nearest"), "{error}");
    });
}

#[test]
fn functions_of_the_test_may_use_the_mock() {
    let mock = Mock::new();
    let (in_condition, in_reply) = (mock.clone(), mock.clone());
    mock.on::<DescribeInstancesRequest>()
        .matching(move |_| in_condition.received().is_empty())
        .reply_with(move |_| page(&vec!["i-1"; in_reply.received().len()]));
    let client: Client = mock.client();
    assert_eq!(run(client.describe_instances().send()).unwrap().instances.len(), 1);
    // The clones inside would keep the mock alive.
    mock.checkpoint();
    assert!(mock.received().is_empty() && mock.report().is_none());
}

#[test]
fn secrets_are_not_shown_by_reports() {
    let mock = unchecked();
    mock.on::<CreateInstanceRequest>().with(CreateInstanceRequest::new().password("Expected-1").instance_type("t"));
    let client: Client = mock.client();
    let call = client.create_instance().password("Received-2").instance_type("t").send();
    let error = run(call).unwrap_err();
    for text in [error.to_string(), mock.report().unwrap(), format!("{mock:?}")] {
        assert!(!text.contains("Expected-1") && !text.contains("Received-2"), "{text}");
    }
    assert!(error.message().contains("`Password` has another value"), "{error}");
}

#[test]
fn a_clock_advances_only_when_nothing_else_is_ready() {
    let _limit = TimeLimit::start();
    for runtime in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut runtime = runtime;
        runtime.enable_all().build().unwrap().block_on(async {
            let clock = TestClock::new();
            // A chain of tasks that wake each other is faster than the shortest sleep.
            let (sender, mut receiver) = tokio::sync::mpsc::channel::<u32>(1);
            let sleeping = tokio::spawn({
                let clock = clock.clone();
                async move {
                    clock.sleep(seconds(1)).await;
                    clock.sleep(seconds(2)).await;
                    clock.elapsed()
                }
            });
            tokio::spawn(async move {
                for number in 0..20 {
                    sender.send(number).await.unwrap();
                }
            });
            let mut received = 0;
            while receiver.recv().await.is_some() {
                received += 1;
            }
            assert_eq!(received, 20);
            assert_eq!(sleeping.await.unwrap(), seconds(3));
            assert_eq!(clock.sleeps(), [seconds(1), seconds(2)]);
        });
    }
}

#[test]
fn sleeps_of_many_tasks_end_in_order() {
    let _limit = TimeLimit::start();
    for threads in [1, 4] {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).build().unwrap();
        let clock = TestClock::new();
        let tasks: Vec<_> = (1..=50)
            .rev()
            .map(|number| {
                let clock = clock.clone();
                runtime.spawn(async move {
                    clock.sleep(seconds(number)).await;
                    clock.elapsed()
                })
            })
            .collect();
        for task in tasks {
            assert!(runtime.block_on(task).unwrap() >= seconds(1));
        }
        assert!(clock.elapsed() >= seconds(50));
    }
}

#[test]
fn a_time_limit_does_not_end_a_call_that_waits_for_a_socket() {
    run(async {
        let emulator = ecs_emulator::Emulator::builder().start().await.unwrap();
        let ecs = test_util::client::<Client>(emulator.endpoint());
        assert!(ecs.describe_instances().send().await.unwrap().instances.is_empty());
        let clock = TestClock::new();
        let client: Client = Client::builder()
            .without_environment()
            .region("cn-hangzhou")
            .credentials(ecs_sdk::Credentials::new("testid", "testsecret"))
            .endpoint(emulator.endpoint())
            .system(clock.clone())
            .build()
            .unwrap();
        // The emulator rejects the time of the clock, and the SDK corrects it.
        assert!(client.describe_instances().send().await.unwrap().instances.is_empty());
        assert_eq!(clock.elapsed(), Duration::ZERO);
    });
}

/// A service behind a slow socket: its response needs many turns of the runtime.
#[derive(Debug)]
struct SlowSocket;

impl ecs_sdk::transport::Transport for SlowSocket {
    fn send(
        &self,
        _: http::Request<ecs_sdk::bytes::Bytes>,
    ) -> ecs_sdk::BoxFuture<'_, Result<http::Response<ecs_sdk::bytes::Bytes>, ecs_sdk::transport::TransportError>> {
        Box::pin(async {
            for _ in 0..200 {
                tokio::task::yield_now().await;
            }
            Ok(http::Response::new(r#"{"RequestId":"R-1"}"#.into()))
        })
    }
}

#[test]
fn a_call_that_waits_for_a_socket_does_not_time_out_while_another_task_sleeps() {
    let _limit = TimeLimit::start();
    for builder in [tokio::runtime::Builder::new_current_thread(), tokio::runtime::Builder::new_multi_thread()] {
        let mut builder = builder;
        builder.enable_all().build().unwrap().block_on(async {
            let clock = TestClock::new();
            let sleeper = tokio::spawn({
                let clock = clock.clone();
                async move {
                    for _ in 0..10 {
                        clock.sleep(seconds(3600)).await;
                    }
                }
            });
            let client: Client = Mock::with_clock(clock).builder().transport(SlowSocket).build().unwrap();
            let call = tokio::spawn(client.start_instance().instance_id("i-1").send());
            call.await.unwrap().unwrap();
            sleeper.await.unwrap();
        });
    }
}

#[test]
fn a_manual_clock_moves_only_when_the_test_moves_it() {
    run(async {
        let clock = TestClock::manual();
        let mock = Mock::with_clock(clock.clone());
        mock.on::<DescribeInstancesRequest>().error("ServiceUnavailable", 503).times(2).reply(page(&[]));
        let client: Client = mock.client();
        let call = tokio::spawn(client.describe_instances().send());
        for attempts in 1..=2 {
            clock.until_sleeping().await;
            assert_eq!(mock.received().len(), attempts);
            assert!(clock.advance_to_next().unwrap() <= seconds(1));
            while mock.received().len() == attempts {
                tokio::task::yield_now().await;
            }
        }
        call.await.unwrap().unwrap();
        assert!(clock.advance_to_next().is_none());
    });
}

#[test]
fn policies_and_interceptors_can_be_tested_alone() {
    let system = TestClock::new();
    let policy = FullJitter::default().max_attempts(3);
    let error = Error::service("ServiceUnavailable", "m", 503);
    let failed = ecs_sdk::retry::FailedAttempt::new(&error, &system);
    assert!(!failed.is_safe_to_retry() && failed.with_idempotent(true).is_safe_to_retry());
    assert!(policy.next(&failed.with_idempotent(true)).is_some());
    assert!(policy.next(&failed.with_idempotent(true).with_number(3)).is_none());
}

#[test]
fn the_emulator_follows_a_clock() {
    run(async {
        let emulator = ecs_emulator::Emulator::builder().transition(seconds(60)).start().await.unwrap();
        let emulated = emulator.clock();
        let clock = TestClock::new()
            .at(ecs_sdk::system::TokioSystem::default().now())
            .on_advance(move |by| emulated.advance(by));
        let client: Client = test_util::client(emulator.endpoint());
        let config = Client::builder().without_environment().region("cn-hangzhou").endpoint(emulator.endpoint());
        let config = config.credentials(ecs_sdk::Credentials::new("testid", "testsecret"));
        let follower: Client = config.system(clock.clone()).build().unwrap();
        let run = client.run_instances().image_family("acs:alibaba_cloud_linux_3_2104_lts_x64");
        let created = run.instance_type("ecs.g6.large").send().await.unwrap();
        let running = follower.wait_until_instance_running().instance_ids(created.instance_id_sets);
        running.wait(seconds(3600)).await.unwrap();
        assert!(clock.elapsed() >= seconds(50), "{clock:?}");
    });
}

/// Everything that must not be in a recording.
const SECRETS: [&str; 7] = [
    "testid",
    "testsecret",
    "Sup3r-Secret",
    "c2VjcmV0LWRhdGEtb2YtdGhlLXVzZXI=",
    "secret-data-of-the-user",
    "echo hidden-command",
    "ZWNobyBoaWRkZW4tY29tbWFuZA==",
];

#[test]
fn recordings_of_the_emulator_are_replayed_without_secrets() {
    run(async {
        let emulator = ecs_emulator::Emulator::builder().start().await.unwrap();
        let recorder = Recorder::new(
            ecs_sdk::transport::HttpClient::new(&ecs_sdk::transport::HttpOptions::new(), &Timeouts::new()).unwrap(),
        );
        let real: Client = Client::builder()
            .without_environment()
            .region("cn-hangzhou")
            .credentials(ecs_sdk::Credentials::new("testid", "testsecret"))
            .endpoint(emulator.endpoint())
            .transport(recorder.clone())
            .build()
            .unwrap();
        let recorded = program(&real).await;
        let folder = std::env::temp_dir().join(format!("ecs-sdk-recording-{}", std::process::id()));
        let file = folder.join("program.json");
        recorder.save(&file).unwrap();
        let text = std::fs::read(&file).map(|bytes| String::from_utf8(bytes).unwrap()).unwrap();
        let loaded = Recording::load(&file);
        std::fs::remove_dir_all(&folder).unwrap();
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        for name in ["Signature", "AccessKeyId", "Timestamp", "ClientToken"] {
            assert!(!text.contains(name), "{name} in {text}");
        }
        assert!(text.contains("\"Password\": \"***\"") && text.contains("\"UserData\": \"***\""), "{text}");
        let recording = loaded.unwrap();
        assert_eq!(recording.to_json(), text);
        for mock in [recording.replay(), recording.replay_in_order()] {
            assert_eq!(program(&mock.client()).await, recorded);
            mock.verify();
        }
        // By operation: in any order, and not all of them.
        let mock = recording.replay();
        let client: Client = mock.client();
        assert_eq!(client.describe_instances().send().await.unwrap().instances.len(), 1);
        let error = client.describe_instances().zone_id("cn-hangzhou-x").send().await.unwrap_err();
        assert!(error.message().contains("`ZoneId` is \"cn-hangzhou-x\" instead of absent"), "{error}");
        assert!(error.message().contains("of ") && error.message().contains("program.json"), "{error}");
        mock.verify_on_drop(false);
        // Strict: the order matters.
        let mock = recording.replay_in_order();
        let error = mock.client::<Client>().describe_instances().send().await.unwrap_err();
        assert!(error.message().contains("too early"), "{error}");
        mock.verify_on_drop(false);
    });
}

/// Creates an instance with secrets, and reads them again. Returns what it learns.
async fn program(client: &Client) -> Vec<String> {
    let mut seen = Vec::new();
    let described = |page: &DescribeInstancesResponse| ecs_sdk::serde_json::to_string(page).unwrap();
    let created = client
        .run_instances()
        .amount(1)
        .image_family("acs:alibaba_cloud_linux_3_2104_lts_x64")
        .instance_type("ecs.g6.large")
        .password("Sup3r-Secret")
        .options(CallOptions::new().parameter("UserData", "c2VjcmV0LWRhdGEtb2YtdGhlLXVzZXI="))
        .send()
        .await
        .unwrap();
    seen.extend(created.instance_id_sets);
    let all = client.describe_instances().send().await.unwrap();
    assert_eq!(all.instances.len(), 1);
    seen.push(described(&all));
    let missing = client.start_instance().instance_id("i-missing").send().await.unwrap_err();
    seen.push(missing.to_string());
    let script = CallOptions::new().parameter("CommandContent", "ZWNobyBoaWRkZW4tY29tbWFuZA==");
    let unknown =
        client.run_command().r#type("RunShellScript").instance_ids(["i-missing"]).options(script).send().await;
    seen.push(unknown.unwrap_err().to_string());
    seen
}

#[test]
fn recordings_contain_failures_and_mask_what_responses_repeat() {
    let mock = Mock::new();
    mock.on::<DescribeUserDataRequest>()
        .reply_json(json!({"UserData": "c2VjcmV0LWRhdGEtb2YtdGhlLXVzZXI=", "InstanceId": "i-1"}));
    mock.on::<CreateInstanceRequest>()
        .error_with("InvalidPassword", "The password Sup3r-Secret of mock-id is too short.", 400)
        .connection_lost()
        .respond(http::Response::builder().status(502).body("<p>secret-data-of-the-user</p>").unwrap())
        .reply_json(json!({"InstanceId": "i-1", "Nested": [{"VncPassword": "123456", "Port": 5, "DbPassword": "x"}]}));
    mock.on_operation("NewThing").reply_json(json!({"PrivateKey": "key-1", "Id": 7}));
    mock.on::<RunCommandRequest>().reply_json(json!({"InvokeId": "t-1"}));
    let recorder = Recorder::new(mock.transport());
    let client: Client = mock.builder().transport(recorder.clone()).retry(ecs_sdk::retry::Never).build().unwrap();
    run(async {
        let create = || {
            let data = CallOptions::new().parameter("UserData", "c2VjcmV0LWRhdGEtb2YtdGhlLXVzZXI=");
            client.create_instance().instance_type("t").password("Sup3r-Secret").options(data).send()
        };
        for _ in 0..4 {
            let _ = create().await;
        }
        client.describe_user_data().instance_id("i-1").send().await.unwrap();
        client.call("NewThing").parameter("AdminPassword", "Sup3r-Secret").send().await.unwrap();
        let parameters = json!({"token": "Sup3r-Secret"}).to_string();
        let content = CallOptions::new().parameter("CommandContent", "ZWNobyBoaWRkZW4tY29tbWFuZA==");
        let run = client.run_command().r#type("RunShellScript").instance_ids(["i-1"]);
        run.options(content.parameter("Parameters", parameters)).send().await.unwrap();
    });
    let text = recorder.recording().to_json();
    for secret in SECRETS.iter().chain(&["mock-id", "123456", "\"x\"", "key-1"]) {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let replayed = Recording::from_json(&text).unwrap().replay_in_order();
    replayed.verify_on_drop(false);
    let again: Client = replayed.builder().retry(ecs_sdk::retry::Never).build().unwrap();
    run(async {
        let create = || {
            let data = CallOptions::new().parameter("UserData", "YW5vdGhlcg==");
            again.create_instance().instance_type("t").password("another").options(data).send()
        };
        assert_eq!(create().await.unwrap_err().code(), Some("InvalidPassword"));
        let lost = create().await.unwrap_err();
        assert!(lost.kind() == ErrorKind::Transport && lost.is_maybe_executed(), "{lost}");
        assert_eq!(create().await.unwrap_err().http_status(), Some(502));
        assert_eq!(create().await.unwrap().instance_id, "i-1");
    });
}

#[test]
fn temporary_credentials_are_not_recorded_either() {
    let mock = Mock::new();
    mock.on::<sts::operation::assume_role::AssumeRoleRequest>().reply_json(json!({"Credentials": {
        "AccessKeyId": "STS.role-key",
        "AccessKeySecret": "role-secret",
        "SecurityToken": "role-token",
        "Expiration": "2030-01-01T00:00:00Z",
    }}));
    mock.on::<StopInstanceRequest>().respond(
        Reply::json(json!({
            "Code": "SignatureDoesNotMatch",
            "Message": "role-token of STS.role-key: server string to sign is:POST&%2F&AccessKeyId%3DSTS.role-key",
        }))
        .with_status(400),
    );
    let recorder = Recorder::new(mock.transport());
    let role = ecs_sdk::credentials::AssumeRole::builder(ecs_sdk::Credentials::new("long-term", "long-term-secret"));
    let role = std::sync::Arc::new(role.role_arn("acs:ram::1:role/r").build());
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        let builder = mock.builder().transport(recorder.clone()).credentials(role.clone());
        let client: Client = builder.signature_version(version).build().unwrap();
        let error = run(client.stop_instance().instance_id("i-1").send()).unwrap_err();
        assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    }
    let text = recorder.recording().to_json();
    for secret in ["STS.role-key", "role-secret", "role-token", "long-term", "POST&"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    // The mock's own credentials replace the role.
    let replayed = recorder.recording().replay_in_order();
    for _ in 0..2 {
        let client: Client = replayed.client();
        assert!(run(client.stop_instance().instance_id("i-1").send()).is_err());
    }
    replayed.verify();
}

#[test]
fn a_mock_serves_many_tasks_at_once() {
    let _limit = TimeLimit::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let mock = Mock::new();
    mock.on::<StopInstanceRequest>()
        .respond_with(|request| match request.instance_id.as_deref() {
            Some(id) if id.ends_with('7') => Err(Error::service("ServiceUnavailable", "m", 503)),
            _ => Ok(ecs_sdk::operation::stop_instance::StopInstanceResponse::default()),
        })
        .times(100)
        .after(seconds(1));
    let client: Client = mock.client();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            // A stop is not repeated after this error, because it may have been executed.
            let client = client.clone();
            runtime.spawn(async move { client.stop_instance().instance_id(format!("i-{number}")).send().await })
        })
        .collect();
    let failed = tasks.into_iter().filter_map(|task| runtime.block_on(task).unwrap().err()).count();
    assert_eq!(failed, 10);
    assert_eq!(mock.received().len(), 100);
}

#[test]
fn a_file_that_is_not_a_recording_is_rejected_with_its_name() {
    let error = Recording::load("/nowhere/at-all.json").unwrap_err();
    assert!(error.to_string().contains("/nowhere/at-all.json"), "{error}");
    for (json, part) in [
        ("[]", "invalid"),
        (r#"{"calls": [{"operation": "X"}]}"#, "call 1 (X) needs exactly one of"),
        (r#"{"calls": [{"operation": "X", "status": 99, "response": {}}]}"#, "call 1 (X)"),
        (r#"{"calls": [{"operation": "X", "respnse": {}}]}"#, "unknown field `respnse`, expected one of `operation`,"),
        (r#"{"calls": [{"response": {}}]}"#, "missing field `operation`"),
        (r#"{"calls": [{"operation": "X", "operation": "Y"}]}"#, "duplicate field `operation`"),
        (r#"{"calls": [{"operation": "X", "status": "200"}]}"#, "expected u16 at line 1 column"),
        (r#"{"calls": [{"operation": "X", "failure": {"timeout": true}}]}"#, "missing field `sent`"),
        (r#"{"calls": [{"operation": "X", "headers": {"retry after": "1"}, "response": {}}]}"#, "`retry after`"),
        (r#"{"calls": [{"operation": "X", "headers": {"date": "a\nb"}, "response": {}}]}"#, "call 1 (X)"),
    ] {
        let error = Recording::from_json(json).unwrap_err();
        assert!(error.to_string().contains(part), "{json}: {error}");
    }
    let error = Recording::default().save("/proc/nowhere/at-all.json").unwrap_err();
    assert!(error.to_string().contains("/proc/nowhere/at-all.json"), "{error}");
}

#[test]
fn masked_content_can_be_decoded() {
    let mock = Mock::new();
    mock.on::<DescribeInvocationResultsRequest>().reply(DescribeInvocationResultsResponse::build(|response| {
        response.invocation.invocation_results =
            vec![InvocationResult::build(|result| result.output = content::encode("s3cret"))];
    }));
    let recorder = Recorder::new(mock.transport());
    let output = |client: &Client, encoding: ContentEncoding| {
        let call = client.describe_invocation_results().invoke_id("t-1").content_encoding(encoding);
        let result = run(call.send()).unwrap().invocation.invocation_results.remove(0);
        result.output_decoded().unwrap().to_string()
    };
    let client: Client = mock.builder().transport(recorder.clone()).build().unwrap();
    assert_eq!(output(&client, ContentEncoding::Base64), "s3cret");
    output(&client, ContentEncoding::PlainText);
    // The file is readable, and the program sees the same, however it asks for the content.
    let json = recorder.recording().to_json();
    assert_eq!(json.matches(r#""Output": "***""#).count(), 2, "{json}");
    let client: Client = Recording::from_json(&json).unwrap().replay().client();
    assert_eq!(output(&client, ContentEncoding::Base64), "***");
    assert_eq!(output(&client, ContentEncoding::PlainText), "***");
}

#[test]
fn recordings_keep_their_region_and_can_be_replayed_by_operation_alone() {
    let recording = Recording::from_json(
        r#"{"calls": [
            {"operation": "DescribeInstances", "parameters": {"RegionId": "cn-beijing", "ZoneId": "a"},
             "response": {"RequestId": "R-1", "Instances": {"Instance": [{"InstanceId": "i-1"}]}}},
            {"operation": "DescribeInstances", "parameters": {"RegionId": "cn-beijing", "ZoneId": "b"},
             "response": {"RequestId": "R-2", "Instances": {"Instance": []}}}
        ]}"#,
    );
    let recording = recording.unwrap();
    let count =
        |client: &Client, zone: &str| run(client.describe_instances().zone_id(zone).send()).unwrap().instances.len();
    let client: Client = recording.replay().client();
    assert_eq!([count(&client, "b"), count(&client, "a"), count(&client, "b")], [0, 1, 0]);
    let client: Client = recording.replay_by_operation().client();
    assert_eq!([count(&client, "x"), count(&client, "a"), count(&client, "b")], [1, 0, 0]);
}

#[test]
fn requests_of_credentials_providers_can_be_expected_and_are_not_recorded() {
    let mock = Mock::new();
    let key = r#"{"Code": "Success", "AccessKeyId": "uri-key", "AccessKeySecret": "uri-secret", "SecurityToken": "uri-token",
        "Expiration": "2030-01-01T00:00:00Z"}"#;
    mock.on_operation("GET http://127.0.0.1:9/key").respond(http::Response::new(key)).once();
    mock.on::<StopInstanceRequest>();
    let recorder = Recorder::new(mock.transport());
    let provider = ecs_sdk::credentials::CredentialsUri::builder().uri("http://127.0.0.1:9/key?for=me").build();
    let client: Client = mock.builder().credentials(provider).transport(recorder.clone()).build().unwrap();
    run(client.stop_instance().instance_id("i-1").send()).unwrap();
    assert_eq!(recorder.recording().operations().collect::<Vec<_>>(), ["StopInstance"]);
    assert!(!recorder.recording().to_json().contains("uri-"));
}

#[test]
fn untyped_parameters_are_decoded_as_far_as_possible() {
    let mock = unchecked();
    mock.on::<RunInstancesRequest>().matching(|request| request.amount.is_some());
    let client: Client = mock.client();
    let call = || client.call("RunInstances").parameter("Tag.3.Key", "k").parameter("New", 1);
    run(async {
        call().parameter("Amount", 2).send().await.unwrap();
        let error = call().parameter("Amount", "many").send().await.unwrap_err();
        assert!(error.message().contains("cannot be decoded: `Amount`"), "{error}");
    });
    let request: RunInstancesRequest = mock.received()[0].request().unwrap();
    assert_eq!((request.tags.len(), request.tags[2].key.as_deref(), request.amount), (3, Some("k"), Some(2)));
}

#[test]
fn a_program_that_never_stops_sending_requests_fails() {
    let mock = unchecked();
    let transport = mock.transport();
    // Without a client, because signing that many requests is slow.
    let request = || http::Request::post("http://127.0.0.1/").body("Action=StopInstance".into()).unwrap();
    let forever = || run(async { while transport.send(request()).await.is_err() {} });
    assert!(panic_of(forever).contains("does the program repeat them forever?"));
    assert!(mock.report().unwrap().contains("more unexpected calls"));
}

#[test]
fn recordings_may_be_written_by_hand() {
    let recording = Recording::from_json(
        r#"{"calls": [{
            "operation": "DescribeInstances",
            "parameters": {"InstanceIds": ["i-1"], "PageSize": 10, "RegionId": "cn-hangzhou", "DryRun": false},
            "response": {"RequestId": "R-1", "Instances": {"Instance": [{"InstanceId": "i-1"}]}}
        }]}"#,
    );
    let mock = recording.unwrap().replay();
    let client: Client = mock.client();
    let call = client.describe_instances().instance_ids(["i-1"]).page_size(10).dry_run(false).send();
    assert_eq!(run(call).unwrap().instances[0].instance_id, "i-1");
}
