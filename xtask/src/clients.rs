//! `cargo xtask ci clients`: programs that others wrote live on the emulator.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use ecs_emulator::Emulator;

use crate::{Outcome, root, step};

/// The lives, with the duration of a transition. libcloud starts an instance at once after it has created it.
const LIVES: &[(&str, Duration)] = &[
    ("official_current.py", Duration::from_millis(300)),
    ("official_legacy.py", Duration::from_millis(300)),
    ("libcloud_life.py", Duration::ZERO),
];

/// Time limit of a life. Each takes less than 30 s on two cores.
const LIFE_LIMIT: Duration = Duration::from_secs(300);

/// Time limit of creating a virtual environment and installing packages into it.
const INSTALL_LIMIT: Duration = Duration::from_secs(600);

/// Runs all lives. Without Python or a package registry, nothing is checked, unless `require` is set.
pub(crate) fn run(require: bool) -> Outcome {
    let python = match environment() {
        Ok(python) => python,
        Err(error) if require => return Err(format!("the clients cannot be installed: {error}").into()),
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            println!("skipped: foreign clients are not run, because they cannot be installed: {reason}");
            return Ok(());
        }
    };
    let mut failures = Vec::new();
    for (script, transition) in LIVES {
        if let Err(error) = live(&python, script, *transition) {
            failures.push(format!("{script}: {error}"));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n").into()) }
}

fn folder() -> PathBuf {
    root().join("emulator/clients")
}

/// Runs a life on an emulator of its own.
fn live(python: &Path, script: &str, transition: Duration) -> Outcome {
    let emulator = Emulator::builder().transition(transition).start_blocking()?;
    let mut command = Command::new(python);
    command.arg(folder().join(script)).arg(emulator.address().to_string()).env("PYTHONDONTWRITEBYTECODE", "1");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().to_lowercase().ends_with("_proxy")) {
        command.env_remove(name);
    }
    let output = step::run_within(script, &mut command, LIFE_LIMIT)?;
    println!("          {}", output.lines().last().unwrap_or_default());
    Ok(())
}

/// Returns the Python of a virtual environment that has the pinned packages. It is made again if they have changed.
fn environment() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let folder_of_environment = root().join("target/clients");
    let requirements = folder().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let (python, installed) = (folder_of_environment.join("bin/python"), folder_of_environment.join("installed.txt"));
    if fs::read_to_string(&installed).is_ok_and(|present| present == wanted) {
        return Ok(python);
    }
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&folder_of_environment);
    step::run_within("virtual environment", &mut create, INSTALL_LIMIT)?;
    let mut install = Command::new(&python);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--requirement",
    ]);
    install.arg(&requirements);
    step::run_within("packages", &mut install, INSTALL_LIMIT)?;
    fs::write(&installed, wanted)?;
    Ok(python)
}
