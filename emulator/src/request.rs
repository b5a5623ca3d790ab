//! The log of received requests, for tests to inspect.

use std::{
    collections::{BTreeMap, VecDeque},
    time::SystemTime,
};

use crate::{faults::Fault, message::HttpRequest, specs::is_common_parameter};

/// Number of requests kept in the log: enough for a test, and bounded for an emulator that runs for days.
const MAX_REQUESTS: usize = 10_000;

/// Size of all requests in the log, in bytes: 10,000 requests of usual size take less.
const MAX_LOG_BYTES: usize = 64 << 20;

/// Largest part of a body, of a query, of the parameters or of the headers that is kept, in bytes: user data of the longest
/// allowed length fits.
const MAX_KEPT_BYTES: usize = 64 << 10;

/// Estimated memory of one parameter or header in addition to its characters, in bytes: two strings and their place.
const ITEM_BYTES: usize = 80;

/// A request to the API, whether or not it was accepted.
///
/// Of a body, a query, the parameters and the headers, the first 64 KiB each are kept.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// Name of the operation; empty if the request names none.
    pub operation: String,
    /// API version that the request names.
    pub version: String,
    /// All parameters of query and form, decoded, including those of [`common_parameters`](crate::common_parameters).
    pub parameters: BTreeMap<String, String>,
    /// HTTP method.
    pub method: String,
    /// Query string, verbatim.
    pub query: String,
    /// Body, verbatim, or the first 64 KiB of it.
    pub body: String,
    /// Whether a part of the request was too large to be kept completely.
    pub truncated: bool,
    /// Time at which it was received, on the clock of the emulator's resources.
    pub time: SystemTime,
    /// Headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// HTTP status of the response; 0 if a fault prevented the response.
    pub status: u16,
    /// Error code of the response; `None` if the request succeeded.
    pub code: Option<String>,
    /// Request ID of the response.
    pub request_id: String,
    /// Whether this request executed the operation: false for errors, for dry runs, and for requests whose `ClientToken`
    /// repeated an earlier response.
    pub executed: bool,
    /// The injected fault.
    pub fault: Fault,
}

impl Request {
    /// Returns the value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Returns the parameters of the operation itself, without [`common_parameters`](crate::common_parameters).
    pub fn operation_parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let parameters = self.parameters.iter().filter(|(name, _)| !is_common_parameter(name));
        parameters.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns the value of a header; `name` is in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// The parts of a request that its sender chose, bounded in size.
pub(crate) struct Kept {
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) query: String,
    pub(crate) body: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) truncated: bool,
}

impl Kept {
    /// Copies a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let mut truncated = request.body.len() > MAX_KEPT_BYTES;
        let body = String::from_utf8_lossy(&request.body[..request.body.len().min(MAX_KEPT_BYTES)]).into_owned();
        let query = start(&request.query, MAX_KEPT_BYTES).to_owned();
        truncated |= query.len() < request.query.len();
        let parameters = request.parameters().iter();
        let parameters = bounded(parameters.map(|(name, value)| (&**name, &**value)), &mut truncated).collect();
        let headers = request.headers.iter();
        let headers = bounded(headers.map(|(name, value)| (&**name, &**value)), &mut truncated).collect();
        Kept { parameters, query, body, headers, truncated }
    }
}

/// Copies names and values until they exceed the limit, and cuts off the value that does.
fn bounded<'a>(
    items: impl Iterator<Item = (&'a str, &'a str)>,
    truncated: &mut bool,
) -> impl Iterator<Item = (String, String)> {
    let mut left = MAX_KEPT_BYTES;
    items.map_while(move |(name, value)| {
        let room = left.checked_sub(name.len() + ITEM_BYTES);
        *truncated |= room.is_none_or(|room| value.len() > room);
        let room = room?;
        let value = start(value, room);
        left = room - value.len();
        Some((name.to_owned(), value.to_owned()))
    })
}

/// Returns the start of a string, at most a number of bytes.
pub(crate) fn start(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// The last requests, bounded in number and size.
#[derive(Debug, Default)]
pub(crate) struct Log {
    requests: VecDeque<Request>,
    bytes: usize,
    /// Number of requests that were removed, which number those that are left.
    removed: u64,
}

impl Log {
    /// Adds a request; a full log drops its oldest ones.
    pub(crate) fn add(&mut self, request: Request) {
        self.bytes += request.size();
        self.requests.push_back(request);
        while self.requests.len() > MAX_REQUESTS || self.bytes > MAX_LOG_BYTES {
            let Some(oldest) = self.requests.pop_front() else { return };
            self.bytes -= oldest.size();
            self.removed += 1;
        }
    }

    /// Returns the requests, oldest first.
    pub(crate) fn requests(&self) -> &VecDeque<Request> {
        &self.requests
    }

    /// Removes all requests and returns them.
    pub(crate) fn take(&mut self) -> Vec<Request> {
        self.removed += self.requests.len() as u64;
        self.bytes = 0;
        std::mem::take(&mut self.requests).into()
    }

    /// Returns the number of the oldest request; the first request after the start has the number 1.
    pub(crate) fn first_number(&self) -> u64 {
        self.removed + 1
    }
}

impl Request {
    /// Estimates its memory in bytes.
    fn size(&self) -> usize {
        let items = self.parameters.iter().map(|(name, value)| name.len() + value.len() + ITEM_BYTES);
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len() + ITEM_BYTES);
        let strings = self.operation.len()
            + self.version.len()
            + self.query.len()
            + self.body.len()
            + self.code.as_ref().map_or(0, String::len);
        size_of::<Request>() + strings + items.sum::<usize>() + headers.sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: usize) -> Request {
        Request {
            operation: String::new(),
            version: String::new(),
            parameters: BTreeMap::new(),
            method: "POST".to_owned(),
            query: String::new(),
            body: "x".repeat(body),
            truncated: false,
            time: SystemTime::UNIX_EPOCH,
            headers: Vec::new(),
            status: 200,
            code: None,
            request_id: String::new(),
            executed: false,
            fault: Fault::None,
        }
    }

    #[test]
    fn the_log_is_bounded_in_number_and_size() {
        let mut log = Log::default();
        (0..MAX_REQUESTS + 5).for_each(|_| log.add(request(0)));
        assert_eq!((log.requests().len(), log.first_number()), (MAX_REQUESTS, 6));
        (0..2000).for_each(|_| log.add(request(MAX_KEPT_BYTES)));
        let bytes: usize = log.requests().iter().map(Request::size).sum();
        assert!(bytes == log.bytes && bytes <= MAX_LOG_BYTES, "{bytes}");
        assert!(log.requests().len() > 900, "{}", log.requests().len());
        let next = log.first_number() + log.take().len() as u64;
        log.add(request(1));
        assert_eq!((log.first_number(), log.requests().len()), (next, 1));
    }
}
