//! Mocks: clients whose calls a test expects and replies to.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use bytes::Bytes;

use super::{
    clock::TestClock,
    expectation::{Expectation, place},
    received::ReceivedCall,
    state::{IN_ORDER, State},
};
use crate::{
    builder::Builder,
    config::Config,
    identity::Credentials,
    operation::Operation,
    system::{BoxFuture, System},
    transport::{Transport, TransportError},
};

/// Longer than any test lasts: about 30,000 years.
const FOREVER: Duration = Duration::from_secs(1_000_000_000_000);

/// Replies to the calls of clients as a test tells it, and checks that the expected calls are made.
///
/// The client is an ordinary one, of any service; only its transport is replaced. So requests are checked, encoded, signed and
/// retried, and pages and waiters work as usual.
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use ecs_sdk::{
///     Client, Model as _,
///     operation::{
///         describe_instances::{DescribeInstancesRequest, DescribeInstancesResponse, Instance},
///         stop_instance::StopInstanceRequest,
///     },
///     test_util::Mock,
/// };
///
/// /// The code under test: stops all running instances.
/// async fn stop_all(client: &Client) -> ecs_sdk::Result<usize> {
///     let page = client.describe_instances().status("Running").send().await?;
///     for instance in &page.instances {
///         client.stop_instance().instance_id(&instance.instance_id).send().await?;
///     }
///     Ok(page.instances.len())
/// }
///
/// let mock = Mock::new();
/// mock.on::<DescribeInstancesRequest>()
///     .with(DescribeInstancesRequest::new().status("Running"))
///     .reply(DescribeInstancesResponse::build(|page| {
///         page.instances =
///             vec![Instance::build(|instance| instance.instance_id = "i-1".into())];
///     }));
/// mock.on::<StopInstanceRequest>()
///     .matching(|request| request.instance_id.as_deref() == Some("i-1"))
///     .once();
///
/// let client: Client = mock.client();
/// assert_eq!(stop_all(&client).await.unwrap(), 1);
/// mock.verify();
/// # }
/// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
/// # fn main() {}
/// ```
///
/// A call uses the first expectation that matches it and is not used up. A call that no expectation matches fails with an
/// error that names the nearest one and the parameters that differ; it is not retried. [`verify`](Self::verify), or the end
/// of the last clone of the mock, fails the test if calls are missing or unexpected.
///
/// The client's [clock](Self::clock) is a [`TestClock`], so retries and waiters take no time.
#[derive(Clone)]
pub struct Mock {
    transport: MockTransport,
    guard: Arc<Guard>,
    region: Arc<str>,
}

/// The [`Transport`] of a [`Mock`].
#[derive(Clone)]
pub struct MockTransport {
    state: State,
    clock: TestClock,
}

/// Checks the calls when the last clone of a mock is dropped.
struct Guard {
    state: State,
    is_checked: std::sync::atomic::AtomicBool,
}

impl Default for Mock {
    fn default() -> Self {
        Self::new()
    }
}

impl Mock {
    /// Creates a mock that expects no calls, with a [`TestClock`] that advances by itself.
    pub fn new() -> Self {
        Self::with_clock(TestClock::new())
    }

    /// Creates a mock with this clock.
    pub fn with_clock(clock: TestClock) -> Self {
        let state = State::default();
        let guard = Guard { state: state.clone(), is_checked: false.into() };
        Self { transport: MockTransport { state, clock }, guard: Arc::new(guard), region: "cn-hangzhou".into() }
    }

    /// Returns a mock whose clients have this region by default; it shares all else with this one.
    #[must_use = "it returns the mock"]
    pub fn with_region(self, region: &str) -> Self {
        Self { region: region.into(), ..self }
    }

    /// Expects calls in the order in which they are declared from now on, each exactly once unless
    /// [`times`](Expectation::times) says otherwise.
    ///
    /// ```
    /// # #[cfg(all(feature = "test-util", feature = "instances"))]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> ecs_sdk::Result<()> {
    /// use ecs_sdk::{
    ///     Client,
    ///     operation::{start_instance::StartInstanceRequest, stop_instance::StopInstanceRequest},
    ///     test_util::Mock,
    /// };
    ///
    /// let mock = Mock::new().in_order();
    /// mock.on::<StopInstanceRequest>();
    /// mock.on::<StartInstanceRequest>();
    ///
    /// let client: Client = mock.client();
    /// client.stop_instance().instance_id("i-1").send().await?;
    /// client.start_instance().instance_id("i-1").send().await?;
    /// # Ok(())
    /// # }
    /// # #[cfg(not(all(feature = "test-util", feature = "instances")))]
    /// # fn main() {}
    /// ```
    #[must_use = "it returns the mock"]
    pub fn in_order(self) -> Self {
        self.state().lock().in_order = true;
        self
    }

    /// Sets whether missing and unexpected calls make the test panic when the last clone of the mock is dropped; on by
    /// default.
    pub fn verify_on_drop(&self, verify: bool) {
        self.guard.is_checked.store(!verify, std::sync::atomic::Ordering::Relaxed);
    }

    fn state(&self) -> &State {
        &self.transport.state
    }

    /// Expects calls of an operation.
    #[track_caller]
    pub fn on<R: Operation>(&self) -> Expectation<R> {
        let operation = (R::META.name.to_owned(), Some(R::META.service.version.to_owned()));
        self.expectation(Some(operation), Location::caller())
    }

    /// Expects calls of an operation by its name, typed or [untyped](crate::UntypedCall), in any service.
    ///
    /// ```
    /// # #[cfg(feature = "test-util")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> ecs_sdk::Result<()> {
    /// use ecs_sdk::{Client, serde_json::json, test_util::Mock};
    ///
    /// let mock = Mock::new();
    /// mock.on_operation("DescribeSomethingNew")
    ///     .with_parameter("PageSize", 10)
    ///     .reply_json(json!({"TotalCount": 0}));
    /// let client: Client = mock.client();
    /// let response = client.call("DescribeSomethingNew").parameter("PageSize", 10).send().await?;
    /// assert_eq!(response["TotalCount"], 0);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "test-util"))]
    /// # fn main() {}
    /// ```
    #[track_caller]
    pub fn on_operation(&self, name: impl Into<String>) -> Expectation<ReceivedCall> {
        self.expectation(Some((name.into(), None)), Location::caller())
    }

    /// Expects calls of any operation. Declare it after all others, because a call uses the first expectation that matches.
    #[track_caller]
    pub fn on_any(&self) -> Expectation<ReceivedCall> {
        self.expectation(None, Location::caller())
    }

    fn expectation<R>(&self, operation: Option<(String, Option<String>)>, location: &Location<'_>) -> Expectation<R> {
        Expectation::new(self.state().clone(), self.state().add(operation, place(location)))
    }

    /// Adds an expectation without a place in a test.
    pub(super) fn expect_recorded(
        &self,
        operation: (String, Option<String>),
        place: String,
        in_order: bool,
    ) -> Expectation<ReceivedCall> {
        let rule = self.state().add(Some(operation), place);
        self.state().change(rule, |rule| rule.sequence = in_order.then_some(IN_ORDER));
        Expectation::new(self.state().clone(), rule)
    }

    /// Returns a client of any service that sends its calls to the mock: `let client: ecs_sdk::Client = mock.client();`.
    ///
    /// Its settings are those of [`builder`](Self::builder).
    ///
    /// # Panics
    ///
    /// Never: all settings are valid.
    pub fn client<C: From<Config>>(&self) -> C {
        self.builder().build().expect("the settings of a mock are valid")
    }

    /// Returns the builder of a client that sends its calls to the mock, for other settings such as a retry policy. The
    /// environment is ignored. If they are not set, the region is
    /// `cn-hangzhou` and the access key is `mock-id`.
    pub fn builder<C: From<Config>>(&self) -> Builder<C> {
        Builder::default().mock(self)
    }

    /// Returns the transport of its clients. It does not keep the mock from being checked.
    pub fn transport(&self) -> MockTransport {
        self.transport.clone()
    }

    /// Returns the clock of its clients.
    pub fn clock(&self) -> TestClock {
        self.transport.clock.clone()
    }

    /// Returns the requests of an operation so far, expected or not. Each attempt of a call is a request.
    ///
    /// # Panics
    ///
    /// Panics if a request of the operation cannot be decoded, because an untyped call sent an invalid value.
    #[track_caller]
    pub fn calls<R: Operation>(&self) -> Vec<R> {
        let calls = self.received().into_iter().filter(ReceivedCall::is::<R>);
        calls.map(|call| call.request().unwrap_or_else(|error| panic!("{call:?} cannot be decoded: {error}"))).collect()
    }

    /// Returns all requests so far, untyped and in order, with their headers.
    pub fn received(&self) -> Vec<ReceivedCall> {
        self.state().lock().calls.clone()
    }

    /// Returns a report about calls that are missing or unexpected; `None` if there are none.
    pub fn report(&self) -> Option<String> {
        self.state().report()
    }

    /// Checks that all expected calls were made, and no others.
    ///
    /// # Panics
    ///
    /// Panics with a [report](Self::report) otherwise.
    #[track_caller]
    pub fn verify(&self) {
        if let Some(report) = self.report() {
            self.verify_on_drop(false);
            panic!("{report}");
        }
    }

    /// Checks the calls like [`verify`](Self::verify), and forgets all expectations and calls, for the next part of a test.
    ///
    /// # Panics
    ///
    /// Panics with a [report](Self::report) if calls are missing or unexpected.
    #[track_caller]
    pub fn checkpoint(&self) {
        self.verify();
        self.state().clear();
    }
}

impl<T: From<Config>> Builder<T> {
    /// Sends the calls of the client to a [`Mock`], on its clock, and ignores the environment. If they
    /// are not set, the region is `cn-hangzhou` and the access key is `mock-id`.
    pub fn mock(self, mock: &Mock) -> Self {
        let credentials = Credentials::new("mock-id", "mock-secret");
        self.without_environment()
            .transport(mock.transport())
            .system(mock.clock())
            .or_for_tests(&mock.region, credentials)
    }
}

impl Transport for MockTransport {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let call = ReceivedCall::of(&request);
        let host = call.host().to_owned();
        Box::pin(async move {
            let (reply, id) = self.state.reply(&call).map_err(TransportError::settings)?;
            match reply.delay() {
                Some(delay) if delay.is_zero() => {}
                delay => self.clock.sleep(delay.unwrap_or(FOREVER)).await,
            }
            reply.into_result(&id, &host)
        })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let is_checked = self.is_checked.load(std::sync::atomic::Ordering::Relaxed);
        if !is_checked
            && !std::thread::panicking()
            && let Some(report) = self.state.report()
        {
            panic!("{report}");
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("received", &self.received()).finish_non_exhaustive()
    }
}

impl fmt::Debug for MockTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockTransport").finish_non_exhaustive()
    }
}
