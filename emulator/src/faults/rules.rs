//! The configuration of faults to inject.

use std::collections::VecDeque;

use super::fault::Fault;

/// Operation name of the metadata service in rules and steps.
pub(crate) const METADATA: &str = "metadata";

/// Largest skew of a clock: 100 years, so that the emulator's time can always be written as a date.
pub(super) const MAX_SKEW_SECONDS: i64 = 100 * 365 * 24 * 60 * 60;

/// The faults that an emulator injects; none by default.
///
/// Each request first takes the next step of the script that applies to its operation and is not used up. If there is no
/// such step, a random fault may be injected; the random numbers depend on the seed alone. Rules without an operation
/// apply to all operations of the API; rules for `metadata` apply to the metadata service.
///
/// # Text form
///
/// Command lines name faults as in `500=0.1,delay:200@RunInstances=0.5,execute-drop*2,skew=-3600,seed=7`. A fault (see
/// [`Fault`] for the names) is followed by its probability after `=`, or by the number of requests that it affects after
/// `*` (1 by default). An operation after `@` restricts the fault to that operation, a resource after a further `/` to
/// requests that name the resource: `error:OperationDenied.NoStock:403@RunInstances*1`, `drop@StopInstance/i-123=0.5`,
/// `500@/i-123` for any operation. Requests name a resource if a parameter is its ID, or a list that contains its ID.
/// [`FromStr`](std::str::FromStr) and [`Display`](std::fmt::Display) use this form.
///
/// ```
/// use ecs_emulator::{Emulator, Fault, Faults};
///
/// let faults = Faults::none()
///     .seed(7)
///     .random(Fault::Drop, 0.05)
///     .next_on("RunInstances", Fault::ExecuteThenDrop, 1);
/// let emulator = Emulator::builder().faults(faults).start_blocking()?;
/// emulator.set_faults("500=0.1,execute-drop@RunInstances*2".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Faults {
    pub(super) seed: u64,
    pub(super) rules: Vec<Rule>,
    pub(super) script: VecDeque<Step>,
    pub(super) skew: i64,
}

/// The requests that a fault is for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Target {
    /// Name of the operation; any operation if `None`.
    pub(super) operation: Option<String>,
    /// ID of a resource that requests name; any request if `None`.
    pub(super) resource: Option<String>,
}

impl Target {
    /// Reads `Operation`, `Operation/resource` or `/resource`.
    pub(super) fn new(text: &str) -> Self {
        let (operation, resource) = text.split_once('/').unwrap_or((text, ""));
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Target { operation: given(operation), resource: given(resource) }
    }
}

/// A random fault.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) target: Target,
    pub(super) fault: Fault,
    pub(super) probability: f64,
}

/// A step of the script.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) target: Target,
    pub(super) fault: Fault,
    pub(super) times: u32,
}

impl Faults {
    /// Creates an empty set of faults, which injects nothing.
    pub fn none() -> Self {
        Faults::default()
    }

    /// Sets the seed of the random numbers; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Injects a fault with a probability from 0 to 1. A request gets at most one fault, so the probabilities of several
    /// faults add up.
    pub fn random(self, fault: Fault, probability: f64) -> Self {
        self.random_on("", fault, probability)
    }

    /// Like [`random`](Self::random), for requests of one operation such as `StopInstance`, or for those that also name a
    /// resource: `StopInstance/i-123`.
    pub fn random_on(mut self, target: &str, fault: Fault, probability: f64) -> Self {
        self.rules.push(Rule { target: Target::new(target), fault, probability });
        self
    }

    /// Injects a fault into each of the next `times` requests.
    pub fn next(self, fault: Fault, times: u32) -> Self {
        self.next_on("", fault, times)
    }

    /// Like [`next`](Self::next), for requests of one operation such as `StopInstance`, or for those that also name a
    /// resource: `StopInstance/i-123`.
    pub fn next_on(mut self, target: &str, fault: Fault, times: u32) -> Self {
        self.script.push_back(Step { target: Target::new(target), fault, times });
        self
    }

    /// Shifts the clock that checks timestamps, and the `Date` header, by this number of seconds, at most 100 years.
    /// Everything else uses the right time. [`Fault::WrongClock`] does the same for single requests.
    pub fn skew(mut self, seconds: i64) -> Self {
        self.skew = seconds.clamp(-MAX_SKEW_SECONDS, MAX_SKEW_SECONDS);
        self
    }
}
