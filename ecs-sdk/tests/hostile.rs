//! Hostile responses: calls are sent again only if that is safe, an error claims that nothing was executed only if the
//! service proves it, and no secret is repeated.
#![cfg(all(feature = "instances", feature = "regions-and-zones"))]

use std::{
    io::ErrorKind as IoErrorKind,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ecs_emulator::{Echo, Emulator, Fault, Faults};
use ecs_sdk::{
    CallOptions, Client, Credentials, Error, ErrorKind, SignatureVersion,
    credentials::AssumeRole,
    interceptor::{BoxError, Interceptor, Outgoing},
    retry::{FullJitter, Never, RetryPolicy},
};
use ecs_sdk_testing::fake::{self, Response, Service, http::Server, seconds};

const IMAGE: &str = "aliyun_3_x64_20G_alibase_20250117.vhd";
const TYPE: &str = "ecs.g6.large";

/// An HTML page of a gateway.
const PAGE: &str = "<html><head><title>Error</title></head><body>Error</body></html>";

/// A case: its name, the response to every attempt, the number of requests of a read, of a write without and of a write
/// with a `ClientToken`, and whether the error reports that the call may have been executed.
type Case = (&'static str, Response, [usize; 3], bool);

/// Nothing is retried.
const ONCE: [usize; 3] = [1, 1, 1];
/// Everything is retried, because nothing was executed.
const ALL: [usize; 3] = [3, 3, 3];
/// Calls that do no harm if they are executed twice are retried.
const SAFE: [usize; 3] = [3, 1, 3];

/// Errors of the service: code and request ID are in the body.
fn errors_of_the_service() -> Vec<Case> {
    let xml = "<?xml version='1.0'?><Error><RequestId>R-9</RequestId><Code>InvalidParameter</Code></Error>";
    vec![
        ("a wrong parameter", Response::error(400, "InvalidParameter"), ONCE, false),
        ("an error in XML", Response::new(400, xml), ONCE, false),
        ("a missing resource", Response::error(404, "InvalidInstanceId.NotFound"), ONCE, false),
        ("a missing permission", Response::error(403, "Forbidden.RAM"), ONCE, false),
        ("throttling", Response::error(400, "Throttling.User"), ALL, false),
        ("throttling with status 429", Response::error(429, "Throttling"), ALL, false),
        ("throttling of one API", Response::error(400, "Throttling.Api"), ALL, false),
        ("a used nonce", Response::error(400, "SignatureNonceUsed"), SAFE, true),
        ("a busy service with status 400", Response::error(400, "ServiceUnavailable"), SAFE, true),
        ("a busy service with status 503", Response::error(503, "ServiceUnavailable"), SAFE, true),
        ("an internal error", Response::error(500, "InternalError"), SAFE, true),
        ("a status of 500 with any code", Response::error(500, "InvalidParameter"), SAFE, true),
    ]
}

/// Responses of a gateway, or broken ones. They prove nothing.
fn responses_of_others() -> Vec<Case> {
    let json = r#"{"code":429,"message":"slow down"}"#;
    let moved = Response::new(302, PAGE).header("location", "https://example.com/login?token=abc");
    let odd = r#"{"RequestId":"R-9","Code":"Invalid <b>Code</b>","Message":"Because."}"#;
    let success = r#"{"RequestId":"R-1","InstanceIdSets":{"InstanceIdSet":["i-1"]},"TradePrice":0.1}"#;
    vec![
        ("HTML with status 400", Response::new(400, PAGE), ONCE, true),
        ("HTML with status 403", Response::new(403, PAGE), ONCE, true),
        ("HTML with status 413", Response::new(413, PAGE), ONCE, true),
        ("an empty 408", Response::new(408, ""), SAFE, true),
        ("HTML with status 429", Response::new(429, PAGE), SAFE, true),
        ("JSON of a gateway with status 429", Response::new(429, json), SAFE, true),
        ("HTML with status 502", Response::new(502, PAGE), SAFE, true),
        ("an empty 504", Response::new(504, ""), SAFE, true),
        ("an interim response", Response::new(101, ""), ONCE, true),
        ("a redirect", moved, ONCE, true),
        ("an unchanged resource", Response::new(304, ""), ONCE, true),
        ("an error without a request ID", Response::new(400, r#"{"Code":"InvalidParameter"}"#), ONCE, true),
        ("a code that is text", Response::new(400, odd), ONCE, true),
        ("a number as code", Response::new(400, r#"{"RequestId":"R-9","Code":400}"#), ONCE, true),
        ("a list", Response::new(400, r#"[{"RequestId":"R-9","Code":"InvalidParameter"}]"#), ONCE, true),
        ("an empty success", Response::new(200, ""), SAFE, true),
        ("a success of HTML", Response::new(200, PAGE), SAFE, true),
        ("a success without members", Response::new(200, "{}"), ONCE, true),
        ("a success that ends early", Response::new(200, &success[..success.len() - 1]), SAFE, true),
        ("a success that ends after an inner brace", Response::new(200, &success[..62]), SAFE, true),
        ("a success with text after it", Response::new(200, format!("{success} x")), ONCE, true),
        (
            "an error with status 200",
            Response::new(200, r#"{"RequestId":"R-9","HostId":"h","Code":"Forbidden.RAM","Message":"Because."}"#),
            ONCE,
            true,
        ),
    ]
}

/// The errors of a read, of a write without and of a write with a `ClientToken`, and the number of their requests.
fn failures(response: &Response) -> [(&'static str, Error, usize); 3] {
    let run = |name, send: &dyn Fn(&Service, &Client) -> Option<Error>| {
        let service = Service::always(response.clone());
        let client: Client = service.config().region("cn-hangzhou").build().unwrap();
        let error = send(&service, &client).unwrap_or_else(|| panic!("{name} should fail: {response:?}"));
        (name, error, service.requests().len())
    };
    [
        run("read", &|service, client| service.run(client.describe_instances().send()).err()),
        run("write", &|service, client| service.run(client.stop_instance().instance_id("i-1").send()).err()),
        run("write with token", &|service, client| {
            service.run(client.run_instances().image_id(IMAGE).instance_type(TYPE).send()).err()
        }),
    ]
}

#[test]
fn requests_are_sent_again_only_if_that_is_safe_and_errors_claim_only_what_is_proven() {
    let mut wrong = Vec::new();
    for (case, response, expected, maybe_executed) in errors_of_the_service().into_iter().chain(responses_of_others()) {
        for ((call, error, sent), expected) in failures(&response).into_iter().zip(expected) {
            if (sent, error.is_maybe_executed()) != (expected, maybe_executed) {
                let found = format!("{sent} requests, maybe executed: {}", error.is_maybe_executed());
                wrong.push(format!("{case}, {call}: {found}; expected {expected}, {maybe_executed}: {error}"));
            }
            if usize::try_from(error.attempts()).unwrap() != sent {
                wrong.push(format!("{case}, {call}: {} attempts, but {sent} requests: {error}", error.attempts()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_request_in_progress_is_awaited_until_the_deadline() {
    let service = Service::always(Response::error(403, "IdempotentProcessing"));
    let client: Client = service.config().region("cn-hangzhou").build().unwrap();
    let run = client.run_instances().image_id(IMAGE).instance_type(TYPE).client_token("token-1");
    let error = service.run(run.send()).unwrap_err();
    assert!(error.is_maybe_executed() && error.is_in_progress(), "{error}");
    let times = service.request_times();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 1000), "{times:?}");
    assert!(*times.last().unwrap() > 200_000 && service.clock.elapsed() <= seconds(301), "{times:?}");
    assert!(service.requests().iter().all(|sent| sent.param("ClientToken") == "token-1"));
}

#[test]
fn nothing_is_awaited_without_a_token_or_without_retries() {
    let progress = || Service::always(Response::error(403, "IdempotentProcessing"));
    let service = progress();
    let client: Client = service.config().region("cn-hangzhou").build().unwrap();
    let error = service.run(client.stop_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.is_maybe_executed() && service.requests().len() == 1, "{error}");
    let service = progress();
    let client: Client = service.config().region("cn-hangzhou").retry(Never).build().unwrap();
    let error = service.run(client.run_instances().image_id(IMAGE).instance_type(TYPE).send()).unwrap_err();
    assert!(error.is_maybe_executed() && service.requests().len() == 1, "{error}");
}

/// Changes the `ClientToken` of each attempt.
#[derive(Debug, Clone, Copy)]
enum TokenChange {
    Empty,
    EmptyFromSecondAttempt,
    Blank,
    Other,
}

impl Interceptor for TokenChange {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        let number = request.attempt().number();
        match self {
            TokenChange::EmptyFromSecondAttempt if number == 1 => Ok(()),
            TokenChange::Empty | TokenChange::EmptyFromSecondAttempt => request.set_parameter("ClientToken", ""),
            TokenChange::Blank => request.set_parameter("ClientToken", " "),
            TokenChange::Other => request.set_parameter("ClientToken", &format!("token-{number}")),
        }
    }
}

/// The emulator treats a blank token as any other, an empty one as none.
#[tokio::test]
async fn a_token_that_is_emptied_or_changed_creates_nothing_twice() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let interceptors =
        [TokenChange::Empty, TokenChange::EmptyFromSecondAttempt, TokenChange::Blank, TokenChange::Other].map(Some);
    for interceptor in interceptors.into_iter().chain([None]) {
        for fault in [Fault::ExecuteThenDrop, Fault::InternalError { executed: true }, Fault::Duplicate] {
            let emulator = Emulator::builder().faults(Faults::none().next(fault.clone(), 2)).start_blocking().unwrap();
            let mut builder = Client::builder()
                .without_environment()
                .region("cn-hangzhou")
                .endpoint(emulator.endpoint())
                .credentials(Credentials::new("testid", "testsecret"))
                .retry(FullJitter::default().base_delay(Duration::from_millis(1)).max_attempts(4));
            let mut options = CallOptions::new();
            match interceptor {
                Some(interceptor) => builder = builder.interceptor(interceptor),
                None => options = options.parameter("ClientToken", ""),
            }
            let client = builder.build().unwrap();
            let run = client.run_instances().image_id(IMAGE).instance_type(TYPE).options(options);
            let result = run.send().await;
            let there = emulator.instance_ids();
            assert_eq!(there.len(), 1, "{interceptor:?}, {fault}");
            match result {
                Ok(response) => assert_eq!(response.instance_id_sets, there),
                Err(error) => assert!(error.is_maybe_executed(), "{interceptor:?}, {fault}: {error}"),
            }
        }
    }
}

const BODY: &str = r#"{"RequestId":"R-1","Regions":{"Region":[{"RegionId":"cn-test","LocalName":"a } b"}]},"Rest":{}}"#;

/// [`BODY`], compressed with gzip.
#[cfg(feature = "gzip")]
const GZIP_BODY: &[u8] = &[
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 171, 86, 10, 74, 45, 44, 77, 45, 46, 241, 76, 81, 178, 82, 10, 210, 53, 84, 210,
    1, 138, 164, 103, 230, 231, 21, 43, 89, 85, 67, 153, 74, 86, 209, 48, 38, 88, 89, 114, 158, 110, 9, 80, 11, 80,
    169, 79, 126, 114, 98, 142, 95, 98, 110, 42, 80, 52, 81, 161, 86, 33, 73, 169, 54, 182, 22, 100, 2, 80, 214, 170,
    186, 182, 22, 0, 1, 11, 102, 221, 95, 0, 0, 0,
];

/// Complete responses whose bodies are delimited in different ways.
fn framings() -> Vec<(&'static str, Vec<u8>)> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let chunks: String = BODY.as_bytes().chunks(40).fold(String::new(), |text, chunk| {
        text + &format!("{:x}\r\n{}\r\n", chunk.len(), std::str::from_utf8(chunk).unwrap())
    });
    let mut framings = vec![
        ("length", format!("{head}content-length: {}\r\n\r\n{BODY}", BODY.len()).into_bytes()),
        ("chunks", format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n").into_bytes()),
        ("end of the connection", format!("{head}\r\n{BODY}").into_bytes()),
    ];
    #[cfg(feature = "gzip")]
    framings.push((
        "end of the connection, gzip",
        [format!("{head}content-encoding: gzip\r\n\r\n").as_bytes(), GZIP_BODY].concat(),
    ));
    framings
}

/// A client with real sockets that retries quickly.
fn client(url: &str, retry: impl RetryPolicy + 'static) -> Client {
    let builder = Client::builder().without_environment().region("cn-test").endpoint(url);
    builder.credentials(Credentials::new("testid", "testsecret")).retry(retry).build().unwrap()
}

#[tokio::test]
async fn a_response_cut_at_any_byte_is_a_broken_connection() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    for (framing, response) in framings() {
        let (length, sent) = (response.len(), Arc::new(AtomicUsize::new(response.len())));
        let limit = Arc::clone(&sent);
        let server = Server::raw(move |_| response[..limit.load(Ordering::SeqCst)].to_vec());
        let once = client(&server.url, Never);
        let twice = client(&server.url, FullJitter::default().base_delay(Duration::from_millis(1)).max_attempts(2));
        let complete = once.describe_regions().send().await.unwrap();
        assert_eq!((complete.regions.len(), server.requests().len()), (1, 1), "{framing}");
        for cut in 0..length {
            sent.store(cut, Ordering::SeqCst);
            let before = server.requests().len();
            let read = once.describe_regions().send().await.map(|_| ());
            let write = twice.stop_instance().instance_id("i-1").send().await.map(|_| ());
            for result in [read, write] {
                let error = result.expect_err(&format!("{framing}, cut at {cut} of {length}"));
                assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 1), "{framing}, {cut}: {error}");
                assert!(error.is_maybe_executed() && error.is_retryable(), "{framing}, {cut}: {error}");
            }
            assert_eq!(server.requests().len() - before, 2, "{framing}, {cut}");
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let elsewhere = other.local_addr().unwrap();
    for status in [300, 301, 302, 303, 307, 308] {
        for location in [format!("http://{elsewhere}/login"), format!("//{elsewhere}/login"), "/login".to_owned()] {
            let target = format!("{location}?SecurityToken=hidden-in-query");
            let server = Server::raw(move |_| {
                let head = format!("HTTP/1.1 {status} Moved\r\nlocation: {target}\r\nconnection: close\r\n");
                format!("{head}content-length: 0\r\n\r\n").into_bytes()
            });
            let client = client(&server.url, FullJitter::default().base_delay(Duration::from_millis(1)));
            let read = client.describe_regions().send().await.map(|_| ());
            let write = client.run_instances().image_id(IMAGE).instance_type(TYPE).send().await.map(|_| ());
            for result in [read, write] {
                let error = result.expect_err(&location);
                assert_eq!((error.http_status(), error.attempts()), (Some(status), 1), "{error}");
                assert!(error.is_maybe_executed(), "{error}");
                let text = error.to_string();
                assert!(text.contains("login") && !text.contains("hidden-in-query"), "{text}");
            }
            assert_eq!(server.requests().len(), 2, "{status} {location}");
        }
    }
    assert_eq!(other.accept().unwrap_err().kind(), IoErrorKind::WouldBlock, "a redirect was followed");
}

/// Everything that an error shows.
fn texts(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    let fields = [error.code(), error.request_id(), error.recommend(), Some(error.message())];
    text.extend(fields.into_iter().flatten().map(|field| format!("\n{field}")));
    let sources = std::iter::successors(std::error::Error::source(error), |source| source.source());
    text.extend(sources.map(|source| format!("\n{source}\n{source:?}")));
    text
}

#[tokio::test]
async fn no_error_repeats_a_secret_of_its_request() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    const PASSWORD: &str = "N0t+a&Real=\"Pw";
    const USER_DATA: &str = "c2VjcmV0IHVzZXIgZGF0YQ==";
    const OPTION: &str = "unknown/option value";
    for signature in [SignatureVersion::V1, SignatureVersion::V3] {
        for temporary in [false, true] {
            let emulator = Emulator::builder().start_blocking().unwrap();
            let key = Credentials::new("testid", "testsecret");
            let role = AssumeRole::builder(key.clone()).role_arn("acs:ram::1000000000000001:role/test");
            let role = role.session_name("test").sts_endpoint(emulator.endpoint()).build();
            let builder = Client::builder().without_environment().region("cn-test").endpoint(emulator.endpoint());
            let builder = builder.signature_version(signature).retry(Never);
            let client = if temporary { builder.credentials(role) } else { builder.credentials(key) }.build().unwrap();
            for echo in [Echo::Message, Echo::Code, Echo::RequestId, Echo::Page] {
                emulator.set_faults(Faults::none().next_on("RunInstances", Fault::Echo(echo), 1));
                let run = client.run_instances().image_id(IMAGE).instance_type(TYPE).password(PASSWORD);
                let run =
                    run.user_data_base64(USER_DATA).options(CallOptions::new().parameter("UnknownOption", OPTION));
                let shown = texts(&run.send().await.expect_err("an echo is an error"));
                let requests = emulator.requests();
                let request = requests.last().expect("the request is logged");
                let headers = ["authorization", "x-acs-security-token"].map(|name| request.header(name));
                let parameters = ["Signature", "SecurityToken"].map(|name| request.parameter(name));
                let sent = headers.into_iter().chain(parameters).flatten();
                let sent = sent.map(|value| value.rsplit_once("Signature=").map_or(value, |(_, signature)| signature));
                for secret in [PASSWORD, USER_DATA, OPTION, "testsecret"].into_iter().chain(sent) {
                    let encoded = fake::encode(secret);
                    for form in [secret, &encoded, &fake::encode(&encoded), &*secret.escape_debug().to_string()] {
                        assert!(!shown.contains(form), "{signature:?}, {echo:?}: {form:?} in {shown}");
                    }
                }
            }
        }
    }
}
