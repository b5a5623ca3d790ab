//! The form of generated source: a fingerprint of the macros that it uses and of what is generated from the golden specs,
//! both without docs. Crates of their own state it, so that the compiler rejects source in another form.

use std::{error::Error, fs, path::Path};

use ecs_codegen::fileset::FileSet;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use sha1::{Digest, Sha1};
use syn::Item;

use crate::root;

/// Source of the crates whose macros generated source uses.
const SOURCES: [&str; 2] = ["ecs-sdk/model/src", "ecs-sdk/runtime/src"];

/// The file that states the form that the runtime expects.
const FILE: &str = "ecs-sdk/model/src/generated/mod.rs";

/// The most digits of a fingerprint: enough to tell forms apart, and short in messages.
const DIGITS: usize = 12;

/// Returns the fingerprint for the runtime's macros and the source that is generated from the golden specs.
pub(crate) fn fingerprint(golden: &FileSet) -> Result<String, Box<dyn Error>> {
    let mut hash = Sha1::new();
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&root().join(source), &mut files)?;
    }
    files.sort();
    for path in files {
        let text = fs::read_to_string(&path)?;
        if text.contains("#[macro_export]") && !path.ends_with(FILE) {
            macros(&text)?.iter().for_each(|text| hash.update(text));
        }
    }
    for (path, text) in golden.iter().filter(|(path, _)| path.ends_with(".rs")) {
        hash.update(path);
        text.lines().filter(|line| !line.trim_start().starts_with("//")).for_each(|line| hash.update(line));
    }
    let digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(digits.chars().take(DIGITS).collect())
}

/// Returns the form that the runtime of this checkout expects.
pub(crate) fn current() -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(root().join(FILE)).map_err(|error| format!("{FILE}: {error}"))?;
    let form = text.split_once("(\"").and_then(|(_, rest)| rest.split_once("\") => {}"));
    let (form, _) = form.ok_or_else(|| format!("{FILE} states no form; run `cargo xtask codegen`"))?;
    Ok(form.to_owned())
}

/// Collects the Rust files below a folder.
fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// The exported macros of a file, without docs.
fn macros(text: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let items = syn::parse_file(text)?.items;
    let exported = items.into_iter().filter_map(|item| match item {
        Item::Macro(item) if item.attrs.iter().any(|attribute| attribute.path().is_ident("macro_export")) => {
            Some(format!("{} {}", item.ident.to_token_stream(), without_docs(item.mac.tokens)))
        }
        _ => None,
    });
    Ok(exported.collect())
}

fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            kept.push(token);
            continue;
        };
        let is_doc = group.delimiter() == Delimiter::Bracket
            && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(name)) if name == "doc");
        let after_hash = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
        if is_doc && after_hash {
            kept.pop();
            continue;
        }
        kept.push(TokenTree::Group(proc_macro2::Group::new(group.delimiter(), without_docs(group.stream()))));
    }
    kept.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(body: &str) -> String {
        macros(&format!("/// Docs.\n#[macro_export]\nmacro_rules! m {{ {body} }}\nmacro_rules! own {{ () => {{}} }}"))
            .unwrap()
            .concat()
    }

    #[test]
    fn docs_do_not_change_the_form_and_code_does() {
        let plain = one("($a:ident) => { impl $a { pub fn f() {} } };");
        assert_eq!(plain, one("($a:ident) => { impl $a { /// Does it.\n #[doc = \"x\"] pub fn f() {} } };"));
        assert_ne!(plain, one("($a:ident) => { impl $a { #[inline] pub fn f() {} } };"));
        assert_ne!(plain, one("($a:ident, ) => { impl $a { pub fn f() {} } };"));
    }

    #[test]
    fn the_form_of_generated_source_counts_without_its_docs() {
        let form = |text: &str| {
            let mut files = FileSet::default();
            files.insert("a.rs".to_owned(), text.to_owned());
            fingerprint(&files).unwrap()
        };
        assert_eq!(form("/// One.\nstruct A;"), form("/// Two.\nstruct A;"));
        assert_ne!(form("struct A;"), form("struct B;"));
        assert_eq!(form("struct A;").len(), DIGITS);
    }

    #[test]
    fn the_runtime_states_its_form() {
        assert_eq!(current().unwrap().len(), DIGITS);
    }
}
