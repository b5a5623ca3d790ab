//! Specs with difficult names, encodings, paginations and waiters, and the source generated from them.
//!
//! `cargo xtask codegen` writes the source to ecs-sdk, whose unit tests compile and use it (`tests/golden.rs`).
//! `UPDATE=1 cargo test -p ecs-codegen --test golden` formats the specs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ecs_codegen::{emit::Output, fmt, load};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

fn generate() -> Output {
    let sources = load::read_dir(&folder().join("specs")).unwrap();
    ecs_codegen::generate(sources).unwrap_or_else(|mistakes| panic!("{mistakes}")).1
}

#[test]
fn the_committed_source_is_up_to_date() {
    let output = generate();
    let generated = folder().join("../../../ecs-sdk/src/golden");
    for (path, text) in output.sdk.iter() {
        let committed = fs::read_to_string(generated.join(path)).unwrap_or_default();
        let line = committed.lines().zip(text.lines()).position(|(a, b)| a != b);
        if let Some(line) = line {
            let show = |text: &str| text.lines().nth(line).unwrap_or_default().to_owned();
            panic!("{path}:{}\n  committed: {}\n  generated: {}", line + 1, show(&committed), show(text));
        }
    }
    let changes = output.sdk.compare(&generated).unwrap();
    assert!(changes.is_empty(), "to accept: cargo xtask codegen\n{changes}");
}

#[test]
fn the_specs_are_formatted() {
    let specs = folder().join("specs");
    for source in load::read_dir(&specs).unwrap() {
        let kind = fmt::Kind::of_file(source.path.rsplit('/').next().unwrap());
        let text = fmt::format_text_as(kind, &source.text).unwrap();
        if update() && text != source.text {
            fs::write(specs.join(&source.path), &text).unwrap();
        } else {
            assert_eq!(text, source.text, "{}", source.path);
        }
    }
}

#[test]
fn every_operation_has_its_own_response_type() {
    for (path, text) in generate().sdk.iter().filter(|(path, _)| path.contains("/operation/")) {
        let aliases = text.lines().filter(|line| line.starts_with("pub type")).collect::<Vec<_>>();
        assert!(
            aliases.iter().all(|line| line.contains("Request = ")),
            "{path}: {aliases:?} responses must not be aliases, which could not get members later"
        );
        assert_eq!(text.contains("Response {\n"), !path.ends_with("mod.rs"), "{path}");
    }
}
