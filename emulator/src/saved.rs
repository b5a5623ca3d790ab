//! The form in which the state of an emulator is saved: JSON that people can read and write.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    catalog::{Catalog, Market},
    clock::MAX_AHEAD,
    state::{ACCOUNT, State},
};

/// Largest number in a saved state: the largest one that all readers of JSON represent exactly. It is far from overflowing
/// when others are added.
const MAX_NUMBER: f64 = 9_007_199_254_740_992.0;

/// Last year of times in a saved state, so that times which are computed from them can still be written.
const MAX_YEAR: i32 = 8000;

/// Member that holds random numbers, which can be large.
const RANDOM: &str = "ids";

/// Error of reading a saved state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateError(String);

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid state: {}", self.0)
    }
}

impl std::error::Error for StateError {}

/// A saved state. The accounts are still in JSON, because reading them depends on the time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SavedState {
    /// Time by which the clock is ahead.
    ahead_seconds: f64,
    /// Stock and prices that differ from the catalog.
    pub(crate) market: Market,
    accounts: BTreeMap<String, Value>,
}

impl SavedState {
    /// Reads a saved state. A file with `resources` instead of `accounts` has the resources of the usual account.
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of the first mistake.
    pub(crate) fn read(json: &str) -> Result<Self, StateError> {
        let mut value: Value = serde_json::from_str(json).map_err(|error| StateError(error.to_string()))?;
        if !value.is_object() {
            return Err(StateError("expected an object such as {\"resources\": {}}".to_owned()));
        }
        check_values(&value, "").map_err(StateError)?;
        if let Some(members) = value.as_object_mut().filter(|members| !members.contains_key("accounts")) {
            let own = |name: &str| ["ahead_seconds", "market"].contains(&name);
            let (document, account): (Map<String, Value>, Map<String, Value>) =
                std::mem::take(members).into_iter().partition(|(name, _)| own(name));
            *members = document;
            if !account.is_empty() {
                members.insert("accounts".to_owned(), serde_json::json!({ ACCOUNT: account }));
            }
        }
        let saved: SavedState = serde_path_to_error::deserialize(value)
            .map_err(|error| StateError(format!("{}: {}", error.path(), error.inner())))?;
        if Duration::try_from_secs_f64(saved.ahead_seconds).is_ok_and(|ahead| ahead <= MAX_AHEAD) {
            saved.market.check().map_err(|error| StateError(format!("market.{error}")))?;
            saved.states(0, OffsetDateTime::UNIX_EPOCH)?;
            return Ok(saved);
        }
        Err(StateError("ahead_seconds: expected a number of seconds from 0, at most 1,000 years".to_owned()))
    }

    /// Saves accounts.
    pub(crate) fn of(ahead: Duration, market: &Market, accounts: &BTreeMap<String, State>) -> Self {
        let accounts = accounts.iter().map(|(account, state)| (account.clone(), state.save()));
        SavedState { ahead_seconds: ahead.as_secs_f64(), market: market.clone(), accounts: accounts.collect() }
    }

    /// Returns the state as JSON.
    pub(crate) fn to_value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Returns the time by which the clock is ahead.
    pub(crate) fn ahead(&self) -> Duration {
        Duration::try_from_secs_f64(self.ahead_seconds).unwrap_or_default()
    }

    /// Returns the accounts. `seed` is that of the IDs of new resources.
    ///
    /// # Errors
    ///
    /// Returns an error that names the place of the first mistake.
    pub(crate) fn states(&self, seed: u64, now: OffsetDateTime) -> Result<BTreeMap<String, State>, StateError> {
        let accounts = self.accounts.iter().map(|(account, saved)| {
            if account.is_empty() || !account.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(StateError(format!("accounts.{account}: expected an account ID such as {ACCOUNT}")));
            }
            let state = State::load(account, seed, saved, now);
            state
                .map(|state| (account.clone(), state))
                .map_err(|error| StateError(format!("accounts.{account}.{error}")))
        });
        accounts.collect()
    }
}

/// Checks that the catalog has the regions of all resources.
///
/// # Errors
///
/// Returns an error that names the first resource in a region that the catalog does not have.
pub(crate) fn check_regions(accounts: &BTreeMap<String, State>, catalog: &Catalog) -> Result<(), StateError> {
    accounts.iter().try_for_each(|(account, state)| {
        let checked = state.check_regions(|region| catalog.region(region).is_some());
        checked.map_err(|error| StateError(format!("accounts.{account}.{error}")))
    })
}

/// Rejects numbers and times that would overflow.
fn check_values(value: &Value, path: &str) -> Result<(), String> {
    match value {
        Value::Number(number) if number.as_f64().is_none_or(|number| number.abs() > MAX_NUMBER) => {
            Err(format!("{path}: {number} is too large; expected at most {MAX_NUMBER}"))
        }
        Value::String(text) => match OffsetDateTime::parse(text, &Rfc3339) {
            Ok(time) if time.year() > MAX_YEAR => Err(format!("{path}: {text} is after the year {MAX_YEAR}")),
            _ => Ok(()),
        },
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(place, item)| check_values(item, &format!("{path}[{place}]")))
        }
        Value::Object(members) => members.iter().filter(|(name, _)| *name != RANDOM).try_for_each(|(name, member)| {
            let dot = if path.is_empty() { "" } else { "." };
            check_values(member, &format!("{path}{dot}{name}"))
        }),
        _ => Ok(()),
    }
}
