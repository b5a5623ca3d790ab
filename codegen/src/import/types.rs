//! Finds an existing type for a member, or creates a new one.

use indexmap::IndexMap;

use super::facts;
use super::merger::{Merger, Owner, Place};
use super::names;
use super::schema_facts::contains_ignoring_case;
use super::shape::{Direction, Member, Shape};
use crate::spec::{EnumValue, Field, Type};

impl Merger<'_> {
    /// Finds or creates a type for a member, and returns its name.
    pub(super) fn new_type(&mut self, place: &Place<'_>, member: &Member) -> String {
        match &member.shape {
            Shape::Builtin(name) => self
                .parameter_enum(place.direction, member)
                .map_or_else(|| (*name).to_owned(), |(owner, _)| owner.name().to_owned()),
            Shape::Enum(values) => self.enum_type(place, member, values),
            Shape::Struct(members) => self.struct_type(place, member, members),
        }
    }

    fn struct_type(&mut self, place: &Place<'_>, member: &Member, members: &[Member]) -> String {
        let owner = self.owner_name(place.owner).unwrap_or_else(|| names::noun(&self.operation.operation));
        let base = names::base_name(&member.field, member.list);
        let verbose = names::prefixed(&owner, &base);
        let directed = format!("{base}{}", if place.direction == Direction::Request { "Param" } else { "Info" });
        let candidates = [base, verbose, directed];
        if let Some(name) = self.fitting_struct(place.direction, &candidates, members) {
            self.mark_shared(&name, place.direction);
            return name;
        }
        let name = self.free_name(candidates.into_iter());
        // A type is listed before the types of its members.
        self.operation.types.insert(name.clone(), Type { fields: Some(Vec::new()), ..Type::default() });
        self.directions.insert(name.clone(), place.direction);
        let owner = Owner::Local(name.clone());
        for member in members {
            let elements = if member.list { "[]" } else { "" };
            let path = format!("{}.{}{elements}", place.path, member.field.name);
            let place = Place { owner: &owner, direction: place.direction, path: &path };
            let field = self.new_field(&place, member);
            self.fields_of(&owner).push(field);
        }
        name
    }

    /// The enum of the parameter with the same name, for a string of the response. Both are assumed to mean the same, unless a
    /// person decides otherwise.
    fn parameter_enum(&self, direction: Direction, member: &Member) -> Option<(Owner, &Type)> {
        let is_response = direction == Direction::Response && member.shape == Shape::Builtin("string");
        let parameter = self.operation.request.iter().find(|field| is_response && field.name == member.field.name)?;
        self.find_type(parameter.ty.name()).filter(|(_, ty)| ty.values.is_some())
    }

    /// A struct with the same meaning and the same members. It is a shared one that has the member's name or lists it in its
    /// `for`, or one of this operation with a name that a new struct would get. Structs with equal members may differ in
    /// meaning: both a tag and a filter have a key and a value.
    fn fitting_struct(&self, direction: Direction, candidates: &[String; 3], members: &[Member]) -> Option<String> {
        let [base, ..] = candidates;
        let has_direction = |known: Option<&Direction>| known.is_none_or(|known| *known == direction);
        let has_meaning =
            |name: &str, ty: &Type| if ty.serves.is_empty() { name == base } else { names::is_for(ty, base) };
        let fits = |ty: &Type, exact: bool| ty.fields.as_ref().is_some_and(|fields| self.fits(fields, members, exact));
        let shared = self.shared.types.iter().filter(|(name, _)| has_direction(self.shared.directions.get(*name)));
        let shared = shared.filter(|(name, ty)| has_meaning(name, ty) && fits(ty, false));
        let local = self.operation.types.iter().filter(|(name, _)| has_direction(self.directions.get(*name)));
        let mut local =
            local.filter(|(name, ty)| candidates.contains(name) && fits(ty, true) && self.serves(name, base));
        let found = shared.min_by_key(|(name, _)| *name != base).or_else(|| local.next());
        found.map(|(name, _)| name.clone())
    }

    /// Whether all members that use a struct of the operation suggest the same name for it.
    fn serves(&self, struct_name: &str, base: &str) -> bool {
        let operation = &self.operation;
        let of_types = operation.types.values().flat_map(|ty| ty.fields.iter().flatten());
        let fields = operation.request.iter().chain(&operation.response).chain(of_types);
        let mut uses = fields.filter(|field| field.ty.name() == struct_name);
        uses.all(|field| names::base_name(field, field.ty.is_list()) == base)
    }

    /// Whether the fields equal the members. With `exact`, their limits must be equal too.
    fn fits(&self, fields: &[Field], members: &[Member], exact: bool) -> bool {
        fields.len() == members.len()
            && members.iter().all(|member| {
                fields.iter().any(|field| field.name == member.field.name && self.fits_member(field, member, exact))
            })
    }

    fn fits_member(&self, field: &Field, member: &Member, exact: bool) -> bool {
        let imported = &member.field;
        let same_form = field.skip.is_none()
            && field.ty.is_list() == member.list
            && field.wire == imported.wire
            // A shared struct requires only what all its uses require.
            && (field.required == imported.required || !exact && !field.required);
        let ty = self.find_type(field.ty.name()).map(|(_, ty)| ty);
        let same_type = match (&member.shape, ty) {
            (Shape::Struct(members), Some(Type { fields: Some(fields), .. })) => self.fits(fields, members, exact),
            (Shape::Enum(values), Some(Type { values: Some(known), .. })) => is_superset(known, values),
            (Shape::Builtin("string"), Some(Type { values: Some(_), .. })) => {
                !exact
                    || self
                        .parameter_enum(Direction::Response, member)
                        .is_some_and(|(owner, _)| owner.name() == field.ty.name())
            }
            (Shape::Builtin(name), None) if exact => field.ty.name() == *name,
            (Shape::Builtin(name), None) => facts::is_builtin(field.ty.name(), name),
            _ => false,
        };
        same_form && same_type && (!exact || facts::same_details(field, imported))
    }

    fn enum_type(&mut self, place: &Place<'_>, member: &Member, values: &[String]) -> String {
        let base = names::base_name(&member.field, member.list);
        let noun = names::noun(&self.operation.operation);
        let owner = self.owner_name(place.owner).unwrap_or(noun);
        let long = names::prefixed(&owner, &base);
        let short = if names::is_single_word(&base) { long.clone() } else { base.clone() };
        if let Some(owner) = self.fitting_enum(&base, &short, values) {
            self.note_spelling(&owner, values, place.path);
            self.extend_enum(&owner, values, place.path);
            return owner.name().to_owned();
        }
        let verbose = names::prefixed(&names::noun(&self.operation.operation), &long);
        let name = self.free_name([short, long, verbose].into_iter());
        let known = values.iter().map(|value| (value.clone(), EnumValue::Doc(String::new()))).collect();
        self.operation.types.insert(name.clone(), Type { values: Some(known), ..Type::default() });
        self.mark_values_seen(&Owner::Local(name.clone()), values);
        name
    }

    /// An enum for the values: a shared one with a similar name and all of the values, a shared one with the same name and
    /// at least half of them, or one of this operation with a similar name.
    fn fitting_enum(&self, base: &str, wanted: &str, values: &[String]) -> Option<Owner> {
        let is_similar = |name: &str| name.ends_with(base);
        let shared = self.shared.types.iter().filter_map(|(name, ty)| Some((name, ty.values.as_ref()?)));
        let best = shared
            .clone()
            .filter(|(name, known)| is_similar(name) && is_superset(known, values))
            .min_by_key(|(name, known)| (*name != base && *name != wanted, known.len()));
        let same_name = || {
            shared.clone().find(|(name, known)| {
                let common = values.iter().filter(|value| has_value(known, value)).count();
                (*name == base || *name == wanted) && common * 2 >= values.len()
            })
        };
        if let Some((name, _)) = best.or_else(same_name) {
            return Some(Owner::Shared(name.clone()));
        }
        let mut local = self.operation.types.iter().filter_map(|(name, ty)| Some((name, ty.values.as_ref()?)));
        let found = local.find(|(name, known)| {
            is_similar(name)
                && (is_superset(known, values) || known.keys().all(|value| contains_ignoring_case(values, value)))
        });
        found.map(|(name, _)| Owner::Local(name.clone()))
    }

    /// The first free name, or else the last one with a number.
    fn free_name(&self, candidates: impl Iterator<Item = String>) -> String {
        let is_free = |name: &String| {
            !self.operation.types.contains_key(name)
                && !self.shared.types.contains_key(name)
                && !names::is_reserved(name, &self.operation.operation)
        };
        let mut last = String::new();
        for name in candidates {
            if is_free(&name) {
                return name;
            }
            last = name;
        }
        // Without a capital at its start, no number would make the name free.
        if !last.starts_with(|c: char| c.is_ascii_uppercase()) {
            last.insert_str(0, &self.operation.operation);
            if is_free(&last) {
                return last;
            }
        }
        let mut numbered = (2u32..).map(|number| format!("{last}{number}")).filter(is_free);
        numbered.next().unwrap_or(last)
    }
}

pub(super) fn has_value(known: &IndexMap<String, EnumValue>, value: &str) -> bool {
    known.keys().any(|key| key.eq_ignore_ascii_case(value))
}

fn is_superset(known: &IndexMap<String, EnumValue>, values: &[String]) -> bool {
    values.iter().all(|value| has_value(known, value))
}
