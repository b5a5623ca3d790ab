//! Values of the catalog in the documents and in the example programs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::common::{Test, ids};

/// Files and folders with examples, below the root of the repository.
const DOCUMENTS: [&str; 6] =
    ["README.md", "emulator/README.md", "examples", "ecs-sdk/examples", "ecs-sdk/src", "ecs-sdk/runtime/src"];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        // The recipes are workspaces of their own, which can be built in place.
        let entries = path.read_dir().unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| !path.ends_with("target")).for_each(|path| files(&path, found));
    } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
        found.push(path.to_owned());
    }
}

/// Words of the examples: all of a document and of an example program, the docs of other source.
fn words() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut words = BTreeSet::new();
    for document in DOCUMENTS {
        let mut found = Vec::new();
        files(&root.join(document), &mut found);
        assert!(!found.is_empty(), "{document}");
        for text in found.iter().map(|path| fs::read_to_string(path).unwrap()) {
            let is_shown = |line: &&str| !document.ends_with("src") || line.trim_start().starts_with("//");
            let is_outside = |c: char| !c.is_ascii_alphanumeric() && !"._-".contains(c);
            let shown = text.lines().filter(is_shown).flat_map(|line| line.split(is_outside));
            words.extend(shown.map(|word| word.trim_matches('.').to_owned()));
        }
    }
    words
}

#[test]
fn the_catalog_has_what_documents_and_example_programs_name() {
    let test = Test::new();
    let words = words();
    let named = |is: &dyn Fn(&str) -> bool| -> Vec<String> { words.iter().filter(|word| is(word)).cloned().collect() };
    // `ecs.none.large` does not exist, so that an example program can show the error.
    let is_type = |word: &str| word.starts_with("ecs.") && word.ends_with("large") && word != "ecs.none.large";
    let types = named(&|word| is_type(word) && word.matches('.').count() == 2);
    let images = named(&|word| word.ends_with(".vhd"));
    let zones = named(&|word| {
        let zone = word.strip_prefix("cn-").and_then(|rest| rest.split_once('-'));
        zone.is_some_and(|(_, zone)| zone.len() == 1 && zone.starts_with(|c: char| c.is_ascii_lowercase()))
    });
    assert!(types.len() >= 5 && !images.is_empty() && !zones.is_empty(), "{types:?} {images:?} {zones:?}");

    let response = test.call_here("DescribeInstanceTypes", &[]).unwrap();
    let known = ids(&response["InstanceTypes"]["InstanceType"], "InstanceTypeId");
    types.iter().for_each(|ty| assert!(known.contains(ty), "{ty}"));
    for image in images {
        let response = test.call_here("DescribeImages", &[("ImageId", &image)]).unwrap();
        assert_eq!(response["TotalCount"], 1, "{image}");
    }
    for zone in zones {
        let region = zone.rsplit_once('-').unwrap().0;
        let response = test.call("DescribeZones", &[("RegionId", region)]).unwrap();
        assert!(ids(&response["Zones"]["Zone"], "ZoneId").contains(&zone), "{zone}");
    }
}
