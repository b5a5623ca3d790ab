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
        // "PartSet is a list of PartItem" describes the first of the two: a type, or a row.
        let mut words = caption_names(&table.place.caption);
        for word in words.clone().filter(|word| !self.types.contains_key(*word)) {
            if self.has_type(word) {
                return Some(word.to_owned());
            }
            let rows = self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
            let named = rows.filter(|row| self.is_open(row)).find(|row| row.name == word);
            if let Some(line) = named.map(|row| row.line) {
                return self.take(line, None);
            }
        }
        let named = words.next_back().filter(|name| !self.types.contains_key(*name));
        let named = named.filter(|name| is_title(&table.place.caption) || self.is_referenced(name));
        let rows = || self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
        let open = || rows().filter(|row| self.is_open(row));
        if let Some(name) = named {
            // A row such as `PartList`, whose cell states no type.
            let bare = open().find(|row| row.kind.reference().is_none() && stem(&row.name) == stem(name));
            if let Some(line) = bare.map(|row| row.line) {
                return self.take(line, None);
            }
            if self.is_referenced(name) {
                return Some(name.to_owned());
            }
        }
        let shown = self.shown(members);
        let mut rest = open();
        let line = match (shown, rest.next(), rest.next()) {
            (Some(line), ..) => line,
            // A title such as "Part parameters" means `AllPartList`, but "Other" need not.
            (None, Some(row), None) if named.is_none_or(|name| stem(&row.name).contains(&stem(name))) => row.line,
            _ if named.is_some() => return named.map(str::to_owned),
            // The table just above ends with the row.
            (None, Some(_), _) => rows().max_by_key(|row| row.line).filter(|row| self.is_open(row))?.line,
            (None, None, _) => return None,
        };
        self.take(line, Some(table.line))
    }

    /// Makes a row one of the type that a table describes, and returns the name of the type. `guessed` is the line of a table
    /// that does not name it.
    fn take(&mut self, line: usize, guessed: Option<usize>) -> Option<String> {
        let inner = self.types.values_mut().flat_map(|described| &mut described.rows);
        let row = self.target.iter_mut().chain(inner).find(|row| row.line == line)?;
        if let Some(table) = guessed {
            let message =
                format!("this table does not name its type; its rows are taken as the members of `{}`", row.name);
            self.notes.undecided(table, message);
        }
        if let Some(name) = row.kind.reference() {
            return Some(name.to_owned());
        }
        let name = row.name.clone();
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
        self.types.contains_key(row.kind.reference().unwrap_or(&row.name))
    }

    /// Whether a row has exactly this type.
    fn has_type(&self, name: &str) -> bool {
        let mut rows = self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
        rows.any(|row| row.kind.reference() == Some(name))
    }

    /// Whether a row has a type of this name, or links to one.
    fn is_referenced(&self, name: &str) -> bool {
        let rows = self.target.iter().chain(self.types.values().flat_map(|described| &described.rows));
        let mut names = rows.flat_map(|row| row.kind.reference().into_iter().chain([row.name.as_str()]));
        names.any(|known| stem(known) == stem(name))
    }
}

/// The words of a caption that can be names of types: `**Type DiskSet**`.
fn caption_names(caption: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    let words = caption.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
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
