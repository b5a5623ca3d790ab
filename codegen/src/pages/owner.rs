//! Finds the type that a further table of a section describes: by its caption, by the sample, or as the only one that is open.

use indexmap::IndexMap;

use super::cell::Kind;
use super::document::Table;
use super::nesting::Row;
use super::notes::Notes;
use super::response::Described;
use super::sample::Shape;

/// Characters of the longest caption that is a title.
const MAX_TITLE: usize = 40;

/// The rows of a section whose types a table can describe.
pub(super) struct Owners<'a> {
    /// The rows of the section's first table.
    pub(super) target: &'a mut [Row],
    pub(super) types: &'a mut IndexMap<String, Described>,
    /// The shape of the response in the samples.
    pub(super) sample: &'a Shape,
    pub(super) notes: &'a mut Notes,
}

impl Owners<'_> {
    /// The name of the type that a table describes. A table without a caption belongs to a row above it, whose type it
    /// becomes.
    pub(super) fn name(&mut self, table: &Table, members: &[Row]) -> Option<String> {
        let named = caption_name(&table.caption);
        if let Some(name) = named.filter(|name| is_title(&table.caption) || self.is_referenced(name)) {
            return Some(name.to_owned());
        }
        let shown = self.shown(members);
        let rows = || self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
        let mut open = rows().filter(|row| self.is_open(row));
        let line = match (shown, open.next(), open.next()) {
            (Some(line), ..) => line,
            (None, Some(row), None) => row.line,
            // The table just above ends with the row.
            (None, Some(_), Some(_)) => rows().max_by_key(|row| row.line).filter(|row| self.is_open(row))?.line,
            (None, None, _) => return None,
        };
        let inner = self.types.values_mut().flat_map(|described| &mut described.rows);
        let row = self.target.iter_mut().chain(inner).find(|row| row.line == line)?;
        let message = format!("this table has no caption; its rows are taken as the members of `{}`", row.name);
        self.notes.undecided(table.line, message);
        let name = row.kind.reference().unwrap_or(&row.name).to_owned();
        let named = Kind::Named(name.clone());
        row.kind =
            if matches!(row.kind, Kind::List(_) | Kind::Unset) { Kind::List(Some(Box::new(named))) } else { named };
        Some(name)
    }

    /// The row whose members the sample shows to be those of the table.
    fn shown(&self, members: &[Row]) -> Option<usize> {
        let is_shown = |row: &&Row| {
            let shape = self.sample.meant(&row.name).map(|(_, shape)| shape.elements());
            let known = |shape: &Shape| members.iter().filter(|member| shape.member(&member.name).is_some()).count();
            shape.is_some_and(|shape| known(shape) * 2 >= members.len())
        };
        self.target.iter().filter(|row| !self.is_described(row)).find(is_shown).map(|row| row.line)
    }

    /// Whether the members of a row are still to be described.
    fn is_open(&self, row: &Row) -> bool {
        let is_open = match &row.kind {
            Kind::List(None) | Kind::Unset | Kind::Struct | Kind::Named(_) => true,
            Kind::List(Some(element)) => matches!(element.as_ref(), Kind::Struct | Kind::Unset | Kind::Named(_)),
            Kind::Scalar(_) | Kind::Json | Kind::JsonList => false,
        };
        is_open && !self.is_described(row)
    }

    fn is_described(&self, row: &Row) -> bool {
        row.kind.reference().is_some_and(|name| self.types.contains_key(name))
    }

    /// Whether a row has a type of this name, or links to one.
    fn is_referenced(&self, name: &str) -> bool {
        let rows = self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
        let mut names = rows.flat_map(|row| row.kind.reference().into_iter().chain([row.name.as_str()]));
        names.any(|known| stem(known) == stem(name))
    }
}

/// The name of a type at the end of a caption: `**Type DiskSet**`.
fn caption_name(caption: &str) -> Option<&str> {
    let is_letter = |c: char| c.is_ascii_alphanumeric();
    let mut words =
        caption.split(|c: char| !is_letter(c)).filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()));
    words.next_back()
}

/// Whether a caption is a title and no sentence.
fn is_title(caption: &str) -> bool {
    let caption = caption.trim();
    let is_sentence = caption.ends_with(['.', '。', '|']) || caption.contains(['，', '。', ',']);
    !is_sentence && caption.chars().count() <= MAX_TITLE
}

/// The part of a type's name by which pages mean the same type: `AvailableZoneType` and `AvailableZones`.
pub(super) fn stem(name: &str) -> String {
    let mut stem = name.to_lowercase();
    for _ in 0..3 {
        let ends = ["type", "item", "info", "set", "list", "s"];
        let Some(rest) = ends.iter().find_map(|end| stem.strip_suffix(end)).filter(|rest| rest.len() > 2) else {
            break;
        };
        stem = rest.to_owned();
    }
    stem
}
