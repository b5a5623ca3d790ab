//! Rules about limits: they fit the type and each other.

use serde_json::Number;

use super::Checker;
use crate::{rules, spec::Field};

impl Checker<'_> {
    /// Checks that limits fit the type and each other.
    pub(super) fn limits(&mut self, file: &str, at: &str, field: &Field) {
        let name = &field.name;
        let ty = field.ty.name();
        let number = matches!(ty, "i32" | "i64" | "f32" | "f64" | "string");
        for (key, given) in [("min", field.min.is_some()), ("max", field.max.is_some())] {
            if given && !number {
                let message = format!("`{name}` is not a number but has `{key}`");
                self.mistake(
                    &rules::LIMITS,
                    file,
                    &format!("{at}.{key}"),
                    message,
                    "remove it, or use min_items or max_items",
                );
            }
        }
        for (key, given) in [("min_items", field.min_items.is_some()), ("max_items", field.max_items.is_some())] {
            if given && !field.ty.is_list() {
                let message = format!("`{name}` is not a list but has `{key}`");
                self.mistake(
                    &rules::LIMITS,
                    file,
                    &format!("{at}.{key}"),
                    message,
                    "remove it, or make the type a list",
                );
            }
        }
        let string_facts = [
            ("pattern", field.pattern.is_some()),
            ("min_length", field.min_length.is_some()),
            ("max_length", field.max_length.is_some()),
        ];
        for (key, given) in string_facts {
            if given && ty != "string" {
                let message = format!("`{name}` is not a string but has `{key}`");
                self.mistake(
                    &rules::LIMITS,
                    file,
                    &format!("{at}.{key}"),
                    message,
                    "remove it, or make the type a string",
                );
            }
        }
        let limit = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_f64);
        let (min, max) = (limit(&field.min), limit(&field.max));
        if min > max && max.is_some() {
            let message = format!("`min` of `{name}` is greater than `max`");
            self.mistake(&rules::LIMITS, file, &format!("{at}.min"), message, "swap `min` and `max`");
        }
        if field.min_length > field.max_length && field.max_length.is_some() {
            let message = format!("`min_length` of `{name}` is greater than `max_length`");
            self.mistake(
                &rules::LIMITS,
                file,
                &format!("{at}.min_length"),
                message,
                "swap `min_length` and `max_length`",
            );
        }
        if field.min_items > field.max_items && field.max_items.is_some() {
            let message = format!("`min_items` of `{name}` is greater than `max_items`");
            self.mistake(&rules::LIMITS, file, &format!("{at}.min_items"), message, "swap `min_items` and `max_items`");
        }
    }
}
