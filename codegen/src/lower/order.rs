//! The order of setters: as people set them.

use indexmap::IndexMap;
use serde_json::Value;

use crate::model::Field;

/// Sorts the fields of a request: required ones, then those of the typical request, the rest, and deprecated ones last.
/// Fields of one kind keep the order of the spec, those of the typical request the order that it has.
pub(super) fn sort(fields: &mut [Field], typical: &IndexMap<String, Value>) {
    fields.sort_by_key(|field| {
        let place = typical.get_index_of(&field.wire);
        // The client sets the region.
        let is_required = field.required && field.wire != "RegionId";
        let group = match (is_required, place, field.deprecated) {
            (true, _, _) => 0,
            (false, Some(_), _) => 1,
            (false, None, false) => 2,
            (false, None, true) => 3,
        };
        (group, place.unwrap_or(usize::MAX))
    });
}
