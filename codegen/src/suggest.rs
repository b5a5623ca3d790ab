//! Words for messages: choices of names, and the name that was likely meant.

/// What people call the scalar types.
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

/// Names as a choice: `a`, `b` or `c`.
pub(crate) fn list(names: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}

/// The known name closest to one that is not known, if it is close.
pub(crate) fn closest<'n>(name: &str, known: &'n [impl AsRef<str>]) -> Option<&'n str> {
    let known = || known.iter().map(AsRef::as_ref);
    let alias = ALIASES.iter().find(|(alias, _)| name.eq_ignore_ascii_case(alias)).map(|(_, scalar)| *scalar);
    if let Some(scalar) = known().find(|other| Some(*other) == alias) {
        return Some(scalar);
    }
    // Short names are close to everything.
    let most = (name.chars().count() / 3).min(2);
    let lower = name.to_lowercase();
    let close = |other: &&str| distance(&lower, &other.to_lowercase()) <= most;
    known().filter(close).min_by_key(|other| distance(name, other))
}

/// What to do about a name that is not known: the one that was likely meant, or something else.
pub(crate) fn remedy(name: &str, known: &[impl AsRef<str>], otherwise: &str) -> String {
    closest(name, known)
        .map_or_else(|| otherwise.to_owned(), |close| format!("did you mean `{close}`? else {otherwise}"))
}

/// Number of edits between two words.
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
