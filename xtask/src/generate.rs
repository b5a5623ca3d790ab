//! `cargo xtask codegen`.

use std::{fs, time::Instant};

use ecs_codegen::{features, fileset::Changes, load};

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
    let mut changes = Changes { stale, ..Changes::default() };
    for (files, folder) in &sets {
        changes.extend(if check { files.compare(folder) } else { files.write(folder) }?);
    }
    report(check, &changes, &facts)?;
    println!("{:>8}  {:.2} s", "took", started.elapsed().as_secs_f64());
    Ok(())
}

fn report(check: bool, changes: &Changes, facts: &str) -> Outcome {
    let kinds = if check { ["stale", "missing", "orphan"] } else { ["changed", "new", "removed"] };
    let mut text = String::new();
    for (kind, paths) in kinds.iter().zip([&changes.stale, &changes.missing, &changes.orphan]) {
        for path in paths {
            text.push_str(&format!("{kind:>8}  {}\n", shown(path)));
        }
    }
    let outcome = match (check, changes.is_empty()) {
        (true, true) => "fresh",
        (true, false) => {
            let remedy = "run `cargo xtask codegen` and commit the result";
            return Err(format!("{text}the generated source is not what the specs give; {remedy}").into());
        }
        (false, true) => "same",
        (false, false) => "done",
    };
    println!("{text}{outcome:>8}  {facts}");
    Ok(())
}
