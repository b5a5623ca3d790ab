//! Converts published schemas to members of the specs, before their types have names.

use serde_json::{Number, Value};

use super::api::{Api, ApiDocs, Schema};
use crate::spec::{ErrorCode, Field, TIME_FORMS, TypeRef, is_time_name, time_form};

/// Depth beyond which a schema is assumed to refer to itself.
const MAX_DEPTH: usize = 24;

/// Direction of a struct. A struct is never both sent and received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    Request,
    Response,
}

/// A member with its facts. The type in `field` is set once the shape has a name.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    pub(super) field: Field,
    pub(super) list: bool,
    pub(super) shape: Shape,
}

/// Shape of a member, or of an element of a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// `string`, `time`, `bool`, `i32`, `i64`, `f32`, `f64` or `map`.
    Builtin(&'static str),
    /// A string with listed values.
    Enum(Vec<String>),
    Struct(Vec<Member>),
}

/// An operation of the API.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub(super) request: Vec<Member>,
    pub(super) response: Vec<Member>,
    pub(super) errors: Vec<ErrorCode>,
}

impl Shapes {
    pub(super) fn of(docs: &ApiDocs, api: &Api) -> Shapes {
        let reader = Reader { docs };
        let request = api
            .parameters
            .iter()
            .map(|p| reader.member(&p.name, &p.schema, p.style.as_deref(), Direction::Request, 0))
            .collect();
        let success = api.responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, success)| success);
        let response = success.map_or_else(Vec::new, |success| {
            let root = docs.resolve(&success.schema);
            reader.members(&root, Direction::Response, 0)
        });
        Shapes { request, response: without_request_id(response), errors: errors(api) }
    }
}

/// Removes `RequestId`, which every response has and specs leave out.
fn without_request_id(mut members: Vec<Member>) -> Vec<Member> {
    members.retain(|m| m.field.name != REQUEST_ID);
    members
}

/// The member that every response has and specs leave out.
pub(super) const REQUEST_ID: &str = "RequestId";

fn errors(api: &Api) -> Vec<ErrorCode> {
    let mut errors: Vec<ErrorCode> = api
        .error_codes
        .iter()
        .filter_map(|(status, errors)| Some((http_status(status)?, errors)))
        .flat_map(|(http, errors)| errors.iter().map(move |e| ErrorCode { code: e.error_code.trim().to_owned(), http }))
        .filter(|error| !error.code.is_empty())
        .collect();
    errors.sort_by(|a, b| (a.http, &a.code).cmp(&(b.http, &b.code)));
    errors.dedup();
    errors
}

/// The status of a key such as `404`; published files have typos such as `4003` for 400.
fn http_status(key: &str) -> Option<u16> {
    key.get(..3)?.parse().ok().filter(|status| (200..600).contains(status))
}

struct Reader<'a> {
    docs: &'a ApiDocs,
}

impl Reader<'_> {
    fn members(&self, object: &Schema, direction: Direction, depth: usize) -> Vec<Member> {
        let required_names = object.required.as_ref().and_then(Value::as_array);
        object
            .properties
            .iter()
            .map(|(name, schema)| {
                let mut member = self.member(name, schema, None, direction, depth + 1);
                let named = required_names.is_some_and(|names| names.iter().any(|n| n == name));
                member.field.required |= named && direction == Direction::Request;
                member
            })
            .collect()
    }

    fn member(&self, name: &str, schema: &Schema, style: Option<&str>, direction: Direction, depth: usize) -> Member {
        let schema = self.docs.resolve(schema);
        let style = style.or(schema.style.as_deref());
        let mut field = Field { name: name.to_owned(), ..Field::default() };
        let (list, shape) = match schema.kind() {
            "array" => {
                field.wire = Some(list_wire(direction, style));
                (true, self.element(&schema, &mut field, direction, depth))
            }
            "object" => match self.wrapped(&schema, direction) {
                Some((item, inner)) => {
                    field.wire = Some(format!("wrapped:{item}"));
                    (true, self.element(&inner, &mut field, direction, depth))
                }
                None => {
                    field.wire = (style == Some("json")).then(|| "json".to_owned());
                    (false, self.object(&schema, direction, depth))
                }
            },
            _ => (false, scalar(&schema, &[], direction, &mut field)),
        };
        copy_facts(&mut field, &schema);
        if direction == Direction::Request {
            field.required = schema.required == Some(Value::Bool(true));
            if shape == Shape::Builtin("time") && field.time.is_none() {
                field.time = time_form(&example(&schema)).map(str::to_owned);
            }
            field.default = schema.default.as_ref().and_then(|value| default(value, &shape, field.wire.as_deref()));
        }
        if shape != Shape::Builtin("time") {
            field.time = None;
        }
        if !list {
            (field.min_items, field.max_items) = (None, None);
        }
        if !field.deprecated {
            field.replaced_by = None;
        }
        if let Shape::Builtin(builtin) = shape {
            field.ty = type_ref(builtin, list);
        }
        Member { field, list, shape }
    }

    /// The only member of an object, if it is a list: `Instances` with nothing but `Instance[]`.
    fn wrapped(&self, schema: &Schema, direction: Direction) -> Option<(String, Schema)> {
        if direction == Direction::Request || schema.properties.len() != 1 {
            return None;
        }
        let (name, inner) = schema.properties.first()?;
        let inner = self.docs.resolve(inner);
        (inner.kind() == "array").then(|| (name.clone(), inner))
    }

    fn element(&self, list: &Schema, field: &mut Field, direction: Direction, depth: usize) -> Shape {
        copy_facts(field, list);
        let item = list.items.as_deref().map(|item| self.docs.resolve(item)).unwrap_or_default();
        match item.kind() {
            "object" => self.object(&item, direction, depth),
            // The specs have no lists of lists; the inner list becomes a map.
            "array" => Shape::Builtin("map"),
            _ => {
                copy_facts(field, &item);
                scalar(&item, &list.values, direction, field)
            }
        }
    }

    fn object(&self, schema: &Schema, direction: Direction, depth: usize) -> Shape {
        if schema.properties.is_empty() || depth > MAX_DEPTH {
            return Shape::Builtin("map");
        }
        Shape::Struct(self.members(schema, direction, depth))
    }
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

/// The type of a single value. Listed values that do not form an enum are added to `field`.
///
/// Numbers of responses are always 64 bits wide, because published widths are often too narrow and one number that does
/// not fit would fail the whole response.
fn scalar(schema: &Schema, more_values: &[Value], direction: Direction, field: &mut Field) -> Shape {
    let builtin = match (schema.kind(), schema.format.as_deref(), direction) {
        ("boolean", ..) => "bool",
        ("integer", Some("int64"), _) | ("integer", _, Direction::Response) => "i64",
        ("integer", ..) => "i32",
        ("number", Some("float"), Direction::Request) => "f32",
        ("number", ..) => "f64",
        _ => "string",
    };
    let mut values: Vec<String> = Vec::new();
    for value in more_values.iter().chain(&schema.values) {
        let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
        if !text.is_empty() && !contains_ignoring_case(&values, &text) {
            values.push(text);
        }
    }
    if values.is_empty() && builtin == "string" && is_time(&field.name, schema) {
        return Shape::Builtin("time");
    }
    if values.is_empty() || builtin == "bool" {
        return Shape::Builtin(builtin);
    }
    if builtin == "string" && values.iter().all(|value| is_flag(value)) {
        return Shape::Builtin("bool");
    }
    if builtin == "string" && !values.iter().all(|value| is_number_or_flag(value)) {
        return Shape::Enum(values);
    }
    let converted = values.iter().filter_map(|text| convert(&Value::String(text.clone()), builtin));
    field.values = converted.collect();
    Shape::Builtin(builtin)
}

/// Whether a listed value is a boolean written as a string.
fn is_flag(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn is_number_or_flag(text: &str) -> bool {
    is_flag(text) || text.parse::<i64>().is_ok()
}

/// Whether the value is listed, regardless of letter case.
pub(super) fn contains_ignoring_case(values: &[String], text: &str) -> bool {
    values.iter().any(|value| value.eq_ignore_ascii_case(text))
}

/// Copies the facts of a schema that the field does not have yet.
fn copy_facts(field: &mut Field, schema: &Schema) {
    let count = |value: &Option<Value>| {
        value.as_ref().and_then(number).and_then(|n| n.as_u64()).and_then(|n| u32::try_from(n).ok())
    };
    let is_number = matches!(schema.kind(), "integer" | "number");
    if is_number {
        field.min = field.min.take().or_else(|| limit(schema, schema.minimum.as_ref()));
        field.max = field.max.take().or_else(|| limit(schema, schema.maximum.as_ref()));
    }
    field.min_items = field.min_items.or(count(&schema.min_items));
    field.max_items = field.max_items.or(count(&schema.max_items));
    field.min_length = field.min_length.or(count(&schema.min_length).filter(|length| *length > 0));
    field.max_length = field.max_length.or(count(&schema.max_length));
    field.pattern = field.pattern.take().or_else(|| schema.pattern.clone());
    field.time = field.time.take().or_else(|| time_pattern(schema));
    field.base64 |= schema.base64 && schema.values.is_empty();
    field.deprecated |= schema.deprecated;
    field.replaced_by = field.replaced_by.take().or_else(|| schema.replaced_by.clone());
    field.visibility = field.visibility.or(schema.visibility);
}

fn limit(schema: &Schema, value: Option<&Value>) -> Option<Number> {
    let number = number(value?)?;
    if schema.kind() == "integer" && !number.is_i64() && !number.is_u64() {
        let float = number.as_f64()?;
        // Integers beyond 2^53 are never written as floats.
        return (float.fract() == 0.0 && float.abs() < 9e15).then(|| Number::from(float as i64));
    }
    Some(number)
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            text.trim().parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.trim().parse().ok()?))
        }
        _ => None,
    }
}

/// The default, converted to the type of the field if possible.
fn default(value: &Value, shape: &Shape, wire: Option<&str>) -> Option<Value> {
    let builtin = match shape {
        Shape::Builtin("map") | Shape::Struct(_) => return None,
        Shape::Builtin(builtin) => builtin,
        Shape::Enum(_) => "string",
    };
    let elements = match (wire, value) {
        (None, _) => return convert(value, builtin),
        (Some(_), Value::Array(elements)) => elements.clone(),
        (Some("comma"), Value::String(text)) => text.split(',').map(Value::from).collect(),
        (Some("json"), Value::String(text)) => serde_json::from_str::<Vec<Value>>(text).ok()?,
        (Some(_), value) => vec![value.clone()],
    };
    let converted: Vec<Value> = elements.iter().filter_map(|element| convert(element, builtin)).collect();
    (!converted.is_empty()).then_some(Value::Array(converted))
}

fn convert(value: &Value, builtin: &str) -> Option<Value> {
    match builtin {
        "bool" => match value {
            Value::Bool(_) => Some(value.clone()),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok().map(Value::Bool),
            _ => None,
        },
        "i32" => number(value)?.as_i64().filter(|n| i32::try_from(*n).is_ok()).map(Value::from),
        "i64" => number(value)?.as_i64().map(Value::from),
        "f32" | "f64" => number(value).map(Value::Number),
        _ => match value {
            Value::String(text) if text.is_empty() => None,
            Value::String(_) => Some(value.clone()),
            Value::Bool(_) | Value::Number(_) => Some(Value::String(value.to_string())),
            _ => None,
        },
    }
}

/// Whether a string is a point in time. Its documented form decides, or else its name. An example that is not a time rules
/// it out.
fn is_time(name: &str, schema: &Schema) -> bool {
    let example = example(schema);
    let by_name = || is_time_name(name) && (example.is_empty() || time_form(&example).is_some());
    time_pattern(schema).is_some() || schema.time_pattern.is_none() && by_name()
}

/// The form of a time: that of the example, since examples come from real responses, or else the documented one if it has
/// a date and hours as `HH` or `hh`. Published files also state forms for members that are not times; their examples do
/// not start with a digit.
fn time_pattern(schema: &Schema) -> Option<String> {
    let pattern = schema.time_pattern.as_ref()?;
    let example = example(schema);
    if !example.is_empty() && !example.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let pattern = pattern.replace("YYYY-MM-DD", "yyyy-MM-dd").replace("Thh", "THH");
    let form = time_form(&example).or_else(|| TIME_FORMS.into_iter().find(|form| *form == pattern));
    form.map(str::to_owned)
}

/// The published example as a string; empty if there is none.
fn example(schema: &Schema) -> String {
    match &schema.example {
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}
