//! Recognizes the layout of a file, and rejects files that cannot be imported.

use std::ops::RangeInclusive;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::api::{Api, ApiDocs, Directory};
use super::decision::{Decision, Note};
use super::{forms, names};
use crate::load::has_duplicate_keys;
use crate::naming;
use crate::suggest::count;
use crate::validate::{is_invisible, is_wire_name};

/// The expected layout, for messages.
const EXPECTED: &str = "expected a published api-docs.json, with `info`, `apis` and `directories`";

/// Parses a file that an RPC product publishes. Operations that are not RPC calls are moved to `left_out`.
///
/// # Errors
///
/// Returns what the file is instead, and what is expected.
pub(super) fn parse(text: &str) -> Result<ApiDocs, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(format!("the file is empty; {EXPECTED}"));
    }
    if trimmed.starts_with('<') {
        return Err(format!("this is a page of HTML or XML; {EXPECTED}"));
    }
    let value: Value = serde_json::from_str(text).map_err(|error| match trimmed.starts_with(['{', '[']) {
        true => format!("invalid JSON: {error}"),
        false => format!("this is not JSON; {EXPECTED}"),
    })?;
    let has_duplicates = has_duplicate_keys(text, &value);
    let mut docs = forms::read(recognize(value)?).map_err(|error| format!("{error}; {EXPECTED}"))?;
    if has_duplicates {
        docs.notes.extend(forms::duplicates(text));
    }
    clean_titles(&mut docs.directories, "directories", &mut docs.notes);
    let operations = count(docs.apis.len() + docs.left_out.len(), "operation");
    let style = docs.info.style.as_str();
    if !style.is_empty() && !style.eq_ignore_ascii_case("rpc") {
        let (product, version) = (&docs.info.product, &docs.info.version);
        return Err(format!(
            "{product} {version} has the style {style}, with {operations}; only products of the style RPC can be imported, \
             because the SDK sends RPC calls only"
        ));
    }
    if !is_version(&docs.info.version) {
        let version = &docs.info.version;
        return Err(format!("invalid version `{version}` in `info`: expected a date such as `2014-05-26`"));
    }
    if docs.apis.is_empty() && docs.left_out.is_empty() {
        return Err("`apis` has no operations; the product publishes nothing that could be imported".to_owned());
    }
    leave_out(&mut docs);
    if docs.apis.is_empty() {
        let reason = docs.left_out.values().next().map_or("", String::as_str);
        return Err(format!("none of the {operations} can be imported: {reason}"));
    }
    rename(&mut docs);
    Ok(docs)
}

/// Whether a version is a date. Days are not compared with the length of the month, because a published version is the 31st of
/// September.
fn is_version(version: &str) -> bool {
    let parts: Vec<&str> = version.trim().split('-').collect();
    let number = |part: &str, digits: RangeInclusive<usize>| {
        let is_number = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    };
    let [year, month, day] = parts[..] else { return false };
    number(year, 4..=4).is_some()
        && number(month, 1..=2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 1..=2).is_some_and(|day| (1..=31).contains(&day))
}

/// Returns the keys of an api-docs file, or an error that names the layout that the file has instead.
fn recognize(value: Value) -> Result<Map<String, Value>, String> {
    let Value::Object(file) = value else {
        let found = match value {
            Value::Array(_) => "a JSON list",
            _ => "a JSON value that is not an object",
        };
        return Err(format!("this is {found}; {EXPECTED}"));
    };
    let is_object = |key: &str| file.get(key).is_some_and(Value::is_object);
    // PHP writes an empty object as a list.
    let is_empty = |key: &str| file.get(key).and_then(Value::as_array).is_some_and(Vec::is_empty);
    if is_object("info") && (is_object("apis") || is_empty("apis")) {
        named(&file)?;
        return Ok(file);
    }
    let found = if file.contains_key("openapi") {
        format!("an OpenAPI {} document", file["openapi"].as_str().unwrap_or_default())
    } else if file.contains_key("swagger") {
        "a Swagger document".to_owned()
    } else if is_object("product") || file.contains_key("apis") && !is_object("apis") {
        "a list of products or operations, as of the aliyun CLI or aliyun-openapi-meta".to_owned()
    } else if file.contains_key("parameters") && (file.contains_key("protocol") || file.contains_key("method")) {
        "the metadata of a single operation, as of the aliyun CLI or aliyun-openapi-meta".to_owned()
    } else if file.contains_key("parameters") && file.contains_key("responses") {
        "a single operation".to_owned()
    } else if file.contains_key("operation") && file.contains_key("request") {
        "a spec file of this repository".to_owned()
    } else if file.is_empty() {
        "an empty object".to_owned()
    } else {
        let keys: Vec<String> = file.keys().take(5).map(|key| format!("`{key}`")).collect();
        format!("an object with {}", keys.join(", "))
    };
    Err(format!("this is {found}; {EXPECTED}"))
}

/// Checks that the file names its product and version.
fn named(file: &Map<String, Value>) -> Result<(), String> {
    let has = |key: &str| file["info"].get(key).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
    if let Some(key) = ["product", "version"].into_iter().find(|key| !has(key)) {
        return Err(format!("`info` names no `{key}`; {EXPECTED}"));
    }
    let unclear = |key: &str| file["info"][key].as_str().is_some_and(|text| text.contains(is_invisible));
    match ["product", "version"].into_iter().find(|key| unclear(key)) {
        Some(key) => Err(format!("the `{key}` in `info` contains an invisible character")),
        None => Ok(()),
    }
}

/// Length of the longest name of an operation, which is also that of a file: most file systems allow 255 bytes. The longest of
/// the services has about 80.
const MAX_NAME_BYTES: usize = 200;

/// Moves operations that are not RPC calls, or that specs cannot name, to `left_out`.
fn leave_out(docs: &mut ApiDocs) {
    let apis = std::mem::take(&mut docs.apis);
    for (name, api) in apis {
        match reason(&name, &api) {
            Some(reason) => _ = docs.left_out.insert(name, reason),
            None => _ = docs.apis.insert(name, api),
        }
    }
}

/// Why an operation is left out; `None` if it is not.
fn reason(name: &str, api: &Api) -> Option<String> {
    if name.len() > MAX_NAME_BYTES {
        return Some(format!(
            "its name has {} bytes, but at most {MAX_NAME_BYTES} can be in the name of a file",
            name.len()
        ));
    }
    if !is_wire_name(name) {
        return Some("its name has characters that the name of an operation cannot have".to_owned());
    }
    let is_rpc =
        |location: &str| location.is_empty() || ["query", "formdata"].contains(&location.to_lowercase().as_str());
    if !api.path.trim_matches('/').is_empty() {
        return Some(format!("it has the path `{}`, and RPC calls have none", api.path));
    }
    let other = api.parameters.iter().find(|parameter| !is_rpc(&parameter.location))?;
    Some(format!("its parameter `{}` is sent in the {}, not in the query or form", other.name, other.location))
}

/// Renames operations whose names specs cannot have: letters and digits, starting with a capital, distinct even if letter case is
/// ignored and not reserved by Windows, because each name is that of a file. The service's spelling stays in `wire`.
fn rename(docs: &mut ApiDocs) {
    let apis = std::mem::take(&mut docs.apis);
    let fits = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
            && !naming::is_reserved_file(name)
    };
    // Names that fit come first, so they stay as they are.
    let (fitting, others): (Vec<&String>, Vec<&String>) = apis.keys().partition(|name| fits(name));
    let mut taken: IndexMap<String, ()> = IndexMap::new();
    let mut new_names: IndexMap<String, String> = IndexMap::new();
    for name in fitting.into_iter().chain(others) {
        let mut wanted = names::type_name(name);
        if !wanted.starts_with(|c: char| c.is_ascii_uppercase()) || naming::is_reserved_file(&wanted) {
            wanted.insert_str(0, "Call");
        }
        let numbered = (2u32..).map(|number| format!("{wanted}{number}"));
        let is_free = |name: &String| !taken.contains_key(&name.to_ascii_lowercase());
        let free = std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or(wanted.clone());
        taken.insert(free.to_ascii_lowercase(), ());
        new_names.insert(name.clone(), free);
    }
    for (name, mut api) in apis {
        let new = new_names.get(&name).cloned().unwrap_or_else(|| name.clone());
        api.wire = (new != name).then_some(name);
        docs.apis.insert(new, api);
    }
    new_names.retain(|name, new| name != new);
    if !new_names.is_empty() {
        rename_in_folders(&mut docs.directories, &new_names);
    }
}

/// Removes invisible characters from the titles of folders, which are keys of `directories` in `service.json`.
fn clean_titles(entries: &mut [Directory], at: &str, notes: &mut Vec<Note>) {
    for (index, entry) in entries.iter_mut().enumerate() {
        let Directory::Folder { title, children } = entry else { continue };
        if title.contains(is_invisible) {
            let path = format!("{at}.{index}.title");
            let detail = format!("`{title}` contains an invisible character, which is removed");
            notes.push(Note { decision: Decision::Malformed, path: path.clone(), at: path, detail });
            title.retain(|c| !is_invisible(c));
        }
        clean_titles(children, &format!("{at}.{index}.children"), notes);
    }
}

fn rename_in_folders(entries: &mut [Directory], new_names: &IndexMap<String, String>) {
    for entry in entries {
        match entry {
            Directory::Operation(name) => {
                if let Some(new) = new_names.get(name) {
                    name.clone_from(new);
                }
            }
            Directory::Folder { children, .. } => rename_in_folders(children, new_names),
            Directory::Other(_) => {}
        }
    }
}
