//! Converts specs to the model: resolves types, derives names, and completes the docs. Expects validated specs.

mod codes;
mod docs;
mod links;
mod order;
mod waiters;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    classes::Classes,
    draft, features,
    load::{ServiceTree, Tree},
    model::{
        Code, Content, Enum, ErrorCode, Family, Field, Kind, List, Model, Operation, Pages, Service, Struct, Type,
        TypeName, Variant,
    },
    naming::Names,
    parallel,
    spec::{self, Gate},
    type_graph::Scope,
};
pub(crate) use docs::code_span;
use links::Links;

/// Crate from which users import the services that are not crates of their own.
const LIBRARY: &str = "ecs_sdk";

/// Lowers all services.
pub fn lower(tree: &Tree) -> Model {
    let complete = draft::completed(tree);
    let tree = complete.as_ref().unwrap_or(tree);
    Model {
        services: tree.services.iter().map(|service| Lower::new(tree, service).service()).collect(),
        rpc: tree.rpc.clone(),
    }
}

struct Lower<'a> {
    all: &'a Tree,
    tree: &'a ServiceTree,
    names: Names,
    /// The service's error codes, sorted.
    codes: Vec<Code>,
}

impl<'a> Lower<'a> {
    fn new(all: &'a Tree, tree: &'a ServiceTree) -> Self {
        let names = Names::new(&tree.service.words);
        let codes = codes::codes(tree, &Classes::new(&tree.service.error_classes, &all.rpc.error_classes), &names);
        Self { all, tree, names, codes }
    }

    fn service(self) -> Service {
        let service = &self.tree.service;
        let operations = parallel::map(&self.tree.operations, |operation| self.operation(operation));
        let families = service
            .families
            .iter()
            .filter(|(name, _)| self.tree.operations.iter().any(|operation| operation.family == **name))
            .map(|(name, doc)| Family { feature: name.clone(), doc: doc.clone() })
            .collect();
        let sent = self.sent_types();
        let mut types: Vec<Type> = self
            .tree
            .types
            .iter()
            .map(|(name, ty)| self.definition(name, ty, sent.contains(name.as_str()), None))
            .collect();
        types.sort_by(|a, b| a.name().cmp(b.name()));
        Service {
            name: service.service.clone(),
            product: service.product.clone(),
            version: service.version.clone(),
            title: service.title.clone(),
            gate: service.gate,
            library: LIBRARY.to_owned(),
            endpoints: service.endpoints.clone(),
            families,
            operations,
            types,
            family_types: self.family_types(),
            codes: self.codes,
            error_classes: service.error_classes.clone(),
        }
    }

    /// Shared types that only one family uses, each with its family. Empty unless families are features.
    fn family_types(&self) -> BTreeMap<String, String> {
        let mut families: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for operation in &self.tree.operations {
            let parts = [&operation.request, &operation.response];
            for name in parts.into_iter().flat_map(|fields| self.reachable_types(fields, operation)) {
                if !operation.types.contains_key(name) {
                    families.entry(name).or_default().insert(&operation.family);
                }
            }
        }
        let gated = self.tree.service.gate == Gate::Families;
        let alone = families.into_iter().filter(|(_, families)| gated && families.len() == 1);
        alone.map(|(name, families)| (self.names.type_name(name), families.into_iter().collect())).collect()
    }

    /// Shared types that requests use.
    fn sent_types(&self) -> BTreeSet<&str> {
        let reached = self.tree.operations.iter().flat_map(|operation| {
            let own = &operation.types;
            self.reachable_types(&operation.request, operation).into_iter().filter(|name| !own.contains_key(*name))
        });
        reached.collect()
    }

    /// Names of all types that fields refer to.
    fn reachable_types<'t>(&'t self, fields: &'t [spec::Field], operation: &'t spec::Operation) -> BTreeSet<&'t str> {
        let reached = Scope::of(operation, &self.tree.types).reached(fields);
        reached.into_iter().map(|reached| reached.name).collect()
    }

    fn operation(&self, operation: &spec::Operation) -> Operation {
        let has = |name: &str| operation.request.iter().any(|field| field.name == name && field.skip.is_none());
        let sent = self.reachable_types(&operation.request, operation);
        let mut types: Vec<Type> = operation
            .types
            .iter()
            .map(|(name, ty)| self.definition(name, ty, sent.contains(name.as_str()), Some(operation)))
            .collect();
        types.sort_by(|a, b| a.name().cmp(b.name()));
        let fluent = self.names.operation(&operation.operation);
        let shape = |suffix: &str, doc: String, fields: &[spec::Field], request| Struct {
            name: format!("{}{suffix}", operation.operation),
            doc,
            request,
            fields: self.fields(fields, request, Some(operation)),
        };
        let url = operation.docs_url.clone().unwrap_or_else(|| {
            let url = self.tree.service.docs_url.replace("{Operation}", &operation.operation);
            url.replace("{operation}", &operation.operation.to_ascii_lowercase())
        });
        let links = |owner| self.links(Some((operation, &fluent)), &operation.request, true, owner);
        let mut doc = links("Self").link(&operation.doc, None);
        for text in
            docs::visibility(operation.visibility).map(str::to_owned).into_iter().chain(docs::sending(operation))
        {
            doc = format!("{doc}\n\n{text}");
        }
        let mut request =
            shape("Request", format!("[`{fluent}`] as plain data, without a client."), &operation.request, true);
        order::set_positions(&mut request.fields, &operation.typical);
        Operation {
            wire: operation.wire.clone().unwrap_or_else(|| operation.operation.clone()),
            method: self.names.method(&operation.operation),
            features: features::of_operation(self.tree, operation),
            read: operation.read,
            slow: operation.slow,
            http: operation.method,
            anonymous: operation.anonymous,
            client_token: has("ClientToken"),
            dry_run: operation.request.iter().any(spec::Field::is_dry_run),
            batches: operation
                .request
                .iter()
                .filter(|field| field.batch && field.skip.is_none())
                .map(|field| (field.name.clone(), field.max_items.unwrap_or(1)))
                .collect(),
            region: operation.request.iter().any(|field| field.name == "RegionId" && field.required),
            doc,
            summary: links(&fluent).link(operation.doc.lines().next().unwrap_or_default(), None),
            deprecated: operation.deprecated.then(|| self.deprecation(operation)),
            url,
            errors: self.errors(operation),
            pages: operation.pagination.as_ref().map(|pages| self.pages(operation, pages)),
            waiters: operation.waiters.iter().map(|waiter| self.waiter(operation, waiter)).collect(),
            request,
            response: with_request_id(shape(
                "Response",
                format!("Response of [`{fluent}`]."),
                &operation.response,
                false,
            )),
            types,
            typical: operation.typical.clone(),
            then: operation.then.clone(),
            examples: operation.examples.clone(),
            fluent,
        }
    }

    /// The deprecation notice of an operation. Replacements have the form `<Product>::<version>::<Operation>`.
    fn deprecation(&self, operation: &spec::Operation) -> String {
        let Some(replacement) = &operation.replaced_by else { return "deprecated by the service".to_owned() };
        let parts: Vec<&str> = replacement.split("::").collect();
        let (product, version, wire) = match parts.as_slice() {
            [product, version, wire] => (*product, *version, *wire),
            _ => (self.tree.service.product.as_str(), "", replacement.as_str()),
        };
        let service = self.all.services.iter().find(|tree| tree.service.product.eq_ignore_ascii_case(product));
        match service.filter(|tree| tree.operations.iter().any(|operation| operation.operation == wire)) {
            Some(tree) if tree.name == self.tree.name => format!("use `{}` instead", self.names.method(wire)),
            Some(tree) => {
                let method = Names::new(&tree.service.words).method(wire);
                format!("use `{method}` of `ecs_sdk::{}` instead", tree.name)
            }
            None => format!("use `{wire}` of {} (API version {version}) instead", product.to_uppercase()),
        }
    }

    /// The error codes that an operation documents, by code, except those that any operation can return.
    fn errors(&self, operation: &spec::Operation) -> Vec<ErrorCode> {
        let service = &self.tree.service;
        let mut codes: BTreeMap<&str, BTreeSet<u16>> = BTreeMap::new();
        for error in operation.errors.iter().filter(|error| !service.errors.contains_key(&error.code)) {
            codes.entry(&error.code).or_default().insert(error.http);
        }
        let errors = codes.into_iter().filter_map(|(code, statuses)| {
            let index = self.codes.binary_search_by(|known| known.code.as_str().cmp(code)).ok()?;
            let Code { constant, class, .. } = &self.codes[index];
            let statuses = statuses.into_iter().collect();
            Some(ErrorCode { constant: constant.clone(), code: code.to_owned(), statuses, class: *class })
        });
        errors.collect()
    }

    fn links<'l>(
        &'l self,
        operation: Option<(&'l spec::Operation, &'l str)>,
        fields: &'l [spec::Field],
        request: bool,
        owner: &'l str,
    ) -> Links<'l> {
        Links { names: &self.names, types: &self.tree.types, operation, own: (fields, request), owner }
    }

    fn resolve<'t>(&'t self, name: &str, operation: Option<&'t spec::Operation>) -> Option<&'t spec::Type> {
        operation.and_then(|operation| operation.types.get(name)).or_else(|| self.tree.types.get(name))
    }

    /// Whether requests of an operation contain one of its own types only in JSON.
    fn is_sent_as_json(&self, name: &str, operation: &spec::Operation) -> bool {
        let (json, form): (Vec<_>, Vec<_>) = operation
            .request
            .iter()
            .filter(|field| self.reachable_types(std::slice::from_ref(field), operation).contains(name))
            .partition(|field| field.wire.as_deref() == Some("json"));
        !json.is_empty() && form.is_empty()
    }

    fn definition(&self, name: &str, ty: &spec::Type, request: bool, operation: Option<&spec::Operation>) -> Type {
        let rust = self.names.type_name(name);
        match (&ty.fields, &ty.values) {
            (Some(fields), _) => {
                let mut fields = self.fields(fields, request, operation);
                if operation.is_some_and(|operation| self.is_sent_as_json(name, operation)) {
                    // In JSON, an empty list differs from an absent one.
                    for field in fields.iter_mut().filter(|field| field.list == Some(List::Repeat)) {
                        field.list = Some(List::Json);
                    }
                }
                Type::Struct(Struct { name: rust, doc: ty.doc.clone(), request, fields })
            }
            (None, values) => Type::Enum(Enum {
                name: rust,
                doc: ty.doc.clone(),
                variants: values
                    .iter()
                    .flatten()
                    .map(|(wire, value)| Variant {
                        name: match value {
                            spec::EnumValue::Named(named) => named.rust.clone(),
                            spec::EnumValue::Doc(_) => self.names.variant(wire),
                        },
                        wire: wire.clone(),
                        doc: value.doc().to_owned(),
                    })
                    .collect(),
            }),
        }
    }

    fn fields(&self, fields: &[spec::Field], request: bool, operation: Option<&spec::Operation>) -> Vec<Field> {
        let fluent = operation.map(|operation| (operation, self.names.operation(&operation.operation)));
        let scope = fluent.as_ref().map(|(operation, fluent)| (*operation, fluent.as_str()));
        let links = self.links(scope, fields, request, "Self");
        let kept = fields.iter().filter(|field| field.skip.is_none());
        let mut lowered: Vec<Field> = kept.map(|field| self.field(field, request, operation, &links)).collect();
        for field in lowered.iter_mut().filter(|_| request) {
            field.is_set_with_content = fields.iter().any(|other| other.encoded_by.as_ref() == Some(&field.wire));
        }
        if request {
            order::set_positions(&mut lowered, &indexmap::IndexMap::new());
        }
        lowered
    }

    fn field(
        &self,
        field: &spec::Field,
        request: bool,
        operation: Option<&spec::Operation>,
        links: &Links<'_>,
    ) -> Field {
        let list = field.ty.is_list().then(|| match field.wire.as_deref() {
            Some("json") => List::Json,
            Some("comma") => List::Comma,
            Some("list") => List::Plain,
            Some(wire) => wire.strip_prefix("wrapped:").map_or(List::Repeat, |item| List::Wrapped(item.to_owned())),
            None => List::Repeat,
        });
        Field {
            wire: field.name.clone(),
            name: rust_name(&self.names, field, request),
            kind: self.kind(field.ty.name(), operation),
            json: list.is_none() && field.wire.as_deref() == Some("json"),
            list,
            required: field.required,
            deprecated: field.deprecated,
            setter_position: (0, 0),
            sensitive: field.sensitive,
            content: self.content(field, request, operation, links.own.0),
            max_bytes: field.max_bytes.filter(|_| request),
            is_set_with_content: false,
            time: field.time.clone(),
            doc: docs::field(field, &self.tree.glossary, request, links),
            example: field.example.clone(),
        }
    }

    /// How a field transfers content, if it does. `siblings` are the fields of the same struct.
    fn content(
        &self,
        field: &spec::Field,
        request: bool,
        operation: Option<&spec::Operation>,
        siblings: &[spec::Field],
    ) -> Option<Content> {
        if field.base64 {
            return Some(Content::Base64);
        }
        let by = field.encoded_by.as_ref()?;
        let Some(sibling) = siblings.iter().find(|sibling| sibling.name == *by) else {
            return Some(Content::Requested);
        };
        let values = self.resolve(sibling.ty.name(), operation).and_then(|ty| ty.values.as_ref());
        let variant = match values.and_then(|values| values.get(spec::BASE64)) {
            Some(spec::EnumValue::Named(named)) => named.rust.clone(),
            _ => self.names.variant(spec::BASE64),
        };
        Some(Content::Stated {
            by: by.clone(),
            field: rust_name(&self.names, sibling, request),
            ty: self.kind(sibling.ty.name(), operation),
            variant,
            default_is_base64: sibling.default.as_ref().and_then(|value| value.as_str()) == Some(spec::BASE64),
        })
    }

    fn kind(&self, name: &str, operation: Option<&spec::Operation>) -> Kind {
        match name {
            "string" => Kind::Text,
            "time" => Kind::Time,
            "bool" => Kind::Bool,
            "i32" => Kind::I32,
            "i64" => Kind::I64,
            "f32" => Kind::F32,
            "f64" => Kind::F64,
            "map" => Kind::Map,
            name => {
                let local = operation.is_some_and(|operation| operation.types.contains_key(name));
                let type_name = TypeName { name: self.names.type_name(name), shared: !local };
                let is_enum = self.resolve(name, operation).is_some_and(|ty| ty.values.is_some());
                if is_enum { Kind::Enum(type_name) } else { Kind::Struct(type_name) }
            }
        }
    }

    fn pages(&self, operation: &spec::Operation, pages: &spec::Pagination) -> Pages {
        let mut fields = operation.response.as_slice();
        let mut items = Vec::new();
        let mut item = Kind::Text;
        for name in pages.items.split('.') {
            let Some(field) = fields.iter().find(|field| field.name == name) else { break };
            items.push(rust_name(&self.names, field, false));
            item = self.kind(field.ty.name(), Some(operation));
            fields =
                self.resolve(field.ty.name(), Some(operation)).and_then(|ty| ty.fields.as_deref()).unwrap_or_default();
        }
        Pages { spec: pages.clone(), items, item }
    }
}

/// The Rust name of a field. Repeated parameters have plural names.
pub(crate) fn rust_name(names: &Names, field: &spec::Field, request: bool) -> String {
    let plural = field.ty.is_list() && matches!(field.wire.as_deref(), Some("repeat") | None);
    match &field.rust {
        Some(name) => name.clone(),
        None if request => names.parameter(&field.name, plural),
        None => names.response_field(&field.name, plural),
    }
}

/// Adds the request ID, which every response has and specs leave out.
fn with_request_id(mut response: Struct) -> Struct {
    if response.fields.iter().all(|field| field.wire != "RequestId") {
        let field = Field {
            wire: "RequestId".to_owned(),
            name: "request_id".to_owned(),
            kind: Kind::Text,
            list: None,
            json: false,
            required: false,
            deprecated: false,
            setter_position: (0, 0),
            sensitive: false,
            content: None,
            max_bytes: None,
            is_set_with_content: false,
            time: None,
            doc: "ID of the request, to quote when you contact the service's support. Wire name: `RequestId`."
                .to_owned(),
            example: None,
        };
        response.fields.insert(0, field);
    }
    response
}
