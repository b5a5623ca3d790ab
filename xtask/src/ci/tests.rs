//! The script that runs all checks.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    os::unix::{fs::PermissionsExt, process::ExitStatusExt},
    path::Path,
    process::{Command, Stdio},
};

use crate::root;

/// Stands for cargo: two steps that run at the same time write to the pipe `$EVENTS` when they start and when they are ended;
/// all others succeed at once.
const CARGO: &str = r#"#!/bin/sh
case "$*" in
*recipes* | clippy*) ;;
*) exit 0 ;;
esac
exec 3>"$EVENTS"
trap 'echo "ended $1" >&3; exit 1' TERM
echo "started $1" >&3
sleep 60 3>&- &
wait
"#;

/// Runs the script with a fake cargo, and signals it as soon as the two steps have started. Returns their events, and the
/// signal that ended the script.
fn stopped_by(signal: &str) -> (Vec<String>, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let (cargo, events) = (folder.path().join("cargo"), folder.path().join("events"));
    fs::write(&cargo, CARGO).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new("mkfifo").arg(&events).status().unwrap().success());
    let path = std::env::var("PATH").unwrap();
    let mut script = Command::new(root().join(".ci/run"))
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("EVENTS", &events)
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // A reader of a pipe without a writer is at its end, so this one writes until both steps do.
    let writer = File::options().read(true).write(true).open(&events).unwrap();
    let mut lines = BufReader::new(File::open(&events).unwrap()).lines().map(Result::unwrap);
    let mut seen: Vec<String> = lines.by_ref().take(2).collect();
    drop(writer);
    assert!(Command::new("kill").args(["-s", signal, &script.id().to_string()]).status().unwrap().success());
    seen.extend(lines);
    seen.sort();
    let status = script.wait().unwrap();
    let left = |path: &Path| fs::read_dir(path).unwrap().count();
    assert_eq!(left(folder.path()), 2, "the folder of logs is left");
    (seen, status.signal())
}

#[test]
fn a_signal_ends_the_steps_of_all_checks_too() {
    let expected = ["ended clippy", "ended xtask", "started clippy", "started xtask"];
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        let (seen, ended_by) = stopped_by(signal);
        assert_eq!((seen.as_slice(), ended_by), (&expected.map(str::to_owned)[..], Some(number)), "{signal}");
    }
}
