//! The state of decoding one document: the path of an error, skipped members, and the memory used by lists.

use std::{
    cell::{Cell, RefCell},
    fmt::{self, Display},
};

use serde::de::Error;

use super::{budget::Budget, order::Orders};
use crate::{
    content::Encoding,
    model::{Holder, List, Model, OptionList, Scalar, Slot, StringMap, TypedSlot, table},
    trace::TARGET,
};

/// Number of characters that a path shows of a name. The longest member has about 50.
const MAX_NAME_CHARS: usize = 100;

/// Collects what failed or was skipped. Paths are built while returning, so that they cost nothing if everything is
/// read.
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
    /// Whether any member of the model was found.
    pub(super) known: Cell<bool>,
    pub(super) budget: Budget,
    /// The encoding of content, as far as the request determines it.
    pub(super) encoding: Encoding,
    pub(super) orders: Orders,
    /// The name of the member that is probably the next one, for the parser.
    pub(super) expected: Cell<&'static str>,
}

pub(super) enum Step<'s> {
    Name(&'s str),
    Index(usize),
}

impl Context<'_> {
    /// For a response whose body has `length` bytes; 0 if that is unknown.
    pub(super) fn of_response(length: usize) -> Self {
        Self { is_response: true, ..Self::of_request(length) }
    }

    /// For a request.
    pub(super) fn of_request(length: usize) -> Self {
        Self {
            failed: RefCell::default(),
            unread: None,
            is_response: false,
            unreadable: Cell::default(),
            first_unreadable: RefCell::default(),
            known: Cell::default(),
            budget: Budget::for_length(length),
            encoding: Encoding::default(),
            orders: Orders::default(),
            expected: Cell::default(),
        }
    }

    #[inline]
    pub(super) fn within<T, E>(&self, step: &Step<'_>, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let before = self.count_unread();
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

    pub(super) fn count_unread(&self) -> usize {
        self.unread.map_or(0, |unread| unread.borrow().len())
    }

    /// Appends an element to a list and counts its memory.
    pub(super) fn push<'l, E: Error>(&self, list: &'l mut dyn List) -> Result<Slot<'l>, E> {
        let is_first = list.count() == 0;
        let slot = list.push();
        let size = match &slot {
            Slot::Text(_) => size_of::<String>(),
            Slot::OptionText(_) => size_of::<Option<String>>(),
            Slot::Scalar(scalar) => size_of_val::<dyn Scalar>(*scalar),
            Slot::Typed(typed) => size_of_val::<dyn TypedSlot>(*typed),
            Slot::Model(model) => size_of_val::<dyn Model>(*model),
            Slot::OptionModel(model) => size_of_val::<dyn Holder>(*model),
            Slot::Map(_) => size_of::<StringMap>(),
            Slot::List(list) => size_of_val::<dyn List>(*list),
            Slot::OptionList(list) => size_of_val::<dyn OptionList>(*list),
            Slot::Meta(_) => 0,
        };
        self.budget.take_element(size, is_first)?;
        Ok(slot)
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
        // The names in a map can have any length.
        Step::Name(name) => name.chars().take(MAX_NAME_CHARS).collect(),
        Step::Index(index) => format!("[{index}]"),
    };
    let dot = if rest.is_empty() || rest.starts_with('[') { "" } else { "." };
    step + dot + rest
}

/// Quotes a string in an error, and shortens it if it is long. Strings of responses are not quoted, because they may be
/// secrets that the service issues.
pub(super) struct Quoted<'a>(pub(super) &'a str, pub(super) &'a Context<'a>);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough to recognize the value, and short enough for a one-line error.
        const MAX_QUOTED_CHARS: usize = 60;
        if self.1.is_response {
            return f.write_str("a string");
        }
        match self.0.char_indices().nth(MAX_QUOTED_CHARS) {
            Some((end, _)) => write!(f, "\"{}…\"", &self.0[..end]),
            None => write!(f, "\"{}\"", self.0),
        }
    }
}
