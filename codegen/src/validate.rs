//! All rules that specs must keep. Collects every mistake of every file; never stops at the first.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Places},
    load::{ServiceTree, Tree},
    naming::Names,
    spec::{EnumValue, Field, Operation, PageStyle, Pagination, Type, Waiter},
};

/// Scalar types of a field.
pub(crate) const SCALARS: &[&str] = &["string", "bool", "i32", "i64", "f32", "f64", "map"];

/// Checks all rules.
///
/// # Errors
///
/// All mistakes, with places and remedies.
pub fn validate(tree: &Tree) -> Result<(), Diagnostics> {
    let mut found = Vec::new();
    for service in &tree.services {
        Checker::new(service, &mut found).service();
    }
    if found.is_empty() {
        return Ok(());
    }
    let texts: HashMap<&str, &str> = tree.sources.iter().map(|s| (s.path.as_str(), s.text.as_str())).collect();
    let mut places: HashMap<String, Places> = HashMap::new();
    let list = found
        .into_iter()
        .map(|Mistake { file, at, message, help }| {
            let text = texts.get(file.as_str()).copied().unwrap_or_default();
            let range = places.entry(file.clone()).or_insert_with(|| Places::of(text)).find(&at);
            Diagnostic { path: file, start: range.start, end: range.end, message, help }
        })
        .collect();
    Err(Diagnostics::new(list, &tree.sources))
}

/// A mistake at a path of a file's JSON.
struct Mistake {
    file: String,
    at: String,
    message: String,
    help: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Direction {
    Request,
    Response,
}

struct Checker<'a> {
    tree: &'a ServiceTree,
    names: Names,
    found: &'a mut Vec<Mistake>,
    glossary_used: HashSet<&'a str>,
    /// Directions in which each shared type is used, with one operation as witness.
    shared_used: BTreeMap<&'a str, Vec<(Direction, &'a str)>>,
}

impl<'a> Checker<'a> {
    fn new(tree: &'a ServiceTree, found: &'a mut Vec<Mistake>) -> Self {
        let names = Names::new(&tree.service.words);
        Self { tree, names, found, glossary_used: HashSet::new(), shared_used: BTreeMap::new() }
    }

    fn mistake(&mut self, file: &str, at: &str, message: String, help: impl Into<String>) {
        self.found.push(Mistake { file: file.to_owned(), at: at.to_owned(), message, help: help.into() });
    }

    fn service(&mut self) {
        let tree = self.tree;
        let file = format!("{}/service.json", tree.name);
        if tree.service.service.is_empty() {
            self.mistake(&file, "", "the service has no service.json".to_owned(), "write one; see specs/README.md");
            return;
        }
        if tree.service.service != tree.name {
            let message = format!("service `{}` is in folder `{}`", tree.service.service, tree.name);
            self.mistake(&file, "service", message, "give both the same name");
        }
        for (family, doc) in &tree.service.families {
            self.doc(&file, &format!("families.{family}"), family, doc);
        }
        for (code, doc) in &tree.service.errors {
            self.doc(&file, &format!("errors.{code}"), code, doc);
        }
        for operation in &tree.operations {
            self.operation(operation);
        }
        let types_file = format!("{}/types.json", tree.name);
        for (name, ty) in &tree.types {
            self.definition(&types_file, name, name, ty);
        }
        for (name, ty) in &tree.types {
            let used: Vec<_> = self.shared_used.get(name.as_str()).cloned().unwrap_or_default();
            self.usage(&types_file, name, name, ty, &used);
        }
        let glossary_file = format!("{}/glossary.json", tree.name);
        for (name, doc) in &tree.glossary {
            self.doc(&glossary_file, name, name, doc);
            if !self.glossary_used.contains(name.as_str()) {
                let message = format!("no field takes its text from the glossary's `{name}`");
                self.mistake(&glossary_file, &format!("{name}#"), message, "remove the entry");
            }
        }
    }

    fn operation(&mut self, operation: &'a Operation) {
        let file = operation.path.as_str();
        let parts: Vec<&str> = file.split('/').collect();
        let stem = parts[2].trim_end_matches(".json");
        if operation.operation != stem {
            let message = format!("operation `{}` is in a file named `{stem}.json`", operation.operation);
            let help = format!("rename the file to `{}.json`, or correct the operation's name", operation.operation);
            self.mistake(file, "operation", message, help);
        }
        if operation.family != parts[1] {
            let message = format!("family `{}` is in folder `{}`", operation.family, parts[1]);
            self.mistake(file, "family", message, "move the file, or correct the family");
        }
        if !self.tree.service.families.contains_key(&operation.family) {
            let message = format!("unknown family `{}`", operation.family);
            let help = format!("add it to `families` in {}/service.json, or use {}", self.tree.name, list(self.tree.service.families.keys()));
            self.mistake(file, "family", message, help);
        }
        self.doc(file, "doc", &operation.operation, &operation.doc);
        self.replacement(file, "replaced_by", operation.deprecated, operation.replaced_by.is_some());
        let mut used = BTreeMap::new();
        self.fields(operation, "request", &operation.request, Direction::Request, &mut used);
        self.fields(operation, "response", &operation.response, Direction::Response, &mut used);
        for (name, ty) in &operation.types {
            self.definition(file, &format!("types.{name}"), name, ty);
            if self.tree.types.contains_key(name) {
                let message = format!("type `{name}` is also a shared type of {}/types.json", self.tree.name);
                self.mistake(file, &format!("types.{name}#"), message, "give this one another name, or use the shared type");
            }
            let own = [format!("{}Request", operation.operation), format!("{}Response", operation.operation)];
            if own.contains(name) || *name == operation.operation {
                let message = format!("type `{name}` has the name that the operation itself gives to a type");
                self.mistake(file, &format!("types.{name}#"), message, "give it another name");
            }
            let used = used.get(name.as_str()).cloned().unwrap_or_default();
            self.usage(file, &format!("types.{name}"), name, ty, &used);
        }
        let mut codes = HashSet::new();
        for (index, error) in operation.errors.iter().enumerate() {
            let at = format!("errors.{index}");
            if !codes.insert((&error.code, error.http)) {
                self.mistake(file, &at, format!("error code `{}` is listed twice", error.code), "remove one of the two");
            }
            if !(200..600).contains(&error.http) {
                self.mistake(file, &format!("{at}.http"), format!("HTTP status {} does not exist", error.http), "use a status from 200 to 599");
            }
        }
        if let Some(pagination) = &operation.pagination {
            self.pagination(operation, pagination);
        }
        for (index, waiter) in operation.waiters.iter().enumerate() {
            self.waiter(operation, &format!("waiters.{index}"), waiter);
        }
        for (index, example) in operation.examples.iter().enumerate() {
            let Some(request) = example.request.as_object() else {
                self.mistake(file, &format!("examples.{index}.request"), "the request is no object".to_owned(), "write it as { \"Name\": value }");
                continue;
            };
            for name in request.keys().filter(|name| !operation.request.iter().any(|field| field.name == **name)) {
                let message = format!("the example sets `{name}`, which is no parameter of {}", operation.operation);
                self.mistake(file, &format!("examples.{index}.request.{name}#"), message, "correct its spelling, or add the parameter");
            }
        }
    }

    /// Checks a list of fields, and the structs below it.
    fn fields(
        &mut self,
        operation: &'a Operation,
        at: &str,
        fields: &'a [Field],
        direction: Direction,
        used: &mut BTreeMap<&'a str, Vec<(Direction, &'a str)>>,
    ) {
        self.members(&operation.path, at, fields, Some((operation, direction)));
        let mut open: Vec<&'a Field> = fields.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(field) = open.pop() {
            let name = field.ty.name();
            let definition = if let Some(ty) = operation.types.get(name) {
                used.entry(name).or_default().push((direction, &operation.operation));
                ty
            } else if let Some(ty) = self.tree.types.get(name) {
                self.shared_used.entry(name).or_default().push((direction, &operation.operation));
                ty
            } else {
                continue;
            };
            if seen.insert(name)
                && let Some(fields) = &definition.fields
            {
                if let Some(position) = operation.types.get_index_of(name) {
                    let (name, _) = operation.types.get_index(position).expect("the index was just found");
                    self.members(&operation.path, &format!("types.{name}.fields"), fields, Some((operation, direction)));
                } else {
                    let file = format!("{}/types.json", self.tree.name);
                    self.members(&file, &format!("{name}.fields"), fields, Some((operation, direction)));
                }
                open.extend(fields);
            }
        }
    }

    /// Checks the members of one struct, request or response.
    fn members(&mut self, file: &str, at: &str, fields: &'a [Field], context: Option<(&'a Operation, Direction)>) {
        let mut wires: HashSet<&str> = HashSet::new();
        let mut rusts: HashMap<String, &str> = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            let at = format!("{at}.{index}");
            if !wires.insert(&field.name) {
                self.mistake(file, &format!("{at}.name"), format!("`{}` is listed twice", field.name), "remove one of the two");
                continue;
            }
            if field.skip.is_some() {
                continue;
            }
            let plural = field.wire.as_deref() == Some("repeat");
            let rust = field.rust.clone().unwrap_or_else(|| self.names.parameter(&field.name, plural));
            if let Some(other) = rusts.insert(rust.clone(), &field.name) {
                let message = format!("`{other}` and `{}` both give the Rust name `{rust}`", field.name);
                self.mistake(file, &format!("{at}.name"), message, "give one of them a name of its own with \"rust\": \"…\"");
            }
            self.field(file, &at, field, context);
        }
    }

    fn field(&mut self, file: &str, at: &str, field: &'a Field, context: Option<(&'a Operation, Direction)>) {
        let name = &field.name;
        match (&field.doc, self.tree.glossary.get_key_value(name)) {
            (Some(doc), Some((_, text))) if doc == text => {
                let message = format!("the doc of `{name}` repeats the glossary");
                self.mistake(file, &format!("{at}.doc"), message, "remove the doc; the glossary's text is taken");
            }
            (Some(doc), _) => self.doc(file, &format!("{at}.doc"), name, doc),
            (None, Some((key, _))) => {
                self.glossary_used.insert(key);
            }
            (None, None) => {
                let help = format!("add \"doc\": \"…\" here, or an entry `{name}` to {}/glossary.json", self.tree.name);
                self.mistake(file, at, format!("`{name}` has no doc"), help);
            }
        }
        let ty = field.ty.name();
        let definition = context
            .and_then(|(operation, _)| operation.types.get(ty))
            .or_else(|| self.tree.types.get(ty));
        if !SCALARS.contains(&ty) && definition.is_none() {
            let mut known: Vec<&str> = SCALARS.to_vec();
            if let Some((operation, _)) = context {
                known.extend(operation.types.keys().map(String::as_str));
            }
            known.extend(self.tree.types.keys().map(String::as_str));
            let help = match closest(ty, &known) {
                Some(close) => format!("did you mean `{close}`? else define `{ty}` in `types` of this file or in {}/types.json", self.tree.name),
                None => format!("use {}, or define `{ty}` in `types` of this file or in {}/types.json", list(SCALARS.iter()), self.tree.name),
            };
            self.mistake(file, &format!("{at}.type"), format!("unknown type `{ty}`"), help);
        }
        let is_struct = ty == "map" || definition.is_some_and(|ty| ty.fields.is_some());
        if let Some((_, direction)) = context {
            self.wire(file, at, field, is_struct, direction);
            if direction == Direction::Response && field.required {
                let message = format!("`{name}` of an answer is marked as required");
                self.mistake(file, &format!("{at}.required"), message, "remove `required`; answers may lack any member");
            }
        }
        let values = definition.and_then(|ty| ty.values.as_ref());
        self.facts(file, at, field, values);
        self.replacement(file, &format!("{at}.replaced_by"), field.deprecated, field.replaced_by.is_some());
    }

    fn wire(&mut self, file: &str, at: &str, field: &Field, is_struct: bool, direction: Direction) {
        let name = &field.name;
        let place = if field.wire.is_some() { format!("{at}.wire") } else { format!("{at}.type") };
        let (message, help) = match (field.wire.as_deref(), field.ty.is_list(), direction) {
            (None, true, Direction::Request) => (format!("the list `{name}` does not say how it travels"), "add \"wire\": \"repeat\", \"json\" or \"comma\""),
            (None, true, Direction::Response) => (format!("the list `{name}` does not say how it travels"), "add \"wire\": \"wrapped:<Item>\" or \"list\""),
            (None, false, _) => return,
            (Some("repeat" | "json" | "comma"), true, Direction::Request) | (Some("list"), true, Direction::Response) => return,
            (Some("json"), false, Direction::Request) if is_struct => return,
            (Some(wire), true, Direction::Response) if wire == "wrapped" || wire == "wrapped:" => {
                (format!("`{name}` is wrapped, but the wrapper names no item"), "write \"wrapped:<Item>\", where <Item> is the one member of the wrapper")
            }
            (Some(wire), true, Direction::Response) if wire.starts_with("wrapped:") => return,
            (Some(wire), true, Direction::Request) => (format!("a list in a request can't travel as `{wire}`"), "use \"repeat\", \"json\" or \"comma\""),
            (Some(wire), true, Direction::Response) => (format!("a list in an answer can't travel as `{wire}`"), "use \"wrapped:<Item>\" or \"list\""),
            (Some(wire), false, _) => (format!("`{name}` is no list, and can't travel as `{wire}`"), "remove `wire`, or make the type a list: [\"…\"]"),
        };
        self.mistake(file, &place, message, help);
    }

    /// Checks default, example, limits and values against the type.
    fn facts(&mut self, file: &str, at: &str, field: &Field, values: Option<&indexmap::IndexMap<String, EnumValue>>) {
        let name = &field.name;
        let ty = field.ty.name();
        for (key, value) in [("default", &field.default), ("example", &field.example)] {
            let Some(value) = value else { continue };
            let elements = match value {
                Value::Array(elements) if field.ty.is_list() => elements.as_slice(),
                value => std::slice::from_ref(value),
            };
            for value in elements {
                if let (Some(values), Some(text)) = (values, value.as_str())
                    && !values.contains_key(text)
                {
                    let help = format!("use {}, or add the value to the enum", list(values.keys()));
                    self.mistake(file, &format!("{at}.{key}"), format!("`{text}` is no value of `{ty}`"), help);
                } else if !fits(ty, value) {
                    let message = format!("the {key} of `{name}` is no {ty}");
                    self.mistake(file, &format!("{at}.{key}"), message, format!("write it as {ty}"));
                }
            }
        }
        let number = matches!(ty, "i32" | "i64" | "f32" | "f64");
        for (key, given) in [("min", field.min.is_some()), ("max", field.max.is_some())] {
            if given && !number {
                self.mistake(file, &format!("{at}.{key}"), format!("`{name}` is no number, but has `{key}`"), "remove it, or use min_items, max_items or max_length");
            }
        }
        if let (Some(min), Some(max)) = (field.min.as_ref().and_then(serde_json::Number::as_f64), field.max.as_ref().and_then(serde_json::Number::as_f64))
            && min > max
        {
            self.mistake(file, &format!("{at}.min"), format!("the smallest `{name}` is above the largest"), "swap `min` and `max`");
        }
        for (key, given) in [("min_items", field.min_items.is_some()), ("max_items", field.max_items.is_some())] {
            if given && !field.ty.is_list() {
                self.mistake(file, &format!("{at}.{key}"), format!("`{name}` is no list, but has `{key}`"), "remove it, or make the type a list");
            }
        }
    }

    fn replacement(&mut self, file: &str, at: &str, deprecated: bool, replaced: bool) {
        if replaced && !deprecated {
            self.mistake(file, at, "`replaced_by` on something that is not deprecated".to_owned(), "add \"deprecated\": true, or remove it");
        }
    }

    /// Checks a type's definition, apart from its members' types.
    fn definition(&mut self, file: &str, at: &str, name: &str, ty: &'a Type) {
        self.doc(file, &format!("{at}.doc"), name, &ty.doc);
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.mistake(file, &format!("{at}#"), format!("`{name}` is no name for a type"), "use UpperCamelCase letters and digits");
        }
        match (&ty.fields, &ty.values) {
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("type `{name}` must be either a struct or an enum");
                self.mistake(file, at, message, "give it `fields` or `enum`, one of the two");
            }
            (None, Some(values)) => {
                let mut variants: HashMap<String, &str> = HashMap::new();
                for (value, meaning) in values {
                    let at = format!("{at}.enum.{value}");
                    self.doc(file, &at, value, meaning.doc());
                    let variant = match meaning {
                        EnumValue::Doc(_) => self.names.variant(value),
                        EnumValue::Named(named) => named.rust.clone(),
                    };
                    if let Some(other) = variants.insert(variant.clone(), value) {
                        let message = format!("values `{other}` and `{value}` both give the variant `{variant}`");
                        self.mistake(file, &format!("{at}#"), message, "name one of them: { \"rust\": \"…\", \"doc\": \"…\" }");
                    }
                }
            }
            (Some(_), None) => {}
        }
    }

    fn usage(&mut self, file: &str, at: &str, name: &str, ty: &Type, used: &[(Direction, &str)]) {
        let Some((first, one)) = used.first() else {
            self.mistake(file, &format!("{at}#"), format!("nothing uses the type `{name}`"), "remove it");
            return;
        };
        if ty.fields.is_some()
            && let Some((_, other)) = used.iter().find(|(direction, _)| direction != first)
        {
            let message = format!("struct `{name}` is used by requests and by answers ({one}, {other})");
            self.mistake(file, &format!("{at}#"), message, "define two structs: members of requests are optional, those of answers are not");
        }
    }

    fn pagination(&mut self, operation: &Operation, pages: &Pagination) {
        let file = operation.path.as_str();
        let needed = match pages.style {
            PageStyle::Token => [("token", &pages.token, true, true), ("size", &pages.size, true, false)].to_vec(),
            PageStyle::Number => vec![
                ("number", &pages.number, true, false),
                ("size", &pages.size, true, false),
                ("total", &pages.total, false, true),
            ],
            PageStyle::Offset => vec![("offset", &pages.offset, true, false), ("next", &pages.next, false, true)],
        };
        for (key, name, in_request, in_response) in needed {
            let at = format!("pagination.{key}");
            let Some(name) = name else {
                if !matches!(key, "total" | "size") {
                    self.mistake(file, "pagination", format!("the pagination does not name its `{key}`"), format!("add \"{key}\": \"<Name>\""));
                }
                continue;
            };
            if in_request && !operation.request.iter().any(|field| field.name == *name) {
                let message = format!("the pagination's {key} `{name}` is no parameter of {}", operation.operation);
                self.mistake(file, &at, message, "correct its spelling, or add the parameter");
            }
            if in_response && self.resolve(operation, name).is_none() {
                let message = format!("the pagination's {key} `{name}` is no field of the answer");
                self.mistake(file, &at, message, "correct its spelling, or add the field to `response`");
            }
        }
        if !self.resolve(operation, &pages.items).is_some_and(|field| field.ty.is_list()) {
            let message = format!("the pagination's items `{}` is no list of the answer", pages.items);
            self.mistake(file, "pagination.items", message, "name the list that the pages hold");
        }
    }

    /// Finds a response field by a dotted path of wire names.
    fn resolve<'t>(&'t self, operation: &'t Operation, path: &str) -> Option<&'t Field> {
        let mut fields = operation.response.as_slice();
        let mut found = None;
        for name in path.split('.') {
            let field = fields.iter().find(|field| field.name == name)?;
            let ty = field.ty.name();
            fields = operation
                .types
                .get(ty)
                .or_else(|| self.tree.types.get(ty))
                .and_then(|ty| ty.fields.as_deref())
                .unwrap_or_default();
            found = Some(field);
        }
        found
    }

    fn waiter(&mut self, operation: &Operation, at: &str, waiter: &Waiter) {
        let file = operation.path.as_str();
        self.doc(file, &format!("{at}.doc"), &waiter.name, &waiter.doc);
        if !waiter.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            self.mistake(file, &format!("{at}.name"), format!("waiter `{}` is not in snake_case", waiter.name), "use lower-case letters, digits and _");
        }
        for name in std::iter::once(&waiter.ids).chain(waiter.set.keys()) {
            if !operation.request.iter().any(|field| field.name == *name) {
                let message = format!("the waiter's `{name}` is no parameter of {}", operation.operation);
                self.mistake(file, at, message, "correct its spelling, or add the parameter");
            }
        }
        let members: &[Field] = self
            .resolve(operation, &waiter.items)
            .filter(|field| field.ty.is_list())
            .and_then(|field| operation.types.get(field.ty.name()).or_else(|| self.tree.types.get(field.ty.name())))
            .and_then(|ty| ty.fields.as_deref())
            .unwrap_or_default();
        let missing: Vec<String> = std::iter::once(&waiter.id)
            .chain(&waiter.state)
            .filter(|name| !members.iter().any(|field| field.name == **name))
            .cloned()
            .collect();
        for name in missing {
            let message = format!("the waiter's `{name}` is no member of the elements of `{}`", waiter.items);
            self.mistake(file, at, message, "name members of the list's elements");
        }
        if waiter.gone == (waiter.state.is_some() && !waiter.success.is_empty()) {
            let message = format!("waiter `{}` has no end", waiter.name);
            self.mistake(file, at, message, "give it either `state` and `success`, or \"gone\": true");
        }
    }

    /// Refuses docs that say nothing.
    fn doc(&mut self, file: &str, at: &str, name: &str, doc: &str) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let lower = doc.to_lowercase();
        let problem = if doc.trim().is_empty() {
            "has no doc"
        } else if ["todo", "tbd", "fixme", "xxx", "…", "..."].iter().any(|mark| lower.split(' ').any(|word| word.trim_end_matches('.') == *mark)) {
            "has a placeholder for a doc"
        } else if letters(doc) == letters(name) || letters(doc) == format!("the{}", letters(name)) {
            "has a doc that repeats its name"
        } else if doc.split_whitespace().count() < 3 {
            "has a doc of under three words"
        } else if !doc.trim_end().ends_with(['.', '!', '?', ')', '`']) {
            "has a doc that is no sentence"
        } else {
            return;
        };
        self.mistake(file, at, format!("`{name}` {problem}"), "say in our own words what it means, with unit and effect, and end with a full stop");
    }
}

/// Whether a default or example is a value of a scalar type.
fn fits(ty: &str, value: &Value) -> bool {
    match ty {
        "string" => value.is_string(),
        "bool" => value.is_boolean(),
        "i32" | "i64" => value.is_i64(),
        "f32" | "f64" => value.is_number(),
        _ => true,
    }
}

fn list(names: impl Iterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{}`", name.as_ref())).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}

/// The known name closest to one that is not known, if it is close.
fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let aliases = [("str", "string"), ("text", "string"), ("integer", "i32"), ("int", "i32"), ("long", "i64"), ("boolean", "bool"), ("float", "f32"), ("double", "f64"), ("number", "f64")];
    if let Some((_, scalar)) = aliases.iter().find(|(alias, _)| name.eq_ignore_ascii_case(alias)) {
        return Some(scalar);
    }
    known.iter().map(|other| (distance(name, other), *other)).filter(|(distance, _)| *distance <= 2).min().map(|(_, other)| other)
}

/// Number of edits between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
