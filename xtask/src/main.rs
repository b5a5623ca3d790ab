//! Tasks of the workspace. `cargo xtask help` lists them.

// First: its macros are known to the modules that follow.
#[macro_use]
mod output;

mod api;
mod bench;
mod budgets;
mod ci;
mod clients;
mod coverage;
mod demo;
mod emulator;
#[cfg(test)]
mod error_classes;
#[cfg(test)]
mod events;
mod features;
mod form;
mod generate;
mod guide;
mod items;
mod layers;
mod licenses;
mod packages;
mod phrases;
mod place;
mod readme;
mod runtime_examples;
mod service;
mod shell;
mod soak;
mod specs;
mod step;
mod updates;

use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

use clap::{Parser, Subcommand};

/// The result of a task. The error is a message for the user.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Tasks of the ecs-sdk workspace.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the source of ecs-sdk from specs/
    Codegen(generate::Arguments),
    /// Create clients of other products
    #[command(subcommand)]
    Service(service::Task),
    /// Write a snapshot of the public API of ecs-sdk, which makes API changes visible in review
    Api {
        /// Do not write files; fail if the snapshot is out of date
        #[arg(long)]
        check: bool,
    },
    /// Import, check, format and compare spec files
    #[command(subcommand)]
    Spec(specs::Task),
    /// Run the program ecs-emulator, built with optimizations, until Ctrl-C is pressed
    Emulator(emulator::Arguments),
    /// Check the generated source, then take an instance through its life cycle with the SDK on an emulator
    Demo,
    /// Run many concurrent tasks on an emulator that injects faults, and check that no instance is lost or created twice and
    /// that memory stays flat
    Soak(soak::Arguments),
    /// Measure calls, builds and the emulator
    #[command(subcommand)]
    Bench(bench::Task),
    /// Run one of the checks of continuous integration
    #[command(subcommand)]
    Ci(ci::Task),
}

fn main() -> ExitCode {
    if let Some(code) = bench::rustc() {
        return code;
    }
    let outcome = match Arguments::parse().task {
        Task::Codegen(arguments) => generate::run(&arguments),
        Task::Service(task) => service::run(&task),
        Task::Api { check } => api::run(check),
        Task::Spec(task) => specs::run(task),
        Task::Emulator(arguments) => emulator::run(&arguments),
        Task::Demo => demo::run(),
        Task::Soak(arguments) => soak::run(&arguments),
        Task::Bench(task) => bench::run(&task),
        Task::Ci(task) => ci::run(&task),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns a command for the cargo that started this program.
fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Returns the root of the workspace.
fn root() -> PathBuf {
    // Cargo names the package that it runs, which may be another checkout than the one this program was built in.
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.join("..").canonicalize().unwrap_or_else(|_| PathBuf::from("."))
}

/// Returns the folders of the recipes: programs in examples/, each in its own workspace.
fn recipes() -> std::io::Result<Vec<PathBuf>> {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root().join("examples"))?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    folders.sort();
    Ok(folders)
}

/// Returns the folders of all crates: the members of the workspace, and the recipes.
fn crates() -> Result<Vec<PathBuf>, Box<dyn std::error::Error>> {
    let manifest: toml_edit::DocumentMut = std::fs::read_to_string(root().join("Cargo.toml"))?.parse()?;
    let members = manifest["workspace"]["members"].as_array().ok_or("Cargo.toml lists no members")?;
    let members = members.iter().filter_map(|member| member.as_str()).map(|member| root().join(member));
    Ok(members.chain(recipes()?).collect())
}

/// Returns the folder of the specs.
fn specs_dir() -> PathBuf {
    root().join("specs")
}

/// Returns a path relative to the workspace, for messages.
fn shown(path: &std::path::Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
