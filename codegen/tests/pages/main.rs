//! Imports of documentation pages into specs. The pages are our own, in the layouts of published ones.

mod attacks;
mod documents;
mod dotted;
mod errors;
mod headed;
mod hostile;
mod loose;
mod nesting;
mod samples;
mod tables;
mod text;
mod titles;
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ecs_codegen::import::ExistingTree;
use ecs_codegen::pages::{Options, Written, run};
use ecs_codegen::spec::{Field, Operation};
use tempfile::TempDir;

/// The result of an import to a tree of its own.
struct Imported {
    folder: TempDir,
    written: Written,
    operations: BTreeMap<String, Operation>,
}

/// Imports pages by file name, to a tree of their own.
fn imported(pages: &[(&str, &str)]) -> Imported {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("pages"), pages);
    let written = run(&[folder.path().join("pages")], &options(folder.path())).expect("pages");
    let tree = ExistingTree::read(&folder.path().join("specs"), "ecs").expect("specs");
    Imported { written, operations: tree.operations, folder }
}

fn options(folder: &Path) -> Options {
    Options {
        specs: folder.join("specs"),
        is_own_tree: true,
        service: "ecs".to_owned(),
        family: None,
        accept: false,
        dry_run: false,
    }
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
}

/// The only operation of a page.
fn operation(text: &str) -> (Operation, Vec<String>) {
    let Imported { written, operations, .. } = imported(&[("Page.md", text)]);
    let notes = written.notes.iter().map(ToString::to_string);
    let notes = notes.map(|note| note.split("/pages/").nth(1).unwrap_or(&note).to_owned()).collect();
    (operations.into_values().next().expect("an operation"), notes)
}

/// A page with a table of parameters.
fn request(rows: &str) -> (Operation, Vec<String>) {
    operation(&format!(
        "# PressWidget\n\n## Request parameters\n\n|Name|Type|Required|Example|Description|\n|--|--|--|--|--|\n{rows}\n"
    ))
}

/// A page with a table of the response, and a sample.
fn response(rows: &str, sample: &str) -> (Operation, Vec<String>) {
    let table = format!("|Parameter|Type|Example|Description|\n|--|--|--|--|\n{rows}\n");
    operation(&format!("# DescribeWidgets\n\n## Response parameters\n\n{table}\n## Examples\n\n```\n{sample}\n```\n"))
}

/// The members with their types, those of structs behind a dot: `Widgets[wrapped:Widget].Id: string`.
fn shape(operation: &Operation, fields: &[Field]) -> Vec<String> {
    let mut lines = Vec::new();
    add(operation, fields, "", &mut lines);
    lines
}

fn add(operation: &Operation, fields: &[Field], prefix: &str, lines: &mut Vec<String>) {
    for field in fields {
        let wire = field.wire.as_ref().map_or(String::new(), |wire| format!("[{wire}]"));
        let name = format!("{prefix}{}{wire}", field.name);
        let ty = operation.types.get(field.ty.name());
        match ty.and_then(|ty| ty.fields.as_ref()) {
            Some(members) => {
                lines.push(name.clone());
                add(operation, members, &format!("{name}."), lines);
            }
            None => {
                let ty = if ty.is_some() { "enum" } else { field.ty.name() };
                let mark = if field.required { "!" } else { "" };
                lines.push(format!("{name}: {ty}{mark}"));
            }
        }
    }
}

/// Specs of a folder comply with all rules.
fn lint(imported: &Imported) -> Result<(), String> {
    let folder =
        ecs_codegen::load::read_folder(&imported.folder.path().join("specs")).map_err(|error| error.to_string())?;
    let rpc = ecs_codegen::Source { path: "rpc.json".to_owned(), text: RPC.to_owned() };
    ecs_codegen::check(folder.or_rpc(rpc)).map(drop).map_err(|mistakes| mistakes.to_string())
}

const RPC: &str = r#"{ "parameters": {}, "read_verbs": ["Describe"] }"#;
