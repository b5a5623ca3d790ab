//! The state of a mock: its rules, the calls so far, and the report about them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    diff,
    received::ReceivedCall,
    reply::Reply,
    rule::{Matcher, Mismatch, Respond, Rule},
    times::{Times, called},
};

#[derive(Clone, Default)]
pub(super) struct State(Arc<Mutex<Inner>>);

#[derive(Default)]
pub(super) struct Inner {
    pub(super) rules: Vec<Rule>,
    pub(super) calls: Vec<ReceivedCall>,
    /// Reports about calls that match no rule.
    unexpected: Vec<String>,
    /// Whether all rules belong to one sequence.
    pub(super) in_order: bool,
    /// Number of IDs given to responses.
    ids: u64,
}

/// The sequence of all rules of a mock that is used in order.
pub(super) const IN_ORDER: u64 = 0;

/// Number of unexpected calls that a report shows.
const MAX_REPORTED: usize = 20;

/// Number of requests after which a program is taken to repeat them forever. A test needs fewer, and a loop without end would
/// never fail otherwise, because sleeps take no time.
const MAX_CALLS: usize = 10_000;

/// Why a rule does not accept a call.
enum Obstacle {
    Mismatches(Vec<Mismatch>),
    /// It was called as often as expected.
    UsedUp(String),
    /// Another rule must be called first, or was already called.
    OutOfOrder(String),
}

impl Obstacle {
    /// The number of parameters that differ. A rule that is used up or out of order is nearest.
    fn distance(&self) -> usize {
        match self {
            Self::UsedUp(_) | Self::OutOfOrder(_) => 0,
            Self::Mismatches(mismatches) => {
                let count = |mismatch: &Mismatch| match mismatch {
                    Mismatch::Parameters(diff) => diff.differences.len(),
                    Mismatch::Condition(_) => 1,
                };
                1 + mismatches.iter().map(count).sum::<usize>()
            }
        }
    }

    /// One line.
    fn summary(&self) -> String {
        match self {
            Self::UsedUp(text) | Self::OutOfOrder(text) => text.clone(),
            Self::Mismatches(mismatches) => {
                let parts = mismatches.iter().map(|mismatch| match mismatch {
                    Mismatch::Parameters(diff) => diff.summary(),
                    Mismatch::Condition(text) => text.clone(),
                });
                parts.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// Lines of a report.
    fn details(&self) -> String {
        match self {
            Self::UsedUp(text) | Self::OutOfOrder(text) => format!("      {text}\n"),
            Self::Mismatches(mismatches) => mismatches
                .iter()
                .map(|mismatch| match mismatch {
                    Mismatch::Parameters(diff) => format!("      (- expected, + received)\n{diff}"),
                    Mismatch::Condition(text) => format!("      {text}\n"),
                })
                .collect(),
        }
    }
}

impl State {
    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a rule and returns its index.
    pub(super) fn add(&self, operation: Option<(String, Option<String>)>, place: String) -> usize {
        let mut inner = self.lock();
        let sequence = inner.in_order.then_some(IN_ORDER);
        inner.rules.push(Rule {
            place,
            operation,
            matchers: Vec::new(),
            steps: Vec::new(),
            times: None,
            calls: 0,
            sequence,
        });
        inner.rules.len() - 1
    }

    pub(super) fn change(&self, rule: usize, change: impl FnOnce(&mut Rule)) {
        if let Some(rule) = self.lock().rules.get_mut(rule) {
            change(rule);
        }
    }

    /// Returns the reply to a call, and the ID of its response.
    ///
    /// # Errors
    ///
    /// Returns a message, in one line, if the call is not expected.
    pub(super) fn reply(&self, call: &ReceivedCall) -> Result<(Reply, String), String> {
        // Conditions of the test run without the lock, because they may use the mock.
        let rules: Vec<Option<Vec<Arc<Matcher>>>> = {
            let inner = self.lock();
            inner.rules.iter().map(|rule| rule.is_for(call).then(|| rule.matchers.clone())).collect()
        };
        let mismatches: Vec<Option<Vec<Mismatch>>> = rules
            .into_iter()
            .map(|matchers| Some(matchers?.iter().filter_map(|matcher| matcher.mismatch(call)).collect()))
            .collect();
        let mut inner = self.lock();
        inner.calls.push(call.clone());
        if inner.calls.len() > MAX_CALLS {
            drop(inner);
            panic!("the client sent more than {MAX_CALLS} requests to the mock; does the program repeat them forever?");
        }
        inner.ids += 1;
        let id = format!("00000000-0000-4000-8000-{:012X}", inner.ids);
        let respond = inner.accept(call, mismatches)?;
        drop(inner);
        Ok((respond.reply(call), id))
    }

    /// Returns a report about calls that are missing or unexpected; `None` if there are none.
    pub(super) fn report(&self) -> Option<String> {
        let inner = self.lock();
        let unmet = inner.rules.iter().filter(|rule| !rule.is_satisfied());
        let unmet = unmet.map(|rule| format!("  - missing: {}", rule.unmet()));
        let unexpected = inner.unexpected.iter().take(MAX_REPORTED);
        let unexpected = unexpected.map(|report| format!("  - unexpected: {report}"));
        let problems: Vec<String> = unmet.chain(unexpected).collect();
        let calls = inner.calls.len();
        let more = match inner.unexpected.len().saturating_sub(MAX_REPORTED) {
            0 => String::new(),
            more => format!("  - and {more} more unexpected calls\n"),
        };
        (!problems.is_empty()).then(|| {
            let problems = problems.concat();
            format!("the calls are not those that the mock expects; requests received: {calls}\n{problems}{more}")
        })
    }

    pub(super) fn clear(&self) {
        let mut inner = self.lock();
        let rules = std::mem::take(&mut inner.rules);
        inner.calls.clear();
        inner.unexpected.clear();
        drop(inner);
        // Functions of the test may own clones of the mock.
        drop(rules);
    }
}

impl Inner {
    /// Counts a call for the first rule that accepts it.
    fn accept(&mut self, call: &ReceivedCall, mismatches: Vec<Option<Vec<Mismatch>>>) -> Result<Respond, String> {
        let mut nearest: Option<(usize, Obstacle)> = None;
        for (index, mismatches) in mismatches.into_iter().enumerate() {
            // The mock may have been cleared meanwhile.
            let (Some(mismatches), Some(rule)) = (mismatches, self.rules.get(index)) else { continue };
            let obstacle = if !mismatches.is_empty() {
                Obstacle::Mismatches(mismatches)
            } else if let Some(text) = self.out_of_order(index) {
                Obstacle::OutOfOrder(text)
            } else if rule.is_used_up() {
                Obstacle::UsedUp(match rule.expected() {
                    Times { max: Some(0), .. } => "it should never be made".to_owned(),
                    times => format!("expected {times}, and was already {}", called(rule.calls)),
                })
            } else {
                return Ok(self.rules[index].take());
            };
            if nearest.as_ref().is_none_or(|(_, other)| obstacle.distance() < other.distance()) {
                nearest = Some((index, obstacle));
            }
        }
        let number = self.calls.len();
        let mut report = format!("{} (call {number})\n{}", call.operation(), diff::listed(&call.shown_parameters()));
        let message = match nearest {
            Some((index, obstacle)) => {
                let place = &self.rules[index].place;
                report.push_str(&format!("    the nearest expectation is at {place}\n{}", obstacle.details()));
                format!(
                    "the mock does not expect this call: {}; the nearest expectation is at {place}",
                    obstacle.summary()
                )
            }
            None => {
                let mut names: Vec<&str> = self.rules.iter().map(Rule::name).collect();
                names.dedup();
                let others =
                    if names.is_empty() { "and no others".to_owned() } else { format!("only of {}", names.join(", ")) };
                report.push_str(&format!("    calls of this operation are not expected, {others}\n"));
                format!("the mock does not expect calls of {}, {others}", call.operation())
            }
        };
        self.unexpected.push(report);
        Err(message)
    }

    /// Why a rule cannot be called now, because of the order of its sequence.
    fn out_of_order(&self, index: usize) -> Option<String> {
        let sequence = self.rules[index].sequence?;
        let in_sequence = |rule: &&Rule| rule.sequence == Some(sequence);
        if let Some(first) = self.rules[..index].iter().filter(in_sequence).find(|rule| !rule.is_satisfied()) {
            return Some(format!("called too early: {} at {} comes first", first.name(), first.place));
        }
        let later = self.rules[index + 1..].iter().filter(in_sequence).find(|rule| rule.calls > 0)?;
        Some(format!("called too late: {} at {} was already called", later.name(), later.place))
    }
}
