//! `cargo xtask codegen`.

mod report;
mod selection;
mod stages;
mod watch;

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use ecs_codegen::{
    emit, excerpt, facts, features,
    fileset::{Changes, FileSet},
    load::Tree,
    lower,
    model::{Operation, Service},
    spec::Gate,
};

use crate::{
    Outcome, form, guide,
    place::{self, Place},
    root, runtime_examples, shell, specs_dir,
    updates::{self, update},
};
use report::Report;
use selection::Selection;
use stages::Stages;

/// Files that are copied into a crate, because a package cannot contain files from outside its folder.
const COPIES: &[(&str, &str)] =
    &[("ecs-sdk/runtime/tests/data/signatures.json", "emulator/tests/data/signatures.json")];

const EXIT_STATUS: &str = "\
Exit status: 0 if the source is up to date or was written; 1 if the specs have errors, if --check found
differences, if a name or folder is unknown, or if a file cannot be read or written; 2 if the command line is
invalid. --watch continues after errors until Ctrl-C. Files in generated folders that codegen did not write are
kept and listed, and are not a difference.";

const LONG_HELP: &str = "\
Exit status:
  0  the source is up to date, or was written
  1  the specs have errors, --check found differences, a name or folder is unknown, or a file cannot be read or
     written
  2  the command line is invalid
--watch continues after errors until Ctrl-C.

--json writes one object:
  status      `fresh` (nothing differs), `written`, `stale` (only with --check) or `failed`
  operations, files, lines    size of the generated source
  changed, new, removed       without --check: files that were written or removed
  stale, missing, orphan      with --check: files that differ, do not exist, or are no longer generated
  kept        other files in generated folders; they are not a difference
  stages      name and duration (`ms`) of each stage
  ms          duration in milliseconds
If the status is `failed`, the object has `status`, `message` and `violations` only. The violations are those of
`spec lint --json`.";

#[derive(Args, Clone, Default)]
#[command(after_help = EXIT_STATUS, after_long_help = LONG_HELP)]
pub(crate) struct Arguments {
    /// Do not write files; fail if the generated source does not match the specs
    #[arg(long)]
    check: bool,
    /// Generate the source of this crate instead, which `cargo xtask service new` wrote
    #[arg(long = "crate", value_name = "DIR")]
    package: Option<PathBuf>,
    /// Generate only these services, families or operations, and what operations have in common
    #[arg(long, value_name = "SERVICE|FAMILY|OPERATION", value_delimiter = ',')]
    only: Vec<String>,
    /// Generate again whenever a spec changes, until Ctrl-C is pressed
    #[arg(long, conflicts_with_all = ["check", "json"])]
    watch: bool,
    /// Write the result as JSON to standard output
    #[arg(long)]
    json: bool,
}

/// Generates the source, or checks that it is up to date.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.watch {
        return watch::run(arguments);
    }
    match generate(arguments) {
        Ok(report) => report.write(arguments.json),
        Err(error) if arguments.json => Err(report::write_error(&*error)),
        Err(error) => Err(error),
    }
}

/// Checks that the generated source is up to date.
pub(crate) fn check() -> Outcome {
    run(&Arguments { check: true, ..Arguments::default() })
}

/// Generates the source of a crate of its own, or checks that it is up to date.
pub(crate) fn of_crate(folder: &Path, check: bool) -> Outcome {
    run(&Arguments { check, package: Some(folder.to_owned()), ..Arguments::default() })
}

fn generate(arguments: &Arguments) -> Result<Report, Box<dyn std::error::Error>> {
    match &arguments.package {
        Some(folder) => package(folder, arguments),
        None => repository(arguments),
    }
}

/// Reads the specs, and checks them. The warnings are only counted.
fn read(place: &Place, stages: &mut Stages) -> Result<Tree, Box<dyn std::error::Error>> {
    let folder = stages.measure("read", || place.read())?;
    Ok(stages.measure("check", || ecs_codegen::check(folder))?)
}

/// Generates the source of this repository.
fn repository(arguments: &Arguments) -> Result<Report, Box<dyn std::error::Error>> {
    let check = arguments.check;
    let mut stages = Stages::start();
    let tree = read(&Place::default(), &mut stages)?;
    if let Some(service) = tree.services.iter().find(|service| service.service.gate == Gate::Crate) {
        let name = &service.name;
        return Err(format!(
            "specs/{name}/service.json has the gate `crate`, which is for specs outside specs/; use `service`"
        )
        .into());
    }
    let selection = Selection::new(&arguments.only, &tree, &specs_dir())?;
    let model = stages.measure("resolve", || lower::lower(&tree));
    let select = |service: &Service, operation: &Operation| selection.contains(service, operation);
    let output = stages.progress("generate", selection.count(&tree), |done| emit::emit_with(&model, &select, done));
    let mut emulator = FileSet::default();
    emulator.insert("specs.txt".to_owned(), facts::write(&tree));
    let mut sets = vec![
        (output.sdk, "ecs-sdk/src/generated"),
        (output.types, "ecs-sdk/types/src/generated"),
        (output.companions, "ecs-sdk/companions/src/generated"),
        (output.runtime, "ecs-sdk/runtime/src/generated"),
        (emulator, "emulator/src/generated"),
    ];
    let form = if selection.is_all() {
        let golden = stages.measure("tests", || for_tests(&tree, &mut sets))?;
        form::fingerprint(&golden)?
    } else {
        form::current()?
    };
    let mut of_model = FileSet::default();
    of_model.insert("mod.rs".to_owned(), emit::form_module(&form));
    sets.push((of_model, "ecs-sdk/model/src/generated"));
    let mut changes = Changes::default();
    stages.measure(if check { "compare" } else { "write" }, || -> Result<(), Box<dyn std::error::Error>> {
        for (files, folder) in &sets {
            let folder = root().join(folder);
            changes.extend(if check { files.compare(&folder) } else { files.write(&folder) }?);
        }
        if selection.is_all() { others(&tree, check, &mut changes) } else { Ok(()) }
    })?;
    let remedy = "run `cargo xtask codegen` and commit the result".to_owned();
    let sets: Vec<&FileSet> = sets.iter().map(|(files, _)| files).collect();
    Ok(Report::new(check, changes, selection.count(&tree), &sets, stages, remedy))
}

/// Adds the source for the unit tests of the generator and of the runtime. Returns that of the golden specs.
fn for_tests(tree: &Tree, sets: &mut Vec<(FileSet, &str)>) -> Result<FileSet, Box<dyn std::error::Error>> {
    let golden = Place { package: None, specs: Some(root().join("codegen/tests/golden/specs")) };
    let (_, golden) = ecs_codegen::generate(golden.read()?)?;
    let list = text("ecs-sdk/testing/operations.txt")?;
    let testing = ecs_codegen::generate_excerpt(tree, &excerpt::parse(&list))?;
    sets.extend([(golden.sdk.clone(), "ecs-sdk/src/golden"), (testing, "ecs-sdk/testing/src/generated")]);
    Ok(golden.sdk)
}

/// Writes the files that are not source, or compares them.
fn others(tree: &Tree, check: bool, changes: &mut Changes) -> Outcome {
    for (path, features) in [
        ("ecs-sdk/Cargo.toml", features::sdk(tree)),
        ("ecs-sdk/types/Cargo.toml", features::types(tree)),
        ("ecs-sdk/companions/Cargo.toml", features::companions(tree)),
    ] {
        let manifest = features::update(&text(path)?, features)?;
        update(&root().join(path), &manifest, check, changes)?;
    }
    update(&root().join("ecs-sdk/README.md"), &readme()?, check, changes)?;
    let examples = runtime_examples::file(&features::companions(tree))?;
    update(&root().join("ecs-sdk/src/runtime_examples.rs"), &examples, check, changes)?;
    for (name, text) in guide::edition()? {
        update(&root().join("docs").join(name), &text, check, changes)?;
    }
    updates::schemas(&specs_dir(), check, changes)?;
    for (from, to) in COPIES {
        update(&root().join(to), &text(from)?, check, changes)?;
    }
    Ok(())
}

/// Generates the source of a crate of its own.
fn package(folder: &Path, arguments: &Arguments) -> Result<Report, Box<dyn std::error::Error>> {
    let check = arguments.check;
    let mut stages = Stages::start();
    let place = Place { package: Some(folder.to_owned()), specs: None };
    let tree = read(&place, &mut stages)?;
    let selection = Selection::new(&arguments.only, &tree, &place.folder()?)?;
    let (library, form) = (place::library(folder)?, form::current()?);
    let model = stages.measure("resolve", || ecs_codegen::lower_crate(&tree, &library))?;
    let select = |service: &Service, operation: &Operation| selection.contains(service, operation);
    let files =
        stages.progress("generate", selection.count(&tree), |done| emit::emit_crate(&model, &form, &select, done));
    let mut changes = Changes::default();
    stages.measure(if check { "compare" } else { "write" }, || -> Result<(), Box<dyn std::error::Error>> {
        let generated = folder.join("src/generated");
        changes.extend(if check { files.compare(&generated) } else { files.write(&generated) }?);
        Ok(updates::schemas(&place.folder()?, check, &mut changes)?)
    })?;
    let remedy = format!("run `cargo xtask codegen --crate {}`", shell::word(folder));
    Ok(Report::new(check, changes, selection.count(&tree), &[&files], stages, remedy))
}

/// Reads a file of the workspace.
fn text(path: &str) -> io::Result<String> {
    updates::read(&root().join(path))
}

/// Returns the README of the workspace for the package ecs-sdk, with links adjusted to its folder.
fn readme() -> io::Result<String> {
    let text = text("README.md")?;
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
