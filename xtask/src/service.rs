//! `cargo xtask service …`: clients of other products, each a crate of its own.

pub(crate) mod check;

use std::{
    error::Error,
    fs, io,
    path::{Component, Path, PathBuf},
    time::Instant,
};

use clap::Subcommand;
use ecs_codegen::{
    count,
    fileset::FileSet,
    import,
    scaffold::{self, Options, Plan, Runtime},
};

use crate::{Outcome, form, place, root, shell};

/// Folder of the runtime's crate.
const RUNTIME: &str = "ecs-sdk/runtime";

/// The most steps up of a relative path to the runtime. A longer one breaks more easily than an absolute one.
const MAX_STEPS_UP: usize = 4;

#[derive(Subcommand)]
pub(crate) enum Task {
    /// Create the crate of another product's client from a published api-docs file: specs, generated source, and a package
    New(New),
}

#[derive(clap::Args)]
pub(crate) struct New {
    /// The api-docs file
    file: PathBuf,
    /// Folder of the new crate
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Version of ecs-sdk-runtime to depend on [default: the path to this checkout]
    #[arg(long, value_name = "VERSION")]
    runtime: Option<String>,
    /// Name of the service: its folder of specs, and its module [default: from the product named in the file]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Do not write files; show what would be written
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(task: &Task) -> Outcome {
    match task {
        Task::New(arguments) => new(arguments),
    }
}

fn new(New { file, out, runtime, service, dry_run }: &New) -> Outcome {
    let started = Instant::now();
    let out = absolute(out)?;
    reject_existing(&out, file)?;
    let api = import::read_api(file)?;
    let folder = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = service.clone().unwrap_or_else(|| scaffold::service_name(&api.info.product).0);
    let package = scaffold::package_name(&folder, &name);
    let options = Options {
        service: service.clone(),
        package: package.clone(),
        runtime: match runtime {
            Some(version) => Runtime::Version(requirement(version)?),
            None => Runtime::Path(path_to_runtime(&out)?),
        },
        form: form::current()?,
        rpc: place::rpc()?,
        file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    let mut plan = scaffold::plan(&api, &options)?;
    plan.report.locate(file, &fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?);
    if package != folder.to_ascii_lowercase() {
        plan.decisions.push(format!("package `{package}`: `{folder}` cannot be the name of a package"));
    }
    if runtime.is_none() {
        // The versions of the workspace are known to work, and nothing is looked up.
        plan.files.insert("Cargo.lock".to_owned(), fs::read_to_string(root().join("Cargo.lock"))?);
    }
    println!("{}\n", plan.report);
    for decision in &plan.decisions {
        println!("decided   {decision}");
    }
    let Plan { service, operations, files, .. } = &plan;
    let lines: usize = files.iter().map(|(_, text)| text.lines().count()).sum();
    let facts = format!(
        "{} of {service}, {}, {}",
        count(*operations, "operation"),
        count(files.len(), "file"),
        count(lines, "line")
    );
    if *dry_run {
        println!("dry run   {facts} for {}; nothing was written", out.display());
        return Ok(());
    }
    write(&out, files)?;
    println!("    done  {facts} in {}", out.display());
    println!("    took  {:.2} s", started.elapsed().as_secs_f64());
    println!("    next  cargo check --manifest-path {}", shell::word(&out.join("Cargo.toml")));
    Ok(())
}

/// Returns an error that names `service new`, for a product that the specs lack.
pub(crate) fn unknown(service: &str, file: &Path) -> String {
    format!(
        "specs/ has no service `{service}`, and nothing was written; the client of another product is a crate of its own: \
         `cargo xtask service new {} --out ../{}-client`",
        shell::word(file),
        service.replace('_', "-"),
    )
}

/// Returns an error if the folder has files. They are never overwritten.
fn reject_existing(out: &Path, file: &Path) -> Outcome {
    let mut entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("{}: {error}", out.display()).into()),
    };
    if entries.next().is_none() {
        return Ok(());
    }
    let shown = out.display();
    let word = shell::word(out);
    if out.join("Cargo.toml").is_file() && out.join("specs").is_dir() {
        return Err(format!(
            "{shown} is a crate already; `cargo xtask spec import {} --crate {word}` updates its specs, and \
             `cargo xtask codegen --crate {word}` its source",
            shell::word(file)
        )
        .into());
    }
    Err(format!("{shown} has files already; name a folder that is new or empty").into())
}

/// Checks a version requirement.
fn requirement(version: &str) -> Result<String, Box<dyn Error>> {
    let parsed = semver::VersionReq::parse(version);
    parsed.map_err(|error| format!("invalid version `{version}`: {error}; expected one such as `0.1`"))?;
    Ok(version.to_owned())
}

/// Writes the files beside the folder, and moves them there at once, so that a failure leaves no half of a crate.
fn write(out: &Path, files: &FileSet) -> Outcome {
    let parent = out.parent().unwrap_or(out);
    fs::create_dir_all(parent).map_err(|error| format!("{}: {error}", parent.display()))?;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let draft = parent.join(format!(".{name}.{}", std::process::id()));
    let written = files.write(&draft).and_then(|_| {
        match fs::remove_dir(out) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::rename(&draft, out)
    });
    written.map_err(|error| {
        // The rest of the draft is of no use, and its own removal may fail for the same reason.
        let _ = fs::remove_dir_all(&draft);
        format!("{}: {error}", out.display()).into()
    })
}

/// Returns the path without `..` and links, also if its end does not exist yet.
fn absolute(path: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let path = std::path::absolute(path)?;
    let mut resolved = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            component => resolved.push(component),
        }
        if let Ok(canonical) = resolved.canonicalize() {
            resolved = canonical;
        }
    }
    if resolved.file_name().is_none() {
        return Err(format!("{} cannot be the folder of a crate", path.display()).into());
    }
    Ok(resolved)
}

/// Returns the path from a new crate to the runtime: relative if they are close to each other.
fn path_to_runtime(out: &Path) -> Result<String, Box<dyn Error>> {
    let runtime = root().join(RUNTIME);
    let common = out.components().zip(runtime.components()).take_while(|(a, b)| a == b).count();
    let up = out.components().count() - common;
    let path = if common > 1 && up <= MAX_STEPS_UP {
        let down: PathBuf = runtime.components().skip(common).collect();
        PathBuf::from_iter(std::iter::repeat_n("..", up)).join(down)
    } else {
        runtime
    };
    let text = path.to_str().ok_or_else(|| format!("{} is not valid UTF-8", path.display()))?;
    Ok(if cfg!(windows) { text.replace('\\', "/") } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_to_the_runtime_is_relative_nearby() {
        let near = root().join("../rds-client");
        let path = path_to_runtime(&absolute(&near).unwrap()).unwrap();
        assert!(path.starts_with("../") && path.ends_with("/ecs-sdk/runtime"), "{path}");
        let far = path_to_runtime(Path::new("/elsewhere/rds-client")).unwrap();
        assert!(Path::new(&far).is_absolute(), "{far}");
    }

    #[test]
    fn folders_with_files_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let file = Path::new("x.json");
        reject_existing(folder.path(), file).unwrap();
        reject_existing(&folder.path().join("new"), file).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        let error = reject_existing(folder.path(), file).unwrap_err().to_string();
        assert!(error.contains("has files already"), "{error}");
        fs::create_dir(folder.path().join("specs")).unwrap();
        let error = reject_existing(folder.path(), file).unwrap_err().to_string();
        assert!(error.contains("spec import x.json --crate"), "{error}");
    }

    #[test]
    fn crates_are_written_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("a/b");
        let mut files = FileSet::default();
        files.insert("src/lib.rs".to_owned(), "text".to_owned());
        write(&out, &files).unwrap();
        assert_eq!(fs::read_to_string(out.join("src/lib.rs")).unwrap(), "text");
        // Files that appeared meanwhile are not lost.
        assert!(write(&out, &files).is_err());
        let left: Vec<_> = fs::read_dir(out.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, [out]);
    }

    #[test]
    fn versions_are_requirements() {
        assert!(requirement("0.1").is_ok() && requirement("=1.2.3").is_ok());
        assert!(requirement("latest").unwrap_err().to_string().contains("`latest`"));
    }
}
