//! Decides which fault to inject into a request.

use std::collections::BTreeMap;

use super::{
    fault::Fault,
    rules::{Faults, MAX_SKEW_SECONDS, METADATA, Target},
};
use crate::{ids::Ids, specs::is_common_parameter};

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
    pub(crate) fn skew(&self, fault: &Fault) -> time::Duration {
        let seconds = self.faults.skew.saturating_add(fault.clock_skew());
        time::Duration::seconds(seconds.clamp(-MAX_SKEW_SECONDS, MAX_SKEW_SECONDS))
    }

    /// Whether a new connection is closed immediately.
    pub(crate) fn refuses(&mut self) -> bool {
        self.pick(None, &BTreeMap::new(), true) == Fault::Refuse
    }

    /// Returns the fault of a request; never [`Fault::Refuse`].
    pub(crate) fn draw(&mut self, operation: &str, parameters: &BTreeMap<String, String>) -> Fault {
        self.pick(Some(operation), parameters, false)
    }

    /// Returns the faults that are still to be injected.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    fn pick(&mut self, operation: Option<&str>, parameters: &BTreeMap<String, String>, connection: bool) -> Fault {
        let meant = |target: &Target, fault: &Fault| {
            (*fault == Fault::Refuse) == connection
                && match (target.operation.as_deref(), operation) {
                    (None, operation) => operation != Some(METADATA),
                    (Some(rule), operation) => operation == Some(rule),
                }
                && target.resource.as_deref().is_none_or(|resource| names(parameters, resource))
        };
        let mut script = self.faults.script.iter_mut();
        if let Some(place) = script.position(|step| meant(&step.target, &step.fault)) {
            let step = &mut self.faults.script[place];
            let fault = step.fault.clone();
            step.times = step.times.saturating_sub(1);
            if step.times == 0 {
                self.faults.script.remove(place);
            }
            return fault;
        }
        let mut rules = self.faults.rules.iter().filter(|rule| meant(&rule.target, &rule.fault)).peekable();
        if rules.peek().is_none() {
            return Fault::None;
        }
        let mut number = (self.random.number() >> 11) as f64 / (1_u64 << 53) as f64;
        for rule in rules {
            if number < rule.probability {
                return rule.fault.clone();
            }
            number -= rule.probability;
        }
        Fault::None
    }
}

/// Whether a parameter of a request is the ID of a resource, or a list with the ID.
fn names(parameters: &BTreeMap<String, String>, resource: &str) -> bool {
    let mut values = parameters.iter().filter(|(name, _)| !is_common_parameter(name)).map(|(_, value)| value);
    let separates = |c: char| c.is_whitespace() || matches!(c, ',' | '"' | '[' | ']');
    values.any(|value| value == resource || value.split(separates).any(|item| item == resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(plan: &mut Plan, operation: &str) -> Fault {
        plan.draw(operation, &BTreeMap::new())
    }

    #[test]
    fn a_resource_is_found_in_parameters_and_in_lists() {
        let mut plan = Plan::new(Faults::none().next_on("A/i-1", Fault::Drop, 9).next_on("/i-2", Fault::Empty, 9));
        let mut draw = |operation: &str, name: &str, value: &str| {
            plan.draw(operation, &BTreeMap::from([(name.to_owned(), value.to_owned())]))
        };
        assert_eq!(draw("A", "InstanceId", "i-1"), Fault::Drop);
        assert_eq!(draw("A", "InstanceIds", r#"["i-0", "i-1"]"#), Fault::Drop);
        assert_eq!(draw("A", "InstanceIds", "i-0, i-1"), Fault::Drop);
        assert_eq!(draw("A", "InstanceId.2", "i-1"), Fault::Drop);
        assert_eq!(draw("B", "InstanceId", "i-2"), Fault::Empty);
        for (operation, name, value) in [
            ("B", "InstanceId", "i-1"),
            ("A", "InstanceId", "i-12"),
            ("A", "SignatureNonce", "i-1"),
            (METADATA, "", "i-2"),
        ] {
            assert_eq!(draw(operation, name, value), Fault::None, "{operation} {name}={value}");
        }
    }

    #[test]
    fn a_script_is_followed_in_order_and_by_operation() {
        let faults = Faults::none().next_on("B", Fault::Empty, 1).next(Fault::None, 1).next(Fault::Drop, 2);
        let mut plan = Plan::new(faults);
        assert_eq!(draw(&mut plan, "A"), Fault::None);
        assert_eq!(draw(&mut plan, "B"), Fault::Empty);
        assert_eq!(draw(&mut plan, "B"), Fault::Drop);
        assert_eq!(draw(&mut plan, METADATA), Fault::None);
        assert_eq!(draw(&mut plan, "A"), Fault::Drop);
        assert_eq!(draw(&mut plan, "A"), Fault::None);
    }

    #[test]
    fn connections_are_refused_apart_from_requests() {
        let mut plan = Plan::new(Faults::none().next(Fault::Refuse, 1).next(Fault::Drop, 1));
        assert_eq!(draw(&mut plan, "A"), Fault::Drop);
        assert_eq!([plan.refuses(), plan.refuses()], [true, false]);
    }

    #[test]
    fn chance_depends_on_the_seed_and_keeps_to_the_probabilities() {
        let series = |seed: u64| {
            let faults = Faults::none().seed(seed).random(Fault::Drop, 0.2).random_on("A", Fault::Empty, 0.3);
            let mut plan = Plan::new(faults);
            (0..10_000).map(|_| draw(&mut plan, "A")).collect::<Vec<_>>()
        };
        let drawn = series(1);
        assert_eq!(drawn, series(1));
        assert_ne!(drawn, series(2));
        let share = |fault: Fault| drawn.iter().filter(|drawn| **drawn == fault).count();
        assert!((1800..2200).contains(&share(Fault::Drop)), "{}", share(Fault::Drop));
        assert!((2800..3200).contains(&share(Fault::Empty)), "{}", share(Fault::Empty));
    }
}
