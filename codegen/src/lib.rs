//! Reads the API specs of ecs-sdk, checks them and generates its Rust source.
//!
//! Data flows one way: [`load`] → [`validate`] → [`lower`] → [`emit`] → [`fileset`]. [`import`] writes specs from the
//! published API documents, [`fmt`] gives spec files their layout, and [`diff`] compares two spec trees.

pub mod classes;
mod codes;
mod diagnostic;
pub mod diff;
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
