//! `cargo xtask spec …`.

mod diff;
mod drift;
mod lint;
mod pages;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use ecs_codegen::{
    files,
    fileset::Changes,
    fmt,
    import::{self, Kind, Policy, Report},
    load, scaffold,
    spec::Service,
    starter,
};

use crate::{Outcome, place::Place, service, shown, specs_dir, updates};

/// The marks and the exit status of an import.
const IMPORT_HELP: &str = "\
Marks of the report of an api-docs file, besides the decisions of the import itself:
  +  added: the specs did not have it
  ~  changed: the specs follow the file now (--accept)
  ≠  different: the file states another fact, and the specs keep theirs
  -  gone: the file does not have it, and the specs keep it
  =  kept: the specs keep what the file lacks, or what people decided
  ?  a decision of the specs that the file now agrees with; remove it
  !  a conflict that a person must resolve

Exit status:
  0  everything that was named is imported, or planned with --dry-run. Differences, decisions of the import, and
     pages of a folder that describe no operation, are listed, and are not failures.
  1  an input cannot be read or nothing in it can be imported; an operation is not written, because its page is in no
     known family and --family names none (all others are written); or, for an api-docs file, a conflict (!) remains or
     a decision no longer applies (?), although the files are written.
  2  the command line is invalid.";

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Update specs from a published api-docs file or from documentation pages, and keep hand-written content
    #[command(after_long_help = IMPORT_HELP)]
    Import {
        /// The api-docs file, or documentation pages and folders of them
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Operations to import, separated by commas [default: all]
        #[arg(long, value_delimiter = ',')]
        only: Option<Vec<String>>,
        /// Service to import into [default: the product named in the file]
        #[arg(long)]
        service: Option<String>,
        /// Also change the facts of members that the specs have to those of the file or page; without it, operations that
        /// exist are not changed by pages
        #[arg(long)]
        accept: bool,
        /// Print what would be written, and write nothing
        #[arg(long)]
        dry_run: bool,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        pages: pages::Arguments,
        #[command(flatten)]
        place: Place,
    },
    /// Format all spec files
    Fmt {
        /// Do not write files; fail if a file is not formatted
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Check spec files against all rules, and report every violation
    Lint(lint::Arguments),
    /// Write the JSON Schemas of spec files
    Schema {
        /// Do not write files; fail if a schema is out of date
        #[arg(long)]
        check: bool,
    },
    /// List the changes to the specs between git revisions, what they mean to users, and the version that they require
    Diff(diff::Arguments),
    /// Compare the specs with published descriptions of the API, and list every difference; fail if there are any
    #[command(alias = "coverage")]
    Drift {
        /// Files or folders: api-docs files, or the CLI's metadata of operations
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Service to compare with [default: the product named in the file, or by its folder]
        #[arg(long)]
        service: Option<String>,
        /// Print the differences as JSON
        #[arg(long)]
        json: bool,
    },
    /// Create the first version of the spec of an operation, which the api-docs files and documentation pages lack
    New {
        /// Service and family, such as `ecs/instances`
        family: String,
        /// Name of the operation
        operation: String,
        #[command(flatten)]
        place: Place,
    },
}

pub(crate) fn run(task: Task) -> Outcome {
    match task {
        Task::Import { files, service, accept, dry_run, json, pages, place, .. }
            if files.iter().all(|file| pages::is_page(file)) =>
        {
            if place.is_elsewhere() {
                return Err("pages are imported with --into DIR; --crate and --specs are for api-docs files".into());
            }
            pages::import(&files, service, accept, dry_run, json, pages)
        }
        Task::Import { files, only, service, accept, dry_run, json, place, .. } => {
            let [file] = &files[..] else { return Err("import one api-docs file at a time, or only pages".into()) };
            let folder = place.folder()?;
            let service = match service.or(place.service()?) {
                Some(service) => service,
                None => product(file, &folder)?,
            };
            if !folder.join(&service).join("service.json").is_file() {
                return Err(service::unknown(&service, file).into());
            }
            let policy = if accept { Policy::Accept } else { Policy::Add };
            let rpc = specs_dir().join("rpc.json");
            let plan = import::plan(policy, file, &folder, &rpc, &service, only.as_deref())?;
            let report = if dry_run { plan.report } else { plan.write()? };
            if json {
                println!("{:#}", report.to_json());
            } else {
                println!("{report}");
            }
            unresolved(&report)
        }
        Task::Fmt { check, place } => format(check, &place),
        Task::Lint(arguments) => lint::run(&arguments),
        Task::Schema { check } => schemas(check),
        Task::Diff(arguments) => diff::run(&arguments),
        Task::Drift { paths, service, json } => drift::run(&paths, service.as_deref(), json),
        Task::New { family, operation, place } => new(&family, &operation, &place),
    }
}

/// Returns an error if a report has conflicts, or decisions that no longer apply.
fn unresolved(report: &Report) -> Outcome {
    let mut problems = Vec::new();
    match report.count(Kind::Conflict) {
        0 => {}
        1 => problems.push("1 conflict must be resolved by a person; see the line with `!`".to_owned()),
        number => problems.push(format!("{number} conflicts must be resolved by a person; see the lines with `!`")),
    }
    match report.count(Kind::Agreed) {
        0 => {}
        1 => problems.push("1 of the specs' decisions no longer applies; see the line with `?`".to_owned()),
        number => problems.push(format!("{number} of the specs' decisions no longer apply; see the lines with `?`")),
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// The service of a file's product: that of the specs which has its product and, if there are several, its version.
fn product(file: &Path, specs: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let info = import::read_api(file)?.info;
    let mut known = Vec::new();
    for entry in fs::read_dir(specs).map_err(|error| format!("{}: {error}", specs.display()))? {
        let entry = entry?;
        // `spec lint` reports files that cannot be read.
        let Ok(text) = fs::read_to_string(entry.path().join("service.json")) else { continue };
        let Ok(service) = serde_json::from_str::<Service>(&text) else { continue };
        if service.product.eq_ignore_ascii_case(&info.product) {
            known.push((service.version != info.version, entry.file_name().to_string_lossy().into_owned()));
        }
    }
    let service = known.into_iter().min().map(|(_, name)| name);
    Ok(service.unwrap_or_else(|| scaffold::service_name(&info.product).0))
}

fn format(check: bool, place: &Place) -> Outcome {
    let mut wrong = Vec::new();
    let folder = place.folder()?;
    for source in load::read_dir(&folder)? {
        let path = folder.join(&source.path);
        let name = source.path.rsplit('/').next().unwrap_or_default();
        let text = match fmt::format_text_as(fmt::Kind::of_file(name), &source.text) {
            Ok(text) => text,
            // The loader names the position and the remedy.
            Err(error) => match load::from_files(vec![source]) {
                Err(mistakes) => return Err(mistakes.into()),
                Ok(_) => return Err(format!("{}: {error}", shown(&path)).into()),
            },
        };
        if text != source.text {
            if !check {
                files::replace(&path, &text)?;
            }
            // Invisible in an editor, and the reason for which a file can look formatted.
            let reason = if source.text.contains('\r') { ": CRLF line ends instead of LF" } else { "" };
            wrong.push(format!("{}{reason}", shown(&path)));
        }
    }
    for path in &wrong {
        println!("{:>8}  {path}", if check { "stale" } else { "changed" });
    }
    match (check, wrong.is_empty()) {
        (true, false) => {
            Err(format!("spec files are not formatted; run `cargo xtask spec fmt{}`", place.option()).into())
        }
        _ => Ok(()),
    }
}

fn schemas(check: bool) -> Outcome {
    let mut changes = Changes::default();
    updates::schemas(&specs_dir(), check, &mut changes)?;
    crate::output::print(format_args!("{}", updates::list(&changes, check)));
    match (check, changes.is_empty()) {
        (true, false) => Err("JSON Schemas are out of date; run `cargo xtask spec schema`".into()),
        _ => Ok(()),
    }
}

fn new(name: &str, operation: &str, place: &Place) -> Outcome {
    let source = starter::starter(&place.read()?, name, operation)?;
    let path = place.folder()?.join(&source.path);
    files::replace(&path, &source.text)?;
    println!("{:>8}  {}", "new", shown(&path));
    let option = place.option();
    // Only the repository and crates have generated source.
    let generate = if place.specs.is_some() { String::new() } else { format!(" and `cargo xtask codegen{option}`") };
    println!(
        "write its parameters, response and docs, remove \"docs\": \"draft\", and run `cargo xtask spec lint{option}`{generate}"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::{Parser, error::ErrorKind};

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(subcommand)]
        _task: Task,
    }

    fn error(apis: &str, specs: &Path) -> Option<String> {
        let file = specs.parent().unwrap().join("api-docs.json");
        let info = r#""info": { "product": "Ecs", "version": "2014-05-26" }"#;
        fs::write(&file, format!("{{ {info}, \"apis\": {apis} }}")).unwrap();
        let plan = import::plan(Policy::Add, &file, specs, &specs.join("rpc.json"), "ecs", None).unwrap();
        unresolved(&plan.report).err().map(|error| error.to_string())
    }

    #[test]
    fn conflicts_and_decisions_that_no_longer_apply_fail_an_import() {
        let folder = tempfile::tempdir().unwrap();
        let specs = folder.path().join("specs");
        fs::create_dir_all(specs.join("ecs/things")).unwrap();
        let size = r#"{ "name": "Size", "type": "i32", "max": 9, "decided": { "max": "The service accepts nine." } }"#;
        let spec = format!(
            r#"{{ "operation": "StopThing", "family": "things", "doc": "Stops a thing.", "response": [],
                 "request": [{size}, {{ "name": "Tag", "type": ["Tag"], "wire": "repeat", "doc": "The tags." }}] }}"#
        );
        fs::write(specs.join("ecs/things/StopThing.json"), spec).unwrap();
        let tag =
            r#"{ "Tag": { "doc": "A tag.", "fields": [{ "name": "Key", "type": "string", "doc": "Its key." }] } }"#;
        fs::write(specs.join("ecs/types.json"), tag).unwrap();
        let apis = |max: u32, member: &str| {
            format!(
                r#"{{ "StopThing": {{ "parameters": [
                    {{ "name": "Size", "in": "query", "schema": {{ "type": "integer", "maximum": {max} }} }},
                    {{ "name": "Tag", "in": "query", "style": "repeatList", "schema": {{ "type": "array", "items":
                        {{ "type": "object", "properties": {{ "{member}": {{ "type": "string" }} }} }} }} }}
                ] }} }}"#
            )
        };
        assert_eq!(error(&apis(8, "Key"), &specs), None);
        let agreed = "1 of the specs' decisions no longer applies; see the line with `?`";
        assert_eq!(error(&apis(9, "Key"), &specs).as_deref(), Some(agreed));
        let conflict = "1 conflict must be resolved by a person; see the line with `!`";
        assert_eq!(error(&apis(8, "Scope"), &specs).as_deref(), Some(conflict));
        assert_eq!(error(&apis(9, "Scope"), &specs), Some(format!("{conflict}\n{agreed}")));
    }

    #[test]
    fn the_long_help_of_an_import_states_the_exit_status() {
        let Err(help) = Arguments::try_parse_from(["spec", "import", "--help"]) else { panic!("the help") };
        assert_eq!(help.kind(), ErrorKind::DisplayHelp);
        let text = help.to_string();
        assert!(
            text.contains("Exit status:\n  0  everything that was named is imported") && text.contains("!  a conflict"),
            "{text}"
        );
    }
}
