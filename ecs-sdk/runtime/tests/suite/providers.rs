//! Credentials providers of users: chosen at run time, and how their failures end calls.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use ecs_sdk::fake::{Answer, Service};
use ecs_sdk::{
    BoxFuture, Client, Credentials, Error, ErrorKind, InvalidTimestamp, Result, Timestamp,
    credentials::{Context, CredentialsUri, EcsRamRole, ProvideCredentials},
    environment::{Environment, NoEnvironment},
    system::System,
    transport::TransportError,
};

/// Fails the first time, and provides a key from then on.
#[derive(Debug, Clone)]
struct Fails {
    error: Error,
    requests: Arc<AtomicU32>,
}

impl ProvideCredentials for Fails {
    fn provide<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let first = self.requests.fetch_add(1, Ordering::Relaxed) == 0;
        Box::pin(
            async move { if first { Err(self.error.clone()) } else { Ok(Credentials::new("testid", "testsecret")) } },
        )
    }
}

/// Nothing of the call was sent, whatever became of the provider's own requests.
#[test]
fn a_failed_provider_executes_nothing() {
    for error in [
        Error::new(ErrorKind::Timeout, "the vault is slow"),
        Error::new(ErrorKind::Transport, "the vault is gone"),
        Error::from(TransportError::interrupted("connection reset")),
        Error::service("InternalError", "Because.", 500),
        Error::service("Forbidden", "Because.", 403).with_maybe_executed(true),
        Error::new(ErrorKind::Decode, "the vault has changed"),
        Error::new(ErrorKind::Credentials, "the vault is locked"),
    ] {
        let service = Service::always(Answer::done());
        let provider = Fails { error: error.clone(), requests: Arc::default() };
        let client: Client = service.config().region("r").credentials(provider.clone()).build().unwrap();
        // It has no client token, so it is only retried if nothing can have been executed.
        let is_retried = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport);
        let result = service.run(client.start_instance().instance_id("i-1").send());
        let attempts = provider.requests.load(Ordering::Relaxed);
        match result {
            Ok(_) => assert_eq!((is_retried, attempts, service.sent().len()), (true, 2, 1), "{error}"),
            Err(got) => {
                assert_eq!((is_retried, attempts, service.sent().len()), (false, 1, 0), "{error}");
                assert!(!got.is_maybe_executed(), "{got:?}");
                assert_eq!((got.kind(), got.code(), got.operation()), (error.kind(), error.code(), "StartInstance"));
            }
        }
    }
}

/// Callers can tell a provider that is forbidden from one that is down.
#[test]
fn the_failure_of_a_provider_has_its_cause() {
    let providers: [Box<dyn ProvideCredentials>; 2] = [
        Box::new(CredentialsUri::builder().uri("http://vault/?key=hunter2").build()),
        Box::new(EcsRamRole::builder().role_name("role").require_tokens(true).build()),
    ];
    for provider in providers {
        let service = Service::always(Answer::text(403, "hunter2"));
        let client: Client = service.config().region("r").credentials(provider).build().unwrap();
        let error = service.run(client.describe_regions().send()).unwrap_err();
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()).expect("an error of the SDK");
        assert_eq!((error.kind(), cause.http_status()), (ErrorKind::Credentials, Some(403)), "{error:?}");
        // The line holds the cause already.
        assert!(std::error::Error::source(&error).is_none(), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let invalid = Error::from(Timestamp::from("soon").to_system_time().unwrap_err());
    assert!(invalid.get_ref().unwrap().is::<InvalidTimestamp>());
}

#[test]
fn parts_of_a_client_can_be_chosen_at_run_time() {
    let service = Service::always(Answer::done());
    let key = || Credentials::new("testid", "testsecret");
    let boxed: Box<dyn ProvideCredentials> = Box::new(key());
    let shared: Arc<dyn ProvideCredentials> = Arc::new(key());
    let builder = service.config::<Client>().region("r");
    for builder in [builder.clone().credentials(boxed), builder.clone().credentials(shared)] {
        service.run(builder.build().unwrap().describe_regions().send()).unwrap();
    }
    let boxed: Box<dyn Environment> = Box::new(NoEnvironment);
    let shared: Arc<dyn Environment> = Arc::new(NoEnvironment);
    assert_eq!((boxed.var("HOME"), boxed.allows_discovery(), shared.allows_discovery()), (None, false, false));
    for builder in [builder.clone().environment(boxed), builder.clone().environment(shared)] {
        service.run(builder.build().unwrap().describe_regions().send()).unwrap();
    }
    let system: Box<dyn System> = Box::new(ecs_sdk::system::TokioSystem::default());
    let _ = builder.system(system).build().unwrap();
}
