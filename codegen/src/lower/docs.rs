//! Docs of fields: their meaning as the specs state it, followed by their limits and defaults.

use serde_json::Number;

use super::links::Links;
use crate::spec::{Field, Glossary, GlossaryEntry, Method, Operation, Visibility};

/// The doc of a field.
pub(super) fn field(field: &Field, glossary: &Glossary, request: bool, links: &Links<'_>) -> String {
    let doc = field.doc.as_deref().or_else(|| glossary.get(&field.name).map(GlossaryEntry::doc));
    let mut parts = Vec::new();
    if field.deprecated {
        let note = links.link(&note(field.replaced_by.as_deref()), None);
        parts.push(format!("**{}{}.**", note[..1].to_uppercase(), &note[1..]));
    }
    parts.push(links.link(doc.unwrap_or_default(), Some(field)));
    if request && field.required {
        let region = field.name == "RegionId";
        parts.push(if region { "Defaults to the client's region." } else { "Required." }.to_owned());
    }
    if !field.values.is_empty() {
        let values: Vec<String> = field.values.iter().map(code).collect();
        parts.push(format!("Allowed values: {}.", values.join(", ")));
    }
    match (field.min.as_ref().map(grouped), field.max.as_ref().map(grouped)) {
        (Some(min), Some(max)) => parts.push(format!("From {min} to {max}.")),
        (Some(min), None) => parts.push(format!("At least {min}.")),
        (None, Some(max)) => parts.push(format!("At most {max}.")),
        (None, None) => {}
    }
    parts.extend(count(field.min_items, field.max_items, "element"));
    parts.extend(count(field.min_length, field.max_length, "character"));
    if let Some(pattern) = &field.pattern {
        parts.push(format!("Matches {}.", code_span(pattern)));
    }
    if let Some(time) = &field.time {
        let zone = if doc.is_some_and(|doc| doc.contains("UTC")) { "" } else { ", in UTC" };
        parts.push(format!("Format: `{time}`{zone}."));
    }
    if let Some(max) = field.max_bytes {
        parts.push(size(max, field.base64 || field.encoded_by.is_some()));
    }
    parts.extend(content(field, request, links));
    if let Some(default) = &field.default {
        parts.push(format!("Default: {}.", code(default)));
    }
    if request && links.is_request() {
        if field.name == "ClientToken" {
            parts.push(
                "If it is not set, the SDK generates one for each call and sends it with every attempt.".to_owned(),
            );
        } else if field.is_dry_run() {
            parts.push(
                "Prefer `check()`, which sets this and returns `Ok(())` if the request would succeed; for `send()`, \
                 that is an error."
                    .to_owned(),
            );
        }
    }
    parts.extend(visibility(field.visibility).map(str::to_owned));
    parts.push(format!("Wire name: `{}`.", field.name));
    parts.join(" ")
}

/// How a field transfers content, and which setters or methods encode and decode it. The setters of a field that states an
/// encoding are those of the content.
fn content(field: &Field, request: bool, links: &Links<'_>) -> Option<String> {
    let (siblings, _) = links.own;
    let rust = |field: &Field| super::rust_name(links.names, field, request).trim_start_matches("r#").to_owned();
    if let Some(content) = siblings.iter().find(|other| request && other.encoded_by.as_ref() == Some(&field.name)) {
        let name = rust(content);
        return Some(format!("The setters of [`{name}`](Self::{name}) set it."));
    }
    let name = rust(field);
    match (&field.encoded_by, request) {
        (None, _) if !field.base64 => None,
        (None, true) => Some(format!(
            "The field contains Base64: its setter encodes content, and [`{name}_base64`](Self::{name}_base64) takes Base64."
        )),
        (Some(by), true) => {
            let by = links.link(&format!("`{by}`"), None);
            Some(format!(
                "The field contains Base64 or plain text, as {by} states: its setter encodes content in Base64, \
                 [`{name}_base64`](Self::{name}_base64) takes Base64, and both set {by}."
            ))
        }
        (None, false) => {
            Some(format!("The field contains Base64; [`{name}_decoded`](Self::{name}_decoded) decodes it."))
        }
        (Some(by), false) => {
            let by = links.link(&format!("`{by}`"), None);
            Some(format!(
                "The field contains Base64 or plain text, according to {by}; \
                 [`{name}_decoded`](Self::{name}_decoded) decodes either."
            ))
        }
    }
}

/// The largest size. That of content counts before encoding, and services often state it after encoding.
fn size(max: u32, is_content: bool) -> String {
    let bytes = |bytes: u32| {
        if bytes.is_multiple_of(1024) {
            format!("{} KB", grouped(&(bytes / 1024).into()))
        } else {
            format!("{} bytes", grouped(&bytes.into()))
        }
    };
    let encoded = max.div_ceil(3) * 4;
    match is_content {
        false => format!("At most {}.", bytes(max)),
        true if encoded.is_multiple_of(1024) => {
            format!("At most {} before encoding, which are {} in Base64.", bytes(max), bytes(encoded))
        }
        true => format!("At most {} before encoding.", bytes(max)),
    }
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

/// How requests are sent, if not as signed POST requests.
pub(super) fn sending(operation: &Operation) -> Vec<String> {
    let method = operation.method.map(|method| {
        let place = if method == Method::Put { "" } else { ", so all parameters are part of the URL" };
        format!("Sent as {}{place}.", method.name().to_ascii_uppercase())
    });
    let anonymous =
        operation.anonymous.then(|| "Sent without a signature, so the client needs no credentials.".to_owned());
    method.into_iter().chain(anonymous).collect()
}

/// The limits of a number of elements or characters.
fn count(min: Option<u32>, max: Option<u32>, unit: &str) -> Option<String> {
    let counted = |number: u32| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{} {unit}{plural}.", grouped(&number.into()))
    };
    Some(match (min, max) {
        (Some(min), Some(max)) if min == max => format!("Exactly {}", counted(max)),
        (Some(min), Some(max)) => format!("{} to {}", grouped(&min.into()), counted(max)),
        (Some(min), None) => format!("At least {}", counted(min)),
        (None, Some(max)) => format!("At most {}", counted(max)),
        (None, None) => return None,
    })
}

/// A number as the docs of the specs write it: thousands are separated, and whole numbers have no fraction.
fn grouped(number: &Number) -> String {
    let number = number.to_string();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, "0"));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    if digits.contains('e') {
        return number;
    }
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if fraction != "0" {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A value as code: a string without quotes.
fn code(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => code_span(text),
        value => code_span(&value.to_string()),
    }
}

/// Text as code, even if it contains backticks.
pub(crate) fn code_span(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_singular_or_plural() {
        let doc = |min, max| count(min, max, "element").unwrap();
        assert_eq!(doc(None, Some(1)), "At most 1 element.");
        assert_eq!(doc(Some(1), None), "At least 1 element.");
        assert_eq!(doc(Some(1), Some(1)), "Exactly 1 element.");
        assert_eq!(doc(Some(1), Some(1000)), "1 to 1,000 elements.");
        assert_eq!(count(None, None, "element"), None);
    }

    #[test]
    fn numbers_have_separators_and_no_empty_fraction() {
        let doc = |json: &str| grouped(&serde_json::from_str(json).unwrap());
        assert_eq!(doc("-1"), "-1");
        assert_eq!(doc("999"), "999");
        assert_eq!(doc("65536"), "65,536");
        assert_eq!(doc("100000000"), "100,000,000");
        assert_eq!(doc("-1000"), "-1,000");
        assert_eq!(doc("999999.0"), "999,999");
        assert_eq!(doc("0.25"), "0.25");
        assert_eq!((doc("1e300"), doc("1.5e-7")), ("1e+300".to_owned(), "1.5e-7".to_owned()));
    }
}
