//! Rules about content that the API transfers in Base64, and about sizes.

use super::{Checker, Direction};
use crate::{
    naming, rules,
    spec::{BASE64, CONTENT_ENCODING, Field, Operation},
};

impl<'a> Checker<'a> {
    /// Checks the encoding and the size of a field. `siblings` are the fields of the same struct.
    pub(super) fn content(
        &mut self,
        file: &str,
        at: &str,
        field: &Field,
        siblings: &'a [Field],
        operation: &'a Operation,
        direction: Direction,
    ) {
        let name = &field.name;
        let is_string = field.ty.name() == "string" && !field.ty.is_list();
        let facts = [
            ("base64", field.base64),
            ("encoded_by", field.encoded_by.is_some()),
            ("max_bytes", field.max_bytes.is_some()),
        ];
        for (key, _) in facts.iter().filter(|(_, given)| *given && !is_string) {
            let message = format!("`{name}` is not a string but has `{key}`");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &format!("{at}.{key}"),
                message,
                "remove it, or make the type a string",
            );
        }
        if field.max_bytes.is_some() && (direction == Direction::Response || field.max_bytes == Some(0)) {
            let message = format!("`max_bytes` of `{name}` has no effect");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &format!("{at}.max_bytes"),
                message,
                "remove it; only parameters have a largest size",
            );
        }
        if (field.base64 || field.encoded_by.is_some()) && is_string {
            self.method(file, at, field, siblings, direction);
        }
        let Some(by) = &field.encoded_by else { return };
        let at = format!("{at}.encoded_by");
        if field.base64 {
            let message = format!("`{name}` has both `base64` and `encoded_by`");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &at,
                message,
                "remove `base64` unless the value is always Base64",
            );
            return;
        }
        let sibling = siblings.iter().find(|sibling| sibling.name == *by && sibling.skip.is_none());
        let is_inner = !std::ptr::eq(operation.response.as_slice(), siblings);
        let of_request = || {
            let is_requested = direction == Direction::Response && is_inner && by == CONTENT_ENCODING;
            operation.request.iter().find(|parameter| is_requested && parameter.name == *by)
        };
        let Some(stated) = sibling.or_else(of_request) else {
            let help = format!(
                "name a member of the same struct; for a struct in a response, also the parameter `{CONTENT_ENCODING}`"
            );
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &at,
                format!("`{name}` is encoded by the unknown member `{by}`"),
                help,
            );
            return;
        };
        let own = Some(operation).filter(|_| file == operation.path);
        let values = self.resolve(stated.ty.name(), own).and_then(|ty| ty.values.as_ref());
        if !values.is_some_and(|values| values.contains_key(BASE64)) {
            let message =
                format!("`{by}`, which states the encoding of `{name}`, is not an enum with the value `{BASE64}`");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &at,
                message,
                format!("make its type an enum with the value `{BASE64}`"),
            );
        } else if direction == Direction::Request && stated.default.is_none() {
            let message = format!("`{by}`, which states the encoding of `{name}`, has no default");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &at,
                message,
                "add its `default`, which decides how the size counts",
            );
        } else if sibling.is_none() && stated.default.as_ref().and_then(|value| value.as_str()) != Some(BASE64) {
            let message = format!("the default of `{by}`, which states the encoding of `{name}`, is not `{BASE64}`");
            self.mistake(
                &rules::CONTENT_ENCODING,
                file,
                &at,
                message,
                "only responses in Base64 by default are supported",
            );
        }
    }

    /// Checks that no other field has the name of a setter or method of content.
    fn method(&mut self, file: &str, at: &str, field: &Field, siblings: &'a [Field], direction: Direction) {
        let suffix = if direction == Direction::Request { "base64" } else { "decoded" };
        let method = format!("{}_{suffix}", self.rust_name(field, direction).trim_start_matches("r#"));
        let is_stated = |by: &String| siblings.iter().any(|sibling| sibling.name == *by);
        let is_requested = direction == Direction::Response && !field.encoded_by.as_ref().is_none_or(is_stated);
        let is_taken = |rust: &str| rust == method || (is_requested && rust == naming::ENCODING);
        let other = siblings.iter().find(|other| other.skip.is_none() && is_taken(&self.rust_name(other, direction)));
        if let Some(other) = other {
            let message = format!(
                "`{}` would have the Rust name of a method or field for the content of `{}`",
                other.name, field.name
            );
            self.mistake(
                &rules::RUST_NAME,
                file,
                &format!("{at}.name"),
                message,
                "name one of them with \"rust\": \"…\"",
            );
        }
    }
}
