//! Tables of resources, with look-ups by what a resource belongs to, and with a way back.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::{Deref, DerefMut},
    sync::Arc,
};

use time::OffsetDateTime;

/// Tags of a resource, in the order in which they were added.
pub(crate) type Tags = Vec<(String, String)>;

/// A resource in a table.
pub(crate) trait Row: Clone {
    /// Returns its ID.
    fn id(&self) -> &str;

    /// Returns its place in the order of creation, which no other row of the table has.
    fn sequence(&self) -> u64;

    /// Returns its region.
    fn region(&self) -> &str;

    /// Returns its tags.
    fn tags(&self) -> &Tags;

    /// Returns its tags, to change them.
    fn tags_mut(&mut self) -> &mut Tags;

    /// Passes on the IDs by which the row can be found, besides its own: of its region, its instance, its vSwitch, ….
    fn links(&self, link: &mut dyn FnMut(&str));

    /// Returns the time of the next event that changes it, apart from states that depend on the time alone.
    fn due(&self) -> Option<OffsetDateTime> {
        None
    }
}

/// Rows by ID, in order of creation.
///
/// All changes since [`begin`](Table::begin) can be undone, so that a failed call or a dry run leaves no trace.
#[derive(Debug, Clone)]
pub(crate) struct Table<T> {
    rows: BTreeMap<u64, Arc<T>>,
    ids: HashMap<Box<str>, u64>,
    links: HashMap<Box<str>, Links>,
    due: BTreeSet<(OffsetDateTime, u64)>,
    /// Rows as they were before each change; `None` for a row that was not there.
    undo: Vec<(u64, Option<Arc<T>>)>,
}

/// The rows with one link. Most links, such as that of a disk to its instance, are those of a single row.
#[derive(Debug, Clone)]
enum Links {
    One(u64),
    Many(BTreeSet<u64>),
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            rows: BTreeMap::new(),
            ids: HashMap::new(),
            links: HashMap::new(),
            due: BTreeSet::new(),
            undo: Vec::new(),
        }
    }
}

impl<T: Row> Table<T> {
    /// Returns the row with an ID.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.ids.get(id).and_then(|sequence| self.at(*sequence))
    }

    /// Returns the row with an ID, to change it.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<RowMut<'_, T>> {
        let sequence = *self.ids.get(id)?;
        let before = Arc::clone(self.rows.get(&sequence)?);
        Some(RowMut { table: self, sequence, before, row: None })
    }

    /// Whether there is a row with an ID.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// Adds a row, or replaces the one with its ID.
    pub(crate) fn insert(&mut self, row: T) {
        if let Some(other) = self.ids.get(row.id()).copied() {
            self.replace(other, None);
        }
        self.replace(row.sequence(), Some(Arc::new(row)));
    }

    /// Removes the row with an ID.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Arc<T>> {
        let sequence = *self.ids.get(id)?;
        self.replace(sequence, None)
    }

    /// Returns all rows in order of creation.
    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(Arc::as_ref)
    }

    /// Returns the rows with a link, in order of creation.
    pub(crate) fn linked<'t>(&'t self, link: &str) -> impl DoubleEndedIterator<Item = &'t T> + use<'t, T> {
        let (one, many) = match self.links.get(link) {
            None => (None, None),
            Some(Links::One(sequence)) => (Some(sequence), None),
            Some(Links::Many(sequences)) => (None, Some(sequences)),
        };
        one.into_iter().chain(many.into_iter().flatten()).filter_map(|sequence| self.at(*sequence))
    }

    /// Returns the IDs of the rows with a link, for changing them.
    pub(crate) fn linked_ids(&self, link: &str) -> Vec<String> {
        self.linked(link).map(|row| row.id().to_owned()).collect()
    }

    /// Returns the number of rows with a link.
    pub(crate) fn count(&self, link: &str) -> usize {
        match self.links.get(link) {
            None => 0,
            Some(Links::One(_)) => 1,
            Some(Links::Many(sequences)) => sequences.len(),
        }
    }

    /// Returns up to `count` rows with a link that come after a place in the order of creation.
    pub(crate) fn after(&self, link: &str, place: u64, count: usize) -> Vec<&T> {
        match self.links.get(link) {
            None => Vec::new(),
            Some(Links::One(sequence)) => (Some(sequence))
                .filter(|sequence| **sequence > place)
                .and_then(|one| self.at(*one))
                .into_iter()
                .collect(),
            Some(Links::Many(sequences)) => {
                let after = sequences.range(place.saturating_add(1)..);
                after.filter_map(|sequence| self.at(*sequence)).take(count).collect()
            }
        }
    }

    /// Returns the number of rows.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns the ID of the row with the earliest event that is due, and the time of the event.
    pub(crate) fn first_due(&self, now: OffsetDateTime) -> Option<(String, OffsetDateTime)> {
        let (at, sequence) = self.due.first().filter(|(at, _)| *at <= now)?;
        Some((self.at(*sequence)?.id().to_owned(), *at))
    }

    /// Makes the present rows those that `rollback` returns to.
    pub(crate) fn begin(&mut self) {
        self.undo.clear();
    }

    /// Undoes all changes since `begin`.
    pub(crate) fn rollback(&mut self) {
        while let Some((sequence, before)) = self.undo.pop() {
            self.replace(sequence, before);
            self.undo.pop();
        }
    }

    /// Returns the row at a place in the order of creation.
    pub(crate) fn at(&self, sequence: u64) -> Option<&T> {
        self.rows.get(&sequence).map(Arc::as_ref)
    }

    /// Puts a row, or none, in a place of the order. The only function that changes rows, so that the look-ups agree with them.
    fn replace(&mut self, sequence: u64, row: Option<Arc<T>>) -> Option<Arc<T>> {
        let before = match &row {
            Some(row) => self.rows.insert(sequence, Arc::clone(row)),
            None => self.rows.remove(&sequence),
        };
        if let Some(before) = &before {
            self.ids.remove(before.id());
            before.links(&mut |link| unlink(&mut self.links, link, sequence));
            if let Some(at) = before.due() {
                self.due.remove(&(at, sequence));
            }
        }
        if let Some(row) = row {
            self.ids.insert(row.id().into(), sequence);
            row.links(&mut |link| add_link(&mut self.links, link, sequence));
            if let Some(at) = row.due() {
                self.due.insert((at, sequence));
            }
        }
        self.undo.push((sequence, before.clone()));
        before
    }
}

fn add_link(links: &mut HashMap<Box<str>, Links>, link: &str, sequence: u64) {
    match links.get_mut(link) {
        None => {
            links.insert(link.into(), Links::One(sequence));
        }
        Some(Links::Many(many)) => {
            many.insert(sequence);
        }
        Some(one) => {
            if let Links::One(other) = *one {
                *one = Links::Many(BTreeSet::from([other, sequence]));
            }
        }
    }
}

fn unlink(links: &mut HashMap<Box<str>, Links>, link: &str, sequence: u64) {
    let empty = match links.get_mut(link) {
        Some(Links::Many(many)) => {
            many.remove(&sequence);
            many.is_empty()
        }
        Some(Links::One(_)) => true,
        None => false,
    };
    if empty {
        links.remove(link);
    }
}

/// A row that can be changed. The table takes the change over when this is dropped.
pub(crate) struct RowMut<'t, T: Row> {
    table: &'t mut Table<T>,
    sequence: u64,
    before: Arc<T>,
    /// The row as changed; `None` as long as it was only read.
    row: Option<T>,
}

impl<T: Row> Deref for RowMut<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.row.as_ref().unwrap_or(&self.before)
    }
}

impl<T: Row> DerefMut for RowMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.row.get_or_insert_with(|| T::clone(&self.before))
    }
}

impl<T: Row> Drop for RowMut<'_, T> {
    fn drop(&mut self) {
        if let Some(row) = self.row.take() {
            self.table.replace(self.sequence, Some(Arc::new(row)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq)]
    struct Thing {
        sequence: u64,
        id: String,
        region: String,
        owner: Option<String>,
        tags: Tags,
        due: Option<OffsetDateTime>,
    }

    impl Row for Thing {
        fn id(&self) -> &str {
            &self.id
        }

        fn sequence(&self) -> u64 {
            self.sequence
        }

        fn region(&self) -> &str {
            &self.region
        }

        fn tags(&self) -> &Tags {
            &self.tags
        }

        fn tags_mut(&mut self) -> &mut Tags {
            &mut self.tags
        }

        fn links(&self, link: &mut dyn FnMut(&str)) {
            link(&self.region);
            self.owner.iter().for_each(|owner| link(owner));
        }

        fn due(&self) -> Option<OffsetDateTime> {
            self.due
        }
    }

    fn thing(sequence: u64, owner: Option<&str>) -> Thing {
        let (id, region) = (format!("t-{sequence}"), "here".to_owned());
        Thing { sequence, id, region, owner: owner.map(str::to_owned), ..Thing::default() }
    }

    fn ids<'t>(rows: impl Iterator<Item = &'t Thing>) -> Vec<&'t str> {
        rows.map(|row| row.id.as_str()).collect()
    }

    #[test]
    fn rows_are_found_by_what_they_belong_to() {
        let mut table = Table::default();
        for (sequence, owner) in [(3, Some("a")), (1, Some("b")), (2, None)] {
            table.insert(thing(sequence, owner));
        }
        assert_eq!(ids(table.values()), ["t-1", "t-2", "t-3"]);
        assert_eq!(ids(table.linked("here")), ["t-1", "t-2", "t-3"]);
        assert_eq!(ids(table.linked("a")), ["t-3"]);
        assert_eq!(ids(table.after("here", 1, 1).into_iter()), ["t-2"]);
        table.get_mut("t-2").unwrap().owner = Some("a".to_owned());
        assert_eq!(ids(table.linked("a")), ["t-2", "t-3"]);
        table.remove("t-3");
        assert_eq!((table.count("a"), table.count("here"), table.len()), (1, 2, 2));
    }

    #[test]
    fn a_rollback_restores_rows_and_look_ups() {
        let mut table = Table::default();
        table.insert(thing(1, Some("a")));
        table.insert(thing(2, None));
        table.begin();
        table.get_mut("t-1").unwrap().owner = Some("b".to_owned());
        table.get_mut("t-1").unwrap().owner = None;
        table.remove("t-2");
        table.insert(thing(3, Some("a")));
        table.rollback();
        assert_eq!(ids(table.values()), ["t-1", "t-2"]);
        assert_eq!(ids(table.linked("a")), ["t-1"]);
        assert_eq!((table.count("b"), table.contains("t-3")), (0, false));
        table.rollback();
        assert_eq!(table.len(), 2);
    }

    #[test]
    fn events_are_due_in_their_order() {
        let time = |seconds| OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        let mut table = Table::default();
        table.insert(Thing { due: Some(time(20)), ..thing(1, None) });
        table.insert(Thing { due: Some(time(10)), ..thing(2, None) });
        assert_eq!(table.first_due(time(9)), None);
        assert_eq!(table.first_due(time(30)), Some(("t-2".to_owned(), time(10))));
        table.get_mut("t-2").unwrap().due = None;
        assert_eq!(table.first_due(time(30)), Some(("t-1".to_owned(), time(20))));
    }
}
