//! Servers, proxies and credentials endpoints that send back what they received: errors, spans and events never show a
//! secret of the call.

mod urls;

use std::{
    error::Error as _,
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use ecs_sdk::fake::Clock;
use ecs_sdk::{
    BoxError, CallOptions, Client, Credentials, Error, Result, SignatureVersion,
    credentials::{AssumeRole, CredentialsUri, EcsRamRole},
    interceptor::{Interceptor, Outgoing},
    retry::Never,
    system::BoxFuture,
    transport::{Transport, TransportError},
};
use serde_json::json;
use tracing::{Event, Subscriber, field::Field, span};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};

const PASSWORD: &str = "SECRETpass+w0rd/%&<\"";
const TOKEN: &str = "SECRETtoken/0123456789abcdefghijklmnopqrstuvwxyz+ABCDEFGHIJKLMNOPQRSTUVWXYZ==";

/// Parts of secrets that must not be shown.
const PARTS: [&str; 4] = ["SECRET", "secretn4me", "secretpass", "secrettoken"];

/// The response of a server: status, headers, body.
type Echo = fn(&Received) -> (u16, Vec<(&'static str, String)>, String);

/// A request, as text.
struct Received {
    /// The parameters, from the body or the query, and the headers.
    form: String,
    /// The same, without percent-encoding.
    plain: String,
}

impl Received {
    /// A secret of the request.
    fn secret(&self) -> &'static str {
        if self.plain.contains(PASSWORD) { PASSWORD } else { "SECRETn4me" }
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(byte.into());
        } else {
            write!(out, "%{byte:02X}").unwrap();
        }
        out
    })
}

fn error_of(message: &str) -> String {
    json!({"Code": "InvalidParameter", "Message": message, "RequestId": "R-1"}).to_string()
}

const ECHOES: &[(&str, Echo)] = &[
    ("the form", |r| (400, vec![], r.form.clone())),
    ("the form, successful", |r| (200, vec![], r.form.clone())),
    ("the form, unavailable", |r| (503, vec![], r.form.clone())),
    ("the plain form", |r| (400, vec![], r.plain.clone())),
    ("message with a password", |r| (400, vec![], error_of(&format!("The password {} is not valid.", r.secret())))),
    ("message with the plain form", |r| (400, vec![], error_of(&r.plain))),
    ("message with the form", |r| (400, vec![], error_of(&r.form))),
    ("encoded twice", |r| (400, vec![], error_of(&percent_encoded(&r.form)))),
    ("string to sign", |r| {
        (400, vec![], error_of(&format!("server STRING TO SIGN: POST&%2F&{}", percent_encoded(&r.form))))
    }),
    ("message that is JSON", |r| (400, vec![], error_of(&json!({ "request": r.plain }).to_string()))),
    ("message that is cut", |r| {
        let token = if r.plain.contains(TOKEN) { &TOKEN[..20] } else { "" };
        (400, vec![], error_of(&format!("The token {token}... is not valid")))
    }),
    ("message that ends in a part", |r| (400, vec![], error_of(&format!("bad password {}", &r.secret()[..9])))),
    ("upper case", |r| (400, vec![], error_of(&r.plain.to_uppercase()))),
    ("code", |_| (400, vec![], json!({"Code": "SECRETn4me", "Message": "m", "RequestId": "R-1"}).to_string())),
    ("code that is text", |r| (400, vec![], json!({"Code": r.plain, "Message": "m"}).to_string())),
    ("request ID", |_| (400, vec![], json!({"Code": "A", "Message": "m", "RequestId": "id-SECRETn4me"}).to_string())),
    ("header", |_| (400, vec![("x-acs-request-id", "SECRETn4me".to_owned())], "{}".to_owned())),
    ("header, successful", |_| (200, vec![("x-acs-request-id", "SECRETn4me".to_owned())], "{}".to_owned())),
    ("XML", |r| (400, vec![], format!("<Error><Code>A</Code><Message>{}</Message></Error>", html(&r.plain)))),
    ("HTML", |r| (403, vec![], format!("<html>blocked: {}</html>", html(&r.plain)))),
    ("link", |r| {
        (400, vec![], json!({"Code": "A", "Message": "m", "Recommend": format!("https://x/?{}", r.form)}).to_string())
    }),
    ("redirect", |r| {
        (302, vec![("location", format!("https://x/{}?{}", percent_encoded(r.secret()), r.form))], String::new())
    }),
    ("missing permission", |r| {
        let detail =
            json!({"AuthAction": r.secret(), "EncodedDiagnosticMessage": r.form, "AuthPrincipalDisplayName": r.plain});
        (403, vec![], json!({"Code": "A", "Message": "m", "AccessDeniedDetail": detail}).to_string())
    }),
    ("binary", |r| (400, vec![], format!("\u{0}\u{1}{}\u{fffd}", r.plain))),
    ("error of status 200", |r| (200, vec![], json!({"Code": "A", "HostId": r.plain, "Message": r.form}).to_string())),
    ("truncated", |r| (200, vec![], format!("{{\"Request\": \"{}", r.form))),
    ("damaged", |r| (200, vec![], format!("[\"{}\"]", r.form))),
    ("value of the wrong type", |r| {
        (200, vec![], json!({"Credentials": r.secret(), "InstanceIdSets": r.secret()}).to_string())
    }),
    ("request ID of a wrong response", |_| {
        (200, vec![], json!({"RequestId": "SECRETn4me", "Instances": 1, "InstanceIdSets": [[[]]]}).to_string())
    }),
];

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[derive(Clone)]
struct EchoServer(Echo);

impl Debug for EchoServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EchoServer")
    }
}

impl Transport for EchoServer {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut form = request.uri().query().unwrap_or_default().to_owned();
        form.push_str(std::str::from_utf8(request.body()).unwrap());
        for (name, value) in request.headers() {
            write!(form, "&{name}={}", percent_encoded(&String::from_utf8_lossy(value.as_bytes()))).unwrap();
        }
        let plain = percent_decoded(&form);
        let (status, headers, body) = self.0(&Received { form, plain });
        let mut response = http::Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        Box::pin(async move { Ok(response.body(Bytes::from(body)).unwrap()) })
    }
}

/// A transport whose errors contain the request.
#[derive(Debug)]
struct Quotes;

impl Transport for Quotes {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let request = format!("{} {:?} {:?}", request.uri(), request.headers(), request.body());
        Box::pin(async { Err(TransportError::interrupted(request)) })
    }
}

/// Sets parameters and headers, and shows them in its error if `fails`.
#[derive(Debug)]
struct Adds {
    fails: bool,
}

impl Interceptor for Adds {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        request.set_parameter("Intercepted", "SECRETintercepted")?;
        request.set_header("x-intercepted", "SECRETintercepted-header")?;
        if self.fails {
            let parameters: Vec<(&str, &str)> = request.parameters().collect();
            return Err(format!("not allowed: {parameters:?}").into());
        }
        Ok(())
    }
}

/// Captures the fields of all spans and events.
#[derive(Clone, Default)]
struct Capture(Arc<Mutex<String>>);

impl tracing::field::Visit for Capture {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber> Layer<S> for Capture {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        attributes.record(&mut self.clone());
    }

    fn on_record(&self, _: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

/// Everything that a program may print of an error.
fn shown(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n{}\n", error.message());
    write!(text, "{:?} {:?} {:?}", error.code(), error.request_id(), error.recommend()).unwrap();
    write!(text, "{:?} {}", error.access_denied(), String::from_utf8_lossy(error.body().unwrap_or_default())).unwrap();
    let mut cause = error.get_ref().map(|cause| cause as &(dyn std::error::Error + 'static));
    while let Some(next) = cause {
        write!(text, "\n{next}\n{next:?}").unwrap();
        cause = next.source();
    }
    write!(text, "{:?}", error.source()).unwrap();
    text
}

fn assert_hidden(text: &str, context: &str) {
    for part in PARTS {
        assert!(!text.contains(part), "{context}: {text}");
    }
}

fn credentials() -> [Credentials; 3] {
    [
        Credentials::new("testid", "SECRETaccess-key"),
        Credentials::new("testid", "SECRETaccess-key").with_security_token(TOKEN),
        Credentials::bearer(TOKEN),
    ]
}

fn client(
    clock: &Clock,
    echo: Echo,
    version: SignatureVersion,
    credentials: Credentials,
    interceptor: Option<Adds>,
) -> Client {
    let builder = Client::builder().without_environment().credentials(credentials).signature_version(version);
    let mut builder = builder.endpoint("http://127.0.0.1:9").region("r").system(clock.clone());
    if let Some(interceptor) = interceptor {
        builder = builder.interceptor(interceptor);
    }
    builder.transport(EchoServer(echo)).build().unwrap()
}

fn captured<T>(work: impl FnOnce() -> T) -> (String, T) {
    let capture = Capture::default();
    let result = tracing::subscriber::with_default(tracing_subscriber::registry().with(capture.clone()), work);
    let text = capture.0.lock().unwrap().clone();
    (text, result)
}

#[test]
fn nothing_shows_a_secret_that_a_server_sends_back() {
    let (clock, mut errors) = (Clock::default(), 0);
    for (name, echo) in ECHOES {
        for version in [SignatureVersion::V1, SignatureVersion::V3] {
            for credentials in credentials() {
                let client = client(&clock, *echo, version, credentials, Some(Adds { fails: false }));
                let user_data = "#!/bin/sh\nexport PASSWORD=SECRETscript\n";
                let options = CallOptions::new().parameter("New", "SECRETn4me").header("x-option", "SECRETheader");
                let tag = ecs_sdk::types::Tag::new().key("owner").value("team");
                let run = client.run_instances().password(PASSWORD).user_data(user_data).tags([tag]).options(options);
                let untyped =
                    client.call("RunInstances").parameter("Password", PASSWORD).parameter("New", "SECRETn4me");
                let (trace, results) = captured(|| {
                    [
                        clock.run(run.send()).map(|response| format!("{:?}", response.meta())),
                        clock.run(untyped.send()).map(|_| String::new()),
                    ]
                });
                assert_hidden(&trace, name);
                for result in results {
                    errors += usize::from(result.is_err());
                    assert_hidden(&result.unwrap_or_else(|error| shown(&error)), name);
                }
            }
        }
    }
    assert!(errors > 200, "{errors}");
}

#[test]
fn a_password_in_the_form_of_a_request_id_is_not_shown() {
    const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
    let clock = Clock::default();
    let echo: Echo = |_| (200, vec![("x-acs-request-id", UUID.to_owned())], r#"{"RequestId":"R-1"}"#.to_owned());
    let client = client(&clock, echo, SignatureVersion::V1, credentials()[0].clone(), None);
    let run = |password: &str| {
        let run = client.run_instances().image_id("m-1").instance_type("t").password(password);
        captured(|| clock.run(run.send()).unwrap())
    };
    let (trace, response) = run(UUID);
    assert!(!trace.contains(UUID), "{trace}");
    assert_eq!(response.meta().request_id(), Some("***"));
    let (trace, response) = run("another password");
    assert!(trace.contains(UUID), "{trace}");
    assert_eq!(response.meta().request_id(), Some(UUID));
}

#[test]
fn names_and_values_that_are_not_secret_stay() {
    let clock = Clock::default();
    let echo: Echo = |_| (404, vec![], error_of("The specified Type Instance of i-bp1 in cn-hangzhou: key testid"));
    let client = client(&clock, echo, SignatureVersion::V1, credentials()[0].clone(), None);
    let call = client.call("DescribeNew").parameter("Type", "instance").parameter("RegionId", "cn-hangzhou");
    let error = clock.run(call.send()).unwrap_err();
    assert_eq!(error.message(), "The specified Type *** of i-bp1 in cn-hangzhou: key testid");
    // A word in a code is not masked, so that codes can still be compared.
    let echo: Echo = |_| (404, vec![], json!({"Code": "InvalidInstanceId.NotFound", "Message": "m"}).to_string());
    let client = self::client(&clock, echo, SignatureVersion::V1, credentials()[0].clone(), None);
    let call = client.call("DescribeNew").parameter("Type", "instance");
    assert_eq!(clock.run(call.send()).unwrap_err().code(), Some("InvalidInstanceId.NotFound"));
}

#[test]
fn errors_of_interceptors_and_transports_show_no_secrets() {
    let clock = Clock::default();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        for credentials in credentials() {
            let failing = client(&clock, |_| unreachable!(), version, credentials.clone(), Some(Adds { fails: true }));
            let builder = Client::builder().without_environment().credentials(credentials).signature_version(version);
            let builder = builder.endpoint("http://127.0.0.1:9").region("r").system(clock.clone()).retry(Never);
            for client in [failing, builder.transport(Quotes).build().unwrap()] {
                let options = CallOptions::new().parameter("New", "SECRETn4me");
                let run = client.run_instances().password(PASSWORD).options(options);
                let (trace, error) = captured(|| clock.run(run.send()).unwrap_err());
                assert_hidden(&trace, "trace");
                assert_hidden(&shown(&error), "error");
            }
        }
    }
}

#[test]
fn providers_show_no_secret_that_their_server_sends_back() {
    let clock = Clock::default();
    let builder = |echo| {
        let builder = Client::builder().without_environment().endpoint("http://127.0.0.1:9").region("r");
        builder.system(clock.clone()).transport(EchoServer(echo))
    };
    for (name, echo) in ECHOES {
        for credentials in credentials() {
            let role = AssumeRole::builder(credentials).role_arn("acs:ram::1:role/r").session_name("s");
            let client: Client = builder(*echo).credentials(role.external_id("SECRETn4me").build()).build().unwrap();
            let (trace, error) = captured(|| clock.run(client.describe_regions().send()).unwrap_err());
            assert_hidden(&trace, name);
            assert_hidden(&shown(&error), name);
        }
    }
    let bodies: [Echo; 4] = [
        |_| (200, vec![], json!({"Code": "SECRETX"}).to_string()),
        |_| (200, vec![], "SECRET".to_owned()),
        |_| (500, vec![("x-acs-request-id", "SECRETX".to_owned())], json!({"Code": "SECRETX"}).to_string()),
        |_| (200, vec![], json!({"AccessKeyId": "SECRET", "Expiration": "SECRET"}).to_string()),
    ];
    for echo in bodies {
        let uri = CredentialsUri::builder().uri("http://user:SECRETx@127.0.0.1/SECRET?token=SECRET").build();
        let client: Client = builder(echo).credentials(uri).build().unwrap();
        let (trace, error) = captured(|| clock.run(client.describe_regions().send()).unwrap_err());
        assert_hidden(&trace, "URI");
        assert_hidden(&shown(&error), "URI");
    }
}

#[test]
fn the_metadata_service_and_its_transport_show_no_secrets() {
    let clock = Clock::default();
    let builder = || Client::builder().without_environment().region("r").system(clock.clone());
    // The name of the role is part of errors.
    let role = EcsRamRole::builder().endpoint("http://user:SECRETpassword@127.0.0.1:9").build();
    assert_hidden(&format!("{role:?}"), "provider");
    let client: Client =
        builder().credentials(role).transport(EchoServer(|_| (200, vec![], "SECRET role".to_owned()))).build().unwrap();
    let error = clock.run(client.describe_regions().send()).unwrap_err();
    assert!(error.message().contains("invalid name of the RAM role"), "{error}");
    assert_hidden(&shown(&error), "role");

    let invalid = EcsRamRole::builder().endpoint("http://user:SECRET word@127.0.0.1:9").build();
    let echo: Echo = |_| unreachable!();
    let client: Client = builder().credentials(invalid).transport(EchoServer(echo)).build().unwrap();
    assert_hidden(&shown(&clock.run(client.describe_regions().send()).unwrap_err()), "invalid URL");

    let uri =
        CredentialsUri::builder().uri("http://user:SECRETpassword@127.0.0.1/SECRETpath?token=SECRET%20token").build();
    let client: Client = builder().credentials(uri).transport(Quotes).build().unwrap();
    assert_hidden(&shown(&clock.run(client.describe_regions().send()).unwrap_err()), "URI");
}

#[test]
fn secrets_that_the_service_issues_are_not_shown() {
    let clock = Clock::default();
    let bodies: [Echo; 4] = [
        |_| (200, vec![], r#"[{"PrivateKeyBody": "SECRETissued"}]"#.to_owned()),
        |_| (200, vec![], r#"{"PrivateKeyBody": "SECRETissued"#.to_owned()),
        |_| (200, vec![], r#")]}' {"PrivateKeyBody": "SECRETissued"}"#.to_owned()),
        |_| (200, vec![], json!({"InstanceIdSets": "SECRETissued", "Instances": "SECRETissued"}).to_string()),
    ];
    for echo in bodies {
        let client = client(&clock, echo, SignatureVersion::V1, credentials()[0].clone(), None);
        let (trace, result) = captured(|| clock.run(client.run_instances().send()));
        assert_hidden(&trace, "trace");
        if let Err(error) = result {
            assert_hidden(&format!("{error}{error:?}{:?}", error.source()), "error");
        }
    }
}
