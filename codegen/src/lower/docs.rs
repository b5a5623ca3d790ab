//! Docs of fields: their meaning as the specs state it, followed by their limits and defaults.

use super::links::Links;
use crate::spec::{Field, Glossary, Visibility};

/// The doc of a field.
pub(super) fn field(field: &Field, glossary: &Glossary, request: bool, links: &Links<'_>) -> String {
    let doc = field.doc.as_deref().or_else(|| glossary.get(&field.name).map(String::as_str));
    let mut parts = Vec::new();
    if field.deprecated {
        let note = links.link(&note(field.replaced_by.as_deref()));
        parts.push(format!("**{}{}.**", note[..1].to_uppercase(), &note[1..]));
    }
    parts.push(links.link(doc.unwrap_or_default()));
    if request && field.required {
        let region = field.name == "RegionId";
        parts.push(if region { "Defaults to the client's region." } else { "Required." }.to_owned());
    }
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(code).collect();
        parts.push(format!("Allowed values: {}.", values.join(", ")));
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
        parts.push(format!("Format: `{time}`, in UTC."));
    }
    if field.base64 {
        let text =
            if request { "Must be encoded in Base64; the SDK sends it unchanged." } else { "Encoded in Base64." };
        parts.push(text.to_owned());
    }
    if let Some(default) = &field.default {
        parts.push(format!("Default: {}.", code(default)));
    }
    if request && links.is_top() {
        if field.name == "ClientToken" {
            parts.push(
                "If it is not set, the SDK generates one for each call and sends it with every attempt.".to_owned(),
            );
        } else if field.is_dry_run() {
            parts.push(
                "Prefer `check()`, which sets this and returns `Ok(())` if the request would succeed.".to_owned(),
            );
        }
    }
    parts.extend(visibility(field.visibility).map(str::to_owned));
    parts.push(format!("Wire name: `{}`.", field.name));
    parts.join(" ")
}

/// The notice about a deprecated field.
fn note(replaced_by: Option<&str>) -> String {
    replaced_by.map_or_else(
        || "deprecated by the service".to_owned(),
        |other| format!("deprecated by the service; use `{other}` instead"),
    )
}

pub(super) fn visibility(visibility: Option<Visibility>) -> Option<&'static str> {
    visibility.map(|visibility| match visibility {
        Visibility::Restricted => "Not available to the public.",
        Visibility::Invitation => "In invitation-only preview.",
    })
}

/// A value as code: a string without quotes.
fn code(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => format!("`{text}`"),
        value => format!("`{value}`"),
    }
}
