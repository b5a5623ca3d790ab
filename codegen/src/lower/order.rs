//! The order of setters: from the most to the least commonly used. Fields keep the order of the spec, which is the order of
//! the encoded form.

use indexmap::IndexMap;
use serde_json::Value;

use crate::model::Field;

/// Sets the positions of the setters of a request: required fields first, then those of the typical request, then all
/// others, and deprecated ones last. Fields of the typical request have the order of that request. Otherwise, fields keep
/// their order.
pub(super) fn set_positions(fields: &mut [Field], typical: &IndexMap<String, Value>) {
    for field in fields {
        let place = typical.get_index_of(&field.wire);
        let group = match (field.must_be_set(), place, field.deprecated) {
            (true, _, _) => 0,
            (false, Some(_), _) => 1,
            (false, None, false) => 2,
            (false, None, true) => 3,
        };
        field.setter_position = (group, place.unwrap_or(usize::MAX));
    }
}
