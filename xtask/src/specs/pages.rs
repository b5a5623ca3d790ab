//! `cargo xtask spec import PAGE…`: specs from documentation pages.

use std::path::{Path, PathBuf};

use clap::Args;
use ecs_codegen::{
    count,
    import::Kind,
    pages::{self, NoteKind, Options, Written},
};

use crate::{Outcome, shown, specs_dir};

/// Options of an import that only concern pages.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Write the operations of pages to a tree of their own, and read no curated spec
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Family of the new operations of pages [default: the folder of the page, or else `main`]
    #[arg(long)]
    family: Option<String>,
}

/// Whether a path is that of a page or of a folder of pages, and not of an api-docs file.
pub(crate) fn is_page(path: &Path) -> bool {
    let is_page = |end: &str| ["md", "markdown", "txt"].contains(&end);
    path.is_dir() || path.extension().and_then(|end| end.to_str()).is_some_and(is_page)
}

/// Imports pages.
pub(crate) fn import(
    paths: &[PathBuf],
    service: Option<String>,
    accept: bool,
    dry_run: bool,
    is_json: bool,
    arguments: Arguments,
) -> Outcome {
    let Arguments { into, family } = arguments;
    let options = Options {
        is_own_tree: into.is_some(),
        specs: into.unwrap_or_else(specs_dir),
        service: service.unwrap_or_else(|| "ecs".to_owned()),
        family,
        accept,
        dry_run,
    };
    let written = pages::run(paths, &options)?;
    if is_json {
        println!("{:#}", written.to_json());
    } else {
        print(&written, &options);
    }
    match &written.unwritten[..] {
        [] => Ok(()),
        [name] => Err(format!("{name} is not written, because its family is unknown; name it with --family").into()),
        names => Err(format!(
            "{} operations are not written, because their families are unknown: {}; name a family with --family",
            names.len(),
            names.join(", ")
        )
        .into()),
    }
}

fn print(written: &Written, options: &Options) {
    for note in &written.notes {
        println!("{note}");
    }
    for difference in written.differences() {
        println!("{difference}");
    }
    for (name, parameters, fields) in &written.new {
        let (parameters, fields) = (count(*parameters, "parameter"), count(*fields, "field"));
        println!("{:>8}  {name}: {parameters}, {fields} of the response", "new");
    }
    for path in &written.files {
        println!("{:>8}  {}", if options.dry_run { "planned" } else { "written" }, shown(path));
    }
    let noted = |kind| written.notes.iter().filter(|note| note.kind == kind).count();
    let (undecided, decided, skipped) =
        (noted(NoteKind::Undecided), noted(NoteKind::Decided), noted(NoteKind::Skipped));
    println!(
        "{}; {undecided} undecided, {decided} decided, {skipped} skipped; {} about something else",
        count(written.new.len(), "new operation"),
        count(written.skipped, "page"),
    );
    // Facts that only the specs have stay with `--accept` too.
    let can_be_accepted =
        [Kind::Added, Kind::Changed, Kind::Differs].iter().any(|kind| written.report.count(*kind) > 0);
    if written.is_pending && can_be_accepted {
        println!("pages can be older than the specs, so no existing operation was changed; `--accept` changes them");
    }
}
