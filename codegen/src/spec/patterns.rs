//! Patterns and rules of the JSON Schemas: what editors complete, and reject before the linter does.
//!
//! A schema accepts everything that the linter accepts in its canonical layout; it cannot state rules about several files.

use schemars::Schema;
use serde_json::{Value, json};

/// Name of an operation, a struct or an enum.
pub(crate) const TYPE_NAME: &str = "^[A-Z][A-Za-z0-9]*$";

/// Name of a member on the wire.
pub(crate) const WIRE_NAME: &str = r"^[A-Za-z0-9_]([A-Za-z0-9_.:#/\- ]*[A-Za-z0-9_])?$";

/// Dotted path of wire names.
pub(super) const WIRE_PATH: &str = r"^\S+$";

/// Name of a family or service.
pub(super) const LOWER_NAME: &str = "^[a-z][a-z0-9_-]*$";

/// Name of a field or a method in Rust.
pub(super) const SNAKE_NAME: &str = "^[a-z_][a-z0-9_]*$";

/// Name of a variant in Rust.
pub(super) const VARIANT_NAME: &str = "^[A-Z]([A-Za-z0-9_]*[A-Za-z0-9])?$";

/// Name of a constant in Rust.
pub(super) const CONSTANT_NAME: &str = "^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$";

/// The verb that starts the name of an operation.
pub(super) const VERB: &str = "^[A-Z][a-z]+$";

/// Address of a page.
pub(super) const URL: &str = r"^https?://[^\s]+$";

/// Host of an endpoint, or a pattern with `{region}`. Empty if the service has none.
pub(super) const HOST: &str = r"^(([a-z0-9-]|\{region\})+(\.([a-z0-9-]|\{region\})+)+)?$";

/// Version of an API.
pub(super) const VERSION: &str = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// Something that is not blank.
pub(super) const NOT_BLANK: &str = r"\S";

/// Encodings of lists and structs.
pub(super) const WIRES: [&str; 4] = ["repeat", "json", "comma", "list"];

/// The scalar types, each with its meaning.
const SCALARS: [(&str, &str); 8] = [
    ("string", "A string."),
    ("time", "A point in time."),
    ("bool", "`true` or `false`."),
    ("i32", "A 32-bit integer. Responses use `i64`."),
    ("i64", "A 64-bit integer."),
    ("f32", "A 32-bit floating-point number. Responses use `f64`."),
    ("f64", "A 64-bit floating-point number."),
    ("map", "A map of strings."),
];

/// A type by name: editors complete scalars and accept names of structs and enums.
pub(super) fn type_ref(schema: &mut Schema) {
    let scalars = SCALARS.map(|(name, meaning)| json!({ "const": name, "description": meaning }));
    let name = json!({ "anyOf": [
        { "description": "A scalar.", "oneOf": scalars },
        { "description": "A struct or enum of the operation or of `types.json`.", "type": "string", "pattern": TYPE_NAME },
    ] });
    let list = json!({ "description": "A list.", "type": "array", "items": name, "minItems": 1, "maxItems": 1 });
    schema.insert("anyOf".to_owned(), json!([name, list]));
}

/// The encoding of a list or struct: editors complete the fixed ones.
pub(super) fn wire(schema: &mut Schema) {
    schema.remove("type");
    schema.insert("anyOf".to_owned(), json!([{ "enum": WIRES }, { "type": "string", "pattern": r"^wrapped:\S+$" }]));
}

/// The fields of a request, whose encodings differ from those of responses.
pub(super) fn request(schema: &mut Schema) {
    let wire = json!({ "enum": ["repeat", "json", "comma"] });
    let encoded_text = json!({ "required": ["type", "wire"], "properties": { "type": { "const": "string" } } });
    narrow(schema, &json!({ "properties": { "wire": wire }, "not": encoded_text }));
}

/// The fields of a response.
pub(super) fn response(schema: &mut Schema) {
    let wire = json!({ "anyOf": [{ "enum": ["list", "json"] }, { "type": "string", "pattern": r"^wrapped:\S+$" }] });
    narrow(schema, &json!({ "properties": { "wire": wire } }));
}

fn narrow(schema: &mut Schema, rule: &Value) {
    if let Some(items) = schema.get_mut("items") {
        *items = json!({ "allOf": [items.clone(), rule] });
    }
}

/// An operation: the docs are written, or at least present while they are a draft.
pub(super) fn operation(schema: &mut Schema) {
    require(schema, "doc");
    rules(
        schema,
        [
            // The reason for a read without a verb for reading.
            json!({ "dependentRequired": { "read_because": ["read"] } }),
        ],
    );
    keys(schema, "types", TYPE_NAME);
    keys(schema, "typical", WIRE_NAME);
}

/// A field: facts that only some types have.
pub(super) fn field(schema: &mut Schema) {
    let is = |types: &[&str]| json!({ "type": { "enum": types } });
    let has = |key: &str, rule: Value| json!({ "if": { "required": [key] }, "then": { "properties": rule } });
    let text = json!({ "type": { "not": { "enum": ["bool", "i32", "i64", "f32", "f64", "map"] } } });
    rules(
        schema,
        [
            // A list states its encoding.
            json!({ "if": { "required": ["type"], "properties": { "type": { "type": "array" } } }, "then": { "anyOf": [{ "required": ["wire"] }, { "required": ["skip"] }] } }),
            // No scalar has one, except text that is any JSON of a response.
            json!({ "if": { "required": ["wire"], "properties": { "type": { "const": "string" } } }, "then": { "properties": { "wire": { "const": "json" } } } }),
            has("wire", json!({ "type": { "not": { "enum": ["time", "bool", "i32", "i64", "f32", "f64"] } } })),
            has("time", json!({ "type": { "enum": ["time", ["time"]] } })),
            has("base64", is(&["string"])),
            has("min_length", text.clone()),
            has("max_length", text.clone()),
            has("pattern", text),
            has("min", json!({ "type": { "not": { "enum": ["bool", "map", "time"] } } })),
            has("max", json!({ "type": { "not": { "enum": ["bool", "map", "time"] } } })),
            // A batch has a size.
            json!({ "dependentRequired": { "batch": ["max_items"] } }),
        ],
    );
    keys(schema, "decided", "^[a-z0-9_]+\\??$");
}

/// A struct or an enum.
pub(super) fn definition(schema: &mut Schema) {
    require(schema, "doc");
    let without = |keys: &[&str]| {
        let keys: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
        json!({ "anyOf": keys })
    };
    schema.insert(
        "oneOf".to_owned(),
        json!([
            { "description": "A struct.", "required": ["fields"], "not": without(&["enum"]) },
            { "description": "An enum of strings.", "required": ["enum"], "not": without(&["fields", "for"]) },
        ]),
    );
}

/// Pagination: each style has its own keys.
pub(super) fn pagination(schema: &mut Schema) {
    let style = |name: &str, required: &[&str], others: &[&str]| {
        let others: Vec<Value> = others.iter().map(|key| json!({ "required": [key] })).collect();
        json!({
            "if": { "properties": { "style": { "const": name } } },
            "then": { "required": required, "not": { "anyOf": others } },
        })
    };
    rules(
        schema,
        [
            style("token", &["token"], &["number", "offset", "next", "total"]),
            style("number", &["number", "size"], &["token", "offset", "next"]),
            style("offset", &["offset", "next"], &["token", "number", "size", "total"]),
        ],
    );
}

/// A waiter: what ends the wait.
pub(super) fn waiter(schema: &mut Schema) {
    rules(
        schema,
        [json!({ "anyOf": [{ "required": ["success"] }, { "required": ["gone"] }, { "required": ["target"] }] })],
    );
}

/// A service: names of families, words and constants.
pub(super) fn service(schema: &mut Schema) {
    keys(schema, "families", "^[a-z][a-z0-9-]*$");
    keys(schema, "words", "^[A-Za-z0-9]+$");
}

fn require(schema: &mut Schema, key: &str) {
    let required = schema.ensure_object().entry("required").or_insert_with(|| json!([]));
    if let Some(list) = required.as_array_mut() {
        list.push(json!(key));
    }
}

fn rules(schema: &mut Schema, added: impl IntoIterator<Item = Value>) {
    let all = schema.ensure_object().entry("allOf").or_insert_with(|| json!([]));
    if let Some(list) = all.as_array_mut() {
        list.extend(added);
    }
}

/// A pattern for the keys of a map.
fn keys(schema: &mut Schema, map: &str, pattern: &str) {
    if let Some(Value::Object(map)) = schema.pointer_mut(&format!("/properties/{map}")) {
        map.insert("propertyNames".to_owned(), json!({ "pattern": pattern }));
    }
}
