//! The default transport over real sockets on loopback: proxies, TLS, connections, limits, time.

mod answers;
mod connections;
mod proxies;
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

/// Time for a client with real sockets: waits before retries are over at once, limits of attempts end when the test
/// says so.
#[derive(Debug, Clone)]
struct Time {
    rounds: watch::Sender<u32>,
    real: TokioSystem,
}

impl Time {
    fn new() -> Self {
        Self { rounds: watch::Sender::new(0), real: TokioSystem::default() }
    }

    /// Ends every limit that runs now; a minute goes by.
    fn expire(&self) {
        self.rounds.send_modify(|rounds| *rounds += 1);
    }
}

impl System for Time {
    fn now(&self) -> SystemTime {
        self.real.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(60) * *self.rounds.borrow()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut rounds = self.rounds.subscribe();
        Box::pin(async move {
            if duration >= Duration::from_secs(30) && rounds.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    fn random(&self, bytes: &mut [u8]) {
        self.real.random(bytes);
    }
}

/// Settings that lead to a server on loopback.
fn builder<T: From<Config>>(url: &str) -> Builder<T> {
    let builder = Builder::default().without_environment().region("cn-test").endpoint(url);
    builder.credentials(Credentials::new("testid", "testsecret")).system(Time::new())
}

fn client(url: &str, options: HttpOptions) -> Client {
    builder(url).http(options).build().unwrap()
}

/// A call that is repeated when no answer comes.
async fn read(client: &Client) -> Result<Value> {
    within(client.call("DescribeInstances").send()).await
}

/// A call that must not be executed twice.
async fn write(client: &Client) -> Result<Value> {
    within(client.call("StartInstance").parameter("InstanceId", "i-1").send()).await
}

/// Fails the test when a future hangs.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it ends")
}
