//! Merges the members of the API into the fields of the spec.
//!
//! The spec keeps its names, docs and order, and what the API lacks. Facts follow the API.

use super::facts::{self, Differences};
use super::merger::{Home, Merger, Place, TYPES_FILE};
use super::report::Kind;
use super::shape::{Direction, Member, Shape, Shapes, type_ref};
use crate::spec::{EnumValue, Field, Operation};

impl Merger<'_> {
    /// The operation, updated from the API.
    pub(super) fn merge(mut self, shapes: &Shapes) -> Operation {
        self.fields(&Home::Request, Direction::Request, &shapes.request, "request ");
        self.fields(&Home::Response, Direction::Response, &shapes.response, "response ");
        self.report_gone();
        let Merger { operation, shared, seen, .. } = self;
        shared.seen.extend(seen.into_iter().filter(|(home, _)| matches!(home, Home::Shared(_))));
        operation
    }

    /// Updates a list of fields.
    pub(super) fn fields(&mut self, home: &Home, direction: Direction, members: &[Member], path: &str) {
        for member in members {
            self.seen.insert((home.clone(), member.field.name.clone()));
            let path = format!("{path}{}{}", member.field.name, if member.list { "[]" } else { "" });
            let place = Place { home, direction, path: &path };
            let index = self.fields_of(home).iter().position(|field| field.name == member.field.name);
            match index {
                None => self.add(&place, member),
                Some(index) => {
                    let old = self.fields_of(home)[index].clone();
                    if old.skip.is_none() {
                        let new = self.update(&place, old, member);
                        self.fields_of(home)[index] = new;
                    }
                }
            }
        }
    }

    fn add(&mut self, place: &Place<'_>, member: &Member) {
        if let (Home::Shared(name), Direction::Request) = (place.home, place.direction) {
            let detail =
                format!("the shared `{name}` lacks this member; add it there, or define a struct for this operation");
            self.note(Kind::Conflict, place.path, detail);
            return;
        }
        let field = self.new_field(place, member);
        let detail = facts::type_text(&field);
        match place.home {
            Home::Shared(name) => self.report.push(Kind::Added, TYPES_FILE, &format!("{name}.{}", field.name), detail),
            Home::Local(name) if self.settled.contains(name) => {
                let detail = format!("{detail}; other uses of `{name}` lack this member");
                self.note(Kind::Conflict, place.path, detail);
            }
            _ => self.note_unless_new(Kind::Added, place.path, detail),
        }
        self.fields_of(place.home).push(field);
    }

    pub(super) fn new_field(&mut self, place: &Place<'_>, member: &Member) -> Field {
        let mut field = member.field.clone();
        let name = self.new_type(place, member);
        field.ty = type_ref(&name, member.list);
        self.settle_default(&mut field);
        field
    }

    fn update(&mut self, place: &Place<'_>, mut field: Field, member: &Member) -> Field {
        let mut differences = Differences::of(&field);
        let is_frozen = self.is_frozen(place.home);
        let mut imported = member.field.clone();
        let name = field.ty.name().to_owned();
        imported.ty = if self.keep_type(place, &name, member) {
            type_ref(&name, member.list)
        } else if is_frozen {
            type_ref(shape_text(&member.shape), member.list)
        } else {
            let name = self.new_type(place, member);
            type_ref(&name, member.list)
        };
        if matches!(place.home, Home::Shared(_)) && !field.required {
            // A shared struct requires only what all its uses require.
            imported.required = false;
        }
        facts::update_form(&mut field, &imported, &mut differences);
        if is_frozen {
            for detail in differences.changed {
                let detail = format!("{detail} here, but not for all uses of `{}`; not changed", place.home.name());
                self.note(Kind::Conflict, place.path, detail);
            }
            return self.fields_of(place.home).iter().find(|f| f.name == field.name).cloned().unwrap_or(field);
        }
        self.settle_default(&mut imported);
        let is_enum = self.enum_of(imported.ty.name()).is_some();
        facts::update_limits(&mut field, &imported, is_enum, &mut differences);
        if field.source.take().is_some() {
            differences.changed.push("source removed: the API has the field now".to_owned());
        }
        for detail in differences.changed {
            self.note(Kind::Changed, place.path, detail);
        }
        for detail in differences.kept {
            self.note(Kind::Kept, place.path, detail);
        }
        field
    }

    /// Whether this use must not change the facts of this owner, because it is shared or was settled by an earlier use.
    fn is_frozen(&self, home: &Home) -> bool {
        match home {
            Home::Request | Home::Response => false,
            Home::Local(name) => self.settled.contains(name),
            Home::Shared(_) => true,
        }
    }

    /// Updates the type `name`, and returns whether it is of the member's kind.
    fn keep_type(&mut self, place: &Place<'_>, name: &str, member: &Member) -> bool {
        let known = self.find_type(name).map(|(home, ty)| (home, ty.fields.is_some()));
        match (&member.shape, known) {
            (Shape::Struct(members), Some((home, true))) => {
                let same_way = self.direction(&home).is_none_or(|direction| direction == place.direction);
                if same_way {
                    self.mark_shared(name, place.direction);
                    self.fields(&home, place.direction, members, &format!("{}.", place.path));
                    if let Home::Local(name) = home {
                        self.settled.insert(name);
                    }
                }
                same_way
            }
            (Shape::Enum(values), Some((home, false))) => {
                self.grow_enum(&home, values, place.path);
                true
            }
            (Shape::Enum(_), None) => name == "string",
            (Shape::Builtin("string"), Some((_, false))) => true,
            (Shape::Builtin(builtin), None) => facts::is_builtin(name, builtin),
            _ => false,
        }
    }

    /// Adds the values that the API lists and the enum lacks.
    pub(super) fn grow_enum(&mut self, home: &Home, values: &[String], path: &str) {
        self.saw_values(home, values);
        let Some(known) = self.type_mut(home).and_then(|ty| ty.values.as_mut()) else {
            return;
        };
        let new: Vec<String> =
            values.iter().filter(|v| !known.keys().any(|k| k.eq_ignore_ascii_case(v))).cloned().collect();
        known.extend(new.iter().map(|value| (value.clone(), EnumValue::Doc(String::new()))));
        for value in new {
            let name = home.name();
            match home {
                Home::Shared(_) => self.report.push(Kind::Added, TYPES_FILE, &format!("{name} value `{value}`"), ""),
                _ => self.note_unless_new(Kind::Added, path, format!("value `{value}` of {name}")),
            }
        }
    }

    pub(super) fn saw_values(&mut self, home: &Home, values: &[String]) {
        self.seen.extend(values.iter().map(|value| (home.clone(), value.to_ascii_lowercase())));
    }

    /// Spells the default as the enum does, adding it to the enum's values if necessary.
    fn settle_default(&mut self, field: &mut Field) {
        let Some(home) = self.enum_of(field.ty.name()) else {
            return;
        };
        let Some(default) = field.default.as_mut() else {
            return;
        };
        let texts = match default {
            serde_json::Value::Array(list) => list.iter_mut().collect(),
            single => vec![single],
        };
        for text in texts {
            let Some(value) = text.as_str().map(str::to_owned) else {
                continue;
            };
            self.grow_enum(&home, std::slice::from_ref(&value), &field.name);
            let known = self.type_mut(&home).and_then(|ty| ty.values.as_ref());
            if let Some(spelling) = known.and_then(|known| known.keys().find(|k| k.eq_ignore_ascii_case(&value))) {
                *text = spelling.clone().into();
            }
        }
    }
}

/// Name of a shape, as in the type of a field.
pub(super) fn shape_text(shape: &Shape) -> &'static str {
    match shape {
        Shape::Builtin(name) => name,
        Shape::Enum(_) => "enum",
        Shape::Struct(_) => "struct",
    }
}
