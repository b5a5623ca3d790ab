//! Typed arguments of an API call.

use serde_json::{Map, Value};

/// The arguments of a call, by wire name. Dotted names reach into structs: `SystemDisk.Category`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Args(Value);

impl Args {
    /// Creates arguments from checked values.
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Args(Value::Object(members))
    }

    /// Returns the argument with a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        // A request has few arguments, and handlers look for many: to compare names costs less than to hash them.
        name.split('.').try_fold(&self.0, |value, part| {
            value.as_object()?.iter().find_map(|(own, member)| (own == part).then_some(member))
        })
    }

    /// Returns a string argument.
    pub(crate) fn string(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Returns a string argument, or a default if it is absent.
    pub(crate) fn string_or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.string(name).unwrap_or(default)
    }

    /// Returns an integer argument.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// Returns a count, such as an amount or a size; `None` also for negative numbers.
    pub(crate) fn count(&self, name: &str) -> Option<u32> {
        self.int(name).and_then(|number| u32::try_from(number).ok())
    }

    /// Returns a number argument.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(Value::as_f64)
    }

    /// Returns a Boolean argument.
    pub(crate) fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }

    /// Returns a Boolean argument, or false if it is absent.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.boolean(name).unwrap_or(false)
    }

    /// Returns a list; `None` if it was not sent.
    pub(crate) fn list(&self, name: &str) -> Option<&[Value]> {
        self.get(name).and_then(Value::as_array).map(Vec::as_slice)
    }

    /// Returns a list of strings; `None` if it was not sent.
    pub(crate) fn strings(&self, name: &str) -> Option<Vec<&str>> {
        self.list(name).map(|items| items.iter().filter_map(Value::as_str).collect())
    }

    /// Returns a string or a list of strings as a list; `None` if it was not sent.
    pub(crate) fn one_or_many(&self, name: &str) -> Option<Vec<&str>> {
        self.strings(name).or_else(|| self.string(name).map(|one| vec![one]))
    }

    /// Returns all arguments by name.
    pub(crate) fn members(&self) -> Option<&Map<String, Value>> {
        self.0.as_object()
    }

    /// Returns the names of the arguments that were sent.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.as_object().into_iter().flat_map(|members| members.keys().map(String::as_str))
    }

    /// Returns a list of structs, each as arguments; empty if it was not sent.
    pub(crate) fn structs(&self, name: &str) -> Vec<Args> {
        self.list(name).unwrap_or_default().iter().cloned().map(Args).collect()
    }
}
