//! Coverage of an API by the specs, with every difference.

use std::fmt;

use super::api::ApiDocs;
use super::facts::{describe_type, is_builtin};
use super::merge::shape_name;
use super::shape::{Member, REQUEST_ID, Shape, Shapes};
use super::tree::ExistingTree;
use super::types::has_value;
use crate::spec::{Field, Operation, Type};
use crate::suggest::count;

/// Coverage of an API by the specs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Operations.
    pub operations: Count,
    /// Parameters and their nested members.
    pub parameters: Count,
    /// Fields of responses and their nested members.
    pub response_fields: Count,
    /// Members that are missing, different, or only in the specs.
    pub differences: Vec<Difference>,
    /// Members that the specs leave out, with the reason.
    pub skipped: Vec<Difference>,
    /// Members that the specs have from another source.
    pub additions: Vec<Difference>,
    /// Differences that the specs have decided.
    pub decided: Vec<Difference>,
}

/// Number of members, and how many of them the specs have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// In the API.
    pub api: usize,
    /// In both the API and the specs.
    pub specs: usize,
}

/// A difference between the API and the specs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The operation.
    pub operation: String,
    /// The member; empty for the operation itself.
    pub path: String,
    /// The difference.
    pub detail: String,
}

/// Compares the API with the specs.
pub fn coverage(api: &ApiDocs, tree: &ExistingTree) -> Coverage {
    let mut coverage = Coverage::default();
    for (name, docs) in &api.apis {
        coverage.operations.api += 1;
        let shapes = Shapes::of(api, docs);
        let Some(operation) = tree.operations.get(name) else {
            coverage.differ(name, "", "missing".to_owned());
            coverage.parameters.api += count_members(&shapes.request);
            coverage.response_fields.api += count_members(&shapes.response);
            continue;
        };
        coverage.operations.specs += 1;
        if docs.deprecated != operation.deprecated {
            coverage.differ(name, "deprecated", format!("{} in the API", docs.deprecated));
        }
        let mut request = Walk { tree, operation, count: Count::default(), coverage: &mut coverage };
        request.fields(&operation.request, &shapes.request, "request ", true);
        let parameters = request.count;
        let mut response = Walk { tree, operation, count: Count::default(), coverage: &mut coverage };
        response.fields(&operation.response, &shapes.response, "response ", true);
        let response_fields = response.count;
        coverage.parameters.add(parameters);
        coverage.response_fields.add(response_fields);
    }
    for name in tree.operations.keys().filter(|name| !api.apis.contains_key(*name)) {
        coverage.differ(name, "", "only in the specs".to_owned());
    }
    coverage
}

impl Count {
    fn add(&mut self, other: Count) {
        self.api += other.api;
        self.specs += other.specs;
    }
}

impl Coverage {
    /// Whether there are no differences.
    pub fn is_complete(&self) -> bool {
        self.differences.is_empty()
    }

    fn differ(&mut self, operation: &str, path: &str, detail: String) {
        self.differences.push(Difference { operation: operation.to_owned(), path: path.to_owned(), detail });
    }
}

/// The number of members, including nested ones.
fn count_members(list: &[Member]) -> usize {
    let below = |member: &Member| match &member.shape {
        Shape::Struct(inner) => count_members(inner),
        Shape::Builtin(_) | Shape::Enum(_) => 0,
    };
    list.iter().map(|member| 1 + below(member)).sum()
}

struct Walk<'a> {
    tree: &'a ExistingTree,
    operation: &'a Operation,
    count: Count,
    coverage: &'a mut Coverage,
}

impl<'a> Walk<'a> {
    fn fields(&mut self, fields: &'a [Field], list: &[Member], path: &str, is_own: bool) {
        for member in list {
            let name = &member.field.name;
            let path = format!("{path}{name}{}", if member.list { "[]" } else { "" });
            let Some(field) = fields.iter().find(|field| field.name == *name) else {
                self.count.api += count_members(std::slice::from_ref(member));
                self.differ(&path, "missing".to_owned());
                continue;
            };
            if let Some(reason) = &field.skip {
                let operation = self.operation.operation.clone();
                self.coverage.skipped.push(Difference { operation, path, detail: reason.clone() });
                continue;
            }
            self.count.add(Count { api: 1, specs: 1 });
            if field.source.is_some() {
                self.differ(&path, "has `source`, but the API has the field; remove `source`".to_owned());
            }
            self.field(field, member, &path, is_own);
        }
        for field in fields.iter().filter(|field| !list.iter().any(|member| member.field.name == field.name)) {
            if let Some(source) = &field.source {
                let operation = self.operation.operation.clone();
                let path = format!("{path}{}", field.name);
                self.coverage.additions.push(Difference { operation, path, detail: source.clone() });
            }
        }
        let is_extra = |field: &&Field| {
            field.skip.is_none()
                && field.source.is_none()
                && field.name != REQUEST_ID
                && !list.iter().any(|member| member.field.name == field.name)
        };
        // A shared struct may have members that not every operation uses.
        for field in fields.iter().filter(is_extra).filter(|_| is_own) {
            self.differ(&format!("{path}{}", field.name), "only in the specs".to_owned());
        }
    }

    fn field(&mut self, field: &'a Field, member: &Member, path: &str, is_own: bool) {
        let ty = self.find(field.ty.name());
        // A shared struct requires only what all its uses require.
        let same_requirement = field.required == member.field.required || !is_own && !field.required;
        let form = [
            ("type", field.ty.is_list() == member.list),
            ("wire", field.wire == member.field.wire),
            ("required", same_requirement),
        ];
        for (fact, _) in form.into_iter().filter(|(_, same)| !same) {
            let mut api = member.field.clone();
            api.ty = super::shape::type_ref(shape_name(&member.shape), member.list);
            let detail = format!("{} in the specs, {} in the API", describe_type(field), describe_type(&api));
            self.differ_unless_decided(field, fact, path, detail);
        }
        match (&member.shape, ty) {
            (Shape::Struct(inner), Some((Type { fields: Some(fields), .. }, is_local))) => {
                self.fields(fields, inner, &format!("{path}."), is_local);
            }
            (Shape::Enum(values), Some((Type { values: Some(known), .. }, _))) => {
                for value in values.iter().filter(|value| !has_value(known, value)) {
                    self.differ_unless_decided(field, "values", path, format!("value `{value}` is missing"));
                }
            }
            (Shape::Builtin("string" | "time"), Some((Type { values: Some(_), .. }, _))) => {}
            (Shape::Enum(_), None) if field.ty.name() == "string" => {}
            (Shape::Builtin(name), None) if is_builtin(field.ty.name(), name) => {}
            (shape, _) => {
                let detail = format!("type {} in the specs, {} in the API", field.ty.name(), shape_name(shape));
                let is_decided = !self.differ_unless_decided(field, "type", path, detail);
                if let (Shape::Struct(inner), false) = (shape, is_decided) {
                    self.count.api += count_members(inner);
                }
            }
        }
    }

    /// A type by name, and whether it is the operation's own.
    fn find(&self, name: &str) -> Option<(&'a Type, bool)> {
        let local = self.operation.types.get(name).map(|ty| (ty, true));
        local.or_else(|| self.tree.types.get(name).map(|ty| (ty, false)))
    }

    fn differ(&mut self, path: &str, detail: String) {
        self.coverage.differ(&self.operation.operation, path, detail);
    }

    /// Records a difference, and returns whether it is one that the spec has not decided.
    fn differ_unless_decided(&mut self, field: &Field, fact: &str, path: &str, detail: String) -> bool {
        let difference = Difference { operation: self.operation.operation.clone(), path: path.to_owned(), detail };
        let list = match field.decided.contains_key(fact) {
            true => &mut self.coverage.decided,
            false => &mut self.coverage.differences,
        };
        // One difference of the form may be of several facts.
        if !list.contains(&difference) {
            list.push(difference);
        }
        !field.decided.contains_key(fact)
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, covered) in [
            ("operations", self.operations),
            ("parameters", self.parameters),
            ("response fields", self.response_fields),
        ] {
            writeln!(f, "{name}: {} of {}", covered.specs, covered.api)?;
        }
        for skipped in &self.skipped {
            writeln!(f, "skipped: {skipped}")?;
        }
        for addition in &self.additions {
            writeln!(f, "addition: {addition}")?;
        }
        for decided in &self.decided {
            writeln!(f, "decided: {decided}")?;
        }
        for difference in &self.differences {
            writeln!(f, "difference: {difference}")?;
        }
        let differences = count(self.differences.len(), "difference");
        let (skipped, additions) = (self.skipped.len(), self.additions.len());
        write!(f, "{differences}, {skipped} skipped with a reason, {additions} added from another source")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.path.is_empty() { "" } else { " " };
        write!(f, "{}{gap}{}: {}", self.operation, self.path, self.detail)
    }
}
