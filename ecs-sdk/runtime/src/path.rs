//! Access to members of models by paths in specs.

use crate::{
    decode::set_text,
    encode,
    model::{List, Model, Slot, Value, slot, value},
};

/// Calls `work` with the value of a member, by a dotted path of wire names. Returns `None` if there is no such member.
pub(crate) fn find<T>(model: &dyn Model, path: &str, work: impl FnOnce(Value<'_>) -> T) -> Option<T> {
    let mut result = None;
    let mut work = Some(work);
    visit(model, path, &mut |value| result = work.take().map(|work| work(value)));
    result
}

fn visit(model: &dyn Model, path: &str, work: &mut dyn FnMut(Value<'_>)) {
    match path.split_once('.') {
        None => _ = value(model, path, work),
        Some((first, rest)) => {
            value(model, first, |value| {
                if let Value::Model(inner) = value {
                    visit(inner, rest, work);
                }
            });
        }
    }
}

/// Returns a member as a string, by a dotted path of wire names, or `None` if it is absent.
pub(crate) fn get(model: &dyn Model, path: &str) -> Option<String> {
    find(model, path, |value| match value {
        Value::None => None,
        value => Some(encode::plain(value)),
    })
    .flatten()
}

/// Returns the strings at a dotted path of wire names. The path may lead through lists, of which all elements count.
pub(crate) fn get_all(model: &dyn Model, path: &str) -> Vec<String> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    value(model, first, |value| all_of(value, rest)).unwrap_or_default()
}

fn all_of(value: Value<'_>, path: Option<&str>) -> Vec<String> {
    match (value, path) {
        (Value::List(list), path) => (0..list.count()).flat_map(|index| all_of(list.at(index), path)).collect(),
        (Value::Model(inner), Some(path)) => get_all(inner, path),
        (Value::None, _) | (_, Some(_)) => Vec::new(),
        (value, None) => vec![encode::plain(value)],
    }
}

/// Sets a member, by its wire name, from a string.
pub(crate) fn set(model: &mut dyn Model, name: &str, value: &str) {
    // Specs refer only to parameters that are strings, numbers or booleans, all of which a string can be parsed to.
    let _ = slot(model, name, |slot| set_text(slot, value));
}

/// Returns the number of elements of a list.
pub(crate) fn count(model: &dyn Model, name: &str) -> usize {
    let count = |value: Value<'_>| if let Value::List(list) = value { list.count() } else { 0 };
    value(model, name, count).unwrap_or_default()
}

/// Returns the elements of a list, by its wire name, as strings.
pub(crate) fn get_list(model: &dyn Model, name: &str) -> Vec<String> {
    let strings = |value: Value<'_>| match value {
        Value::List(list) => (0..list.count()).map(|index| encode::plain(list.at(index))).collect(),
        _ => Vec::new(),
    };
    value(model, name, strings).unwrap_or_default()
}

/// Replaces the elements of a list, by its wire name. Returns whether the member is a list.
pub(crate) fn set_list(model: &mut dyn Model, name: &str, values: &[String]) -> bool {
    let is_list = slot(model, name, |slot| {
        let list: &mut dyn List = match slot {
            Slot::OptionList(list) => list.fill(),
            Slot::List(list) => list,
            _ => return false,
        };
        list.clear();
        for value in values {
            // Specs refer only to lists of strings.
            let _ = set_text(list.push(), value);
        }
        true
    });
    is_list.unwrap_or_default()
}
