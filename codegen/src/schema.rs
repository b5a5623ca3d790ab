//! JSON Schemas of spec files, for editors.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::{rules, rules::Level, spec};

/// The schema files, by name in the specs folder.
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("schema.json", text(&schema::<spec::Operation>("Operation"))),
        ("rpc.schema.json", text(&schema::<spec::Rpc>("Rpc"))),
        ("service.schema.json", text(&schema::<spec::Service>("Service"))),
        ("types.schema.json", text(&types())),
        ("glossary.schema.json", text(&glossary())),
    ]
}

/// `types.json` maps names to types.
fn types() -> Value {
    let mut schema = schema::<spec::SharedTypes>("Types");
    schema["description"] = json!("Structs and enums that several operations share, by name.");
    schema["propertyNames"] = json!({ "pattern": spec::TYPE_NAME });
    schema
}

/// `glossary.json` maps names to docs.
fn glossary() -> Value {
    let mut schema = schema::<spec::Glossary>("Glossary");
    schema["description"] =
        json!("Docs of fields with the same meaning everywhere, by wire name. A field's own `doc` takes precedence.");
    schema["propertyNames"] = json!({ "pattern": spec::WIRE_NAME });
    schema
}

fn schema<T: JsonSchema>(title: &str) -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    complete_rules(&mut schema);
    schema["title"] = json!(title);
    schema
}

/// Removes `null` from the types of optional keys: a key that has no value is left out.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type")
                && types.iter().any(|ty| ty == "null")
            {
                types.retain(|ty| ty != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| *choice != json!({ "type": "null" }));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    map.extend(only);
                }
            }
            if map.get("default") == Some(&Value::Null) {
                map.remove("default");
            }
            map.values_mut().for_each(without_null);
        }
        Value::Array(list) => list.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Lists the rules that `allow` can name.
fn complete_rules(schema: &mut Value) {
    let ids: Vec<&str> = rules::all().iter().filter(|rule| rule.level != Level::Error).map(|rule| rule.id).collect();
    let objects = ["", "/$defs/Field", "/$defs/Type"].map(|object| format!("{object}/properties/allow"));
    for object in objects {
        if let Some(allow) = schema.pointer_mut(&object) {
            allow["propertyNames"] = json!({ "enum": ids });
            allow["additionalProperties"] = json!({ "type": "string", "pattern": r"\S" });
        }
    }
}

fn text(schema: &Value) -> String {
    let text = serde_json::to_string_pretty(schema).unwrap_or_default();
    text + "\n"
}
