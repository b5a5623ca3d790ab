//! States that pass with the time.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Time for which a state is held: 1,000 years, as far as a clock can be advanced.
const HELD: Duration = Duration::days(365_000);

/// The states of a resource, each with the time from which it holds. In JSON, a resource that has reached its state has that
/// state alone; another one has a list of times and states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Form<S>", into = "Form<S>")]
#[serde(bound(serialize = "S: Serialize + Copy", deserialize = "S: Deserialize<'de> + Copy"))]
pub(crate) struct Timeline<S>(Vec<(OffsetDateTime, S)>);

/// The form in JSON.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Form<S> {
    Reached(S),
    Passing(Vec<Entry<S>>),
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<S> {
    #[serde(with = "time::serde::rfc3339")]
    from: OffsetDateTime,
    status: S,
}

impl<S> From<Form<S>> for Timeline<S> {
    fn from(form: Form<S>) -> Self {
        Timeline(match form {
            Form::Reached(status) => vec![(OffsetDateTime::UNIX_EPOCH, status)],
            Form::Passing(entries) => entries.into_iter().map(|entry| (entry.from, entry.status)).collect(),
        })
    }
}

impl<S: Copy> From<Timeline<S>> for Form<S> {
    fn from(timeline: Timeline<S>) -> Self {
        Form::Passing(timeline.0.into_iter().map(|(from, status)| Entry { from, status }).collect())
    }
}

impl<S: Copy + Default> Timeline<S> {
    /// Creates a timeline of one state.
    pub(crate) fn of(status: S) -> Self {
        Timeline(vec![(OffsetDateTime::UNIX_EPOCH, status)])
    }

    /// Creates a sequence of states, one step each; the last one is kept.
    pub(crate) fn starting(from: OffsetDateTime, step: Duration, states: &[S]) -> Self {
        let mut timeline = Timeline(Vec::with_capacity(states.len()));
        timeline.pass(from, step, states);
        timeline
    }

    /// Returns the state at a time.
    pub(crate) fn at(&self, now: OffsetDateTime) -> S {
        self.0
            .iter()
            .rev()
            .find(|(from, _)| *from <= now)
            .or(self.0.first())
            .map_or_else(S::default, |(_, status)| *status)
    }

    /// Schedules a sequence of states, one step each; the last one is kept. Only the present state is kept of those before.
    pub(crate) fn pass(&mut self, from: OffsetDateTime, step: Duration, states: &[S]) {
        self.0.retain(|(since, _)| *since < from);
        self.0.drain(..self.0.len().saturating_sub(1));
        let mut at = from;
        for status in states {
            self.0.push((at, *status));
            at = at.checked_add(step).unwrap_or(at);
        }
    }

    /// Adds a state after the last one, from a time on.
    pub(crate) fn then(&mut self, from: OffsetDateTime, status: S) {
        let from = self.0.last().map_or(from, |(last, _)| from.max(*last));
        self.0.push((from, status));
    }

    /// Returns the last state, and the time from which it holds.
    pub(crate) fn last(&self) -> Option<(OffsetDateTime, S)> {
        self.0.last().copied()
    }

    /// Returns the share of the present transition that has passed, in percent: 100 after the last one.
    pub(crate) fn percent(&self, now: OffsetDateTime) -> i64 {
        match self.0.as_slice() {
            [.., (start, _), (end, _)] if now < *end => {
                let whole = (*end - *start).whole_milliseconds().max(1);
                i64::try_from((now - *start).whole_milliseconds() * 100 / whole).unwrap_or_default().clamp(0, 99)
            }
            _ => 100,
        }
    }

    /// Reaches the last state at once.
    pub(crate) fn finish(&mut self, now: OffsetDateTime) {
        if let Some((_, status)) = self.last() {
            self.pass(now, Duration::ZERO, &[status]);
        }
    }

    /// Keeps the present state until the transition is finished.
    pub(crate) fn hold(&mut self, now: OffsetDateTime) {
        let never = now.checked_add(HELD).unwrap_or(now);
        self.0.iter_mut().filter(|(from, _)| *from > now).for_each(|(from, _)| *from = never);
    }
}

impl<S: Copy + Default> Default for Timeline<S> {
    fn default() -> Self {
        Timeline::of(S::default())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn states_pass_with_the_time() {
        let start = datetime!(2026-01-02 03:04:05 UTC);
        let mut timeline = Timeline::starting(start, Duration::seconds(2), &[1, 2, 3]);
        let seen: Vec<i32> = (0..6).map(|second| timeline.at(start + Duration::seconds(second))).collect();
        assert_eq!(seen, [1, 1, 2, 2, 3, 3]);
        assert_eq!(timeline.percent(start + Duration::seconds(3)), 50);
        timeline.pass(start + Duration::seconds(3), Duration::seconds(2), &[4, 5]);
        assert_eq!(timeline.at(start + Duration::seconds(2)), 2);
        assert_eq!(timeline.at(start + Duration::seconds(5)), 5);
        timeline.hold(start + Duration::seconds(4));
        assert_eq!(timeline.at(start + Duration::seconds(9)), 4);
        timeline.finish(start + Duration::seconds(9));
        assert_eq!(timeline.at(start + Duration::seconds(9)), 5);
    }

    #[test]
    fn people_can_write_a_state() {
        let timeline: Timeline<u8> = serde_json::from_str("7").unwrap();
        assert_eq!(timeline.at(datetime!(2026-01-02 03:04:05 UTC)), 7);
        let text = serde_json::to_string(&timeline).unwrap();
        assert_eq!(serde_json::from_str::<Timeline<u8>>(&text).unwrap(), timeline);
    }
}
