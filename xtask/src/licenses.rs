//! `cargo xtask ci licenses`: dependencies comply with `deny.toml`. cargo-deny checks them offline, if it is installed.

use std::{
    io::ErrorKind,
    process::{Command, Stdio},
};

use crate::{Outcome, cargo, root};

const NOT_INSTALLED: &str = "skipped: licenses, sources and banned crates are not checked, because cargo-deny is not installed;\n\
                       install it with `cargo install cargo-deny --locked`";

pub(crate) fn run() -> Outcome {
    let version = Command::new("cargo-deny").arg("--version").stdout(Stdio::null()).status();
    match version {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("`cargo-deny --version` failed ({status}); install it again").into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!("{NOT_INSTALLED}");
            return Ok(());
        }
        Err(error) => return Err(format!("cargo-deny cannot be run: {error}").into()),
    }
    let mut graph = vec!["--offline".to_owned(), "--locked".to_owned()];
    // A build fetches the packages of its own platform; those of others come with `cargo fetch`.
    if !succeeds(cargo().args(["metadata", "--format-version", "1", "--offline", "--locked"]).current_dir(root())) {
        println!(
            "checking only this platform, because packages of others are missing; fetch them with `cargo fetch --locked`"
        );
        graph.extend(["--target".to_owned(), host()?]);
    }
    // Licenses and sources are checked for all features, bans for a build with default features.
    deny(&graph, &["--all-features"], &["licenses", "sources"])?;
    deny(&graph, &[], &["bans"])
}

fn deny(graph: &[String], features: &[&str], checks: &[&str]) -> Outcome {
    let mut command = Command::new("cargo-deny");
    command.args(graph).args(features).arg("check").args(checks).current_dir(root());
    if command.status()?.success() {
        return Ok(());
    }
    Err("cargo-deny reported the errors above; choose another crate, or change deny.toml and state the reason there"
        .into())
}

/// Whether a command can be run and succeeds.
fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Returns the target triple of this machine.
fn host() -> Result<String, Box<dyn std::error::Error>> {
    let output = Command::new("rustc").arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("`rustc -vV` prints no host")?.to_owned())
}
