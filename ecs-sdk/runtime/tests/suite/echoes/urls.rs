//! Operations that the service accepts only with GET or DELETE, so all parameters are part of the URL: with signature version 1,
//! credentials and signature too.
#![allow(unreachable_pub, reason = "operations are declared as in generated source, which makes them public")]

use std::fmt::Write as _;

use ecs_sdk::{
    Model as _, Response, ResponseMeta,
    call::{Call, Sending},
    config::Timeouts,
    fake::{
        TimeLimit,
        http::{Request, Server},
    },
    http::Method,
    test_util::{Mock, Recorder},
    transport::{HttpClient, HttpOptions},
};
use ecs_sdk_runtime::{
    endpoint::{Endpoints, Service},
    fluent::fluent_request,
    model::members,
};

use super::*;

static SERVICE: Service = Service {
    name: "urls",
    version: "2020-01-01",
    endpoints: Endpoints {
        default: "urls.aliyuncs.com",
        public: "urls.{region}.aliyuncs.com",
        vpc: "urls-vpc.{region}.aliyuncs.com",
        public_exceptions: &[],
        vpc_exceptions: &[],
        regions: &[],
        location: "",
    },
    error_classes: &[],
};

/// Declares an operation with a password, as generated source does.
macro_rules! operation {
    ($wire:literal, $name:ident, $request:ident, $response:ident, $method:ident) => {
        #[non_exhaustive]
        pub struct $name<C = Call> {
            pub password: Option<String>,
            pub owner: Option<String>,
            call: C,
        }

        pub type $request = $name<()>;

        fluent_request!(SERVICE, $wire, $name, $request => $response, $method);

        members! {
            $request, sent by $name;
            [secret: "Password"],
            password = "Password",
            owner = "Owner",
        }

        #[non_exhaustive]
        pub struct $response {
            pub request_id: String,
            meta: ResponseMeta,
        }

        members! {
            $response, with meta;
            request_id = "RequestId",
        }
    };
}

operation!("ReadThing", ReadThing, ReadThingRequest, ReadThingResponse, get);
operation!("DropThing", DropThing, DropThingRequest, DropThingResponse, delete);

fn read() -> ReadThingRequest {
    ReadThingRequest::build(|request| (request.password, request.owner) = (Some(PASSWORD.into()), Some("team".into())))
}

fn remove() -> DropThingRequest {
    DropThingRequest::build(|request| (request.password, request.owner) = (Some(PASSWORD.into()), Some("team".into())))
}

/// Remembers the URLs of requests, which the inner transport receives.
#[derive(Clone)]
struct Urls(Arc<dyn Transport>, Arc<Mutex<Vec<String>>>);

impl Urls {
    fn new(inner: impl Transport) -> Self {
        Self(Arc::new(inner), Arc::default())
    }

    /// Asserts that the text shows none of the secrets and signatures of the requests.
    fn assert_hidden(&self, text: &str, context: &str) {
        assert_hidden(text, context);
        self.assert_unsigned(text, context);
    }

    fn assert_unsigned(&self, text: &str, context: &str) {
        let urls = self.1.lock().unwrap();
        assert!(!urls.is_empty(), "{context}");
        for url in &*urls {
            let Some((_, signature)) = url.rsplit_once("&Signature=") else { continue };
            for signature in [signature.to_owned(), percent_decoded(signature)] {
                assert!(signature.len() >= 28 && !text.contains(&signature), "{context}: {signature} in {text}");
            }
        }
    }
}

impl Debug for Urls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Urls")
    }
}

impl Transport for Urls {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        assert!([Method::GET, Method::DELETE].contains(request.method()) && request.body().is_empty());
        self.1.lock().unwrap().push(request.uri().to_string());
        self.0.send(request)
    }
}

fn client_of(clock: &Clock, transport: impl Transport, version: SignatureVersion, credentials: Credentials) -> Client {
    let builder = Client::builder().without_environment().credentials(credentials).signature_version(version);
    let builder = builder.endpoint("http://127.0.0.1:9").region("r").system(clock.clone()).retry(Never);
    builder.interceptor(Adds { fails: false }).transport(transport).build().unwrap()
}

fn options() -> CallOptions {
    CallOptions::new().parameter("New", "SECRETn4me").header("x-option", "SECRETheader")
}

/// Awaits a call, and returns all that a program may print, and whether there was an error.
fn sent<R: Response>(clock: &Clock, sending: Sending<R>) -> (String, bool) {
    let (trace, result) = captured(|| clock.run(sending));
    match result {
        Ok(response) => (format!("{trace}{:?}", response.meta()), false),
        Err(error) => (trace + &shown(&error), true),
    }
}

/// Sends a request with each method, and returns for each all that a program may print, and whether there was an error.
fn printed(clock: &Clock, client: &Client) -> [(String, bool); 2] {
    [
        sent(clock, client.request(read()).options(options()).send()),
        sent(clock, client.request(remove()).options(options()).send()),
    ]
}

#[test]
fn nothing_shows_a_secret_of_a_url_that_a_server_sends_back() {
    let (clock, mut errors) = (Clock::default(), 0);
    for (name, echo) in ECHOES {
        for version in [SignatureVersion::V1, SignatureVersion::V3] {
            for credentials in credentials() {
                let urls = Urls::new(EchoServer(*echo));
                let client = client_of(&clock, urls.clone(), version, credentials);
                for (text, is_error) in printed(&clock, &client) {
                    urls.assert_hidden(&text, name);
                    errors += usize::from(is_error);
                }
            }
        }
    }
    assert!(errors > 200, "{errors}");
}

#[test]
fn errors_of_transports_show_no_secret_of_the_url() {
    let clock = Clock::default();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        for credentials in credentials() {
            let urls = Urls::new(Quotes);
            let client = client_of(&clock, urls.clone(), version, credentials);
            for (text, is_error) in printed(&clock, &client) {
                urls.assert_hidden(&text, "transport");
                assert!(is_error);
            }
        }
    }
}

#[test]
fn errors_of_the_default_transport_show_no_secret_of_the_url() {
    let _limit = TimeLimit::start();
    // Responses that are not HTTP, that end early, that redirect, and none.
    let servers: [fn(&Request) -> Vec<u8>; 4] = [
        |request| request.path.clone().into_bytes(),
        |request| format!("HTTP/1.1 200 {0}\r\ncontent-length: 9999\r\n\r\n{0}", request.path).into_bytes(),
        |request| {
            format!("HTTP/1.1 302 {0}\r\nlocation: http://x{0}\r\ncontent-length: 0\r\n\r\n", request.path).into_bytes()
        },
        |_| Vec::new(),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for server in servers {
        let server = Server::raw(server);
        let urls = Urls::new(HttpClient::new(&HttpOptions::new().without_proxy(), &Timeouts::new()).unwrap());
        let builder = Client::builder().without_environment().credentials(credentials()[1].clone()).region("r");
        let client: Client = builder.endpoint(&server.url).retry(Never).transport(urls.clone()).build().unwrap();
        let (trace, error) =
            captured(|| runtime.block_on(client.request(read()).options(options()).send()).unwrap_err());
        urls.assert_hidden(&(trace + &shown(&error)), &server.url);
        assert!(server.requests()[0].path.contains("SECRET"));
    }
}

#[test]
fn a_url_that_is_too_long_is_not_shown() {
    let clock = Clock::default();
    let client = client_of(&clock, Quotes, SignatureVersion::V1, credentials()[1].clone());
    let long = ReadThingRequest::build(|request| request.password = Some("SECRET".repeat(20_000)));
    let (trace, error) = captured(|| clock.run(client.send(long)).unwrap_err());
    assert!(error.message().contains("too long for a URL"), "{error}");
    assert_hidden(&(trace + &shown(&error)), "too long");
}

#[test]
fn recordings_have_no_secret_of_a_url() {
    let clock = Clock::default();
    let echoes = ECHOES.iter().map(|(name, echo)| (*name, Arc::new(EchoServer(*echo)) as Arc<dyn Transport>));
    for (name, transport) in echoes.chain([("quotes", Arc::new(Quotes) as Arc<dyn Transport>)]) {
        for version in [SignatureVersion::V1, SignatureVersion::V3] {
            for credentials in credentials() {
                let urls = Urls::new(transport.clone());
                let recorder = Recorder::new(urls.clone());
                let client = client_of(&clock, recorder.clone(), version, credentials);
                printed(&clock, &client);
                let recording = recorder.recording();
                assert_eq!(recording.operations().collect::<Vec<_>>(), ["ReadThing", "DropThing"]);
                let text = format!("{}{recording:?}{recorder:?}", recording.to_json());
                urls.assert_unsigned(&text, name);
                let text = text.to_lowercase();
                // Parameters are masked if their name or spec marks them as secret.
                for part in ["testid", "secretpas", "secrettok", "secretacc"] {
                    assert!(!text.contains(part), "{name}: {part} in {text}");
                }
            }
        }
    }
}

#[test]
fn reports_of_mocks_show_no_secret_of_a_url() {
    let mock = Mock::new();
    mock.verify_on_drop(false);
    mock.on::<ReadThingRequest>().with(ReadThingRequest::build(|request| request.owner = Some("other".into())));
    let clock = Clock::default();
    let urls = Urls::new(mock.transport());
    let client = client_of(&clock, urls.clone(), SignatureVersion::V1, credentials()[1].clone());
    let mut text: String = printed(&clock, &client).into_iter().map(|(text, _)| text).collect();
    write!(text, "{} {mock:?} {:?}", mock.report().unwrap(), mock.received()).unwrap();
    // A report shows the parameters that are not known to be secret.
    let text = text.replace("SECRETn4me", "n4me").replace("SECRETintercepted", "intercepted");
    urls.assert_hidden(&text, "mock");
}

#[test]
fn reports_of_mocks_show_no_password_of_a_credentials_uri() {
    let mock = Mock::new();
    mock.verify_on_drop(false);
    let uri = CredentialsUri::builder().uri("http://user:SECRETpassword@127.0.0.1:9/credentials?token=SECRET").build();
    let client: Client = mock.builder().credentials(uri).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let error = runtime.block_on(client.send(read())).unwrap_err();
    let text = format!("{}{mock:?}{}", shown(&error), mock.report().unwrap());
    assert!(text.contains("GET http://127.0.0.1:9/credentials"), "{text}");
    assert_hidden(&text, "mock");
}
