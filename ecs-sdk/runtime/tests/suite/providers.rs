//! Custom credentials providers, providers chosen at run time, and the errors of calls whose provider fails.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use ecs_sdk::fake::{Response, Service};
use ecs_sdk::{
    BoxFuture, Client, Credentials, Error, ErrorKind, InvalidTimestamp, Result, Timestamp,
    credentials::{Context, CredentialsUri, EcsRamRole, ProvideCredentials},
    environment::{Environment, NoEnvironment},
    system::System,
    transport::TransportError,
};

/// Fails the first time, and returns credentials after that.
#[derive(Debug, Clone)]
struct FailsOnce {
    error: Error,
    requests: Arc<AtomicU32>,
}

impl ProvideCredentials for FailsOnce {
    fn provide<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let first = self.requests.fetch_add(1, Ordering::Relaxed) == 0;
        Box::pin(
            async move { if first { Err(self.error.clone()) } else { Ok(Credentials::new("testid", "testsecret")) } },
        )
    }
}

/// The call itself was not sent, regardless of the provider's own requests.
#[test]
fn a_failed_provider_means_that_the_call_was_not_executed() {
    for error in [
        Error::new(ErrorKind::Timeout, "the vault is slow"),
        Error::new(ErrorKind::Transport, "the vault is gone"),
        Error::from(TransportError::interrupted("connection reset")),
        Error::service("InternalError", "Because.", 500),
        Error::service("Forbidden", "Because.", 403).with_maybe_executed(true),
        Error::new(ErrorKind::Decode, "the vault has changed"),
        Error::new(ErrorKind::Credentials, "the vault is locked"),
    ] {
        let service = Service::always(Response::success());
        let provider = FailsOnce { error: error.clone(), requests: Arc::default() };
        let client: Client = service.config().region("r").credentials(provider.clone()).build().unwrap();
        // `StartInstance` has no client token, so it is retried only if it was certainly not executed.
        let is_retried = matches!(error.kind(), ErrorKind::Timeout | ErrorKind::Transport);
        let result = service.run(client.start_instance().instance_id("i-1").send());
        let attempts = provider.requests.load(Ordering::Relaxed);
        match result {
            Ok(_) => assert_eq!((is_retried, attempts, service.requests().len()), (true, 2, 1), "{error}"),
            Err(got) => {
                assert_eq!((is_retried, attempts, service.requests().len()), (false, 1, 0), "{error}");
                assert!(!got.is_maybe_executed(), "{got:?}");
                assert_eq!((got.kind(), got.code(), got.operation()), (error.kind(), error.code(), "StartInstance"));
            }
        }
    }
}

/// The cause lets callers distinguish a provider that was rejected from one that is unavailable.
#[test]
fn the_error_of_a_provider_contains_its_cause() {
    let providers: [Box<dyn ProvideCredentials>; 2] = [
        Box::new(CredentialsUri::builder().uri("http://vault/?key=hunter2").build()),
        Box::new(EcsRamRole::builder().role_name("role").require_tokens(true).build()),
    ];
    for provider in providers {
        let service = Service::always(Response::new(403, "hunter2"));
        let client: Client = service.config().region("r").credentials(provider).build().unwrap();
        let error = service.run(client.describe_regions().send()).unwrap_err();
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>()).expect("an error of the SDK");
        assert_eq!((error.kind(), cause.http_status()), (ErrorKind::Credentials, Some(403)), "{error:?}");
        // The message already contains the cause.
        assert!(std::error::Error::source(&error).is_none(), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let invalid = Error::from(Timestamp::from("soon").to_system_time().unwrap_err());
    assert!(invalid.get_ref().unwrap().is::<InvalidTimestamp>());
}

#[test]
fn parts_of_a_client_can_be_chosen_at_run_time() {
    let service = Service::always(Response::success());
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

#[test]
fn providers_are_named_after_their_types() {
    #[derive(Debug)]
    struct Generic<T>(T);

    impl<T: std::fmt::Debug + Send + Sync + 'static> ProvideCredentials for Generic<T> {
        fn provide<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
            Box::pin(async { Ok(Credentials::new("testid", "testsecret")) })
        }
    }

    let boxed: Box<dyn ProvideCredentials> = Box::new(Arc::new(EcsRamRole::new()));
    let shared: Arc<dyn ProvideCredentials> = Arc::new(Generic::<Vec<std::sync::Mutex<u8>>>(Vec::new()));
    assert_eq!((boxed.name(), shared.name()), ("EcsRamRole", "Generic"));
    assert_eq!(Credentials::new("id", "secret").name(), "Credentials");
    assert_eq!(ecs_sdk::credentials::DefaultChain::new().name(), "DefaultChain");
}
