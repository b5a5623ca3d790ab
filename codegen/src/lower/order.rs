//! The order of setters: as people set them. Fields keep the order of the spec, which is that of the form.

use indexmap::IndexMap;
use serde_json::Value;

use crate::model::Field;

/// Ranks the fields of a request: required ones first, then those of the typical request, the rest, and deprecated ones
/// last. Fields of one kind keep their order; those of the typical request have the order of that request.
pub(super) fn rank(fields: &mut [Field], typical: &IndexMap<String, Value>) {
    for field in fields {
        let place = typical.get_index_of(&field.wire);
        // The client sets the region.
        let is_required = field.required && field.wire != "RegionId";
        let group = match (is_required, place, field.deprecated) {
            (true, _, _) => 0,
            (false, Some(_), _) => 1,
            (false, None, false) => 2,
            (false, None, true) => 3,
        };
        field.rank = (group, place.unwrap_or(usize::MAX));
    }
}
