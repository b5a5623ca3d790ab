//! Credentials during a call: access keys that the service rejects, and slow providers.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use ecs_sdk::fake::{ACCESS_KEY, Response, Service, seconds};
use ecs_sdk::{
    CallOptions, Client, Credentials, Result,
    credentials::{Context, ProvideCredentials},
    retry::Never,
    system::BoxFuture,
};

/// Provides a new access key after the previous one was rejected.
#[derive(Debug, Default)]
struct Rotating(AtomicU32);

impl ProvideCredentials for Rotating {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        let number = self.0.load(Ordering::Relaxed);
        Box::pin(async move { Ok(Credentials::new(format!("id-{number}"), ACCESS_KEY.1)) })
    }

    fn invalidate(&self, rejected: &Credentials) {
        assert!(rejected.access_key_id().starts_with("id-"));
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_rejected_access_key_is_replaced_once() {
    for code in ["InvalidSecurityToken.Expired", "InvalidAccessKeyId.NotFound"] {
        // Nothing was executed, so the call is retried regardless of the operation and the retry policy.
        let service = Service::script([Response::error(400, code), Response::success()]);
        let client: Client =
            service.config().region("r").credentials(Rotating::default()).retry(Never).build().unwrap();
        service.run(client.start_instance().instance_id("i-1").send()).unwrap();
        let keys: Vec<String> = service.requests().iter().map(|sent| sent.param("AccessKeyId")).collect();
        assert_eq!((keys, service.request_times()), (vec!["id-0".to_owned(), "id-1".to_owned()], vec![0, 0]));

        let service = Service::always(Response::error(400, code));
        let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
        assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 2);
        // An access key that never changes is not retried.
        assert_eq!(service.run(service.client().describe_instances().send()).unwrap_err().attempts(), 1);
    }
}

/// Never returns.
#[derive(Debug)]
struct Hanging;

impl ProvideCredentials for Hanging {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_timeout_of_the_provider_means_that_nothing_was_executed() {
    let service = Service::script([]);
    let client: Client = service.config().region("r").credentials(Hanging).retry(Never).build().unwrap();
    let error = service.run(client.start_instance().instance_id("i-1").send()).unwrap_err();
    assert!(error.is_timeout() && !error.is_maybe_executed(), "{error}");
    assert_eq!(service.clock.elapsed(), seconds(60));
}

/// Provides an access key, and never returns after it was rejected.
#[derive(Debug, Default)]
struct HangingAfterRejection(AtomicBool);

impl ProvideCredentials for HangingAfterRejection {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        if self.0.load(Ordering::Relaxed) {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { Ok(Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1)) })
    }

    fn invalidate(&self, _rejected: &Credentials) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn the_operation_timeout_includes_waiting_for_a_new_access_key() {
    let service = Service::script([Response::error(400, "InvalidSecurityToken.Expired").after(seconds(9))]);
    let client: Client = service.config().region("r").credentials(HangingAfterRejection::default()).build().unwrap();
    let options = CallOptions::new().operation_timeout(seconds(10));
    let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some("InvalidSecurityToken.Expired"), 1));
    assert_eq!(service.clock.elapsed(), seconds(10));
}
