//! Environment variables that disable requests.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;

use super::*;
use crate::{
    environment::FakeEnvironment,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};

/// A server that issues no tokens.
#[derive(Debug, Clone, Default)]
struct WithoutTokens(Arc<AtomicUsize>);

impl Transport for WithoutTokens {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let status = if request.method() == http::Method::PUT { 404 } else { 200 };
        Box::pin(async move { Ok(http::Response::builder().status(status).body(Bytes::from("i-1")).unwrap()) })
    }
}

/// A clock that stands still.
#[derive(Debug)]
struct FixedTime;

impl System for FixedTime {
    fn now(&self) -> std::time::SystemTime {
        std::time::SystemTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Requests the instance ID. Returns it or the error, and the number of requests sent.
fn instance_id(variable: &str, value: &str) -> (Result<Option<String>, String>, usize) {
    let server = WithoutTokens::default();
    let mut environment = FakeEnvironment::default();
    environment.vars.insert(variable.to_owned(), value.to_owned());
    let client =
        Client::builder().transport(server.clone()).system(FixedTime).environment(environment).build().unwrap();
    let id = client.instance_id().now_or_never().unwrap().map_err(|error| error.to_string());
    (id, server.0.load(Ordering::Relaxed))
}

#[test]
fn environment_variables_disable_requests() {
    for value in ["true", "TRUE", " true "] {
        assert_eq!(instance_id("ALIBABA_CLOUD_ECS_METADATA_DISABLED", value), {
            let message = "metadata meta-data/instance-id failed: disabled by ALIBABA_CLOUD_ECS_METADATA_DISABLED";
            (Err(message.to_owned()), 0)
        });
        assert_eq!(instance_id("ALIBABA_CLOUD_IMDSV1_DISABLED", value), {
            let message = "metadata api/token failed: no session token (100.100.100.200 returned an error), and \
                           requests without one are disabled (HTTP 404)";
            (Err(message.to_owned()), 1)
        });
    }
    for value in ["", "false", "0"] {
        assert_eq!(
            instance_id("ALIBABA_CLOUD_ECS_METADATA_DISABLED", value),
            (Ok(Some("i-1".to_owned())), 2),
            "{value}"
        );
        assert_eq!(instance_id("ALIBABA_CLOUD_IMDSV1_DISABLED", value), (Ok(Some("i-1".to_owned())), 2), "{value}");
    }
}
