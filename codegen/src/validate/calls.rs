//! Rules about pagination and examples.

use super::Checker;
use crate::{
    rules,
    spec::{Field, Operation, PageStyle, Pagination},
    suggest::remedy,
};

impl<'a> Checker<'a> {
    /// Checks pagination, waiters, the typical request and examples of an operation.
    pub(super) fn calls(&mut self, operation: &'a Operation) {
        // Without the shared types, members of responses cannot be resolved.
        if !self.tree.gaps.types {
            if let Some(pagination) = &operation.pagination {
                self.pagination(operation, pagination);
            }
            for (index, waiter) in operation.waiters.iter().enumerate() {
                self.waiter(operation, &format!("waiters.{index}"), waiter);
            }
        }
        self.typical(operation);
        self.reads(operation);
        self.examples(operation);
    }

    /// Checks that an operation that is marked as reading has the name of one, or states why executing it twice
    /// changes nothing.
    fn reads(&mut self, operation: &Operation) {
        let Some(rpc) = self.rpc else { return };
        let (file, name) = (operation.path.as_str(), &operation.operation);
        let is_needed = operation.read && !rpc.is_read(name);
        match &operation.read_because {
            None if !operation.read && rpc.is_read(name) => {
                let message = format!("`{name}` begins with a verb for reading, but is not marked as `read`");
                let help = "add \"read\": true, or state what it changes: \"allow\": { \"missing-read\": \"…\" }";
                self.mistake(&rules::MISSING_READ, file, "operation", message, help);
            }
            None if is_needed => {
                let message =
                    format!("`{name}` is marked as `read`, but its name does not begin with a verb for reading");
                let help =
                    "remove `read`, or state with \"read_because\": \"…\" why executing it twice changes nothing";
                self.mistake(&rules::READ_VERB, file, "read", message, help);
            }
            Some(_) if !is_needed => {
                let message = format!("`read_because` of `{name}` is not needed");
                let help = "remove it; it is for operations that are `read` although their names do not say so";
                self.mistake(&rules::NEEDLESS_REASON, file, "read_because", message, help)
                    .fix_by_removing("read_because");
            }
            Some(reason) if reason.split_whitespace().count() < 3 => {
                let help = "state why executing the operation twice changes nothing";
                self.mistake(
                    &rules::MISSING_REASON,
                    file,
                    "read_because",
                    format!("`read_because` of `{name}` has no reason"),
                    help,
                );
            }
            _ => {}
        }
    }

    fn pagination(&mut self, operation: &'a Operation, pages: &Pagination) {
        let file = operation.path.as_str();
        // Key, name, whether it is required, whether it is a parameter, whether it is a field of the response.
        let named = match pages.style {
            PageStyle::Token => {
                vec![("token", &pages.token, true, true, true), ("size", &pages.size, false, true, false)]
            }
            PageStyle::Number => vec![
                ("number", &pages.number, true, true, false),
                ("size", &pages.size, true, true, false),
                ("total", &pages.total, false, false, true),
            ],
            PageStyle::Offset => {
                vec![("offset", &pages.offset, true, true, false), ("next", &pages.next, true, false, true)]
            }
        };
        for (key, name, needed, in_request, in_response) in named {
            let at = format!("pagination.{key}");
            let Some(name) = name else {
                if needed {
                    let message = format!("the pagination has no `{key}`");
                    self.mistake(
                        &rules::PAGINATION,
                        file,
                        "pagination.style",
                        message,
                        format!("add \"{key}\": \"<Name>\""),
                    );
                }
                continue;
            };
            let last = name.rsplit('.').next().unwrap_or(name);
            if in_request && parameter(operation, last).is_none() {
                let message = format!(
                    "`{key}` of the pagination is `{last}`, which is not a parameter of {}",
                    operation.operation
                );
                let help = remedy(last, &parameters(operation), "name a parameter, or add this one to `request`");
                self.mistake(&rules::PAGINATION, file, &at, message, help);
            }
            self.page_type(operation, (key, name), in_request, in_response);
            if in_response && self.response_field(operation, name).is_none_or(|field| field.ty.is_list()) {
                let message = format!("`{key}` of the pagination is `{name}`, which is not a field of the response");
                let known: Vec<&String> = operation.response.iter().map(|field| &field.name).collect();
                let help = remedy(name, &known, "name a field, or add this one to `response`");
                self.mistake(&rules::PAGINATION, file, &at, message, help);
            }
        }
        if !self.response_field(operation, &pages.items).is_some_and(|field| field.ty.is_list()) {
            let message =
                format!("`items` of the pagination is `{}`, which is not a list in the response", pages.items);
            self.mistake(
                &rules::PAGINATION,
                file,
                "pagination.items",
                message,
                "name the list with the items of a page",
            );
        }
    }

    /// Checks the types of a parameter and of a field that the pagination names.
    fn page_type(&mut self, operation: &'a Operation, (key, name): (&str, &str), in_request: bool, in_response: bool) {
        let file = operation.path.as_str();
        let last = name.rsplit('.').next().unwrap_or(name);
        let sent = in_request.then(|| parameter(operation, last)).flatten();
        let received = in_response.then(|| self.response_field(operation, name)).flatten();
        let is_token = key == "token";
        for (field, part) in [(sent, "parameter"), (received, "field of the response")] {
            let Some(field) = field else { continue };
            let ty = field.ty.name();
            let at = format!("pagination.{key}");
            let is_number = matches!(ty, "i32" | "i64");
            if field.ty.is_list() && part == "field of the response" {
                continue; // Another rule reports it.
            } else if field.ty.is_list() || !(is_number && !is_token || ty == "string") {
                let expected = if is_token { "a string" } else { "a whole number" };
                let message = format!("`{key}` of the pagination is the {part} `{name}`, which is not {expected}");
                let help = format!("correct its type, or name another {part}");
                self.mistake(&rules::PAGINATION, file, &at, message, help);
            } else if !is_token && !is_number && field.pattern.is_none() && field.min.is_none() && field.max.is_none() {
                let message = format!("`{key}` of the pagination is the {part} `{name}`, which is a string");
                let help = "make its type a whole number, or add \"pattern\": \"^\\\\d+$\"";
                self.mistake(&rules::PAGE_NUMBER_AS_STRING, file, &at, message, help);
            }
        }
    }

    /// Finds a field of the response by a dotted path of wire names. Only the last one may be a list.
    fn response_field(&self, operation: &'a Operation, path: &str) -> Option<&'a Field> {
        let mut fields = operation.response.as_slice();
        let mut found: Option<&Field> = None;
        for name in path.split('.') {
            if found.is_some_and(|field| field.ty.is_list()) {
                return None;
            }
            let field = fields.iter().find(|field| field.name == name && field.skip.is_none())?;
            fields = self.members_of(operation, field);
            found = Some(field);
        }
        found
    }

    pub(super) fn members_of(&self, operation: &'a Operation, field: &Field) -> &'a [Field] {
        self.resolve(field.ty.name(), Some(operation)).and_then(|ty| ty.fields.as_deref()).unwrap_or_default()
    }
}

/// A parameter of an operation, by wire name.
pub(super) fn parameter<'o>(operation: &'o Operation, name: &str) -> Option<&'o Field> {
    operation.request.iter().find(|field| field.name == name && field.skip.is_none())
}

/// Names of an operation's parameters.
pub(super) fn parameters(operation: &Operation) -> Vec<&String> {
    operation.request.iter().map(|field| &field.name).collect()
}
