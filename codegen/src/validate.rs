//! The rules for specs. Collects the mistakes of all files instead of stopping at the first.

pub(crate) mod addresses;
mod allow;
mod batches;
mod calls;
mod classes;
mod codes;
mod content;
mod docs;
mod drafts;
mod examples;
mod facts;
mod fields;
mod form;
mod limits;
mod meaning;
mod operations;
mod secrets;
mod strings;
mod types;
mod typical;
mod values;
mod waiters;
mod wire_names;

pub(crate) use batches::is_undecided_batch;
pub(crate) use codes::code_problem;
pub(crate) use facts::pattern_error;
pub(crate) use secrets::indicates_secret;
pub(crate) use strings::{is_invisible, visible};
pub(crate) use values::{fits as fits_scalar, violated_limit};
pub(crate) use wire_names::is_wire_name;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    panic, thread,
};

use crate::{
    diagnostic::{Diagnostic, Fix, Positions},
    features,
    load::{RPC, RpcState, ServiceTree, Tree},
    naming::{self, Names},
    rules::{self, Rule},
    spec::{Gate, GlossaryEntry, Operation, Rpc, Type},
    suggest::{closest, list, remedy},
};

/// Scalar types of a field.
pub(crate) const SCALARS: &[&str] = &["string", "time", "bool", "i32", "i64", "f32", "f64", "map"];

/// All violations. References to files that could not be read are not violations.
pub(crate) fn mistakes(tree: &Tree) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if tree.rpc_state == RpcState::Missing {
        let help = "create it with the common parameters and the verbs of read-only operations; specs/rpc.schema.json lists its keys";
        found.push(Mistake::new(&rules::MISSING_FILE, RPC, "", "the specs have no rpc.json".to_owned(), help));
    }
    let of_all = thread::scope(|scope| {
        // Beside the checks of services, because it takes as long.
        let of_all = scope.spawn(|| {
            let mut found = Vec::new();
            classes::check(tree, &mut found);
            tree.sources.iter().for_each(|source| strings::check(source, &mut found));
            found
        });
        for service in &tree.services {
            let types = format!("{}/types.json", service.name);
            let has_types = service.gaps.types || tree.sources.iter().any(|source| source.path == types);
            let rpc = Some(&tree.rpc).filter(|_| tree.rpc_state == RpcState::Read);
            Checker::new(service, rpc, has_types, &mut found).service();
        }
        of_all.join().unwrap_or_else(|panic| panic::resume_unwind(panic))
    });
    found.extend(of_all);
    drafts::apply(tree, &mut found);
    allow::apply(tree, &mut found);
    let contents: HashMap<&str, &str> = tree.sources.iter().map(|s| (s.path.as_str(), s.text.as_str())).collect();
    let mut places: HashMap<String, Positions> = HashMap::new();
    let diagnostic = |Mistake { rule, file, at, message, help, fix }| {
        let text = contents.get(file.as_str()).copied().unwrap_or_default();
        let range = places.entry(file.clone()).or_insert_with(|| Positions::of(text)).find(&at);
        Diagnostic { rule, level: rule.level, path: file, start: range.start, end: range.end, message, help, fix }
    };
    found.into_iter().map(diagnostic).collect()
}

/// A violation at a path in a file's JSON.
struct Mistake {
    rule: &'static Rule,
    file: String,
    at: String,
    message: String,
    help: String,
    fix: Option<Fix>,
}

impl Mistake {
    fn new(rule: &'static Rule, file: &str, at: &str, message: String, help: impl Into<String>) -> Self {
        Self { rule, file: file.to_owned(), at: at.to_owned(), message, help: help.into(), fix: None }
    }

    /// Adds a safe correction: removes a value.
    fn fix_by_removing(&mut self, at: impl Into<String>) {
        self.fix = Some(Fix::Remove(at.into()));
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    Request,
    Response,
}

/// Directions in which a type is used, each with an operation that uses it.
type Uses<'a> = BTreeMap<&'a str, Vec<(Direction, &'a str)>>;

struct Checker<'a> {
    tree: &'a ServiceTree,
    /// `None` if it could not be read.
    rpc: Option<&'a Rpc>,
    names: Names,
    /// The shared types, by Rust name.
    shared_names: HashMap<String, &'a str>,
    found: &'a mut Vec<Mistake>,
    glossary_used: HashSet<&'a str>,
    shared_used: Uses<'a>,
    /// Reasons for plain strings, by file and position, and whether each is needed.
    plain: BTreeMap<(String, String), bool>,
    struct_uses: Vec<meaning::StructUse<'a>>,
    /// Whether the service has a file of shared types.
    has_types: bool,
    /// Types that fields have although there is no file of shared types.
    lacking_types: BTreeSet<&'a str>,
}

impl<'a> Checker<'a> {
    fn new(tree: &'a ServiceTree, rpc: Option<&'a Rpc>, has_types: bool, found: &'a mut Vec<Mistake>) -> Self {
        let names = Names::new(&tree.service.words);
        let shared_names = tree.types.keys().map(|name| (names.type_name(name), name.as_str())).collect();
        Self {
            tree,
            rpc,
            names,
            shared_names,
            found,
            glossary_used: HashSet::new(),
            shared_used: BTreeMap::new(),
            plain: BTreeMap::new(),
            struct_uses: Vec::new(),
            has_types,
            lacking_types: BTreeSet::new(),
        }
    }

    fn mistake(
        &mut self,
        rule: &'static Rule,
        file: &str,
        at: &str,
        message: String,
        help: impl Into<String>,
    ) -> &mut Mistake {
        self.found.push(Mistake::new(rule, file, at, message, help));
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    fn service(&mut self) {
        let tree = self.tree;
        self.description();
        for operation in &tree.operations {
            self.operation(operation);
        }
        self.missing_types();
        self.clashes();
        self.constants();
        self.meanings();
        self.secrets();
        let types_file = format!("{}/types.json", tree.name);
        for (name, ty) in &tree.types {
            self.definition(&types_file, name, name, ty);
            self.recursion(&types_file, name, name, ty, None);
            if !tree.gaps.operations {
                let used = self.shared_used.get(name.as_str()).cloned().unwrap_or_default();
                self.usage(&types_file, name, name, ty, &used);
            }
        }
        self.unique(&types_file, tree.types.keys().map(|name| (name.clone(), name.clone())));
        for ((file, at), _) in std::mem::take(&mut self.plain).into_iter().filter(|(_, needed)| !needed) {
            let message = "`plain` on a field whose name suggests neither a time nor an enum".to_owned();
            let at = format!("{at}.plain");
            self.mistake(&rules::NEEDLESS_REASON, &file, &at, message, "remove it").fix_by_removing(&at);
        }
        let glossary_file = format!("{}/glossary.json", tree.name);
        let complete = !tree.gaps.operations && !tree.gaps.types;
        for (name, entry) in &tree.glossary {
            let at = if matches!(entry, GlossaryEntry::Doc(_)) { name.clone() } else { format!("{name}.doc") };
            self.doc(&glossary_file, &at, name, entry.doc());
            if complete && !self.glossary_used.contains(name.as_str()) {
                let message = format!("no field uses the glossary entry `{name}`");
                self.mistake(
                    &rules::UNUSED_GLOSSARY_ENTRY,
                    &glossary_file,
                    &format!("{name}#"),
                    message,
                    "remove the entry",
                );
            }
        }
    }

    /// Whether a type is unknown because the service has no file of shared types.
    fn lacks_types(&self, name: &str) -> bool {
        !self.has_types && name.starts_with(|c: char| c.is_ascii_uppercase()) && closest(name, SCALARS).is_none()
    }

    /// Reports all types at once that are unknown because there is no file of shared types.
    fn missing_types(&mut self) {
        const SHOWN: usize = 5;
        let names = std::mem::take(&mut self.lacking_types);
        if names.is_empty() {
            return;
        }
        let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
        let more = names.len().saturating_sub(SHOWN);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let file = format!("{}/types.json", self.tree.name);
        let message = format!("the service has no types.json, which would define {}{more}", shown.join(", "));
        let help = "restore the file, or define the types in `types` of the files of their operations";
        self.mistake(&rules::MISSING_FILE, &file, "", message, help);
    }

    /// Checks `service.json`.
    fn description(&mut self) {
        let tree = self.tree;
        let service = &tree.service;
        let file = format!("{}/service.json", tree.name);
        if tree.gaps.service {
            return;
        }
        if service.service.is_empty() {
            let help = "create it with name, product, version, families and endpoints; specs/service.schema.json lists its keys";
            self.mistake(
                &rules::MISSING_FILE,
                &file,
                "",
                format!("the service `{}` has no service.json", tree.name),
                help,
            );
            return;
        }
        if service.service != tree.name {
            let message = format!("service `{}` is in folder `{}`", service.service, tree.name);
            self.mistake(&rules::SERVICE_NAME, &file, "service", message, "use the same name for both");
        }
        if !is_lower(&service.service, '_') {
            let message = format!("invalid service name `{}`", service.service);
            self.mistake(
                &rules::SERVICE_NAME,
                &file,
                "service",
                message,
                "use lower-case letters, digits and _, starting with a letter",
            );
        }
        if naming::is_reserved_module(&service.service) && service.gate != Gate::Runtime {
            let message = format!("the service name `{}` is that of another module", service.service);
            let help = format!("use another name for the folder and `service`, such as `{}_api`", service.service);
            self.mistake(&rules::SERVICE_NAME, &file, "service", message, &help);
        }
        if naming::is_reserved_file(&service.service) {
            let message = format!("Windows cannot create a folder named `{}`", service.service);
            let help = format!("use another name for the folder and `service`, such as `{}_api`", service.service);
            self.mistake(&rules::RESERVED_FILE_NAME, &file, "service", message, &help);
        }
        if service.families.is_empty() {
            let help = "list the families of operations, each with a description";
            self.mistake(&rules::FAMILY, &file, "families", "the service has no families".to_owned(), help);
        }
        self.addresses();
        self.markup(&file, "title", "title", &service.title);
        for (family, doc) in &service.families {
            self.doc(&file, &format!("families.{family}"), family, doc);
            if !is_lower(family, '-') || features::reserved().any(|name| name == family) {
                let message = format!("invalid family name `{family}`");
                let help = format!(
                    "use lower-case letters, digits and -, starting with a letter, but not {}",
                    list(features::reserved())
                );
                self.mistake(&rules::FAMILY, &file, &format!("families.{family}#"), message, help);
            }
        }
        for family in service.families.keys().filter(|family| naming::is_reserved_file(family)) {
            let message = format!("Windows cannot create a folder named `{family}`");
            let help = format!("use another name for the folder and the family, such as `operations-{family}`");
            self.mistake(&rules::RESERVED_FILE_NAME, &file, &format!("families.{family}#"), message, help);
        }
        for (title, family) in &service.directories {
            if !service.families.contains_key(family) {
                let known: Vec<&String> = service.families.keys().collect();
                let help = remedy(family, &known, "add it to `families`");
                let message = format!("the folder `{title}` is mapped to the unknown family `{family}`");
                self.mistake(&rules::FAMILY, &file, &format!("directories.{title}"), message, help);
            }
        }
        for (word, snake) in &service.words {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if snake.is_empty() || !snake.chars().all(fits) || !word.chars().all(|c| c.is_ascii_alphanumeric()) {
                let message = format!("invalid snake case `{snake}` for the word `{word}`");
                self.mistake(
                    &rules::WORD_TABLE,
                    &file,
                    &format!("words.{word}"),
                    message,
                    "map letters and digits to snake_case",
                );
            }
        }
        for (code, doc) in &service.errors {
            self.doc(&file, &format!("errors.{code}"), code, doc);
            self.code(&file, &format!("errors.{code}#"), code);
        }
    }

    fn operation(&mut self, operation: &'a Operation) {
        let file = operation.path.as_str();
        self.location(operation);
        self.operation_url(operation);
        self.special_parameters(operation);
        let at = if operation.doc.is_empty() { "operation" } else { "doc" };
        self.doc(file, at, &operation.operation, &operation.doc);
        self.replacement(file, "replaced_by", operation.deprecated, operation.replaced_by.is_some());
        let used = self.fields(operation);
        for (name, ty) in &operation.types {
            let at = format!("types.{name}");
            self.definition(file, &at, name, ty);
            self.recursion(file, &at, name, ty, Some(operation));
            if self.tree.types.contains_key(name) {
                let message = format!("type `{name}` is also a shared type of {}/types.json", self.tree.name);
                self.mistake(
                    &rules::TYPE_NAME,
                    file,
                    &format!("{at}#"),
                    message,
                    "give this one another name, or use the shared type",
                );
            }
            let used = used.get(name.as_str()).cloned().unwrap_or_default();
            self.usage(file, &at, name, ty, &used);
        }
        self.own_names(operation);
        let mut codes = HashSet::new();
        for (index, error) in operation.errors.iter().enumerate() {
            let at = format!("errors.{index}");
            self.code(file, &format!("{at}.code"), &error.code);
            if !codes.insert((&error.code, error.http)) {
                self.mistake(
                    &rules::DUPLICATE_ERROR_CODE,
                    file,
                    &at,
                    format!("error code `{}` is listed twice", error.code),
                    "remove one of the two",
                )
                .fix_by_removing(&at);
            }
            if !(200..600).contains(&error.http) {
                let message = format!("invalid HTTP status {}", error.http);
                self.mistake(&rules::ERROR_CODE, file, &format!("{at}.http"), message, "use a status from 200 to 599");
            }
        }
        self.calls(operation);
    }

    fn replacement(&mut self, file: &str, at: &str, deprecated: bool, replaced: bool) {
        if replaced && !deprecated {
            let message = "`replaced_by` is set, but `deprecated` is not".to_owned();
            self.mistake(&rules::DEPRECATION, file, at, message, "add \"deprecated\": true, or remove `replaced_by`");
        }
    }

    /// Finds a type: an operation's own, or a shared one.
    fn resolve(&self, name: &str, own: Option<&'a Operation>) -> Option<&'a Type> {
        own.and_then(|operation| operation.types.get(name)).or_else(|| self.tree.types.get(name))
    }
}

/// Whether a name starts with a letter and has only lower-case letters, digits and one kind of separator.
fn is_lower(name: &str, joint: char) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
}
