//! `cargo xtask codegen`.

use std::{fs, path::PathBuf, time::Instant};

use ecs_codegen::{
    features,
    fileset::{Changes, FileSet},
    load,
};

use crate::{Outcome, root, shown, specs_dir};

/// Generates the source, or checks that it is fresh.
pub(crate) fn run(check: bool) -> Outcome {
    let started = Instant::now();
    let sources = load::read_dir(&specs_dir())?;
    let (tree, output) = ecs_codegen::generate(sources)?;
    let sets = [
        (output.sdk, root().join("ecs-sdk/src/generated")),
        (output.types, root().join("ecs-sdk/types/src/generated")),
        (output.runtime, root().join("ecs-sdk/runtime/src/generated")),
    ];
    let mut stale = Vec::new();
    for (path, features) in
        [("ecs-sdk/Cargo.toml", features::sdk(&tree)), ("ecs-sdk/types/Cargo.toml", features::types(&tree))]
    {
        let manifest = root().join(path);
        let old = fs::read_to_string(&manifest)?;
        let new = features::update(&old, features)?;
        if old != new {
            if !check {
                fs::write(&manifest, new)?;
            }
            stale.push(manifest);
        }
    }
    let operations: usize = tree.services.iter().map(|service| service.operations.len()).sum();
    let files: usize = sets.iter().map(|(files, _)| files.len()).sum();
    let lines: usize = sets.iter().flat_map(|(files, _)| files.iter()).map(|(_, text)| text.lines().count()).sum();
    let facts = format!("{operations} operations, {files} files, {lines} lines");
    if check { check_fresh(&sets, stale, &facts) } else { write(&sets, stale, &facts) }?;
    println!("{:>8}  {:.2} s", "took", started.elapsed().as_secs_f64());
    Ok(())
}

fn check_fresh(sets: &[(FileSet, PathBuf)], stale: Vec<PathBuf>, facts: &str) -> Outcome {
    let mut all = Changes { stale, ..Changes::default() };
    for (files, folder) in sets {
        all.extend(files.compare(folder)?);
    }
    if all.is_empty() {
        println!("{:>8}  {facts}", "fresh");
        return Ok(());
    }
    let mut text = String::new();
    for (kind, paths) in [("stale", &all.stale), ("missing", &all.missing), ("orphan", &all.orphan)] {
        for path in paths {
            text.push_str(&format!("{kind:>8}  {}\n", shown(path)));
        }
    }
    Err(format!(
        "{text}the generated source is not what the specs give; run `cargo xtask codegen` and commit the result"
    )
    .into())
}

fn write(sets: &[(FileSet, PathBuf)], stale: Vec<PathBuf>, facts: &str) -> Outcome {
    let mut all = Changes { stale, ..Changes::default() };
    for (files, folder) in sets {
        all.extend(files.write(folder)?);
    }
    for (what, paths) in [("changed", &all.stale), ("new", &all.missing), ("removed", &all.orphan)] {
        for path in paths {
            println!("{what:>8}  {}", shown(path));
        }
    }
    println!("{:>8}  {facts}", if all.is_empty() { "same" } else { "done" });
    Ok(())
}
