//! The order in which the members of a struct came before: elements of a list have the same, so that the next member is
//! mostly found at the first look.

use std::cell::RefCell;

use crate::model::Table;

/// For tables of no more members, searching is as fast as remembering.
const MAX_UNORDERED_MEMBERS: usize = 8;

/// What is known of all structs of one text.
#[derive(Default)]
pub(super) struct Orders(RefCell<Vec<Order>>);

/// Which member came after which.
pub(super) struct Order {
    table: &'static Table,
    /// By the position of a member plus one, the position of the next; first that of the first member.
    next: Vec<usize>,
    /// Position of the last member plus one.
    last: usize,
}

impl Orders {
    /// Starts with a struct. While it is read its order is away: structs inside it learn their own.
    pub(super) fn take(&self, table: &'static Table) -> Order {
        let mut orders = self.0.borrow_mut();
        let known = orders.iter().position(|order| std::ptr::eq(order.table, table));
        let mut order = known.map_or_else(|| Order { table, next: Vec::new(), last: 0 }, |at| orders.swap_remove(at));
        order.last = 0;
        order
    }

    /// Keeps what was learned.
    pub(super) fn put(&self, order: Order) {
        if !order.next.is_empty() {
            self.0.borrow_mut().push(order);
        }
    }
}

impl Order {
    /// The position of the next member, which has this name.
    pub(super) fn position(&mut self, name: &str) -> Option<usize> {
        let names = self.table.names;
        let guess = self.next.get(self.last).copied().filter(|guess| names[*guess] == name);
        let position = guess.or_else(|| self.table.position(name))?;
        if guess.is_none() && names.len() > MAX_UNORDERED_MEMBERS {
            self.next.resize(names.len() + 1, 0);
            self.next[self.last] = position;
        }
        self.last = position + 1;
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
    };

    #[test]
    fn members_are_found_in_any_order() {
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
    fn the_order_of_before_is_looked_at_first() {
        let orders = Orders::default();
        for _ in 0..2 {
            let mut order = orders.take(&TABLE);
            for name in ["C", "A", "B"] {
                order.position(name);
            }
            orders.put(order);
        }
        assert_eq!(orders.take(&TABLE).next[..4], [2, 1, 0, 0]);
    }
}
