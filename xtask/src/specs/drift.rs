//! `cargo xtask spec drift`: compares the specs with descriptions of the API.

use std::path::PathBuf;

use ecs_codegen::import::{self, ExistingTree, Published};
use serde_json::json;

use crate::{Outcome, specs_dir};

pub(super) fn run(paths: &[PathBuf], service: Option<&str>, as_json: bool) -> Outcome {
    let mut number = 0;
    let mut reports = Vec::new();
    for Published { path, api, detail } in import::read_published(paths)? {
        let info = &api.info;
        let service = service.map_or_else(|| info.product.to_lowercase(), str::to_owned);
        let tree = ExistingTree::read(&specs_dir(), &service)?;
        let Some(description) = &tree.service else {
            return Err(format!(
                "{}: the product is {}, but there is no service `{service}`; name one with --service",
                path.display(),
                info.product
            )
            .into());
        };
        let is_other = |ours: &str, theirs: &str| !theirs.is_empty() && !ours.eq_ignore_ascii_case(theirs);
        if is_other(&description.product, &info.product) || is_other(&description.version, &info.version) {
            return Err(format!(
                "{}: describes {} {}, but the service `{service}` is {} {}",
                path.display(),
                info.product,
                info.version,
                description.product,
                description.version
            )
            .into());
        }
        let drift = import::drift(&api, detail, &tree);
        number += drift.differences.len();
        if as_json {
            let (product, version) = (&description.product, &description.version);
            let file = path.display().to_string();
            reports.push(
                json!({ "file": file, "service": service, "product": product, "version": version, "drift": drift }),
            );
        } else {
            let (product, version) = (&description.product, &description.version);
            println!("{}: {product} {version}\n{drift}\n", path.display());
        }
    }
    if as_json {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    }
    match number {
        0 => Ok(()),
        1 => Err("the specs and the published API differ in 1 place; see the list".into()),
        _ => Err(format!("the specs and the published API differ in {number} places; see the list").into()),
    }
}
