//! `cargo xtask ci features`: the crates of ecs-sdk compile with each feature alone, and their tests pass without features, with
//! all of them, and with the features of serde_json that other crates of a program may enable.

use std::collections::BTreeMap;

use ecs_codegen::features::Features;

use crate::{Outcome, root, step};

/// The crate whose features enable those of the others.
const SDK: &str = "ecs-sdk";

/// The crates of ecs-sdk, with their folders.
const CRATES: [(&str, &str); 5] = [
    (SDK, "ecs-sdk"),
    ("ecs-sdk-companions", "ecs-sdk/companions"),
    ("ecs-sdk-model", "ecs-sdk/model"),
    ("ecs-sdk-runtime", "ecs-sdk/runtime"),
    ("ecs-sdk-types", "ecs-sdk/types"),
];

/// Features with which serde_json behaves in another way.
const FEATURES_OF_SERDE_JSON: &str = "serde_json/arbitrary_precision,serde_json/preserve_order";

/// Arguments for clippy, which also lints the crates of the workspace that a crate depends on.
const DENY_WARNINGS: &[&str] = &["--", "-D", "warnings"];

pub(crate) fn run() -> Outcome {
    let crates = Crates::read()?;
    for (package, feature) in crates.alone() {
        let features = ["--package", package, "--no-default-features", "--features", feature];
        let lint = |what: &str, targets: &[&str]| {
            let command = [&["clippy", "--quiet"], targets, &features, DENY_WARNINGS].concat();
            cargo(&format!("{package}, {feature}: {what}"), &command)
        };
        lint("clippy", &["--lib"])?;
        // Operations of one family depend on no other, so they are tested with all features. Alone, their tests compile.
        if package == SDK && crates.is_family(feature) {
            lint("clippy of the tests", &["--lib", "--tests"])?;
        }
    }
    let none = [&packages()[..], &["--no-default-features"]].concat();
    cargo("no features: clippy", &[&["clippy", "--quiet", "--lib"], &none[..], DENY_WARNINGS].concat())?;
    cargo("no features: tests", &[&["test", "--quiet", "--lib", "--tests"], &none[..]].concat())?;
    let all = crates.all();
    let with_all = [&packages()[..], &["--features", &all]].concat();
    cargo(
        "all features: clippy",
        &[&["clippy", "--quiet", "--lib", "--tests"], &with_all[..], DENY_WARNINGS].concat(),
    )?;
    cargo("all features: tests", &[&["test", "--quiet", "--lib", "--tests"], &with_all[..]].concat())?;
    let serde_json = ["--package", "ecs-sdk-runtime", "--features", FEATURES_OF_SERDE_JSON];
    cargo(
        "features of serde_json: tests",
        &[&["test", "--quiet", "--lib", "--test", "suite"], &serde_json[..]].concat(),
    )?;
    // Its default is the program, which the tests of other crates do without.
    for features in ["", "tls"] {
        let lint = ["clippy", "--quiet", "--package", "ecs-emulator", "--lib", "--no-default-features", "--features"];
        let title = format!("ecs-emulator, {}: clippy", if features.is_empty() { "no features" } else { features });
        cargo(&title, &[&lint[..], &[features], DENY_WARNINGS].concat())?;
    }
    Ok(())
}

/// The features of the crates.
struct Crates(BTreeMap<&'static str, Features>);

impl Crates {
    fn read() -> Result<Self, Box<dyn std::error::Error>> {
        let native_tls = has_native_tls();
        if !native_tls {
            println!("skipped: native-tls, because the headers of OpenSSL are not installed");
        }
        let mut crates = BTreeMap::new();
        for (package, folder) in CRATES {
            let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml"))?;
            let mut features = ecs_codegen::features::read(&manifest)?;
            features.retain(|name, _| name != "default" && (native_tls || name != "native-tls"));
            crates.insert(package, features);
        }
        Ok(Self(crates))
    }

    /// Returns the features to compile alone, with their crates. A feature that ecs-sdk only passes on is compiled with that of
    /// ecs-sdk.
    fn alone(&self) -> Vec<(&'static str, &str)> {
        let mut alone = Vec::new();
        for (package, features) in &self.0 {
            for name in features.keys() {
                let passed_on = [format!("{package}/{name}")];
                let is_covered = self.0.get(SDK).and_then(|sdk| sdk.get(name)).is_some_and(|parts| *parts == passed_on);
                if !is_covered {
                    alone.push((*package, name.as_str()));
                }
            }
        }
        alone
    }

    /// Whether a feature of ecs-sdk adds operations.
    fn is_family(&self, feature: &str) -> bool {
        let parts = self.0.get(SDK).and_then(|features| features.get(feature));
        parts.is_some_and(|parts| {
            parts.iter().any(|part| part.starts_with("ecs-sdk-types/") || part.starts_with("ecs-sdk-companions/"))
        })
    }

    /// Returns all features, in the form of `--features` in a workspace.
    fn all(&self) -> String {
        let names =
            self.0.iter().flat_map(|(package, features)| features.keys().map(move |name| format!("{package}/{name}")));
        names.collect::<Vec<_>>().join(",")
    }
}

/// Returns the arguments that select the crates.
fn packages() -> Vec<&'static str> {
    CRATES.iter().flat_map(|(package, _)| ["--package", package]).collect()
}

/// Whether native TLS can be built here: on Linux it needs the headers of OpenSSL.
fn has_native_tls() -> bool {
    let found = std::process::Command::new("pkg-config").args(["--exists", "openssl"]).status();
    !cfg!(target_os = "linux")
        || std::env::var_os("OPENSSL_DIR").is_some()
        || found.is_ok_and(|status| status.success())
}

fn cargo(what: &str, arguments: &[&str]) -> Outcome {
    step::cargo(what, arguments).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crates(sdk: &str, types: &str) -> Crates {
        let read = |features: &str| ecs_codegen::features::read(&format!("[features]\n{features}")).unwrap();
        Crates([(SDK, read(sdk)), ("ecs-sdk-types", read(types))].into())
    }

    #[test]
    fn a_feature_that_ecs_sdk_only_passes_on_is_not_compiled_twice() {
        let sdk = "disks = ['ecs-sdk-types/disks']\nold = ['ecs-sdk-types/old', 'ecs-sdk-types/disks']\ngzip = []";
        let crates = crates(sdk, "disks = []\nold = []\nown = []");
        let alone = [(SDK, "disks"), (SDK, "gzip"), (SDK, "old"), ("ecs-sdk-types", "old"), ("ecs-sdk-types", "own")];
        assert_eq!(crates.alone(), alone);
        assert!(crates.is_family("disks") && crates.is_family("old") && !crates.is_family("gzip"));
        assert_eq!(
            crates.all(),
            "ecs-sdk/disks,ecs-sdk/gzip,ecs-sdk/old,ecs-sdk-types/disks,ecs-sdk-types/old,ecs-sdk-types/own"
        );
    }

    #[test]
    fn every_feature_is_compiled_alone_through_ecs_sdk_or_in_its_own_crate() {
        let crates = Crates::read().unwrap();
        for (package, features) in &crates.0 {
            for name in features.keys() {
                let alone = crates.alone();
                assert!(alone.contains(&(*package, name.as_str())) || alone.contains(&(SDK, name.as_str())), "{name}");
            }
        }
    }
}
