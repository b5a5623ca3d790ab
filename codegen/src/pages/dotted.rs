//! Dotted names in responses: `Part.Id` is the member `Id` of the row `Part`, and `Parts.N.Id` one of the elements of `Parts`.

use super::cell::{Kind, is_index};
use super::nesting::Row;
use super::notes::Notes;
use super::sample::Shape;
use crate::import::singular;

/// The rows with names inside the rows that their dotted names start with, which `within` has. Rows that only state the
/// elements of a list become part of it.
pub(super) fn resolve(rows: Vec<Row>, sample: &Shape, notes: &mut Notes) -> Vec<Row> {
    let wrappers = sample.wrappers();
    let mut known: Vec<Row> = Vec::new();
    // The whole name of each row, without indices.
    let mut paths: Vec<Vec<String>> = Vec::new();
    for mut row in rows {
        let words: Vec<String> = row.name.split('.').map(str::to_owned).collect();
        let path: Vec<String> = words.iter().filter(|word| !is_index(word)).cloned().collect();
        if words.len() > 1
            && !sample.has_named(&row.name)
            && let Some((parent, used)) = parent(&known, &paths, &words, &wrappers)
        {
            let is_list = words[..used].last().is_some_and(|word| is_index(word));
            let inner = words[used..].join(".");
            let list = &mut known[parent];
            if is_list {
                make_list(list, notes);
            }
            if inner.is_empty() {
                state_elements(list, row.kind);
                continue;
            }
            row.name = inner;
            row.within = Some(parent);
            list.has_dotted = true;
        }
        known.push(row);
        paths.push(path);
    }
    known
}

/// The row of which the words name a member, and the number of words that name the row itself. The longest name is
/// taken, and of several the nearest.
fn parent(known: &[Row], paths: &[Vec<String>], words: &[String], wrappers: &[(&str, &str)]) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize, usize)> = None;
    for (at, (row, path)) in known.iter().zip(paths).enumerate().filter(|(_, (row, _))| can_have_members(&row.kind)) {
        for start in 0..path.len() {
            let Some(used) = starts_with(row, &path[start..], words, wrappers) else { continue };
            if best.is_none_or(|(length, ..)| path.len() - start >= length) {
                best = Some((path.len() - start, at, used));
            }
        }
    }
    best.map(|(_, at, used)| (at, used))
}

/// The number of words that name the row, if they also name a member or the elements of it.
fn starts_with(row: &Row, path: &[String], words: &[String], wrappers: &[(&str, &str)]) -> Option<usize> {
    let indices = |at: usize| words[at..].iter().take_while(|word| is_index(word)).count();
    let (last, outer) = path.split_last()?;
    let mut at = 0;
    for word in outer {
        if !words.get(at)?.eq_ignore_ascii_case(word) {
            return None;
        }
        at += 1;
        at += indices(at);
    }
    let is_list = matches!(row.kind, Kind::List(_) | Kind::Unset);
    let is_element = |word: &str| {
        let names = [row.item.clone().unwrap_or_default(), singular(last)];
        let is_shown = wrappers.iter().any(|(list, item)| list == last && *item == word);
        is_list && !last.eq_ignore_ascii_case(word) && (is_shown || names.iter().any(|name| *name == word))
    };
    let word = words.get(at)?;
    if !word.eq_ignore_ascii_case(last) && !is_element(word) {
        return None;
    }
    at += 1;
    let is_last = at == words.len();
    at += indices(at);
    // `Parts.Part.N.Id` names the elements of the list, too.
    if words.get(at).is_some_and(|word| is_element(word)) && at + 1 < words.len() {
        at += 1;
        at += indices(at);
    }
    (!is_last).then_some(at)
}

fn can_have_members(kind: &Kind) -> bool {
    match kind {
        Kind::Struct | Kind::Named(_) | Kind::Unset | Kind::List(None) => true,
        Kind::List(Some(element)) => matches!(**element, Kind::Struct | Kind::Named(_) | Kind::Unset),
        Kind::Scalar(_) | Kind::Json | Kind::JsonList => false,
    }
}

/// A row whose members have names with an index is a list.
fn make_list(row: &mut Row, notes: &mut Notes) {
    match &row.kind {
        Kind::Struct | Kind::Named(_) => {
            let message = format!("`{}` is taken as a list, since the names of its members have an index", row.name);
            notes.decided(row.line, message);
            row.kind = Kind::List(Some(Box::new(row.kind.clone())));
        }
        Kind::Unset => row.kind = Kind::List(None),
        _ => {}
    }
}

/// A row such as `Parts.N` states the type of the elements.
fn state_elements(list: &mut Row, kind: Kind) {
    if list.kind == Kind::List(None) && kind != Kind::Unset {
        list.kind = match kind {
            Kind::List(_) => kind,
            element => Kind::List(Some(Box::new(element))),
        };
    }
}
