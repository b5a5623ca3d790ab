//! `cargo xtask codegen`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use ecs_codegen::{
    excerpt, facts, features, files,
    fileset::{Changes, FileSet},
    load, schema,
    spec::Gate,
};

use crate::{
    Outcome, guide,
    place::{self, Place},
    root, runtime_examples, shown, specs_dir,
};

/// Files that are copied into a crate, because a package cannot contain files from outside its folder.
const COPIES: &[(&str, &str)] =
    &[("ecs-sdk/runtime/tests/data/signatures.json", "emulator/tests/data/signatures.json")];

/// Generates the source, or checks that it is up to date.
pub(crate) fn run(check: bool) -> Outcome {
    let started = Instant::now();
    let sources = load::read_folder(&specs_dir())?;
    let (tree, output) = ecs_codegen::generate(sources)?;
    if let Some(service) = tree.services.iter().find(|service| service.service.gate == Gate::Crate) {
        let name = &service.name;
        return Err(format!(
            "specs/{name}/service.json has the gate `crate`, which is for specs outside specs/; use `service`"
        )
        .into());
    }
    let (_, golden) = ecs_codegen::generate(load::read_dir(&root().join("codegen/tests/golden/specs"))?)?;
    let list = fs::read_to_string(root().join("ecs-sdk/testing/operations.txt"))?;
    let testing = ecs_codegen::generate_excerpt(&tree, &excerpt::parse(&list))?;
    let mut emulator = FileSet::default();
    emulator.insert("specs.txt".to_owned(), facts::write(&tree));
    let sets = [
        (output.sdk, "ecs-sdk/src/generated"),
        (output.types, "ecs-sdk/types/src/generated"),
        (output.runtime, "ecs-sdk/runtime/src/generated"),
        (golden.sdk, "ecs-sdk/src/golden"),
        (emulator, "emulator/src/generated"),
        (testing, "ecs-sdk/testing/src/generated"),
    ];
    let mut changes = Changes::default();
    for (files, folder) in &sets {
        let folder = root().join(folder);
        changes.extend(if check { files.compare(&folder) } else { files.write(&folder) }?);
    }
    for (path, features) in
        [("ecs-sdk/Cargo.toml", features::sdk(&tree)), ("ecs-sdk/types/Cargo.toml", features::types(&tree))]
    {
        let manifest = features::update(&fs::read_to_string(root().join(path))?, features)?;
        update(&root().join(path), &manifest, check, &mut changes)?;
    }
    update(&root().join("ecs-sdk/README.md"), &readme()?, check, &mut changes)?;
    update(&root().join("ecs-sdk/src/runtime_examples.rs"), &runtime_examples::file()?, check, &mut changes)?;
    for (name, text) in guide::edition()? {
        update(&root().join("docs").join(name), &text, check, &mut changes)?;
    }
    for (name, text) in schema::schemas() {
        update(&specs_dir().join(name), &text, check, &mut changes)?;
    }
    for (from, to) in COPIES {
        update(&root().join(to), &fs::read_to_string(root().join(from))?, check, &mut changes)?;
    }
    let operations: usize = tree.services.iter().map(|service| service.operations.len()).sum();
    let files: usize = sets.iter().map(|(files, _)| files.len()).sum();
    let lines: usize = sets.iter().flat_map(|(files, _)| files.iter()).map(|(_, text)| text.lines().count()).sum();
    let remedy = "run `cargo xtask codegen` and commit the result";
    report(check, &changes, &format!("{operations} operations, {files} files, {lines} lines"), remedy)?;
    println!("{:>8}  {:.2} s", "took", started.elapsed().as_secs_f64());
    Ok(())
}

/// Generates the source of a crate of its own, or checks that it is up to date.
pub(crate) fn package(folder: &Path, check: bool) -> Outcome {
    let started = Instant::now();
    let place = Place { package: Some(folder.to_owned()), specs: None };
    let tree = place.check()?;
    let files = ecs_codegen::generate_crate(&tree, &place::library(folder)?)?;
    let generated = folder.join("src/generated");
    let mut changes = if check { files.compare(&generated) } else { files.write(&generated) }?;
    for (name, text) in schema::schemas() {
        update(&place.folder()?.join(name), &text, check, &mut changes)?;
    }
    let operations: usize = tree.services.iter().map(|service| service.operations.len()).sum();
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    let remedy = format!("run `cargo xtask codegen --crate {}`", folder.display());
    report(check, &changes, &format!("{operations} operations, {} files, {lines} lines", files.len()), &remedy)?;
    println!("{:>8}  {:.2} s", "took", started.elapsed().as_secs_f64());
    Ok(())
}

/// Writes a file if it differs, or with `check` only records that it does.
fn update(path: &Path, text: &str, check: bool, changes: &mut Changes) -> io::Result<()> {
    let current = match fs::read_to_string(path) {
        Ok(current) => Some(current),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if current.as_deref() == Some(text) {
        return Ok(());
    }
    if !check {
        files::replace(path, text)?;
    }
    let kind: &mut Vec<PathBuf> = if current.is_some() { &mut changes.stale } else { &mut changes.missing };
    kind.push(path.to_owned());
    Ok(())
}

/// Returns the README of the workspace for the package ecs-sdk, with links adjusted to its folder.
fn readme() -> io::Result<String> {
    let text = fs::read_to_string(root().join("README.md"))?;
    let mut parts = text.split("](");
    let mut readme =
        "<!-- @generated by `cargo xtask codegen` from ../README.md; edit that instead. -->\n\n".to_owned();
    readme.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let relative = !part.starts_with("http") && !part.starts_with('#');
        readme.push_str(if relative { "](../" } else { "](" });
        readme.push_str(part);
    }
    Ok(readme)
}

fn report(check: bool, changes: &Changes, facts: &str, remedy: &str) -> Outcome {
    let kinds = if check { ["stale", "missing", "orphan"] } else { ["changed", "new", "removed"] };
    let mut text = String::new();
    for (kind, paths) in kinds.iter().zip([&changes.stale, &changes.missing, &changes.orphan]) {
        for path in paths {
            text.push_str(&format!("{kind:>8}  {}\n", shown(path)));
        }
    }
    for path in &changes.foreign {
        text.push_str(&format!("{:>8}  {}: not generated; move it elsewhere, or remove it\n", "kept", shown(path)));
    }
    let outcome = match (check, changes.is_empty()) {
        (_, true) => "fresh",
        (true, false) => {
            return Err(format!("{text}generated files are stale; {remedy}").into());
        }
        (false, false) => "done",
    };
    println!("{text}{outcome:>8}  {facts}");
    Ok(())
}
