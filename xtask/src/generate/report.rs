//! The result of a run, as text and as JSON.

use std::{error::Error, fmt, path::PathBuf};

use ecs_codegen::{
    Diagnostics, count,
    fileset::{Changes, FileSet},
};
use serde_json::{Value, json};

use super::stages::Stages;
use crate::{Outcome, shown, updates};

/// The size of the generated source, and the files that a run wrote or found to differ.
pub(super) struct Report {
    check: bool,
    pub(super) changes: Changes,
    operations: usize,
    files: usize,
    lines: usize,
    stages: Stages,
    remedy: String,
}

impl Report {
    pub(super) fn new(
        check: bool,
        changes: Changes,
        operations: usize,
        sets: &[&FileSet],
        stages: Stages,
        remedy: String,
    ) -> Self {
        let files = sets.iter().map(|files| files.len()).sum();
        let lines = sets.iter().flat_map(|files| files.iter()).map(|(_, text)| text.lines().count()).sum();
        Self { check, changes, operations, files, lines, stages, remedy }
    }

    /// Writes the report. It is an error if a file differs that was only to be compared.
    pub(super) fn write(&self, as_json: bool) -> Outcome {
        let is_stale = self.check && !self.changes.is_empty();
        if as_json {
            println!("{}", self.to_json());
        } else if !is_stale {
            println!("{self}");
        }
        match (is_stale, as_json) {
            (false, _) => Ok(()),
            (true, true) => Err(format!("generated files are stale; {}", self.remedy).into()),
            (true, false) => Err(format!("{}generated files are stale; {}", self.list(), self.remedy).into()),
        }
    }

    /// The files.
    fn list(&self) -> String {
        let mut text = updates::list(&self.changes, self.check);
        for path in &self.changes.foreign {
            let path = shown(path);
            text.push_str(&format!("{:>8}  {path}: not generated; move it elsewhere, or remove it\n", "kept"));
        }
        text
    }

    fn to_json(&self) -> Value {
        let paths = |paths: &[PathBuf]| paths.iter().map(|path| shown(path)).collect::<Vec<_>>();
        let changes = &self.changes;
        let stages = self.stages.ended().iter();
        let stages = stages.map(|(name, time)| json!({ "name": name, "ms": milliseconds(time.as_secs_f64()) }));
        let status = match (changes.is_empty(), self.check) {
            (true, _) => "fresh",
            (false, true) => "stale",
            (false, false) => "written",
        };
        let mut written = json!({
            "status": status,
            "operations": self.operations,
            "files": self.files,
            "lines": self.lines,
            "kept": paths(&changes.foreign),
            "stages": stages.collect::<Vec<_>>(),
            "ms": milliseconds(self.stages.total().as_secs_f64()),
        });
        for (kind, files) in updates::kinds(changes, self.check) {
            written[kind] = paths(files).into();
        }
        written
    }
}

/// Writes the files, the size of the source, and the time by stage.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = if self.changes.is_empty() { "fresh" } else { "done" };
        let Self { operations, files, lines, .. } = self;
        let counts = [(operations, "operation"), (files, "file"), (lines, "line")];
        let counts = counts.map(|(number, noun)| count(*number, noun)).join(", ");
        writeln!(f, "{}{outcome:>8}  {counts}", self.list())?;
        write!(f, "{:>8}  {:.2} s", "took", self.stages.total().as_secs_f64())?;
        for (index, (name, time)) in self.stages.ended().iter().enumerate() {
            write!(f, "{}{name} {:.2}", if index == 0 { ": " } else { ", " }, time.as_secs_f64())?;
        }
        Ok(())
    }
}

/// Writes an error as JSON, and returns a short one for standard error.
pub(super) fn write_error(error: &(dyn Error + 'static)) -> Box<dyn Error> {
    let (violations, message) = match error.downcast_ref::<Diagnostics>() {
        Some(found) => (found.to_json(), format!("the specs have {}", found.summary())),
        None => (Vec::new(), error.to_string()),
    };
    println!("{}", json!({ "status": "failed", "message": message, "violations": violations }));
    message.into()
}

/// Seconds as milliseconds with one decimal.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 10_000.0).round() / 10.0
}
