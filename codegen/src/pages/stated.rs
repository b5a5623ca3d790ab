//! Types that only the description of a row states.

use super::cell::{Kind, link};
use super::nesting::Row;

/// Whether the description of a row without a type states that it is a list.
pub(super) fn states_list(row: &Row) -> bool {
    let text = row.description.to_lowercase();
    ["类型为list", "类型为array", "数组", "data type is list", "type: list"].iter().any(|words| text.contains(words))
}

/// The row, with the type to which its description links if its cell lacks one.
pub(super) fn with_linked_type(mut row: Row, is_described: &dyn Fn(&str) -> bool) -> Row {
    if matches!(row.kind, Kind::List(None) | Kind::Unset) {
        let label = link(&row.description).map_or("", |(label, _)| label);
        let name: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
        if !name.is_empty() && is_described(&name) {
            let named = Kind::Named(name);
            row.kind = if row.kind == Kind::Unset { named } else { Kind::List(Some(Box::new(named))) };
        }
    }
    row
}
