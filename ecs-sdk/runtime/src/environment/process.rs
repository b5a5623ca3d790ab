//! Programs, run without depending on the operating system: a thread waits for their exit.

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

/// Largest output of a program, in bytes; more is an error, so that a wrong command can't fill the memory.
const MAX_OUTPUT: u64 = 1024 * 1024;

/// How often the thread looks whether a program that closed its output has exited: most exit at once.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Exit code and output.
type Output = (Option<i32>, Zeroizing<Vec<u8>>);

/// Runs a program without input. Its output is collected, its errors go where the caller's go. No shell is involved.
pub(super) fn run(program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    Box::pin(async move {
        let running = Running(Arc::new(Mutex::new(command.spawn()?)));
        let child = running.0.clone();
        let (done, end) = oneshot::channel();
        thread::Builder::new().name("credentials-process".to_owned()).spawn(move || {
            // The caller may be gone.
            let _ = done.send(collect(&child));
        })?;
        end.await.unwrap_or_else(|_| Err(io::Error::other("the thread that waited for it died")))
    })
}

/// A program that is killed with its future.
struct Running(Arc<Mutex<Child>>);

impl Drop for Running {
    fn drop(&mut self) {
        // If it has not exited already, the thread reaps it.
        let _ = lock(&self.0).kill();
    }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn collect(child: &Mutex<Child>) -> io::Result<Output> {
    // Taken in a statement of its own: held while reading, the lock would keep the program from being killed.
    let pipe = lock(child).stdout.take();
    // Room for all of it from the start: growing would leave copies of secrets behind.
    let mut stdout = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let read = pipe.map_or(Ok(0), |pipe| pipe.take(MAX_OUTPUT + 1).read_to_end(&mut stdout));
    if read.is_err() || stdout.len() as u64 > MAX_OUTPUT {
        let _ = lock(child).kill();
    }
    let status = wait(child)?;
    read?;
    if stdout.len() as u64 > MAX_OUTPUT {
        return Err(io::Error::other("it printed more than 1 MiB"));
    }
    Ok((status.code(), stdout))
}

/// Waits without holding the lock, so that the program can be killed meanwhile.
fn wait(child: &Mutex<Child>) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = lock(child).try_wait()? {
            return Ok(status);
        }
        thread::sleep(POLL_INTERVAL);
    }
}
