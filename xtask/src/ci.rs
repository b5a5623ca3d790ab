//! `cargo xtask ci …`: the checks of continuous integration, each of which can be run alone.

use std::path::PathBuf;

use clap::Subcommand;

use crate::{
    Outcome, bench, budgets, clients, features, layers, licenses, packages, phrases, readme, root, service, step,
};

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Check the crates of ecs-sdk with each feature alone, and test them without features and with all features
    Features,
    /// Run every example of ecs-sdk on the emulator
    Examples,
    /// Test the programs in examples/, each in its own workspace
    Recipes,
    /// Create the crate of another product, and test it with the runtime of this checkout
    Service,
    /// Build the README's programs in a new crate, and run them on the emulator
    Readme,
    /// Print lines per operation, allocations of calls and sizes of types, and check them against their budgets
    Budgets,
    /// Build a program with one call, and check its size against that of a hand-written one
    Size,
    /// Check that files do not import each other in a cycle
    Layers,
    /// Check that no crate includes a file from outside its folder
    Packages,
    /// Check that prose contains none of the phrases in .ci/phrases.toml
    Phrases {
        /// Check only this file or folder
        below: Option<PathBuf>,
    },
    /// Run programs that others wrote, in Python, through their lives on the emulator; skipped without Python or a package
    /// registry
    Clients {
        /// Fail instead of skipping
        #[arg(long)]
        require: bool,
    },
    /// Check licenses, sources and bans of dependencies with cargo-deny, according to deny.toml
    Licenses,
}

pub(crate) fn run(task: &Task) -> Outcome {
    match task {
        Task::Features => features::run(),
        Task::Examples => examples(),
        Task::Recipes => recipes(),
        Task::Service => service::check::run(),
        Task::Readme => readme::run(),
        Task::Budgets => budgets::run(),
        Task::Size => bench::size(),
        Task::Layers => layers::run(),
        Task::Packages => packages::run(),
        Task::Phrases { below } => phrases::run(below.as_deref()),
        Task::Clients { require } => clients::run(*require),
        Task::Licenses => licenses::run(),
    }
}

fn examples() -> Outcome {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root().join("ecs-sdk/examples"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    cargo("build", &["build", "--quiet", "--package", "ecs-sdk", "--examples"])?;
    for name in &names {
        cargo(name, &["run", "--quiet", "--package", "ecs-sdk", "--example", name])?;
    }
    Ok(())
}

fn recipes() -> Outcome {
    let target = step::outside_target().to_string_lossy().into_owned();
    for folder in crate::recipes()? {
        let manifest = folder.join("Cargo.toml").to_string_lossy().into_owned();
        let own = ["--quiet", "--manifest-path", &manifest, "--target-dir", &target];
        let what = crate::shown(&folder);
        cargo(
            &format!("{what}: clippy"),
            &[&["clippy", "--all-targets"], &own[..], &["--", "-D", "warnings"]].concat(),
        )?;
        cargo(&format!("{what}: tests"), &[&["test"], &own[..]].concat())?;
    }
    Ok(())
}

fn cargo(what: &str, arguments: &[&str]) -> Outcome {
    step::cargo(what, arguments).map(|_| ())
}

#[cfg(all(test, unix))]
mod tests;
