//! Programs, run without depending on a system: a thread waits for the end.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::Output;
use crate::system::BoxFuture;

/// Most that a program may print; more is an error, so that a wrong command can't fill the memory.
const MOST: u64 = 1024 * 1024;

/// How often the thread looks whether a program that closed its output has ended.
const POLL: Duration = Duration::from_millis(5);

/// Runs a program: no input, its output collected, its errors where the caller's go. No shell is involved.
pub(super) fn run(program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    Box::pin(async move {
        let running = Running(Arc::new(Mutex::new(command.spawn()?)));
        let child = running.0.clone();
        let (done, end) = oneshot::channel();
        thread::Builder::new().name("credentials-process".to_owned()).spawn(move || {
            // Nobody may be interested any more.
            let _ = done.send(collect(&child));
        })?;
        end.await.unwrap_or_else(|_| Err(io::Error::other("the thread that waited for it died")))
    })
}

/// A program that ends with its future.
struct Running(Arc<Mutex<Child>>);

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended, which is what is wanted, or the thread reaps it.
        let _ = lock(&self.0).kill();
    }
}

fn lock(child: &Mutex<Child>) -> std::sync::MutexGuard<'_, Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn collect(child: &Mutex<Child>) -> io::Result<Output> {
    // Taken in a statement of its own: held while reading, the lock would keep the program from being ended.
    let pipe = lock(child).stdout.take();
    // Room for all of it from the start: growing would leave copies of secrets behind.
    let mut stdout = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let read = pipe.map_or(Ok(0), |pipe| pipe.take(MOST + 1).read_to_end(&mut stdout));
    if read.is_err() || stdout.len() as u64 > MOST {
        let _ = lock(child).kill();
    }
    let status = wait(child)?;
    read?;
    if stdout.len() as u64 > MOST {
        return Err(io::Error::other("it printed more than 1 MiB"));
    }
    Ok(Output { code: status.code(), stdout })
}

/// Waits without holding the lock, so that the program can be ended meanwhile.
fn wait(child: &Mutex<Child>) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = lock(child).try_wait()? {
            return Ok(status);
        }
        thread::sleep(POLL);
    }
}
