//! `cargo xtask ci budgets`: figures that are exact on a busy machine too: lines of generated source per operation, allocations of
//! calls, sizes of types.

use std::{ffi::OsStr, fs, path::Path};

use crate::{Outcome, root, step};

/// Folders of generated source that users compile.
const GENERATED: &[&str] =
    &["ecs-sdk/src/generated", "ecs-sdk/types/src/generated", "ecs-sdk/companions/src/generated"];

/// Lines of generated source per operation, with docs. They decide how long the library takes to compile. When the budget was
/// set there were 287: room for docs, and none for another item in every operation.
const MAX_LINES_PER_OPERATION: usize = 300;

/// The test that compares allocations and sizes with the recorded figures, and prints them.
const TEST: &[&str] =
    &["test", "--quiet", "--package", "ecs-sdk-runtime", "--test", "allocations", "--", "--nocapture"];

pub(crate) fn run() -> Outcome {
    let mut source = Source::default();
    for folder in GENERATED {
        source.add(&root().join(folder))?;
    }
    let per_operation = source.lines_per_operation();
    println!("lines of generated source per operation: {per_operation}, at most {MAX_LINES_PER_OPERATION}");
    println!("operations: {}", source.operations);
    // Shown even if the lines are over their budget.
    let output = step::cargo("allocations and sizes", TEST);
    if let Ok(output) = &output {
        output
            .lines()
            .filter(|line| line.contains(": ") && !line.starts_with("test "))
            .for_each(|line| println!("{line}"));
    }
    output?;
    if per_operation > MAX_LINES_PER_OPERATION {
        return Err(format!(
            "operations have {per_operation} lines of generated source on average, {} more than the budget; move what they share \
             into the macros of ecs-sdk/model/src/model and ecs-sdk/runtime/src/fluent.rs",
            per_operation - MAX_LINES_PER_OPERATION
        )
        .into());
    }
    Ok(())
}

/// Counts of generated source.
#[derive(Default)]
struct Source {
    operations: usize,
    lines: usize,
}

impl Source {
    /// Adds the files below a folder. Each file in a folder `operation` is an operation, except `mod.rs`.
    fn add(&mut self, folder: &Path) -> std::io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.add(&path)?;
            } else if path.extension() == Some(OsStr::new("rs")) {
                self.lines += fs::read_to_string(&path)?.lines().count();
                let is_operation =
                    folder.file_name() == Some(OsStr::new("operation")) && path.file_stem() != Some(OsStr::new("mod"));
                self.operations += usize::from(is_operation);
            }
        }
        Ok(())
    }

    /// Returns the average, rounded up.
    fn lines_per_operation(&self) -> usize {
        self.lines.div_ceil(self.operations.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_generated_lines_count_and_files_of_operations_are_operations() {
        let folder = tempfile::tempdir().unwrap();
        let operations = folder.path().join("ecs/operation");
        fs::create_dir_all(&operations).unwrap();
        fs::write(folder.path().join("mod.rs"), "1\n2\n").unwrap();
        fs::write(folder.path().join("samples.json"), "1\n").unwrap();
        for name in ["mod.rs", "a.rs", "b.rs"] {
            fs::write(operations.join(name), "1\n").unwrap();
        }
        let mut source = Source::default();
        source.add(folder.path()).unwrap();
        assert_eq!((source.operations, source.lines, source.lines_per_operation()), (2, 5, 3));
    }
}
