//! Checks JSON against a JSON Schema: the keywords that the schemas of specs use.

use std::{cell::RefCell, collections::HashMap};

use regex::Regex;
use serde_json::{Map, Value};

/// Keywords without an effect on validity.
const ANNOTATIONS: &[&str] =
    &["$schema", "$defs", "title", "description", "default", "format", "const", "then", "else"];

/// A schema. References lead to its `$defs`.
pub(crate) struct Schema {
    root: Value,
    patterns: RefCell<HashMap<String, Regex>>,
}

impl Schema {
    pub(crate) fn new(text: &str) -> Self {
        Self { root: serde_json::from_str(text).expect("a schema is JSON"), patterns: RefCell::default() }
    }

    /// The first mistake, with its path.
    ///
    /// # Panics
    ///
    /// Panics if the schema has a keyword that is not implemented.
    pub(crate) fn check(&self, value: &Value) -> Result<(), String> {
        self.validate(&self.root, value, "")
    }

    fn is_valid(&self, schema: &Value, value: &Value) -> bool {
        self.validate(schema, value, "").is_ok()
    }

    fn validate(&self, schema: &Value, value: &Value, path: &str) -> Result<(), String> {
        let rules = match schema {
            Value::Bool(true) => return Ok(()),
            Value::Object(rules) => rules,
            _ => return Err(format!("{path}: not allowed")),
        };
        if let Some(constant) = rules.get("const").filter(|constant| *constant != value) {
            return Err(format!("{path}: expected {constant}, found {value}"));
        }
        for (keyword, rule) in rules.iter().filter(|(keyword, _)| !ANNOTATIONS.contains(&keyword.as_str())) {
            self.keyword(keyword, rule, rules, value, path)?;
        }
        Ok(())
    }

    #[allow(clippy::cast_precision_loss)]
    fn keyword(
        &self,
        keyword: &str,
        rule: &Value,
        rules: &Map<String, Value>,
        value: &Value,
        path: &str,
    ) -> Result<(), String> {
        let list = || rule.as_array().expect("a list");
        let limit = |fits: fn(f64, f64) -> bool, size: Option<f64>| {
            size.is_none_or(|size| fits(size, rule.as_f64().expect("a number")))
        };
        let length = value.as_array().map(|list| list.len() as f64);
        let fits = match keyword {
            "$ref" => {
                let target = rule.as_str().and_then(|path| self.root.pointer(path.trim_start_matches('#')));
                return self.validate(target.expect("a definition"), value, path);
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is(value, name)),
                name => is(value, name),
            },
            "enum" => list().contains(value),
            "pattern" => {
                let pattern = rule.as_str().expect("a pattern");
                value.as_str().is_none_or(|text| {
                    let mut patterns = self.patterns.borrow_mut();
                    let known = patterns.entry(pattern.to_owned());
                    known.or_insert_with(|| Regex::new(pattern).expect("a valid pattern")).is_match(text)
                })
            }
            "minimum" => limit(|size, limit| size >= limit, value.as_f64()),
            "maximum" => limit(|size, limit| size <= limit, value.as_f64()),
            "minItems" => limit(|size, limit| size >= limit, length),
            "maxItems" => limit(|size, limit| size <= limit, length),
            "uniqueItems" => value
                .as_array()
                .is_none_or(|list| list.iter().enumerate().all(|(index, item)| !list[..index].contains(item))),
            "minProperties" => limit(|size, limit| size >= limit, value.as_object().map(|map| map.len() as f64)),
            "required" => value
                .as_object()
                .is_none_or(|map| list().iter().all(|key| map.contains_key(key.as_str().expect("a key")))),
            "dependentRequired" => value.as_object().is_none_or(|map| {
                let rules = rule.as_object().expect("an object").iter().filter(|(key, _)| map.contains_key(*key));
                rules
                    .flat_map(|(_, keys)| keys.as_array().expect("a list"))
                    .all(|key| map.contains_key(key.as_str().expect("a key")))
            }),
            "properties" => {
                for (key, rule) in rule.as_object().expect("an object") {
                    if let Some(value) = value.get(key) {
                        self.validate(rule, value, &format!("{path}/{key}"))?;
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = rules.get("properties").and_then(Value::as_object);
                for (key, value) in value.as_object().into_iter().flatten() {
                    if !known.is_some_and(|known| known.contains_key(key)) {
                        self.validate(rule, value, &format!("{path}/{key}"))?;
                    }
                }
                true
            }
            "propertyNames" => value
                .as_object()
                .is_none_or(|map| map.keys().all(|key| self.is_valid(rule, &Value::String(key.clone())))),
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    self.validate(rule, item, &format!("{path}/{index}"))?;
                }
                true
            }
            "allOf" => {
                for rule in list() {
                    self.validate(rule, value, path)?;
                }
                true
            }
            "anyOf" => list().iter().any(|rule| self.is_valid(rule, value)),
            "oneOf" => list().iter().filter(|rule| self.is_valid(rule, value)).count() == 1,
            "not" => !self.is_valid(rule, value),
            "if" => {
                let branch = if self.is_valid(rule, value) { "then" } else { "else" };
                return rules.get(branch).map_or(Ok(()), |rule| self.validate(rule, value, path));
            }
            _ => panic!("the keyword `{keyword}` is not implemented"),
        };
        if fits { Ok(()) } else { Err(format!("{path}: {keyword} {rule}: {value}")) }
    }
}

fn is(value: &Value, name: &Value) -> bool {
    match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        _ => panic!("unknown type {name}"),
    }
}
