//! Recordings: calls and their responses in a file that people can read and edit.

use std::{fs, io, path::Path};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use super::{
    diff::Parameters,
    expectation::Expectation,
    mock::Mock,
    received::{ReceivedCall, natural_order},
    recorded::{Entry, Failure, File},
    reply::Reply,
    rule::Matcher,
    secrets,
};
use crate::{
    content::Encoding,
    error::{Error, ErrorKind},
    generated::sts,
    operation::Operation,
};

/// Calls and their responses, in the order in which they were sent. A [`Recorder`](super::Recorder) makes one, and
/// [`replay`](Self::replay) returns a [`Mock`] that replies with them.
///
/// The file is JSON, with one object for each request that was sent:
///
/// ```json
/// {
///   "calls": [
///     {
///       "operation": "DescribeInstances",
///       "version": "2014-05-26",
///       "parameters": {
///         "InstanceIds": ["i-bp67acfmxazb4p****"],
///         "RegionId": "cn-hangzhou"
///       },
///       "status": 200,
///       "response": {
///         "RequestId": "473469C7-AA6F-4DC5-B3DB-A3DC0DE3C83E",
///         "Instances": { "Instance": [] }
///       }
///     }
///   ]
/// }
/// ```
///
/// Credentials, signatures and nonces are not recorded, and secret members are `***` in requests and responses.
/// `ClientToken` is left out and not compared, because it differs each time. Parameters may be written as strings, numbers,
/// Booleans or JSON.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    calls: Vec<Entry>,
    /// The file that it was loaded from.
    file: Option<String>,
}

/// A header of a response, if it is valid.
fn header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    name.parse().ok().zip(value.parse().ok())
}

impl Recording {
    pub(super) fn of(calls: Vec<Entry>) -> Self {
        Self { calls, file: None }
    }

    /// Reads a recording from a file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if it is not a recording.
    #[expect(clippy::disallowed_methods, reason = "a test reads its own file, not one of the environment")]
    pub fn load(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("the recording {} cannot be read: {error}", path.display()))
        };
        let mut recording = Self::from_json(&fs::read_to_string(path).map_err(named)?).map_err(named)?;
        recording.file = Some(path.display().to_string());
        Ok(recording)
    }

    /// Reads a recording from JSON.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not a recording.
    pub fn from_json(json: &str) -> io::Result<Self> {
        let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
        let File { calls } = serde_json::from_str(json).map_err(|error| invalid(error.to_string()))?;
        for (index, entry) in calls.iter().enumerate() {
            let outcomes = [entry.response.is_some(), entry.text.is_some(), entry.failure.is_some()];
            if outcomes.into_iter().filter(|given| *given).count() != 1 {
                let (number, operation) = (index + 1, &entry.operation);
                return Err(invalid(format!(
                    "call {number} ({operation}) needs exactly one of `response`, `text` and `failure`"
                )));
            }
            let of_call = |problem: String| invalid(format!("call {} ({}): {problem}", index + 1, entry.operation));
            let status = entry.status.map_or(Ok(StatusCode::OK), StatusCode::from_u16);
            status.map_err(|error| of_call(error.to_string()))?;
            for (name, value) in &entry.headers {
                header(name, value).ok_or_else(|| of_call(format!("invalid header `{name}`")))?;
            }
        }
        Ok(Self::of(calls))
    }

    /// Returns the recording as JSON.
    pub fn to_json(&self) -> String {
        let file = File { calls: self.calls.clone() };
        let mut json = serde_json::to_string_pretty(&file).expect("all keys of a recording are strings");
        json.push('\n');
        json
    }

    /// Writes the recording to a file, and creates its folder.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(path, self.to_json())).map_err(|error| {
            let message = format!("the recording {} cannot be written: {error}", path.display());
            io::Error::new(error.kind(), message)
        })
    }

    /// Returns the names of the recorded operations, in order.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.calls.iter().map(|entry| entry.operation.as_str())
    }

    /// Returns a mock that replies to each call with the recorded response to the same operation with the same parameters,
    /// in any order.
    ///
    /// Equal calls get the recorded responses one after the other, and then the last one again. Not all of them need be
    /// made. A call that was not recorded fails with an error that names the nearest one.
    pub fn replay(&self) -> Mock {
        self.replay_groups(true)
    }

    /// Returns a mock that replies to the calls of each operation with the recorded responses to that operation, regardless
    /// of the parameters: one after the other, and then the last one again.
    pub fn replay_by_operation(&self) -> Mock {
        self.replay_groups(false)
    }

    /// A mock without calls. Its region is that of the first call.
    fn mock(&self) -> Mock {
        let region = self.calls.iter().find_map(|entry| entry.parameters.get("RegionId")?.as_str());
        Mock::new().with_region(region.unwrap_or("cn-hangzhou"))
    }

    /// Replies to calls that are equal, with or without their parameters, with the responses to such calls.
    fn replay_groups(&self, with_parameters: bool) -> Mock {
        let mock = self.mock();
        let mut groups: Vec<(Parameters, Vec<usize>)> = Vec::new();
        for (index, entry) in self.calls.iter().enumerate() {
            let parameters = if with_parameters { entry.expected() } else { Parameters::new() };
            let same = groups.iter_mut().find(|(other, indexes)| {
                let first = &self.calls[indexes[0]];
                *other == parameters && first.operation == entry.operation && first.version == entry.version
            });
            match same {
                Some((_, indexes)) => indexes.push(index),
                None => groups.push((parameters, vec![index])),
            }
        }
        for (parameters, indexes) in groups {
            let first = indexes[0];
            let mut expectation = self.expect(&mock, first, false);
            if with_parameters {
                expectation = expectation.matcher(Matcher::Recorded(parameters));
            }
            for (position, index) in indexes.iter().enumerate() {
                let is_last = position + 1 == indexes.len();
                expectation = expectation.respond(self.calls[*index].reply());
                expectation = if is_last { expectation.times(..) } else { expectation.times(0..=1) };
            }
        }
        mock
    }

    /// Returns a mock that expects exactly the recorded calls, in their order.
    ///
    /// Each attempt of a call is recorded, so retries are replayed too. Calls by which a credentials provider assumed a role
    /// may be missing, because the client of the mock has other credentials.
    pub fn replay_in_order(&self) -> Mock {
        let mock = self.mock().in_order();
        for (index, entry) in self.calls.iter().enumerate() {
            let is_of_provider = entry.version == sts::operation::assume_role::AssumeRoleRequest::META.service.version
                && entry.operation.starts_with("AssumeRole");
            let expectation = self.expect(&mock, index, true).matcher(Matcher::Recorded(entry.expected()));
            let expectation = expectation.respond(entry.reply());
            if is_of_provider {
                let _ = expectation.times(0..=1);
            }
        }
        mock
    }

    fn expect(&self, mock: &Mock, index: usize, in_order: bool) -> Expectation<ReceivedCall> {
        let file = self.file.as_deref().unwrap_or("the recording");
        let entry = &self.calls[index];
        let version = Some(entry.version.clone()).filter(|version| !version.is_empty());
        mock.expect_recorded((entry.operation.clone(), version), format!("call {} of {file}", index + 1), in_order)
    }
}

impl Entry {
    /// The parameters of the request, as a mock compares them.
    fn expected(&self) -> Parameters {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let parameters = self.parameters.iter().filter(|(name, _)| *name != "ClientToken");
        let mut parameters: Parameters =
            parameters.map(|(name, value)| (name.clone(), secrets::masked_parameter(name, &text(value)))).collect();
        parameters.sort_by(|(one, _), (other, _)| natural_order(one, other));
        parameters
    }

    /// The encoding of content that the request asks for.
    fn requested_encoding(&self) -> Encoding {
        Encoding::requested(self.parameters.get("ContentEncoding").and_then(Value::as_str))
    }

    fn reply(&self) -> Reply {
        if let Some(Failure { sent, timeout, message }) = &self.failure {
            let kind = if *timeout { ErrorKind::Timeout } else { ErrorKind::Transport };
            return Error::new(kind, message).with_maybe_executed(*sent).into();
        }
        let body = match (&self.response, &self.text) {
            (Some(json), _) => {
                let mut json = json.clone();
                secrets::encode_masks(&mut json, self.requested_encoding());
                json.to_string()
            }
            (None, text) => text.clone().unwrap_or_default(),
        };
        let mut response = http::Response::new(Bytes::from(body));
        if let Some(status) = self.status.and_then(|status| StatusCode::from_u16(status).ok()) {
            *response.status_mut() = status;
        }
        for (name, value) in &self.headers {
            response.headers_mut().extend(header(name, value));
        }
        Reply::http(response)
    }
}
