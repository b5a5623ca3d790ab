//! The stages of a run: how long each takes, and which one is in progress.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// The stages that have ended, with their durations.
pub(super) struct Stages {
    started: Instant,
    ended: Vec<(&'static str, Duration)>,
    /// Shows the progress, unless standard error is a file or a pipe.
    terminal: Option<Box<dyn Write>>,
}

impl Stages {
    pub(super) fn start() -> Self {
        Self::new(io::stderr().is_terminal().then(|| Box::new(io::stderr()) as Box<dyn Write>))
    }

    fn new(terminal: Option<Box<dyn Write>>) -> Self {
        Self { started: Instant::now(), ended: Vec::new(), terminal }
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
        let terminal = &mut self.terminal;
        let mut done = 0;
        let mut shown = started;
        show(terminal, name);
        let result = stage(&mut || {
            done += 1;
            if shown.elapsed() >= INTERVAL {
                shown = Instant::now();
                show(terminal, &format!("{name} {done}/{steps}"));
            }
        });
        show(terminal, "");
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

/// Replaces the current line of a terminal.
fn show(terminal: &mut Option<Box<dyn Write>>, text: &str) {
    if let Some(terminal) = terminal {
        // A line that cannot be written is of no use to anyone.
        let _ = write!(terminal, "\r\x1b[K{text}").and_then(|()| terminal.flush());
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, rc::Rc};

    use super::*;

    #[derive(Clone, Default)]
    struct Terminal(Rc<RefCell<Vec<u8>>>);

    impl Write for Terminal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_terminal_shows_each_stage_and_is_empty_at_the_end() {
        let terminal = Terminal::default();
        let mut stages = Stages::new(Some(Box::new(terminal.clone())));
        stages.measure("read", || ());
        let result = stages.progress("generate", 2, |done| {
            done();
            done();
            7
        });
        assert_eq!(result, 7);
        let shown = String::from_utf8(terminal.0.borrow().clone()).unwrap();
        assert!(shown.starts_with("\r\x1b[Kread\r\x1b[K\r\x1b[Kgenerate"), "{shown:?}");
        assert!(shown.ends_with("\r\x1b[K"), "{shown:?}");
        assert_eq!(stages.ended().iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["read", "generate"]);
    }
}
