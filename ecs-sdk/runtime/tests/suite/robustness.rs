//! Property tests: no response causes a panic, and every error is a single line of bounded length.
//!
//! Every run has the same cases. To try others, run `PROPTEST_CASES=100000 PROPTEST_RNG_SEED=7 cargo test -p
//! ecs-sdk-runtime --test suite robustness`.

use bytes::Bytes;
use ecs_sdk::fake::Clock;
use ecs_sdk::{
    Client, Credentials, Error, ErrorKind, Result,
    operation::describe_instances::{DescribeInstancesRequest, DescribeInstancesResponse},
    retry::Never,
    system::BoxFuture,
    transport::{Transport, TransportError},
};
use proptest::{collection::vec, prelude::*, test_runner::RngSeed};
use serde_json::{Value, json};

fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if default.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { default.rng_seed };
    ProptestConfig { cases: default.cases * 2, rng_seed: seed, failure_persistence: None, ..default }
}

/// A service that always sends the same response.
#[derive(Debug, Clone)]
struct Fixed(u16, Bytes);

impl Transport for Fixed {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async { Ok(http::Response::builder().status(self.0).body(self.1.clone()).unwrap()) })
    }
}

fn client(status: u16, body: impl Into<Bytes>) -> Client {
    let builder = Client::builder().without_environment().credentials(Credentials::new("id", "secret"));
    let builder = builder.endpoint("http://127.0.0.1:9").region("r").retry(Never);
    builder.transport(Fixed(status, body.into())).system(Clock::default()).build().unwrap()
}

fn call(status: u16, body: impl Into<Bytes>) -> Result<DescribeInstancesResponse> {
    Clock::default().run(client(status, body).describe_instances().send())
}

fn untyped(status: u16, body: impl Into<Bytes>) -> Result<Value> {
    Clock::default().run(client(status, body).call("DescribeAnything").send())
}

/// Asserts that an error is a single line of bounded length, and returns it.
fn line(error: &Error) -> String {
    let line = error.to_string();
    assert!(line.starts_with("ecs Describe") && line.contains(" failed: "), "{line}");
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(line.chars().count() < 2500, "{}", line.len());
    let _ = (format!("{error:?}"), error.is_retryable(), error.is_throttling(), error.is_not_found());
    line
}

/// Asserts that typed and untyped calls return a response or a one-line error.
fn check(status: u16, body: &[u8]) {
    if let Err(error) = call(status, body.to_vec()) {
        line(&error);
        assert!(matches!(error.kind(), ErrorKind::Service | ErrorKind::Transport | ErrorKind::Decode), "{error:?}");
    } else {
        assert!((200..300).contains(&status));
    }
    if let Err(error) = untyped(status, body.to_vec()) {
        line(&error);
    }
}

fn value() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 12] = [
        "Code",
        "code",
        "Message",
        "RequestId",
        "Recommend",
        "Instances",
        "Instance",
        "Cpu",
        "Tags",
        "LockReason",
        "TotalCount",
        "NextToken",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = || prop_oneof![5 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..5).prop_map(Value::from),
            2 => vec((name(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Random combinations of XML and HTML fragments.
fn document() -> impl Strategy<Value = String> {
    const PIECES: [&str; 16] = [
        "<?xml version='1.0'?>",
        "<Error>",
        "</Error>",
        "<Code>",
        "</Code>",
        "<Message>",
        "</Message>",
        "<![CDATA[",
        "]]>",
        "&lt;",
        "&amp;",
        "<RequestId>",
        "</RequestId>",
        "<html>",
        "</html>",
        "\r\n",
    ];
    let piece = prop_oneof![4 => proptest::sample::select(&PIECES[..]).prop_map(str::to_owned), 1 => any::<String>()];
    vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn survives_any_bytes(status in 100..1000u16, body in vec(any::<u8>(), 0..200)) {
        check(status, &body);
        check(200, &[b"{", &body[..]].concat());
    }

    #[test]
    fn survives_any_json(status in 200..600u16, body in value()) {
        check(status, body.to_string().as_bytes());
        check(200, body.to_string().as_bytes());
    }

    #[test]
    fn survives_any_error(status in 300..600u16, code in "[A-Z.-]{0,130}|.*", message in any::<String>(), id in value()) {
        let body = json!({"Code": code, "Message": message, "RequestId": id, "Recommend": id});
        let error = call(status, body.to_string()).unwrap_err();
        line(&error);
        let is_code = |code: &&str| (1..=128).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte));
        prop_assert_eq!(error.code(), Some(&*code).filter(is_code));
        prop_assert_eq!(error.http_status(), Some(status));
    }

    #[test]
    fn survives_any_document(status in 200..600u16, text in document()) {
        check(status, text.as_bytes());
    }
}

#[test]
fn errors_are_short_for_long_responses() {
    let long = "x ".repeat(1_000_000);
    for (status, body) in [
        (500, long.clone()),
        (200, long.clone()),
        (400, json!({"Code": long, "Message": long, "RequestId": long, "Recommend": long}).to_string()),
        (400, format!("<Error><Code>{long}</Code><Message>{long}</Message><RequestId>{long}</RequestId></Error>")),
        (400, format!("<html>{long}")),
        (400, json!({long.clone(): long}).to_string()),
        (200, json!({"Instances": long}).to_string()),
        (200, json!({"RequestId": long, "TotalCount": []}).to_string()),
    ] {
        line(&call(status, body).unwrap_err());
    }
}

const DEPTH: usize = 100_000;

/// Deeply nested brackets, unclosed and closed.
fn deep(open: &str, close: &str) -> [String; 2] {
    [open.repeat(DEPTH), format!("{}1{}", open.repeat(DEPTH), close.repeat(DEPTH))]
}

#[test]
fn deep_nesting_is_rejected_without_overflowing_the_stack() {
    let all = [("[", "]"), ("{\"Instances\":", "}"), ("{\"Instance\":[", "]}"), ("{\"Unknown\":", "}")];
    for nested in all.into_iter().flat_map(|(open, close)| deep(open, close)) {
        for (before, after) in [
            ("", ""),
            ("{\"RequestId\":", "}"),
            ("{\"Instances\":", "}"),
            ("{\"Instances\":{\"Instance\":", "}}"),
            ("{\"Instances\":{\"Instance\":[{\"Tags\":{\"Tag\":", "}}]}}"),
            ("{\"Code\":\"A\",\"Message\":", "}"),
        ] {
            let body = format!("{before}{nested}{after}");
            for status in [200, 400, 503] {
                // Unknown members are skipped regardless of their depth.
                if let Err(error) = call(status, body.clone()) {
                    line(&error);
                }
                line(&untyped(status, body.clone()).unwrap_err());
            }
        }
    }
    let body = format!("{{\"Unknown\":{},\"TotalCount\":7}}", deep("[", "]")[1]);
    assert_eq!(call(200, body).unwrap().total_count, Some(7));
}

#[test]
fn deep_nesting_in_deserialized_requests_is_rejected() {
    for [cut, closed] in [deep("[", "]"), deep("{\"a\":", "}"), deep("[{\"a\":", "}]")] {
        for nested in [cut, closed] {
            // A string that is not a JSON list becomes a single element, and unknown members are skipped.
            for (text, count) in [
                (json!({"InstanceIds": nested}).to_string(), 1),
                (format!("{{\"InstanceIds\":{nested}}}"), 1),
                (format!("{{\"Tag\":{nested}}}"), 0),
            ] {
                if let Ok(request) = serde_json::from_str::<DescribeInstancesRequest>(&text) {
                    assert_eq!(request.instance_ids.map_or(0, |ids| ids.len()), count);
                }
            }
        }
    }
    let error =
        serde_json::from_str::<DescribeInstancesRequest>(&json!({"InstanceIds": "[".repeat(DEPTH)}).to_string());
    assert!(error.unwrap_err().to_string().starts_with("InstanceIds: "));
}
