//! Property tests: for any content of a file and any response of a server, a provider returns credentials or a one-line
//! error without secrets, and never panics.
//!
//! Every run has the same cases. Set `PROPTEST_CASES` and `PROPTEST_RNG_SEED` to try others.

use bytes::Bytes;
use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::RngSeed};
use serde_json::{Map, Value};

use super::fakes::Clock;
use crate::{
    config::Config,
    credentials::{CliProfile, Credentials, CredentialsFile, CredentialsUri, ProvideCredentials},
    environment::FakeEnvironment,
    error::{Error, Result},
    system::BoxFuture,
    transport::{Transport, TransportError},
};

const SECRET: &str = "s3cret-0123456789";

fn proptest_config() -> ProptestConfig {
    let default = ProptestConfig::default();
    let seed = if default.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { default.rng_seed };
    ProptestConfig { rng_seed: seed, failure_persistence: None, ..default }
}

/// A server that sends the same response to every request. Without a response, its connections are refused.
#[derive(Debug, Clone)]
struct Server(Option<(u16, Bytes)>);

impl Transport for Server {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async {
            let (status, body) = self.0.clone().ok_or_else(|| TransportError::not_sent("refused"))?;
            Ok(http::Response::builder().status(status).body(body).unwrap())
        })
    }
}

/// Calls a provider that can read one file and sends requests to one server.
fn provide(
    provider: &dyn ProvideCredentials,
    file: Option<(&str, &str)>,
    response: Option<(u16, Vec<u8>)>,
) -> Result<Credentials> {
    let mut environment = FakeEnvironment::default();
    environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
    environment.files.extend(file.map(|(path, text)| (path.into(), text.to_owned())));
    let clock = Clock::default();
    let server = Server(response.map(|(status, body)| (status, body.into())));
    let config = Config::builder().environment(environment).transport(server).system(clock.clone()).build().unwrap();
    clock.run(provider.provide(config.context()))
}

fn profile(text: &str, response: Option<(u16, Vec<u8>)>) -> Result<Credentials> {
    provide(&CliProfile::new(), Some(("/home/me/.aliyun/config.json", text)), response)
}

fn ini(text: &str, response: Option<(u16, Vec<u8>)>) -> Result<Credentials> {
    provide(&CredentialsFile::new(), Some(("/home/me/.alibabacloud/credentials", text)), response)
}

/// Asserts that an error is a single line of bounded length, and returns it.
fn line(error: &Error) -> String {
    let line = error.to_string();
    assert!(!line.is_empty() && line.chars().count() < 5000 && !line.contains(char::is_control), "{line:?}");
    format!("{line} {error:?}")
}

fn checked(result: Result<Credentials>) {
    match result {
        Ok(credentials) => assert!(!credentials.access_key_id().is_empty()),
        Err(error) => drop(line(&error)),
    }
}

fn without_secret(result: Result<Credentials>) {
    let shown = match result {
        Ok(credentials) => format!("{credentials:?}"),
        Err(error) => line(&error),
    };
    assert!(!shown.contains(SECRET), "{shown}");
}

const MODES: [&str; 18] = [
    "AK",
    "StsToken",
    "RamRoleArn",
    "ChainableRamRoleArn",
    "EcsRamRole",
    "RamRoleArnWithRoleName",
    "OIDC",
    "External",
    "CredentialsURI",
    "",
    "access_key",
    "sts",
    "ram_role_arn",
    "ecs_ram_role",
    "oidc_role_arn",
    "credentials_uri",
    "bearer",
    "Magic",
];
const NAMES: [&str; 4] = ["default", "a", "b", ""];
const SECRET_KEYS: [&str; 6] =
    ["access_key_secret", "sts_token", "security_token", "external_id", "process_command", "credentials_uri"];
const KEYS: [&str; 16] = [
    "access_key_id",
    "ram_role_arn",
    "role_arn",
    "ram_session_name",
    "role_session_name",
    "ram_role_name",
    "role_name",
    "expired_seconds",
    "role_session_expiration",
    "policy",
    "sts_region",
    "enable",
    "enable_vpc",
    "oidc_provider_arn",
    "oidc_token_file",
    "region_id",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&["id", "true", "900", "acs:ram::1:role/r", "/no/file", "http://127.0.0.1/x", ""][..]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

type Members = Vec<(&'static str, Value)>;

/// Random members of a profile. Secrets are only in members that are meant for them.
fn members() -> impl Strategy<Value = Members> {
    let secret = select(&SECRET_KEYS[..]).prop_map(|key| {
        let value = match key {
            "credentials_uri" => format!("http://127.0.0.1/{SECRET}"),
            // Errors contain the name of the program but not its arguments.
            "process_command" => format!("helper {SECRET}"),
            _ => SECRET.to_owned(),
        };
        (key, Value::from(value))
    });
    let other = (
        select(&KEYS[..]),
        prop_oneof![
            6 => text().prop_map(Value::from),
            1 => any::<u64>().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            1 => Just(Value::Array(vec![])),
        ],
    );
    vec(prop_oneof![secret, other], 0..9)
}

fn profiles() -> impl Strategy<Value = Vec<(&'static str, &'static str, &'static str, Members)>> {
    vec((select(&NAMES[..]), select(&MODES[..]), select(&NAMES[..]), members()), 0..4)
}

fn response() -> impl Strategy<Value = Option<(u16, Vec<u8>)>> {
    option::of((100..600u16, vec(any::<u8>(), 0..60)))
}

proptest! {
    #![proptest_config(proptest_config())]

    #[test]
    fn survives_any_cli_profile(profiles in profiles(), current in select(&NAMES[..]), response in response()) {
        let list: Vec<Value> = profiles.into_iter().map(|(name, mode, source, members)| {
            let mut object: Map<String, Value> = members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            object.extend([("name", name), ("mode", mode), ("source_profile", source)].map(|(key, value)| (key.to_owned(), value.into())));
            object.into()
        }).collect();
        let text = serde_json::json!({"current": current, "profiles": list}).to_string();
        without_secret(profile(&text, response));
    }

    #[test]
    fn survives_any_credentials_file_section(profiles in profiles(), response in response()) {
        let mut text = String::new();
        for (name, mode, _, members) in profiles {
            text.push_str(&format!("[{name}]\ntype = {mode}\n"));
            for (key, value) in members {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text.push_str(&format!("{key} = {}\n", value.replace(['\n', '\r'], " ")));
            }
        }
        without_secret(ini(&text, response));
    }

    #[test]
    fn survives_any_file(text in any::<String>(), pieces in vec(select(&["[", "]", "[default]", "=", "\n", "#", "'", "\"", "{", "}", ":", "type", "AK", "\u{feff}", " ", "\\"][..]), 0..30)) {
        for text in [text, pieces.concat()] {
            checked(profile(&text, None));
            checked(ini(&text, None));
        }
    }

    #[test]
    fn survives_any_response(status in 100..600u16, body in vec(any::<u8>(), 0..100), code in any::<String>(), time in any::<String>()) {
        let whole = serde_json::json!({
            "Code": code, "AccessKeyId": "id", "AccessKeySecret": SECRET, "SecurityToken": SECRET, "Expiration": time,
        });
        let mut cut = whole.to_string().into_bytes();
        cut.truncate(body.len());
        for body in [body, whole.to_string().into_bytes(), cut] {
            let provider = CredentialsUri::builder().uri("http://127.0.0.1/x").build();
            without_secret(provide(&provider, None, Some((status, body))));
        }
    }
}

#[test]
fn rejects_deeply_nested_and_large_files() {
    const DEPTH: usize = 100_000;
    for text in [
        "[".repeat(DEPTH),
        "{\"profiles\":".repeat(DEPTH),
        format!("{{\"profiles\": {}1{}}}", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!("{{\"other\": {}1{}}}", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        format!("{{\"current\": \"{}\"}}", "x".repeat(DEPTH)),
        format!("{{\"profiles\": [{}null]}}", "null,".repeat(DEPTH)),
        "x".repeat(10 * DEPTH),
    ] {
        line(&profile(&text, None).unwrap_err());
        line(&ini(&text, None).unwrap_err());
    }
}
