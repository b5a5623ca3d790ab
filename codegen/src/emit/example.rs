//! The example in the docs of an operation: a typical request and its response.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    model::{Enum, Field, Kind, Operation, Service, Struct, Type, TypeName, Waiter},
    naming, render,
};

/// The example as a code block, which documentation tests compile.
pub(super) fn markdown(service: &Service, operation: &Operation) -> String {
    let mut example = Example { service, operation, imports: BTreeMap::new() };
    let body = example.body();
    let imports = example.imports();
    let gap = if imports.is_empty() { "" } else { "\n" };
    let deprecated = if operation.deprecated.is_some() { "# #![allow(deprecated)]\n" } else { "" };
    format!(
        "```no_run\n{deprecated}# async fn example(client: {}) -> {}::Result<()> {{\n\
         {imports}{gap}{body}# Ok(())\n# }}\n```",
        client(service),
        service.library,
    )
}

/// Code that awaits a waiter and prints the resources that it returns.
pub(super) fn waited(service: &Service, operation: &Operation, waiter: &Waiter, wait: &str) -> String {
    let example = Example { service, operation, imports: BTreeMap::new() };
    let list = waiter.items.last().map_or("responses", String::as_str);
    let item = singular(list.trim_start_matches("r#"));
    let print = example.print_item(&item, &waiter.item);
    render::statements(&format!("let {list} = {wait} for {item} in &{list} {{ {print} }}"))
}

/// The type of a service's client.
pub(super) fn client(service: &Service) -> String {
    format!("{}::Client", service.path(&service.library))
}

struct Example<'a> {
    service: &'a Service,
    operation: &'a Operation,
    /// Modules, and the names that are imported from them.
    imports: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Example<'a> {
    fn body(&mut self) -> String {
        let operation = self.operation;
        let request = self.request();
        if let Some(pages) = &operation.pages {
            let list = pages.items.last().map_or("items", String::as_str);
            let item = singular(list.trim_start_matches("r#"));
            let print = self.print_item(&item, &pages.item);
            return render::statements(&format!(
                "let mut {list} = {request}.items();
                 while let Some({item}) = {list}.try_next().await? {{ {print} }}"
            ));
        }
        let print = self.print_response();
        let response = if print.is_some() || self.ids_in_response().is_some() { "let response = " } else { "" };
        let mut code = if operation.dry_run && !operation.read {
            render::statements(&format!("let request = {request};"))
                + "\n// Returns an error if the request would fail.\n"
                + &render::statements("request.clone().check().await?;")
                + "\n"
                + &render::statements(&format!("{response}request.send().await?;"))
        } else {
            render::statements(&format!("{response}{request}.send().await?;"))
        };
        if let Some(print) = print {
            code += &render::statements(&print);
        }
        if let Some(wait) = self.wait() {
            code += "\n";
            code += &wait;
        }
        code
    }

    /// The fluent request with the required parameters and those of the typical request.
    fn request(&mut self) -> String {
        let operation = self.operation;
        let mut request = format!("client.{}()", operation.method);
        for field in operation.request.in_setter_order().into_iter().filter(|field| !field.is_set_with_content) {
            let must_be_set = field.must_be_set();
            let value = operation.typical.get(&field.wire).or_else(|| field.example.as_ref().filter(|_| must_be_set));
            if must_be_set || value.is_some() {
                request.push_str(&format!(".{}({})", field.name, self.argument(field, value)));
            }
        }
        request
    }

    /// The argument of a field's setter.
    fn argument(&mut self, field: &Field, value: Option<&Value>) -> String {
        match value {
            Some(Value::Array(values)) if field.list.is_some() => {
                let values: Vec<String> = values.iter().map(|value| self.value(field, Some(value))).collect();
                format!("[{}]", values.join(", "))
            }
            value if field.list.is_some() => format!("[{}]", self.value(field, value)),
            value => self.value(field, value),
        }
    }

    fn value(&mut self, field: &Field, value: Option<&Value>) -> String {
        let text = value.and_then(Value::as_str);
        match (&field.kind, value) {
            (Kind::Struct(name), value) => self.structure(name, value),
            (Kind::Enum(name), _) => self.variant(name, text),
            (Kind::Map, _) if field.list.is_some() => {
                "std::collections::BTreeMap::from([(\"key\".to_owned(), \"value\".to_owned())])".to_owned()
            }
            (Kind::Map, Some(Value::Object(map))) => {
                let pairs: Vec<String> = map.iter().map(|(key, value)| pair(key, value)).collect();
                format!("[{}]", pairs.join(", "))
            }
            (Kind::Map, _) => "[(\"key\", \"value\")]".to_owned(),
            (Kind::Text, _) => format!("{:?}", text.unwrap_or("value")),
            (Kind::Time, _) => format!("{:?}", text.map_or_else(|| field.sample_time(), str::to_owned)),
            (Kind::Bool, value) => value.and_then(Value::as_bool).unwrap_or(true).to_string(),
            (Kind::F32 | Kind::F64, value) => {
                // The elements of a list are `impl Into<f32>`, which the `f64` of a literal without a suffix is not.
                let suffix = if field.list.is_some() && field.kind == Kind::F32 { "_f32" } else { "" };
                format!("{:?}{suffix}", value.and_then(Value::as_f64).unwrap_or(1.0))
            }
            (Kind::I32 | Kind::I64, value) => {
                let number = value.and_then(Value::as_i64).unwrap_or(1);
                // Literals in a list are `i32` without a suffix.
                let suffix = if field.list.is_some() && i32::try_from(number).is_err() { "_i64" } else { "" };
                format!("{number}{suffix}")
            }
        }
    }

    fn structure(&mut self, name: &TypeName, value: Option<&Value>) -> String {
        self.import_type(name);
        let mut code = format!("{}::new()", name.name);
        let shape = self.service.find(self.operation, name).and_then(Type::as_struct);
        let Some((shape, Value::Object(members))) = shape.zip(value) else { return code };
        for (wire, value) in members {
            if let Some(field) = shape.fields.iter().find(|field| field.wire == *wire) {
                code.push_str(&format!(".{}({})", field.name, self.argument(field, Some(value))));
            }
        }
        code
    }

    fn variant(&mut self, name: &TypeName, wire: Option<&str>) -> String {
        let shape = self.service.find(self.operation, name).and_then(Type::as_enum);
        let find = |shape: &Enum| {
            let named = shape.variants.iter().find(|variant| Some(variant.wire.as_str()) == wire);
            named.or(shape.variants.first()).map(|variant| variant.name.clone())
        };
        match shape.and_then(find) {
            Some(variant) => {
                self.import_type(name);
                format!("{}::{variant}", name.name)
            }
            None => format!("{:?}", wire.unwrap_or("value")),
        }
    }

    fn import(&mut self, module: &str, name: &str) {
        self.imports.entry(module.to_owned()).or_default().insert(name.to_owned());
    }

    /// The import declarations.
    fn imports(&self) -> String {
        let declarations = self.imports.iter().map(|(module, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            match names.as_slice() {
                [one] => format!("use {module}::{one};\n"),
                several => format!("use {module}::{{{}}};\n", several.join(", ")),
            }
        });
        declarations.collect()
    }

    fn import_type(&mut self, name: &TypeName) {
        let root = self.service.path(&self.service.library);
        let module = if name.shared { "types".to_owned() } else { format!("operation::{}", self.operation.method) };
        self.import(&format!("{root}::{module}"), &name.name);
    }

    /// Code that prints the first list of the response, or else its first value, if there is one.
    fn print_response(&self) -> Option<String> {
        let fields =
            || self.operation.response.fields.iter().filter(|field| !is_common_field(field) && !field.sensitive);
        if let Some(field) = fields().find(|field| field.list.is_some()) {
            let list = &field.name;
            let item = singular(list.trim_start_matches("r#"));
            let print = self.print_item(&item, &field.kind);
            return Some(format!("for {item} in &response.{list} {{ {print} }}"));
        }
        fields().next().map(|field| print(&format!("response.{}", field.name), field))
    }

    /// Code that prints an element of a list: its ID and name, if it has them.
    fn print_item(&self, item: &str, kind: &Kind) -> String {
        let shape = match kind {
            Kind::Struct(name) => self.service.find(self.operation, name).and_then(Type::as_struct),
            Kind::Text => return format!("println!(\"{{{item}}}\");"),
            _ => None,
        };
        let identifying_fields = shape.map(identifying_fields).unwrap_or_default();
        let args: Vec<String> = identifying_fields.iter().map(|field| format!("{item}.{}", field.name)).collect();
        match args.len() {
            0 => format!("println!(\"{{{item}:?}}\");"),
            count => format!("println!(\"{}\", {});", vec!["{}"; count].join(" "), args.join(", ")),
        }
    }

    /// Code that awaits the waiter, with the IDs of the response or the request.
    fn wait(&mut self) -> Option<String> {
        let (operation, waiter) = self.waiter()?;
        let ids = match self.ids_in_response() {
            Some(field) if field.list.is_some() => format!("response.{}", field.name),
            Some(field) => format!("[response.{}]", field.name),
            None => {
                let field = self.operation.request.fields.iter().find(|field| field.wire == waiter.spec.id_name())?;
                let value = self.operation.typical.get(&field.wire).or(field.example.as_ref());
                let argument = self.argument(field, value);
                if field.list.is_some() { argument } else { format!("[{argument}]") }
            }
        };
        self.import("std::time", "Duration");
        let wait = format!("client.{}().{}({ids}).wait(Duration::from_secs(300)).await?;", waiter.method, waiter.ids);
        // The resources that an operation has created are new to the caller.
        let is_new = !waiter.spec.gone && self.ids_in_response().is_some();
        Some(if is_new { waited(self.service, operation, waiter, &wait) } else { render::statements(&wait) })
    }

    /// The waiter that is awaited afterwards, and the operation that it polls.
    fn waiter(&self) -> Option<(&'a Operation, &'a Waiter)> {
        let name = self.operation.then.as_ref()?;
        let operations = self.service.operations.iter();
        let mut waiters =
            operations.flat_map(|operation| operation.waiters.iter().map(move |waiter| (operation, waiter)));
        waiters.find(|(_, waiter)| waiter.spec.name == *name)
    }

    /// The field of the response with the IDs to wait for.
    fn ids_in_response(&self) -> Option<&'a Field> {
        let id = self.waiter()?.1.spec.id_name();
        self.operation.response.fields.iter().find(|field| field.kind == Kind::Text && field.wire.starts_with(id))
    }
}

/// Whether a field occurs in the responses of many operations, so an example does not print it.
fn is_common_field(field: &Field) -> bool {
    ["RequestId", "NextToken", "PageNumber", "PageSize", "MaxResults", "TotalCount", "RegionId"].contains(&&*field.wire)
}

/// The fields that identify an element of a list: an ID and a name, or else the first string.
fn identifying_fields(shape: &Struct) -> Vec<&Field> {
    let strings =
        || shape.fields.iter().filter(|field| field.kind == Kind::Text && field.list.is_none() && !field.sensitive);
    let stem = shape.name.trim_end_matches("Set").trim_end_matches("Item");
    let find = |end: &str| {
        let exact = strings()
            .find(|field| field.wire.strip_suffix(end).is_some_and(|start| !start.is_empty() && stem.ends_with(start)));
        exact.or_else(|| strings().find(|field| field.wire.ends_with(end) && field.wire != "RegionId"))
    };
    let mut fields: Vec<&Field> = ["Id", "Name"].into_iter().filter_map(find).collect();
    fields.dedup_by_key(|field| &field.wire);
    if fields.is_empty() { strings().take(1).collect() } else { fields }
}

/// Code that prints one value of a response.
fn print(value: &str, field: &Field) -> String {
    let form = if field.kind == Kind::Text { "{}" } else { "{:?}" };
    format!("println!(\"{form}\", {value});")
}

fn pair(key: &str, value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("({key:?}, {text:?})")
}

/// A name for an element of a list.
fn singular(list: &str) -> String {
    let stem = ["_sets", "_set"].iter().find_map(|end| list.strip_suffix(end)).unwrap_or(list);
    let item = match stem.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None if ["sses", "ches", "shes", "xes", "tuses"].iter().any(|end| stem.ends_with(end)) => {
            stem[..stem.len() - 2].to_owned()
        }
        None => stem.strip_suffix('s').filter(|stem| !stem.ends_with('s')).unwrap_or(stem).to_owned(),
    };
    let is_name = item != list && naming::is_variable(&item);
    if is_name { item } else { "item".to_owned() }
}
