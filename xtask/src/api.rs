//! `cargo xtask api`: a snapshot of the public API of ecs-sdk, so that API changes are visible in review.
//!
//! The snapshot is made from source alone and needs no nightly toolchain: it reads the modules of the crates of ecs-sdk, expands
//! their macros, and lists the items that users can reach from the root of ecs-sdk, one per line.

mod cfg;
mod lines;
mod macros;
mod reach;
mod source;
mod surface;
mod text;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, fs, path::Path};

use ecs_codegen::features;

use self::source::{ReadFile, Source};
use crate::{Outcome, root};

/// The crates that make up ecs-sdk, each after its dependencies.
const CRATES: &[(&str, &str)] = &[
    ("ecs_sdk_model", "ecs-sdk/model/src/lib.rs"),
    ("ecs_sdk_runtime", "ecs-sdk/runtime/src/lib.rs"),
    ("ecs_sdk_types", "ecs-sdk/types/src/lib.rs"),
    ("ecs_sdk_companions", "ecs-sdk/companions/src/lib.rs"),
    ("ecs_sdk", "ecs-sdk/src/lib.rs"),
];

/// The manifest with the features for users.
const MANIFEST: &str = "ecs-sdk/Cargo.toml";

const SNAPSHOT: &str = "ecs-sdk/public-api.txt";

const HEADER: &str = "# The public API of ecs-sdk, written by `cargo xtask api`: one line per item. `[if x]` names the feature `x` that it needs\n\
                      # in addition to those of its type or module.";

/// Number of changed lines shown.
const MAX_SHOWN_LINES: usize = 40;

/// Writes the snapshot, or checks that it is up to date.
pub(crate) fn run(check: bool) -> Outcome {
    let path = root().join(SNAPSHOT);
    let new = snapshot(&|path: &Path| fs::read_to_string(path).ok())?;
    let old = fs::read_to_string(&path).unwrap_or_default();
    let changes = changes(&old, &new);
    if changes.is_empty() {
        println!("   fresh  {} lines", new.lines().count());
        return Ok(());
    }
    for line in changes.iter().take(MAX_SHOWN_LINES) {
        println!("{line}");
    }
    if changes.len() > MAX_SHOWN_LINES {
        println!("… and {} more lines", changes.len() - MAX_SHOWN_LINES);
    }
    if check {
        return Err(format!("{SNAPSHOT} is out of date; run `cargo xtask api` and commit the result").into());
    }
    fs::write(path, &new)?;
    println!(" changed  {SNAPSHOT}, {} lines", new.lines().count());
    Ok(())
}

/// Returns the snapshot of the source that `read` returns.
fn snapshot(read: &ReadFile<'_>) -> Result<String, String> {
    let crates: Vec<_> = CRATES.iter().map(|(name, file)| (*name, root().join(file))).collect();
    let source = Source::read(&crates, read)?;
    let mut lines = feature_lines(&read(&root().join(MANIFEST)).unwrap_or_default())?;
    lines.extend(surface::lines(&source, source.root("ecs_sdk")));
    // Users can name items of the other crates only through re-exports.
    let below =
        |line: &&String| CRATES.iter().any(|(name, _)| *name != "ecs_sdk" && line.contains(&format!("{name}::")));
    if let Some(line) = lines.iter().find(below) {
        return Err(format!(
            "this item names another one that users cannot reach; hide it, or re-export the other one: {line}"
        ));
    }
    Ok(format!("{HEADER}\n{}\n", lines.join("\n")))
}

/// Returns the features of a manifest, each with the features of the same crate that it turns on.
fn feature_lines(manifest: &str) -> Result<Vec<String>, String> {
    let features = features::read(manifest).map_err(|error| format!("{MANIFEST}: {error}"))?;
    let line = |(name, enabled): (&String, &Vec<String>)| {
        let own: Vec<&str> = enabled.iter().map(String::as_str).filter(|part| features.contains_key(*part)).collect();
        if own.is_empty() { format!("feature {name}") } else { format!("feature {name} = {}", own.join(" + ")) }
    };
    Ok(features.iter().map(line).collect())
}

/// Returns the lines that only one of the snapshots has.
fn changes(old: &str, new: &str) -> Vec<String> {
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (old.lines().collect(), new.lines().collect());
    let removed = before.difference(&after).map(|line| format!("- {line}"));
    removed.chain(after.difference(&before).map(|line| format!("+ {line}"))).collect()
}
