//! `cargo xtask spec lint`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use ecs_codegen::{
    Diagnostics, count,
    draft::{self, Draft, Drafts},
    files, fix,
    load::{self, Tree},
    rules::{self, Rule},
};
use serde_json::json;

use crate::{Outcome, place::Place, shown};

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
    let fails = found.clone().filter(|one| selected.contains(&one.path) && one.level >= arguments.fail_on.into());
    let found = found.filter(|one| selected.contains(&one.path) && one.level >= arguments.level.into());
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
        let what = if found.is_empty() { "comply with all rules" } else { "can be generated" };
        for drafts in draft::drafts(&tree, |path| selected.contains(path)) {
            println!("{}", draft_line(&drafts));
        }
        println!("{} of {} {what}", count(operations(&tree), "operation"), count(tree.services.len(), "service"));
    }
    Ok(())
}

/// The number of operations.
fn operations(tree: &Tree) -> usize {
    tree.services.iter().map(|service| service.operations.len()).sum()
}

/// The drafts of a service in one line.
fn draft_line(drafts: &Drafts<'_>) -> String {
    const SHOWN: usize = 5;
    let Drafts { service, operations, missing } = drafts;
    let missing = match missing {
        1 => "1 is missing".to_owned(),
        missing => format!("{missing} are missing"),
    };
    if operations.is_empty() {
        return format!("the docs of {service} are a draft: {missing}");
    }
    let names: Vec<&str> = operations.iter().take(SHOWN).map(|draft| draft.operation).collect();
    let more = match operations.len().saturating_sub(SHOWN) {
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
        "operations": operations(tree),
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
            let files = files.chain(folder.mistakes.iter().map(|one| &one.path));
            let is_operation = |file: &&String| file.ends_with(&format!("/{name}.json"));
            let known: Vec<&String> = files.filter(|file| is_below(file, &path) || is_operation(file)).collect();
            match known.iter().find(|file| is_operation(file)) {
                Some(file) => prefixes.push((*file).clone()),
                None if known.is_empty() => {
                    return Err(format!(
                        "`{name}` is neither a service nor a file of {}; name a service such as `ecs`, a family such as \
                         `ecs/instances`, an operation, or a file",
                        shown(specs)
                    ));
                }
                None => prefixes.push(path),
            }
        }
        Ok(Self { prefixes })
    }

    fn contains(&self, path: &str) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| is_below(path, prefix))
    }
}

/// A name as a path below the specs folder.
fn below(name: &str, specs: &Path) -> String {
    let absolute = PathBuf::from(name).canonicalize().ok();
    let inside = absolute.as_deref().zip(specs.canonicalize().ok());
    let inside =
        inside.and_then(|(path, specs)| Some(path.strip_prefix(specs).ok()?.to_string_lossy().replace('\\', "/")));
    let path = inside.filter(|path| !path.is_empty()).unwrap_or_else(|| name.to_owned());
    path.trim_start_matches("./").trim_start_matches("specs/").trim_end_matches('/').to_owned()
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
