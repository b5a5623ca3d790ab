//! Rules about lists that can be split into several calls.

use super::{Checker, Direction};
use crate::{rules, spec::Field};

impl Checker<'_> {
    /// Checks that a batch can be split, and that lists of IDs with a limit are batches unless a reason is stated.
    pub(super) fn batch(&mut self, file: &str, at: &str, field: &Field, direction: Direction) {
        let name = &field.name;
        // Only parameters can be split: `request.3`, not `types.Disk.fields.3`.
        let is_parameter = direction == Direction::Request && at.starts_with("request.");
        if field.batch {
            let mut mistake = |message: String, help: &str| {
                self.mistake(&rules::BATCH, file, &format!("{at}.batch"), message, help);
            };
            if !is_parameter || !field.ty.is_list() || field.ty.name() != "string" {
                let message = format!("`{name}` is a batch, but not a parameter with a list of strings");
                mistake(message, "remove `batch`: only IDs can be split into several calls");
            } else if field.max_items.is_none() {
                let message = format!("the batch `{name}` has no limit");
                mistake(message, "add \"max_items\", the number of elements that a call takes");
            } else if field.undivided.is_some() {
                mistake(format!("the batch `{name}` has a reason why it is none"), "remove `batch` or `undivided`");
            }
            return;
        }
        let is_limited = is_parameter && is_limited_id_list(field);
        match &field.undivided {
            None if is_limited => {
                let message = format!("`{name}` is a limited list of IDs, but not a batch");
                let help = "add \"batch\": true if several calls with parts of the list are equivalent to one with all, \
                            or the reason why not: \"undivided\": \"…\"";
                self.mistake(&rules::UNDECIDED_BATCH, file, &format!("{at}.name"), message, help);
            }
            Some(_) if !is_limited => {
                let message = format!("`undivided` on `{name}`, which is not a limited list of IDs");
                let at = format!("{at}.undivided");
                self.mistake(&rules::NEEDLESS_REASON, file, &at, message, "remove it").fix_by_removing(&at);
            }
            Some(reason) if reason.split_whitespace().count() < 3 => {
                let message = format!("`undivided` of `{name}` has no reason");
                self.mistake(
                    &rules::MISSING_REASON,
                    file,
                    &format!("{at}.undivided"),
                    message,
                    "state why the list must be in one call",
                );
            }
            _ => {}
        }
    }
}

/// Whether a parameter is a limited list of IDs for which it is not decided whether it can be split.
pub(crate) fn is_undecided_batch(field: &Field) -> bool {
    !field.batch && field.undivided.is_none() && is_limited_id_list(field)
}

fn is_limited_id_list(field: &Field) -> bool {
    let is_id_list = field.ty.is_list() && field.ty.name() == "string" && is_id_name(&field.name);
    is_id_list && field.max_items.is_some_and(|max| max > 1)
}

/// Whether a list with this name contains IDs.
fn is_id_name(name: &str) -> bool {
    ["Id", "Ids", "ID", "IDs"].iter().any(|end| name.ends_with(end))
}
