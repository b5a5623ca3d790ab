//! Where the specs of a command are: in this repository, in a crate of its own, or in any folder.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
};

use ecs_codegen::{Source, load};

use crate::{shell, specs_dir};

/// The file with the facts of all services.
const RPC: &str = "rpc.json";

#[derive(clap::Args, Debug, Clone, Default)]
pub(crate) struct Place {
    /// The crate of a service that `cargo xtask service new` wrote [default: the specs of this repository]
    #[arg(long = "crate", value_name = "DIR", conflicts_with = "specs")]
    pub(crate) package: Option<PathBuf>,
    /// A folder of specs
    #[arg(long, value_name = "DIR")]
    pub(crate) specs: Option<PathBuf>,
}

impl Place {
    /// Returns the folder of the specs.
    pub(crate) fn folder(&self) -> Result<PathBuf, String> {
        let (folder, what) = match (&self.package, &self.specs) {
            (Some(package), _) => {
                (package.join("specs"), "is not a crate of `cargo xtask service new`: it has no specs/")
            }
            (_, Some(specs)) => (specs.clone(), "is not a folder"),
            (None, None) => return Ok(specs_dir()),
        };
        let shown = self.package.as_ref().unwrap_or(&folder).display();
        if folder.is_dir() { Ok(folder) } else { Err(format!("{shown} {what}")) }
    }

    /// Whether the specs are not those of the repository.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.package.is_some() || self.specs.is_some()
    }

    /// Returns the option that names the place, for commands in messages. It starts with a space unless it is empty.
    pub(crate) fn option(&self) -> String {
        match (&self.package, &self.specs) {
            (Some(package), _) => format!(" --crate {}", shell::word(package)),
            (_, Some(specs)) => format!(" --specs {}", shell::word(specs)),
            (None, None) => String::new(),
        }
    }

    /// Reads the specs.
    pub(crate) fn read(&self) -> Result<load::Folder, Box<dyn Error>> {
        let folder = load::read_folder(&self.folder()?)?;
        Ok(if self.is_elsewhere() { folder.or_rpc(rpc()?) } else { folder })
    }

    /// Returns the only service of a crate; `None` for other folders.
    pub(crate) fn service(&self) -> Result<Option<String>, Box<dyn Error>> {
        if self.package.is_none() {
            return Ok(None);
        }
        let tree = ecs_codegen::lint(self.read()?).0;
        Ok(tree.services.into_iter().next().map(|service| service.name))
    }
}

/// Returns a name as a path below the specs folder, with `/` between its parts: that of a file or folder in it, or the name
/// itself.
pub(crate) fn below(name: &str, specs: &Path) -> String {
    let absolute = PathBuf::from(name).canonicalize().ok();
    let inside = absolute.as_deref().zip(specs.canonicalize().ok());
    let inside = inside.and_then(|(path, specs)| Some(path.strip_prefix(specs).ok()?.to_string_lossy().into_owned()));
    let path = inside.filter(|path| !path.is_empty()).unwrap_or_else(|| name.to_owned()).replace('\\', "/");
    path.trim_start_matches("./").trim_start_matches("specs/").trim_end_matches('/').to_owned()
}

/// Returns the facts of all services.
pub(crate) fn rpc() -> Result<Source, String> {
    let path = specs_dir().join(RPC);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Source { path: RPC.to_owned(), text })
}

/// Returns the name of a package's library, as other crates import it.
pub(crate) fn library(package: &Path) -> Result<String, Box<dyn Error>> {
    let path = package.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let manifest: toml_edit::DocumentMut = text.parse().map_err(|error| format!("{}: {error}", path.display()))?;
    let name = |table: &str| manifest.get(table)?.get("name")?.as_str().map(|name| name.replace('-', "_"));
    let name = name("lib").or_else(|| name("package"));
    name.ok_or_else(|| format!("{} names no package", path.display()).into())
}
