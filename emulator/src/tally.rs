//! Counts the calls of each operation, and remembers the operations that were called but are not simulated.

use std::collections::BTreeMap;

/// Number of different operations that are counted. The specs have fewer; the limit is for names that a client makes up.
const MAX_OPERATIONS: usize = 5_000;

/// How closely a response follows the service, as the header `x-emulator-fidelity` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fidelity {
    /// The operation is simulated: it reads and changes state.
    State,
    /// The response has the types of the spec, but no meaning.
    Shape,
    /// A test has set the response.
    Canned,
    /// The operation is not simulated.
    None,
}

impl Fidelity {
    /// Returns the value of the header.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Fidelity::State => "state",
            Fidelity::Shape => "shape",
            Fidelity::Canned => "canned",
            Fidelity::None => "none",
        }
    }
}

/// The authenticated calls so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Number of calls by API version and operation.
    calls: BTreeMap<String, BTreeMap<String, u64>>,
    operations: usize,
    /// One warning per operation that is not simulated, in order of its first call.
    warnings: Vec<String>,
    /// The warning of the last call, unless it was reported.
    unreported: Option<String>,
}

impl Tally {
    /// Counts a call. The first call of an operation that is not simulated adds a warning.
    pub(crate) fn count(&mut self, version: &str, operation: &str, fidelity: Fidelity) {
        if let Some(calls) = self.calls.get_mut(version).and_then(|calls| calls.get_mut(operation)) {
            *calls += 1;
            return;
        }
        if self.operations >= MAX_OPERATIONS {
            return;
        }
        self.operations += 1;
        self.calls.entry(version.to_owned()).or_default().insert(operation.to_owned(), 1);
        let response = match fidelity {
            Fidelity::State | Fidelity::Canned => return,
            Fidelity::Shape => "its responses have the right shape, but no meaning",
            Fidelity::None => "calls fail with status 501",
        };
        let warning = format!("{operation} (API version {version}) is not simulated: {response}");
        self.warnings.push(warning.clone());
        self.unreported = Some(warning);
    }

    /// Returns the number of calls of an operation.
    pub(crate) fn calls(&self, version: &str, operation: &str) -> u64 {
        self.calls.get(version).and_then(|calls| calls.get(operation)).copied().unwrap_or_default()
    }

    /// Returns all operations that were called: version, name, number of calls.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.calls.iter().flat_map(|(version, calls)| {
            calls.iter().map(move |(operation, calls)| (version.as_str(), operation.as_str(), *calls))
        })
    }

    /// Returns the warnings.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the warning of the last call, once.
    pub(crate) fn take_unreported(&mut self) -> Option<String> {
        self.unreported.take()
    }
}
