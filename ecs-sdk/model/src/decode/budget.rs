//! The memory that decoding one document may take.

use std::cell::Cell;

use serde::de::Error;

/// Memory that any response may take. This is ten times the largest known page, and as much as strings alone take in a
/// response of the maximum size (64 MiB by default): one copy, and as much again for allocations.
const MIN_BYTES: usize = 128 << 20;
/// Size of an allocation beyond its content: the allocator's own data and rounding.
const ALLOCATION_BYTES: usize = 16;
/// Size of the first node of a map from strings to strings or JSON values, which has space for 11 entries.
const MAP_BYTES: usize = 640;
/// Average size of each further entry, because nodes are usually half full.
const ENTRY_BYTES: usize = 112;

/// The memory that a document may still take. Without a limit, a few bytes of a malicious response could each take
/// kilobytes: `{}` is a struct, `[0]` in untyped JSON a list with space for four elements.
pub(super) struct Budget {
    total: usize,
    left: Cell<usize>,
}

impl Budget {
    /// The budget for a document of this length. A caller who raises the maximum size of responses gets a larger one.
    pub(super) fn for_length(length: usize) -> Self {
        let total = MIN_BYTES.max(length.saturating_mul(2));
        Self { total, left: Cell::new(total) }
    }

    /// Counts memory. Returns an error if there is too little left.
    pub(super) fn take<E: Error>(&self, bytes: usize) -> Result<(), E> {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.exceeded()),
        }
    }

    #[cold]
    fn exceeded<E: Error>(&self) -> E {
        E::custom(format_args!("decoding takes more than {} MiB of memory", self.total >> 20))
    }

    /// Counts an element of a list. A list begins with space for four elements, unless they are large.
    pub(super) fn take_element<E: Error>(&self, size: usize, is_first: bool) -> Result<(), E> {
        let space = if is_first && size <= 1024 { 4 * size } else { size };
        self.take(if is_first { space + ALLOCATION_BYTES } else { space })
    }

    /// Counts the content of a string.
    pub(super) fn take_text<E: Error>(&self, length: usize) -> Result<(), E> {
        // An empty string has no allocation.
        if length == 0 { Ok(()) } else { self.take(length.max(ALLOCATION_BYTES) + ALLOCATION_BYTES) }
    }

    /// Counts an entry of a map that has `count` entries.
    pub(super) fn take_entry<E: Error>(&self, count: usize, name: &str) -> Result<(), E> {
        self.take(if count == 0 { MAP_BYTES } else { ENTRY_BYTES })?;
        self.take_text(name.len())
    }
}
