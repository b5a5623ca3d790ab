//! Runs programs on any operating system: one thread waits until a program exits, another one reads its output.

use std::{
    io::{self, PipeReader, PipeWriter, Read, Write},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::system::BoxFuture;

/// Maximum output of a program. Larger outputs are an error, so that a wrong command cannot exhaust the memory.
const MAX_OUTPUT_BYTES: usize = 1024 * 1024;

/// How often a thread checks whether the program has exited. Most run for longer, so this delays them little.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Marks the end of the output. JSON never contains this byte.
const END: u8 = 0;

/// Exit code and output.
type Output = (Option<i32>, Zeroizing<Vec<u8>>);

/// Runs a program without a shell. Its standard input is empty, its standard output is collected until it exits, and its
/// standard error is that of this process.
pub(super) fn run(program: &str, arguments: &[String]) -> BoxFuture<'static, io::Result<Output>> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
    Box::pin(async move {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?);
        let running = Running(Arc::new(Mutex::new(command.spawn()?)));
        let child = running.0.clone();
        let (sender, receiver) = oneshot::channel();
        thread::Builder::new().name("credentials-process".to_owned()).spawn(move || {
            // Fails if the caller has dropped the future.
            let _ = sender.send(collect(&child, reader, writer));
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

/// Collects the output until the program exits.
///
/// The end of the pipe is no sign of that: a program that it has started may keep the pipe open much longer. So this
/// process keeps the pipe open too and, after the program has exited, writes a mark behind its output.
fn collect(child: &Mutex<Child>, reader: PipeReader, mut writer: PipeWriter) -> io::Result<Output> {
    let exited = AtomicBool::new(false);
    thread::scope(|scope| {
        let name = "credentials-output".to_owned();
        let reading = thread::Builder::new().name(name).spawn_scoped(scope, || read(child, reader, &exited));
        if reading.is_err() {
            let _ = lock(child).kill();
        }
        let status = wait(child);
        exited.store(true, Ordering::Release);
        // Fails if the output was too large and is no longer read.
        let _ = writer.write_all(&[END]);
        let output =
            reading?.join().unwrap_or_else(|_| Err(io::Error::other("the thread reading the output panicked")));
        Ok((status?.code(), output?))
    })
}

/// Reads the output up to the mark.
fn read(child: &Mutex<Child>, mut reader: PipeReader, exited: &AtomicBool) -> io::Result<Zeroizing<Vec<u8>>> {
    // Large enough for a usual output, because growing would leave copies of secrets in memory.
    let mut output = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let mut chunk = Zeroizing::new([0; 8 * 1024]);
    loop {
        let count = match reader.read(&mut chunk[..]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let _ = lock(child).kill();
                return Err(error);
            }
        };
        let bytes = &chunk[..count];
        // Before that, the byte is part of the output.
        let end = if exited.load(Ordering::Acquire) { bytes.iter().position(|&byte| byte == END) } else { None };
        output.extend_from_slice(&bytes[..end.unwrap_or(count)]);
        if output.len() > MAX_OUTPUT_BYTES {
            let _ = lock(child).kill();
            return Err(io::Error::other("its output exceeds 1 MiB"));
        }
        if end.is_some() || count == 0 {
            return Ok(output);
        }
    }
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
