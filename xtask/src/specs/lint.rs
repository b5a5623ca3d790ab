//! `cargo xtask spec lint`.

use std::{collections::BTreeSet, path::Path};

use clap::{Args, ValueEnum};
use ecs_codegen::{
    Diagnostics, count,
    draft::{self, Draft, Drafts},
    files, fix,
    load::{self, Tree},
    rules::{self, Rule},
    spec::Operation,
    suggest,
};
use serde_json::json;

use crate::{
    Outcome,
    place::{Place, below},
    shown,
};

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Report only violations in these services, families, files or operations
    #[arg(long, value_name = "SERVICE|FILE", value_delimiter = ',')]
    only: Vec<String>,
    /// Report violations of this level and above
    #[arg(long, value_enum, default_value = "warning")]
    level: Level,
    /// Fail if there is a violation of this level or above
    #[arg(long, value_enum, default_value = "error")]
    fail_on: Level,
    /// Treat violations of these rules as errors; `draft` rejects docs that are a draft
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<String>,
    /// Write the violations as JSON to standard output
    #[arg(long)]
    json: bool,
    /// Correct violations where this is safe, then report the others
    #[arg(long)]
    fix: bool,
    /// Explain a rule, or list all rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "all", exclusive = true)]
    explain: Option<String>,
}

/// The severity of violations.
#[derive(Clone, Copy, ValueEnum)]
enum Level {
    /// Suggestions
    Info,
    /// Source can be generated, but is probably wrong
    Warning,
    /// Source cannot be generated, or would not work
    Error,
}

impl From<Level> for rules::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Info => Self::Info,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// Checks the specs in a folder.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if let Some(rule) = &arguments.explain {
        return explain(rule);
    }
    let denied = arguments.deny.iter().map(|id| rules::find(id)).collect::<Result<Vec<_>, _>>()?;
    let specs = &arguments.place.folder()?;
    let mut folder = arguments.place.read()?;
    let selected = Selected::new(&arguments.only, specs, &folder)?;
    let (mut tree, mut found) = ecs_codegen::lint(folder.clone());
    if arguments.fix {
        let fixed = fix::fix(&tree.sources, &found.filter(|one| selected.contains(&one.path)));
        for file in &fixed {
            let path = specs.join(&file.path);
            files::replace(&path, &file.text)?;
            eprintln!("{:>8}  {} ({})", "fixed", shown(&path), count(file.count, "correction"));
        }
        folder = arguments.place.read()?;
        (tree, found) = ecs_codegen::lint(folder);
    }
    let found = found.deny(&denied);
    let found = found.filter(|one| selected.contains(&one.path));
    let complies = found.count(rules::Level::Error) + found.count(rules::Level::Warning) == 0;
    let fails = found.clone().filter(|one| one.level >= arguments.fail_on.into());
    // A violation that fails the command is shown.
    let shown_from = rules::Level::from(arguments.level).min(arguments.fail_on.into());
    let found = found.filter(|one| one.level >= shown_from);
    if arguments.json {
        println!("{}", report(&found, &tree, &selected));
    } else if !found.is_empty() {
        crate::output::report(format_args!("{found}"));
    }
    if !fails.is_empty() {
        return Err(format!(
            "the specs have {}; `cargo xtask spec lint --explain RULE` explains a rule",
            fails.summary()
        )
        .into());
    }
    if !arguments.json {
        let operations = operations(&tree, &selected);
        let what = match (complies, operations) {
            (true, 1) => "complies with all rules",
            (true, _) => "comply with all rules",
            (false, _) => "can be generated",
        };
        for drafts in draft::drafts(&tree, |path| selected.contains(path)) {
            println!("{}", draft_line(&drafts));
        }
        let services = tree.services.iter().filter(|service| {
            let path = |operation: &Operation| path(&service.name, operation);
            service.operations.iter().any(|operation| selected.contains(&path(operation)))
        });
        println!("{} of {} {what}", count(operations, "operation"), count(services.count(), "service"));
    }
    Ok(())
}

/// The number of operations that `--only` names, or of all.
fn operations(tree: &Tree, selected: &Selected) -> usize {
    let of_service = tree.services.iter().map(|service| {
        let paths = service.operations.iter().map(|operation| path(&service.name, operation));
        paths.filter(|path| selected.contains(path)).count()
    });
    of_service.sum()
}

/// The file of an operation.
fn path(service: &str, operation: &Operation) -> String {
    format!("{service}/{}/{}.json", operation.family, operation.operation)
}

/// The drafts of a service in one line.
fn draft_line(drafts: &Drafts<'_>) -> String {
    // Enough to see which import they come from, on one line.
    const MAX_LISTED_OPERATIONS: usize = 5;
    let Drafts { service, operations, missing } = drafts;
    let missing = match missing {
        1 => "1 is missing".to_owned(),
        missing => format!("{missing} are missing"),
    };
    if operations.is_empty() {
        return format!("the docs of {service} are a draft: {missing}");
    }
    let names: Vec<&str> = operations.iter().take(MAX_LISTED_OPERATIONS).map(|draft| draft.operation).collect();
    let more = match operations.len().saturating_sub(MAX_LISTED_OPERATIONS) {
        0 => String::new(),
        more => format!(" and {more} more; `--level info` lists all"),
    };
    let marked = count(operations.len(), "operation");
    format!("the docs of {marked} of {service} are a draft: {missing} ({}{more})", names.join(", "))
}

fn report(found: &Diagnostics, tree: &Tree, selected: &Selected) -> serde_json::Value {
    let drafts = draft::drafts(tree, |path| selected.contains(path)).into_iter().map(|drafts| {
        let of_operation = |one: &Draft<'_>| json!({ "operation": one.operation, "missing": one.missing });
        let operations: Vec<_> = drafts.operations.iter().map(of_operation).collect();
        json!({ "service": drafts.service, "operations": operations, "missing": drafts.missing })
    });
    json!({
        "operations": operations(tree, selected),
        "drafts": drafts.collect::<Vec<_>>(),
        "errors": found.count(rules::Level::Error),
        "warnings": found.count(rules::Level::Warning),
        "suggestions": found.count(rules::Level::Info),
        "violations": found.to_json(),
    })
}

/// The files that `--only` names.
struct Selected {
    /// Paths below the specs folder; empty for all.
    prefixes: Vec<String>,
}

impl Selected {
    fn new(only: &[String], specs: &Path, folder: &load::Folder) -> Result<Self, String> {
        let mut prefixes = Vec::new();
        for name in only {
            let path = below(name, specs);
            let files = folder.sources.iter().map(|source| &source.path);
            let files: Vec<&String> = files.chain(folder.mistakes.iter().map(|one| &one.path)).collect();
            let is_named = |file: &&&String| {
                // `service/family/Operation.json`
                let mut parts = file.trim_end_matches(".json").split('/').skip(1);
                is_below(file, &path) || is_below(file, &format!("{path}.json")) || parts.any(|part| part == path)
            };
            let named: Vec<String> = files.iter().filter(is_named).map(|file| (*file).clone()).collect();
            if named.is_empty() {
                let parts = files.iter().flat_map(|file| file.trim_end_matches(".json").split('/'));
                let known: Vec<&str> = parts.collect::<BTreeSet<_>>().into_iter().collect();
                let otherwise =
                    "name a service such as `ecs`, a family such as `ecs/instances`, an operation, or a file";
                let help = suggest::remedy(name, &known, otherwise);
                return Err(format!("`{name}` is neither a service nor a file of {}; {help}", shown(specs)));
            }
            prefixes.extend(named);
        }
        Ok(Self { prefixes })
    }

    fn contains(&self, path: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| is_below(path, prefix))
    }
}

fn is_below(file: &str, path: &str) -> bool {
    file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn explain(id: &str) -> Outcome {
    if id != "all" {
        println!("{}", rules::find(id)?.explain());
        return Ok(());
    }
    for Rule { id, level, summary, fixable, .. } in rules::all() {
        let fix = if *fixable { " (--fix)" } else { "" };
        println!("{id:<24} {level:<8} {summary}{fix}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ecs_codegen::Source;

    use super::*;

    fn folder() -> load::Folder {
        let files =
            ["ecs/service.json", "ecs/disks/StopDisk.json", "ecs/things/StopThing.json", "vpc/things/StopNet.json"];
        let sources = files.map(|path| Source { path: path.to_owned(), text: "{}".to_owned() });
        load::Folder::from(sources.to_vec())
    }

    fn selected(name: &str) -> Result<Vec<String>, String> {
        let folder = folder();
        let selected = Selected::new(&[name.to_owned()], Path::new("specs"), &folder)?;
        let paths = folder.sources.iter().map(|source| source.path.clone());
        Ok(paths.filter(|path| selected.contains(path)).collect())
    }

    #[test]
    fn services_families_files_and_operations_select() {
        for (name, expected) in [
            ("things", &["ecs/things/StopThing.json", "vpc/things/StopNet.json"][..]),
            ("ecs/things", &["ecs/things/StopThing.json"]),
            ("StopNet", &["vpc/things/StopNet.json"]),
            ("specs/ecs/service.json", &["ecs/service.json"]),
            (r"specs\ecs\disks\StopDisk.json", &["ecs/disks/StopDisk.json"]),
            ("vpc/", &["vpc/things/StopNet.json"]),
        ] {
            assert_eq!(selected(name).unwrap(), expected, "{name}");
        }
        let error = selected("StopThign").unwrap_err();
        assert!(error.contains("did you mean `StopThing`?"), "{error}");
    }

    #[test]
    fn only_selected_operations_are_counted() {
        let operation = |family: &str, name: &str| Source {
            path: format!("ecs/{family}/{name}.json"),
            text: format!(r#"{{ "operation": "{name}", "family": "{family}" }}"#),
        };
        let tree = load::from_files(vec![operation("disks", "StopDisk"), operation("things", "StopThing")]).unwrap();
        let only = |prefixes: &[&str]| Selected { prefixes: prefixes.iter().map(|path| (*path).to_owned()).collect() };
        assert_eq!(operations(&tree, &only(&[])), 2);
        assert_eq!(operations(&tree, &only(&["ecs/disks/StopDisk.json"])), 1);
        assert_eq!(operations(&tree, &only(&["sts"])), 0);
    }
}
