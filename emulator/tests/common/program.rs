//! Runs the program `ecs-emulator`, and connects to it.
#![allow(unreachable_pub, reason = "it is a module of a test")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

/// Time limit of each step, far longer than any takes on a busy machine.
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Attempts to observe a change, a millisecond apart.
const ATTEMPTS: usize = 60_000;

/// Returns the command that runs the program, without settings from the environment.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-emulator"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ECS_EMULATOR_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs the program to its end. Returns its exit code, and what it prints to standard error.
pub fn failure(arguments: &[&str]) -> (Option<i32>, String) {
    let child = command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut program = Program::of(child);
    let status = program.ended();
    let mut errors = String::new();
    program.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    (status.code(), errors)
}

/// A running program. It is killed when it is dropped.
pub struct Program {
    pub id: u32,
    stdout: Receiver<String>,
    stderr: Option<std::process::ChildStderr>,
    status: Receiver<ExitStatus>,
    has_ended: bool,
    pub banner: Vec<String>,
}

impl Program {
    /// Starts the program and waits until it is up.
    pub fn start(arguments: &[&str]) -> Self {
        Program::start_command(&mut command(arguments))
    }

    pub fn start_command(command: &mut Command) -> Self {
        let mut program = Program::of(command.stdout(Stdio::piped()).spawn().unwrap());
        while program.banner.last().is_none_or(|line| !line.starts_with("press")) {
            let line = program.line();
            program.banner.push(line);
        }
        program
    }

    /// Watches a child.
    pub fn of(mut child: Child) -> Self {
        let (id, stdout, stderr) = (child.id(), child.stdout.take(), child.stderr.take());
        let (lines, received) = channel();
        thread::spawn(move || {
            for line in stdout.into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
                let Ok(()) = lines.send(line.unwrap()) else { return };
            }
        });
        let (ended, status) = channel();
        thread::spawn(move || {
            let _ = ended.send(child.wait().unwrap());
        });
        Program { id, stdout: received, stderr, status, has_ended: false, banner: Vec::new() }
    }

    /// The next line of standard output.
    pub fn line(&self) -> String {
        self.stdout.recv_timeout(TIME_LIMIT).expect("the program should print another line")
    }

    /// All further lines of standard output.
    pub fn lines(&self) -> Vec<String> {
        self.stdout.iter().collect()
    }

    /// The addresses that it prints.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let printed = self.banner.iter().filter_map(|line| line.split_once(" at http://"));
        printed.map(|(_, address)| address.parse().unwrap()).collect()
    }

    pub fn connect(&self) -> TcpStream {
        connect(self.addresses()[0])
    }

    /// Requests a path over a connection of its own.
    pub fn get(&self, path: &str) -> String {
        get(self.connect(), path)
    }

    /// The value of an environment variable that it prints.
    pub fn exported(&self, name: &str) -> String {
        let words = self.banner.iter().flat_map(|line| line.split_whitespace());
        words.filter_map(|word| word.split_once('=')).find(|(key, _)| *key == name).unwrap().1.to_owned()
    }

    /// Sends a signal such as `TERM`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        assert!(signal(self.id, name), "the program has ended");
    }

    /// Waits until it has ended.
    pub fn ended(&mut self) -> ExitStatus {
        let status = self.status.recv_timeout(TIME_LIMIT).expect("the program should end");
        self.has_ended = true;
        status
    }

    /// Waits until it accepts no connections.
    pub fn closed(&self) {
        let address = self.addresses()[0];
        for _ in 0..ATTEMPTS {
            if TcpStream::connect(address).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("the program still accepts connections");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        #[cfg(unix)]
        if !self.has_ended && self.status.try_recv().is_err() {
            // It may have ended meanwhile.
            let _ = signal(self.id, "KILL");
        }
    }
}

/// Sends a signal to a process. Returns whether the process exists.
#[cfg(unix)]
fn signal(id: u32, name: &str) -> bool {
    Command::new("kill").arg(format!("-{name}")).arg(id.to_string()).status().is_ok_and(|status| status.success())
}

/// Connects to an address. Reading and writing fail after a while, so that no test hangs.
pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIME_LIMIT)).unwrap();
    stream.set_write_timeout(Some(TIME_LIMIT)).unwrap();
    stream
}

/// Requests a path and reads the whole response.
pub fn get(mut stream: impl std::io::Read + std::io::Write, path: &str) -> String {
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Begins a request and waits until the server reads its body, so the request is in flight.
pub fn begin(mut stream: &TcpStream, body_bytes: usize) {
    let head =
        format!("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: {body_bytes}\r\nexpect: 100-continue\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut proceed = [0; 25];
    stream.read_exact(&mut proceed).unwrap();
    assert_eq!(&proceed, b"HTTP/1.1 100 Continue\r\n\r\n");
}

/// Repeats a check until it holds.
pub fn eventually(what: &str, check: impl Fn() -> bool) {
    for _ in 0..ATTEMPTS {
        if check() {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    panic!("{what}");
}
