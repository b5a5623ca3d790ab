//! Credentials during a call: access keys that the service rejects, and slow providers.

use std::{
    io,
    path::Path,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use futures_util::future::join_all;

use ecs_sdk::fake::{ACCESS_KEY, Response, Service, millis, seconds};
use ecs_sdk::{
    CallOptions, Client, Credentials, Error, ErrorKind, Result,
    credentials::{CliProfile, Context, DefaultChain, ProvideCredentials},
    environment::Environment,
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
    for code in [
        "InvalidSecurityToken.Expired",
        "InvalidSecurityToken.Malformed",
        "InvalidSecurityToken.MismatchWithAccessKey",
        "SecurityToken.Expired",
        "InvalidAccessKeyId",
        "InvalidAccessKeyId.NotFound",
        "InvalidAccessKeyId.Inactive",
        "Forbidden.AccessKeyDisabled",
    ] {
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
fn a_provider_that_hangs_is_named_once() {
    let service = Service::script([]);
    let client: Client = service.config().region("r").credentials(Hanging).build().unwrap();
    // Neither the timeout of attempts nor the number of attempts applies.
    for options in [CallOptions::new(), CallOptions::new().attempt_timeout(seconds(1))] {
        let start = service.clock.elapsed();
        let error = service.run(client.start_instance().instance_id("i-1").options(options).send()).unwrap_err();
        assert_eq!(error.to_string(), "ecs StartInstance failed: no credentials within 60 s from Hanging");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 0));
        assert!(!error.is_maybe_executed() && !error.is_retryable());
        assert_eq!(service.clock.elapsed() - start, seconds(60));
    }
    let options = CallOptions::new().operation_timeout(millis(1500));
    let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
    assert_eq!(error.message(), "no credentials within 1.5 s from Hanging");
    assert_eq!(service.clock.elapsed(), millis(121_500));
}

#[test]
fn the_default_chain_names_the_provider_that_hangs() {
    #[derive(Debug)]
    struct Variables;

    impl Environment for Variables {
        fn var(&self, name: &str) -> Option<String> {
            let value = match name {
                "ALIBABA_CLOUD_CREDENTIALS_URI" => "http://127.0.0.1:9/",
                "ALIBABA_CLOUD_ECS_METADATA_DISABLED" => "true",
                _ => return None,
            };
            Some(value.to_owned())
        }
    }

    let service = Service::always(Response::hang());
    let builder = Client::builder().region("r").environment(Variables).credentials(DefaultChain::new());
    let client: Client = builder.transport(service.clone()).system(service.clock.clone()).build().unwrap();
    let options = CallOptions::new().operation_timeout(seconds(5));
    let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
    assert_eq!(error.to_string(), "ecs DescribeInstances failed: no credentials within 5 s from CredentialsUri");
}

/// Provides an access key after a delay.
#[derive(Debug)]
struct Slow(Service, Duration);

impl ProvideCredentials for Slow {
    fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
        Box::pin(async {
            ecs_sdk::system::System::sleep(&self.0.clock, self.1).await;
            Ok(Credentials::new(format!("id-{:?}", self.0.clock.elapsed()), ACCESS_KEY.1))
        })
    }
}

#[test]
fn the_attempt_timeout_begins_when_there_are_credentials() {
    let service = Service::always(Response::success().after(millis(900)));
    let slow = Slow(service.clone(), seconds(59));
    let client: Client = service.config().region("r").credentials(slow).build().unwrap();
    let options = CallOptions::new().attempt_timeout(seconds(1)).retry(Never);
    service.run(client.describe_instances().options(options).send()).unwrap();
    assert_eq!(service.clock.elapsed(), millis(59_900));
}

#[test]
fn a_failing_provider_sends_nothing() {
    #[derive(Debug)]
    struct Failing(ErrorKind);

    impl ProvideCredentials for Failing {
        fn provide<'a>(&'a self, _context: &'a Context) -> BoxFuture<'a, Result<Credentials>> {
            Box::pin(async { Err(Error::new(self.0, "the vault is locked").with_attempts(7)) })
        }
    }

    for kind in [ErrorKind::Credentials, ErrorKind::Timeout, ErrorKind::Decode] {
        let service = Service::script([]);
        let client: Client = service.config().region("r").credentials(Failing(kind)).build().unwrap();
        let error = service.run(client.start_instance().instance_id("i-1").send()).unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.is_maybe_executed()), (kind, 0, false));
    }
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
    assert_eq!(
        error.message(),
        "Because; new credentials could not be obtained: no credentials within 1 s from HangingAfterRejection"
    );
    assert_eq!(service.clock.elapsed(), seconds(10));
}

#[test]
fn a_slow_refresh_stays_within_the_operation_timeout() {
    // The provider needs 0.2 s for each key, and the service 0.7 s for each response.
    let rejected = Response::error(400, "InvalidSecurityToken.Expired").after(millis(700));
    let service = Service::always(rejected);
    let slow = Slow(service.clone(), millis(200));
    let client: Client = service.config().region("r").credentials(slow).build().unwrap();
    for timeout in [950, 1000, 1100, 1150] {
        let start = service.clock.elapsed();
        let options = CallOptions::new().operation_timeout(millis(timeout));
        let error = service.run(client.describe_instances().options(options).send()).unwrap_err();
        assert_eq!(error.code(), Some("InvalidSecurityToken.Expired"), "{timeout}: {error}");
        assert_eq!(service.clock.elapsed() - start, millis(timeout));
    }
}

#[test]
fn an_expired_token_that_only_the_message_names_is_replaced() {
    for message in [
        r#"The specified parameter \"SecurityToken.Expired\" is not valid."#,
        "The specified parameter 'SecurityToken.Expired' is not valid.",
        "The specified parameter SecurityToken.Expired is not valid.",
    ] {
        let body = format!(r#"{{"RequestId":"R-9","Code":"InvalidParameter","Message":"{message}"}}"#);
        let service = Service::script([Response::new(400, body), Response::success()]);
        let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
        service.run(client.start_instance().instance_id("i-1").send()).unwrap();
        assert_eq!(service.requests()[1].param("AccessKeyId"), "id-1");
    }
    let service = Service::always(Response::error(400, "InvalidParameter"));
    let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
    assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 1);
}

#[test]
fn a_source_whose_keys_are_always_rejected_is_asked_twice() {
    for code in ["InvalidSecurityToken.Expired", "InvalidAccessKeyId.Inactive"] {
        for call in ["DescribeInstances", "RunInstances"] {
            let service = Service::always(Response::error(403, code));
            let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
            let error = service.run(client.call(call).parameter("ClientToken", "t").send()).unwrap_err();
            assert_eq!((error.code(), error.attempts(), error.is_maybe_executed()), (Some(code), 2, false));
            assert!(service.clock.elapsed() < seconds(1));
        }
    }
}

#[test]
fn a_rejection_that_proves_nothing_is_not_retried_unless_that_is_safe() {
    let date = "Mon, 05 Jan 2026 20:30:00 GMT";
    for code in ["InvalidTimeStamp.Expired", "InvalidSecurityToken.Expired"] {
        for response in [
            Response::error(502, code),
            // Not an error of the service, which always has an ID of the request.
            Response::new(400, format!(r#"{{"Code":"{code}","Message":"Because."}}"#)),
        ] {
            let service = Service::always(response.header("date", date));
            let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
            service.run(client.start_instance().instance_id("i-1").send()).unwrap_err();
            assert_eq!(service.requests().len(), 1, "{code}");
            let options = CallOptions::new().retry(Never);
            service.run(client.run_instances().image_id("m-1").options(options).send()).unwrap_err();
            assert!(service.requests().len() >= 3, "{code}");
        }
    }
}

#[test]
fn a_new_key_and_a_corrected_clock_do_not_use_up_attempts() {
    let expired = || Response::error(400, "InvalidTimeStamp.Expired").header("date", "Mon, 05 Jan 2026 20:30:00 GMT");
    let unavailable = || Response::error(503, "ServiceUnavailable");
    let service = Service::script([
        unavailable(),
        expired(),
        Response::error(400, "InvalidSecurityToken.Expired"),
        unavailable(),
        Response::success(),
        unavailable(),
        Response::error(400, "InvalidSecurityToken.Expired"),
        unavailable(),
        unavailable(),
    ]);
    let client: Client = service.config().region("r").credentials(Rotating::default()).build().unwrap();
    let response = service.run(client.describe_instances().send()).unwrap();
    assert_eq!(response.meta().attempts(), 5);
    // All requests are counted by the error.
    assert_eq!(service.run(client.describe_instances().send()).unwrap_err().attempts(), 4);
}

/// A CLI configuration with a person's key that expired, by the clock of this machine, eight hours ago; another profile
/// assumes a role with it.
#[derive(Debug)]
struct SignedIn;

impl Environment for SignedIn {
    fn var(&self, name: &str) -> Option<String> {
        (name == "HOME").then(|| "/home/me".to_owned())
    }

    fn read(&self, _path: &Path) -> BoxFuture<'static, io::Result<String>> {
        let profiles = r#"{"current": "me", "profiles": [
            {"name": "me", "mode": "CloudSSO", "access_key_id": "testid", "access_key_secret": "testsecret",
             "sts_token": "s3cret-of-me", "sts_expiration": 1767607200},
            {"name": "role", "mode": "ChainableRamRoleArn", "source_profile": "me", "ram_role_arn": "acs:ram::1:role/r"}
        ]}"#;
        Box::pin(async { Ok(profiles.to_owned()) })
    }
}

#[test]
fn the_service_decides_whether_the_key_of_a_person_has_expired() {
    let profile = |name: &str| CliProfile::builder().profile(name).build();
    let build = |service: &Service, profile: CliProfile| -> Client {
        let builder = Client::builder().region("r").environment(SignedIn).credentials(profile);
        builder.transport(service.clone()).system(service.clock.clone()).build().unwrap()
    };
    // The clock of this machine is wrong.
    let late = Response::error(400, "InvalidTimeStamp.Expired").header("date", "Mon, 05 Jan 2026 10:00:00 GMT");
    let service = Service::script([late, Response::success()]);
    service.run(build(&service, profile("me")).describe_instances().send()).unwrap();

    // The key has expired. Each call learns that from the service, also if several calls do at once.
    let service = Service::always(Response::error(400, "InvalidSecurityToken.Expired"));
    let client = build(&service, profile("me"));
    for result in service.run(join_all((0..3).map(|_| client.describe_instances().send()))) {
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.attempts()), (Some("InvalidSecurityToken.Expired"), 1));
        assert_eq!(
            error.message(),
            "Because; new credentials could not be obtained: profile `me` in /home/me/.aliyun/config.json: the service \
             rejected the access key, which expires at 2026-01-05T10:00:00Z; sign in with `aliyun configure --profile \
             me --mode CloudSSO`"
        );
    }
    service.run(client.describe_instances().send()).unwrap_err();
    assert_eq!(service.requests().len(), 4);

    // The source of a role.
    let service = Service::always(Response::error(400, "InvalidSecurityToken.Expired"));
    let error = service.run(build(&service, profile("role")).describe_instances().send()).unwrap_err();
    assert!(error.kind() == ErrorKind::Credentials && error.attempts() == 0, "{error}");
    assert!(error.message().contains("sign in with `aliyun configure --profile me --mode CloudSSO`"), "{error}");
    assert_eq!(service.requests().len(), 1);
}
