//! Texts of docs: what specs say, with their facts behind it.

use crate::spec::{Field, Glossary, Visibility};

/// The text of a field with the facts of the spec behind it.
pub(super) fn field(field: &Field, glossary: &Glossary, request: bool) -> String {
    let doc = field.doc.as_deref().or_else(|| glossary.get(&field.name).map(String::as_str));
    let mut parts = vec![doc.unwrap_or_default().to_owned()];
    if request && field.required {
        let region = field.name == "RegionId";
        parts.push(if region { "The client's region when left out." } else { "Required." }.to_owned());
    }
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(code).collect();
        parts.push(format!("Allowed: {}.", values.join(", ")));
    }
    match (&field.min, &field.max) {
        (Some(min), Some(max)) => parts.push(format!("From {min} to {max}.")),
        (Some(min), None) => parts.push(format!("At least {min}.")),
        (None, Some(max)) => parts.push(format!("At most {max}.")),
        (None, None) => {}
    }
    match (field.min_items, field.max_items) {
        (Some(min), Some(max)) => parts.push(format!("{min} to {max} elements.")),
        (Some(min), None) => parts.push(format!("At least {min} elements.")),
        (None, Some(max)) => parts.push(format!("At most {max} elements.")),
        (None, None) => {}
    }
    match (field.min_length, field.max_length) {
        (Some(min), Some(max)) if min == max => parts.push(format!("Exactly {min} characters.")),
        (Some(min), Some(max)) => parts.push(format!("{min} to {max} characters.")),
        (Some(min), None) => parts.push(format!("At least {min} characters.")),
        (None, Some(max)) => parts.push(format!("At most {max} characters.")),
        (None, None) => {}
    }
    if let Some(pattern) = &field.pattern {
        parts.push(format!("Matches `{pattern}`."));
    }
    if let Some(time) = &field.time {
        parts.push(format!("UTC time as `{time}`."));
    }
    if field.base64 {
        parts.push("Base64.".to_owned());
    }
    if let Some(default) = &field.default {
        parts.push(format!("Default: {}.", code(default)));
    }
    if field.deprecated {
        let note = note(field.replaced_by.as_deref());
        parts.push(format!("**{}{}.**", note[..1].to_uppercase(), &note[1..]));
    }
    parts.extend(visibility(field.visibility).map(str::to_owned));
    parts.push(format!("Wire name: `{}`.", field.name));
    parts.join(" ")
}

pub(super) fn note(replaced_by: Option<&str>) -> String {
    replaced_by.map_or_else(
        || "deprecated by the service".to_owned(),
        |other| format!("deprecated by the service; use `{other}`"),
    )
}

pub(super) fn visibility(visibility: Option<Visibility>) -> Option<&'static str> {
    visibility.map(|visibility| match visibility {
        Visibility::Restricted => "Not open to the public.",
        Visibility::Invitation => "In invitational preview.",
    })
}

/// A value as code: text without quotes.
fn code(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => format!("`{text}`"),
        value => format!("`{value}`"),
    }
}
