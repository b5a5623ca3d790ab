//! `cargo xtask ci service`: the crate of another product compiles, and its tests pass, with the runtime of this checkout.

use std::{fs, path::Path};

use super::{New, Task};
use crate::{Outcome, generate, root, step};

/// The published file and the test of the crate.
const DATA: &str = "codegen/tests/service";

/// The line that states the form of the generated source.
const FORMAT: &str = "ecs_sdk_runtime::generated_format!(\"";

pub(crate) fn run() -> Outcome {
    let target = step::outside_target();
    let out = target.join("shop-client");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let data = root().join(DATA);
    let new = New { file: data.join("api-docs.json"), out: out.clone(), runtime: None, service: None, dry_run: false };
    super::run(&Task::New(new))?;
    generate::of_crate(&out, true)?;
    fs::create_dir_all(out.join("tests"))?;
    fs::copy(data.join("wire.rs"), out.join("tests/wire.rs"))?;
    let (manifest, target) = (out.join("Cargo.toml"), target.to_string_lossy().into_owned());
    let own = ["--quiet", "--manifest-path", &manifest.to_string_lossy(), "--target-dir", &target].map(str::to_owned);
    let cargo = |what: &str, command: &[&str], rest: &[&str]| {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        step::cargo(what, &[command, &own, rest].concat())
    };
    cargo("clippy", &["clippy", "--all-targets"], &["--", "-D", "warnings"])?;
    cargo("tests", &["test"], &[])?;
    change_format(&out)?;
    match cargo("source in another form", &["check"], &[]) {
        Ok(_) => Err("source in another form compiles; `generated_format!` must reject it".into()),
        Err(error) if error.to_string().contains("cargo xtask codegen --crate") => generate::of_crate(&out, false),
        Err(error) => Err(format!("{error}\nthe error of source in another form must name the command to run").into()),
    }
}

/// Makes the source of a crate claim another form.
fn change_format(package: &Path) -> Outcome {
    let path = package.join("src/generated/mod.rs");
    let text = fs::read_to_string(&path)?;
    let changed = text.replacen(FORMAT, &format!("{FORMAT}9"), 1);
    if changed == text {
        return Err(format!("{} does not state its form", path.display()).into());
    }
    Ok(fs::write(path, changed)?)
}
