//! Reads the API specs of ecs-sdk, checks them and generates its Rust source.
//!
//! Data flows one way: [`load`] → `validate` → [`lower`] → [`emit`] → [`fileset`]. [`import`] writes specs from the
//! published API documents, [`fmt`] gives spec files their layout, and [`diff`] compares two spec trees.

pub mod classes;
mod codes;
mod diagnostic;
pub mod diff;
pub mod draft;
pub mod emit;
pub mod excerpt;
pub mod facts;
pub mod features;
pub mod files;
pub mod fileset;
pub mod fix;
pub mod fmt;
pub mod import;
pub mod load;
pub mod lower;
pub mod model;
pub mod naming;
pub mod pages;
mod parallel;
mod render;
pub mod rules;
pub mod scaffold;
pub mod schema;
pub mod spec;
pub mod starter;
pub mod suggest;
mod type_graph;
mod validate;

pub use diagnostic::{Diagnostic, Diagnostics, Fix, Source};
pub use render::HEADER;
pub use suggest::count;

use crate::{emit::Output, fileset::FileSet, load::Tree, rules::Level};

/// Parses spec files and checks all rules. Returns what could be read, and all violations.
pub fn lint(files: impl Into<load::Folder>) -> (Tree, Diagnostics) {
    let (tree, mut found) = load::read(files.into());
    found.extend(validate::mistakes(&tree));
    found.extend(fix::unformatted(&tree.sources, &found));
    let found = Diagnostics::new(found, &tree.sources);
    (tree, found)
}

/// Parses spec files and checks all rules.
///
/// # Errors
///
/// Returns all violations of level error, with their positions and remedies.
pub fn check(files: impl Into<load::Folder>) -> Result<Tree, Diagnostics> {
    let (tree, mut found) = load::read(files.into());
    found.extend(validate::mistakes(&tree));
    found.retain(|one| one.level == Level::Error);
    if found.is_empty() { Ok(tree) } else { Err(Diagnostics::new(found, &tree.sources)) }
}

/// Generates the source of a service that is a crate of its own, `library`, in the form that its runtime expects.
///
/// # Errors
///
/// Returns an error unless the tree has exactly one service, with the gate `crate`.
pub fn generate_crate(tree: &Tree, library: &str, form: &str) -> Result<FileSet, String> {
    Ok(emit::emit_crate(&lower_crate(tree, library)?, form, &|_, _| true, &mut || ()))
}

/// Resolves the specs of a service that is a crate of its own, `library`.
///
/// # Errors
///
/// Returns an error unless the tree has exactly one service, with the gate `crate`.
pub fn lower_crate(tree: &Tree, library: &str) -> Result<model::Model, String> {
    let mut model = lower::lower(tree);
    match model.services.as_mut_slice() {
        [service] if service.gate == spec::Gate::Crate => library.clone_into(&mut service.library),
        [service] => {
            let (name, message) = (&service.name, "is not for a crate of its own");
            return Err(format!("the service `{name}` {message}; set `gate` to `crate` in its service.json"));
        }
        services => return Err(format!("the specs have {} services; a crate has exactly one", services.len())),
    }
    Ok(model)
}

/// Generates the source from specs.
///
/// # Errors
///
/// Returns all mistakes of the specs.
pub fn generate(files: impl Into<load::Folder>) -> Result<(Tree, Output), Diagnostics> {
    let tree = check(files)?;
    let files = emit::emit(&lower::lower(&tree));
    Ok((tree, files))
}

/// Generates a few operations of a tree, together with their types, for tests of the runtime.
///
/// # Errors
///
/// Returns an error for the first name that is not an operation of the tree.
pub fn generate_excerpt(tree: &Tree, names: &[&str]) -> Result<FileSet, String> {
    Ok(emit::emit(&lower::lower(&excerpt::excerpt(tree, names)?)).runtime)
}
