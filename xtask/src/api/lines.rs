//! The sorted lines of a snapshot.

use std::collections::BTreeSet;

use super::cfg::Gates;

/// Order of the lines of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Item,
    Traits,
    Member,
}

/// Lines, sorted by the name of their item.
#[derive(Default)]
pub(super) struct Lines(BTreeSet<(String, Order, String)>);

impl Lines {
    /// Adds a line to an item. The line ends with the conditions `gates` that are not in `outer`, those of its parent.
    pub(super) fn add(&mut self, item: &str, order: Order, line: &str, gates: &Gates, outer: &Gates) {
        let gates: Gates = gates.difference(outer).cloned().collect();
        let conditions: Vec<&str> = gates
            .iter()
            .map(|gate| {
                let feature = gate.strip_prefix("feature = \"").and_then(|rest| rest.strip_suffix('"'));
                feature.filter(|feature| !feature.contains('"')).unwrap_or(gate)
            })
            .collect();
        let suffix = if gates.is_empty() { String::new() } else { format!(" [if {}]", conditions.join(" + ")) };
        self.0.insert((item.to_owned(), order, format!("{line}{suffix}")));
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0.into_iter().map(|(_, _, line)| line).collect()
    }
}
