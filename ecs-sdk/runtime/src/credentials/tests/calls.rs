//! Providers as clients use them, and damaged configuration files.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use serde_json::json;

use super::fakes::{Clock, Exchange, Script};
use crate::{
    Config, Credentials, ErrorKind,
    credentials::{
        AssumeRole, CliProfile, CredentialsFile, CredentialsUri, DefaultChain, ProvideCredentials, command, ini,
    },
    environment::FakeEnvironment,
    sts::Client,
    system::{BoxFuture, System},
    timeouts::Timeouts,
    transport::{Transport, TransportError},
};

fn script(exchanges: serde_json::Value) -> Script {
    let exchanges: Vec<Exchange> = serde_json::from_value(exchanges).unwrap();
    Script(Arc::new(Mutex::new(exchanges.into())))
}

#[test]
fn calls_are_signed_with_the_credentials_of_the_role() {
    let key = json!({
        "AccessKeyId": "role-id", "AccessKeySecret": "role-s3cret", "SecurityToken": "role-s3cret-token",
        "Expiration": "2026-01-05T19:00:00Z",
    });
    let call = json!({
        "method": "POST", "url": "https://sts.cn-hangzhou.aliyuncs.com/",
        "form": {"Action": "GetCallerIdentity", "RegionId": "cn-hangzhou"},
        "signed_with": {"id": "role-id", "secret": "role-s3cret", "token": "role-s3cret-token"},
        "response": {"json": [200, {"RequestId": "R-2"}]},
    });
    let script = script(json!([
        {
            "method": "POST", "url": "https://sts.cn-hangzhou.aliyuncs.com/",
            "form": {"Action": "AssumeRole", "RoleArn": "acs:ram::1:role/r", "RoleSessionName": "ecs-sdk-rust"},
            "signed_with": {"id": "id", "secret": "s3cret"},
            "response": {"json": [200, {"RequestId": "R-1", "Credentials": key}]},
        },
        call,
        call,
    ]));
    let clock = Clock::default();
    let client = Client::builder()
        .without_environment()
        .region("cn-hangzhou")
        .credentials(AssumeRole::builder(Credentials::new("id", "s3cret")).role_arn("acs:ram::1:role/r").build())
        .transport(script.clone())
        .system(clock.clone())
        .build()
        .unwrap();
    for _ in 0..2 {
        clock.run(client.call("GetCallerIdentity").send()).unwrap();
    }
    assert!(script.0.lock().unwrap().is_empty());
}

#[test]
fn a_file_system_that_hangs_does_not_hold_calls_past_their_timeout() {
    for (region, reason) in
        [("", "the region could not be read from the CLI profile within 5s"), ("cn-hangzhou", "within")]
    {
        let clock = Clock::default();
        let mut environment = FakeEnvironment::default();
        environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
        environment.hanging.push("/home/me/.aliyun/config.json".into());
        let timeouts = Timeouts::new().attempt(Duration::from_secs(3)).operation(Duration::from_secs(5));
        let client = Client::builder().environment(environment).region(region).timeouts(timeouts);
        let client = client.transport(script(json!([]))).system(clock.clone()).build().unwrap();
        let error = clock.run(client.get_caller_identity().send()).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(!error.is_maybe_executed());
        assert!(clock.monotonic() <= Duration::from_secs(5), "{:?}", clock.monotonic());
    }
}

#[test]
fn calls_with_an_anonymous_profile_are_unsigned() {
    let script = script(json!([{
        "method": "POST", "url": "https://sts.cn-hangzhou.aliyuncs.com/",
        "form": {"Action": "GetCallerIdentity"}, "response": {"json": [200, {"RequestId": "R-1"}]},
    }]));
    let mut environment = FakeEnvironment::default();
    let profile = json!({"current": "a", "profiles": [{"name": "a", "mode": "Anonymous", "region_id": "cn-hangzhou"}]});
    environment.vars.insert("ALIBABA_CLOUD_CONFIG_FILE".to_owned(), "/config.json".to_owned());
    environment.files.insert("/config.json".into(), profile.to_string());
    let clock = Clock::default();
    let client = Client::builder().environment(environment).transport(script.clone()).system(clock.clone());
    let client = client.build().unwrap();
    clock.run(client.get_caller_identity().send()).unwrap();
    assert!(script.0.lock().unwrap().is_empty());
}

#[test]
fn operations_without_a_signature_need_no_credentials() {
    let script = script(json!([{
        "method": "POST", "url": "https://sts.cn-hangzhou.aliyuncs.com/",
        "form": {"Action": "AssumeRoleWithOIDC", "OIDCToken": "t"}, "response": {"json": [200, {"RequestId": "R-1"}]},
    }]));
    let mut environment = FakeEnvironment::default();
    // A provider that is asked would fail.
    environment.vars.insert("ALIBABA_CLOUD_CONFIG_FILE".to_owned(), "/missing.json".to_owned());
    let clock = Clock::default();
    let client = Client::builder().environment(environment).region("cn-hangzhou");
    let client = client.transport(script.clone()).system(clock.clone()).build().unwrap();
    clock.run(client.assume_role_with_oidc().oidc_token("t").send()).unwrap();
    assert!(script.0.lock().unwrap().is_empty());
}

#[test]
fn the_network_of_the_profile_with_the_credentials_is_used() {
    let script = script(json!([{
        "method": "POST", "url": "https://sts-vpc.cn-hangzhou.aliyuncs.com/", "form": {"Action": "GetCallerIdentity"},
        "signed_with": {"id": "id", "secret": "s3cret"}, "response": {"json": [200, {"RequestId": "R-1"}]},
    }]));
    let mut environment = FakeEnvironment::default();
    environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
    let key = json!({"name": "a", "mode": "AK", "access_key_id": "id", "access_key_secret": "s3cret", "endpoint_type": "vpc"});
    let profiles = json!({"current": "a", "profiles": [key]}).to_string();
    environment.files.insert("/home/me/.aliyun/config.json".into(), profiles);
    let clock = Clock::default();
    let client = Client::builder().environment(environment).region("cn-hangzhou");
    let client = client.transport(script.clone()).system(clock.clone()).build().unwrap();
    clock.run(client.get_caller_identity().send()).unwrap();
    assert!(script.0.lock().unwrap().is_empty());
}

#[test]
fn credentials_rejected_by_sts_are_fetched_again_at_once() {
    let key = |id: &str| {
        json!({
            "AccessKeyId": id, "AccessKeySecret": "s3cret", "SecurityToken": "s3cret-token",
            "Expiration": "2026-01-05T19:00:00Z",
        })
    };
    let uri =
        |id: &str| json!({"method": "GET", "url": "http://127.0.0.1:7002/", "response": {"json": [200, key(id)]}});
    let sts = |id: &str, response: serde_json::Value| {
        json!({
            "method": "POST", "url": "https://sts.cn-hangzhou.aliyuncs.com/",
            "form": {"Action": "AssumeRole", "RoleArn": "acs:ram::1:role/r", "RoleSessionName": "ecs-sdk-rust"},
            "signed_with": {"id": id, "secret": "s3cret", "token": "s3cret-token"}, "response": {"json": response},
        })
    };
    let script = script(json!([
        uri("first"),
        sts("first", json!([404, {"RequestId": "R-1", "Code": "InvalidSecurityToken.Expired", "Message": "No."}])),
        uri("second"),
        sts("second", json!([200, {"RequestId": "R-2", "Credentials": key("role-id")}])),
    ]));
    let clock = Clock::default();
    let builder = Config::builder().without_environment().region("cn-hangzhou");
    let config = builder.transport(script).system(clock.clone()).build().unwrap();
    let source = CredentialsUri::builder().uri("http://127.0.0.1:7002/").build();
    let role = AssumeRole::builder(source).role_arn("acs:ram::1:role/r").build();
    assert_eq!(clock.run(role.provide(config.context())).unwrap().access_key_id(), "role-id");
}

/// A service whose clock is three hours behind that of the client.
#[derive(Debug, Clone, Default)]
struct LateService(Arc<Mutex<usize>>);

impl Transport for LateService {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut requests = self.0.lock().unwrap();
        *requests += 1;
        let response = if *requests == 1 {
            let body = json!({"RequestId": "R-1", "Code": "InvalidTimeStamp.Expired", "Message": "Too new."});
            http::Response::builder().status(400).header("date", "Mon, 05 Jan 2026 15:00:00 GMT").body(body.to_string())
        } else {
            let key = json!({
                "AccessKeyId": format!("key-{requests}"), "AccessKeySecret": "s3cret", "SecurityToken": "s3cret-token",
                "Expiration": "2026-01-05T16:00:00Z",
            });
            let response = http::Response::builder().header("date", "Mon, 05 Jan 2026 15:00:00 GMT");
            response.body(json!({"RequestId": "R-2", "Credentials": key}).to_string())
        };
        Box::pin(async { Ok(response.unwrap().map(Bytes::from)) })
    }
}

#[test]
fn expiry_uses_the_clock_of_the_service() {
    let (clock, server) = (Clock::default(), LateService::default());
    let builder = Config::builder().without_environment().region("cn-hangzhou");
    let config = builder.transport(server.clone()).system(clock.clone()).build().unwrap();
    let role = AssumeRole::builder(Credentials::new("id", "s3cret")).role_arn("acs:ram::1:role/r").build();
    for (minutes, requests, id) in [(0, 2, "key-2"), (44, 2, "key-2"), (1, 3, "key-3")] {
        clock.advance(Duration::from_secs(60 * minutes));
        assert_eq!(clock.run(role.provide(config.context())).unwrap().access_key_id(), id);
        assert_eq!(*server.0.lock().unwrap(), requests);
    }
}

#[test]
fn errors_of_calls_state_why_there_are_no_credentials() {
    let mut environment = FakeEnvironment::default();
    environment.vars.insert("ALIBABA_CLOUD_ECS_METADATA_DISABLED".to_owned(), "true".to_owned());
    let (clock, builder) = (Clock::default(), || Client::builder().region("cn-hangzhou").transport(script(json!([]))));
    let client = builder().system(clock.clone()).environment(environment).build().unwrap();
    let error = clock.run(client.call("GetCallerIdentity").send()).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("sts GetCallerIdentity failed: no credentials found; tried environment: "), "{text}");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 0));

    let client = builder().system(clock.clone()).without_environment().build().unwrap();
    let text = clock.run(client.call("GetCallerIdentity").send()).unwrap_err().to_string();
    assert!(
        text.ends_with(
            "no credentials are set and the client does not read the environment: set credentials in its builder"
        ),
        "{text}"
    );
}

/// Damages a string at random places. The same seed causes the same damage.
fn damaged(text: &str, seed: u64) -> String {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).unwrap()
    };
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=next(4) {
        let at = next(characters.len().max(1));
        match next(4) {
            0 if at < characters.len() => drop(characters.remove(at)),
            1 => {
                characters.insert(at, ['"', '[', ']', '{', '=', '\'', '\\', '\n', ':', ',', '\u{feff}', 'é'][next(12)]);
            }
            2 => characters.truncate(at + 1),
            3 if at < characters.len() => characters.swap(at, 0),
            _ => {}
        }
    }
    characters.into_iter().collect()
}

#[test]
fn damaged_files_never_cause_panics_or_reveal_secrets() {
    let config = r#"{"current": "a", "profiles": [
        {"name": "a", "mode": "ChainableRamRoleArn", "source_profile": "b", "ram_role_arn": "", "expired_seconds": 900},
        {"name": "b", "mode": "StsToken", "access_key_id": "id", "access_key_secret": "s3cret", "sts_token": "s3cret"}]}"#;
    let file = "[default]\nenable = true\ntype = sts # x\naccess_key_id = id\naccess_key_secret = s3cret\n\
                security_token = \"s3cret\"\n[other]\ntype: access_key\n";
    let deep = format!("{{\"profiles\": {}", "[".repeat(100_000));
    let chain: Vec<_> = (0..20_000)
        .map(|n| json!({"name": n.to_string(), "mode": "ChainableRamRoleArn", "source_profile": (n + 1).to_string(), "ram_role_arn": "r"}))
        .collect();
    let long = json!({"current": "0", "profiles": chain}).to_string();
    let mut found = 0;
    for seed in 0..1500 {
        let text = match seed {
            0 => deep.clone(),
            1 => long.clone(),
            _ => damaged(config, seed),
        };
        let ini = damaged(file, seed);
        let _ = (ini::section(&ini, "default"), command::split(&ini, false), command::split(&ini, true));
        let mut environment = FakeEnvironment::default();
        environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
        environment.vars.insert("ALIBABA_CLOUD_ECS_METADATA_DISABLED".to_owned(), "true".to_owned());
        environment.files.insert("/home/me/.aliyun/config.json".into(), text);
        environment.files.insert("/home/me/.alibabacloud/credentials".into(), ini);
        let builder = Config::builder().environment(environment).region("cn-hangzhou").system(Clock::default());
        let config = builder.transport(script(json!([]))).build().unwrap();
        let providers: [&dyn ProvideCredentials; 3] =
            [&DefaultChain::new(), &CliProfile::new(), &CredentialsFile::new()];
        let mut any = false;
        for provider in providers {
            match Clock::default().run(provider.provide(config.context())) {
                Ok(_) => any = true,
                Err(error) => assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}"),
            }
        }
        found += usize::from(any);
    }
    // Some damage is harmless, but most is not.
    assert!((50..1000).contains(&found), "{found}");
}
