//! Which values of requests and responses are secret, by the names of members.

use serde_json::Value;

use crate::{
    content::{self, Encoding},
    redact::{Finder, MASK},
};

/// The names of members that the specs mark as sensitive. Requests and responses of operations that this version does not know
/// are masked by them too.
const SECRET_NAMES: &[&str] = &[
    "BuildContent",
    "CommandLine",
    "ConsoleOutput",
    "Content",
    "DefaultValue",
    "Output",
    "Parameters",
    "Screenshot",
    "TestContent",
    "VncUrl",
    "WebSocketUrl",
];

/// The names of those whose values are masked wherever they are repeated, and of temporary access keys, which only recordings
/// leave out. The values of the others may be words such as
/// `Running`.
const NEVER_SHOWN: &[&str] = &[
    "AccessKeyId",
    "AccessKeySecret",
    "ActivationCode",
    "CommandContent",
    "ExternalId",
    "OIDCToken",
    "Password",
    "PrivateKeyBody",
    "SecurityToken",
    "UserData",
    "VncPassword",
];

/// Ends of the names of secrets, for parameters and members that no version of the specs knows.
const SECRET_ENDINGS: &[&str] = &["password", "passwd", "secret", "privatekey", "securitytoken"];

/// The names of those that contain what the request asked for: Base64, or plain text.
const CONTENT_NAMES: &[&str] = &["CommandContent", "ConsoleOutput", "Output", "Screenshot", "UserData"];

/// Returns whether the member of this name is secret.
#[doc(hidden)]
pub fn is_secret(name: &str) -> bool {
    contains(SECRET_NAMES, name) || is_never_shown_name(name)
}

fn contains(names: &[&str], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}

fn is_never_shown_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    contains(NEVER_SHOWN, name) || SECRET_ENDINGS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether the value of this secret member or parameter is masked wherever it is repeated.
pub(super) fn is_never_shown(name: &str) -> bool {
    name.split('.').any(is_never_shown_name)
}

/// Whether a parameter such as `LaunchConfiguration.UserData` is secret.
pub(super) fn is_secret_parameter(name: &str) -> bool {
    name.split('.').any(is_secret)
}

/// Returns the value of a parameter without secrets. Structs and lists that are sent as JSON are masked member by member.
pub(super) fn masked_parameter(name: &str, value: &str) -> String {
    if is_secret_parameter(name) {
        return MASK.to_owned();
    }
    let Some(mut json) = as_json(value) else { return value.to_owned() };
    mask(&mut json, None, &mut |_, _| {});
    json.to_string()
}

/// A value that is a JSON object or list.
pub(super) fn as_json(value: &str) -> Option<Value> {
    if !value.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(value).ok()
}

/// Masks all strings and numbers in secret members of a JSON value, and passes the name of the member and each string to
/// `found`. `secret` is the name of the secret member that contains the value.
pub(super) fn mask(value: &mut Value, secret: Option<&str>, found: &mut dyn FnMut(&str, &str)) {
    match (value, secret) {
        (Value::String(text), Some(name)) if !text.is_empty() => {
            found(name, text);
            MASK.clone_into(text);
        }
        (value @ Value::Number(_), Some(_)) => *value = MASK.into(),
        (Value::Array(values), _) => values.iter_mut().for_each(|value| mask(value, secret, found)),
        (Value::Object(members), _) => {
            for (name, value) in members {
                mask(value, secret.or_else(|| is_secret(name).then_some(name.as_str())), found);
            }
        }
        _ => {}
    }
}

/// Masks known secrets in all strings of a JSON value.
pub(super) fn mask_known(value: &mut Value, secrets: &Finder<'_>) {
    match value {
        Value::String(text) => *text = masked_text(std::mem::take(text), secrets),
        Value::Array(values) => values.iter_mut().for_each(|value| mask_known(value, secrets)),
        Value::Object(members) => members.values_mut().for_each(|value| mask_known(value, secrets)),
        _ => {}
    }
}

pub(super) fn masked_text(text: String, secrets: &Finder<'_>) -> String {
    secrets.masked(&text).unwrap_or(text)
}

/// Encodes the mask where a response of this encoding contains content, so that a program can decode it.
pub(super) fn encode_masks(value: &mut Value, requested: Encoding) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| encode_masks(value, requested)),
        Value::Object(members) => {
            // Files state their own encoding.
            let of_file = Encoding::of(members.get("ContentType").and_then(Value::as_str).as_ref());
            for (name, value) in members {
                let is_base64 = match name.as_str() {
                    "Content" => of_file == Encoding::Base64,
                    name => contains(CONTENT_NAMES, name) && requested == Encoding::Base64,
                };
                match value {
                    Value::String(text) if is_base64 && text == MASK => *text = content::encode(MASK),
                    value => encode_masks(value, requested),
                }
            }
        }
        _ => {}
    }
}
