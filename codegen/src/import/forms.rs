//! Reads the values of a published file. A value of another JSON type than the layout has is removed and reported, so that it
//! does not make the rest of the file unreadable.

use serde_json::{Map, Value};

use super::api::{Api, ApiDocs};
use super::decision::{Decision, Note};
use crate::diagnostic::Positions;
use crate::validate::is_invisible;

/// The JSON type of a value.
enum Form {
    Any,
    Text,
    Flag,
    List(&'static Form),
    /// An object with any keys. PHP writes an empty one as `[]`.
    Map(&'static Form),
    /// An object. Keys that are not listed are skipped, and `null` is the same as no key.
    Object(&'static [(&'static str, &'static Form)]),
    /// An object of this form, or anything else.
    AnyOr(&'static Form),
}

static FILE: Form = Form::Object(&[
    ("info", &Form::Object(&[("style", &Form::Text), ("product", &Form::Text), ("version", &Form::Text)])),
    ("directories", &Form::List(&Form::AnyOr(&FOLDER))),
    ("components", &Form::Object(&[("schemas", &Form::Map(&SCHEMA))])),
    ("endpoints", &Form::List(&ENDPOINT)),
]);

static FOLDER: Form = Form::Object(&[("title", &Form::Text), ("children", &Form::List(&Form::AnyOr(&FOLDER)))]);

static ENDPOINT: Form = Form::Object(&[("regionId", &Form::Text), ("endpoint", &Form::Text), ("vpc", &Form::Text)]);

static API: Form = Form::Object(&[
    ("path", &Form::Text),
    ("methods", &Form::List(&Form::Text)),
    ("operationType", &Form::Text),
    ("security", &Form::List(&Form::Map(&Form::Any))),
    ("responseDemo", &Form::Any),
    ("deprecated", &Form::Flag),
    ("replacedBy", &Form::Text),
    ("parameters", &Form::List(&PARAMETER)),
    ("responses", &Form::Map(&Form::Object(&[("schema", &SCHEMA)]))),
    ("errorCodes", &Form::Map(&Form::List(&Form::Object(&[("errorCode", &Form::Text)])))),
]);

static PARAMETER: Form =
    Form::Object(&[("name", &Form::Text), ("in", &Form::Text), ("style", &Form::Text), ("schema", &SCHEMA)]);

static SCHEMA: Form = Form::Object(&[
    ("$ref", &Form::Text),
    ("type", &Form::Text),
    ("format", &Form::Text),
    ("style", &Form::Text),
    ("items", &SCHEMA),
    ("properties", &Form::Map(&SCHEMA)),
    ("additionalProperties", &Form::AnyOr(&SCHEMA)),
    ("enum", &Form::List(&Form::Any)),
    ("enumValueTitles", &Form::Map(&Form::Any)),
    ("pattern", &Form::Text),
    ("timePattern", &Form::Text),
    ("base64", &Form::Flag),
    ("deprecated", &Form::Flag),
    ("replacedBy", &Form::Text),
]);

/// Reads a file with `info` and `apis`.
///
/// # Errors
///
/// Returns an error if the file as a whole cannot be read.
pub(super) fn read(mut file: Map<String, Value>) -> Result<ApiDocs, serde_json::Error> {
    let apis = file.shift_remove("apis").unwrap_or_default();
    let mut check = Check { notes: Vec::new() };
    let mut file = Value::Object(file);
    check.children(&mut file, &FILE, "");
    let mut docs: ApiDocs = serde_json::from_value(file)?;
    docs.notes = check.notes;
    for (name, api) in apis.as_object().into_iter().flatten() {
        match operation(api.clone()) {
            Ok(api) => _ = docs.apis.insert(name.clone(), api),
            Err(reason) => _ = docs.left_out.insert(name.clone(), reason),
        }
    }
    Ok(docs)
}

/// Reads an operation, or returns why it is left out.
fn operation(mut value: Value) -> Result<Api, String> {
    let found = kind(&value);
    if !value.is_object() {
        return Err(format!("it is {found}; expected an object"));
    }
    let mut check = Check { notes: Vec::new() };
    check.children(&mut value, &API, "");
    let mut api: Api = serde_json::from_value(value).map_err(|error| error.to_string())?;
    api.notes = check.notes;
    if let Some(by) = api.replaced_by.take_if(|by| by.contains(is_invisible)) {
        let detail = format!("`{by}` contains an invisible character; ignored");
        api.notes.push(malformed("replacedBy", "replacedBy".to_owned(), detail));
    }
    Ok(api)
}

/// Keys that an object of a file has several times.
pub(super) fn duplicates(text: &str) -> Vec<Note> {
    let positions = Positions::of(text);
    let note = |path: &str| malformed(path, format!("{path}#"), "listed twice; the last one is used".to_owned());
    positions.duplicate_keys().iter().map(|duplicate| note(&duplicate.path)).collect()
}

struct Check {
    notes: Vec<Note>,
}

impl Check {
    /// Removes the parts of a value that have another form. Returns whether the value itself has the form.
    fn fits(&mut self, value: &mut Value, form: &Form, at: &str) -> bool {
        let fits = match (form, &*value) {
            (Form::AnyOr(form), Value::Object(_)) => return self.fits(value, form, at),
            (Form::Map(_) | Form::Object(_), Value::Array(list)) if list.is_empty() => {
                *value = Value::Object(Map::new());
                true
            }
            (Form::Any | Form::AnyOr(_), _)
            | (Form::Text, Value::String(_))
            | (Form::Flag, Value::Bool(_))
            | (Form::List(_), Value::Array(_))
            | (Form::Map(_) | Form::Object(_), Value::Object(_)) => true,
            _ => false,
        };
        if fits {
            self.children(value, form, at);
        } else {
            let detail = format!("{}; expected {}; ignored", kind(value), expected(form));
            self.notes.push(malformed(at, at.to_owned(), detail));
        }
        fits
    }

    fn children(&mut self, value: &mut Value, form: &Form, at: &str) {
        let join = |key: &str| if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
        match (form, value) {
            (Form::Object(keys), Value::Object(object)) => {
                for (key, form) in *keys {
                    let Some(child) = object.get_mut(*key) else { continue };
                    if child.is_null() || !self.fits(child, form, &join(key)) {
                        object.shift_remove(*key);
                    }
                }
            }
            (Form::Map(form), Value::Object(object)) => {
                object.retain(|key, child| self.fits(child, form, &join(key)));
            }
            (Form::List(form), Value::Array(list)) => {
                for (index, child) in list.iter_mut().enumerate() {
                    if !self.fits(child, form, &join(&index.to_string())) {
                        // An element that states nothing keeps the places of the others.
                        *child = Value::Object(Map::new());
                    }
                }
                if let Form::Text = form {
                    list.retain(Value::is_string);
                }
            }
            _ => {}
        }
    }
}

fn malformed(path: &str, at: String, detail: String) -> Note {
    Note { decision: Decision::Malformed, path: path.to_owned(), at, detail }
}

fn expected(form: &Form) -> &'static str {
    match form {
        Form::Any => "a value",
        Form::Text => "a string",
        Form::Flag => "a Boolean",
        Form::List(_) => "a list",
        Form::Map(_) | Form::Object(_) | Form::AnyOr(_) => "an object",
    }
}

/// The JSON type of a value, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
