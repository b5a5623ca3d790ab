//! The pages of the guide can be read in the documentation and in the repository. In both, all their links lead somewhere.
//!
//! Pages use links of the form `[label]`. In the documentation, `links.md` and `links_testing.md` define them, and rustdoc checks them. In the
//! repository, the end of each page defines them; `UPDATE=1 cargo test -p xtask guide` writes it.

use std::{collections::BTreeMap, fs, path::PathBuf};

use crate::root;

/// Pages that are not parts of the guide.
const OTHERS: [&str; 3] = ["front.md", "links.md", "links_testing.md"];

/// Number of lines that can be read in one sitting.
const MAX_LINES: usize = 150;

/// The documentation of the latest version.
const SITE: &str = "https://docs.rs/ecs-sdk/latest/ecs_sdk";

fn folder() -> PathBuf {
    root().join("ecs-sdk/docs")
}

/// The labels and targets of definitions such as `[label]: target`.
fn definitions(text: &str) -> BTreeMap<String, String> {
    let definition = |line: &str| {
        let (label, target) = line.strip_prefix('[')?.split_once("]: ")?;
        Some((label.to_owned(), target.to_owned()))
    };
    text.lines().filter_map(definition).collect()
}

fn is_definition(line: &str) -> bool {
    line.starts_with('[') && line.contains("]: ")
}

/// The lines of a page that are neither code nor definitions.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence && !is_definition(line)
    })
}

/// The labels that a page uses: `[label]`, but not `[text](target)`, and not in code.
fn labels(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for line in prose(text) {
        for (start, _) in line.match_indices('[') {
            let Some((label, following)) = line[start + 1..].split_once(']') else { break };
            // An odd number of backticks before it: inside code.
            let is_link = line[..start].matches('`').count() % 2 == 0 && !following.starts_with('(');
            if is_link && !label.is_empty() {
                labels.push(label.to_owned());
            }
        }
    }
    labels.sort();
    labels.dedup();
    labels
}

/// The address of a target of `links.md` in the repository or on the site.
fn address(target: &str) -> String {
    let (kind, path) = target.split_once("@crate::").unwrap_or_else(|| panic!("the kind of `{target}` is missing"));
    let parts: Vec<&str> = path.split("::").collect();
    match (kind, parts.as_slice()) {
        ("mod", ["guide", page]) => format!("{page}.md"),
        ("mod", parts) => format!("{SITE}/{}/index.html", parts.join("/")),
        ("method" | "variant", [modules @ .., ty, member]) => {
            let of = if kind == "method" { "struct" } else { "enum" };
            let modules: String = modules.iter().map(|module| format!("{module}/")).collect();
            format!("{SITE}/{modules}{of}.{ty}.html#{kind}.{member}")
        }
        (kind, [modules @ .., ty]) => {
            let modules: String = modules.iter().map(|module| format!("{module}/")).collect();
            format!("{SITE}/{modules}{kind}.{ty}.html")
        }
        (_, []) => panic!("`{target}` has no path"),
    }
}

#[test]
fn links_lead_to_the_same_place_in_the_repository() {
    let links = ["links.md", "links_testing.md"].map(|name| fs::read_to_string(folder().join(name)).unwrap());
    let targets = definitions(&links.concat());
    let pages = fs::read_to_string(root().join("ecs-sdk/src/guide.rs")).unwrap();
    let front = fs::read_to_string(folder().join("front.md")).unwrap();
    let mut problems = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        if OTHERS.contains(&name) {
            continue;
        }
        if !pages.contains(&format!("../docs/{name}")) {
            problems.push(format!("{name} is not in guide.rs"));
        }
        if !front.contains(&format!("guide::{}", name.trim_end_matches(".md"))) {
            problems.push(format!("{name} is not in front.md"));
        }
        let lines = text.lines().filter(|line| !line.starts_with('[')).count();
        // The page about tests shows four tools, each with its program.
        if lines > MAX_LINES && name != "testing.md" {
            problems.push(format!("{name} has {lines} lines; split it"));
        }
        if prose(&text).any(|line| line.contains("](crate::")) {
            problems.push(format!(
                "{name} has a link that only rustdoc understands; write [label], and define it in links.md"
            ));
        }
        let mut expected = String::new();
        for label in labels(&text) {
            match targets.get(&label) {
                Some(target) => expected.push_str(&format!("[{label}]: {}\n", address(target))),
                None => problems.push(format!("[{label}] of {name} is not defined in links.md")),
            }
        }
        let body: String = text.lines().filter(|line| !is_definition(line)).map(|line| format!("{line}\n")).collect();
        let expected = if expected.is_empty() {
            format!("{}\n", body.trim_end())
        } else {
            format!("{}\n\n{expected}", body.trim_end())
        };
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, expected).unwrap();
        } else if expected != text {
            problems
                .push(format!("the links at the end of {name} are outdated; run UPDATE=1 cargo test -p xtask guide"));
        }
        for target in definitions(&text).values().filter(|target| !target.starts_with("https://")) {
            if !folder().join(target).exists() {
                problems.push(format!("{name} links to {target}, which does not exist"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn addresses_follow_from_paths() {
    assert_eq!(address("mod@crate::guide::paging"), "paging.md");
    assert_eq!(address("mod@crate::retry"), format!("{SITE}/retry/index.html"));
    assert_eq!(address("struct@crate::Client"), format!("{SITE}/struct.Client.html"));
    assert_eq!(address("trait@crate::retry::RetryPolicy"), format!("{SITE}/retry/trait.RetryPolicy.html"));
    assert_eq!(address("method@crate::Error::kind"), format!("{SITE}/struct.Error.html#method.kind"));
    assert_eq!(address("variant@crate::Network::Vpc"), format!("{SITE}/enum.Network.html#variant.Vpc"));
}
