//! When credentials are refreshed, by which caller, and what happens if a refresh fails.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use futures_util::FutureExt;
use serde_json::json;

use super::{
    fakes::Clock,
    server::{Behavior, REJECTED, Server, id, key, minutes, response, seconds, uri},
};
use crate::{
    config::Config,
    credentials::{
        AssumeRole, CliProfile, Credentials, CredentialsFile, CredentialsUri, DefaultChain, EcsRamRole, OidcRole,
        ProvideCredentials, Refresh,
    },
    environment::{Environment, FakeEnvironment, ProcessOutput},
    error::Result,
    system::{BoxFuture, System, TokioSystem},
    transport::{Transport, TransportError},
};

#[test]
fn concurrent_callers_share_one_request() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let source = uri();
    assert_eq!(server.call_100(&source), vec![key(1); 100]);
    assert_eq!(server.call_100(&source), vec![key(1); 100]);
    assert_eq!(server.requests(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_tasks_on_several_threads_share_one_request() {
    let _limit = ecs_sdk_testing::fake::TimeLimit::start();
    #[derive(Debug)]
    struct Slow(AtomicUsize);

    impl Transport for Slow {
        fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
            let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
            Box::pin(async move {
                for _ in 0..200 {
                    tokio::task::yield_now().await;
                }
                Ok(response(number, TokioSystem::default().now() + minutes(60)))
            })
        }
    }

    let source = Arc::new(uri());
    let config = Config::builder().without_environment().transport(Slow(AtomicUsize::new(0))).build().unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(100));
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (source, config, start) = (source.clone(), config.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                id(source.provide(config.context()).await)
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), key(1));
    }
}

#[test]
fn concurrent_callers_share_one_failure_and_the_next_call_retries() {
    let server = Server::new(Behavior::Rejects);
    let source = uri();
    assert_eq!(server.call_100(&source), vec![Err(REJECTED.to_owned()); 100]);
    assert_eq!(server.requests(), 1);
    server.set(Behavior::Issues(minutes(60)));
    assert_eq!(server.call(&source), key(2));
}

#[test]
fn a_fetch_continues_when_the_caller_that_started_it_is_canceled() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let (source, config) = (uri(), server.config());
    let mut context = Context::from_waker(Waker::noop());
    let mut waiting = Box::pin(source.provide(config.context()));
    {
        let mut first = Box::pin(source.provide(config.context()));
        assert!(first.poll_unpin(&mut context).is_pending());
        assert!(waiting.poll_unpin(&mut context).is_pending());
        assert_eq!(server.requests(), 1);
    }
    assert_eq!(id(server.clock.run(waiting)), key(1));
    assert_eq!(server.requests(), 1);
    // The same while the cached credentials are valid: the refreshing caller is canceled, the next call does not wait,
    // and a later one gets the result.
    server.clock.advance(minutes(50));
    assert!(Box::pin(source.provide(config.context())).poll_unpin(&mut context).is_pending());
    assert_eq!(server.requests(), 2);
    assert_eq!(server.call(&source), key(1));
    server.clock.advance(seconds(31));
    assert_eq!(server.call(&source), key(2));
    assert_eq!(server.requests(), 2);
}

#[test]
fn one_caller_refreshes_early_and_the_others_use_the_cached_credentials() {
    // The lifetime, and how long before the expiry it is refreshed.
    for (lifetime, margin) in [(minutes(60), minutes(15)), (minutes(360), minutes(15)), (minutes(20), minutes(5))] {
        let server = Server::new(Behavior::Issues(lifetime));
        let source = uri();
        assert_eq!(server.call(&source), key(1));
        server.clock.advance(lifetime - margin - seconds(1));
        assert_eq!(server.call(&source), key(1));
        server.clock.advance(seconds(1));
        let mut expected = vec![key(1); 99];
        expected.insert(0, key(2));
        assert_eq!(server.call_100(&source), expected);
        assert_eq!(server.call(&source), key(2));
        assert_eq!(server.requests(), 2);
    }
}

#[test]
fn cached_credentials_are_used_until_they_are_rejected_while_refreshing_fails() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let source = uri();
    assert_eq!(server.call(&source), key(1));
    server.set(Behavior::Rejects);
    server.clock.advance(minutes(45));
    for requests in [2, 3, 4] {
        assert_eq!(server.call(&source), key(1));
        // Calls during the backoff do not refresh.
        assert_eq!(server.call_100(&source), vec![key(1); 100]);
        assert_eq!(server.requests(), requests);
        server.clock.advance(seconds(30));
    }
    // Even after their lifetime, because only the service knows the time.
    server.clock.advance(minutes(15));
    assert_eq!(server.call(&source), key(1));
    let config = server.config();
    let cached = server.clock.run(source.provide(config.context())).unwrap();
    source.invalidate(&cached);
    assert_eq!(server.call(&source), Err(REJECTED.to_owned()));
    server.set(Behavior::Issues(minutes(60)));
    let requests = server.requests();
    assert_eq!(server.call(&source), key(requests + 1));
}

#[test]
fn a_hanging_server_does_not_delay_calls_while_cached_credentials_are_valid() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let source = uri();
    assert_eq!(server.call(&source), key(1));
    server.set(Behavior::Hangs);
    server.clock.advance(minutes(45));
    let before = server.clock.monotonic();
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(5));
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(5));
    // After their lifetime, calls wait for the provider's own timeout.
    server.clock.advance(minutes(20));
    let before = server.clock.monotonic();
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.clock.monotonic() - before, seconds(10));
    let config = server.config();
    let cached = server.clock.run(source.provide(config.context())).unwrap();
    source.invalidate(&cached);
    server.clock.advance(minutes(1));
    let error = "cannot get credentials from the URI: no response within 10s (127.0.0.1:7002)";
    assert_eq!(server.call(&source), Err(error.to_owned()));
}

#[test]
fn refresh_margin_timeout_and_backoff_can_be_set() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let refresh = Refresh::new().margin(minutes(2)).timeout(seconds(3)).backoff(minutes(1));
    let source = CredentialsUri::builder().uri("http://127.0.0.1:7002/key").refresh(refresh).build();
    assert_eq!(server.call(&source), key(1));
    server.set(Behavior::Hangs);
    server.clock.advance(minutes(58) - seconds(1));
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.requests(), 1);
    server.clock.advance(seconds(1));
    let before = server.clock.monotonic();
    assert_eq!(server.call(&source), key(1));
    assert_eq!((server.clock.monotonic() - before, server.requests()), (seconds(3), 2));
    server.clock.advance(seconds(56));
    assert_eq!(server.call(&source), key(1));
    assert_eq!(server.requests(), 2);
    server.clock.advance(seconds(1));
    server.set(Behavior::Issues(minutes(60)));
    assert_eq!(server.call(&source), key(3));
}

#[test]
fn every_provider_takes_refresh_settings() {
    let refresh = Refresh::new().margin(minutes(1));
    let environment = SharedEnvironment::default();
    let file = json!({"profiles": [{"name": "default", "mode": "CredentialsURI", "credentials_uri": "http://h/"}]});
    let ini = "[default]\ntype = credentials_uri\ncredentials_uri = http://h/\n[oidc]\n";
    {
        let mut environment = environment.0.lock().unwrap();
        let vars = [("HOME", "/home/me"), ("ALIBABA_CLOUD_ECS_METADATA", "web")];
        environment.vars = vars.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        environment.files.insert("/home/me/.aliyun/config.json".into(), file.to_string());
        environment.files.insert("/home/me/.alibabacloud/credentials".into(), ini.to_owned());
        environment.files.insert("/token".into(), "t".to_owned());
    }
    let role = "acs:ram::1:role/r";
    let providers: [Box<dyn ProvideCredentials>; 7] = [
        Box::new(CredentialsUri::builder().uri("http://h/").refresh(refresh).build()),
        Box::new(AssumeRole::builder(Credentials::new("i", "s")).role_arn(role).refresh(refresh).build()),
        Box::new(OidcRole::builder().role_arn(role).provider_arn("p").token_file("/token").refresh(refresh).build()),
        Box::new(EcsRamRole::builder().refresh(refresh).build()),
        Box::new(CliProfile::builder().refresh(refresh).build()),
        Box::new(CredentialsFile::builder().refresh(refresh).build()),
        Box::new(DefaultChain::builder().refresh(refresh).build()),
    ];
    for provider in providers {
        let server = Server::new(Behavior::Issues(minutes(60)));
        let builder = Config::builder().environment(environment.clone()).region("cn-hangzhou");
        let config = builder.transport(server.clone()).system(server.clock.clone()).build().unwrap();
        let call = || id(server.clock.run(provider.provide(config.context()))).unwrap();
        let first = call();
        server.clock.advance(minutes(58));
        assert_eq!(call(), first, "{provider:?}");
        server.clock.advance(minutes(1));
        assert_ne!(call(), first, "{provider:?}");
    }
}

#[test]
fn rejected_credentials_are_discarded_once() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let (source, config) = (uri(), server.config());
    let first = server.clock.run(source.provide(config.context())).unwrap();
    source.invalidate(&first);
    assert_eq!(server.call(&source), key(2));
    // A later rejection of the first access key does not discard the second.
    source.invalidate(&first);
    assert_eq!(server.call(&source), key(2));
    // A rejected access key is never used again, even if there is no other.
    let second = server.clock.run(source.provide(config.context())).unwrap();
    source.invalidate(&second);
    server.set(Behavior::Rejects);
    assert_eq!(server.call(&source), Err(REJECTED.to_owned()));
}

#[test]
fn callers_wait_for_the_refresh_when_the_cached_credentials_are_rejected() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let (source, config) = (uri(), server.config());
    let first = server.clock.run(source.provide(config.context())).unwrap();
    server.clock.advance(minutes(50));
    let mut refreshing = Box::pin(source.provide(config.context()));
    assert!(refreshing.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    source.invalidate(&first);
    let mut waiting = Box::pin(source.provide(config.context()));
    assert!(waiting.poll_unpin(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(id(server.clock.run(refreshing)), key(2));
    assert_eq!(id(server.clock.run(waiting)), key(2));
    assert_eq!(server.requests(), 2);
}

#[test]
fn a_role_is_refreshed_with_the_current_credentials_of_its_source() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let source = Arc::new(uri());
    let role = AssumeRole::builder(source.clone()).role_arn("acs:ram::1:role/r").build();
    // One request for the access key, and one for the role.
    assert_eq!(server.call_100(&role), vec![key(2); 100]);
    assert_eq!(server.requests(), 2);
    server.clock.advance(minutes(50));
    assert_eq!(server.call(&role), key(4));
    assert_eq!(server.call(&*source), key(3));
}

/// An environment that a test can change.
#[derive(Debug, Clone, Default)]
struct SharedEnvironment(Arc<Mutex<FakeEnvironment>>);

impl Environment for SharedEnvironment {
    fn var(&self, name: &str) -> Option<String> {
        self.0.lock().unwrap().var(name)
    }

    fn read(&self, path: &std::path::Path) -> BoxFuture<'static, std::io::Result<String>> {
        self.0.lock().unwrap().read(path)
    }

    fn run(&self, program: &str, arguments: &[String]) -> BoxFuture<'static, std::io::Result<ProcessOutput>> {
        self.0.lock().unwrap().run(program, arguments)
    }
}

#[test]
fn changes_to_a_file_take_effect_immediately_and_unchanged_files_keep_cached_credentials() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let environment = SharedEnvironment::default();
    let builder = Config::builder().environment(environment.clone()).region("cn-hangzhou");
    let config = builder.transport(server.clone()).system(server.clock.clone()).build().unwrap();
    let write = |profile: serde_json::Value| {
        let file = json!({"current": "me", "profiles": [profile]}).to_string();
        let mut environment = environment.0.lock().unwrap();
        environment.vars = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        environment.files.insert("/home/me/.aliyun/config.json".into(), file);
    };
    let source = CliProfile::new();
    let call = || id(server.clock.run(source.provide(config.context())));
    let uri =
        |path: &str| json!({"name": "me", "mode": "CredentialsURI", "credentials_uri": format!("http://h/{path}")});
    write(uri("a"));
    assert_eq!(call(), key(1));
    write(uri("a"));
    assert_eq!(call(), key(1));
    write(uri("b"));
    assert_eq!(call(), key(2));
    write(json!({"name": "me", "mode": "AK", "access_key_id": "mine", "access_key_secret": "s3cret"}));
    assert_eq!(call(), Ok("mine".to_owned()));
}

#[test]
fn the_default_chain_keeps_the_first_provider_with_credentials() {
    let server = Server::new(Behavior::Issues(minutes(60)));
    let environment = SharedEnvironment::default();
    let set = |name: &str, value: &str| {
        environment.0.lock().unwrap().vars.insert(name.to_owned(), value.to_owned());
    };
    set("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "TRUE");
    set("ALIBABA_CLOUD_CREDENTIALS_URI", "http://127.0.0.1:7002/key");
    let builder = Config::builder().environment(environment.clone()).region("cn-hangzhou");
    let config = builder.transport(server.clone()).system(server.clock.clone()).build().unwrap();
    let call = || id(server.clock.run(config.credentials().provide(config.context())));
    assert_eq!(call(), key(1));
    set("ALIBABA_CLOUD_ACCESS_KEY_ID", "other");
    set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s3cret");
    assert_eq!(call(), key(1));
    server.set(Behavior::Rejects);
    config.credentials().invalidate(&server.clock.run(config.credentials().provide(config.context())).unwrap());
    assert_eq!(call(), Err(format!("credentials URI: {REJECTED}")));
}

/// Tests the fake clock: it detects futures that hang.
#[test]
#[should_panic(expected = "the future waits for something other than time")]
fn the_fake_clock_detects_hanging_futures() {
    Clock::default().run(pin!(poll_fn(|_| Poll::<()>::Pending)));
}
