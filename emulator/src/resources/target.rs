//! The state of a command run or of a file delivery on its instances.

use std::ops::{Deref, DerefMut};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::states;
use crate::{clock::Time, state::Timeline};

/// Size of an output that is kept: the published limit. The rest is dropped.
const MAX_OUTPUT: usize = 24 * 1024;

/// Number of earlier runs of a repeated command that are kept.
const MAX_HISTORY: usize = 20;

/// Number of missed runs that are made up for when the clock jumps, so that a jump of years ends soon.
const MAX_MISSED: i64 = 20;

states! {
    /// State of a run on one instance.
    RunStatus {
        Success = "Success", Pending = "Pending", Scheduled = "Scheduled", Running = "Running", Failed = "Failed",
        Invalid = "Invalid", Aborted = "Aborted", Timeout = "Timeout", Error = "Error", Stopping = "Stopping",
        Cancelled = "Cancelled", Terminated = "Terminated",
    }
}

impl RunStatus {
    /// Whether the run has not ended yet.
    pub(crate) fn is_live(self) -> bool {
        matches!(self, Self::Pending | Self::Scheduled | Self::Running | Self::Stopping)
    }

    /// Whether the run was stopped by a request.
    fn is_stopped(self) -> bool {
        matches!(self, Self::Cancelled | Self::Terminated)
    }

    /// Returns the state in the older members of responses, in which a command that exits with any code is `Finished`.
    pub(crate) fn older(self) -> &'static str {
        match self {
            Self::Pending | Self::Scheduled | Self::Running => "Running",
            Self::Stopping => "Stopping",
            Self::Success | Self::Failed => "Finished",
            Self::Cancelled | Self::Terminated => "Stopped",
            Self::Invalid | Self::Aborted | Self::Timeout | Self::Error => "Failed",
        }
    }
}

/// How a run ends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Ending {
    /// Exit code; `None` if no process ended by itself.
    pub(crate) exit_code: Option<i64>,
    /// Output, as Base64.
    pub(crate) output: String,
    /// Number of bytes of the output that were cut off.
    pub(crate) dropped: usize,
    /// Reason why the run failed; empty if it did not.
    pub(crate) error_code: String,
    /// Explanation of the reason.
    pub(crate) error_info: String,
}

impl Ending {
    /// Creates the ending of a process.
    pub(crate) fn exited(output: &[u8], exit_code: i64) -> Self {
        let kept = &output[..output.len().min(MAX_OUTPUT)];
        let ending = Ending {
            exit_code: Some(exit_code),
            output: STANDARD.encode(kept),
            dropped: output.len() - kept.len(),
            ..Ending::default()
        };
        if exit_code == 0 { ending } else { ending.because("ExitCodeNonzero", "the exit code is not 0") }
    }

    /// Creates the ending of a run that was not completed.
    pub(crate) fn failed(error_code: &str, error_info: &str) -> Self {
        Ending::default().because(error_code, error_info)
    }

    /// Sets the reason for a failure.
    pub(crate) fn because(self, error_code: &str, error_info: &str) -> Self {
        Ending { error_code: error_code.to_owned(), error_info: error_info.to_owned(), ..self }
    }
}

/// When a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// At a time, without a schedule.
    Now(OffsetDateTime),
    /// Once, at a time.
    At(OffsetDateTime),
    /// At a time, and then at an interval.
    Every(OffsetDateTime, Duration),
    /// When the instance starts, the next time or `every` time.
    Start {
        /// Whether it runs again.
        every: bool,
    },
    /// At times that the emulator does not follow.
    Unknown,
}

/// The duration and the ending of a run, unless something happens to its instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Plan {
    /// Duration in milliseconds.
    pub(crate) milliseconds: i64,
    /// State in which it ends.
    pub(crate) last: RunStatus,
    /// How it ends.
    pub(crate) ending: Ending,
}

/// An earlier run of a repeated command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Past {
    /// State in which it ended.
    pub(crate) status: RunStatus,
    /// Time of the start.
    pub(crate) started: Time,
    /// Time of the end.
    pub(crate) ended: Time,
    /// How it ended.
    pub(crate) ending: Ending,
}

/// A run on one instance.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Target {
    /// ID of the instance.
    pub(crate) instance: String,
    /// State.
    pub(crate) status: Timeline<RunStatus>,
    /// Time of the start, which may be in the future.
    #[serde(with = "time::serde::rfc3339::option")]
    started: Option<OffsetDateTime>,
    /// Time at which it was stopped by a request.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(crate) stopped: Option<OffsetDateTime>,
    /// Time at which the state of the instance decides how the run goes on: its start, then its end.
    #[serde(with = "time::serde::rfc3339::option")]
    check: Option<OffsetDateTime>,
    /// Seconds between two runs of a repeated command.
    interval: Option<i64>,
    /// Whether it runs when the instance starts.
    at_start: bool,
    /// Whether it does so every time.
    every_start: bool,
    plan: Plan,
    /// How it ended, if not as planned.
    early: Option<Ending>,
    /// Earlier runs of a repeated command.
    pub(crate) history: Vec<Past>,
    /// Number of completed runs.
    pub(crate) repeats: i64,
}

impl Target {
    /// Plans a run on an instance.
    pub(crate) fn new(instance: &str, now: OffsetDateTime, schedule: Schedule, plan: Plan) -> Self {
        let first = if matches!(schedule, Schedule::Now(_)) { RunStatus::Pending } else { RunStatus::Scheduled };
        let mut target = Target {
            instance: instance.to_owned(),
            status: Timeline::starting(now, Duration::ZERO, &[first]),
            plan,
            ..Target::default()
        };
        match schedule {
            Schedule::Now(time) | Schedule::At(time) => target.run_at(time),
            Schedule::Every(time, interval) => {
                target.interval = Some(interval.whole_seconds());
                target.run_at(time);
            }
            Schedule::Start { every } => (target.at_start, target.every_start) = (true, every),
            Schedule::Unknown => {}
        }
        target
    }

    fn run_at(&mut self, start: OffsetDateTime) {
        self.started = Some(start);
        self.check = Some(start);
        self.status.then(start, RunStatus::Running);
        let end = start.checked_add(Duration::milliseconds(self.plan.milliseconds));
        self.status.then(end.unwrap_or(start), self.plan.last);
    }

    /// Runs a command that waits for the start of its instance, which runs from a time on.
    pub(crate) fn instance_starts(&mut self, at: OffsetDateTime, now: OffsetDateTime) {
        if self.at_start && self.status.at(now) == RunStatus::Scheduled && self.check.is_none() {
            self.run_at(at);
        }
    }

    /// Returns the time of the start, once it has started.
    pub(crate) fn started(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let waits = matches!(self.status.at(now), RunStatus::Pending | RunStatus::Scheduled);
        self.started.filter(|started| *started <= now && !waits)
    }

    /// Returns the time of the end, once it has ended.
    pub(crate) fn ended(&self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        self.status.last().filter(|(at, status)| *at <= now && !status.is_live()).map(|(at, _)| at)
    }

    /// Returns how it ended, once it has.
    pub(crate) fn ending(&self, now: OffsetDateTime) -> Option<&Ending> {
        self.ended(now).map(|_| self.early.as_ref().unwrap_or(&self.plan.ending))
    }

    /// Ends the run early, unless it has ended by then.
    pub(crate) fn end(&mut self, at: OffsetDateTime, status: RunStatus, ending: Ending) {
        if !self.status.at(at).is_live() {
            return;
        }
        if self.started.is_some_and(|started| started >= at) {
            self.started = None;
        }
        self.status.pass(at, Duration::ZERO, &[status]);
        self.check = None;
        self.early = Some(ending);
    }

    /// Stops the run: it is canceled if it has not started yet. A run that has ended stays as it is.
    pub(crate) fn stop(&mut self, now: OffsetDateTime, step: Duration) {
        match self.status.at(now) {
            RunStatus::Pending | RunStatus::Scheduled => self.end(now, RunStatus::Cancelled, Ending::default()),
            RunStatus::Running => {
                self.status.pass(now, step, &[RunStatus::Stopping, RunStatus::Terminated]);
                self.check = None;
                self.early = Some(Ending::default());
            }
            _ => return,
        }
        self.stopped = Some(now);
    }

    /// Goes on after a check of the instance, which `runs` or not, and has run since a time.
    fn go_on(&mut self, at: OffsetDateTime, runs: bool, since: Option<OffsetDateTime>, now: OffsetDateTime) {
        let starts = self.started == Some(at);
        self.check = None;
        if starts && runs {
            self.check = self.status.last().map(|(end, _)| end).filter(|end| *end > at);
            if self.check.is_some() {
                return;
            }
        } else if starts {
            self.started = None;
            self.fail(at, RunStatus::Aborted, "InstanceNotRunning", "the instance is not running at the start");
        } else if !runs || since > self.started {
            let info = "the instance was stopped or restarted during the run";
            self.fail(at, RunStatus::Error, "ExecutionInterrupted", info);
        }
        self.complete(at, now);
    }

    fn fail(&mut self, at: OffsetDateTime, status: RunStatus, code: &str, info: &str) {
        self.status.pass(at, Duration::ZERO, &[status]);
        self.early = Some(Ending::failed(code, info));
    }

    /// Counts the run that ended at a time, and plans the next one of a repeated command.
    fn complete(&mut self, ended: OffsetDateTime, now: OffsetDateTime) {
        self.repeats += i64::from(self.started.is_some());
        let interval = self.interval.filter(|interval| *interval > 0);
        let Some((_, status)) = self.status.last().filter(|_| interval.is_some() || self.every_start) else { return };
        let started = self.started.unwrap_or(ended);
        let ending = self.early.take().unwrap_or_else(|| self.plan.ending.clone());
        self.history.push(Past { status, started: started.into(), ended: ended.into(), ending });
        let surplus = self.history.len().saturating_sub(MAX_HISTORY);
        self.history.drain(..surplus);
        self.status.pass(ended, Duration::ZERO, &[RunStatus::Scheduled]);
        self.started = None;
        if let Some(interval) = interval {
            let missed = (now - started).whole_seconds() / interval;
            let next = started.checked_add(Duration::seconds(interval * (missed - MAX_MISSED).max(1)));
            self.run_at(next.unwrap_or(ended).max(ended));
        }
    }
}

/// The runs on all instances.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Targets(Vec<Target>);

impl From<Vec<Target>> for Targets {
    fn from(targets: Vec<Target>) -> Self {
        Targets(targets)
    }
}

impl Deref for Targets {
    type Target = Vec<Target>;

    fn deref(&self) -> &Vec<Target> {
        &self.0
    }
}

impl DerefMut for Targets {
    fn deref_mut(&mut self) -> &mut Vec<Target> {
        &mut self.0
    }
}

/// A state across all instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overall(&'static str);

impl Overall {
    /// Returns the state as the service writes it.
    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

impl Targets {
    /// Returns the state across all instances.
    pub(crate) fn at(&self, now: OffsetDateTime) -> Overall {
        self.overall(now, "Success", |status| status == RunStatus::Success)
    }

    /// Returns the state across all instances in the older members of responses.
    pub(crate) fn older(&self, now: OffsetDateTime) -> Overall {
        match self.overall(now, "Finished", |status| status.older() == "Finished").0 {
            "Pending" | "Scheduled" => Overall("Running"),
            other => Overall(other),
        }
    }

    fn overall(&self, now: OffsetDateTime, complete: &'static str, is_complete: fn(RunStatus) -> bool) -> Overall {
        let states: Vec<RunStatus> = self.iter().map(|target| target.status.at(now)).collect();
        let live = [RunStatus::Pending, RunStatus::Running, RunStatus::Scheduled, RunStatus::Stopping];
        if let Some(state) = live.into_iter().find(|state| states.contains(state)) {
            return Overall(state.as_str());
        }
        let ended = || states.iter().filter(|state| !state.is_stopped());
        let completed = ended().filter(|state| is_complete(**state)).count();
        Overall(match ended().count() {
            0 => "Stopped",
            all if all == completed => complete,
            _ if completed == 0 => "Failed",
            _ => "PartialFailed",
        })
    }

    /// Whether it has not ended on an instance.
    pub(crate) fn are_live(&self, now: OffsetDateTime) -> bool {
        self.iter().any(|target| target.status.at(now).is_live())
    }

    /// Returns the time of the next check of an instance.
    pub(super) fn next_check(&self) -> Option<OffsetDateTime> {
        self.iter().filter_map(|target| target.check).min()
    }

    /// Goes on with the runs whose instances must be checked at a time. `instance` returns whether one runs at that time, and
    /// since when; `None` if it was released.
    pub(crate) fn go_on(
        &mut self,
        at: OffsetDateTime,
        now: OffsetDateTime,
        instance: impl Fn(&str) -> Option<(bool, Option<OffsetDateTime>)>,
    ) {
        for target in self.iter_mut().filter(|target| target.check.is_some_and(|check| check <= at)) {
            match instance(&target.instance) {
                Some((runs, since)) => target.go_on(at, runs, since, now),
                None => target.check = None,
            }
        }
    }

    /// Ends all runs at once, as planned.
    pub(crate) fn finish(&mut self, now: OffsetDateTime) {
        for target in self.iter_mut().filter(|target| target.status.at(now).is_live()) {
            target.started = target.started.map(|started| started.min(now));
            target.status.finish(now);
            target.check = None;
            target.repeats += i64::from(target.started.is_some() && target.stopped.is_none());
        }
    }

    /// Keeps the present states until the runs are finished.
    pub(crate) fn hold(&mut self, now: OffsetDateTime) {
        for target in self.iter_mut() {
            target.status.hold(now);
            target.check = None;
        }
    }
}
