//! Members that specs cannot describe as the file does: of any type, of an unknown one, or with members that are not listed.

use super::api::Schema;
use super::decision::Decision;
use super::member::{Direction, Shape};
use super::shape::{Below, Reader};
use crate::spec::Field;

impl Reader<'_> {
    /// Reports a response that is not a struct.
    pub(super) fn root(&mut self, root: &Schema, at: &str) {
        self.note_ignored(root, "response", at);
        let what = match (root.kind(), &root.unresolved) {
            (_, Some(reference)) => format!("`{reference}`, which the file lacks"),
            ("object", _) if root.properties.is_empty() && root.is_open() => "a map".to_owned(),
            ("object", _) => return,
            ("array", _) => "a list".to_owned(),
            // The file says nothing about it.
            (_, None) if root.kind.is_none() => return,
            (kind, None) => format!("a value of the type `{kind}`"),
        };
        let detail = format!("the response is {what}, which specs cannot describe; only its request ID is read");
        self.note(Decision::FreeForm, "response", at, detail);
    }

    /// The type of a member whose form the file does not state: in a response, the text of its JSON.
    pub(super) fn json(&mut self, field: &mut Field, schema: &Schema, below: &Below<'_, '_>) -> Option<Shape> {
        let items = schema.items.as_deref().map(|items| self.docs.resolve(items)).unwrap_or_default();
        let wire = field.wire.take();
        let what = match (schema.kind(), items.kind()) {
            ("array", "array") => "a list of lists",
            ("array", "object") if wire.as_deref() == Some("comma") => "a list of objects, joined by commas",
            ("array", _) => "a list whose elements have no stated type",
            ("object", _) => "an object whose members are not stated",
            _ => "a value of any type",
        };
        let detail = match below.spot.direction {
            Direction::Response => {
                field.wire = Some("json".to_owned());
                format!("{what}; read as the text of its JSON")
            }
            Direction::Request if wire.as_deref() == Some("repeat") => {
                let detail = format!("left out: {what}, which cannot be sent as numbered parameters");
                self.note(Decision::Parameter, below.path, below.at, detail);
                return None;
            }
            Direction::Request => format!("{what}; callers send a string, such as the text of JSON"),
        };
        self.note(Decision::FreeForm, below.path, below.at, detail);
        Some(Shape::Builtin("string"))
    }

    /// Whether the members of an object can be any JSON, which a map of strings does not hold.
    pub(super) fn is_free(&self, schema: &Schema) -> bool {
        schema.properties.is_empty() && self.values(schema).is_none_or(|value| value.kind() != "string")
    }

    /// The values of a map, if the file states their type.
    fn values(&self, map: &Schema) -> Option<Schema> {
        let value = map.additional_properties.as_ref().filter(|value| value.is_object())?;
        let value = serde_json::from_value::<Schema>(value.clone()).ok()?;
        Some(self.docs.resolve(&value))
    }

    /// Describes how values of a map are sent or read, if they are not strings.
    pub(super) fn values_as_strings(&self, schema: &Schema, spot: &Below<'_, '_>) -> Option<String> {
        let is_request = spot.spot.direction == Direction::Request;
        let Some(value) = self.values(schema) else {
            let is_noted = is_request && spot.is_json;
            return is_noted
                .then(|| "an object whose members are not stated; its values are sent as strings".to_owned());
        };
        let what = match value.kind() {
            "string" => return None,
            "object" => "objects",
            "array" => "lists",
            "any" => "values of any type",
            "integer" => "integers",
            "number" => "numbers",
            "boolean" => "Booleans",
            _ => "values of an unknown type",
        };
        Some(match (is_request, value.kind()) {
            (true, _) => format!("a map of {what}; its values are sent as strings"),
            (false, "object" | "array" | "any") => format!("a map of {what}; each one is read as the text of its JSON"),
            (false, _) => format!("a map of {what}; its values are read as strings"),
        })
    }

    /// Reports the keys beside a reference that the component contradicts.
    pub(super) fn note_ignored(&mut self, schema: &Schema, path: &str, at: &str) {
        let component = schema.component.as_deref().unwrap_or_default();
        for key in &schema.ignored {
            let detail = format!("`{key}` beside a reference is ignored: `{component}` states it");
            self.note(Decision::Fact, path, &format!("{at}.{key}"), detail);
        }
    }

    /// Reports a type of a member, or of the elements of a list, that the file does not state or that specs do not have.
    pub(super) fn note_unknown_type(&mut self, schema: &Schema, is_element: bool, below: &Below<'_, '_>) {
        let reason = match (schema.kind.as_deref(), &schema.unresolved) {
            (_, Some(reference)) => format!("refers to `{reference}`, which the file lacks"),
            (None, None) if is_element => "the file states no type of the elements".to_owned(),
            (None, None) => "the file states no type".to_owned(),
            (Some("boolean" | "integer" | "number" | "string"), None) if schema.properties.is_empty() => return,
            (Some(kind @ ("boolean" | "integer" | "number" | "string")), None) => {
                let detail = format!("its members are left out: its type is `{kind}`");
                return self.note(Decision::FreeForm, below.path, below.at, detail);
            }
            (Some(kind), None) => format!("specs have no type `{kind}`"),
        };
        let what = if is_element { "a list of strings" } else { "a string" };
        self.note(Decision::FreeForm, below.path, below.at, format!("{reason}; {what}"));
    }
}
