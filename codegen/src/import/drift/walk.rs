//! Walks the members of an API and the fields of a spec side by side.

use super::report::{Count, Detail, Difference, Drift, Fact};
use crate::import::facts::{self, Differences, describe_type, is_builtin};
use crate::import::merge::{is_in_one_string, is_text};
use crate::import::shape::{Member, REQUEST_ID, Shape, type_ref};
use crate::import::tree::ExistingTree;
use crate::import::types::has_value;
use crate::spec::{Field, Operation, Type};

/// The number of members, including nested ones.
pub(super) fn count_members(list: &[Member]) -> usize {
    let below = |member: &Member| match &member.shape {
        Shape::Struct(inner) => count_members(inner),
        Shape::Builtin(_) | Shape::Enum(_) => 0,
    };
    list.iter().map(|member| 1 + below(member)).sum()
}

/// Compares the members of a request or a response.
pub(super) struct Walk<'a> {
    tree: &'a ExistingTree,
    operation: &'a Operation,
    detail: Detail,
    pub(super) count: Count,
    drift: &'a mut Drift,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        tree: &'a ExistingTree,
        operation: &'a Operation,
        detail: Detail,
        drift: &'a mut Drift,
    ) -> Walk<'a> {
        Walk { tree, operation, detail, count: Count::default(), drift }
    }

    pub(super) fn fields(&mut self, fields: &'a [Field], list: &[Member], path: &str, is_own: bool) {
        let name = &self.operation.operation;
        for member in list {
            let member_name = &member.field.name;
            let path = format!("{path}{member_name}{}", if member.list { "[]" } else { "" });
            let Some(field) = field_of(fields, member_name) else {
                self.count.api += count_members(std::slice::from_ref(member));
                self.drift.differ(Difference::missing(name, &path, described(member)));
                continue;
            };
            if let Some(reason) = &field.skip {
                self.drift.skipped.push(Difference::of(name, &path, Fact::Skip, Some(reason.clone()), None));
                continue;
            }
            self.count.add(Count { api: 1, specs: 1 });
            if field.name != *member_name {
                let (ours, theirs) = (Some(field.name.clone()), Some(member_name.clone()));
                self.drift.differ(Difference::of(name, &path, Fact::named("name"), ours, theirs));
                continue;
            }
            if let Some(source) = &field.source {
                self.drift.differ(Difference::of(name, &path, Fact::Source, Some(source.clone()), None));
            }
            self.field(field, member, &path, is_own);
        }
        let is_listed = |field: &Field| list.iter().any(|member| member.field.name.eq_ignore_ascii_case(&field.name));
        for field in fields.iter().filter(|field| !is_listed(field)) {
            let path = format!("{path}{}", field.name);
            if let Some(source) = &field.source {
                self.drift.additions.push(Difference::of(name, &path, Fact::Source, Some(source.clone()), None));
            } else if is_own && field.skip.is_none() && field.name != REQUEST_ID {
                // A shared struct may have members that not every operation uses.
                self.drift.differ(Difference::extra(name, &path, describe_type(field)));
            }
        }
    }

    /// Compares a field with a member of its name.
    fn field(&mut self, field: &'a Field, member: &Member, path: &str, is_own: bool) {
        // A shared struct requires only what all its uses require.
        if field.required != member.field.required && (is_own || field.required) {
            self.differ(field, "required", path, field.required.to_string(), member.field.required.to_string());
        }
        if is_in_one_string(field) && is_text(member) {
            return;
        }
        let ty = self.find(field.ty.name());
        let is_struct = matches!(ty, Some((Type { fields: Some(_), .. }, _)));
        if self.is_unknown(member) && (is_struct || member.list) && field.ty.is_list() == member.list {
            return;
        }
        if field.ty.is_list() != member.list || field.wire != member.field.wire {
            let mut api = member.field.clone();
            api.ty = type_ref(member.shape.name(), member.list);
            let [ours, theirs] = [field, &api].map(|field| describe_type(&Field { required: false, ..field.clone() }));
            let fact = if field.ty.is_list() == member.list { "wire" } else { "type" };
            self.differ(field, fact, path, ours, theirs);
        }
        match (&member.shape, ty) {
            (Shape::Struct(inner), Some((Type { fields: Some(fields), .. }, is_local))) => {
                self.fields(fields, inner, &format!("{path}."), is_local);
            }
            (Shape::Enum(values), Some((Type { values: Some(known), .. }, _))) => {
                for value in values.iter().filter(|value| !has_value(known, value)) {
                    self.differ_by(field, "values", path, None, Some(value.clone()));
                }
            }
            (Shape::Builtin("string" | "time"), Some((Type { values: Some(_), .. }, _))) => {}
            (Shape::Enum(_), None) if field.ty.name() == "string" => {}
            (Shape::Builtin(name), None) if is_builtin(field.ty.name(), name) => {}
            (shape, _) => {
                if let (Shape::Struct(inner), false) = (shape, field.decided.contains_key("type")) {
                    self.count.api += count_members(inner);
                }
                self.differ(field, "type", path, field.ty.name().to_owned(), shape.name().to_owned());
            }
        }
        if self.detail.is_full && is_own {
            self.details(field, member, path);
        }
    }

    /// Compares limits, defaults and marks that the API states.
    fn details(&mut self, field: &Field, member: &Member, path: &str) {
        let is_enum = matches!(self.find(field.ty.name()), Some((Type { values: Some(_), .. }, _)));
        let mut differences = Differences::default();
        let same_default = |ours: &serde_json::Value, theirs: &serde_json::Value| {
            ours.to_string().eq_ignore_ascii_case(&theirs.to_string())
        };
        let mut imported = member.field.clone();
        if let (Some(ours), Some(theirs)) = (&field.default, &imported.default)
            && same_default(ours, theirs)
        {
            imported.default = Some(ours.clone());
        }
        facts::update_details(&mut field.clone(), &imported, is_enum, &mut differences);
        for difference in differences.changed {
            let fact = if difference.fact == "value" { "values" } else { &difference.fact };
            self.differ_by(field, fact, path, difference.ours, Some(difference.theirs));
        }
    }

    /// Whether the API does not say what the member contains.
    fn is_unknown(&self, member: &Member) -> bool {
        !self.detail.is_full && matches!(member.shape, Shape::Builtin("map" | "string"))
    }

    /// A type by name, and whether it is the operation's own.
    fn find(&self, name: &str) -> Option<(&'a Type, bool)> {
        let local = self.operation.types.get(name).map(|ty| (ty, true));
        local.or_else(|| self.tree.types.get(name).map(|ty| (ty, false)))
    }

    fn differ(&mut self, field: &Field, fact: &str, path: &str, ours: String, theirs: String) {
        self.differ_by(field, fact, path, Some(ours), Some(theirs));
    }

    /// Records a difference, or a decision if the spec has one about the fact.
    fn differ_by(&mut self, field: &Field, fact: &str, path: &str, ours: Option<String>, theirs: Option<String>) {
        let difference = Difference::of(&self.operation.operation, path, Fact::named(fact), ours, theirs);
        let decided = &mut self.drift.decided;
        match field.decided.contains_key(fact) {
            true if decided.contains(&difference) => {}
            true => decided.push(difference),
            false => self.drift.differ(difference),
        }
    }
}

/// The field for a member: one with its name, or else one whose name differs in letter case only.
fn field_of<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    let same = fields.iter().find(|field| field.name == name);
    same.or_else(|| fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)))
}

/// The type and encoding of a member, for messages.
fn described(member: &Member) -> String {
    let mut field = member.field.clone();
    field.ty = type_ref(member.shape.name(), member.list);
    describe_type(&field)
}
