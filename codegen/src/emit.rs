//! Model → Rust source. Small pure functions from the model to token streams; `render` turns these into text.

mod enums;
mod operation;
mod pages;
mod samples;
mod service;
mod shape;
mod tests;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::{
    fileset::FileSet,
    model::{Kind, Model, Service, TypeName},
    render,
    spec::Gate,
};

/// The generated files of the crates, with paths below their folders of generated source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// Those of ecs-sdk.
    pub sdk: FileSet,
    /// Those of its types: shared types and codes of services of which families are features.
    pub types: FileSet,
    /// Those of its runtime: the services that the runtime calls.
    pub runtime: FileSet,
}

/// Emits all generated files.
///
/// # Panics
///
/// Panics when an emitter produces tokens that are no Rust, which would be a mistake of the generator.
pub fn emit(model: &Model) -> Output {
    let Output { mut sdk, mut types, mut runtime } = Output::default();
    for service in &model.services {
        let name = &service.name;
        let files = if service.gate.is_of_runtime() { &mut runtime } else { &mut sdk };
        let mut add = |path: String, tokens: TokenStream| files.insert(path, render::render(tokens));
        add(format!("{name}/mod.rs"), service::module(service));
        add(format!("{name}/operation/mod.rs"), service::operations(service));
        for operation in &service.operations {
            let file = operation.method.trim_start_matches("r#");
            add(format!("{name}/operation/{file}.rs"), operation::module(service, operation));
        }
        let files = if service.gate.has_types_crate() { &mut types } else { files };
        let mut add = |path: String, tokens: TokenStream| files.insert(path, render::render(tokens));
        for (file, tokens) in service::type_files(service) {
            add(format!("{name}/types/{file}.rs"), tokens);
        }
        add(format!("{name}/codes.rs"), service::codes(service));
        if service.gate.has_types_crate() {
            add(format!("{name}/mod.rs"), service::types_module(service));
        }
    }
    for (path, tokens) in [
        ("mod.rs", service::services(model)),
        ("tests.rs", tests::tests(model)),
        ("operations.rs", samples::operations(model)),
    ] {
        sdk.insert(path.to_owned(), render::render(tokens));
    }
    sdk.insert("samples.json".to_owned(), samples::samples(model));
    let root = |has: fn(Gate) -> bool| {
        let services: Vec<&Service> = model.services.iter().filter(|service| has(service.gate)).collect();
        (!services.is_empty()).then(|| render::render(service::some_services(&services)))
    };
    if let Some(text) = root(Gate::has_types_crate) {
        types.insert("mod.rs".to_owned(), text);
    }
    if let Some(text) = root(Gate::is_of_runtime) {
        runtime.insert("mod.rs".to_owned(), text);
    }
    Output { sdk, types, runtime }
}

/// An identifier; `r#type` gives a raw one.
fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// Doc comment of a module.
fn module_doc(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote! { #![doc = #text] }
}

/// Doc comment of a text: wrapped lines, empty lines between paragraphs.
fn doc(text: &str) -> TokenStream {
    let lines = text.split('\n').flat_map(|line| wrap(line, 96));
    let lines = lines.map(|line| if line.is_empty() { line } else { format!(" {line}") });
    quote! { #(#[doc = #lines])* }
}

/// Wraps a line at spaces; a line that is a link stays whole.
fn wrap(line: &str, width: usize) -> Vec<String> {
    if line.starts_with('[') || line.len() <= width {
        return vec![line.to_owned()];
    }
    let mut lines = vec![String::new()];
    for word in line.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// The Cargo features that something needs, all of them.
fn gate(features: &[String]) -> TokenStream {
    match features {
        [] => TokenStream::new(),
        [feature] => quote! { #[cfg(feature = #feature)] },
        features => quote! { #[cfg(all(#(feature = #features),*))] },
    }
}

/// Notice about deprecation, if there is one.
fn deprecated(note: Option<&String>) -> TokenStream {
    note.map_or_else(TokenStream::new, |note| quote! { #[deprecated(note = #note)] })
}

/// Type of a single value.
fn value_type(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Text => quote! { String },
        Kind::Bool => quote! { bool },
        Kind::I32 => quote! { i32 },
        Kind::I64 => quote! { i64 },
        Kind::F32 => quote! { f32 },
        Kind::F64 => quote! { f64 },
        Kind::Map => quote! { std::collections::BTreeMap<String, String> },
        Kind::Enum(TypeName { name, .. }) | Kind::Struct(TypeName { name, .. }) => {
            let name = ident(name);
            quote! { #name }
        }
    }
}

/// Names of the shared types that types refer to.
fn shared_types<'a>(kinds: impl Iterator<Item = &'a Kind>) -> Vec<Ident> {
    let mut names: Vec<&str> = kinds
        .filter_map(|kind| match kind {
            Kind::Enum(TypeName { name, shared: true }) | Kind::Struct(TypeName { name, shared: true }) => {
                Some(name.as_str())
            }
            _ => None,
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(ident).collect()
}
