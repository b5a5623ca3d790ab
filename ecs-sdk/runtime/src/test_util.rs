//! Helpers for the tests of programs that use the SDK; [`guide::testing`] shows how to use them.
//!
//! - [`Mock`] replies to the calls of a client as a test tells it, and checks that the expected calls are made.
//! - [`Recorder`] writes the calls of a client to a file, and a [`Recording`] replays them.
//! - [`TestClock`] is a clock that skips sleeps, or that only the test moves.
//! - [`OutgoingRequest`] is a request for tests of your own interceptors.
//! - [`client`] returns a client for a local server, such as the emulator.
//!
//! [`guide::testing`]: https://docs.rs/ecs-sdk/latest/ecs_sdk/guide/testing/index.html

mod clock;
mod diff;
mod expectation;
mod form;
mod mock;
mod outgoing;
mod received;
mod recorded;
mod recorder;
mod recording;
mod reply;
mod rule;
mod samples;
mod secrets;
mod state;
mod times;

pub use self::{
    clock::TestClock,
    expectation::{Expectation, Sequence},
    mock::{Mock, MockTransport},
    outgoing::OutgoingRequest,
    received::ReceivedCall,
    recorder::Recorder,
    recording::Recording,
    reply::Reply,
    times::Times,
};
#[doc(hidden)]
pub use self::{samples::Samples, secrets::is_secret};
use crate::{
    builder::Builder, config::Config, decode, form::percent_encode, identity::Credentials, model::Model,
    operation::Operation,
};

/// Returns a client of any service for a local server, such as the emulator: the access key is `testid` with the secret
/// `testsecret`, the region is `cn-hangzhou`, and the environment is ignored.
///
/// # Panics
///
/// Panics if the endpoint is invalid.
#[track_caller]
pub fn client<C: From<Config>>(endpoint: impl Into<String>) -> C {
    let builder = Builder::default().without_environment().endpoint(endpoint);
    let client = builder.or_for_tests("cn-hangzhou", Credentials::new("testid", "testsecret")).build();
    client.unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the paths of all members of `json` that `T` does not read, because it has no such field or cannot read the
/// value.
///
/// With it, a test can show that a recorded response is decoded completely:
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "regions-and-zones"))]
/// # {
/// use ecs_sdk::{operation::describe_regions::DescribeRegionsResponse, test_util};
///
/// let json = r#"{
///     "RequestId": "R-1",
///     "Regions": {"Region": [{"RegionId": "cn-hangzhou", "New": true}]}
/// }"#;
/// let unread = test_util::unread::<DescribeRegionsResponse>(json).unwrap();
/// assert_eq!(unread, ["Regions.Region[0].New"]);
/// # }
/// ```
///
/// # Errors
///
/// Returns an error if the JSON is invalid, or if its structure does not match `T`.
pub fn unread<T: Model + Default>(json: &str) -> Result<Vec<String>, serde_json::Error> {
    decode::unread(json.as_bytes(), &mut T::default())
}

/// Returns the names and values of the parameters that a request encodes to, in order.
///
/// The common parameters, which the client adds to every request, are not included.
///
/// ```
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # {
/// use ecs_sdk::{operation::run_instances::RunInstancesRequest, test_util, types::Tag};
///
/// let request =
///     RunInstancesRequest::new().amount(2).tags([Tag::new().key("team").value("web")]);
/// let parameters = test_util::parameters(&request);
/// let expected = [("Amount", "2"), ("Tag.1.Key", "team"), ("Tag.1.Value", "web")];
/// for (name, value) in expected {
///     assert!(
///         parameters.contains(&(name.to_owned(), value.to_owned())),
///         "{name} in {parameters:?}"
///     );
/// }
/// # }
/// ```
pub fn parameters<R: Operation>(request: &R) -> Vec<(String, String)> {
    form::encode(request)
}

/// Returns the percent-encoded form that a request encodes to, such as `Amount=2&Tag.1.Key=team`.
///
/// The common parameters, which the client adds to every request, are not included.
pub fn form<R: Operation>(request: &R) -> String {
    let mut text = String::new();
    for (name, value) in parameters(request) {
        if !text.is_empty() {
            text.push('&');
        }
        percent_encode(&name, &mut text);
        text.push('=');
        percent_encode(&value, &mut text);
    }
    text
}

/// Sets the members of an empty request from the parameters of its form. Returns the names of those that it does not have.
///
/// # Errors
///
/// Returns a description of a parameter whose value does not have the type of the member.
#[doc(hidden)]
pub fn decode_form(parameters: &[(String, String)], request: &mut dyn Model) -> Result<Vec<String>, String> {
    form::decode(parameters, request)
}

/// Asserts that the request of a spec's example encodes to `expected`, and that every member of its response is
/// decoded.
#[doc(hidden)]
pub fn check_example<R>(name: &str, request: &str, expected: &str, response: Option<&str>)
where
    R: Operation + serde::de::DeserializeOwned + serde::Serialize,
    R::Response: serde::de::DeserializeOwned + serde::Serialize + PartialEq + std::fmt::Debug,
{
    assert_eq!(decode::unread(request.as_bytes(), &mut R::default()).unwrap(), Vec::<String>::new(), "{name}");
    let typed: R = serde_json::from_str(request).unwrap();
    assert_eq!(form(&typed), expected, "{name}");
    let again: R = serde_json::from_value(serde_json::to_value(&typed).unwrap()).unwrap();
    assert_eq!(form(&again), expected, "{name}: through serde");
    if let Some(response) = response {
        assert_eq!(unread::<R::Response>(response).unwrap(), Vec::<String>::new(), "{name}");
        let typed: R::Response = serde_json::from_str(response).unwrap();
        let again: R::Response = serde_json::from_value(serde_json::to_value(&typed).unwrap()).unwrap();
        assert_eq!(typed, again, "{name}: through serde");
    }
}
