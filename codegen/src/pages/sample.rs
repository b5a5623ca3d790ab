//! Samples of responses and requests. A sample is a hint about nesting where a table does not tell; the table is right
//! where both state something.

mod json;
mod xml;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::cell::Scalar;
use super::schema;
use crate::import::Schema;

/// Depth beyond which samples are not read.
const MAX_DEPTH: usize = 32;

/// The shape of a value in samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) members: IndexMap<String, Shape>,
    /// Whether it is a list. `members` are those of its elements then.
    pub(super) is_list: bool,
    /// Whether it is a list or not is unknown, as in XML, where lists of one element look like members.
    pub(super) may_be_list: bool,
    /// Type of a single value, or of the elements of a list.
    pub(super) scalar: Option<Scalar>,
    /// Name of the wrapper that another sample shows around the list.
    pub(super) wrapper: Option<String>,
}

impl Shape {
    /// The shape of the response in all samples of a page.
    pub(super) fn of_samples<'s>(samples: impl Iterator<Item = &'s str>) -> Shape {
        let (mut known, mut xml) = (Shape::default(), Shape::default());
        for text in samples {
            let text = text.trim_start();
            match text.chars().next() {
                Some('{') => known.merge(json::read(text).unwrap_or_default().without_root()),
                Some('<') => xml.merge(xml::read(text).unwrap_or_default()),
                _ => {}
            }
        }
        if known == Shape::default() {
            return xml;
        }
        known.find_wrappers(&xml);
        known
    }

    /// The response itself, if the sample names it as XML does: `{"DescribeInstancesResponse": {…}}`.
    fn without_root(mut self) -> Shape {
        let is_root = |(name, inner): (&String, &Shape)| {
            name.ends_with("Response") && !inner.members.is_empty() && !inner.is_list
        };
        if self.members.len() == 1 && self.members.iter().all(is_root) {
            return self.members.pop().map_or_else(Shape::default, |(_, inner)| inner);
        }
        self
    }

    /// Whether it, or a struct in it, has both members.
    pub(super) fn has_both(&self, a: &str, b: &str) -> bool {
        let has = |name| self.members.contains_key(name);
        has(a) && has(b) || self.members.values().any(|inner| inner.has_both(a, b))
    }

    /// Notes the wrappers that XML shows around lists that are bare in JSON: older pages leave them out of JSON.
    fn find_wrappers(&mut self, xml: &Shape) {
        // `"Parts": [{"Part": [...]}]` is `"Parts": {"Part": [...]}` if XML has no element between the two.
        let item = self.only().filter(|(_, inner)| inner.is_list).map(|(item, _)| item);
        if self.is_list && item.is_some() && item == xml.only().map(|(item, _)| item) {
            self.is_list = false;
        }
        if self.is_list {
            self.wrapper = xml.only().map(|(item, _)| item.to_owned()).filter(|item| !self.members.contains_key(item));
        }
        let inner = xml.only().filter(|_| self.wrapper.is_some()).map_or(xml, |(_, inner)| inner);
        for (name, shape) in &mut self.members {
            if let Some(xml) = inner.members.get(name) {
                shape.find_wrappers(xml);
            }
        }
    }

    /// Whether it, or a struct in it, has a member of exactly this name.
    pub(super) fn has_named(&self, name: &str) -> bool {
        self.members.contains_key(name) || self.members.values().any(|inner| inner.has_named(name))
    }

    /// Adds the names of its members, and of those of structs in it.
    pub(super) fn add_names<'s>(&'s self, names: &mut HashSet<&'s str>) {
        for (name, inner) in &self.members {
            names.insert(name);
            inner.add_names(names);
        }
    }

    /// The member of this name. Pages and samples differ in case.
    pub(super) fn member(&self, name: &str) -> Option<&Shape> {
        let same = || self.members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, shape)| shape);
        self.members.get(name).or_else(same)
    }

    /// Name and shape of the member that a row means: the one with its name, or the list whose elements have it.
    pub(super) fn meant(&self, name: &str) -> Option<(&str, &Shape)> {
        let named = self.members.iter().find(|(known, _)| *known == name);
        let same = || self.members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let of_elements =
            || self.members.iter().find(|(_, shape)| shape.wrapped().is_some_and(|(item, _)| item == name));
        named.or_else(same).or_else(of_elements).map(|(known, shape)| (known.as_str(), shape))
    }

    /// The members that have none of the names, with whether to look for their own members, too.
    pub(super) fn without(&self, names: &HashMap<String, bool>, path: &str, found: &mut Vec<String>) {
        for (name, inner) in &self.members {
            let path = format!("{path}{name}");
            match names.get(&name.to_lowercase()) {
                Some(true) => inner.without(names, &format!("{path}."), found),
                Some(false) => {}
                None => found.push(path),
            }
        }
    }

    /// If it is an object with nothing but a list: the list's name and the list.
    pub(super) fn wrapped(&self) -> Option<(&str, &Shape)> {
        let (name, inner) = self.members.first().filter(|_| self.members.len() == 1 && !self.is_list)?;
        inner.is_list.then_some((name.as_str(), inner))
    }

    /// All lists that are the only member of an object: names of the object and the list.
    pub(super) fn wrappers(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        for (name, shape) in &self.members {
            found.extend(shape.wrapped().map(|(item, _)| (name.as_str(), item)));
            found.extend(shape.wrappers());
        }
        found
    }

    /// The only member of an object: in XML, a wrapper with one element looks like that.
    pub(super) fn only(&self) -> Option<(&str, &Shape)> {
        let (name, inner) = self.members.first().filter(|_| self.members.len() == 1)?;
        Some((name.as_str(), inner))
    }

    /// The object itself, or the elements of the list in it.
    pub(super) fn content(&self) -> &Shape {
        self.wrapped().map_or(self, |(_, inner)| inner)
    }

    /// The elements of a list, which is bare or the only member of an object.
    pub(super) fn elements(&self) -> &Shape {
        if self.is_list && !self.may_be_list { self } else { self.only().map_or(self, |(_, inner)| inner) }
    }

    /// The type that the sample suggests, for members that no table has.
    pub(super) fn schema(&self) -> Schema {
        let members = self.members.iter().map(|(name, shape)| (name.clone(), shape.schema()));
        let element = match self.scalar {
            Some(scalar) if self.members.is_empty() => schema::scalar(scalar),
            _ if self.members.is_empty() && self.is_list => schema::scalar(Scalar::String),
            _ => schema::object(members.collect()),
        };
        if self.is_list { schema::list(element) } else { element }
    }

    /// Whether it is an empty object, of which nothing is known.
    pub(super) fn is_unknown(&self) -> bool {
        self.members.is_empty() && self.scalar.is_none() && !self.is_list
    }

    pub(super) fn merge(&mut self, other: Shape) {
        self.is_list |= other.is_list;
        self.may_be_list |= other.may_be_list;
        self.scalar = self.scalar.or(other.scalar);
        for (name, shape) in other.members {
            self.members.entry(name).or_default().merge(shape);
        }
    }
}
