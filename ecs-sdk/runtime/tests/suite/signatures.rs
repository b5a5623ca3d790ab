//! Signed requests, for each signature version and kind of credentials. The emulator verifies them with separate code.

use ecs_emulator::Emulator;
use ecs_sdk::fake::{ACCESS_KEY, Response, SentRequest, Service};
use ecs_sdk::{
    CallOptions, Client, Credentials, ErrorKind, SignatureVersion,
    interceptor::{BoxError, Interceptor, Outgoing},
    types::Tag,
};

/// Sends a call with values that need encoding, and returns its request.
fn sent(version: SignatureVersion, credentials: Credentials) -> SentRequest {
    let service = Service::always(Response::success());
    let client: Client =
        service.config().region("cn-hangzhou").credentials(credentials).signature_version(version).build().unwrap();
    let tag = Tag::new().key("team & co").value("星 *~/+");
    service.run(client.run_instances().user_data("secret").tags([tag]).client_token("t").send()).unwrap();
    service.only_request()
}

fn sts() -> Credentials {
    Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1).with_security_token("the token")
}

const FORM: [(&str, &str); 5] = [
    ("ClientToken", "t"),
    ("RegionId", "cn-hangzhou"),
    ("Tag.1.Key", "team & co"),
    ("Tag.1.Value", "星 *~/+"),
    ("UserData", "c2VjcmV0"),
];

#[test]
fn version_1_sends_everything_in_the_body() {
    for credentials in [Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1), sts()] {
        let token = credentials.security_token().map(str::to_owned);
        let sent = sent(SignatureVersion::V1, credentials);
        sent.verify(ACCESS_KEY.1);
        assert_eq!(sent.url, "http://127.0.0.1:9/");
        assert_eq!(sent.get("SecurityToken"), token);
        assert_eq!(sent.operation_parameters(), FORM.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(sent.headers["content-type"], "application/x-www-form-urlencoded");
    }
}

#[test]
fn version_3_sends_parameters_in_the_query_and_the_rest_in_headers() {
    let sent = sent(SignatureVersion::V3, sts());
    assert_eq!(
        sent.url,
        "http://127.0.0.1:9/?ClientToken=t&RegionId=cn-hangzhou&Tag.1.Key=team%20%26%20co\
         &Tag.1.Value=%E6%98%9F%20%2A~%2F%2B&UserData=c2VjcmV0"
    );
    assert_eq!(sent.body, "");
    for (name, value) in [
        ("accept", "application/json"),
        ("x-acs-action", "RunInstances"),
        ("x-acs-version", "2014-05-26"),
        ("x-acs-date", "2026-01-05T18:00:00Z"),
        ("x-acs-security-token", "the token"),
        ("x-acs-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ] {
        assert_eq!(sent.headers[name], value, "{name}");
    }
    let authorization = sent.headers["authorization"].to_str().unwrap();
    let head = "ACS3-HMAC-SHA256 Credential=testid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
                x-acs-security-token;x-acs-signature-nonce;x-acs-version,Signature=";
    let signature = authorization.strip_prefix(head).expect(authorization);
    assert!(signature.len() == 64 && signature.bytes().all(|byte| byte.is_ascii_hexdigit()), "{signature}");
    let shown = format!("{:?}", sent.headers);
    assert!(!shown.contains("the token") && !shown.contains(signature), "{shown}");
}

#[test]
fn the_signed_host_omits_the_default_port_of_the_scheme() {
    let signature = |endpoint: &str| {
        let service = Service::always(Response::success());
        let builder = service.config().endpoint(endpoint).region("r").signature_version(SignatureVersion::V3);
        let client: Client = builder.build().unwrap();
        service.run(client.describe_regions().send()).unwrap();
        service.only_request().headers["authorization"].to_str().unwrap().to_owned()
    };
    for (scheme, own, other) in [("http", 80, 443), ("https", 443, 80)] {
        let plain = signature(&format!("{scheme}://example.com"));
        assert_eq!(signature(&format!("{scheme}://example.com:{own}")), plain);
        assert_ne!(signature(&format!("{scheme}://example.com:{other}")), plain);
    }
}

#[test]
fn white_space_around_header_values_is_not_signed() {
    let authorization = |token: &str| {
        let sent = sent(SignatureVersion::V3, sts().with_security_token(token));
        sent.headers["authorization"].to_str().unwrap().to_owned()
    };
    // HTTP implementations remove it.
    assert_eq!(authorization(" the token "), authorization("the token"));
    assert_ne!(authorization("another token"), authorization("the token"));
}

#[test]
fn a_bearer_token_replaces_the_access_key() {
    let sent_1 = sent(SignatureVersion::V1, Credentials::bearer("my.bearer.token"));
    assert_eq!(
        (sent_1.param("BearerToken").as_str(), sent_1.param("SignatureType").as_str()),
        ("my.bearer.token", "BEARERTOKEN")
    );
    assert_eq!(sent_1.get("AccessKeyId"), None);

    // The headers are those of the official SDKs.
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../data/signatures.json")).unwrap();
    let expected = &vectors["meta"]["bearer_v3_request"];
    let sent_3 = sent(SignatureVersion::V3, Credentials::bearer("my.bearer.token"));
    assert!(sent_3.url.contains("&SignatureType=BEARERTOKEN&"), "{}", sent_3.url);
    for name in
        expected["headers"].as_object().unwrap().keys().filter(|name| !["host", "user-agent"].contains(&&***name))
    {
        assert!(sent_3.headers.contains_key(name), "{name}");
    }
    assert_eq!(sent_3.headers["x-acs-bearer-token"], "my.bearer.token");
    assert!(!sent_3.headers.contains_key("authorization"));
}

#[test]
fn empty_and_unsendable_secrets_are_rejected_before_sending() {
    for (credentials, line) in [
        (Credentials::bearer(" "), "the bearer token is empty"),
        (Credentials::new("id", ""), "the access key's ID or secret is empty"),
        (sts().with_security_token("a\nb"), "the value of `x-acs-security-token` is not valid in an HTTP header"),
    ] {
        let service = Service::always(Response::success());
        let client: Client = service
            .config()
            .region("r")
            .credentials(credentials)
            .signature_version(SignatureVersion::V3)
            .build()
            .unwrap();
        let error = service.run(client.describe_regions().send()).unwrap_err();
        assert_eq!(error.to_string(), format!("ecs DescribeRegions failed: {line}"));
        assert_eq!((error.kind(), service.requests().len()), (ErrorKind::Credentials, 0));
    }
}

/// Sets headers before a request is signed.
#[derive(Debug)]
struct Headers(&'static [(&'static str, &'static str)]);

impl Interceptor for Headers {
    fn before_signing(&self, request: &mut Outgoing<'_>) -> Result<(), BoxError> {
        self.0.iter().try_for_each(|(name, value)| request.set_header(name, value))
    }
}

/// The service rejects requests with `x-acs-` headers that are not signed, and so does the emulator.
#[tokio::test]
async fn custom_headers_are_signed() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().start().await.unwrap();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        let builder = Client::builder().without_environment().region("cn-hangzhou").endpoint(emulator.endpoint());
        let builder = builder.credentials(sts()).signature_version(version);
        let headers = &[("x-acs-hook", "1"), ("X-ACS-Replaced", "hook"), ("x-acs-empty-too", ""), ("x-hook", "2")];
        let client: Client = builder.interceptor(Headers(headers)).build().unwrap();
        let options = [
            CallOptions::new().header("x-acs-trace", " a  b ").header("x-other", "c"),
            CallOptions::new().header("X-Acs-Trace", "A").header("x-acs-replaced", "option"),
            CallOptions::new().header("x-acs-empty", "").header("x-acs-blank", "  ").header("x-acs-tab", "\ta\tb\t"),
            // Sorted before, between and after the headers of the SDK.
            CallOptions::new()
                .header("x-acs-a", "1")
                .header("x-acs-d", "2")
                .header("x-acs-z", "3")
                .header("x-acs-", "4"),
            CallOptions::new().header("x-acs-trace", "first").header("x-acs-trace", "last"),
            CallOptions::new().header("x-acs-odd", "a,b;c=\"d\":%E6 ~*+"),
        ];
        for options in options {
            client.describe_instances().options(options).send().await.unwrap();
        }
        let other = CallOptions::new().header("x-other", "é");
        client.describe_instances().options(other).send().await.unwrap();
        let signed = CallOptions::new().header("x-acs-trace", "é");
        let result = client.describe_instances().options(signed).send().await;
        if version == SignatureVersion::V3 {
            let error = result.unwrap_err();
            let line = "header `x-acs-trace` cannot be signed, because its value is not printable ASCII";
            assert_eq!((error.kind(), error.message()), (ErrorKind::Request, line));
        }
    }
}

#[tokio::test]
async fn the_emulator_accepts_both_versions_and_rejects_wrong_secrets() {
    let _limit = ecs_sdk::fake::TimeLimit::start();
    let emulator = Emulator::builder().start().await.unwrap();
    for version in [SignatureVersion::V1, SignatureVersion::V3] {
        let client = |secret: &str| -> Client {
            let builder = Client::builder().without_environment().region("cn-hangzhou").endpoint(emulator.endpoint());
            builder.credentials(Credentials::new(ACCESS_KEY.0, secret)).signature_version(version).build().unwrap()
        };
        let page = client(ACCESS_KEY.1)
            .describe_instances()
            .instance_name("星 & *~")
            .instance_ids(["i-1"])
            .send()
            .await
            .unwrap();
        assert_eq!(page.instances.len(), 0);
        let error = client("wrong").describe_regions().send().await.unwrap_err();
        assert_eq!(error.code(), Some("SignatureDoesNotMatch"), "{error}");
    }
}
