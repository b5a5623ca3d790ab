//! JSON Schemas of spec files, for editors.

use schemars::{JsonSchema, generate::SchemaSettings};

use crate::spec;

/// The schema files, by name in the specs folder.
pub fn schemas() -> Vec<(&'static str, String)> {
    vec![
        ("schema.json", schema::<spec::Operation>()),
        ("rpc.schema.json", schema::<spec::Rpc>()),
        ("service.schema.json", schema::<spec::Service>()),
        ("types.schema.json", schema::<spec::SharedTypes>()),
    ]
}

fn schema<T: JsonSchema>() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>();
    let text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text + "\n"
}
