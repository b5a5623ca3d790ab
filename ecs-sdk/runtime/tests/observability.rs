//! Spans and events: subscribers of `tracing` get the documented ones, and never the value of a parameter.

extern crate ecs_sdk_testing as ecs_sdk;

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use ecs_sdk::fake::{Response, Service, seconds};
use ecs_sdk::operation::describe_instances::DescribeInstancesResponse;
use ecs_sdk::{Client, Config, Credentials, Network, credentials::AssumeRole};
use futures_util::StreamExt;
use serde_json::json;
use tracing::{Event, Instrument as _, Subscriber, field::Field, span};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// The target of all spans and events, regardless of the crate that emits them.
const TARGET: &str = "ecs_sdk";

/// Captures each span and event as a line. The line of a span contains all its fields, including those recorded later.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<Vec<Line>>>);

#[derive(Default)]
struct Line {
    span: Option<u64>,
    text: String,
}

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let depth = context.span(id).unwrap().scope().count() - 1;
        let metadata = attributes.metadata();
        assert_eq!(metadata.target(), TARGET);
        let mut text = format!("{}{} {}", "  ".repeat(depth), metadata.level(), metadata.name());
        attributes.record(&mut Fields(&mut text));
        self.0.lock().unwrap().push(Line { span: Some(id.into_u64()), text });
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        let mut lines = self.0.lock().unwrap();
        // IDs are reused after a span is closed, so the last one is the current span.
        let line = lines.iter_mut().rev().find(|line| line.span == Some(id.into_u64())).unwrap();
        values.record(&mut Fields(&mut line.text));
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        assert_eq!(event.metadata().target(), TARGET);
        let depth = context.event_scope(event).map_or(0, Iterator::count);
        let mut text = format!("{}{}", "  ".repeat(depth), event.metadata().level());
        event.record(&mut Fields(&mut text));
        self.0.lock().unwrap().push(Line { span: None, text });
    }
}

/// Runs `work` and returns the spans and events that it emitted.
fn captured<T>(work: impl FnOnce() -> T) -> (Vec<String>, T) {
    let capture = Capture::default();
    let subscriber = tracing_subscriber::registry().with(capture.clone());
    let result = tracing::subscriber::with_default(subscriber, work);
    let lines = std::mem::take(&mut *capture.0.lock().unwrap());
    (lines.into_iter().map(|line| line.text).collect(), result)
}

const SECRETS: [&str; 9] =
    ["p4ssw0rd", "c2NyaXB0", "n4me", "t4gvalue", "testsecret", "t0ken", "cl13nt", "0ption", "h3ader"];

fn config(service: &Service) -> Config {
    let credentials = Credentials::new("testid", "testsecret").with_security_token("t0ken");
    service.config().region("cn-hangzhou").credentials(credentials).build().unwrap()
}

#[test]
fn a_retried_call_is_one_span_with_a_child_span_per_attempt() {
    let id = |response: Response| response.header("x-acs-request-id", "R-1");
    let service = Service::script([
        Response::error(503, "ServiceUnavailable"),
        Response::reset_after_sending(),
        id(Response::ok(json!({"RequestId": "R-1"}))),
    ]);
    let client = Client::from(&config(&service));
    let (lines, result) = captured(|| service.run(client.describe_instances().instance_name("n4me").send()));
    result.unwrap();
    let expected = [
        r#"INFO alibabacloud.call otel.kind="client" service="ecs" operation="DescribeInstances" region="cn-hangzhou" attempts=3"#,
        r#"  DEBUG alibabacloud.attempt attempt=1 code="ServiceUnavailable" request_id="R-9" status=503"#,
        r#"  WARN message=attempt failed, retrying attempt=1 code="ServiceUnavailable" status=503 request_id="R-9" wait_ms="#,
        r#"  DEBUG alibabacloud.attempt attempt=2"#,
        r#"  WARN message=attempt failed, retrying attempt=2 wait_ms="#,
        r#"  DEBUG alibabacloud.attempt attempt=3 status=200 request_id="R-1""#,
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(expected) {
        let rest = line.strip_prefix(start).unwrap_or_else(|| panic!("{line}\n{start}"));
        assert!(rest.is_empty() || start.ends_with('=') && rest.parse::<u64>().is_ok(), "{line}");
    }
}

#[test]
fn a_page_that_is_read_ahead_belongs_to_the_span_of_the_caller() {
    let page = |id: &str, token: &str| {
        Response::ok(json!({"Instances": {"Instance": [{"InstanceId": id}]}, "NextToken": token}))
    };
    let service = Service::script([page("i-1", "a"), page("i-2", "")]);
    let client = Client::from(&config(&service));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (lines, count) = captured(|| {
        let span = tracing::info_span!(target: "ecs_sdk", "caller");
        let items = client.describe_instances().items().read_ahead().try_collect::<Vec<_>>();
        runtime.block_on(items.instrument(span)).unwrap().len()
    });
    assert_eq!((count, lines[0].as_str()), (2, "INFO caller"));
    let calls: Vec<_> = lines.iter().filter(|line| line.contains("alibabacloud.call")).collect();
    assert!(calls.len() == 2 && calls.iter().all(|line| line.starts_with("  INFO")), "{lines:#?}");
}

#[test]
fn unreadable_numbers_are_reported_in_one_event_with_the_path_of_the_first() {
    let instances = json!([{"Cpu": 2}, {"Cpu": "p4ssw0rd", "InstanceId": "i-2"}, {"Cpu": 1.5}]);
    let body = json!({"Instances": {"Instance": instances}, "TotalCount": "3"});
    let service = Service::always(Response::ok(body.clone()));
    let client = Client::from(&config(&service));
    let (lines, response) = captured(|| service.run(client.describe_instances().send()).unwrap());
    let cpus: Vec<_> = response.instances.iter().map(|instance| instance.cpu).collect();
    assert_eq!((cpus, response.instances[1].instance_id.as_str()), (vec![Some(2), None, None], "i-2"));
    let event = concat!(
        r#"WARN message=numbers or booleans that could not be read are treated as absent; the path of the first one is given "#,
        r#"model="DescribeInstancesResponse" path="Instances.Instance[1].Cpu" expected="a 64-bit integer" count=2"#
    );
    assert_eq!(lines.iter().filter(|line| line.starts_with("WARN")).collect::<Vec<_>>(), [event]);
    // The same event is emitted for a saved response.
    let (lines, saved) = captured(|| serde_json::from_value::<DescribeInstancesResponse>(body).unwrap());
    assert_eq!((lines, saved), (vec![event.to_owned()], response));
}

#[test]
fn the_span_of_a_failed_call_has_the_code_and_the_request_id() {
    let service = Service::always(Response::error(403, "Forbidden.RAM"));
    let client = Client::from(&config(&service));
    let (lines, result) = captured(|| service.run(client.delete_instance().instance_id("n4me").send()));
    assert!(result.is_err());
    assert_eq!(
        lines,
        [
            r#"INFO alibabacloud.call otel.kind="client" service="ecs" operation="DeleteInstance" region="cn-hangzhou" code="Forbidden.RAM" request_id="R-9" attempts=1"#,
            r#"  DEBUG alibabacloud.attempt attempt=1 code="Forbidden.RAM" request_id="R-9" status=403"#,
        ]
    );
}

#[test]
fn spans_and_events_never_contain_parameter_values_or_secrets() {
    let responses = [
        Response::success(),
        Response::ok(json!({"Instances": {"Instance": [{"InstanceName": "n4me"}]}, "NextToken": "t0ken"})),
        Response::error(400, "InvalidParameter"),
        Response::error(400, "Throttling"),
        Response::error(400, "InvalidTimeStamp.Expired").header("date", "Tue, 06 Jan 2026 18:00:00 GMT"),
        Response::new(400, r#"{"Code": "A", "Message": "p4ssw0rd and n4me are not valid"}"#),
        Response::new(500, "<html>p4ssw0rd n4me"),
        Response::new(200, "<html>p4ssw0rd n4me"),
        Response::new(200, r#"{"TotalCount": "n4me", "Amount": []}"#),
        Response::new(500, ""),
        Response::connection_refused(),
        Response::reset_after_sending(),
        Response::hang(),
    ];
    let mut all = Vec::new();
    for response in responses {
        let service = Service::always(response.clone());
        let client = Client::from(&config(&service));
        let options = ecs_sdk::CallOptions::new().parameter("Extra", "0ption").header("x-extra", "h3ader");
        let tag = ecs_sdk::types::Tag::new().key("k").value("t4gvalue");
        let run = client.run_instances().instance_name("n4me").password("p4ssw0rd").user_data("script");
        let run = run.client_token("cl13nt").tags([tag]).options(options);
        let untyped = client.call("DescribeNew").parameter("Password", "p4ssw0rd").parameter("Name", "n4me");
        let (lines, ()) = captured(|| {
            let _ = service.run(run.clone().send());
            let _ = service.run(run.check());
            let _ = service.run(untyped.send());
            let _ = service.run(client.describe_instances().instance_name("n4me").items().take(3).collect::<Vec<_>>());
            let wait = client.wait_until_instance_running().instance_ids(["n4me"]).wait(seconds(30));
            let _ = service.run(wait);
            // A region whose endpoint is looked up.
            let lookup = Config::builder().without_environment().endpoint_lookup(true).network(Network::Public);
            let lookup = lookup.credentials(Credentials::new("testid", "testsecret").with_security_token("t0ken"));
            let lookup = lookup.transport(service.clone()).system(service.clock.clone()).region("new-1").build();
            let untyped = Client::from(lookup.unwrap()).call("DescribeNew").parameter("Name", "n4me");
            let _ = service.run(untyped.send());
        });
        assert!(lines.len() > 10, "{response:?}: {lines:#?}");
        all.extend(lines);
    }
    assert!(all.iter().any(|line| line.contains("endpoint lookup failed")));
    for line in &all {
        for secret in SECRETS {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
        assert!(!line.contains("Signature") && !line.contains('\n'), "{line}");
    }
}

#[test]
fn the_event_of_a_failed_refresh_does_not_contain_the_message_of_the_service() {
    let body = |code, message| json!({"Code": code, "Message": message, "RequestId": "R-7"}).to_string();
    let service = Service::script([
        Response::ok(json!({"Credentials": {
            "AccessKeyId": "STS.1", "AccessKeySecret": "s3cret", "SecurityToken": "t0ken",
            "Expiration": "2026-01-05T19:00:00Z",
        }})),
        Response::success(),
        Response::new(403, body("NoPermission", "n4me may not assume the role")),
        Response::success(),
    ]);
    let source = Credentials::new("testid", "testsecret");
    let role = AssumeRole::builder(source).role_arn("acs:ram::1:role/r").session_name("s").build();
    let client: Client = service.config().region("cn-hangzhou").credentials(role).build().unwrap();
    let (lines, ()) = captured(|| {
        service.run(client.describe_instances().send()).unwrap();
        service.advance(seconds(50 * 60));
        service.run(client.describe_instances().send()).unwrap();
    });
    let events: Vec<&String> = lines.iter().filter(|line| line.contains("could not be refreshed")).collect();
    let [event] = events[..] else { panic!("{lines:#?}") };
    assert!(event.ends_with(r#" kind=Service code="NoPermission" status=403 request_id="R-7""#), "{event}");
    assert!(lines.iter().all(|line| !line.contains("n4me")), "{lines:#?}");
}
