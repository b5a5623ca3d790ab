//! The observability guide lists the tracing events of the runtime. The test is here because it reads files of two packages.

use std::{collections::BTreeSet, fs, path::Path};

use crate::root;

/// Finds the messages of all events in the source below a folder.
fn find_messages(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_messages(&path, found);
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        // The message is the last argument.
        let events = source.split("tracing::warn!(").skip(1).filter_map(|rest| rest.split_once(");"));
        found.extend(events.filter_map(|(arguments, _)| arguments.rsplit('"').nth(1)).map(str::to_owned));
    }
}

#[test]
fn the_guide_lists_every_event() {
    let sdk = root().join("ecs-sdk");
    let mut emitted = BTreeSet::new();
    for source in ["model/src", "runtime/src"] {
        find_messages(&sdk.join(source), &mut emitted);
    }
    let guide = fs::read_to_string(sdk.join("docs/observability.md")).unwrap();
    let (_, table) = guide.split_once("| event |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let listed: BTreeSet<String> = rows.filter_map(|row| row.split('`').nth(1)).map(str::to_owned).collect();
    assert_eq!(listed, emitted);
}
