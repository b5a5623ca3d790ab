//! Error codes of a service and the names of their constants. `service.json` resolves name clashes.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    naming::Names,
    spec::{Operation, Service},
};

/// Where an error code is documented.
#[derive(Debug, Default)]
pub(crate) struct Users<'t> {
    /// Operations that document it, in their original order.
    pub(crate) operations: Vec<&'t Operation>,
    /// Whether every operation may return it.
    pub(crate) is_service_wide: bool,
}

impl Users<'_> {
    /// The families whose operations document the code.
    pub(crate) fn families(&self) -> BTreeSet<&str> {
        self.operations.iter().map(|operation| operation.family.as_str()).collect()
    }
}

/// All error codes of a service.
pub(crate) fn documented<'t>(
    service: &'t Service,
    operations: impl IntoIterator<Item = &'t Operation>,
) -> BTreeMap<&'t str, Users<'t>> {
    let mut codes: BTreeMap<&str, Users<'_>> = BTreeMap::new();
    for operation in operations {
        for error in &operation.errors {
            let users = codes.entry(&error.code).or_default();
            // A code with two statuses is listed twice.
            if users.operations.last().is_none_or(|last| last.operation != operation.operation) {
                users.operations.push(operation);
            }
        }
    }
    for code in service.errors.keys() {
        codes.entry(code).or_default().is_service_wide = true;
    }
    codes
}

/// The name of a code's constant: the one in `service.json`, or else the derived one.
pub(crate) fn constant(code: &str, service: &Service, names: &Names) -> String {
    service.codes.get(code).cloned().unwrap_or_else(|| names.constant(code))
}

/// Codes whose constants would have the same name.
pub(crate) struct Clash<'t> {
    /// The name.
    pub(crate) constant: String,
    /// The code that keeps the name: the one that most operations document.
    pub(crate) usual: &'t str,
    /// The other codes, each with a name that shows how it differs.
    pub(crate) others: Vec<(&'t str, String)>,
}

/// Finds codes whose constants would have the same name.
pub(crate) fn clashes<'t>(codes: &BTreeMap<&'t str, Users<'t>>, service: &Service, names: &Names) -> Vec<Clash<'t>> {
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for &code in codes.keys() {
        by_name.entry(constant(code, service, names)).or_default().push(code);
    }
    let mut taken: BTreeSet<String> = by_name.keys().cloned().collect();
    let mut clashes = Vec::new();
    for (constant, mut group) in by_name.into_iter().filter(|(_, group)| group.len() > 1) {
        // The first code keeps the name. Codes with a derived name come before those with a chosen one, then codes that more
        // operations document, then those with a simpler spelling.
        group.sort_by_key(|code| {
            let users = &codes[code];
            let capitals = code.chars().filter(char::is_ascii_uppercase).count();
            let is_capitalized = code.starts_with(|c: char| c.is_ascii_uppercase());
            (
                service.codes.contains_key(*code),
                !users.is_service_wide,
                Reverse(users.operations.len()),
                !is_capitalized,
                code.matches('.').count(),
                capitals,
            )
        });
        let usual = group.remove(0);
        let others = group.into_iter().map(|code| {
            let wanted = distinguishing_name(code, usual, names);
            let numbered = (2u32..).map(|number| format!("{wanted}_{number}"));
            let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
            (code, name.unwrap_or(wanted))
        });
        clashes.push(Clash { others: others.collect(), constant, usual });
    }
    clashes
}

/// A name for a code that shows how it differs from the usual one: by its dots, or else by its capitals.
pub(crate) fn distinguishing_name(code: &str, usual: &str, names: &Names) -> String {
    let (words, others) = (names.words(code), names.words(usual));
    let mark_of = |by_dots: bool, index: usize| {
        let (word, other) = (&words[index], others.get(index)?);
        match (word.separator.contains('.'), other.separator.contains('.')) {
            (true, false) if by_dots => Some("DOT"),
            (false, true) if by_dots => Some("NO_DOT"),
            _ if by_dots || word.spelling == other.spelling => None,
            _ => Some(match word.spelling.chars().filter(char::is_ascii_uppercase).count() {
                0 => "LOWERCASE",
                1 => "TITLECASE",
                _ => "UPPERCASE",
            }),
        }
    };
    let by_dots = (0..words.len()).any(|index| mark_of(true, index).is_some());
    let mut parts = Vec::new();
    let mut last = None;
    for (index, word) in words.iter().enumerate() {
        let mark = mark_of(by_dots, index);
        // A marker of letter case applies until the next marker.
        parts.extend(mark.filter(|mark| by_dots || last != Some(*mark)).map(str::to_owned));
        parts.push(word.snake.to_ascii_uppercase());
        last = mark;
    }
    parts.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_how_codes_differ() {
        let names = Names::default();
        for (code, usual, expected) in [
            ("Invalid.InstanceId.NotFound", "InvalidInstanceId.NotFound", "INVALID_DOT_INSTANCE_ID_NOT_FOUND"),
            ("Invalid.OptionsId", "Invalid.Options.Id", "INVALID_OPTIONS_NO_DOT_ID"),
            ("InvalidId.NOT_FOUND", "InvalidId.NotFound", "INVALID_ID_UPPERCASE_NOT_FOUND"),
            ("InvalidId.Malformed", "InvalidID.Malformed", "INVALID_TITLECASE_ID_MALFORMED"),
            ("invalidId", "InvalidId", "LOWERCASE_INVALID_ID"),
        ] {
            assert_eq!(distinguishing_name(code, usual, &names), expected);
            assert_ne!(names.constant(code), expected);
        }
    }
}
