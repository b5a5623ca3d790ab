//! Parts of messages: lists of choices, suggestions for unknown names, and counts.

/// Common names of the scalar types in other languages.
const ALIASES: &[(&str, &str)] = &[
    ("str", "string"),
    ("text", "string"),
    ("timestamp", "time"),
    ("datetime", "time"),
    ("date", "time"),
    ("integer", "i32"),
    ("int", "i32"),
    ("int32", "i32"),
    ("long", "i64"),
    ("int64", "i64"),
    ("boolean", "bool"),
    ("float", "f32"),
    ("double", "f64"),
    ("number", "f64"),
    ("object", "map"),
];

/// Formats a choice of names: `a`, `b` or `c`.
pub(crate) fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}

/// The known name that is most similar to an unknown one, if any is similar.
pub fn closest<'n>(name: &str, known: &'n [impl AsRef<str>]) -> Option<&'n str> {
    let known = || known.iter().map(AsRef::as_ref);
    let alias = ALIASES.iter().find(|(alias, _)| name.eq_ignore_ascii_case(alias)).map(|(_, scalar)| *scalar);
    if let Some(scalar) = known().find(|other| Some(*other) == alias) {
        return Some(scalar);
    }
    // Short names are similar to too many others.
    let max_distance = (name.chars().count() / 3).min(2);
    let lower = name.to_lowercase();
    let close = |other: &&str| distance(&lower, &other.to_lowercase()) <= max_distance;
    known().filter(close).min_by_key(|other| distance(name, other))
}

/// The remedy for an unknown name: the most similar known name, if any, or else another remedy.
pub fn remedy(name: &str, known: &[impl AsRef<str>], otherwise: &str) -> String {
    closest(name, known)
        .map_or_else(|| otherwise.to_owned(), |close| format!("did you mean `{close}`? if not, {otherwise}"))
}

/// A number with its noun: `1 change`, `2 changes`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Edit distance of two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
