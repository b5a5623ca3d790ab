//! Expected calls: which requests they match, how often, in which order, and the replies.

use std::sync::{Arc, Mutex, PoisonError};

use super::{
    diff::{self, Diff, Parameters},
    received::ReceivedCall,
    reply::Reply,
    secrets,
    times::{Times, called},
};

/// Parameters that the SDK sets if a request does not. They are compared only if the expected request has them.
const ADDED_BY_THE_SDK: [&str; 4] = ["ClientToken", "MaxResults", "PageSize", "RegionId"];

/// An expected call.
pub(super) struct Rule {
    /// Where it was declared.
    pub(super) place: String,
    /// The name of the operation and the version of its API; `None` for any.
    pub(super) operation: Option<(String, Option<String>)>,
    /// All of them must match. Shared, because they are called without locking the mock.
    pub(super) matchers: Vec<Arc<Matcher>>,
    pub(super) steps: Vec<Step>,
    /// The expected number of calls if it was set before the first step.
    pub(super) times: Option<Times>,
    pub(super) calls: usize,
    /// The sequence that it belongs to. The order within it is that of declaration.
    pub(super) sequence: Option<u64>,
}

/// A reply, and how often it is used.
pub(super) struct Step {
    pub(super) respond: Respond,
    pub(super) times: Option<Times>,
}

type Response = dyn FnMut(&ReceivedCall) -> Reply + Send;
type Condition = dyn Fn(&ReceivedCall) -> Result<bool, String> + Send + Sync;

/// Computes a reply.
#[derive(Clone)]
pub(super) struct Respond(Arc<Mutex<Box<Response>>>);

impl Respond {
    pub(super) fn new(respond: impl FnMut(&ReceivedCall) -> Reply + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(Box::new(respond))))
    }

    pub(super) fn always(reply: Reply) -> Self {
        Self::new(move |_| reply.clone())
    }

    pub(super) fn delayed(self, delay: std::time::Duration) -> Self {
        Self::new(move |call| self.reply(call).after(delay))
    }

    pub(super) fn reply(&self, call: &ReceivedCall) -> Reply {
        // If a function panicked, the test has failed already.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)(call)
    }
}

/// A condition for requests.
pub(super) enum Matcher {
    /// These are all parameters, except for those that the SDK adds.
    Equal(Parameters),
    /// These parameters are among them.
    Contains(Parameters),
    /// These are all parameters, with secrets masked and without tokens.
    Recorded(Parameters),
    /// A condition of the test, and where it is.
    Condition(Box<Condition>, String),
}

/// Why a request does not match.
#[derive(Debug, Clone)]
pub(super) enum Mismatch {
    Parameters(Diff),
    Condition(String),
}

impl Matcher {
    /// Returns why a request does not match; `None` if it does.
    pub(super) fn mismatch(&self, call: &ReceivedCall) -> Option<Mismatch> {
        let received = call.parameters();
        let keep = |keep: &dyn Fn(&str) -> bool| -> Parameters {
            received.iter().filter(|(name, _)| keep(name)).cloned().collect()
        };
        let diff = match self {
            Self::Equal(expected) => {
                let is_expected = |name: &str| expected.iter().any(|(other, _)| other == name);
                let is_added = |name: &str| ADDED_BY_THE_SDK.iter().any(|added| added.eq_ignore_ascii_case(name));
                Diff::between(expected, &keep(&|name| is_expected(name) || !is_added(name)))
            }
            Self::Contains(expected) => {
                Diff::between(expected, &keep(&|name| expected.iter().any(|(other, _)| other == name)))
            }
            Self::Recorded(expected) => Diff::between(expected, &recorded(call)),
            Self::Condition(condition, place) => {
                return match condition(call) {
                    Ok(true) => None,
                    Ok(false) => Some(Mismatch::Condition(format!("the condition at {place} is not met"))),
                    Err(error) => Some(Mismatch::Condition(format!("the request cannot be decoded: {error}"))),
                };
            }
        };
        (!diff.differences.is_empty()).then_some(Mismatch::Parameters(diff))
    }
}

/// The parameters of a request for a recording: without secrets and without `ClientToken`, which differs each time.
pub(super) fn recorded(call: &ReceivedCall) -> Parameters {
    let kept = call.parameters().iter().filter(|(name, _)| name != "ClientToken");
    kept.map(|(name, value)| (name.clone(), secrets::masked_parameter(name, value))).collect()
}

impl Rule {
    pub(super) fn is_for(&self, call: &ReceivedCall) -> bool {
        self.operation.as_ref().is_none_or(|(name, version)| {
            name == call.operation() && version.as_ref().is_none_or(|version| version == call.version())
        })
    }

    /// How often each step is used. All but the last are used once by default.
    fn step_times(&self, index: usize) -> Times {
        let explicit = self.steps.get(index).and_then(|step| step.times);
        let is_last = index + 1 >= self.steps.len();
        explicit.unwrap_or(if is_last && self.sequence.is_none() { Times::AT_LEAST_ONCE } else { Times::ONCE })
    }

    /// The expected number of calls.
    pub(super) fn expected(&self) -> Times {
        if self.steps.is_empty()
            && let Some(times) = self.times
        {
            return times;
        }
        let sum = |one: Times, other: Times| Times {
            min: one.min.saturating_add(other.min),
            max: one.max.zip(other.max).map(|(one, other)| one.saturating_add(other)),
        };
        let all = (0..self.steps.len().max(1)).map(|index| self.step_times(index));
        all.reduce(sum).unwrap_or(Times::ONCE)
    }

    pub(super) fn is_satisfied(&self) -> bool {
        self.calls >= self.expected().min
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.expected().max.is_some_and(|max| self.calls >= max)
    }

    /// Counts a call, and returns its reply.
    pub(super) fn take(&mut self) -> Respond {
        let mut before = 0_usize;
        let index = (0..self.steps.len()).find(|index| {
            before = self.step_times(*index).max.map_or(usize::MAX, |max| before.saturating_add(max));
            self.calls < before
        });
        self.calls += 1;
        let step = index.and_then(|index| self.steps.get(index));
        step.map_or_else(|| Respond::always(Reply::ok()), |step| step.respond.clone())
    }

    pub(super) fn name(&self) -> &str {
        self.operation.as_ref().map_or("any operation", |(name, _)| name)
    }

    /// Returns lines about a rule that was not called as often as expected.
    pub(super) fn unmet(&self) -> String {
        let mut text = format!("{}, expected {}, {}\n", self.name(), self.expected(), called(self.calls));
        text.push_str(&format!("    expected at {}\n", self.place));
        for matcher in &self.matchers {
            match &**matcher {
                Matcher::Equal(parameters) => {
                    text.push_str(&format!("    with exactly these parameters:\n{}", diff::listed(parameters)));
                }
                Matcher::Contains(parameters) | Matcher::Recorded(parameters) => {
                    text.push_str(&format!("    with these parameters:\n{}", diff::listed(parameters)));
                }
                Matcher::Condition(_, place) => text.push_str(&format!("    under the condition at {place}\n")),
            }
        }
        text
    }
}
