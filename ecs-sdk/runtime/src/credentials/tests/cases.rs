//! Runs the case folders in `tests/credentials`: each describes an environment, HTTP requests and responses, and the
//! expected result. See `tests/credentials/README.md`.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    error::Error as _,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::SystemTime,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{
    fakes::{Clock, Exchange, Script, Spans},
    provider::{Provider, set},
};
use crate::{
    builder::Builder,
    config::Config,
    credentials::{DefaultChain, ProvideCredentials},
    endpoint::Network,
    environment::{FakeEnvironment, FakeProgram},
};

/// Every secret in every case contains this string.
const SECRET_MARK: &str = "s3cret";

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Client {
    region: Option<String>,
    vpc: bool,
    /// The endpoint of all services. Providers must not use it.
    endpoint: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    command: Vec<String>,
    #[serde(default)]
    code: Option<i32>,
    stdout: Option<Value>,
    /// The program does not exist.
    #[serde(default)]
    not_found: bool,
    /// The program never exits.
    #[serde(default)]
    hangs: bool,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: Option<String>,
    secret: Option<String>,
    token: Option<String>,
    bearer: Option<String>,
    expires: Option<String>,
    /// The provider of the default chain that returned the credentials.
    provider: Option<String>,
    error: Option<String>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/credentials")
}

fn text(path: &Path) -> Option<String> {
    fs::read(path).ok().map(|bytes| String::from_utf8(bytes).unwrap().replace("\r\n", "\n"))
}

fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = text(path)?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn environment(case: &Path) -> FakeEnvironment {
    let mut environment = FakeEnvironment::default();
    environment.vars.insert("HOME".to_owned(), "/home/me".to_owned());
    for (name, value) in json::<BTreeMap<String, Option<String>>>(&case.join("env.json")).unwrap_or_default() {
        match value {
            Some(value) => environment.vars.insert(name, value),
            None => environment.vars.remove(&name),
        };
    }
    let root = case.join("fs");
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = Path::new("/").join(path.strip_prefix(&root).unwrap());
            match name.extension().and_then(|extension| extension.to_str()) {
                Some("unreadable") => environment.unreadable.push(name.with_extension("")),
                Some("hanging") => environment.hanging.push(name.with_extension("")),
                _ => drop(environment.files.insert(name, text(&path).unwrap())),
            }
        }
    }
    for program in json::<Vec<Program>>(&case.join("programs.json")).unwrap_or_default() {
        let stdout = match program.stdout {
            Some(Value::String(text)) => text,
            other => other.map(|json| json.to_string()).unwrap_or_default(),
        };
        let outcome: FakeProgram = match (program.not_found, program.hangs) {
            (true, _) => Some(Err(io::ErrorKind::NotFound.into())),
            (_, true) => None,
            _ => Some(Ok((program.code, stdout))),
        };
        environment.programs.lock().unwrap().insert(program.command, outcome);
    }
    environment
}

/// Runs a case. Returns its result and everything that was printed.
fn run(case: &Path) -> (Expected, String) {
    for entry in fs::read_dir(case).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = ["client.json", "env.json", "expected.json", "fs", "http.json", "programs.json", "provider.json"];
        assert!(known.contains(&name.as_str()), "{}: unknown file {name}", case.display());
    }
    let (clock, spans) = (Clock::default(), Spans::default());
    let environment = environment(case);
    let programs = environment.programs.clone();
    let script = Script(Arc::new(Mutex::new(json::<VecDeque<Exchange>>(&case.join("http.json")).unwrap_or_default())));
    let client: Client = json(&case.join("client.json")).unwrap_or_default();
    let chain = Arc::new(DefaultChain::new());
    let provider: Arc<dyn ProvideCredentials> = match json::<Provider>(&case.join("provider.json")) {
        Some(given) => given.build(),
        None => chain.clone(),
    };
    let mut builder = Config::builder()
        .environment(environment)
        .transport(script.clone())
        .system(clock.clone())
        .credentials(provider.clone())
        .region(client.region.unwrap_or_default());
    builder = set(builder, client.endpoint, Builder::endpoint);
    builder = if client.vpc { builder.network(Network::Vpc) } else { builder };
    let config = builder.build().unwrap();
    let mut outcomes = Vec::new();
    tracing::subscriber::with_default(spans.clone(), || {
        outcomes.push(clock.run(provider.provide(config.context())));
        // The second time, the credentials are cached: the script would reject another request.
        if outcomes[0].is_ok() {
            outcomes.push(clock.run(provider.provide(config.context())));
        }
    });
    assert!(script.0.lock().unwrap().is_empty(), "requests not sent: {:?}", script.0);
    assert!(programs.lock().unwrap().is_empty(), "programs not run: {programs:?}");
    let mut printed = format!("{config:?}\n{config:#?}\n{provider:?}\n{}", spans.text());
    let mut results = outcomes.into_iter().map(|outcome| {
        let error = match outcome {
            Ok(found) => {
                printed.push_str(&format!("\n{found:?}"));
                return Expected {
                    id: Some(found.access_key_id().to_owned()),
                    secret: Some(found.access_key_secret().to_owned()),
                    token: found.security_token().map(str::to_owned),
                    bearer: found.bearer_token().map(str::to_owned),
                    expires: found.expires().map(rfc3339),
                    provider: chain.kept().map(|(name, _)| (*name).to_owned()),
                    error: None,
                };
            }
            Err(error) => error,
        };
        assert_eq!(error.kind(), crate::ErrorKind::Credentials);
        printed.push_str(&format!("\n{error}\n{error:?}"));
        let mut cause = error.source();
        while let Some(inner) = cause {
            printed.push_str(&format!("\n{inner}\n{inner:?}"));
            cause = inner.source();
        }
        let error = Some(error.to_string());
        Expected { id: None, secret: None, token: None, bearer: None, expires: None, provider: None, error }
    });
    let first = results.next().unwrap();
    if let Some(second) = results.next() {
        assert_eq!(first, second);
    }
    drop(results);
    (first, printed)
}

fn rfc3339(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap()
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> &str {
    case.file_name().unwrap().to_str().unwrap()
}

#[test]
fn every_case_has_the_expected_result() {
    let cases = cases();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let expected: Expected =
            json(&case.join("expected.json")).unwrap_or_else(|| panic!("{}: no expected.json", name(case)));
        let found = std::panic::catch_unwind(|| run(case).0);
        match found {
            Ok(found) if found == expected => {}
            Ok(found) => failures.push(format!("{}:\n  expected {expected:?}\n     found {found:?}", name(case))),
            Err(_) => failures.push(format!("{}: panicked, see above", name(case))),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The secrets of a case: the values of all members and variables whose names end in `secret` or `token`.
fn secrets(case: &Path) -> BTreeSet<String> {
    fn collect(value: &Value, secret: bool, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) if secret && !text.is_empty() => drop(found.insert(text.clone())),
            Value::String(text) => {
                if let Ok(inner @ Value::Object(_)) = serde_json::from_str(text) {
                    collect(&inner, false, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, secret, found)),
            Value::Object(members) => {
                for (name, value) in members {
                    let name = name.to_ascii_lowercase();
                    let secret = ["secret", "token"].iter().any(|word| name.ends_with(word)) || name == "oidctoken";
                    collect(value, secret, found);
                }
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    let files =
        ["env.json", "http.json", "programs.json", "provider.json", "expected.json"].map(|file| case.join(file));
    let environment = environment(case);
    let contents = files.iter().filter_map(|file| text(file)).chain(environment.files.into_values());
    for text in contents {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            collect(&value, false, &mut found);
        }
    }
    // The session token of the metadata service is not a credential.
    found.retain(|text| !text.starts_with("session"));
    found
}

#[test]
fn no_case_prints_a_secret() {
    let (mut all, mut spans) = (BTreeSet::new(), 0);
    for case in cases() {
        // The test searches for the mark, which survives any encoding, so every secret must contain it.
        for secret in secrets(&case) {
            assert!(secret.contains(SECRET_MARK), "{}: `{secret}` does not contain the mark", name(&case));
            all.insert(secret);
        }
        let (_, printed) = run(&case);
        let place = printed.find(SECRET_MARK).map(|at| &printed[at.saturating_sub(60)..(at + 40).min(printed.len())]);
        assert_eq!(place, None, "{}", name(&case));
        spans += usize::from(printed.contains("alibabacloud.attempt attempt=1"));
    }
    assert!(all.len() > 20 && spans > 20, "only {} secrets and {spans} cases with spans", all.len());
}
