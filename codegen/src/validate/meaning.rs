//! Rules about the meaning of types: widths of numbers, booleans, and structs for members with certain names.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Checker, Direction};
use crate::{
    import::names,
    rules,
    spec::{Field, Operation, Type},
    suggest::list,
};

/// A member whose type is a struct.
pub(super) struct StructUse<'a> {
    /// File and position of the member.
    file: String,
    at: String,
    field: &'a Field,
    direction: Direction,
    /// Operation whose own types are in scope; `None` inside shared types.
    own: Option<&'a Operation>,
}

impl<'a> Checker<'a> {
    /// Rejects numbers of responses that are too narrow, and booleans that are typed as strings.
    pub(super) fn scalar(&mut self, file: &str, at: &str, field: &Field, direction: Direction) {
        let name = &field.name;
        let ty = field.ty.name();
        let wide = match ty {
            "i32" => "i64",
            "f32" => "f64",
            _ => "",
        };
        if direction == Direction::Response && !wide.is_empty() {
            let message = format!("`{name}` of a response is an `{ty}`, which may be too narrow");
            let help = format!("use `{wide}`: a single number that does not fit would fail the whole response");
            self.mistake(&rules::NARROW_NUMBER, file, &format!("{at}.type"), message, help);
        }
        let flag = |value: &serde_json::Value| matches!(value.as_str(), Some("true" | "false"));
        let is_flag = match field.values.is_empty() {
            true => field.default.iter().chain(&field.example).any(flag),
            false => field.values.iter().all(flag),
        };
        if ty == "string" && is_flag {
            let message = format!("`{name}` is a boolean that is typed as a string");
            let help = "use `bool`, without `values`; the wire form remains `true` or `false`";
            self.mistake(&rules::BOOLEAN_AS_STRING, file, &format!("{at}.type"), message, help);
        }
    }

    /// Rejects an empty source.
    pub(super) fn source(&mut self, file: &str, at: &str, field: &Field) {
        if field.source.as_ref().is_some_and(|source| source.trim().is_empty()) {
            let message = format!("the source of `{}` is empty", field.name);
            let help = "name the public source of the field, or remove `source` if the published API has the field";
            self.mistake(&rules::MISSING_REASON, file, &format!("{at}.source"), message, help);
        }
    }

    /// Records a member whose type is a struct.
    pub(super) fn note_struct(
        &mut self,
        file: &str,
        at: &str,
        field: &'a Field,
        direction: Direction,
        own: Option<&'a Operation>,
    ) {
        if self.resolve(field.ty.name(), own).is_some_and(|ty| ty.fields.is_some()) {
            let (file, at) = (file.to_owned(), format!("{at}.type"));
            self.struct_uses.push(StructUse { file, at, field, direction, own });
        }
    }

    /// Checks that each struct is used with one meaning: for members with one name, or with the names in its `for`.
    pub(super) fn meanings(&mut self) {
        let uses = std::mem::take(&mut self.struct_uses);
        // By file and position of the struct: the struct, and the names of the members that use it.
        let mut structs: BTreeMap<(String, String), (&Type, BTreeSet<String>)> = BTreeMap::new();
        let mut seen = HashSet::new();
        for one in uses.iter().filter(|one| seen.insert((&one.file, &one.at))) {
            let name = one.field.ty.name();
            let Some(ty) = self.resolve(name, one.own) else { continue };
            let base = names::base_name(one.field, one.field.ty.is_list());
            let own = one.own.filter(|operation| operation.types.contains_key(name));
            let definition = match own {
                Some(operation) => (operation.path.clone(), format!("types.{name}")),
                None => (format!("{}/types.json", self.tree.name), name.to_owned()),
            };
            if one.file == definition.0 && one.at.starts_with(&format!("{}.", definition.1)) {
                continue; // A recursive struct has the same meaning under any name.
            }
            structs.entry(definition).or_insert_with(|| (ty, BTreeSet::new())).1.insert(base.clone());
            let expected = self.expected_struct(ty, &base, one.direction);
            if !ty.serves.is_empty() && !names::is_for(ty, &base) {
                let message = format!("struct `{name}` is for {}, not for `{base}`", list(&ty.serves));
                let help = match expected {
                    Some(expected) => format!("use `{expected}`"),
                    None => format!("define another struct for `{base}`, or add the name to `for` of `{name}`"),
                };
                self.mistake(&rules::STRUCT_MEANING, &one.file, &one.at, message, help);
            } else if let Some(expected) = expected.filter(|expected| *expected != name) {
                let message = format!(
                    "`{base}` has the same members as the shared struct `{expected}`, which is for members with such names"
                );
                self.mistake(&rules::STRUCT_MEANING, &one.file, &one.at, message, format!("use `{expected}`"));
            }
        }
        for ((file, at), (ty, names)) in structs {
            if ty.serves.is_empty() && names.len() > 1 {
                let message = format!("the struct is used for members with different names: {}", join_names(&names));
                let help = "list them in `for` if they mean the same; otherwise define a struct for each";
                self.mistake(&rules::STRUCT_MEANING, &file, &format!("{at}#"), message, help);
            }
            let complete = !self.tree.gaps.operations;
            for name in ty.serves.iter().filter(|name| complete && !names.iter().any(|n| names::covers(name, n))) {
                let message = format!("no member named `{name}` uses this struct");
                self.mistake(&rules::STRUCT_MEANING, &file, &format!("{at}.for"), message, "remove the name");
            }
        }
    }

    /// The shared struct for members with this name and the same form, if any.
    fn expected_struct(&self, ty: &Type, base: &str, direction: Direction) -> Option<&'a str> {
        let mut fitting = self.tree.types.iter().filter(|(name, other)| {
            let uses = self.shared_used.get(name.as_str());
            names::is_for(other, base)
                && uses.is_some_and(|uses| uses.iter().any(|(used, _)| *used == direction))
                && is_same_form(ty, other)
        });
        fitting.next().map(|(name, _)| name.as_str())
    }
}

/// Whether two structs have the same members on the wire.
fn is_same_form(one: &Type, other: &Type) -> bool {
    let (Some(one), Some(other)) = (&one.fields, &other.fields) else { return false };
    let is_same = |a: &Field, b: &Field| (&a.name, &a.ty, &a.wire) == (&b.name, &b.ty, &b.wire);
    one.len() == other.len() && one.iter().all(|a| other.iter().any(|b| is_same(a, b)))
}

fn join_names(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
