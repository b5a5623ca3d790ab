//! Runs programs on any operating system: a thread waits until they exit.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::system::BoxFuture;

/// Maximum output of a program. Larger outputs are an error, so that a wrong command cannot exhaust the memory.
const MAX_OUTPUT_BYTES: u64 = 1024 * 1024;

/// How often the thread checks whether a program that closed its output has exited. Most exit immediately.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Exit code and output.
type Output = (Option<i32>, Zeroizing<Vec<u8>>);

/// Runs a program without a shell. Its standard input is empty, its standard output is collected, and its standard
/// error is that of this process.
pub(super) fn run(program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    Box::pin(async move {
        let running = Running(Arc::new(Mutex::new(command.spawn()?)));
        let child = running.0.clone();
        let (sender, receiver) = oneshot::channel();
        thread::Builder::new().name("credentials-process".to_owned()).spawn(move || {
            // Fails if the caller has dropped the future.
            let _ = sender.send(collect(&child));
        })?;
        receiver.await.unwrap_or_else(|_| Err(io::Error::other("the thread waiting for the program panicked")))
    })
}

/// A program that is killed when its future is dropped.
struct Running(Arc<Mutex<Child>>);

impl Drop for Running {
    fn drop(&mut self) {
        // The thread reaps the program.
        let _ = lock(&self.0).kill();
    }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn collect(child: &Mutex<Child>) -> io::Result<Output> {
    // A separate statement, so that the lock is released before reading and the program can be killed meanwhile.
    let pipe = lock(child).stdout.take();
    // Large enough for a usual output, because growing would leave copies of secrets in memory.
    let mut stdout = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let read = pipe.map_or(Ok(0), |pipe| pipe.take(MAX_OUTPUT_BYTES + 1).read_to_end(&mut stdout));
    if read.is_err() || stdout.len() as u64 > MAX_OUTPUT_BYTES {
        let _ = lock(child).kill();
    }
    let status = wait(child)?;
    read?;
    if stdout.len() as u64 > MAX_OUTPUT_BYTES {
        return Err(io::Error::other("its output exceeds 1 MiB"));
    }
    Ok((status.code(), stdout))
}

/// Waits until the program exits, without holding the lock, so that the program can be killed meanwhile.
fn wait(child: &Mutex<Child>) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = lock(child).try_wait()? {
            return Ok(status);
        }
        thread::sleep(POLL_INTERVAL);
    }
}
