//! Runs programs on any operating system: one thread waits until a program exits, another one reads its output.

use std::{
    io::{self, PipeReader, Read, Write},
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
        let running = Running::default();
        let program = running.0.clone();
        let (sender, receiver) = oneshot::channel();
        // The program is started there too, because its file may be on a file system that hangs.
        thread::Builder::new().name("credentials-process".to_owned()).spawn(move || {
            // Fails if the caller has dropped the future.
            let _ = sender.send(collect(&program, command));
        })?;
        receiver.await.unwrap_or_else(|_| Err(io::Error::other("the thread waiting for the program panicked")))
    })
}

/// A program, from before it is started until after it has exited.
#[derive(Default)]
struct Program {
    child: Option<Child>,
    killed: bool,
}

impl Program {
    /// Kills the program, or lets it be killed as soon as it is started.
    fn kill(&mut self) {
        self.killed = true;
        if let Some(child) = &mut self.child {
            // Fails if it has exited.
            let _ = child.kill();
        }
    }
}

/// A program that is killed when its future is dropped.
#[derive(Default)]
struct Running(Arc<Mutex<Program>>);

impl Drop for Running {
    fn drop(&mut self) {
        // The thread reaps the program.
        lock(&self.0).kill();
    }
}

fn lock(program: &Mutex<Program>) -> std::sync::MutexGuard<'_, Program> {
    program.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a program, without holding the lock, so that the future can be dropped meanwhile.
fn start(program: &Mutex<Program>, mut command: Command) -> io::Result<()> {
    let child = command.spawn()?;
    let mut program = lock(program);
    program.child = Some(child);
    if program.killed {
        program.kill();
    }
    Ok(())
}

/// Runs a program and collects its output until it exits.
///
/// The end of the pipe is no sign of that: a program that it has started may keep the pipe open much longer. So this
/// process keeps the pipe open too and, after the program has exited, writes a mark behind its output.
fn collect(program: &Mutex<Program>, mut command: Command) -> io::Result<Output> {
    let (reader, mut writer) = io::pipe()?;
    command.stdout(writer.try_clone()?);
    start(program, command)?;
    let exited = AtomicBool::new(false);
    thread::scope(|scope| {
        let name = "credentials-output".to_owned();
        let reading = thread::Builder::new().name(name).spawn_scoped(scope, || read(program, reader, &exited));
        if reading.is_err() {
            lock(program).kill();
        }
        let status = wait(program);
        exited.store(true, Ordering::Release);
        // Fails if the output was too large and is no longer read.
        let _ = writer.write_all(&[END]);
        let output =
            reading?.join().unwrap_or_else(|_| Err(io::Error::other("the thread reading the output panicked")));
        Ok((status?.and_then(|status| status.code()), output?))
    })
}

/// Reads the output up to the mark.
fn read(program: &Mutex<Program>, mut reader: PipeReader, exited: &AtomicBool) -> io::Result<Zeroizing<Vec<u8>>> {
    // Large enough for a usual output, because growing would leave copies of secrets in memory.
    let mut output = Zeroizing::new(Vec::with_capacity(8 * 1024));
    let mut chunk = Zeroizing::new([0; 8 * 1024]);
    loop {
        let count = match reader.read(&mut chunk[..]) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                lock(program).kill();
                return Err(error);
            }
        };
        let bytes = &chunk[..count];
        // Before that, the byte is part of the output.
        let end = if exited.load(Ordering::Acquire) { bytes.iter().position(|&byte| byte == END) } else { None };
        output.extend_from_slice(&bytes[..end.unwrap_or(count)]);
        if output.len() > MAX_OUTPUT_BYTES {
            lock(program).kill();
            return Err(io::Error::other("its output exceeds 1 MiB"));
        }
        if end.is_some() || count == 0 {
            return Ok(output);
        }
    }
}

/// Waits until the program exits, without holding the lock, so that the program can be killed meanwhile.
fn wait(program: &Mutex<Program>) -> io::Result<Option<ExitStatus>> {
    loop {
        let Some(status) = lock(program).child.as_mut().map(Child::try_wait).transpose()? else { return Ok(None) };
        if status.is_some() {
            return Ok(status);
        }
        thread::sleep(POLL_INTERVAL);
    }
}
