//! Faults that a local ECS makes on purpose: at random, or as a script says.

use std::{collections::VecDeque, time::Duration};

use crate::ids::Ids;

/// Operation name that rules for the metadata service go by.
pub(crate) const METADATA: &str = "metadata";

/// Something that goes wrong with one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing goes wrong; in a script, lets requests pass.
    #[default]
    None,
    /// The connection is closed before anything is read from it. Over sockets this meets new connections only.
    Refuse,
    /// The request is read and the connection closed; nothing is executed.
    Drop,
    /// The request is executed and the connection closed before the first byte of the answer.
    ExecuteThenDrop,
    /// The request is executed and the connection closed half-way through the body of the answer.
    Truncate,
    /// The request is executed and answered by status 200 with an empty body.
    Empty,
    /// Status 500 with the code `InternalError`.
    InternalError {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 502 with the HTML page of a proxy.
    BadGateway {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// Status 503 with the code `ServiceUnavailable`.
    Unavailable {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The code `Throttling.User`; nothing is executed.
    Throttle {
        /// HTTP status: the service uses 400, gateways before it 429.
        status: u16,
        /// Value of the header `x-acs-retry-after`, to the millisecond; no header without one.
        retry_after: Option<Duration>,
    },
    /// The request is executed, and answered after a while.
    Delay(Duration),
    /// No answer ever comes; the connection stays open until the client closes it.
    Hold {
        /// Whether the request is executed first.
        executed: bool,
    },
    /// The request is executed, and the body of the answer comes byte by byte, with this time before each.
    Dribble(Duration),
    /// The code `InvalidSecurityToken.Expired`, whatever the credentials; nothing is executed.
    TokenExpired,
}

impl Fault {
    /// Whether the request is executed all the same.
    #[must_use]
    pub fn executes(self) -> bool {
        match self {
            Fault::None
            | Fault::ExecuteThenDrop
            | Fault::Truncate
            | Fault::Empty
            | Fault::Delay(_)
            | Fault::Dribble(_) => true,
            Fault::InternalError { executed }
            | Fault::BadGateway { executed }
            | Fault::Unavailable { executed }
            | Fault::Hold { executed } => executed,
            Fault::Refuse | Fault::Drop | Fault::Throttle { .. } | Fault::TokenExpired => false,
        }
    }
}

/// Which faults a local ECS makes: none by default.
///
/// A script comes first: of its steps, the first that is for the operation and not used up. Then chance decides, by
/// numbers that depend on the seed alone. Rules without an operation hold for all operations of the API; those for
/// `metadata` for the metadata service.
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
    pub(crate) seed: u64,
    pub(crate) rules: Vec<Rule>,
    pub(crate) script: VecDeque<Step>,
    pub(crate) skew: i64,
}

/// A fault by chance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule {
    operation: Option<String>,
    fault: Fault,
    probability: f64,
}

/// A fault by script.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    operation: Option<String>,
    fault: Fault,
    times: u32,
}

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Faults::default()
    }

    /// Where the random numbers start from; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Makes a fault with this probability, from 0 to 1. At most one fault meets a request, so the probabilities add
    /// up.
    pub fn random(self, fault: Fault, probability: f64) -> Self {
        self.rule(None, fault, probability)
    }

    /// Like [`random`](Self::random), for one operation.
    pub fn random_on(self, operation: &str, fault: Fault, probability: f64) -> Self {
        self.rule(Some(operation), fault, probability)
    }

    pub(crate) fn rule(mut self, operation: Option<&str>, fault: Fault, probability: f64) -> Self {
        self.rules.push(Rule { operation: operation.map(str::to_owned), fault, probability });
        self
    }

    /// Makes a fault with each of the next requests.
    pub fn next(self, fault: Fault, times: u32) -> Self {
        self.step(None, fault, times)
    }

    /// Like [`next`](Self::next), for requests of one operation.
    pub fn next_on(self, operation: &str, fault: Fault, times: u32) -> Self {
        self.step(Some(operation), fault, times)
    }

    pub(crate) fn step(mut self, operation: Option<&str>, fault: Fault, times: u32) -> Self {
        self.script.push_back(Step { operation: operation.map(str::to_owned), fault, times });
        self
    }

    /// Moves the clock by which timestamps are checked, and the `Date` header, by so many seconds. All else goes by
    /// the right time.
    pub fn skew(mut self, seconds: i64) -> Self {
        self.skew = seconds;
        self
    }
}

/// Faults at work.
#[derive(Debug)]
pub(crate) struct Plan {
    faults: Faults,
    random: Ids,
}

impl Plan {
    /// Starts with the first step of the script, and with the first random number.
    pub(crate) fn new(faults: Faults) -> Self {
        Plan { random: Ids::new(faults.seed), faults }
    }

    /// How far the service's clock is off.
    pub(crate) fn skew(&self) -> time::Duration {
        time::Duration::seconds(self.faults.skew)
    }

    /// Whether a connection is closed at once.
    pub(crate) fn refuses(&mut self) -> bool {
        self.pick(None, true) == Fault::Refuse
    }

    /// What goes wrong with a request; never [`Fault::Refuse`].
    pub(crate) fn draw(&mut self, operation: &str) -> Fault {
        self.pick(Some(operation), false)
    }

    fn pick(&mut self, operation: Option<&str>, connection: bool) -> Fault {
        let meant = |rule: &Option<String>, fault: Fault| {
            (fault == Fault::Refuse) == connection
                && match (rule.as_deref(), operation) {
                    (None, operation) => operation != Some(METADATA),
                    (Some(rule), operation) => operation == Some(rule),
                }
        };
        let mut script = self.faults.script.iter_mut();
        if let Some(place) = script.position(|step| meant(&step.operation, step.fault)) {
            let step = &mut self.faults.script[place];
            let fault = step.fault;
            step.times = step.times.saturating_sub(1);
            if step.times == 0 {
                self.faults.script.remove(place);
            }
            return fault;
        }
        let mut rules = self.faults.rules.iter().filter(|rule| meant(&rule.operation, rule.fault)).peekable();
        if rules.peek().is_none() {
            return Fault::None;
        }
        let mut number = (self.random.number() >> 11) as f64 / (1_u64 << 53) as f64;
        for rule in rules {
            if number < rule.probability {
                return rule.fault;
            }
            number -= rule.probability;
        }
        Fault::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_followed_in_order_and_by_operation() {
        let faults = Faults::none().next_on("B", Fault::Empty, 1).next(Fault::None, 1).next(Fault::Drop, 2);
        let mut plan = Plan::new(faults);
        assert_eq!(plan.draw("A"), Fault::None);
        assert_eq!(plan.draw("B"), Fault::Empty);
        assert_eq!(plan.draw("B"), Fault::Drop);
        assert_eq!(plan.draw(METADATA), Fault::None);
        assert_eq!(plan.draw("A"), Fault::Drop);
        assert_eq!(plan.draw("A"), Fault::None);
    }

    #[test]
    fn connections_are_refused_apart_from_requests() {
        let mut plan = Plan::new(Faults::none().next(Fault::Refuse, 1).next(Fault::Drop, 1));
        assert_eq!(plan.draw("A"), Fault::Drop);
        assert_eq!([plan.refuses(), plan.refuses()], [true, false]);
    }

    #[test]
    fn chance_depends_on_the_seed_and_keeps_to_the_probabilities() {
        let draw = |seed: u64| {
            let faults = Faults::none().seed(seed).random(Fault::Drop, 0.2).random_on("A", Fault::Empty, 0.3);
            let mut plan = Plan::new(faults);
            (0..10_000).map(|_| plan.draw("A")).collect::<Vec<_>>()
        };
        let drawn = draw(1);
        assert_eq!(drawn, draw(1));
        assert_ne!(drawn, draw(2));
        let share = |fault| drawn.iter().filter(|drawn| **drawn == fault).count();
        assert!((1800..2200).contains(&share(Fault::Drop)), "{}", share(Fault::Drop));
        assert!((2800..3200).contains(&share(Fault::Empty)), "{}", share(Fault::Empty));
    }
}
