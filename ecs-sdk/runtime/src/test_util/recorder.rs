//! A transport that records calls.

use std::{
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde_json::Value;

use super::{
    received::ReceivedCall,
    recorded::{Entry, Failure},
    recording::Recording,
    rule, secrets,
};
use crate::{
    redact::Secrets,
    response,
    system::BoxFuture,
    transport::{Transport, TransportError},
};

/// Headers of responses that are recorded, because they decide when a call is retried.
const RECORDED_HEADERS: [&str; 3] = ["date", "retry-after", "x-acs-retry-after"];

/// A [`Transport`] that sends requests with another one and records them with their responses.
///
/// ```no_run
/// # #[cfg(all(feature = "test-util", feature = "instances"))]
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use ecs_sdk::{
///     Client,
///     config::Timeouts,
///     test_util::{Recorder, Recording},
///     transport::{HttpClient, HttpOptions},
/// };
///
/// // Once, with real credentials:
/// let recorder = Recorder::new(HttpClient::new(&HttpOptions::new(), &Timeouts::new())?);
/// let client = Client::builder().transport(recorder.clone()).build()?;
/// client.describe_instances().status("Running").send().await?;
/// recorder.save("tests/recordings/running.json")?;
///
/// // In each test:
/// let mock = Recording::load("tests/recordings/running.json")?.replay();
/// let client: Client = mock.client();
/// client.describe_instances().status("Running").send().await?;
/// # Ok(())
/// # }
/// ```
///
/// Only calls are recorded, with secrets removed as [`Recording`] describes; requests to the metadata service and other
/// sources of credentials are not. Clones share their recording.
#[derive(Clone)]
pub struct Recorder {
    transport: Arc<dyn Transport>,
    log: Arc<Mutex<Log>>,
}

#[derive(Default)]
struct Log {
    /// `None` until there is a response.
    calls: Vec<Option<Entry>>,
    /// Secrets that may be anywhere in a response.
    secrets: Secrets,
}

impl Recorder {
    /// Creates a recorder that sends requests with `transport`, usually an [`HttpClient`](crate::transport::HttpClient).
    pub fn new(transport: impl Transport) -> Self {
        Self { transport: Arc::new(transport), log: Arc::default() }
    }

    /// Returns the calls so far that have a response.
    pub fn recording(&self) -> Recording {
        let log = self.log();
        let secrets = log.secrets.finder();
        let masked = log.calls.iter().flatten().map(|entry| {
            let mut entry = entry.clone();
            entry.parameters.values_mut().for_each(|value| secrets::mask_known(value, &secrets));
            entry.response.iter_mut().for_each(|value| secrets::mask_known(value, &secrets));
            entry.text = entry.text.map(|text| secrets::masked_text(text, &secrets));
            if let Some(failure) = &mut entry.failure {
                failure.message = secrets::masked_text(std::mem::take(&mut failure.message), &secrets);
            }
            entry
        });
        Recording::of(masked.collect())
    }

    /// Writes the calls so far to a file, and creates its folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        self.recording().save(path)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Starts an entry and returns its index.
    fn start(&mut self, call: &ReceivedCall) -> usize {
        call.credentials.iter().for_each(|secret| self.secrets.add_credential(secret));
        for (name, value) in call.parameters() {
            if secrets::is_secret_parameter(name) {
                if secrets::is_never_shown(name) {
                    self.secrets.add(value);
                }
            } else if let Some(mut json) = secrets::as_json(value) {
                self.mask(&mut json);
            }
        }
        self.calls.push(None);
        self.calls.len() - 1
    }

    /// Masks the secret members of a JSON value, and remembers those that may be repeated elsewhere.
    fn mask(&mut self, json: &mut Value) {
        secrets::mask(json, None, &mut |name, secret| {
            if secrets::is_never_shown(name) {
                self.secrets.add(secret);
            }
        });
    }

    fn finish(&mut self, index: usize, call: &ReceivedCall, result: &Result<http::Response<Bytes>, TransportError>) {
        let parameters = rule::recorded(call).into_iter().map(|(name, value)| {
            let value = secrets::as_json(&value).unwrap_or(Value::String(value));
            (name, value)
        });
        let mut entry = Entry {
            operation: call.operation().to_owned(),
            version: call.version().to_owned(),
            parameters: parameters.collect(),
            status: None,
            headers: Default::default(),
            response: None,
            text: None,
            failure: None,
        };
        match result {
            Ok(response) => self.record(response, &mut entry),
            Err(error) => {
                let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
                entry.failure = Some(Failure { sent: error.is_sent(), timeout: error.is_timeout(), message: cause });
            }
        }
        self.calls[index] = Some(entry);
    }

    fn record(&mut self, response: &http::Response<Bytes>, entry: &mut Entry) {
        entry.status = Some(response.status().as_u16());
        if !response.status().is_success() {
            let headers = RECORDED_HEADERS.iter().filter_map(|name| {
                Some(((*name).to_owned(), response.headers().get(*name)?.to_str().ok()?.to_owned()))
            });
            entry.headers = headers.collect();
        }
        match serde_json::from_slice::<Value>(response.body()) {
            Ok(mut json) => {
                self.mask(&mut json);
                if let Some(Value::String(message)) = json.get_mut("Message") {
                    *message = response::without_request(std::mem::take(message));
                }
                entry.response = Some(json);
            }
            Err(_) => {
                let text = String::from_utf8_lossy(response.body()).into_owned();
                entry.text = Some(response::without_request(text));
            }
        }
    }
}

impl Transport for Recorder {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let call = ReceivedCall::of(&request);
        if !call.is_call {
            return self.transport.send(request);
        }
        Box::pin(async move {
            let index = self.log().start(&call);
            let result = self.transport.send(request).await;
            self.log().finish(index, &call, &result);
            result
        })
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("transport", &self.transport).finish_non_exhaustive()
    }
}
