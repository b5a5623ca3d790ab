//! Where decoding is: the path, what was skipped, and how much memory was taken.

use std::cell::{Cell, RefCell};

use super::order::Orders;
use crate::model::{Model, Slot};

/// Memory that the structs in lists of a response may take, in bytes. Responses of the service stay far below: a page
/// holds at most some thousands. Without a limit, a few bytes of JSON (`{}`) would become kilobytes of memory.
const MAX_LIST_BYTES: usize = 256 << 20;

/// Where something failed or was skipped. Paths are put together on the way out, so that reading costs nothing.
#[derive(Default)]
pub(super) struct Context<'c> {
    pub(super) failed: RefCell<String>,
    pub(super) unread: Option<&'c RefCell<Vec<String>>>,
    /// Memory of the structs in lists so far.
    pub(super) taken: Cell<usize>,
    pub(super) orders: Orders,
}

pub(super) enum Step<'s> {
    Name(&'s str),
    Index(usize),
}

impl Context<'_> {
    #[inline]
    pub(super) fn within<T, E>(&self, step: &Step<'_>, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = self.unread.map_or(0, |unread| unread.borrow().len());
        let result = work();
        if result.is_err() {
            let mut path = self.failed.borrow_mut();
            *path = join(step, &path);
        }
        if let Some(unread) = self.unread {
            for path in unread.borrow_mut().iter_mut().skip(before) {
                *path = join(step, path);
            }
        }
        result
    }

    /// Counts an element of a list; fails when there are too many.
    pub(super) fn take<E: serde::de::Error>(&self, element: &Slot<'_>) -> Result<(), E> {
        if let Slot::Model(model) = element {
            self.taken.set(self.taken.get() + size_of_val::<dyn Model>(*model));
            if self.taken.get() > MAX_LIST_BYTES {
                return Err(E::custom(format_args!("the lists hold more than {} MiB", MAX_LIST_BYTES >> 20)));
            }
        }
        Ok(())
    }

    pub(super) fn skipped(&self, name: &str) {
        if let Some(unread) = self.unread {
            unread.borrow_mut().push(name.to_owned());
        }
    }
}

/// A step in front of a path: `Instances` and `[0].Cpu` give `Instances[0].Cpu`.
pub(super) fn join(step: &Step<'_>, rest: &str) -> String {
    let step = match step {
        Step::Name(name) => (*name).to_owned(),
        Step::Index(index) => format!("[{index}]"),
    };
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    step + dot + rest
}
