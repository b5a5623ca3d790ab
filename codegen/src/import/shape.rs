//! Converts published schemas to members of the specs, before their types have names.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::api::{Api, ApiDocs, Schema};
use super::decision::{Decision, Note};
use super::fit;
use super::fold::Fold;
pub(super) use super::member::{Direction, Member, Shape};
use super::schema_facts::{self, convert, copy_facts, is_time};
use crate::spec::{ErrorCode, Field, TypeRef};
use crate::validate::{is_wire_name, visible};

/// Depth of structs at which an import stops; the deepest of the service have about ten levels.
const MAX_DEPTH: usize = 24;

/// How often components may repeat inside each other. Their number grows exponentially, and callers rarely nest deeper.
const MAX_REPEATS: usize = 2;

/// An operation of the API.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) request: Vec<Member>,
    pub(super) response: Vec<Member>,
    pub(super) errors: Vec<ErrorCode>,
    /// Decisions that describe the operation.
    pub(super) notes: Vec<Note>,
    /// Paths of members in reports → their places in the file, below the operation.
    pub(super) places: HashMap<String, String>,
}

impl Shapes {
    pub(super) fn of(docs: &ApiDocs, api: &Api) -> Shapes {
        let mut reader = Reader { docs, notes: Vec::new(), places: HashMap::new(), open: Vec::new() };
        let mut fold = Fold::new(docs, "request ");
        let parameters = fold.parameters(&api.parameters);
        reader.notes.append(&mut fold.notes);
        let spot = Spot { direction: Direction::Request, is_json: false, depth: 0, path: "request ", at: "parameters" };
        let request = parameters.iter().filter_map(|(name, schema)| reader.member(name, schema, &spot)).collect();
        let success = api.responses.iter().find(|(status, _)| status.starts_with('2'));
        let response = success.map_or_else(Vec::new, |(status, success)| {
            let root = docs.resolve(&success.schema);
            let at = format!("responses.{status}.schema");
            let spot = Spot { direction: Direction::Response, is_json: false, depth: 0, path: "response ", at: &at };
            reader.root(&root, &at);
            reader.members(&root, &spot)
        });
        let errors = reader.errors(api);
        let Reader { mut notes, places, .. } = reader;
        // The reason for these decisions is reported already.
        notes.retain(|note| !api.notes.iter().any(|malformed| is_at_or_below(&note.at, &malformed.at)));
        Shapes { request, response: without_request_id(response), errors, notes, places }
    }
}

/// Whether a place of the file is another one, or is in it.
fn is_at_or_below(place: &str, other: &str) -> bool {
    place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Removes `RequestId`, which every response has and specs leave out.
fn without_request_id(mut members: Vec<Member>) -> Vec<Member> {
    members.retain(|m| m.field.name != REQUEST_ID);
    members
}

/// The member that every response has and specs leave out.
pub(super) const REQUEST_ID: &str = "RequestId";

/// Place of the members of a struct.
pub(super) struct Spot<'s> {
    pub(super) direction: Direction,
    /// Whether they are inside a JSON parameter.
    pub(super) is_json: bool,
    pub(super) depth: usize,
    /// Path in reports, ending in a separator.
    pub(super) path: &'s str,
    /// Path of the struct's schema below the operation in the file.
    pub(super) at: &'s str,
}

pub(super) struct Reader<'a> {
    pub(super) docs: &'a ApiDocs,
    pub(super) notes: Vec<Note>,
    pub(super) places: HashMap<String, String>,
    /// The components that contain the current member.
    pub(super) open: Vec<String>,
}

impl Reader<'_> {
    /// Whether the components that contain the current member repeat too often for another level.
    fn repeats(&self, component: &str) -> bool {
        let distinct: HashSet<&String> = self.open.iter().collect();
        self.open.iter().any(|open| open == component) && self.open.len() - distinct.len() >= MAX_REPEATS
    }

    fn members(&mut self, object: &Schema, spot: &Spot<'_>) -> Vec<Member> {
        if !object.properties.is_empty() && object.is_open() {
            let detail = "an object with listed and other members; the other ones are left out".to_owned();
            self.note(Decision::FreeForm, spot.path.trim_end_matches([' ', '.']), spot.at, detail);
        }
        let required_names = object.required.as_ref().and_then(Value::as_array);
        let folded = self.folded(object, spot);
        let properties = folded.as_ref().unwrap_or(&object.properties);
        let mut seen = HashSet::new();
        let members = properties.iter().filter_map(|(name, schema)| {
            // Blanks around a name are removed.
            if !seen.insert(name.trim()) {
                let at = schema.at.clone().unwrap_or_else(|| format!("{}.properties.{name}", spot.at));
                let detail = "listed twice; the first one is used".to_owned();
                self.note(Decision::Parameter, &format!("{}{}", spot.path, name.trim()), &at, detail);
                return None;
            }
            let mut member = self.member(name, schema, spot)?;
            let named = required_names.is_some_and(|names| names.iter().any(|n| n == name));
            member.field.required |= named && spot.direction == Direction::Request;
            Some(member)
        });
        members.collect()
    }

    /// The members of a struct without dots in their names. In JSON, names may have dots.
    fn folded(&mut self, object: &Schema, spot: &Spot<'_>) -> Option<IndexMap<String, Schema>> {
        let is_dotted = object.properties.keys().any(|name| name.contains('.'));
        if !is_dotted || spot.is_json || spot.direction == Direction::Response {
            return None;
        }
        let with_place = |(name, schema): (&String, &Schema)| {
            let at = schema.at.clone().unwrap_or_else(|| format!("{}.properties.{name}", spot.at));
            (name.clone(), Schema { at: Some(at), ..schema.clone() })
        };
        let mut fold = Fold::new(self.docs, spot.path);
        let folded = fold.members(object.properties.iter().map(with_place).collect());
        self.notes.append(&mut fold.notes);
        Some(folded)
    }

    /// A member, or `None` if specs cannot describe it.
    fn member(&mut self, name: &str, schema: &Schema, spot: &Spot<'_>) -> Option<Member> {
        let at = schema.at.clone().unwrap_or_else(|| format!("{}.properties.{name}", spot.at));
        let schema = self.docs.resolve(schema);
        let style = schema.style.as_deref();
        let direction = spot.direction;
        let mut field = Field { name: name.trim().to_owned(), ..Field::default() };
        let path = format!("{}{}", spot.path, field.name);
        if !is_wire_name(&field.name) {
            let detail = format!("left out: `{}` is not a name", visible(name));
            self.note(Decision::Parameter, &path, &at, detail);
            return None;
        }
        self.places.entry(path.clone()).or_insert_with(|| at.clone());
        self.note_ignored(&schema, &path, &at);
        let below = Below { path: &path, at: &at, is_json: spot.is_json || style == Some("json"), spot };
        let (list, shape) = match schema.kind() {
            "array" => {
                field.wire = Some(list_wire(direction, style));
                (true, self.element(&schema, &mut field, &below))
            }
            "object" => match self.wrapped(&schema, direction) {
                Some((item, inner)) => {
                    field.wire = Some(format!("wrapped:{item}"));
                    let at = format!("{at}.properties.{item}");
                    self.note_ignored(&inner, &path, &at);
                    (true, self.element(&inner, &mut field, &Below { at: &at, ..below }))
                }
                None if style == Some("json")
                    && !spot.is_json
                    && direction == Direction::Request
                    && self.is_free(&schema) =>
                {
                    (false, None)
                }
                None => {
                    field.wire = (style == Some("json") && direction == Direction::Request).then(|| "json".to_owned());
                    (false, Some(self.object(&schema, &below)))
                }
            },
            "any" => (false, None),
            _ => {
                self.note_unknown_type(&schema, false, &below);
                (false, Some(self.scalar(&schema, &[], &mut field, &below)))
            }
        };
        let (list, shape) = match shape {
            Some(shape) => (list, shape),
            None => (false, self.json(&mut field, &schema, &below)?),
        };
        copy_facts(&mut field, &schema);
        if direction == Direction::Request {
            field.required = schema.required == Some(Value::Bool(true));
            if let Some(required) = schema.disputed {
                let detail = format!("`required` is {required}, but `docRequired` is {}; not required", !required);
                self.note(Decision::Required, &path, &at, detail);
            }
            if shape == Shape::Builtin("time") && field.time.is_none() {
                field.time = schema_facts::form_of_example(&schema);
            }
            if let Some(value) = schema.default.as_ref().filter(|value| schema_facts::states_something(value)) {
                field.default = schema_facts::default(value, &shape, field.wire.as_deref());
                if field.default.is_none() {
                    self.note(Decision::Fact, &path, &at, format!("`default` {value} does not fit the type"));
                }
            }
        }
        if !field.deprecated {
            field.replaced_by = None;
        }
        let mut member = Member { field, list, shape };
        for (decision, detail) in fit::settle(&mut member, &schema, direction) {
            self.note(decision, &path, &at, detail);
        }
        if let Shape::Builtin(builtin) = member.shape {
            member.field.ty = type_ref(builtin, list);
        }
        Some(member)
    }

    /// The only member of an object, if it is a list: `Instances` with nothing but `Instance[]`.
    fn wrapped(&self, schema: &Schema, direction: Direction) -> Option<(String, Schema)> {
        if direction == Direction::Request || schema.properties.len() != 1 {
            return None;
        }
        let (name, inner) = schema.properties.first()?;
        let inner = self.docs.resolve(inner);
        (inner.kind() == "array" && !name.trim().is_empty()).then(|| (name.clone(), inner))
    }

    /// The shape of a list's elements, or `None` if specs cannot describe it.
    fn element(&mut self, list: &Schema, field: &mut Field, below: &Below<'_, '_>) -> Option<Shape> {
        copy_facts(field, list);
        let item = list.items.as_deref().map(|item| self.docs.resolve(item)).unwrap_or_default();
        self.note_ignored(&item, below.path, &format!("{}.items", below.at));
        let is_request = below.spot.direction == Direction::Request;
        match item.kind() {
            // Objects of unknown members have no common type, and no object can be joined by commas.
            "object" if field.wire.as_deref() == Some("json") && item.properties.is_empty() => None,
            "object" if field.wire.as_deref() == Some("comma") => None,
            "object" => {
                let (path, at) = (format!("{}[]", below.path), format!("{}.items", below.at));
                let shape = self.object(&item, &Below { path: &path, at: &at, ..*below });
                match (shape, field.wire.as_deref()) {
                    (Shape::Builtin(_), Some("json")) => None,
                    (Shape::Builtin(map), _) => {
                        let detail = "a list of objects whose members are not stated; each one is a map of strings";
                        self.note(Decision::FreeForm, below.path, below.at, detail.to_owned());
                        Some(Shape::Builtin(map))
                    }
                    (shape, _) => Some(shape),
                }
            }
            // Specs have no lists of lists.
            "array" => None,
            "any" if !is_request || field.wire.as_deref() == Some("json") => None,
            _ => {
                copy_facts(field, &item);
                self.note_unknown_type(&item, true, below);
                Some(self.scalar(&item, &list.values, field, below))
            }
        }
    }

    fn object(&mut self, schema: &Schema, spot: &Below<'_, '_>) -> Shape {
        if schema.properties.is_empty() {
            if let Some(detail) = self.values_as_strings(schema, spot) {
                self.note(Decision::FreeForm, spot.path, spot.at, detail);
            }
            return Shape::Builtin("map");
        }
        if spot.spot.depth > MAX_DEPTH {
            let detail = "nested too deeply; its members are left out at this depth".to_owned();
            self.note(Decision::FreeForm, spot.path, spot.at, detail);
            return Shape::Builtin("map");
        }
        let component = schema.component.as_deref();
        if let Some(name) = component.filter(|name| self.repeats(name)) {
            let detail = format!("`{name}` contains itself; its members are left out at this depth");
            self.note(Decision::FreeForm, spot.path, spot.at, detail);
            return Shape::Builtin("map");
        }
        self.open.extend(component.map(str::to_owned));
        let path = format!("{}.", spot.path);
        let members = self.members(
            schema,
            &Spot {
                direction: spot.spot.direction,
                is_json: spot.is_json,
                depth: spot.spot.depth + 1,
                path: &path,
                at: spot.at,
            },
        );
        if component.is_some() {
            self.open.pop();
        }
        if members.is_empty() { Shape::Builtin("map") } else { Shape::Struct(members) }
    }

    /// The type of a single value. Listed values that do not form an enum are added to `field`.
    ///
    /// Numbers of responses are always 64 bits wide, because published widths are often too narrow and one number that
    /// does not fit would fail the whole response.
    fn scalar(&mut self, schema: &Schema, more_values: &[Value], field: &mut Field, below: &Below<'_, '_>) -> Shape {
        let is_wide = below.spot.direction == Direction::Request && schema_facts::exceeds_i32(schema);
        if is_wide && schema.format.as_deref() != Some("int64") {
            let detail = "its limits, default or values exceed 32 bits; 64 bits wide".to_owned();
            self.note(Decision::Fact, below.path, below.at, detail);
        }
        let builtin = match (schema.kind(), schema.format.as_deref(), below.spot.direction) {
            ("boolean", ..) => "bool",
            ("integer", Some("int64"), _) | ("integer", _, Direction::Response) => "i64",
            ("integer", ..) if is_wide => "i64",
            ("integer", ..) => "i32",
            ("number", Some("float"), Direction::Request) => "f32",
            ("number", ..) => "f64",
            _ => "string",
        };
        let mut values: Vec<String> = Vec::new();
        for value in more_values.iter().chain(&schema.values) {
            match schema_facts::listed(value, &values) {
                Ok(text) if values.contains(&text) => {}
                Ok(text) => values.push(text),
                Err(detail) => self.note(Decision::Fact, below.path, below.at, detail),
            }
        }
        if values.is_empty() && builtin == "string" && is_time(&field.name, schema) {
            return Shape::Builtin("time");
        }
        if builtin == "bool" {
            for text in values.iter().filter(|text| !is_flag(text)) {
                self.note(Decision::Fact, below.path, below.at, format!("value `{text}` is not a Boolean"));
            }
            return Shape::Builtin(builtin);
        }
        if values.is_empty() {
            return Shape::Builtin(builtin);
        }
        if builtin == "string" && values.iter().all(|value| is_flag(value)) {
            return Shape::Builtin("bool");
        }
        if builtin == "string" && !values.iter().all(|value| is_number_or_flag(value)) {
            return Shape::Enum(values);
        }
        for text in values {
            match convert(&Value::String(text.clone()), builtin) {
                Some(value) if field.values.contains(&value) => {}
                Some(value) => field.values.push(value),
                None => {
                    let detail = format!("value `{text}` is not of type `{builtin}`");
                    self.note(Decision::Fact, below.path, below.at, detail);
                }
            }
        }
        Shape::Builtin(builtin)
    }

    pub(super) fn note(&mut self, decision: Decision, path: &str, at: &str, detail: String) {
        self.notes.push(Note { decision, path: path.to_owned(), at: at.to_owned(), detail });
    }
}

/// A member, as the place of its own members.
#[derive(Clone, Copy)]
pub(super) struct Below<'s, 'p> {
    pub(super) path: &'s str,
    pub(super) at: &'s str,
    pub(super) is_json: bool,
    pub(super) spot: &'s Spot<'p>,
}

pub(super) fn type_ref(name: &str, list: bool) -> TypeRef {
    let name = name.to_owned();
    if list { TypeRef::List([name]) } else { TypeRef::One(name) }
}

fn list_wire(direction: Direction, style: Option<&str>) -> String {
    let wire = match (direction, style) {
        (Direction::Response, _) => "list",
        (Direction::Request, Some("json")) => "json",
        (Direction::Request, Some("simple")) => "comma",
        (Direction::Request, _) => "repeat",
    };
    wire.to_owned()
}

/// Whether a listed value is a boolean written as a string.
fn is_flag(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn is_number_or_flag(text: &str) -> bool {
    is_flag(text) || text.parse::<i64>().is_ok()
}
