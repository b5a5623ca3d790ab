//! Spans and events of `tracing`.

/// Target of the spans and events of all crates of the SDK, so that one name filters them.
pub(crate) const TARGET: &str = "ecs_sdk";

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    fn read(path: &Path) -> String {
        String::from_utf8(fs::read(path).unwrap()).unwrap()
    }

    /// Finds the messages of all events in the source below a folder.
    fn find_messages(folder: &Path, found: &mut BTreeSet<String>) {
        // In two parts, so that this file is not found.
        let event = concat!("tracing::", "warn!(");
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                find_messages(&path, found);
                continue;
            }
            let source = read(&path);
            // The message is the last argument.
            let events = source.split(event).skip(1).filter_map(|rest| rest.split_once(");"));
            found.extend(events.filter_map(|(arguments, _)| arguments.rsplit('"').nth(1)).map(str::to_owned));
        }
    }

    #[test]
    fn the_guide_lists_every_event() {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut emitted = BTreeSet::new();
        find_messages(&package.join("src"), &mut emitted);
        let guide = read(&package.join("../docs/observability.md"));
        let (_, table) = guide.split_once("| event |").unwrap();
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let listed: BTreeSet<String> = rows.filter_map(|row| row.split('`').nth(1)).map(str::to_owned).collect();
        assert_eq!(listed, emitted);
    }
}
