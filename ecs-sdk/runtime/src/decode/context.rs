//! The state of decoding one document: the path of an error, skipped members, and the memory used by lists.

use std::{
    cell::{Cell, RefCell},
    fmt::Display,
};

use serde::de::Error;

use super::order::Orders;
use crate::{
    model::{Model, Scalar, Slot, table},
    trace::TARGET,
};

/// Maximum memory of the structs in the lists of a response. Responses of the service are far smaller: a page contains
/// at most a few thousand structs. Without a limit, each `{}` of a malicious response could take kilobytes of memory.
const MAX_LIST_BYTES: usize = 256 << 20;

/// Collects what failed or was skipped. Paths are built while returning, so that they cost nothing if everything is
/// read.
#[derive(Default)]
pub(super) struct Context<'c> {
    pub(super) failed: RefCell<String>,
    pub(super) unread: Option<&'c RefCell<Vec<String>>>,
    /// Whether the model is a response. Then numbers and booleans that cannot be read become absent, and so do empty
    /// enums and times.
    pub(super) is_response: bool,
    /// Number of values that could not be read.
    unreadable: Cell<usize>,
    /// Path of the first of them, and the expected type.
    first_unreadable: RefCell<(String, &'static str)>,
    /// Memory used by the structs in lists so far.
    list_bytes: Cell<usize>,
    pub(super) orders: Orders,
}

pub(super) enum Step<'s> {
    Name(&'s str),
    Index(usize),
}

impl Context<'_> {
    pub(super) fn of_response() -> Self {
        Self { is_response: true, ..Self::default() }
    }

    #[inline]
    pub(super) fn within<T, E>(&self, step: &Step<'_>, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = self.unread.map_or(0, |unread| unread.borrow().len());
        let unreadable = self.unreadable.get();
        let result = work();
        if result.is_err() {
            let mut path = self.failed.borrow_mut();
            *path = join(step, &path);
        }
        if unreadable == 0 && self.unreadable.get() > 0 {
            let mut first = self.first_unreadable.borrow_mut();
            first.0 = join(step, &first.0);
        }
        if let Some(unread) = self.unread {
            for path in unread.borrow_mut().iter_mut().skip(before) {
                *path = join(step, path);
            }
        }
        result
    }

    /// Counts the memory of a list's element. Returns an error if the lists use too much.
    pub(super) fn take<E: Error>(&self, element: &Slot<'_>) -> Result<(), E> {
        if let Slot::Model(model) = element {
            self.list_bytes.set(self.list_bytes.get() + size_of_val::<dyn Model>(*model));
            if self.list_bytes.get() > MAX_LIST_BYTES {
                return Err(E::custom(format_args!("the lists take more than {} MiB of memory", MAX_LIST_BYTES >> 20)));
            }
        }
        Ok(())
    }

    pub(super) fn skipped(&self, name: &str) {
        if let Some(unread) = self.unread {
            unread.borrow_mut().push(name.to_owned());
        }
    }

    /// Makes a number or boolean that cannot be read absent. Returns an error if the value is not optional or part of a
    /// request.
    pub(super) fn unreadable<E: Error>(
        &self,
        scalar: &mut dyn Scalar,
        expected: &'static str,
        found: &dyn Display,
    ) -> Result<(), E> {
        if !self.is_response || !scalar.clear() {
            return Err(E::custom(format_args!("expected {expected}, found {found}")));
        }
        if self.unreadable.replace(self.unreadable.get() + 1) == 0 {
            self.first_unreadable.borrow_mut().1 = expected;
        }
        self.skipped("");
        Ok(())
    }

    /// Reports all values that could not be read, in a single event that does not contain the values.
    pub(super) fn report(&self, model: &dyn Model) {
        let count = self.unreadable.get();
        if count > 0 {
            let (path, expected) = &*self.first_unreadable.borrow();
            let model = table(model).name;
            tracing::warn!(
                target: TARGET,
                model, path, expected, count,
                "numbers or booleans that could not be read are treated as absent; the path of the first one is given"
            );
        }
    }
}

/// Prepends a step to a path: `Instances` and `[0].Cpu` become `Instances[0].Cpu`.
fn join(step: &Step<'_>, rest: &str) -> String {
    let step = match step {
        Step::Name(name) => (*name).to_owned(),
        Step::Index(index) => format!("[{index}]"),
    };
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    step + dot + rest
}
