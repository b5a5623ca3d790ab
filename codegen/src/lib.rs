//! Reads the API specs of ecs-sdk, checks them and generates its Rust source.
//!
//! Data flows one way: [`load`] → [`validate`] → [`lower`] → [`emit`] → [`fileset`]. [`import`] writes specs from the
//! published API documents, [`fmt`] gives spec files their layout, and [`diff`] tells what changed between two trees.

mod diagnostic;
pub mod diff;
pub mod emit;
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
pub mod validate;

pub use diagnostic::{Diagnostic, Diagnostics, Source};
pub use render::HEADER;

use crate::{emit::Output, load::Tree};

/// Specs → generated source.
///
/// # Errors
///
/// All mistakes of the specs.
pub fn generate(files: Vec<Source>) -> Result<(Tree, Output), Diagnostics> {
    let tree = load::checked(files)?;
    let files = emit::emit(&lower::lower(&tree));
    Ok((tree, files))
}
