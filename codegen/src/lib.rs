//! Reads the API specs of ecs-sdk, checks them and generates its Rust source.
//!
//! Data flows one way: [`load`] → [`validate`] → [`lower`] → [`emit`] → [`fileset`]. [`import`] writes specs from the
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
pub mod fileset;
pub mod fmt;
pub mod import;
pub mod load;
pub mod lower;
pub mod model;
pub mod naming;
mod render;
pub mod scaffold;
pub mod schema;
pub mod spec;
mod suggest;
mod type_graph;
pub mod validate;

pub use diagnostic::{Diagnostic, Diagnostics, Source};
pub use render::HEADER;

use crate::{emit::Output, fileset::FileSet, load::Tree};

/// Parses spec files and checks all rules.
///
/// # Errors
///
/// Returns all mistakes of all files, with their positions and remedies.
pub fn check(files: Vec<Source>) -> Result<Tree, Diagnostics> {
    let (tree, mut mistakes) = load::read(files);
    mistakes.extend(validate::mistakes(&tree));
    if mistakes.is_empty() { Ok(tree) } else { Err(Diagnostics::new(mistakes, &tree.sources)) }
}

/// Parses spec files and checks all rules, like [`check`], for specs outside the repository. If they have no `rpc.json`, the
/// facts of all services are those of `rpc`, whose own rules concern all services and are not checked.
///
/// # Errors
///
/// Returns all mistakes of all files, with their positions and remedies.
pub fn check_with(mut files: Vec<Source>, rpc: Source) -> Result<Tree, Diagnostics> {
    if files.iter().any(|file| file.path == rpc.path) {
        return check(files);
    }
    files.push(rpc);
    let (mut tree, mut mistakes) = load::read(files);
    tree.borrows_rpc = true;
    mistakes.extend(validate::mistakes(&tree));
    if mistakes.is_empty() { Ok(tree) } else { Err(Diagnostics::new(mistakes, &tree.sources)) }
}

/// Generates the source of a service that is a crate of its own, `library`.
///
/// # Errors
///
/// Returns an error unless the tree has exactly one service, with the gate `crate`.
pub fn generate_crate(tree: &Tree, library: &str) -> Result<FileSet, String> {
    let mut model = lower::lower(tree);
    match model.services.as_mut_slice() {
        [service] if service.gate == spec::Gate::Crate => library.clone_into(&mut service.library),
        [service] => {
            let (name, message) = (&service.name, "is not for a crate of its own");
            return Err(format!("the service `{name}` {message}; set `gate` to `crate` in its service.json"));
        }
        services => return Err(format!("the specs have {} services; a crate has exactly one", services.len())),
    }
    Ok(emit::emit_crate(&model))
}

/// Generates the source from specs.
///
/// # Errors
///
/// Returns all mistakes of the specs.
pub fn generate(files: Vec<Source>) -> Result<(Tree, Output), Diagnostics> {
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
