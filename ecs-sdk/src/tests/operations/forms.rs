//! Forms of requests are decoded again, as mocks and recordings do, and all secrets of the specs are known to them.

use std::collections::BTreeSet;

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;

use ecs_sdk_runtime::{
    encode,
    form::Form,
    model::{List, Model, Value as Part, read},
    test_util,
};

use super::{Entry, entries, mutated, read as read_sample, sample, to_json};

/// The parameters of a request.
fn parameters(request: &dyn Model) -> Vec<(String, String)> {
    let mut form = Form::default();
    encode::form(request, &mut form, &mut encode::FormErrors::default());
    form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Encodes a request and decodes it again.
fn decoded(entry: &Entry, request: &Value) -> Result<(), String> {
    let what = format!("{} {}: {request}", entry.service, entry.operation);
    let request = read_sample(entry.request, request, &what);
    let mut form = parameters(&*request);
    // A recorded or received form is sorted.
    form.reverse();
    let mut again = (entry.request)();
    let unread = test_util::decode_form(&form, &mut *again).map_err(|error| format!("{what}: {error}"))?;
    if !unread.is_empty() || to_json(&*again) != to_json(&*request) {
        return Err(format!("{what}: decoded as {} without {unread:?}", to_json(&*again)));
    }
    Ok(())
}

#[test]
fn forms_of_all_operations_are_decoded_completely() {
    for entry in entries() {
        decoded(&entry, &sample(&entry, "request")).unwrap();
    }
}

/// Returns the value with all strings that have a number at their end replaced, which are those without a fixed set of values.
fn with_strings(value: &Value, text: &str) -> Value {
    match value {
        Value::String(old) if old.ends_with("-1") => text.into(),
        Value::Array(values) => values.iter().map(|value| with_strings(value, text)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), with_strings(value, text))).collect()
        }
        value => value.clone(),
    }
}

#[test]
fn forms_with_any_strings_are_decoded_completely() {
    let entries = entries();
    let mut runner = TestRunner::new(mutated::config());
    let any = (0..entries.len(), "[^,]{1,8}");
    runner
        .run(&any, |(index, text)| {
            let entry = &entries[index];
            let request = with_strings(&sample(entry, "request"), &text);
            decoded(entry, &request).map_err(TestCaseError::fail)
        })
        .unwrap();
}

/// Adds the names of all secret members of a model.
fn add_secrets(model: &dyn Model, names: &mut BTreeSet<&'static str>) {
    fn add(value: Part<'_>, names: &mut BTreeSet<&'static str>) {
        let elements = |list: &dyn List, names: &mut BTreeSet<&'static str>| {
            (0..list.count()).for_each(|index| add(list.at(index), names));
        };
        match value {
            Part::Model(model) => add_secrets(model, names),
            Part::List(list) => elements(list, names),
            _ => {}
        }
    }
    read(model, |table, members| {
        names.extend(table.secret);
        members.iter().for_each(|member| add(member.value(), names));
    });
}

/// Recordings mask members by their names, because a transport does not know the types of a call.
#[test]
fn recordings_mask_all_secrets_of_the_specs() {
    let mut names = BTreeSet::new();
    for entry in entries() {
        for (part, empty) in [("request", entry.request), ("response", entry.response)] {
            add_secrets(&*read_sample(empty, &sample(&entry, part), entry.operation), &mut names);
        }
    }
    let unknown: Vec<_> = names.into_iter().filter(|name| !test_util::is_secret(name)).collect();
    assert_eq!(unknown, [""; 0], "add them to `test_util/secrets.rs`");
}
