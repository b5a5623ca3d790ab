//! The default transport with real sockets on loopback: proxies, TLS, connections, response sizes and timeouts.

mod connections;
mod proxies;
mod responses;
mod runtimes;
#[allow(dead_code, unreachable_pub, reason = "each set of features uses a part")]
mod server;
mod timeouts;
mod tls;

use std::{
    future::Future,
    time::{Duration, SystemTime},
};

use ecs_sdk::{
    Client, Config, Credentials, Result,
    config::Builder,
    system::{BoxFuture, System, TokioSystem},
    transport::HttpOptions,
};
use serde_json::Value;
use tokio::sync::watch;

/// A clock for clients with real sockets. Delays before retries end immediately, and timeouts elapse when the test
/// calls [`expire`](Self::expire).
#[derive(Debug, Clone)]
struct TestSystem {
    minutes: watch::Sender<u32>,
    real: TokioSystem,
}

impl TestSystem {
    fn new() -> Self {
        Self { minutes: watch::Sender::new(0), real: TokioSystem::default() }
    }

    /// Advances the clock by a minute and lets all current timeouts elapse.
    fn expire(&self) {
        self.minutes.send_modify(|minutes| *minutes += 1);
    }
}

impl System for TestSystem {
    fn now(&self) -> SystemTime {
        self.real.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(60) * *self.minutes.borrow()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut minutes = self.minutes.subscribe();
        Box::pin(async move {
            // Delays before retries are at most 20 s, and timeouts are longer than 30 s.
            if duration >= Duration::from_secs(30) && minutes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    fn random(&self, bytes: &mut [u8]) {
        self.real.random(bytes);
    }
}

/// A builder of clients that send requests to a server on loopback.
fn builder<T: From<Config>>(url: &str) -> Builder<T> {
    let builder = Builder::default().without_environment().region("cn-test").endpoint(url);
    builder.credentials(Credentials::new("testid", "testsecret")).system(TestSystem::new())
}

fn client(url: &str, options: HttpOptions) -> Client {
    builder(url).http(options).build().unwrap()
}

/// Sends a call that is retried if there is no response.
async fn read(client: &Client) -> Result<Value> {
    within(client.call("DescribeInstances").send()).await
}

/// Sends a call that must not be executed twice.
async fn write(client: &Client) -> Result<Value> {
    within(client.call("StartInstance").parameter("InstanceId", "i-1").send()).await
}

/// Fails the test if a future hangs.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("the future is ready within 30 s")
}
