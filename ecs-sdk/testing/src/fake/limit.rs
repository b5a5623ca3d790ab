//! A time limit for tests that use real threads, sockets or processes.

use std::{
    io::{self, Write},
    process,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

/// Far longer than any test needs: the longest one takes a minute on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// Ends the process if it is not dropped in time, so that a test that hangs fails, even if it blocks its thread.
#[must_use = "it lasts until it is dropped"]
#[derive(Debug)]
pub struct TimeLimit {
    /// Tells the thread that the test has ended when it is dropped.
    _sender: Sender<()>,
}

impl TimeLimit {
    pub fn start() -> Self {
        let (sender, receiver) = channel();
        let test = thread::current().name().unwrap_or_default().to_owned();
        thread::spawn(move || {
            if receiver.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                // Not `eprintln!`, whose output the test harness captures and `abort` loses.
                let _ = writeln!(io::stderr(), "{test} did not end within {LIMIT:?}");
                process::abort();
            }
        });
        Self { _sender: sender }
    }
}
