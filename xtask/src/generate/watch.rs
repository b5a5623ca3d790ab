//! `cargo xtask codegen --watch`: generates again when a spec changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use super::{Arguments, generate};
use crate::{Outcome, place::Place};

/// Time between two looks at the folder. Files are compared instead of being watched by the operating system, because that
/// works on all file systems, including those of containers.
const INTERVAL: Duration = Duration::from_millis(50);

/// Generates, and again after each change, until the process ends. Errors in specs do not end it.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let place = Place { package: arguments.package.clone(), specs: None };
    let specs = place.folder()?;
    println!("watching {}; press Ctrl-C to stop", crate::shown(&specs));
    let mut run = |only: &[String]| {
        let arguments = Arguments { only: only.to_owned(), ..arguments.clone() };
        match generate(&arguments) {
            // The second run after a change usually finds nothing else to write.
            Ok(report) if !only.is_empty() || !report.changes.is_empty() => println!("{report}"),
            Ok(_) => {}
            Err(error) => eprintln!("{error}"),
        }
    };
    let wait = &mut || {
        thread::sleep(INTERVAL);
        true
    };
    watch(&specs, &arguments.only, &mut run, wait);
    Ok(())
}

/// Calls `run` at first and after each change, with the names that `--only` would have. `wait` returns whether to go on.
///
/// After a change of operations only, their source is generated first, and then everything: names of other operations can
/// depend on them.
fn watch(specs: &Path, only: &[String], run: &mut dyn FnMut(&[String]), wait: &mut dyn FnMut() -> bool) {
    let mut last = Snapshot::of(specs);
    run(only);
    while wait() {
        let now = Snapshot::of(specs);
        let changed = last.changed(&now);
        last = now;
        if changed.is_empty() {
            continue;
        }
        if only.is_empty() && changed.iter().all(|path| is_operation(path) && specs.join(path).is_file()) {
            let names: Vec<String> = changed.into_iter().collect();
            run(&names);
        }
        run(only);
    }
}

/// Whether the path below the specs is that of an operation's file.
fn is_operation(path: &str) -> bool {
    path.split('/').count() == 3
}

/// The spec files of a folder at one time, by path, with what changes when they are written.
#[derive(Default, PartialEq)]
struct Snapshot(BTreeMap<String, (Option<SystemTime>, u64)>);

impl Snapshot {
    fn of(specs: &Path) -> Self {
        let mut snapshot = Self::default();
        snapshot.add(specs, "");
        snapshot
    }

    /// Adds a folder. The next run reports files that cannot be read.
    fn add(&mut self, folder: &Path, prefix: &str) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                self.add(&entry.path(), &format!("{prefix}{name}/"));
            } else if name.ends_with(".json") && !name.starts_with('.') && !name.ends_with("schema.json") {
                let Ok(metadata) = entry.metadata() else { continue };
                self.0.insert(format!("{prefix}{name}"), (metadata.modified().ok(), metadata.len()));
            }
        }
    }

    /// Paths of the files that were written, created or removed since.
    fn changed(&self, now: &Self) -> BTreeSet<String> {
        let paths: BTreeSet<&String> = self.0.keys().chain(now.0.keys()).collect();
        paths.into_iter().filter(|path| self.0.get(*path) != now.0.get(*path)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn write(specs: &Path, path: &str, text: &str, second: u64) {
        let path = specs.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    }

    /// The names of each run, with the edits made in between.
    fn runs(only: &[String], edits: &[&dyn Fn(&Path)]) -> Vec<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "ecs/types.json", "{}", 1);
        write(folder.path(), "ecs/things/DescribeThings.json", "{}", 1);
        let runs = RefCell::new(Vec::new());
        let mut edits = edits.iter();
        watch(folder.path(), only, &mut |only| runs.borrow_mut().push(only.to_owned()), &mut || {
            edits.next().map(|edit| edit(folder.path())).is_some()
        });
        runs.into_inner()
    }

    const ALL: Vec<String> = Vec::new();

    #[test]
    fn nothing_is_generated_again_without_a_change() {
        assert_eq!(runs(&[], &[&|_| {}, &|specs| write(specs, "notes.txt", "", 5)]), [ALL]);
    }

    #[test]
    fn a_changed_operation_is_generated_first() {
        let operation = vec!["ecs/things/DescribeThings.json".to_owned()];
        let edit = |specs: &Path| write(specs, "ecs/things/DescribeThings.json", "[]", 2);
        assert_eq!(runs(&[], &[&edit, &edit]), [ALL, operation, ALL]);
    }

    #[test]
    fn other_changes_generate_everything() {
        let types = |specs: &Path| write(specs, "ecs/types.json", "{ }", 1);
        let removed = |specs: &Path| fs::remove_file(specs.join("ecs/things/DescribeThings.json")).unwrap();
        assert_eq!(runs(&[], &[&types, &removed]), [ALL, ALL, ALL]);
        let ecs = vec!["ecs".to_owned()];
        assert_eq!(runs(&ecs, &[&types]), [ecs.clone(), ecs]);
    }
}
