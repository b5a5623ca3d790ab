//! Complete requests and responses of every operation, and the list of all operations, for tests.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value, json};

use super::tokens::{gate, ident};
use crate::{
    model::{Field, Kind, List, Model, Operation, Service, Struct, Type},
    render,
    spec::Gate,
};

/// The list of all operations, as input for a macro `operations!` that the including file defines.
pub(super) fn operations(model: &Model) -> TokenStream {
    let rows = model.services.iter().flat_map(|service| {
        service.operations.iter().map(move |operation| {
            let gate = gate(&features(service, operation));
            let (name, module) = (ident(&service.name), ident(&operation.method));
            let (wire, request) = (&operation.wire, ident(&operation.request.name));
            quote! { #gate #name #wire #module::#request, }
        })
    });
    quote! { operations! { all; #(#rows)* } }
}

/// The Cargo features that an operation needs, including the feature of its service.
pub(super) fn features(service: &Service, operation: &Operation) -> Vec<String> {
    let mut features = operation.features.clone();
    if service.gate == Gate::Service {
        features.push(service.name.clone());
    }
    features
}

/// JSON with a request and a response of each operation, in which every member is set.
pub(super) fn samples(model: &Model) -> String {
    let mut all = Map::new();
    for service in &model.services {
        let mut samples = Map::new();
        for operation in &service.operations {
            let shapes = Shapes { service, operation };
            let sample = json!({
                "request": shapes.sample(&operation.request),
                "response": shapes.sample(&operation.response),
            });
            samples.insert(operation.wire.clone(), sample);
        }
        all.insert(service.name.clone(), Value::Object(samples));
    }
    // One operation per line keeps diffs small.
    let mut text = format!("{{\"//\": \"{}\",\n", render::HEADER.trim_start_matches("// ").trim_end());
    for (index, (service, samples)) in all.iter().enumerate() {
        text.push_str(&format!("\"{service}\": {{\n"));
        let samples: Vec<String> = samples
            .as_object()
            .into_iter()
            .flatten()
            .map(|(operation, sample)| format!("\"{operation}\": {sample}"))
            .collect();
        text.push_str(&samples.join(",\n"));
        text.push_str(if index + 1 == all.len() { "\n}\n" } else { "\n},\n" });
    }
    text + "}\n"
}

struct Shapes<'a> {
    service: &'a Service,
    operation: &'a Operation,
}

impl Shapes<'_> {
    fn sample(&self, shape: &Struct) -> Value {
        self.nested(shape, &[])
    }

    /// A sample of a nested struct. Members whose type is one of the enclosing structs in `outer` are left out, which ends the
    /// recursion.
    fn nested(&self, shape: &Struct, outer: &[&str]) -> Value {
        let outer = [outer, &[shape.name.as_str()]].concat();
        let fields =
            shape.fields.iter().filter(|field| !matches!(&field.kind, Kind::Struct(ty) if outer.contains(&&*ty.name)));
        Value::Object(fields.map(|field| (field.wire.clone(), self.field(field, &outer))).collect())
    }

    fn field(&self, field: &Field, outer: &[&str]) -> Value {
        let value = self.value(field, outer);
        match &field.list {
            None => value,
            Some(List::Wrapped(item)) => json!({ item: [value, value] }),
            Some(_) => json!([value, value]),
        }
    }

    fn value(&self, field: &Field, outer: &[&str]) -> Value {
        match &field.kind {
            Kind::Text => json!(format!("{}-1", field.wire)),
            Kind::Time => json!(field.sample_time()),
            Kind::Bool => json!(true),
            Kind::I32 => json!(7),
            Kind::I64 => json!(5_000_000_000_i64),
            Kind::F32 | Kind::F64 => json!(0.5),
            Kind::Map => json!({ "key": "value" }),
            Kind::Enum(name) => {
                let value = self.service.find(self.operation, name).and_then(Type::first_value);
                json!(value.unwrap_or("value"))
            }
            Kind::Struct(name) => {
                let shape = self.service.find(self.operation, name).and_then(Type::as_struct);
                shape.map_or(Value::Null, |shape| self.nested(shape, outer))
            }
        }
    }
}
