//! Tables that describe the members of a struct of the response, but not the struct itself.

use std::collections::HashSet;

use super::cell::Kind;
use super::nesting::{ALWAYS_AT_TOP, Row};
use super::notes::Notes;
use super::sample::Shape;

/// The rows of a response, below one for the struct in which alone samples show them, if no row states it.
pub(super) fn with_struct_around(mut rows: Vec<Row>, operation: &str, sample: &Shape, notes: &mut Notes) -> Vec<Row> {
    let own = |row: &&Row| row.name != ALWAYS_AT_TOP;
    let Some(first) = rows.iter().position(|row| own(&row)) else { return rows };
    let is_at_top = |row: &Row| row.depth > 0 || row.name.contains('.') || sample.meant(&row.name).is_some();
    if rows.iter().filter(own).any(is_at_top) {
        return rows;
    }
    let shows_all = |shape: &Shape| {
        let mut names = HashSet::new();
        shape.content().add_names(&mut names);
        rows.iter().filter(own).all(|row| names.contains(row.name.as_str()))
    };
    let mut around = sample.members.iter().filter(|(_, shape)| shows_all(shape)).map(|(name, _)| name);
    let (Some(name), None) = (around.next(), around.next()) else { return rows };
    // The name of the whole response, as in XML.
    if name.starts_with(operation) {
        return rows;
    }
    let line = rows[first].line;
    let message = format!("no row states `{name}`, in which samples show the rows of this table; taken as its members");
    notes.undecided(line, message);
    rows.insert(first, Row { line, name: name.clone(), kind: Kind::Unset, ..Row::default() });
    rows
}
