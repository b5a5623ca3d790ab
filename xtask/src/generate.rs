//! `cargo xtask codegen`.

use std::{fs, time::Instant};

use ecs_codegen::{fileset::FileSet, load};

use crate::{Outcome, root, shown, specs_dir};

/// Generates the source, or checks that it is fresh.
pub(crate) fn run(check: bool) -> Outcome {
    let started = Instant::now();
    let sources = load::read_dir(&specs_dir())?;
    let (tree, files) = ecs_codegen::generate(sources)?;
    let operations: usize = tree.services.iter().map(|service| service.operations.len()).sum();
    let manifest = root().join("ecs-sdk/Cargo.toml");
    let old = fs::read_to_string(&manifest)?;
    let new = ecs_codegen::features::update(&old, &tree)?;
    let folder = root().join("ecs-sdk/src/generated");
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    let facts = format!("{operations} operations, {} files, {lines} lines", files.len());
    if check {
        check_fresh(&files, &folder, &old, &new, &facts)
    } else {
        write(&files, &folder, &manifest, &old, &new, &facts)
    }?;
    println!("{:>8}  {:.2} s", "took", started.elapsed().as_secs_f64());
    Ok(())
}

fn check_fresh(files: &FileSet, folder: &std::path::Path, old: &str, new: &str, facts: &str) -> Outcome {
    let mut changes = files.compare(folder)?;
    if old != new {
        changes.stale.push(root().join("ecs-sdk/Cargo.toml"));
    }
    if changes.is_empty() {
        println!("{:>8}  {facts}", "fresh");
        return Ok(());
    }
    let mut text = String::new();
    for (kind, paths) in [("stale", &changes.stale), ("missing", &changes.missing), ("orphan", &changes.orphan)] {
        for path in paths {
            text.push_str(&format!("{kind:>8}  {}\n", shown(path)));
        }
    }
    Err(format!(
        "{text}the generated source is not what the specs give; run `cargo xtask codegen` and commit the result"
    )
    .into())
}

fn write(
    files: &FileSet,
    folder: &std::path::Path,
    manifest: &std::path::Path,
    old: &str,
    new: &str,
    facts: &str,
) -> Outcome {
    let changes = files.write(folder)?;
    for (what, paths) in [("changed", &changes.stale), ("new", &changes.missing), ("removed", &changes.orphan)] {
        for path in paths {
            println!("{what:>8}  {}", shown(path));
        }
    }
    if old != new {
        fs::write(manifest, new)?;
        println!("{:>8}  {}", "changed", shown(manifest));
    }
    println!("{:>8}  {facts}", if changes.is_empty() { "same" } else { "done" });
    Ok(())
}
