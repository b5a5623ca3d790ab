//! Merges the members of the API into the fields of the spec.
//!
//! [`Policy`] has the rules.

use std::collections::BTreeSet;

use super::decision::Note;
use super::facts::{self, Difference, Differences};
use super::fit;
use super::merger::{Merger, Owner, Place, TYPES_FILE};
use super::policy::Policy;
use super::report::Kind;
use super::schema_facts::in_other_case;
use super::shape::{Direction, Member, Shape, Shapes, type_ref};
use crate::spec::{EnumValue, Field, Operation, TypeRef};

impl Merger<'_> {
    /// The operation, updated from the API, and the decisions about its facts.
    pub(super) fn merge(mut self, shapes: &Shapes) -> (Operation, Vec<Note>) {
        self.fields(&Owner::Request, Direction::Request, &shapes.request, "request ");
        self.fields(&Owner::Response, Direction::Response, &shapes.response, "response ");
        self.report_gone();
        let Merger { operation, shared, seen, overridden, decisions, .. } = self;
        shared.seen.extend(seen.into_iter().filter(|(owner, _)| matches!(owner, Owner::Shared(_))));
        shared.overridden.extend(overridden.into_iter().filter(|(owner, ..)| matches!(owner, Owner::Shared(_))));
        (operation, decisions)
    }

    /// Updates a list of fields.
    pub(super) fn fields(&mut self, owner: &Owner, direction: Direction, members: &[Member], path: &str) {
        for member in members {
            self.seen.insert((owner.clone(), member.field.name.clone()));
            let path = format!("{path}{}{}", member.field.name, if member.list { "[]" } else { "" });
            let place = Place { owner, direction, path: &path };
            let index = self.fields_of(owner).iter().position(|field| field.name == member.field.name);
            match index {
                None if self.note_other_case(&place, member) => {}
                None => self.add(&place, member),
                Some(index) => {
                    let old = self.fields_of(owner)[index].clone();
                    if old.skip.is_none() {
                        let new = self.update(&place, old, member);
                        self.fields_of(owner)[index] = new;
                    }
                }
            }
        }
    }

    /// Reports a member whose name differs from that of a field in letter case only, as one that is there.
    fn note_other_case(&mut self, place: &Place<'_>, member: &Member) -> bool {
        let name = &member.field.name;
        let known = self.fields_of(place.owner).iter().find(|field| field.name.eq_ignore_ascii_case(name));
        let Some(known) = known.map(|field| field.name.clone()) else { return false };
        self.seen.insert((place.owner.clone(), known.clone()));
        // A new struct has both members.
        if self.is_new {
            return false;
        }
        self.note(Kind::Differs, place.path, Difference::new("name", Some(known), name.as_str()).left());
        true
    }

    fn add(&mut self, place: &Place<'_>, member: &Member) {
        if let (Owner::Shared(name), Direction::Request) = (place.owner, place.direction) {
            let detail =
                format!("the shared `{name}` lacks this member; add it there, or define a struct for this operation");
            self.note(Kind::Conflict, place.path, detail);
            return;
        }
        let field = self.new_field(place, member);
        let detail = facts::describe_type(&field);
        match place.owner {
            Owner::Shared(name) => self.report.push(Kind::Added, TYPES_FILE, &format!("{name}.{}", field.name), detail),
            Owner::Local(name) if self.updated_structs.contains(name) => {
                let detail = format!("{detail}; other uses of `{name}` lack this member");
                self.note(Kind::Conflict, place.path, detail);
            }
            _ => self.note_unless_new(Kind::Added, place.path, detail),
        }
        self.fields_of(place.owner).push(field);
    }

    pub(super) fn new_field(&mut self, place: &Place<'_>, member: &Member) -> Field {
        let mut field = member.field.clone();
        let name = self.new_type(place, member);
        field.ty = type_ref(&name, member.list);
        for misfit in self.fit_enum(&mut field, member) {
            self.decide_fact(place.path, misfit.published());
        }
        self.normalize_default(&mut field, true);
        if let (Some(published), Some(default)) = (&member.field.default, &field.default)
            && published != default
        {
            self.decide_fact(place.path, format!("the default {published} is spelled {default}, as the listed value"));
        }
        field
    }

    /// Removes the facts of a published string that the specs have as an enum, whose values say more.
    fn fit_enum(&self, field: &mut Field, member: &Member) -> Vec<fit::Misfit> {
        if member.shape != Shape::Builtin("string") || self.enum_of(field.ty.name()).is_none() {
            return Vec::new();
        }
        let kind = fit::Kind { name: "enum", is_list: member.list, ty: None };
        fit::remove_misfits(field, kind, &member.field)
    }

    fn update(&mut self, place: &Place<'_>, mut field: Field, member: &Member) -> Field {
        let mut differences = Differences::of(&field);
        let is_frozen = self.is_frozen(place.owner);
        let follows = self.policy == Policy::Accept && !is_frozen;
        let mut imported = self.imported(place, &field, member, follows);
        let is_required = imported.required;
        if matches!(place.owner, Owner::Shared(_)) && !field.required {
            // A shared struct requires only what all its uses require.
            imported.required = false;
        }
        let old = field.clone();
        if field.decided.contains_key("type") && imported.ty.is_list() != field.ty.is_list() {
            // The encoding belongs to the type, which stays.
            imported.wire.clone_from(&field.wire);
        }
        facts::update_usage(&mut field, &imported, &mut differences);
        if is_text(member) && field.ty.is_list() {
            differences.overrule(&["type", "wire"]);
        }
        let form = differences.changed.len();
        imported.ty = field.ty.clone();
        self.normalize_default(&mut imported, follows && !field.decided.contains_key("default"));
        let is_enum = self.enum_of(field.ty.name()).is_some();
        facts::update_details(&mut field, &imported, is_enum, &mut differences);
        let overridden = differences.overridden.into_iter();
        self.overridden.extend(overridden.map(|fact| (place.owner.clone(), field.name.clone(), fact)));
        // The uses of a struct may differ in their limits.
        differences.changed.truncate(if is_frozen { form } else { usize::MAX });
        for difference in &differences.changed {
            match follows {
                true => self.note(Kind::Changed, place.path, difference.to_string()),
                false => self.note_left(place, is_frozen, difference),
            }
        }
        for difference in &differences.overruled {
            self.note_kept_difference(place.path, format!("{}, by decision", difference.left()));
        }
        for detail in kept_by_policy(&old, member, is_required && !imported.required) {
            self.note_kept_difference(place.path, detail);
        }
        if is_frozen {
            return self.fields_of(place.owner).iter().find(|f| f.name == old.name).cloned().unwrap_or(old);
        }
        if let Some(source) = field.source.take() {
            match follows {
                true => self.note(Kind::Changed, place.path, "source removed: the API has the field now"),
                false => {
                    self.note(Kind::Differs, place.path, format!("has the source `{source}`, but the API has it now"));
                }
            }
        }
        if follows && field != old {
            let ty = self.find_type(field.ty.name()).map(|(_, ty)| ty);
            for line in fit::fit(&mut field, &imported, ty, place.direction) {
                self.note(Kind::Changed, place.path, line);
            }
        }
        for detail in differences.kept {
            self.note(Kind::Kept, place.path, detail);
        }
        if follows { field } else { old }
    }

    /// The facts of a member, with the type and encoding that the field keeps or gets.
    fn imported(&mut self, place: &Place<'_>, field: &Field, member: &Member, follows: bool) -> Field {
        let mut imported = member.field.clone();
        if is_in_one_string(field) && is_text(member) {
            // The facts of the string say nothing about those of the list.
            let Field { name, required, deprecated, replaced_by, visibility, .. } = imported;
            let (ty, wire) = (field.ty.clone(), field.wire.clone());
            return Field { name, ty, wire, required, deprecated, replaced_by, visibility, ..Field::default() };
        }
        imported.ty = if self.keep_type(place, field, member) {
            type_ref(field.ty.name(), member.list)
        } else if !follows || field.decided.contains_key("type") {
            type_ref(member.shape.name(), member.list)
        } else {
            let name = self.new_type(place, member);
            type_ref(&name, member.list)
        };
        // The import that added the field has reported them.
        self.fit_enum(&mut imported, member);
        imported
    }

    /// Reports a difference that the import leaves.
    fn note_left(&mut self, place: &Place<'_>, is_frozen: bool, difference: &Difference) {
        if self.policy == Policy::Accept && is_frozen {
            let detail = format!("{difference} here, but not for all uses of `{}`; not changed", place.owner.name());
            self.note(Kind::Conflict, place.path, detail);
        } else {
            self.note(Kind::Differs, place.path, difference.left());
        }
    }

    /// Whether this use must not change the facts of the owner, because it is shared or an earlier use has updated it.
    fn is_frozen(&self, owner: &Owner) -> bool {
        match owner {
            Owner::Request | Owner::Response => false,
            Owner::Local(name) => self.updated_structs.contains(name),
            Owner::Shared(_) => true,
        }
    }

    /// Updates the type of a field, and returns whether it is of the member's kind.
    fn keep_type(&mut self, place: &Place<'_>, field: &Field, member: &Member) -> bool {
        let name = field.ty.name();
        let known = self.find_type(name).map(|(owner, ty)| (owner, ty.fields.is_some()));
        match (&member.shape, known) {
            (Shape::Struct(members), Some((owner, true))) => {
                let same_direction = self.direction(&owner).is_none_or(|direction| direction == place.direction);
                if same_direction {
                    self.mark_shared(name, place.direction);
                    self.fields(&owner, place.direction, members, &format!("{}.", place.path));
                    if let Owner::Local(name) = owner {
                        self.updated_structs.insert(name);
                    }
                }
                same_direction
            }
            (Shape::Enum(values), Some((owner, false))) if field.decided.contains_key("values") => {
                let known =
                    self.find_type(name).and_then(|(_, ty)| ty.values.as_ref()).into_iter().flat_map(|v| v.keys());
                let same = known.map(|value| value.to_ascii_lowercase()).collect::<BTreeSet<_>>();
                if same != values.iter().map(|value| value.to_ascii_lowercase()).collect() {
                    self.overridden.insert((place.owner.clone(), field.name.clone(), "values".to_owned()));
                }
                self.mark_values_seen(&owner, values);
                true
            }
            (Shape::Enum(values), Some((owner, false))) => {
                // The values of an enum that the specs had are kept.
                if self.is_new {
                    self.note_spelling(&owner, values, place.path);
                }
                self.extend_enum(&owner, values, place.path);
                true
            }
            (Shape::Enum(_), None) => name == "string",
            (Shape::Builtin("string"), Some((_, false))) => true,
            (Shape::Builtin(builtin), None) => facts::is_builtin(name, builtin),
            _ => false,
        }
    }

    /// Reports the values that an enum has in another letter case, because an earlier member spells them so.
    pub(super) fn note_spelling(&mut self, owner: &Owner, values: &[String], path: &str) {
        let known = self.find_type(owner.name()).and_then(|(_, ty)| ty.values.as_ref());
        let Some(known) = known else { return };
        let new = values.iter().filter(|value| !known.contains_key(*value));
        let details = new.filter_map(|value| {
            let other = known.keys().find(|other| other.eq_ignore_ascii_case(value))?;
            Some(in_other_case(value, other))
        });
        for detail in details.collect::<Vec<_>>() {
            self.decide_fact(path, detail);
        }
    }

    /// Adds the values that the API lists and the enum lacks.
    pub(super) fn extend_enum(&mut self, owner: &Owner, values: &[String], path: &str) {
        self.mark_values_seen(owner, values);
        let Some(known) = self.type_mut(owner).and_then(|ty| ty.values.as_mut()) else {
            return;
        };
        let new: Vec<String> =
            values.iter().filter(|v| !known.keys().any(|k| k.eq_ignore_ascii_case(v))).cloned().collect();
        known.extend(new.iter().map(|value| (value.clone(), EnumValue::Doc(String::new()))));
        for value in new {
            let name = owner.name();
            match owner {
                Owner::Shared(_) => self.report.push(Kind::Added, TYPES_FILE, &format!("{name} value `{value}`"), ""),
                _ => self.note_unless_new(Kind::Added, path, format!("value `{value}` of {name}")),
            }
        }
    }

    pub(super) fn mark_values_seen(&mut self, owner: &Owner, values: &[String]) {
        self.seen.extend(values.iter().map(|value| (owner.clone(), value.to_ascii_lowercase())));
    }

    /// Spells the default as the enum does; with `grow`, adds it to the enum's values if necessary.
    fn normalize_default(&mut self, field: &mut Field, grow: bool) {
        let Some(owner) = self.enum_of(field.ty.name()) else {
            return;
        };
        let Some(default) = field.default.as_mut() else {
            return;
        };
        let values = match default {
            serde_json::Value::Array(list) => list.iter_mut().collect(),
            single => vec![single],
        };
        for default in values {
            let Some(value) = default.as_str().map(str::to_owned) else {
                continue;
            };
            let values = std::slice::from_ref(&value);
            match grow {
                true => self.extend_enum(&owner, values, &field.name),
                false => self.mark_values_seen(&owner, values),
            }
            let known = self.type_mut(&owner).and_then(|ty| ty.values.as_ref());
            if let Some(spelling) = known.and_then(|known| known.keys().find(|k| k.eq_ignore_ascii_case(&value))) {
                *default = spelling.clone().into();
            }
        }
    }
}

/// Facts about the use of a field that the API states differently, and that [`Policy`] never takes over.
fn kept_by_policy(field: &Field, member: &Member, is_required_here: bool) -> Vec<String> {
    let is_bool = field.ty.name() == "bool" && !field.ty.is_list();
    let mut kept = Vec::new();
    if is_text(member) && (is_bool || is_in_one_string(field)) {
        kept.push(format!("type {} in the specs, string in the API", facts::describe_type(field)));
    }
    if is_required_here {
        kept.push("required false in the specs, true in the API, but not for all uses of the struct".to_owned());
    }
    kept
}

/// Whether a field is a list, a struct or a map that one string contains.
pub(super) fn is_in_one_string(field: &Field) -> bool {
    matches!(field.wire.as_deref(), Some("json" | "comma")) && (field.ty.is_list() || field.ty != TypeRef::default())
}

/// Whether a member is a single string.
pub(super) fn is_text(member: &Member) -> bool {
    !member.list && matches!(member.shape, Shape::Builtin("string") | Shape::Enum(_))
}
