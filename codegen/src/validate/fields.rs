//! Rules about parameters, fields of responses, and members of structs.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Checker, Direction, SCALARS, Uses};
use crate::{
    import::DECIDABLE,
    naming, rules,
    spec::{self, Field, Operation, TIME_FORMS},
    suggest::{closest, list},
    type_graph::{self, Reached},
};

/// Scope of fields: the types that they can refer to, and their direction.
#[derive(Clone, Copy)]
struct Scope<'a> {
    operation: &'a Operation,
    /// Operation whose own types are in scope; `None` inside shared types.
    own: Option<&'a Operation>,
    direction: Direction,
}

impl<'a> Checker<'a> {
    /// Checks an operation's fields and nested structs. Returns the uses of the operation's own types.
    pub(super) fn fields(&mut self, operation: &'a Operation) -> Uses<'a> {
        let mut used = BTreeMap::new();
        for (at, fields, direction) in [
            ("request", &operation.request, Direction::Request),
            ("response", &operation.response, Direction::Response),
        ] {
            let scope = Scope { operation, own: Some(operation), direction };
            self.members(&operation.path, at, fields, scope);
            match direction {
                Direction::Request => self.common_parameters(operation),
                Direction::Response => self.request_id(operation),
            }
            self.structs(operation, fields, direction, &mut used);
        }
        used
    }

    /// Checks nested structs, each once.
    fn structs(&mut self, operation: &'a Operation, fields: &'a [Field], direction: Direction, used: &mut Uses<'a>) {
        for Reached { name, ty, scope } in type_graph::Scope::of(operation, &self.tree.types).reached(fields) {
            let own = scope.operation();
            let uses = if own.is_some() { &mut *used } else { &mut self.shared_used };
            uses.entry(name).or_default().push((direction, &operation.operation));
            let Some(members) = &ty.fields else { continue };
            let scope = Scope { operation, own, direction };
            if own.is_some() {
                self.members(&operation.path, &format!("types.{name}.fields"), members, scope);
            } else {
                let file = format!("{}/types.json", self.tree.name);
                self.members(&file, &format!("{name}.fields"), members, scope);
            }
        }
    }

    /// Checks the members of one struct, request or response.
    fn members(&mut self, file: &str, at: &str, fields: &'a [Field], scope: Scope<'a>) {
        let mut wire_names: HashSet<&str> = HashSet::new();
        let mut rust_names: HashMap<String, &str> = HashMap::new();
        for (index, field) in fields.iter().enumerate() {
            let at = format!("{at}.{index}");
            let name = &field.name;
            self.wire_name(file, &format!("{at}.name"), name);
            if !wire_names.insert(name) {
                self.mistake(
                    &rules::DUPLICATE_MEMBER,
                    file,
                    &format!("{at}.name"),
                    format!("`{name}` is listed twice"),
                    "remove one of the two",
                );
                continue;
            }
            if field.skip.is_some() {
                continue;
            }
            let request = scope.direction == Direction::Request;
            if let Some(rust) = field.rust.as_ref().filter(|rust| !naming::is_field(rust, request)) {
                let message = format!("invalid Rust name `{rust}` for `{name}`");
                let help =
                    "use snake_case letters and digits, but neither a keyword nor a method such as `send` or `meta`";
                self.mistake(&rules::RUST_NAME, file, &format!("{at}.rust"), message, help);
            }
            let rust = self.rust_name(field, scope.direction);
            if let Some(other) = rust_names.insert(rust.clone(), name) {
                let message = format!("`{other}` and `{name}` would have the same Rust name `{rust}`");
                let help = "name one of them with \"rust\": \"…\"";
                self.mistake(&rules::RUST_NAME, file, &format!("{at}.name"), message, help);
            }
            self.field(file, &at, field, scope);
            self.content(file, &at, field, fields, scope.operation, scope.direction);
            if let Some(doc) = &field.doc {
                let own = scope.own.map_or(&[][..], |operation| &operation.request);
                self.references(file, &format!("{at}.doc"), doc, &[fields, own], scope.own);
            }
        }
        if scope.direction == Direction::Request {
            self.overlaps(file, at, fields);
        }
    }

    pub(super) fn rust_name(&self, field: &Field, direction: Direction) -> String {
        let plural = field.wire.as_deref() == Some("repeat");
        field.rust.clone().unwrap_or_else(|| match direction {
            Direction::Request => self.names.parameter(&field.name, plural),
            Direction::Response => self.names.response_field(&field.name, plural),
        })
    }

    /// Rejects parameters with the name of a common parameter, because a second value could not be signed.
    fn common_parameters(&mut self, operation: &'a Operation) {
        let Some(rpc) = self.rpc else { return };
        for (index, field) in operation.request.iter().enumerate().filter(|(_, field)| field.skip.is_none()) {
            if rpc.parameters.contains_key(&field.name) {
                let message = format!("`{}` is a common parameter of all requests", field.name);
                let help = "leave it out of the SDK with \"skip\": \"…\"; the SDK sets it";
                self.mistake(
                    &rules::RESERVED_PARAMETER,
                    &operation.path,
                    &format!("request.{index}.name"),
                    message,
                    help,
                );
            }
        }
    }

    /// Rejects other fields named `request_id`, which the generator adds to every response.
    fn request_id(&mut self, operation: &'a Operation) {
        for (index, field) in operation.response.iter().enumerate() {
            let plain =
                field.ty.name() == "string" && !field.ty.is_list() && field.rust.is_none() && field.skip.is_none();
            let taken = self.rust_name(field, Direction::Response) == "request_id";
            if field.name == "RequestId" && !plain {
                let message = "`RequestId` of a response must be a plain string".to_owned();
                let help = "remove the field; every response has it";
                self.mistake(&rules::WIRE_NAME, &operation.path, &format!("response.{index}.name"), message, help);
            } else if field.name != "RequestId" && field.skip.is_none() && taken {
                let message =
                    format!("`{}` would have the Rust name `request_id`, which every response has", field.name);
                let help = "name it with \"rust\": \"…\"";
                self.mistake(&rules::RUST_NAME, &operation.path, &format!("response.{index}.name"), message, help);
            }
        }
    }

    fn field(&mut self, file: &str, at: &str, field: &'a Field, scope: Scope<'a>) {
        let name = &field.name;
        match (&field.doc, self.tree.glossary.get_key_value(name)) {
            (Some(doc), Some((_, entry))) if doc == entry.doc() => {
                let message = format!("the doc of `{name}` repeats the glossary");
                self.mistake(
                    &rules::DOC_REPEATS_GLOSSARY,
                    file,
                    &format!("{at}.doc"),
                    message,
                    "remove the doc; the glossary's entry is the default",
                )
                .fix_by_removing(format!("{at}.doc"));
            }
            (Some(doc), _) => self.doc(file, &format!("{at}.doc"), name, doc),
            (None, Some((key, _))) => {
                self.glossary_used.insert(key);
            }
            (None, None) if self.tree.gaps.glossary => {}
            (None, None) => {
                let help = format!("add \"doc\": \"…\" here, or an entry `{name}` to {}/glossary.json", self.tree.name);
                self.mistake(&rules::MISSING_DOC, file, &format!("{at}.name"), format!("`{name}` has no doc"), help);
            }
        }
        self.kind(file, at, field, scope);
        self.scalar(file, at, field, scope.direction);
        self.source(file, at, field);
        self.note_struct(file, at, field, scope.direction, scope.own);
        if scope.direction == Direction::Response && field.required {
            let message = format!("`{name}` of a response is marked as required");
            self.mistake(
                &rules::REQUIRED_RESPONSE_FIELD,
                file,
                &format!("{at}.required"),
                message,
                "remove `required`; any member of a response may be missing",
            )
            .fix_by_removing(format!("{at}.required"));
        }
        self.facts(file, at, field, scope.own);
        self.limits(file, at, field);
        self.patterns(file, at, field);
        self.contradictions(file, at, field, scope.direction);
        self.batch(file, at, field, scope.direction);
        self.decided(file, at, field);
        self.time(file, at, field, scope.direction);
        self.plain(file, at, field, scope);
        self.replacement(file, &format!("{at}.replaced_by"), field.deprecated, field.replaced_by.is_some());
    }

    /// Checks a field's type and encoding.
    fn kind(&mut self, file: &str, at: &str, field: &'a Field, scope: Scope<'a>) {
        let ty = field.ty.name();
        let definition = self.resolve(ty, scope.own);
        if SCALARS.contains(&ty) || definition.is_some() {
            let is_struct = ty == "map" || definition.is_some_and(|ty| ty.fields.is_some());
            self.wire(file, at, field, is_struct, scope.direction);
        } else if self.lacks_types(ty) {
            self.lacking_types.insert(ty);
        } else if !self.tree.gaps.types {
            let mut known: Vec<&str> = SCALARS.to_vec();
            known.extend(scope.own.iter().flat_map(|operation| operation.types.keys()).map(String::as_str));
            known.extend(self.tree.types.keys().map(String::as_str));
            let here = if scope.own.is_some() { "`types` of this file or in " } else { "" };
            let place = format!("define `{ty}` in {here}{}/types.json", self.tree.name);
            let help = match closest(ty, &known) {
                Some(close) => format!("did you mean `{close}`? if not, {place}"),
                None => format!("use {}, or {place}", list(SCALARS)),
            };
            self.mistake(&rules::UNKNOWN_TYPE, file, &format!("{at}.type"), format!("unknown type `{ty}`"), help);
        }
    }

    fn wire(&mut self, file: &str, at: &str, field: &Field, is_struct: bool, direction: Direction) {
        const SENT: &str = "\"repeat\", \"json\" or \"comma\"";
        const RECEIVED: &str = "\"wrapped:<Item>\" or \"list\"";
        let name = &field.name;
        let wire = field.wire.as_deref();
        let place = if wire.is_some() { format!("{at}.wire") } else { format!("{at}.type") };
        let item = wire.and_then(|wire| wire.strip_prefix("wrapped")).map(|item| item.trim_start_matches(':').trim());
        let (message, help) = match (wire, field.ty.is_list(), direction) {
            (Some("json" | "comma"), true, _) if field.ty.name() == "map" => (
                format!("`{name}` is a list of maps, which cannot be in one parameter"),
                "define a struct for its elements, or make it a string with the text of JSON".to_owned(),
            ),
            (None, true, direction) => {
                let kinds = if direction == Direction::Request { SENT } else { RECEIVED };
                (format!("the list `{name}` has no encoding"), format!("add \"wire\": {kinds}"))
            }
            (Some("comma"), true, Direction::Request) if is_struct => (
                format!("`{name}` is a list of structs, which cannot be joined by commas"),
                "use \"repeat\" or \"json\"".to_owned(),
            ),
            (None, false, _)
            | (Some("repeat" | "json" | "comma"), true, Direction::Request)
            | (Some("list"), true, Direction::Response) => return,
            (Some("json"), false, Direction::Request) if is_struct => return,
            // Any JSON value, as its text.
            (Some("json"), false, Direction::Response) if field.ty.name() == "string" => return,
            (Some(_), true, Direction::Response) if item == Some("") => (
                format!("the wrapper of `{name}` has no item"),
                "write \"wrapped:<Item>\", where <Item> is the one member of the wrapper".to_owned(),
            ),
            (Some(wire), true, Direction::Response) if wire.starts_with("wrapped:") => return,
            (Some(wire), true, Direction::Request) => {
                (format!("invalid encoding `{wire}` of a list in a request"), format!("use {SENT}"))
            }
            (Some(wire), true, Direction::Response) => {
                (format!("invalid encoding `{wire}` of a list in a response"), format!("use {RECEIVED}"))
            }
            (Some(wire), false, _) => (
                format!("invalid encoding `{wire}` of `{name}`, which is not a list"),
                "remove `wire`, or make the type a list: [\"…\"]".to_owned(),
            ),
        };
        self.mistake(&rules::WIRE_STYLE, file, &place, message, help);
    }

    /// Checks the format of a time.
    fn time(&mut self, file: &str, at: &str, field: &Field, direction: Direction) {
        let name = &field.name;
        let is_time = field.ty.name() == "time";
        match &field.time {
            Some(_) if !is_time => {
                let message = format!("`{name}` is not a time but has `time`");
                self.mistake(
                    &rules::TIME_FORMAT,
                    file,
                    &format!("{at}.time"),
                    message,
                    "remove it, or make the type `time`",
                );
            }
            Some(form) if !TIME_FORMS.contains(&form.as_str()) => {
                let message = format!("unknown time format `{form}`");
                self.mistake(
                    &rules::TIME_FORMAT,
                    file,
                    &format!("{at}.time"),
                    message,
                    format!("use {}", list(TIME_FORMS)),
                );
            }
            None if is_time && direction == Direction::Request => {
                let message = format!("the time `{name}` of a request has no format");
                let help = format!("add \"time\": \"…\" with {}", list(TIME_FORMS));
                self.mistake(&rules::TIME_FORMAT, file, &format!("{at}.type"), message, help);
            }
            _ => {}
        }
        if is_time && matches!(field.wire.as_deref(), Some("json" | "comma")) {
            let message = format!("`{name}` is a list of times, which cannot be encoded in one parameter");
            self.mistake(
                &rules::WIRE_STYLE,
                file,
                &format!("{at}.wire"),
                message,
                "use \"repeat\", or make the type [\"string\"]",
            );
        }
    }

    /// Rejects plain strings whose name indicates a better type, unless a reason is stated.
    fn plain(&mut self, file: &str, at: &str, field: &'a Field, scope: Scope<'a>) {
        let name = &field.name;
        let is_string = field.ty.name() == "string";
        if field.plain.is_some() && !is_string {
            let message = format!("`{name}` is not a string but has `plain`");
            let at = format!("{at}.plain");
            self.mistake(&rules::NEEDLESS_REASON, file, &at, message, "remove it").fix_by_removing(&at);
            return;
        }
        let parameter = scope.operation.request.iter().find(|parameter| parameter.name == *name);
        let expected_type = parameter.filter(|_| scope.direction == Direction::Response).map(|field| field.ty.name());
        let expected_type = expected_type
            .filter(|ty| self.resolve(ty, Some(scope.operation)).is_some_and(|ty| ty.values.is_some()))
            .or(spec::is_time_name(name).then_some("time"));
        let Some(expected_type) = expected_type.filter(|_| is_string) else {
            if field.plain.is_some() {
                self.plain.entry((file.to_owned(), at.to_owned())).or_default();
            }
            return;
        };
        if let Some(reason) = &field.plain {
            if reason.trim().is_empty() {
                let message = format!("`plain` of `{name}` has no reason");
                self.mistake(
                    &rules::MISSING_REASON,
                    file,
                    &format!("{at}.plain"),
                    message,
                    "state why the field remains a string",
                );
            }
            self.plain.insert((file.to_owned(), at.to_owned()), true);
            return;
        }
        let operation = &scope.operation.operation;
        let (message, help) = if expected_type == "time" {
            (format!("`{name}` is a string, but its name indicates a time"), "make the type `time`".to_owned())
        } else {
            let message = format!("`{name}` is a string, but the parameter of {operation} is `{expected_type}`");
            (message, format!("make the type `{expected_type}`"))
        };
        let help = format!("{help}, or state a reason with \"plain\": \"…\"");
        self.mistake(&rules::STRING_TYPE, file, &format!("{at}.type"), message, help);
    }

    /// Checks the decisions against the published API.
    fn decided(&mut self, file: &str, at: &str, field: &Field) {
        let name = &field.name;
        for (fact, grounds) in &field.decided {
            let at = format!("{at}.decided.{fact}#");
            if !DECIDABLE.contains(&fact.as_str()) {
                let help = match closest(fact, DECIDABLE) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("use {}", list(DECIDABLE)),
                };
                self.mistake(
                    &rules::DECISION,
                    file,
                    &at,
                    format!("`decided` of `{name}` has the unknown fact `{fact}`"),
                    help,
                );
            } else if grounds.reason().split_whitespace().count() < 3 {
                let message = format!("the decision about `{fact}` of `{name}` has no reason");
                self.mistake(&rules::MISSING_REASON, file, &at, message, "name the sources that contradict the API");
            } else if grounds.against().is_some_and(|against| against.trim().is_empty()) {
                let message = format!("the decision about `{fact}` of `{name}` is against no source");
                self.mistake(
                    &rules::MISSING_REASON,
                    file,
                    &at,
                    message,
                    "name the source that states the fact differently, or give only the reason",
                );
            }
        }
    }
}
