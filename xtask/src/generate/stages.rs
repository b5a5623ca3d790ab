//! The stages of a run: how long each takes, and which one is in progress.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// The stages that have ended, with their durations.
pub(super) struct Stages {
    started: Instant,
    ended: Vec<(&'static str, Duration)>,
    is_terminal: bool,
}

impl Stages {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), ended: Vec::new(), is_terminal: io::stderr().is_terminal() }
    }

    /// Runs a stage.
    pub(super) fn measure<T>(&mut self, name: &'static str, stage: impl FnOnce() -> T) -> T {
        self.progress(name, 0, |_| stage())
    }

    /// Runs a stage of several steps, which calls its argument after each step.
    pub(super) fn progress<T>(
        &mut self,
        name: &'static str,
        steps: usize,
        stage: impl FnOnce(&mut dyn FnMut()) -> T,
    ) -> T {
        /// Time between two lines, so that a terminal can keep up.
        const INTERVAL: Duration = Duration::from_millis(100);
        let started = Instant::now();
        let is_terminal = self.is_terminal;
        let mut done = 0;
        let mut shown = started;
        show(is_terminal, name);
        let result = stage(&mut || {
            done += 1;
            if shown.elapsed() >= INTERVAL {
                shown = Instant::now();
                show(is_terminal, &format!("{name} {done}/{steps}"));
            }
        });
        show(is_terminal, "");
        self.ended.push((name, started.elapsed()));
        result
    }

    /// The stages and their durations.
    pub(super) fn ended(&self) -> &[(&'static str, Duration)] {
        &self.ended
    }

    /// Time since the start.
    pub(super) fn total(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Replaces the current line of a terminal. Nothing is written if standard error is a file or a pipe.
fn show(is_terminal: bool, text: &str) {
    if is_terminal {
        // A line that cannot be written is of no use to anyone.
        let _ = write!(io::stderr(), "\r\x1b[K{text}").and_then(|()| io::stderr().flush());
    }
}
