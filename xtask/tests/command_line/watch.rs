//! `cargo xtask codegen --watch` as a process: saved, broken, mended and removed files, and Ctrl-C.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver, Sender},
    thread,
    time::Duration,
};

use super::package::{Package, program};

/// The longest wait for a line or for the end: far longer than any takes, so that only a hang fails.
const WAIT_LIMIT: Duration = Duration::from_secs(120);

/// A process that watches, and its output.
struct Watch {
    process: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Watch {
    fn start(package: &Package) -> Self {
        let mut process = program()
            .args(["codegen", "--watch", "--crate"])
            .arg(package.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = mpsc::channel();
        forward(process.stdout.take().unwrap(), sender.clone());
        forward(process.stderr.take().unwrap(), sender);
        Self { process, lines, seen: Vec::new() }
    }

    /// Waits for a line that contains a string.
    fn until(&mut self, text: &str) {
        loop {
            match self.lines.recv_timeout(WAIT_LIMIT) {
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("no line with `{text}`: {error}; lines: {:#?}", self.seen),
            }
            if self.seen.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }

    /// Sends a signal, and waits for the end.
    fn end(mut self, signal: &str) -> ExitStatus {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
        // The output ends with the process.
        while self.lines.recv_timeout(WAIT_LIMIT).is_ok() {}
        self.process.try_wait().unwrap().unwrap_or_else(|| self.process.wait().unwrap())
    }
}

/// Ends the process of a test that failed.
impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn forward(output: impl Read + Send + 'static, lines: Sender<String>) {
    thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
}

/// SIGINT, or SIGTERM in a background job of a shell, which ignores SIGINT and passes this on.
fn interrupt() -> (&'static str, i32) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    if ignored & 0b10 == 0 { ("-INT", 2) } else { ("-TERM", 15) }
}

#[test]
fn changes_are_generated_until_the_process_is_interrupted() {
    const DELETE: &str = "machines/DeleteMachine.json";
    let package = Package::new();
    let generated = package.path().join("src/generated/shop_floor/operation/delete_machine.rs");
    let mut watch = Watch::start(&package);
    watch.until("watching ");
    watch.until("took ");

    // Editors save a file by renaming another one.
    let spec = fs::read_to_string(package.spec(DELETE)).unwrap();
    let save = |doc: &str| {
        let text = spec.replacen("\"doc\": \"\"", &format!("\"doc\": \"{doc}\""), 1);
        let temporary = package.spec("machines/.DeleteMachine.json.swp");
        fs::write(&temporary, text).unwrap();
        fs::rename(temporary, package.spec(DELETE)).unwrap();
    };
    save("Deletes one machine for good.");
    watch.until("delete_machine.rs");
    assert!(fs::read_to_string(&generated).unwrap().contains("Deletes one machine for good."));

    fs::write(package.spec(DELETE), "{").unwrap();
    watch.until("error[invalid-json]");
    save("Deletes a machine, mended.");
    watch.until("delete_machine.rs");
    assert!(fs::read_to_string(&generated).unwrap().contains("Deletes a machine, mended."));

    fs::rename(package.spec(DELETE), package.path().join("DeleteMachine.json")).unwrap();
    watch.until("removed  ");
    assert!(!generated.exists());

    let (name, number) = interrupt();
    assert_eq!(watch.end(name).signal(), Some(number));
}
