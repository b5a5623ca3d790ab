//! The waiters as the specs declare them, and responses in the documented form of the operations that they poll.

use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

use ecs_sdk_testing::fake::SentRequest;
use serde_json::{Map, Value, json};

/// A waiter, with the operation that it polls.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) service: &'static str,
    pub(crate) name: String,
    pub(crate) waiter: Value,
    pub(crate) operation: Value,
    shared_types: Value,
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// All waiters of the specs, by service and name.
pub(crate) fn waiters() -> &'static BTreeMap<(&'static str, String), Spec> {
    static WAITERS: LazyLock<BTreeMap<(&str, String), Spec>> = LazyLock::new(read_waiters);
    &WAITERS
}

fn read_waiters() -> BTreeMap<(&'static str, String), Spec> {
    let mut found = BTreeMap::new();
    for service in ["cms", "ecs", "sts", "vpc"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs").join(service);
        let shared_types = read(&folder.join("types.json"));
        let families = fs::read_dir(&folder).unwrap().filter_map(|entry| fs::read_dir(entry.unwrap().path()).ok());
        for file in families.flatten() {
            let operation = read(&file.unwrap().path());
            for waiter in operation["waiters"].as_array().into_iter().flatten() {
                let name = waiter["name"].as_str().unwrap().to_owned();
                let (waiter, operation, shared_types) = (waiter.clone(), operation.clone(), shared_types.clone());
                let spec = Spec { service, name: name.clone(), waiter, operation, shared_types };
                assert!(found.insert((service, name), spec).is_none(), "two waiters with one name");
            }
        }
    }
    found
}

/// Returns the name of a field's type.
fn type_of(field: &Value) -> &str {
    field["type"].as_str().or_else(|| field["type"][0].as_str()).unwrap()
}

/// Returns a list in the wire form of a field.
fn wrapped(field: &Value, list: Value) -> Value {
    match field["wire"].as_str().and_then(|wire| wire.strip_prefix("wrapped:")) {
        Some(name) => json!({ name: list }),
        None => list,
    }
}

impl Spec {
    /// Strings of a list such as `success`.
    pub(crate) fn states(&self, key: &str) -> Vec<&str> {
        if key == "success" && !self.waiter["target"].is_null() {
            return vec![crate::calls::TARGET];
        }
        self.waiter[key].as_array().into_iter().flatten().map(|state| state.as_str().unwrap()).collect()
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.waiter[key].as_str()
    }

    /// Whether one resource is enough.
    pub(crate) fn waits_for_any(&self) -> bool {
        self.waiter["any"] == true
    }

    pub(crate) fn waits_for_absence(&self) -> bool {
        self.waiter["gone"] == true
    }

    fn resolve(&self, name: &str) -> &Value {
        let own = &self.operation["types"][name];
        if own.is_null() { &self.shared_types[name] } else { own }
    }

    /// Finds a field by a dotted path.
    pub(crate) fn field<'a>(&'a self, fields: &'a Value, path: &str) -> &'a Value {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let found = fields.as_array().unwrap().iter().find(|field| field["name"] == first);
        let found = found.unwrap_or_else(|| panic!("{}: no {path}", self.name));
        rest.map_or(found, |rest| self.field(&self.resolve(type_of(found))["fields"], rest))
    }

    /// Puts a value at a dotted path, through lists of one element.
    fn put(&self, fields: &Value, path: &str, value: Value) -> Value {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let field = self.field(fields, first);
        let is_list = field["type"].is_array();
        let value = match rest {
            Some(rest) => {
                let inner = self.put(&self.resolve(type_of(field))["fields"], rest, value);
                if is_list { wrapped(field, json!([inner])) } else { inner }
            }
            None if is_list => wrapped(field, value),
            None => value,
        };
        json!({ first: value })
    }

    /// The fields of a resource.
    fn resource(&self) -> &Value {
        let fields = &self.operation["response"];
        self.text("items").map_or(fields, |items| &self.resolve(type_of(self.field(fields, items)))["fields"])
    }

    /// Values of the enum of the state other than those that only filter.
    pub(crate) fn documented_states(&self) -> Vec<&str> {
        let Some(state) = self.text("state") else { return Vec::new() };
        let states = &self.resolve(type_of(self.field(self.resource(), state)))["enum"];
        let states = states.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        states.filter(|name| !name.eq_ignore_ascii_case("all")).collect()
    }

    /// A resource in a state.
    pub(crate) fn element(&self, id: &str, state: &str) -> Value {
        let mut element = Map::new();
        if let Some(path) = self.text("id") {
            element.extend(self.put(self.resource(), path, json!(id)).as_object().unwrap().clone());
        }
        if let Some(path) = self.text("state") {
            let is_flag = type_of(self.field(self.resource(), path)) == "bool";
            let state = state.parse().ok().filter(|_| is_flag).map_or_else(|| json!(state), |flag: bool| json!(flag));
            element.extend(self.put(self.resource(), path, state).as_object().unwrap().clone());
        }
        Value::Object(element)
    }

    /// A response with resources.
    pub(crate) fn response(&self, elements: Vec<Value>) -> Value {
        let mut response = match self.text("items") {
            Some(items) => self.put(&self.operation["response"], items, elements.into()),
            None => elements.into_iter().next().unwrap_or_else(|| json!({})),
        };
        response["RequestId"] = json!("R-1");
        response
    }

    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        self.operation["request"].as_array().unwrap().iter().any(|field| field["name"] == name)
    }

    /// Whether a call takes one ID.
    pub(crate) fn takes_one_id(&self) -> bool {
        !self.field(&self.operation["request"], self.text("ids").unwrap())["type"].is_array()
    }

    /// Maximum number of IDs per call.
    pub(crate) fn limit(&self) -> usize {
        let field = self.field(&self.operation["request"], self.text("ids").unwrap());
        let limit = self.waiter["chunk"].as_u64().or_else(|| field["max_items"].as_u64());
        if self.takes_one_id() { 1 } else { usize::try_from(limit.unwrap()).unwrap() }
    }

    /// The IDs in a request.
    pub(crate) fn ids(&self, sent: &SentRequest) -> Vec<String> {
        let name = self.text("ids").unwrap();
        let field = self.field(&self.operation["request"], name);
        match field["wire"].as_str() {
            Some("json") => serde_json::from_str(&sent.param(name)).unwrap(),
            Some("comma") => sent.param(name).split(',').map(str::to_owned).collect(),
            Some("repeat") => {
                let parameters: BTreeMap<String, String> = sent.parameters().into_iter().collect();
                (1..).map_while(|index| parameters.get(&format!("{name}.{index}")).cloned()).collect()
            }
            _ => vec![sent.param(name)],
        }
    }

    /// The parameters that every poll has, as they are sent.
    pub(crate) fn fixed(&self) -> Vec<(String, String)> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Array(list) => list.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        let set = self.waiter["set"].as_object().into_iter().flatten();
        set.map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The part of `all` that a request asks for, at most `size` elements, as a response.
    pub(crate) fn page(&self, sent: &SentRequest, all: &[Value], size: usize) -> Value {
        let pages = &self.operation["pagination"];
        let number = |name: &str| sent.get(name).map(|text| text.parse::<usize>().unwrap());
        let start = match pages["style"].as_str() {
            Some("token") => number("NextToken").unwrap_or(0),
            Some("number") => (number(pages["number"].as_str().unwrap()).unwrap_or(1) - 1) * size,
            _ => return self.response(all.to_vec()),
        };
        let end = (start + size).min(all.len());
        let mut response = self.response(all.get(start..end).unwrap_or_default().to_vec());
        if pages["style"] == "token" {
            response["NextToken"] = if end < all.len() { json!(end.to_string()) } else { json!("") };
        } else {
            response["TotalCount"] = json!(all.len());
            response["PageNumber"] = json!(start / size + 1);
            response["PageSize"] = json!(size);
        }
        response
    }
}
