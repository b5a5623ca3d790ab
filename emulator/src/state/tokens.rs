//! Responses to calls that carried a `ClientToken`.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use serde_json::Value;
use time::{Duration, OffsetDateTime};

/// Time for which the response to a `ClientToken` is remembered.
const LIFETIME: Duration = Duration::hours(24);

/// Number of remembered responses, which bounds their memory to about 100 MB: more than a test makes in its whole life.
const MAX_RESPONSES: usize = 200_000;

/// The responses, by operation and token.
#[derive(Debug, Clone, Default)]
pub(crate) struct ClientTokens {
    responses: HashMap<(String, String), Remembered>,
    /// Their keys, oldest first, so that old ones can be dropped.
    by_age: VecDeque<(OffsetDateTime, (String, String))>,
}

/// The response to a call that carried a `ClientToken`.
#[derive(Debug, Clone)]
struct Remembered {
    /// Hash of the parameters, which can be long.
    parameters: u64,
    response: Value,
    /// Time until which the service works on the call.
    at_work_until: OffsetDateTime,
}

/// The earlier request with the `ClientToken` of a request.
pub(crate) enum Earlier {
    /// There is none.
    None,
    /// It has this response.
    Response(Value),
    /// The service is still working on it.
    InProgress,
    /// It had other parameters.
    OtherParameters,
}

impl ClientTokens {
    /// Forgets responses that are old enough.
    pub(crate) fn forget(&mut self, now: OffsetDateTime) {
        while self.by_age.front().is_some_and(|(at, _)| *at + LIFETIME <= now) {
            if let Some((_, key)) = self.by_age.pop_front() {
                self.responses.remove(&key);
            }
        }
    }

    /// Looks for an earlier request with this token.
    pub(crate) fn find(
        &self,
        operation: &str,
        token: &str,
        parameters: &BTreeMap<String, String>,
        now: OffsetDateTime,
    ) -> Earlier {
        match self.responses.get(&(operation.to_owned(), token.to_owned())) {
            None => Earlier::None,
            Some(remembered) if remembered.parameters != hash(parameters) => Earlier::OtherParameters,
            Some(remembered) if remembered.at_work_until > now => Earlier::InProgress,
            Some(remembered) => Earlier::Response(remembered.response.clone()),
        }
    }

    /// Remembers the response to a request with a token.
    pub(crate) fn remember(
        &mut self,
        operation: &str,
        token: &str,
        parameters: &BTreeMap<String, String>,
        response: Value,
        at: OffsetDateTime,
    ) {
        if self.by_age.len() >= MAX_RESPONSES
            && let Some((_, oldest)) = self.by_age.pop_front()
        {
            self.responses.remove(&oldest);
        }
        let key = (operation.to_owned(), token.to_owned());
        self.by_age.push_back((at, key.clone()));
        self.responses.insert(key, Remembered { parameters: hash(parameters), response, at_work_until: at });
    }

    /// Puts off the end of the request with this token.
    pub(crate) fn process(&mut self, operation: &str, token: &str, until: OffsetDateTime) {
        if let Some(remembered) = self.responses.get_mut(&(operation.to_owned(), token.to_owned())) {
            remembered.at_work_until = until;
        }
    }
}

/// Returns a number that other parameters do not have.
fn hash(parameters: &BTreeMap<String, String>) -> u64 {
    let mut hasher = DefaultHasher::new();
    parameters.hash(&mut hasher);
    hasher.finish()
}
