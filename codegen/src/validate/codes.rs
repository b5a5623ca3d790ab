//! Rules about the constants of error codes.

use super::{Checker, is_invisible};
use crate::{codes, naming, rules};

/// Why no service can send an error code; `None` if one could.
pub(crate) fn code_problem(code: &str) -> Option<&'static str> {
    let is_placeholder = |(index, c): (usize, char)| match c {
        '%' => code[index + 1..].starts_with(|c: char| c.is_ascii_alphabetic()),
        _ => "{}<>$*".contains(c),
    };
    if !code.contains(|c: char| c.is_ascii_alphanumeric()) {
        Some("has neither a letter nor a digit")
    } else if code.char_indices().any(is_placeholder) {
        Some("has a placeholder, so no service sends it")
    } else if !code.is_ascii() {
        Some("has characters outside ASCII, so no service sends it")
    } else {
        None
    }
}

impl Checker<'_> {
    /// Rejects an error code that no service can send.
    pub(super) fn code(&mut self, file: &str, at: &str, code: &str) {
        let (problem, help) = match code_problem(code) {
            // Another rule rejects them in all strings.
            _ if code.contains(is_invisible) => return,
            Some(problem) => (problem, "spell the code as the service sends it, or remove it"),
            None if code.trim() != code => ("has surrounding spaces", "remove the spaces"),
            None => return,
        };
        self.mistake(&rules::ERROR_CODE, file, at, format!("invalid error code `{code}`: it {problem}"), help);
    }

    /// Rejects codes whose constants would have the same name, and invalid entries of `codes`.
    pub(super) fn constants(&mut self) {
        let tree = self.tree;
        if tree.gaps.service {
            return;
        }
        let service = &tree.service;
        let file = format!("{}/service.json", tree.name);
        let documented = codes::documented(service, &tree.operations);
        for (code, name) in &service.codes {
            let at = format!("codes.{code}");
            if !naming::is_constant(name) {
                let message = format!("invalid constant `{name}` for the code `{code}`");
                let help = "use upper-case letters and digits, with a single _ between words";
                self.mistake(&rules::ERROR_CONSTANT, &file, &at, message, help);
            } else if !documented.contains_key(code.as_str()) && !tree.gaps.operations {
                let message = format!("no operation documents the code `{code}`");
                self.mistake(&rules::UNUSED_CODE, &file, &format!("{at}#"), message, "remove the entry")
                    .fix_by_removing(at);
            } else if *name == self.names.constant(code) {
                let message = format!("`{name}` is already the derived constant of `{code}`");
                self.mistake(&rules::UNUSED_CODE, &file, &at, message, "remove the entry").fix_by_removing(at);
            }
        }
        for clash in codes::clashes(&documented, service, &self.names) {
            for (code, proposed) in clash.others {
                let message =
                    format!("codes `{}` and `{code}` would have the same constant `{}`", clash.usual, clash.constant);
                if service.codes.contains_key(code) {
                    self.mistake(
                        &rules::ERROR_CONSTANT,
                        &file,
                        &format!("codes.{code}"),
                        message,
                        "choose another name",
                    );
                    continue;
                }
                let help = format!("add \"{code}\": \"{proposed}\" to `codes` in {file}, or a better name");
                let first = documented[code].operations.first().and_then(|operation| {
                    let index = operation.errors.iter().position(|error| error.code == code)?;
                    Some((operation.path.as_str(), format!("errors.{index}.code")))
                });
                let (path, at) = first.unwrap_or((&file, format!("errors.{code}#")));
                self.mistake(&rules::ERROR_CONSTANT, path, &at, message, help);
            }
        }
    }
}
