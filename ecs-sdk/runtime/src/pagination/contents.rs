//! The contents of pages, to find out whether a page was returned before.

use std::{
    collections::HashSet,
    hash::{BuildHasher, Hash, Hasher, RandomState},
    io,
};

use crate::{
    encode,
    model::{Model, Value},
    path::find,
};

/// Hashes of the pages and tokens that were seen.
#[derive(Default)]
pub(super) struct Seen {
    hashes: HashSet<u64>,
    hasher: RandomState,
}

impl Seen {
    /// Bounds memory to a few MiB; no list has that many pages.
    const MAX_HASHES: usize = 1 << 16;

    /// Stores a value. Returns whether it is new.
    pub(super) fn insert(&mut self, value: impl Hash) -> bool {
        if self.hashes.len() == Self::MAX_HASHES {
            // A cycle is detected one round later.
            self.hashes.clear();
        }
        self.hashes.insert(self.hasher.hash_one(value))
    }

    /// Whether a value was stored.
    pub(super) fn contains(&self, value: impl Hash) -> bool {
        self.hashes.contains(&self.hasher.hash_one(value))
    }
}

/// The items of a page. Their hash depends on their number, the first and the last one: items have IDs or times, so two
/// pages that have these in common are the same, and hashing all items would take a tenth of the time of decoding them.
pub(super) struct Contents<'a> {
    response: &'a dyn Model,
    path: &'a str,
}

impl<'a> Contents<'a> {
    /// The list at a path of a response.
    pub(super) fn of(response: &'a dyn Model, path: &'a str) -> Self {
        Self { response, path }
    }

    /// Returns the number of items.
    pub(super) fn count(&self) -> u64 {
        let count = find(self.response, self.path, |value| match value {
            Value::List(list) => list.count() as u64,
            _ => 0,
        });
        count.unwrap_or(0)
    }
}

impl Hash for Contents<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        find(self.response, self.path, |value| {
            let Value::List(list) = value else { return };
            list.count().hash(state);
            for index in [Some(0), list.count().checked_sub(1)].into_iter().flatten().take(list.count()) {
                match list.at(index) {
                    Value::Model(model) => {
                        let mut json = serde_json::Serializer::new(Hashing(state));
                        // Neither serializing a model nor writing to a hasher fails.
                        let _ = encode::serialize(model, &mut json);
                    }
                    value => encode::plain(value).hash(state),
                }
            }
        });
    }
}

/// Passes what is written to a hasher.
struct Hashing<'a, H>(&'a mut H);

impl<H: Hasher> io::Write for Hashing<'_, H> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
