//! `cargo xtask codegen --watch`: generates again when a spec changes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use super::{Arguments, generate, selection::Selection};
use crate::{Outcome, place::Place};

/// Time between two looks at the folder, which is part of the time until a changed spec is generated. Files are
/// compared instead of being watched by the operating system, because that works on all file systems, including those of
/// containers.
const INTERVAL: Duration = Duration::from_millis(40);

/// Time without a change after which a change of several files is considered complete.
const SETTLE_TIME: Duration = Duration::from_millis(30);

/// Generates, and again after each change, until the process ends. Errors in specs do not end it.
pub(super) fn run(arguments: &Arguments) -> Outcome {
    let place = Place { package: arguments.package.clone(), specs: None };
    let specs = place.folder()?;
    if !arguments.only.is_empty() {
        let tree = ecs_codegen::lint(place.read()?).0;
        Selection::new(&arguments.only, &tree, &specs)?;
    }
    println!("watching {}; press Ctrl-C to stop", crate::shown(&specs));
    let mut run = |only: &[String], shows_all: bool| {
        let arguments = Arguments { only: only.to_owned(), ..arguments.clone() };
        // A thread of its own, so that its memory for the places of parsed source is freed, and a panic ends only this run.
        let run = thread::scope(|scope| scope.spawn(|| generate_and_report(&arguments, shows_all)).join());
        run.unwrap_or_else(|_| {
            eprintln!("this is a bug in the generator; it runs again after the next change");
            false
        })
    };
    let wait = &mut |time| {
        thread::sleep(time);
        true
    };
    watch(&specs, &arguments.only, &mut run, wait);
    Ok(())
}

/// Generates once. Returns whether this succeeded. A run that found nothing to write is reported only with `shows_all`: the
/// second run after a change usually finds nothing else to write.
fn generate_and_report(arguments: &Arguments, shows_all: bool) -> bool {
    match generate(arguments) {
        Ok(report) => {
            if shows_all || !report.changes.is_empty() {
                println!("{report}");
            }
            true
        }
        Err(error) => {
            eprintln!("{error}");
            false
        }
    }
}

/// Calls `run` at first and after each change, with the names that `--only` would have, and with whether to report a run that
/// found nothing to write: the first one, one of named operations, and one after a run that failed. `wait` waits for a time,
/// and returns whether to go on.
///
/// A change that goes on, such as a checkout of many files, is waited for. After a change of operations only, their source is
/// generated first, and then everything, because names of other operations can depend on them; if the first run fails, the
/// second one would fail too and is left out.
fn watch(
    specs: &Path,
    only: &[String],
    run: &mut dyn FnMut(&[String], bool) -> bool,
    wait: &mut dyn FnMut(Duration) -> bool,
) {
    let mut has_succeeded = false;
    let mut run = |names: &[String]| {
        has_succeeded = run(names, !has_succeeded || !names.is_empty());
        has_succeeded
    };
    let mut last = Snapshot::of(specs);
    run(only);
    while wait(INTERVAL) {
        let mut now = Snapshot::of(specs);
        let mut changed = last.changed(&now);
        if changed.is_empty() {
            continue;
        }
        while wait(SETTLE_TIME) {
            let next = Snapshot::of(specs);
            if next == now {
                break;
            }
            now = next;
        }
        changed.extend(last.changed(&now));
        last = now;
        if only.is_empty() && changed.iter().all(|path| is_operation(path) && specs.join(path).is_file()) {
            let names: Vec<String> = changed.into_iter().collect();
            if !run(&names) {
                continue;
            }
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

    /// The names of each run, with the edits made in between, of which each is one look at the folder later. Runs with the
    /// text `broken` in a file fail.
    fn runs(only: &[String], edits: &[&dyn Fn(&Path)]) -> Vec<Vec<String>> {
        reported_runs(only, edits).into_iter().map(|(only, _)| only).collect()
    }

    /// The same, with whether each run is reported even if it has nothing to write.
    fn reported_runs(only: &[String], edits: &[&dyn Fn(&Path)]) -> Vec<(Vec<String>, bool)> {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "ecs/types.json", "{}", 1);
        write(folder.path(), OPERATION, "{}", 1);
        let runs = RefCell::new(Vec::new());
        let mut run = |only: &[String], shows_all: bool| {
            runs.borrow_mut().push((only.to_owned(), shows_all));
            fs::read_to_string(folder.path().join(OPERATION)).is_ok_and(|text| text != "broken")
        };
        let mut edits = edits.iter();
        watch(folder.path(), only, &mut run, &mut |_| {
            let edit = edits.next();
            edit.iter().for_each(|edit| edit(folder.path()));
            edit.is_some()
        });
        runs.into_inner()
    }

    const ALL: Vec<String> = Vec::new();
    const OPERATION: &str = "ecs/things/DescribeThings.json";

    /// Nothing changes until the next look.
    fn pause(_: &Path) {}

    #[test]
    fn nothing_is_generated_again_without_a_change() {
        assert_eq!(runs(&[], &[&pause, &|specs| write(specs, "notes.txt", "", 5), &pause]), [ALL]);
    }

    #[test]
    fn a_changed_operation_is_generated_first() {
        let operation = vec![OPERATION.to_owned()];
        let edit = |specs: &Path| write(specs, OPERATION, "[]", 2);
        assert_eq!(runs(&[], &[&edit, &pause, &edit, &pause]), [ALL, operation, ALL]);
    }

    #[test]
    fn a_file_that_is_renamed_over_another_is_a_change() {
        let rename = |specs: &Path| {
            write(specs, "ecs/things/.DescribeThings.json.tmp", "[ ]", 1);
            fs::rename(specs.join("ecs/things/.DescribeThings.json.tmp"), specs.join(OPERATION)).unwrap();
        };
        assert_eq!(runs(&[], &[&rename, &pause]), [ALL, vec![OPERATION.to_owned()], ALL]);
    }

    #[test]
    fn other_changes_generate_everything() {
        let types = |specs: &Path| write(specs, "ecs/types.json", "{ }", 1);
        let removed = |specs: &Path| fs::remove_file(specs.join(OPERATION)).unwrap();
        assert_eq!(runs(&[], &[&types, &pause, &removed, &pause]), [ALL, ALL, ALL]);
        let ecs = vec!["ecs".to_owned()];
        assert_eq!(runs(&ecs, &[&types, &pause]), [ecs.clone(), ecs]);
    }

    #[test]
    fn changes_that_follow_each_other_are_one() {
        let first = |specs: &Path| write(specs, OPERATION, "[]", 2);
        let second = |specs: &Path| write(specs, "ecs/things/StopThing.json", "{}", 2);
        let both = vec![OPERATION.to_owned(), "ecs/things/StopThing.json".to_owned()];
        assert_eq!(runs(&[], &[&first, &second, &pause]), [ALL, both, ALL]);
    }

    #[test]
    fn a_run_after_one_that_failed_is_reported() {
        let broken = |specs: &Path| write(specs, OPERATION, "broken", 2);
        let removed = |specs: &Path| fs::remove_file(specs.join(OPERATION)).unwrap();
        let mended = |specs: &Path| {
            write(specs, OPERATION, "{}", 3);
            write(specs, "ecs/types.json", "{ }", 3);
        };
        let types = |specs: &Path| write(specs, "ecs/types.json", "{}", 4);
        let runs = reported_runs(&[], &[&broken, &pause, &removed, &pause, &mended, &pause, &types, &pause]);
        let operation = vec![OPERATION.to_owned()];
        assert_eq!(runs, [(ALL, true), (operation, true), (ALL, true), (ALL, true), (ALL, false)]);
    }

    #[test]
    fn the_loop_goes_on_after_a_run_that_fails_and_does_not_report_twice() {
        let operation = vec![OPERATION.to_owned()];
        let broken = |specs: &Path| write(specs, OPERATION, "broken", 2);
        let mended = |specs: &Path| write(specs, OPERATION, "{}", 3);
        let expected = [ALL, operation.clone(), operation, ALL];
        assert_eq!(runs(&[], &[&broken, &pause, &mended, &pause]), expected);
    }
}
