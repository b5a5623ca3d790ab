//! Credentials during a call: keys that the service rejects, and providers that are slow.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ecs_sdk::fake::{Answer, KEY, Service, seconds};
use ecs_sdk::{
    CallOptions, Client, Credentials, Result,
    credentials::{Context, ProvideCredentials},
    retry::Never,
    system::BoxFuture,
};

/// Provides another key when one was rejected.
#[derive(Debug, Default)]
struct Rotating(AtomicU32);

impl ProvideCredentials for Rotating {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let number = self.0.load(Ordering::Relaxed);
        Box::pin(async move { Ok(Credentials::new(format!("id-{number}"), KEY.1)) })
    }

    fn invalidate(&self, rejected: &Credentials) {
        assert!(rejected.access_key_id().starts_with("id-"));
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_rejected_key_is_replaced_once() {
    for code in ["InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"] {
        // Nothing was executed, so it does not matter what is called, nor what the policy says.
        let service = Service::script([Answer::error(400, code), Answer::done()]);
        let client: Client =
            service.config().region("r").credentials(Rotating::default()).retry(Never).build().unwrap();
        service.run(client.start_instance().instance_id("i-1").send()).unwrap();
        let keys: Vec<String> = service.sent().iter().map(|sent| sent.param("AccessKeyId")).collect();
        assert_eq!((keys, service.times()), (vec!["id-0".to_owned(), "id-1".to_owned()], vec![0, 0]));

        let service = Service::always(Answer::error(400, code));
        let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
        assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 2);
        // A key that is always the same is not tried again.
        assert_eq!(service.run(service.client().describe_instances().send()).unwrap_err().attempts(), 1);
    }
}

/// Never provides a key.
#[derive(Debug)]
struct Silent;

impl ProvideCredentials for Silent {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn nothing_was_executed_while_credentials_were_waited_for() {
    let service = Service::script([]);
    let client: Client = service.config().region("r").credentials(Silent).retry(Never).build().unwrap();
    let error = service.run(client.start_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.is_timeout() && !error.is_maybe_executed(), "{error}");
    assert_eq!(service.clock.elapsed(), seconds(60));
}

/// Provides a key, and never another once it was rejected.
#[derive(Debug, Default)]
struct SilentAfterRejection(AtomicBool);

impl ProvideCredentials for SilentAfterRejection {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        if self.0.load(Ordering::Relaxed) {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { Ok(Credentials::new(KEY.0, KEY.1)) })
    }

    fn invalidate(&self, _rejected: &Credentials) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn waiting_for_another_key_ends_with_the_call() {
    let service = Service::script([Answer::error(400, "InvalidSecurityToken.Expired").after(seconds(9))]);
    let client: Client = service.config().region("r").credentials(SilentAfterRejection::default()).build().unwrap();
    let options = CallOptions::new().operation_timeout(seconds(10));
    let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("InvalidSecurityToken.Expired"), 1));
    assert_eq!(service.clock.elapsed(), seconds(10));
}
