//! `cargo xtask ci readme`: the README's programs build and run when they are pasted into a new crate.

use std::{fs, path::Path, process::Command, time::Duration};

use ecs_emulator::Emulator;
use toml_edit::{DocumentMut, InlineTable, Item, value};

use crate::{Outcome, emulator, root, step};

/// Folders of the crates that the README's dependencies name.
const CRATES: &[(&str, &str)] = &[("ecs-sdk", "ecs-sdk"), ("ecs-emulator", "emulator")];

/// Time after which a program hangs. The slowest waits for an instance of the emulator, for about 5 seconds.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) fn run() -> Outcome {
    let readme = Readme::parse(&fs::read_to_string(root().join("README.md"))?)?;
    let target = step::outside_target();
    let folder = target.join("readme");
    readme.write(&folder)?;
    // The versions of the workspace are used, so nothing is fetched.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let (manifest, target) = (folder.join("Cargo.toml"), target.to_string_lossy().into_owned());
    step::cargo("build", &["build", "--manifest-path", &manifest.to_string_lossy(), "--target-dir", &target]).map_err(
        |error| format!("{error}\nthe programs of README.md do not build with the dependencies that it lists"),
    )?;
    // All programs share an emulator, because they build on one another.
    let emulator = Emulator::builder().start_blocking()?;
    for index in 0..readme.programs.len() {
        let name = program_name(index);
        let mut command = Command::new(Path::new(&target).join("debug").join(&name));
        step::without_account(&mut command);
        let printed = step::run_within(&name, command.envs(emulator::variables(&emulator)), LIMIT)
            .map_err(|error| format!("{error}\nprogram {} of README.md fails", index + 1))?;
        if printed.trim().is_empty() {
            return Err(format!("program {} of README.md prints nothing", index + 1).into());
        }
        printed.lines().for_each(|line| println!("           {line}"));
    }
    Ok(())
}

/// The parts of the README that a reader pastes.
#[derive(Debug)]
struct Readme {
    dependencies: String,
    programs: Vec<String>,
}

impl Readme {
    /// Finds the dependencies and the programs, and checks that they are complete.
    fn parse(text: &str) -> Result<Self, String> {
        let mut dependencies = None;
        let mut programs = Vec::new();
        for (info, block) in blocks(text)? {
            let is_rust = info.split(',').next() == Some("rust");
            if !is_rust && block.contains("fn main()") {
                return Err(format!(
                    "this program of README.md is not marked as `rust`, so nothing checks it:\n{block}"
                ));
            }
            if info == "toml" && block.starts_with("[dependencies]") && dependencies.is_none() {
                dependencies = Some(block);
            } else if is_rust {
                if let Some(line) = block.lines().find(|line| line.starts_with("# ") || *line == "#") {
                    return Err(format!("README.md hides the line `{line}`, which a reader needs; show it"));
                }
                if !block.contains("fn main()") {
                    return Err(format!("this code of README.md is not a program; add `main`:\n{block}"));
                }
                programs.push(block);
            }
        }
        let dependencies = dependencies.ok_or("README.md has no block of `toml` that starts with `[dependencies]`")?;
        if programs.is_empty() {
            return Err("README.md has no program".to_owned());
        }
        Ok(Self { dependencies, programs })
    }

    /// Writes a crate that depends on this checkout, with a binary for each program.
    fn write(&self, folder: &Path) -> Outcome {
        let mut manifest: DocumentMut = self.dependencies.parse()?;
        for (name, path) in CRATES {
            let Some(dependency) = manifest["dependencies"].get_mut(name) else { continue };
            let mut table = dependency.as_inline_table().cloned().unwrap_or_else(InlineTable::new);
            for source in ["version", "git", "branch", "tag", "rev"] {
                table.remove(source);
            }
            table.insert("path", root().join(path).to_string_lossy().as_ref().into());
            *dependency = value(table);
        }
        manifest["package"]["name"] = value("readme");
        manifest["package"]["edition"] = value("2024");
        manifest["workspace"] = Item::Table(toml_edit::Table::new());
        let source = folder.join("src/bin");
        // Removes programs of an earlier version of the README.
        fs::remove_dir_all(&source).or_else(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        fs::create_dir_all(&source)?;
        fs::write(folder.join("Cargo.toml"), manifest.to_string())?;
        for (index, program) in self.programs.iter().enumerate() {
            fs::write(source.join(format!("{}.rs", program_name(index))), program)?;
        }
        Ok(())
    }
}

fn program_name(index: usize) -> String {
    format!("readme_{}", index + 1)
}

/// Returns the fenced code blocks of Markdown: the info string, and the code.
fn blocks(text: &str) -> Result<Vec<(&str, String)>, String> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, usize, String)> = None;
    for line in text.lines() {
        let trimmed = line.trim_start();
        match (trimmed.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(info, _, code)| (info, code))),
            (Some(info), None) => open = Some((info.trim(), line.len() - trimmed.len(), String::new())),
            (None, Some((_, indentation, code))) => {
                code.push_str(line.get(*indentation..).unwrap_or_default());
                code.push('\n');
            }
            (None, None) => {}
        }
    }
    match open {
        Some((_, _, code)) => Err(format!("this code of README.md has no end:\n{code}")),
        None => Ok(blocks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# Title\n\n```toml\n[dependencies]\necs-sdk = { version = \"9\", features = [\"x\"] }\n\
                          tokio = \"1\"\n```\n\n- Item:\n\n  ```rust,no_run\n  fn main() {\n      a();\n  }\n  ```\n\n\
                          ```toml\n[other]\n```\n\n```sh\nls\n```\n";

    #[test]
    fn dependencies_and_programs_are_found() {
        let readme = Readme::parse(README).unwrap();
        assert!(readme.dependencies.starts_with("[dependencies]\necs-sdk"), "{readme:?}");
        assert_eq!(readme.programs, ["fn main() {\n    a();\n}\n"]);
    }

    #[test]
    fn hidden_lines_and_fragments_are_errors() {
        let error = Readme::parse(&README.replace("  fn main", "  # hidden();\n  fn main")).unwrap_err();
        assert!(error.contains("`# hidden();`"), "{error}");
        let error = Readme::parse(&README.replace("fn main", "fn other")).unwrap_err();
        assert!(error.contains("add `main`"), "{error}");
        assert!(Readme::parse("# Title\n").unwrap_err().contains("[dependencies]"));
    }

    #[test]
    fn programs_that_would_not_be_checked_are_errors() {
        for info in ["", "Rust", "text"] {
            let error = Readme::parse(&README.replace("```rust,no_run", &format!("```{info}"))).unwrap_err();
            assert!(error.contains("not marked as `rust`"), "{error}");
        }
        let error = Readme::parse(README.trim_end_matches("```\n")).unwrap_err();
        assert_eq!(error, "this code of README.md has no end:\nls\n");
        let error = Readme::parse("```toml\n[dependencies]\n```\n").unwrap_err();
        assert_eq!(error, "README.md has no program");
    }

    #[test]
    fn the_crate_depends_on_this_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let readme = Readme::parse(README).unwrap();
        readme.write(folder.path()).unwrap();
        let manifest: DocumentMut = fs::read_to_string(folder.path().join("Cargo.toml")).unwrap().parse().unwrap();
        let dependency = &manifest["dependencies"]["ecs-sdk"];
        assert_eq!(dependency["path"].as_str(), root().join("ecs-sdk").to_str());
        assert!(dependency.get("version").is_none() && dependency["features"][0].as_str() == Some("x"));
        assert_eq!(manifest["dependencies"]["tokio"].as_str(), Some("1"));
        let program = fs::read_to_string(folder.path().join("src/bin/readme_1.rs")).unwrap();
        assert_eq!(program, readme.programs[0]);
    }

    #[test]
    fn the_readme_of_this_workspace_can_be_pasted() {
        let readme = Readme::parse(&fs::read_to_string(root().join("README.md")).unwrap()).unwrap();
        assert!(readme.programs.len() > 2);
    }
}
