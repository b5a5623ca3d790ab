//! Plans the crate of a service that the repository does not have: specs from a published file, the generated source, and the
//! files of a package.

mod endpoints;
mod families;
mod names;
mod package;

use std::fmt;

use indexmap::IndexMap;

use crate::{
    Diagnostics, Source, codes,
    fileset::FileSet,
    fmt as layout,
    import::{self, ApiDocs, ExistingTree, Import, Report},
    load::Folder,
    naming::Names,
    schema,
    spec::{DocsState, Gate, Operation, Rpc, Service},
    validate::visible,
};
pub use names::{package_name, service_name};
pub use package::Runtime;

/// The inputs of a plan besides the published file.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the service. The default is derived from the product.
    pub service: Option<String>,
    /// Name of the package.
    pub package: String,
    /// Where the package finds the runtime.
    pub runtime: Runtime,
    /// The form of generated source that the runtime expects.
    pub form: String,
    /// Facts of all services: `specs/rpc.json`.
    pub rpc: Source,
    /// The file's name, for the README.
    pub file: String,
}

/// A crate that has not been written yet.
#[derive(Debug)]
pub struct Plan {
    /// Name of the service.
    pub service: String,
    /// Number of operations.
    pub operations: usize,
    /// The files, by path below the folder of the crate.
    pub files: FileSet,
    /// The decisions about the service as a whole.
    pub decisions: Vec<String>,
    /// The report of the import.
    pub report: Report,
}

/// The reason why there is no plan.
#[derive(Debug)]
pub enum Error {
    /// A name or version is invalid.
    Invalid(String),
    /// The imported specs break rules, which is a bug of the importer.
    Specs(Diagnostics),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Invalid(message) => f.write_str(message),
            Error::Specs(mistakes) => {
                write!(f, "{mistakes}nothing was written: the import breaks the rules above, which is a bug; report it")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Plans the crate of a product.
///
/// # Errors
///
/// Returns an error if a name is invalid, or if the import has a bug.
pub fn plan(api: &ApiDocs, options: &Options) -> Result<Plan, Error> {
    let mut decisions = Vec::new();
    let name = match &options.service {
        Some(name) if *name == service_name(name).0 => name.clone(),
        Some(name) => {
            let proposal = service_name(name).0;
            return Err(Error::Invalid(format!("invalid service name `{name}`; use a name such as `{proposal}`")));
        }
        None => {
            let (name, reason) = service_name(&api.info.product);
            decisions.extend(reason.map(|reason| format!("service `{name}` for `{}`: {reason}", api.info.product)));
            name
        }
    };
    let rpc: Rpc = layout::parse(&options.rpc.text).map_err(|error| Error::Invalid(error.to_string()))?;
    let service = service(api, &name, &mut decisions);
    let existing = ExistingTree { name: name.clone(), rpc, service: Some(service), ..ExistingTree::default() };
    let Import { mut operations, types, mut report, .. } = import::import(api, None, &existing);
    endpoints::unusable(api).into_iter().for_each(|note| report.decide_in_file(note));
    let mut service = existing.service.unwrap_or_default();
    families::assign(api, &mut service, &mut operations);
    resolve_constants(&mut service, &operations);

    let mut specs = FileSet::default();
    specs.insert(format!("{name}/service.json"), layout::service(&service));
    if !types.is_empty() {
        specs.insert(format!("{name}/types.json"), layout::types(&types));
    }
    for operation in &operations {
        let path = format!("{name}/{}/{}.json", operation.family, operation.operation);
        specs.insert(path, layout::operation(operation));
    }
    let sources: Vec<Source> =
        specs.iter().map(|(path, text)| Source { path: path.to_owned(), text: text.to_owned() }).collect();
    let tree = crate::check(Folder::from(sources).or_rpc(options.rpc.clone())).map_err(Error::Specs)?;
    let library = options.package.replace('-', "_");
    let generated = crate::generate_crate(&tree, &library, &options.form).map_err(Error::Invalid)?;

    let mut files = FileSet::default();
    files.extend(below("specs", &specs));
    files.extend(schema::schemas().into_iter().map(|(name, text)| (format!("specs/{name}"), text)));
    files.extend(below("src/generated", &generated));
    files.extend(package::files(&service, &operations, options));
    // Titles of folders can contain any characters.
    let decisions = decisions.iter().map(|decision| visible(decision)).collect();
    Ok(Plan { service: name, operations: operations.len(), files, decisions, report })
}

fn below<'f>(folder: &'f str, files: &'f FileSet) -> impl Iterator<Item = (String, String)> + 'f {
    files.iter().map(move |(path, text)| (format!("{folder}/{path}"), text.to_owned()))
}

/// The description of a service that has no specs yet.
pub(crate) fn service(api: &ApiDocs, name: &str, decisions: &mut Vec<String>) -> Service {
    let (product, version) = (&api.info.product, &api.info.version);
    let words = [
        ("VSwitches", "vswitches"),
        ("VSwitch", "vswitch"),
        ("IPv6", "ipv6"),
        ("IPv4", "ipv4"),
        ("vTPM", "vtpm"),
        ("vCPU", "vcpu"),
        ("NVMe", "nvme"),
    ];
    let (families, directories) = families::of(api, decisions);
    Service {
        schema: Some("../service.schema.json".to_owned()),
        service: name.to_owned(),
        product: product.clone(),
        version: version.clone(),
        title: product.clone(),
        docs_url: format!(
            "https://api.alibabacloud.com/document/{}/{}/{{Operation}}",
            names::in_url(product),
            names::in_url(version)
        ),
        gate: Gate::Crate,
        docs: Some(DocsState::Draft),
        families: families.into_iter().map(|family| (family, String::new())).collect(),
        directories,
        words: words.into_iter().map(|(word, snake)| (word.to_owned(), snake.to_owned())).collect(),
        endpoints: endpoints::of(api, name, decisions),
        ..Service::default()
    }
}

/// Names the constants of error codes whose derived names clash.
pub(crate) fn resolve_constants(service: &mut Service, operations: &[Operation]) {
    let names = Names::new(&service.words);
    let documented = codes::documented(service, operations);
    let chosen: IndexMap<String, String> = codes::clashes(&documented, service, &names)
        .into_iter()
        .flat_map(|clash| clash.others)
        .map(|(code, name)| (code.to_owned(), name))
        .collect();
    service.codes = chosen;
}
