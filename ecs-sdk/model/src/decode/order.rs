//! Remembers the order of the members of a struct. The elements of a list usually have the same order, so that the next
//! member is found without a search.

use std::cell::RefCell;

use crate::model::Table;

/// Tables with this many members or fewer do not remember an order that differs, because a search is equally fast.
const MAX_SEARCHED_MEMBERS: usize = 8;

/// The orders of all structs in one document.
#[derive(Default)]
pub(super) struct Orders(RefCell<Vec<Order>>);

/// The order of the members of one struct.
pub(super) struct Order {
    table: &'static Table,
    /// The position of the first member, then for each member, in the order of the table, the position of the next one.
    next: Vec<usize>,
    /// Position of the last member plus one.
    last: usize,
}

impl Orders {
    /// Takes the order of a struct out of the list. If the same struct is nested in itself, the inner one starts a new
    /// order.
    pub(super) fn take(&self, table: &'static Table) -> Order {
        let mut orders = self.0.borrow_mut();
        let known = orders.iter().position(|order| std::ptr::eq(order.table, table));
        let mut order = known.map_or_else(|| Order { table, next: Vec::new(), last: 0 }, |at| orders.swap_remove(at));
        order.last = 0;
        order
    }

    /// Puts an order back.
    pub(super) fn put(&self, order: Order) {
        if !order.next.is_empty() {
            self.0.borrow_mut().push(order);
        }
    }
}

impl Order {
    /// Position of the member that is probably the next one. Until another order is known, it is that of the table.
    #[inline]
    fn guess(&self) -> usize {
        self.next.get(self.last).map_or(self.last, |next| *next)
    }

    /// Returns the name of the member that is probably the next one. Empty at the end.
    #[inline]
    pub(super) fn expected(&self) -> &'static str {
        self.table.names.get(self.guess()).copied().unwrap_or_default()
    }

    /// Returns the position of the next member, which is called `name`.
    #[inline]
    pub(super) fn position(&mut self, name: &str) -> Option<usize> {
        let guess = self.guess();
        // A parser that found the expected name returns that very string.
        let is_expected =
            self.table.names.get(guess).is_some_and(|expected| std::ptr::eq(*expected, name) || *expected == name);
        let position = if is_expected { guess } else { self.search(name)? };
        self.last = position + 1;
        Some(position)
    }

    fn search(&mut self, name: &str) -> Option<usize> {
        let names = self.table.names;
        let position = self.table.position(name)?;
        if names.len() > MAX_SEARCHED_MEMBERS {
            if self.next.is_empty() {
                self.next = (0..=names.len()).collect();
            }
            self.next[self.last] = position;
        }
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: Table = Table {
        name: "Letters",
        names: &["A", "B", "C", "D", "E", "F", "G", "H", "I"],
        fields: "a b c d e f g h i",
        styles: &[],
        required: &[],
        secret: &[],
        sizes: &[],
    };

    #[test]
    fn finds_members_in_any_order() {
        let orders = Orders::default();
        for names in ["IHGFEDCBA", "IHGFEDCBA", "ABCDEFGHI", "IGECA", "AXA", "XI", ""] {
            let mut order = orders.take(&TABLE);
            for name in names.chars() {
                let name = name.to_string();
                assert_eq!(order.position(&name), TABLE.position(&name), "{name} of {names}");
            }
            orders.put(order);
        }
        assert_eq!(orders.0.borrow().len(), 1);
    }

    #[test]
    fn remembers_the_order_of_earlier_structs() {
        let orders = Orders::default();
        for _ in 0..2 {
            let mut order = orders.take(&TABLE);
            for name in ["C", "A", "B"] {
                order.position(name);
            }
            orders.put(order);
        }
        assert_eq!(orders.take(&TABLE).next[..4], [2, 1, 2, 0]);
    }
}
