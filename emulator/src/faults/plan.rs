//! Decides which fault to inject into a request.

use super::{
    fault::Fault,
    rules::{Faults, MAX_SKEW_SECONDS, METADATA},
};
use crate::ids::Ids;

/// The faults of a running emulator: the rest of its script, and its random numbers.
#[derive(Debug)]
pub(crate) struct Plan {
    faults: Faults,
    random: Ids,
}

impl Plan {
    /// Creates a plan at the first step of the script and the first random number.
    pub(crate) fn new(faults: Faults) -> Self {
        Plan { random: Ids::new(faults.seed), faults }
    }

    /// Returns the skew of the clock that checks the timestamp of a request with this fault.
    pub(crate) fn skew(&self, fault: Fault) -> time::Duration {
        let seconds = self.faults.skew.saturating_add(fault.clock_skew());
        time::Duration::seconds(seconds.clamp(-MAX_SKEW_SECONDS, MAX_SKEW_SECONDS))
    }

    /// Whether a new connection is closed immediately.
    pub(crate) fn refuses(&mut self) -> bool {
        self.pick(None, true) == Fault::Refuse
    }

    /// Returns the fault of a request; never [`Fault::Refuse`].
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
