//! `cargo xtask spec diff`: the changes between two revisions of the specs.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use clap::Args;
use ecs_codegen::{
    diff::{self, Format, Impact, Report, Side, Verdict},
    load,
};

use crate::{Outcome, root, shell};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The arguments of `spec diff`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The older git revision; also `BASE..HEAD`, and `BASE...HEAD` for the changes since they diverged
    #[arg(default_value = "HEAD")]
    base: String,
    /// The newer git revision [default: the working tree]
    head: Option<String>,
    /// `text`, `markdown` (for a comment: at most 65,536 characters) or `json`
    #[arg(long, default_value = "text")]
    format: Format,
    /// Fail if there is a change of this class or a more severe one: `breaking`, `behaviour`, `additive` or `docs`
    #[arg(long, value_name = "CLASS")]
    fail_on: Option<Impact>,
    /// Print the JSON Schema of `--format json` instead of comparing
    #[arg(long)]
    schema: bool,
    /// Folder of the crate whose specs are compared [default: this workspace]
    #[arg(long = "crate", value_name = "DIR")]
    package: Option<PathBuf>,
}

/// Compares, prints, and fails if `--fail-on` asks for it.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.schema {
        println!("{}", serde_json::to_string_pretty(&diff::json_schema())?);
        return Ok(());
    }
    let report = compare(arguments)?;
    // A reader that leaves, as in `… | head`, does not change the result.
    crate::output::print(format_args!("{}", report.render(arguments.format)));
    let Some(class) = arguments.fail_on else { return Ok(()) };
    match rejected(&report, class) {
        Some(found) => Err(format!("changes that `--fail-on {class}` rejects: {found}").into()),
        None => Ok(()),
    }
}

/// The number of changes of a class and of more severe ones, if there are any.
fn rejected(report: &Report, class: Impact) -> Option<String> {
    let severe = Impact::ALL.into_iter().filter(|found| *found >= class);
    let found: Vec<String> = severe
        .map(|class| (class, report.changes.number(class)))
        .filter(|(_, number)| *number > 0)
        .map(|(class, number)| format!("{number} {class}"))
        .collect();
    (!found.is_empty()).then(|| found.join(", "))
}

fn compare(arguments: &Arguments) -> Result<Report> {
    let folder = arguments.package.clone().unwrap_or_else(root);
    let repository = Repository::open(&folder, arguments.package.as_deref())?;
    let (base, head) = repository.revisions(&arguments.base, arguments.head.as_deref())?;
    let old = repository.specs(Some(&base))?;
    let new = repository.specs(head.as_deref())?;
    if old.is_empty() && new.is_empty() {
        return Err(format!("neither revision has spec files in `{}`", repository.shown("specs")).into());
    }
    let diff = diff::diff(&old, &new).map_err(|errors| named(&errors, &base, head.as_deref()))?;
    let verdict = match (repository.version(Some(&base)), repository.version(head.as_deref())) {
        (Some(old), Some(new)) => Some(Verdict::new(diff.worst(), &old, &new)?),
        // A crate that is new has no version to compare with.
        _ => None,
    };
    let mut report = Report::new(diff, &base, head.as_deref(), verdict);
    if let Some(package) = &arguments.package {
        report.command += &format!(" --crate {}", shell::word(package));
    }
    Ok(report)
}

/// The files that could not be read, with the revision of each.
fn named(errors: &diff::Errors, base: &str, head: Option<&str>) -> String {
    let lines = errors.0.iter().map(|error| {
        let revision = if error.side == Side::Old { Some(base) } else { head };
        revision.map_or_else(|| error.to_string(), |revision| format!("{revision}:{error}"))
    });
    let mut lines: Vec<String> = lines.collect();
    lines.push("correct these files, or compare with another revision".to_owned());
    lines.join("\n")
}

/// The git repository of a crate, and the crate's place in it.
struct Repository {
    folder: PathBuf,
    /// The folder as the user named it, which starts the paths of messages.
    label: Option<PathBuf>,
}

impl Repository {
    fn open(folder: &Path, label: Option<&Path>) -> Result<Self> {
        if !folder.is_dir() {
            return Err(format!("no folder `{}`", folder.display()).into());
        }
        let repository = Self { folder: folder.to_owned(), label: label.map(Path::to_owned) };
        repository.git(&["rev-parse", "--show-toplevel"]).map_err(|error| {
            let place = folder.display();
            format!("`{place}` is not in a git repository, whose revisions `spec diff` compares: {error}")
        })?;
        Ok(repository)
    }

    /// The two revisions, checked. A range names both.
    fn revisions(&self, base: &str, head: Option<&str>) -> Result<(String, Option<String>)> {
        let or_head = |name: &str| if name.is_empty() { "HEAD".to_owned() } else { name.to_owned() };
        let (base, head) = match (base.split_once("..."), base.split_once(".."), head) {
            (None, None, head) => (base.to_owned(), head.map(str::to_owned)),
            (_, _, Some(_)) => {
                return Err(format!("`{base}` is a range: give a range, or two revisions").into());
            }
            (Some((base, head)), ..) => {
                let (base, head) = (self.revision(&or_head(base))?, self.revision(&or_head(head))?);
                let common = self.git(&["merge-base", &base, &head]);
                let common = common.map_err(|_| format!("`{base}` and `{head}` have no common ancestor"))?;
                (common.trim().chars().take(12).collect(), Some(head))
            }
            (None, Some((base, head)), None) => (or_head(base), Some(or_head(head))),
        };
        let head = head.map(|head| self.revision(&head)).transpose()?;
        Ok((self.revision(&base)?, head))
    }

    /// Checks that a revision exists.
    fn revision(&self, name: &str) -> Result<String> {
        let found = self.git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{tree}}")]);
        match found {
            Ok(_) => Ok(name.to_owned()),
            Err(_) if self.has_no_commits() => {
                let help = "commit the specs first, because `spec diff` compares with a commit";
                Err(format!("the repository has no commits yet: {help}").into())
            }
            Err(_) if name == "HEAD" => {
                Err("the current branch has no commits yet: commit the specs first, or give a revision".into())
            }
            Err(_) => {
                let help = "`git log` and `git branch --all` list revisions; a shallow clone has only some, and `git fetch` gets others";
                Err(format!("unknown git revision `{name}`: {help}").into())
            }
        }
    }

    /// Whether no branch or tag has a commit, as after `git init`.
    fn has_no_commits(&self) -> bool {
        self.git(&["rev-list", "--all", "--max-count=1"]).is_ok_and(|found| found.is_empty())
    }

    /// The spec files of a revision, or of the working tree, with paths for messages.
    fn specs(&self, revision: Option<&str>) -> Result<Vec<(String, String)>> {
        let Some(revision) = revision else { return self.working_tree() };
        let list = self.git(&["ls-tree", "-r", "-z", revision, "specs/"])?;
        let mut paths = Vec::new();
        let mut requests = String::new();
        for entry in list.split('\0') {
            // `<mode> <type> <object>\t<path>`; other modes are symbolic links and submodules.
            let Some((facts, path)) = entry.split_once('\t') else { continue };
            let facts: Vec<&str> = facts.split(' ').collect();
            let [mode, "blob", object] = facts[..] else { continue };
            if mode.starts_with("100") && path.ends_with(".json") && !path.ends_with("schema.json") {
                paths.push(path);
                requests.push_str(object);
                requests.push('\n');
            }
        }
        let texts = self.objects(&requests, &paths, revision)?;
        Ok(paths.into_iter().map(|path| self.shown(path)).zip(texts).collect())
    }

    fn working_tree(&self) -> Result<Vec<(String, String)>> {
        let specs = self.folder.join("specs");
        if !specs.is_dir() {
            return Ok(Vec::new());
        }
        let sources = load::read_dir(&specs).map_err(|error| format!("{}: {error}", self.shown("specs")))?;
        Ok(sources.into_iter().map(|source| (self.shown(&format!("specs/{}", source.path)), source.text)).collect())
    }

    /// The contents of objects, in one run of git.
    fn objects(&self, requests: &str, paths: &[&str], revision: &str) -> Result<Vec<String>> {
        let output = self.run(&["cat-file", "--batch"], Some(requests.as_bytes()))?;
        let mut rest = output.as_slice();
        let mut texts = Vec::new();
        for path in paths {
            let damaged = || format!("{revision}:{path}: git cannot read the file");
            // `<object> blob <size>\n<contents>\n`
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(damaged)?;
            let header = std::str::from_utf8(&rest[..end]).map_err(|_| damaged())?;
            let size: usize = header.rsplit(' ').next().and_then(|size| size.parse().ok()).ok_or_else(damaged)?;
            let contents = rest.get(end + 1..end + 1 + size).ok_or_else(damaged)?;
            let text = String::from_utf8(contents.to_vec())
                .map_err(|_| format!("{revision}:{}: the file is not UTF-8", self.shown(path)))?;
            texts.push(text);
            rest = rest.get(end + 2 + size..).unwrap_or_default();
        }
        Ok(texts)
    }

    /// The version of the crate, or of the workspace.
    fn version(&self, revision: Option<&str>) -> Option<String> {
        let text = match revision {
            Some(revision) => self.git(&["show", &format!("{revision}:./Cargo.toml")]).ok()?,
            None => std::fs::read_to_string(self.folder.join("Cargo.toml")).ok()?,
        };
        let manifest: toml_edit::DocumentMut = text.parse().ok()?;
        let of = |path: &[&str]| {
            let item = path.iter().try_fold(manifest.as_item(), |item, key| item.get(key))?;
            item.as_str().map(str::to_owned)
        };
        of(&["package", "version"]).or_else(|| of(&["workspace", "package", "version"]))
    }

    /// A path in the crate, for messages.
    fn shown(&self, path: &str) -> String {
        match &self.label {
            Some(label) => format!("{}/{path}", label.display().to_string().trim_end_matches(['/', '\\'])),
            None => path.to_owned(),
        }
    }

    fn git(&self, arguments: &[&str]) -> Result<String> {
        Ok(String::from_utf8(self.run(arguments, None)?)?)
    }

    fn run(&self, arguments: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>> {
        let started = Command::new("git")
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = started.map_err(|error| format!("cannot run `git`: {error}"))?;
        let stdin = child.stdin.take();
        // Written on a thread of its own: git starts to write before it has read everything.
        let output = std::thread::scope(|scope| {
            scope.spawn(move || stdin.zip(input).map(|(mut stdin, input)| stdin.write_all(input)));
            child.wait_with_output()
        })?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(String::from_utf8_lossy(&output.stderr).trim().trim_start_matches("fatal: ").to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const OPERATION: &str = "specs/ecs/things/StopThing.json";
    const OLD: &str =
        r#"{ "operation": "StopThing", "family": "things", "request": [{ "name": "Id", "type": "string" }] }"#;

    /// A repository with two commits, of which the second is tagged `second` and removes a parameter.
    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::create_dir_all(at.join("specs/ecs/things")).unwrap();
        fs::write(at.join("Cargo.toml"), "[workspace.package]\nversion = \"0.1.0\"\n").unwrap();
        fs::write(at.join(OPERATION), OLD).unwrap();
        git(at, &["init", "--quiet"]);
        commit(at, "first");
        fs::write(at.join(OPERATION), OLD.replace(r#"{ "name": "Id", "type": "string" }"#, "")).unwrap();
        commit(at, "second");
        folder
    }

    fn commit(folder: &Path, tag: &str) {
        git(folder, &["add", "--all"]);
        let author = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false"];
        git(folder, &[&author[..], &["commit", "--quiet", "--message", tag]].concat());
        git(folder, &["tag", tag]);
    }

    fn git(folder: &Path, arguments: &[&str]) {
        let output = Command::new("git").args(arguments).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn arguments(folder: &Path, base: &str, head: Option<&str>) -> Arguments {
        Arguments {
            base: base.to_owned(),
            head: head.map(str::to_owned),
            format: Format::Text,
            fail_on: None,
            schema: false,
            package: Some(folder.to_owned()),
        }
    }

    fn error(arguments: &Arguments) -> String {
        compare(arguments).expect_err("the comparison fails").to_string()
    }

    #[test]
    fn revisions_ranges_and_the_working_tree_are_compared() {
        let folder = repository();
        let at = folder.path();
        for (base, head, expected) in [
            ("first", Some("second"), 1),
            ("second", Some("first"), 1),
            ("first..second", None, 1),
            ("first...second", None, 1),
            ("first..", None, 1),
            ("second", None, 0),
            ("first", None, 1),
        ] {
            let repository = Repository::open(at, None).unwrap();
            let (base, head) = repository.revisions(base, head).unwrap();
            let [old, new] = [Some(base.as_str()), head.as_deref()].map(|revision| repository.specs(revision).unwrap());
            assert_eq!(old[0].0, OPERATION);
            assert_eq!(diff::diff(&old, &new).unwrap().changes.len(), expected, "{base} {head:?}");
            assert_eq!(repository.version(Some(&base)).as_deref(), Some("0.1.0"));
        }
    }

    #[test]
    fn fail_on_rejects_a_class_and_more_severe_ones() {
        let folder = repository();
        let report = compare(&arguments(folder.path(), "first", None)).unwrap();
        assert_eq!(rejected(&report, Impact::Breaking).as_deref(), Some("1 breaking"));
        assert_eq!(rejected(&report, Impact::Docs).as_deref(), Some("1 breaking"));
        assert_eq!(report.verdict.unwrap().required, "0.2.0");
        let report = compare(&arguments(folder.path(), "second", None)).unwrap();
        assert_eq!(rejected(&report, Impact::Docs), None);
    }

    #[test]
    fn a_crate_in_a_folder_of_the_repository_is_compared() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("clients/things");
        fs::create_dir_all(inner.join("specs/ecs/things")).unwrap();
        fs::write(inner.join("Cargo.toml"), "[package]\nversion = \"1.2.0\"\n").unwrap();
        fs::write(inner.join(OPERATION), OLD).unwrap();
        git(folder.path(), &["init", "--quiet"]);
        commit(folder.path(), "first");
        let repository = Repository::open(&inner, Some(Path::new("things/"))).unwrap();
        assert_eq!(repository.specs(Some("first")).unwrap(), [(format!("things/{OPERATION}"), OLD.to_owned())]);
        assert_eq!(repository.specs(None).unwrap(), repository.specs(Some("first")).unwrap());
        assert_eq!(repository.version(Some("first")).as_deref(), Some("1.2.0"));
    }

    #[test]
    fn mistakes_have_clear_messages() {
        let folder = repository();
        let at = folder.path();
        let unknown = error(&arguments(at, "nowhere", None));
        assert!(unknown.starts_with("unknown git revision `nowhere`: "), "{unknown}");
        assert!(error(&arguments(at, "--help", None)).starts_with("unknown git revision `--help`"));
        assert!(error(&arguments(at, "first..second", Some("first"))).contains("is a range"));
        let missing = error(&arguments(&at.join("missing"), "first", None));
        assert!(missing.starts_with("no folder `"), "{missing}");
        fs::write(at.join(OPERATION), "{").unwrap();
        let invalid = error(&arguments(at, "second", None));
        assert!(invalid.contains("StopThing.json:1: cannot read the spec: EOF"), "{invalid}");
        commit(at, "broken");
        let invalid = error(&arguments(at, "broken", Some("second")));
        assert!(invalid.starts_with("broken:") && invalid.contains("StopThing.json:1: "), "{invalid}");
        fs::write(at.join(OPERATION), [0xff, 0xfe]).unwrap();
        commit(at, "binary");
        let invalid = error(&arguments(at, "binary", Some("second")));
        assert!(invalid.ends_with("StopThing.json: the file is not UTF-8"), "{invalid}");
        git(at, &["checkout", "--quiet", "--orphan", "other"]);
        let unborn = error(&arguments(at, "HEAD", None));
        assert!(unborn.starts_with("the current branch has no commits yet: "), "{unborn}");
        let empty = tempfile::tempdir().unwrap();
        git(empty.path(), &["init", "--quiet"]);
        let unborn = error(&arguments(empty.path(), "HEAD", None));
        assert!(unborn.starts_with("the repository has no commits yet: "), "{unborn}");
        let outside = tempfile::tempdir().unwrap();
        let message = error(&arguments(outside.path(), "HEAD", None));
        assert!(message.contains("is not in a git repository"), "{message}");
    }
}
