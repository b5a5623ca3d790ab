//! Your own waiters.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use super::{
    engine::{Poll, Status, Stop, run},
    timing::Timing,
};
use crate::{
    config::Config,
    error::{Error, ErrorKind, Result},
    system::System,
};

/// Your own waiter, created by `Client::wait_until`: calls a function until it reports that it is done.
///
/// The function makes one poll and returns its [`Status`]. All the rest is as for the waiters of the SDK: the
/// [`Timing`], the timeout, and transient failures, which do not end the wait. Time comes from the client's
/// [`System`](crate::system::System).
///
/// ```no_run
/// use std::time::Duration;
/// use ecs_sdk::waiter::Status;
///
/// # async fn example(client: ecs_sdk::Client, task: String) -> ecs_sdk::Result<()> {
/// // Called by name, which also works for operations that the SDK does not know.
/// let finished = client.wait_until(|| async {
///     let call = client.call("DescribeTaskAttribute").parameter("TaskId", &task);
///     let response = call.send().await?;
///     Ok(match response["TaskStatus"].as_str() {
///         Some("Finished") => Status::Done(response["TaskFinishedTime"].to_string()),
///         Some("Failed") => Status::failed("the task failed"),
///         other => Status::pending(other.unwrap_or("without a status")),
///     })
/// });
/// let time = finished.wait(Duration::from_secs(600)).await?;
/// # let _ = time;
/// # Ok(())
/// # }
/// ```
#[must_use = "a waiter does nothing until `wait` is awaited"]
pub struct Waiter<F> {
    poll: F,
    timing: Timing,
    system: Arc<dyn System>,
}

impl<F> Waiter<F> {
    /// Creates a waiter with the system of a client's configuration.
    pub fn new(config: &Config, poll: F) -> Self {
        Self { poll, timing: Timing::new(), system: config.shared_system() }
    }

    /// Sets when to poll: the delays before the first poll and between polls.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Polls until the function returns [`Status::Done`], for at most `timeout`, and returns its value. Polls at least
    /// once. The last poll may begin when `timeout` elapses, and takes at most 5 seconds more.
    ///
    /// # Errors
    ///
    /// Returns an error of kind [`Timeout`](ErrorKind::Timeout) if `timeout` elapses; the message contains the last
    /// [pending](Status::Pending) state, and the cause is the error of the last poll if it failed. Returns an error of
    /// kind [`Waiter`](ErrorKind::Waiter) if the function returns [`Status::Failed`]. If the function returns an error that
    /// is not [retryable](Error::is_retryable), returns that.
    pub async fn wait<T, P>(self, timeout: Duration) -> Result<T>
    where
        F: FnMut() -> P + Send,
        P: Future<Output = Result<Status<T>>> + Send,
        T: Send,
    {
        let Self { poll, timing, system } = self;
        let stop = match run(&*system, &timing, timeout, &mut Function(poll)).await {
            Ok(output) => return Ok(output),
            Err(stop) => stop,
        };
        Err(match stop {
            Stop::Error(error) => error,
            Stop::Failed(reason) => Error::new(ErrorKind::Waiter, reason).with_maybe_executed(false),
            Stop::Timeout(state, error) => {
                let state = state.unwrap_or_else(|| "nothing, because no poll succeeded".to_owned());
                let message = format!("the wait did not succeed within {timeout:?}; last seen: {state}");
                let new = |message| Error::new(ErrorKind::Timeout, message).with_maybe_executed(false);
                match error {
                    Some(error) => new(format!("{message}; then: {error}")).with_source(error),
                    None => new(message),
                }
            }
        })
    }
}

impl<F> fmt::Debug for Waiter<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter").field("timing", &self.timing).finish_non_exhaustive()
    }
}

/// A function that polls.
struct Function<F>(F);

impl<T, F, P> Poll for Function<F>
where
    F: FnMut() -> P + Send,
    P: Future<Output = Result<Status<T>>> + Send,
{
    type Output = T;

    fn poll(&mut self) -> impl Future<Output = Result<Status<T>>> + Send {
        (self.0)()
    }

    fn polled(&mut self, _: u32, _: Duration, _: Option<&Error>) {}
}
