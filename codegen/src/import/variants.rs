//! Names for the values of enums.

use std::collections::{BTreeMap, BTreeSet};

use crate::naming;

/// Operators with names that are not those of their characters.
const OPERATORS: &[(&str, &str)] = &[
    (">=", "GreaterOrEqual"),
    ("<=", "LessOrEqual"),
    ("=>", "GreaterOrEqual"),
    ("=<", "LessOrEqual"),
    ("!=", "NotEqual"),
    ("<>", "NotEqual"),
    ("==", "Equal"),
    ("&&", "And"),
    ("||", "Or"),
    ("=~", "Matches"),
    ("!~", "NotMatches"),
    ("≥", "GreaterOrEqual"),
    ("≤", "LessOrEqual"),
    ("≠", "NotEqual"),
];

/// Single characters, and their names.
const SIGNS: &[(&str, &str)] = &[
    (">", "Greater"),
    ("<", "Less"),
    ("=", "Equal"),
    ("*", "Any"),
    ("+", "Plus"),
    ("-", "Minus"),
    ("%", "Percent"),
    ("&", "And"),
    ("|", "Or"),
    ("!", "Not"),
    ("/", "Slash"),
    (".", "Dot"),
    ("#", "Hash"),
    ("@", "At"),
    ("~", "Tilde"),
    ("^", "Caret"),
    ("?", "Question"),
    (",", "Comma"),
    (":", "Colon"),
    (";", "Semicolon"),
];

/// The name of a value: its symbols in words, or else a mark of its letter case, or else its number in the list. `literals` has
/// the values by [`literal`] names: `==` has the name `EqualEqual` if another value is `=`.
pub(super) fn variant(
    value: &str,
    derived: &str,
    index: usize,
    taken: &BTreeSet<String>,
    literals: &BTreeMap<String, String>,
) -> String {
    let has_symbol = value.contains(|c: char| !c.is_alphanumeric() && c != '_' && !c.is_whitespace());
    let is_arithmetic = ["Plus", "Minus", "Slash"].iter().any(|sign| literals.contains_key(*sign));
    let words: String = match value {
        // Elsewhere, it is a wildcard.
        "*" if is_arithmetic => "Times".to_owned(),
        value => symbols(value, OPERATORS).into_iter().map(capitalized).collect(),
    };
    let is_of_other = literals.get(&words).is_some_and(|other| other != value);
    let letters = || value.chars().filter(char::is_ascii_alphabetic);
    let case = match (letters().any(|c| c.is_ascii_lowercase()), letters().any(|c| c.is_ascii_uppercase())) {
        (true, false) => Some("Lowercase"),
        (false, true) => Some("Uppercase"),
        _ => None,
    };
    let is_named = value.chars().any(|c| c.is_ascii_alphanumeric());
    let stem = match (is_named, words.is_empty()) {
        (true, _) => derived.to_owned(),
        (false, true) => "Value".to_owned(),
        (false, false) => words.clone(),
    };
    let numbered = (index + 1..).map(|number| format!("{stem}{number}"));
    let candidates = [
        has_symbol.then_some(words).filter(|_| !is_of_other),
        has_symbol.then(|| literal(value)),
        case.filter(|_| is_named).map(|case| format!("{derived}{case}")),
    ];
    let mut candidates = candidates.into_iter().flatten().chain(numbered);
    let free = candidates.find(|name| naming::is_variant(name) && !taken.contains(name));
    free.unwrap_or_else(|| stem.clone())
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}

/// The words of a value, with each character that is neither a letter nor a digit in words.
pub(super) fn literal(value: &str) -> String {
    symbols(value, &[]).into_iter().map(capitalized).collect()
}

/// The words of a value, with operators and single characters that are neither letters nor digits in words.
fn symbols<'v>(value: &'v str, operators: &[(&str, &'static str)]) -> Vec<&'v str> {
    let mut words = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let symbol = operators.iter().chain(SIGNS).find(|(symbol, _)| rest.starts_with(symbol));
        let word = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let length = match symbol {
            Some((symbol, name)) => {
                words.push(*name);
                symbol.len()
            }
            None if word > 0 => {
                words.push(&rest[..word]);
                word
            }
            None => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    words
}
