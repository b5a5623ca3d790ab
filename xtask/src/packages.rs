//! `cargo xtask ci packages`: crates include no files from outside their folders, which would be missing from their
//! packages.

use std::{
    fs, io,
    path::{Component, Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::LitStr;

use crate::{Outcome, crates, shown};

/// Macros whose argument is the path of a file.
const INCLUDES: &[&str] = &["include", "include_bytes", "include_str"];

pub(crate) fn run() -> Outcome {
    let mut mistakes = Vec::new();
    for folder in crates()? {
        let mut files = Vec::new();
        sources(&folder, &mut files)?;
        println!("{:>4} files  {}", files.len(), shown(&folder));
        for file in files {
            let text = fs::read_to_string(&file)?;
            let outside = outside(&text, &file, &folder);
            mistakes.extend(outside.map_err(|error| format!("{}: {error}", shown(&file)))?);
        }
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    let remedy = "copy the file into the crate (`COPIES` in xtask/src/generate.rs keeps copies up to date), or read it \
                  at run time in a test";
    Err(format!("{}\na package cannot contain files from outside its folder; {remedy}", mistakes.join("\n")).into())
}

/// Collects the Rust files of a crate: those in its folder, except for nested crates and build output.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() && !path.join("Cargo.toml").exists() && !path.ends_with("target") {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Returns all inclusions of files from outside the folder.
fn outside(text: &str, file: &Path, folder: &Path) -> Result<Vec<String>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
    let mut included = Vec::new();
    collect(tokens, &mut included);
    let parent = file.parent().unwrap_or(folder);
    let outside = included.into_iter().filter(|(path, _)| !normal(&parent.join(path)).starts_with(folder));
    Ok(outside.map(|(path, line)| format!("{}:{line}: includes `{path}`", shown(file))).collect())
}

/// Finds `include_str!("…")` and the like, and `#[path = "…"]`, with their lines.
fn collect(tokens: TokenStream, included: &mut Vec<(String, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let argument = match token {
            TokenTree::Ident(name) if INCLUDES.iter().any(|include| name == include) => {
                match (tokens.get(index + 1), tokens.get(index + 2)) {
                    (Some(TokenTree::Punct(mark)), Some(TokenTree::Group(group))) if mark.as_char() == '!' => {
                        group.stream().into_iter().next()
                    }
                    _ => None,
                }
            }
            // The complete content of an attribute's brackets.
            TokenTree::Ident(name) if name == "path" && index == 0 => match (tokens.get(1), tokens.len()) {
                (Some(TokenTree::Punct(mark)), 3) if mark.as_char() == '=' => tokens.get(2).cloned(),
                _ => None,
            },
            TokenTree::Group(group) => {
                collect(group.stream(), included);
                None
            }
            _ => None,
        };
        if let Some(literal) = argument
            && let Ok(path) = syn::parse2::<LitStr>(literal.into())
        {
            included.push((path.value(), path.span().start().line));
        }
    }
}

/// Returns the path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = normal.pop(),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use toml_edit::DocumentMut;

    use super::*;
    use crate::root;

    /// A file cannot revoke `forbid`, so it suffices to check the manifests.
    #[test]
    fn all_crates_forbid_unsafe_code() {
        let read =
            |folder: &Path| -> DocumentMut { fs::read_to_string(folder.join("Cargo.toml")).unwrap().parse().unwrap() };
        let workspace = read(&root());
        assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
        let crates = crates().unwrap();
        assert!(crates.len() > 6, "{crates:?}");
        for folder in crates {
            let lints = &read(&folder)["lints"];
            let inherited = lints.get("workspace").and_then(toml_edit::Item::as_bool) == Some(true);
            let own = lints.get("rust").and_then(|rust| rust.get("unsafe_code")?.as_str()) == Some("forbid");
            assert!(inherited || own, "{}: add `[lints] workspace = true`", shown(&folder));
        }
    }

    #[test]
    fn inclusions_from_outside_are_found() {
        let text = "#![doc = include_str!(\"../docs/front.md\")]\n#[path = \"../../other/mod.rs\"]\nmod golden;\n\
                    const A: &str = include_str!(\"../../README.md\");\nconst B: &[u8] = include_bytes!(\"b.bin\");\n\
                    #[cfg(doctest)]\n#[doc = include_str!(\"../../../x.md\")]\nstruct S;\nfn f() { let path = \"../../../y\"; }\n";
        let found = outside(text, Path::new("/workspace/a/src/lib.rs"), Path::new("/workspace/a")).unwrap();
        let expected =
            ["2: includes `../../other/mod.rs`", "4: includes `../../README.md`", "7: includes `../../../x.md`"];
        let expected = expected.map(|rest| format!("/workspace/a/src/lib.rs:{rest}"));
        assert_eq!(found, expected);
    }
}
