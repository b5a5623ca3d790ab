//! The requests of the examples in the specs.

use std::path::Path;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use ecs_codegen::{
    load::{self, ServiceTree, Tree},
    spec::{Field, Operation, Type},
};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::common::REGION;

/// A request, and the example that it is from.
pub(crate) struct Request {
    pub(crate) version: String,
    pub(crate) operation: String,
    /// Place in the specs, for messages.
    pub(crate) origin: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn parameters(&self) -> Vec<(&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// The value of the first parameter with a name, which can be a member or an element.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        let value = self.parameters.iter().find(|(path, _)| is_named(path, name))?.1.as_str();
        // In a list such as `["deploy-key"]`, the first one.
        Some(value.strip_prefix("[\"").map_or(value, |list| list.split('"').next().unwrap_or(list)))
    }

    /// The values of all parameters with a name.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        self.parameters.iter().filter(|(path, _)| is_named(path, name)).map(|(_, value)| value.clone()).collect()
    }

    /// The IDs with a prefix, such as `i` for instances.
    pub(crate) fn ids(&self, prefix: &str) -> Vec<&str> {
        let is_id = |word: &&str| word.split_once('-').is_some_and(|(start, rest)| start == prefix && is_code(rest));
        let mut ids: Vec<&str> = Vec::new();
        for id in self.words().filter(is_id) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// The IDs and names of what only the account of a user has.
    pub(crate) fn own(&self) -> impl Iterator<Item = &str> {
        let ids = self.words().filter(|word| word.split_once('-').is_some_and(|(_, rest)| is_code(rest)));
        let catalog = |family: &&str| !family.starts_with("acs:");
        let names = ["KeyPairName", "RamRoleName", "ImageFamily"].into_iter().filter_map(|name| self.value(name));
        ids.chain(names.filter(catalog))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        let is_outside = |c: char| !c.is_ascii_alphanumeric() && c != '-';
        self.parameters.iter().flat_map(move |(_, value)| value.split(is_outside))
    }
}

/// Whether this is the part of an ID after its prefix, which no name in the examples looks like.
fn is_code(text: &str) -> bool {
    text.len() > 11 && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether the last part of a path such as `NetworkInterface.1.Ipv6Address.2` is this name, or this name in the plural.
fn is_named(path: &str, name: &str) -> bool {
    let path = path.trim_end_matches(|c: char| c == '.' || c.is_ascii_digit());
    let last = path.rsplit('.').next().unwrap_or(path);
    last == name || last.strip_suffix('s') == Some(name)
}

/// All examples: that in the docs of each operation, the same with each further parameter that has an example, and those that
/// are tests of the wire form.
pub(crate) fn all() -> Vec<Request> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let tree: Tree = load::from_dir(&folder).unwrap().unwrap();
    let operations = |service: &ServiceTree| -> Vec<Request> {
        service.operations.iter().flat_map(|operation| Example { service, operation }.requests()).collect()
    };
    tree.services.iter().flat_map(operations).collect()
}

struct Example<'a> {
    service: &'a ServiceTree,
    operation: &'a Operation,
}

impl Example<'_> {
    fn requests(&self) -> Vec<Request> {
        let request = |origin: &str, parameters| Request {
            version: self.service.service.version.clone(),
            operation: self.operation.operation.clone(),
            origin: format!("{} {} ({origin})", self.service.name, self.operation.operation),
            parameters,
        };
        let fields = || self.operation.request.iter().filter(|field| field.skip.is_none());
        let typical = |field: &Field| self.operation.typical.get(&field.name);
        let mut documented = Vec::new();
        for field in fields() {
            let value = typical(field).or(field.example.as_ref().filter(|_| field.required));
            if field.required || value.is_some() {
                self.field(field, "", value, &mut documented);
            }
        }
        let further = fields().filter(|field| field.example.is_some() && !field.required && typical(field).is_none());
        let with = |field: &Field| {
            let mut parameters = documented.clone();
            self.field(field, "", field.example.as_ref(), &mut parameters);
            request(&field.name, parameters)
        };
        let mut all: Vec<Request> = further.map(with).collect();
        all.extend(self.operation.examples.iter().map(|example| request(&example.name, decode(&example.form))));
        all.push(request("docs", documented));
        all
    }

    fn field(&self, field: &Field, path: &str, value: Option<&Value>, to: &mut Vec<(String, String)>) {
        let name = format!("{path}{}", field.name);
        match (field.wire.as_deref(), value) {
            (Some("json"), Some(value)) if field.ty.is_list() && !value.is_array() => {
                to.push((name, format!("[{value}]")));
            }
            (Some("json"), Some(value)) => to.push((name, value.to_string())),
            (Some("comma"), Some(Value::Array(values))) => {
                to.push((name, values.iter().map(text).collect::<Vec<_>>().join(",")));
            }
            (_, Some(Value::Array(values))) => {
                for (number, value) in (1..).zip(values) {
                    self.element(field, &format!("{name}.{number}"), Some(value), to);
                }
            }
            (Some("repeat"), value) if field.ty.is_list() => self.element(field, &format!("{name}.1"), value, to),
            (_, value) => self.element(field, &name, value, to),
        }
    }

    fn element(&self, field: &Field, name: &str, value: Option<&Value>, to: &mut Vec<(String, String)>) {
        let ty = self.operation.types.get(field.ty.name()).or_else(|| self.service.types.get(field.ty.name()));
        if let Some(Type { fields: Some(members), .. }) = ty {
            for member in members {
                let value = value.and_then(|value| value.get(&member.name));
                let value = value.or(member.example.as_ref().filter(|_| member.required));
                if member.required || value.is_some() {
                    self.field(member, &format!("{name}."), value, to);
                }
            }
        } else if let Some(Value::Object(map)) = value {
            to.extend(map.iter().map(|(key, value)| (format!("{name}.{key}"), text(value))));
        } else {
            let mut value = value.map_or_else(|| sample(field, ty), text);
            // Examples have content, which setters encode.
            if field.base64 || field.encoded_by.is_some() {
                value = BASE64_STANDARD.encode(value);
            }
            to.push((name.to_owned(), value));
        }
        if let Some(encoding) = &field.encoded_by {
            let struct_path = name.strip_suffix(&field.name).unwrap_or_default();
            to.push((format!("{struct_path}{encoding}"), "Base64".to_owned()));
        }
    }
}

/// A value for a parameter without an example, as in the docs.
fn sample(field: &Field, ty: Option<&Type>) -> String {
    let first = ty.and_then(|ty| ty.values.as_ref()?.keys().next());
    match (field.name.as_str(), field.ty.name()) {
        ("RegionId" | "regionId", _) => REGION.1,
        (_, "bool") => "true",
        (_, "i32" | "i64" | "f32" | "f64") => "1",
        _ => first.map_or("value", String::as_str),
    }
    .to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The parameters in a form.
fn decode(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    // A token of a page is from a response, which no example has before it.
    pairs.filter(|(name, _)| *name != "NextToken").map(|(name, value)| (decode(name), decode(value))).collect()
}
