//! `cargo xtask ci licences`: dependencies as `deny.toml` allows them, without network and without cargo-deny.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use toml_edit::{DocumentMut, Item};

use crate::{Outcome, root};

pub(crate) fn run() -> Outcome {
    let policy = Policy::read(&std::fs::read_to_string(root().join("deny.toml"))?)?;
    let (all, everywhere) = packages(true)?;
    let (default, _) = packages(false)?;
    let mut mistakes = policy.refused(&all);
    mistakes.extend(policy.banned(&default));
    mistakes.extend(policy.twice(&all));
    println!(
        "{} packages{}",
        all.len(),
        if everywhere { "" } else { ", those of this platform only: the others are not fetched" }
    );
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes.join("\n").into()) }
}

/// A package of the dependency tree.
#[derive(Debug, Clone, Default)]
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    /// Where it comes from; none for the workspace's own.
    source: Option<String>,
}

impl Package {
    fn of(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            version: text("version").unwrap_or_default(),
            licence: text("license"),
            source: text("source"),
        }
    }
}

/// The packages of the tree, with all features or the default ones; and whether those of all platforms are known.
fn packages(all_features: bool) -> Result<(Vec<Package>, bool), Box<dyn std::error::Error>> {
    let metadata = |platform: &[&str]| {
        let mut command = crate::cargo();
        command.args(["metadata", "--format-version", "1", "--offline", "--locked"]).args(platform);
        command.args(all_features.then_some("--all-features")).current_dir(root()).output()
    };
    let (mut output, mut everywhere) = (metadata(&[])?, true);
    if !output.status.success() {
        // Packages of other platforms are fetched by `cargo fetch`, not by a build.
        let rustc = std::process::Command::new("rustc").arg("-vV").output()?;
        let rustc = String::from_utf8(rustc.stdout)?;
        let host = rustc.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc tells no host")?;
        (output, everywhere) = (metadata(&["--filter-platform", host])?, false);
    }
    if !output.status.success() {
        return Err(
            format!("{}`cargo fetch --locked` gets what is missing", String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    Ok((packages.iter().map(Package::of).collect(), everywhere))
}

/// What `deny.toml` says.
#[derive(Debug, Default)]
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeMap<String, String>,
    /// Versions that may stand beside others: name and the start of the version.
    skipped: Vec<(String, String)>,
}

impl Policy {
    fn read(text: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let document: DocumentMut = text.parse()?;
        let list = |table: &str, key: &str| {
            let found = document.get(table).and_then(|table| table.get(key)).and_then(Item::as_array);
            found.cloned().ok_or_else(|| format!("deny.toml: `{key}` is missing below `[{table}]`"))
        };
        let mut policy = Self::default();
        policy.licences.extend(list("licenses", "allow")?.iter().filter_map(|name| name.as_str()).map(str::to_owned));
        for (key, entries) in [("deny", list("bans", "deny")?), ("skip", list("bans", "skip")?)] {
            for entry in &entries {
                let text = |name: &str| entry.as_inline_table().and_then(|table| table.get(name)?.as_str());
                let (Some(name), Some(reason)) = (text("crate"), text("reason")) else {
                    return Err(format!("deny.toml: an entry of `{key}` needs `crate` and `reason`:{entry}").into());
                };
                match (key, name.split_once('@')) {
                    ("deny", _) => _ = policy.banned.insert(name.to_owned(), reason.to_owned()),
                    (_, Some((name, version))) => policy.skipped.push((name.to_owned(), version.to_owned())),
                    _ => return Err(format!("deny.toml: `{name}` of `skip` needs a version, as in `syn@2`").into()),
                }
            }
        }
        Ok(policy)
    }

    /// Packages of a licence or source that is not allowed.
    fn refused(&self, packages: &[Package]) -> Vec<String> {
        let mut mistakes = Vec::new();
        let mut registries = BTreeSet::new();
        for Package { name, version, licence, source } in packages {
            if let Some(reason) = self.licence(licence.as_deref()) {
                mistakes.push(format!(
                    "{name} {version}: {reason}; take another crate, or add the licence to deny.toml if it is permissive"
                ));
            }
            match source.as_deref().map(|source| source.strip_prefix("registry+")) {
                None => {}
                Some(Some(registry)) => _ = registries.insert(registry),
                Some(None) => {
                    mistakes.push(format!("{name} {version}: comes from no registry; take a published version"));
                }
            }
        }
        if registries.len() > 1 {
            mistakes.push(format!("dependencies come from several registries: {registries:?}"));
        }
        mistakes
    }

    /// Why a licence is not allowed.
    fn licence(&self, licence: Option<&str>) -> Option<String> {
        let Some(licence) = licence else { return Some("names no licence".to_owned()) };
        let Ok(expression) = spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX) else {
            return Some(format!("`{licence}` is no SPDX expression"));
        };
        let allowed = expression.evaluate(|required| self.licences.contains(&required.to_string()));
        (!allowed).then(|| format!("the licence `{licence}` is not allowed"))
    }

    /// Packages that must not be there.
    fn banned(&self, packages: &[Package]) -> Vec<String> {
        let found = packages.iter().filter_map(|package| Some((&package.name, self.banned.get(&package.name)?)));
        found
            .map(|(name, reason)| format!("{name} is banned ({reason}); `cargo tree -i {name}` tells who brings it"))
            .collect()
    }

    /// Packages in several versions.
    fn twice(&self, packages: &[Package]) -> Vec<String> {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for Package { name, version, .. } in packages {
            let skipped = self.skipped.iter().any(|(other, start)| {
                other == name && version.strip_prefix(start.as_str()).is_some_and(|rest| rest.starts_with('.'))
            });
            if !skipped {
                versions.entry(name).or_default().insert(version);
            }
        }
        let several = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
        several
            .map(|(name, versions)| {
                let versions = Vec::from_iter(versions).join(", ");
                format!("{name} is there in versions {versions}; bring them together, or add one to `skip` in deny.toml with the reason")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let text = r#"
            licenses.allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
            [bans]
            deny = [{ crate = "openssl-sys", reason = "a library of the system" }]
            skip = [{ crate = "syn@2", reason = "old macros" }]
        "#;
        Policy::read(text).unwrap()
    }

    fn package(name: &str, version: &str) -> Package {
        let (name, version) = (name.to_owned(), version.to_owned());
        Package { name, version, licence: Some("MIT".to_owned()), source: Some("registry+x".to_owned()) }
    }

    #[test]
    fn licences_are_expressions() {
        for (licence, reason) in [
            (Some("MIT"), None),
            (Some("MIT/Apache-2.0"), None),
            (Some("GPL-3.0-only OR MIT"), None),
            (Some("(MIT OR GPL-2.0-only) AND Unicode-3.0"), None),
            (Some("Apache-2.0 WITH LLVM-exception"), None),
            (Some("MIT AND GPL-3.0-only"), Some("the licence `MIT AND GPL-3.0-only` is not allowed")),
            (Some("MPL-2.0"), Some("the licence `MPL-2.0` is not allowed")),
            (Some("MIT WITH LLVM-exception"), Some("the licence `MIT WITH LLVM-exception` is not allowed")),
            (Some("free"), Some("`free` is no SPDX expression")),
            (None, Some("names no licence")),
        ] {
            assert_eq!(policy().licence(licence).as_deref(), reason, "{licence:?}");
        }
    }

    #[test]
    fn sources_are_one_registry() {
        let git = Package { source: Some("git+https://x".to_owned()), ..package("a", "1.0.0") };
        let own = Package { source: None, ..package("b", "1.0.0") };
        let other = Package { source: Some("registry+y".to_owned()), ..package("c", "1.0.0") };
        assert_eq!(policy().refused(&[own.clone(), package("d", "1.0.0")]), [""; 0]);
        assert_eq!(policy().refused(&[git]), ["a 1.0.0: comes from no registry; take a published version"]);
        let several = policy().refused(&[own, other, package("d", "1.0.0")]);
        assert_eq!(several, [r#"dependencies come from several registries: {"x", "y"}"#]);
    }

    #[test]
    fn bans_and_second_versions() {
        let packages = [package("openssl-sys", "0.9.1"), package("openssl-probe", "0.2.0")];
        assert_eq!(
            policy().banned(&packages),
            ["openssl-sys is banned (a library of the system); `cargo tree -i openssl-sys` tells who brings it"]
        );
        let packages = [package("syn", "2.0.1"), package("syn", "3.0.0"), package("syn", "3.0.0")];
        assert_eq!(policy().twice(&packages), [""; 0]);
        let packages = [package("syn", "20.0.1"), package("syn", "3.0.0")];
        assert_eq!(
            policy().twice(&packages),
            [
                "syn is there in versions 20.0.1, 3.0.0; bring them together, or add one to `skip` in deny.toml with the reason"
            ]
        );
    }

    #[test]
    fn entries_without_a_reason_are_refused() {
        let text = "licenses.allow = []\n[bans]\ndeny = []\nskip = [{ crate = \"syn@2\" }]";
        let error = Policy::read(text).unwrap_err().to_string();
        assert!(error.starts_with("deny.toml: an entry of `skip` needs `crate` and `reason`"), "{error}");
        let error = Policy::read("").unwrap_err().to_string();
        assert_eq!(error, "deny.toml: `allow` is missing below `[licenses]`");
    }

    /// `forbid` can't be taken back in a file, so this is all there is to look at.
    #[test]
    fn no_crate_may_be_unsafe() {
        let read = |path: &str| -> DocumentMut {
            std::fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap().parse().unwrap()
        };
        let workspace = read("");
        assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
        let members = workspace["workspace"]["members"].as_array().unwrap();
        assert!(members.len() >= 4);
        for member in members.iter().map(|member| member.as_str().unwrap()) {
            assert_eq!(read(member)["lints"]["workspace"].as_bool(), Some(true), "{member}: [lints] workspace = true");
        }
        let recipes = crate::recipes().unwrap();
        assert!(!recipes.is_empty());
        for recipe in recipes {
            let recipe = crate::shown(&recipe);
            assert_eq!(read(&recipe)["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"), "{recipe}");
        }
    }
}
