//! Rules about the names of members on the wire.

use super::{Checker, visible};
use crate::{
    rules,
    spec::{Field, Operation},
};

/// Characters that occur in wire names beside letters and digits.
const JOINTS: &[char] = &['_', '-', '.', ':', '$', '@', '/'];

/// Whether a member can have this name on the wire.
pub(crate) fn is_wire_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || JOINTS.contains(&c);
    name.chars().all(fits)
        && name.contains(|c: char| c.is_ascii_alphanumeric())
        && name.split('.').all(|part| !part.is_empty())
}

impl<'a> Checker<'a> {
    /// Rejects names that are no names, or that would change the meaning of a request.
    pub(super) fn wire_name(&mut self, file: &str, at: &str, name: &str) {
        let strange = name.chars().find(|c| !c.is_ascii_alphanumeric() && !JOINTS.contains(c));
        let (problem, help) = if name.trim().is_empty() {
            ("it is empty".to_owned(), "remove the member, or spell the name as the service does")
        } else if let Some(c) = strange {
            let shown = if c.is_ascii_graphic() { format!("`{c}`") } else { format!("U+{:04X}", u32::from(c)) };
            (
                format!("it contains {shown}"),
                "spell the name as the service does: ASCII letters, digits, and signs such as `_` or `.`",
            )
        } else if !name.contains(|c: char| c.is_ascii_alphanumeric()) {
            ("it has neither a letter nor a digit".to_owned(), "spell the name as the service does")
        } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
            ("it has an empty part beside a dot".to_owned(), "write one dot between two names")
        } else {
            return;
        };
        self.mistake(&rules::WIRE_NAME, file, at, format!("invalid wire name `{}`: {problem}", visible(name)), help);
    }

    /// Checks that the service's spelling of an operation's name is another spelling of that name.
    pub(super) fn spelling(&mut self, operation: &Operation) {
        let Operation { operation: name, wire: Some(wire), path: file, .. } = operation else { return };
        if !is_wire_name(wire) {
            let message = format!("`{name}` would be sent as `{}`, which is not a valid name", visible(wire));
            let help = "spell it as the service does, or remove `wire` if that is the operation's name";
            self.mistake(&rules::OPERATION_NAME, file, "wire", message, help);
        } else if wire == name {
            let message = format!("`wire` of `{name}` is the operation's name");
            self.mistake(&rules::OPERATION_SPELLING, file, "wire", message, "remove it").fix_by_removing("wire");
        } else if !is_spelling(wire, name) {
            let message = format!("`{name}` would be sent as `{wire}`, which is not another spelling of its name");
            let help = "correct `wire`, or rename the operation and its file";
            self.mistake(&rules::OPERATION_SPELLING, file, "wire", message, help);
        }
    }

    /// Rejects parameters that are parts of other parameters.
    pub(super) fn overlaps(&mut self, file: &str, at: &str, fields: &[Field]) {
        let sent = || fields.iter().filter(|field| field.skip.is_none());
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| field.skip.is_none()) {
            let Some((start, _)) = field.name.split_once('.') else { continue };
            let is_outer =
                |other: &&Field| field.name.strip_prefix(&other.name).is_some_and(|rest| rest.starts_with('.'));
            if let Some(outer) = sent().find(is_outer) {
                let message = format!("`{}` is a part of the parameter `{}`", field.name, outer.name);
                let help =
                    format!("add it to the members of `{}` and remove it here, or rather remove `{start}`", outer.name);
                self.mistake(&rules::OVERLAPPING_MEMBERS, file, &format!("{at}.{index}.name"), message, help);
            }
        }
    }

    /// Checks the parameters that the SDK sets itself if callers do not.
    pub(super) fn special_parameters(&mut self, operation: &'a Operation) {
        for (index, field) in operation.request.iter().enumerate().filter(|(_, field)| field.skip.is_none()) {
            let expected: &[&str] = match field.name.as_str() {
                "ClientToken" | "RegionId" => &["string"],
                "DryRun" => &["bool", "string"],
                _ => continue,
            };
            let is_enum = self.resolve(field.ty.name(), Some(operation)).is_some_and(|ty| ty.values.is_some());
            if field.ty.is_list() || !(expected.contains(&field.ty.name()) || is_enum) {
                let message = format!("`{}`, which the SDK sets, is not a {}", field.name, expected[0]);
                let help = format!("make its type `{}`, or leave it out with \"skip\": \"…\"", expected[0]);
                self.mistake(
                    &rules::SPECIAL_PARAMETER,
                    &operation.path,
                    &format!("request.{index}.type"),
                    message,
                    help,
                );
            }
        }
    }
}

/// Whether a name is that of an operation in the service's spelling. As in imports, `Call` can come before a name that starts
/// with no letter, and a number after one that other operations have too.
fn is_spelling(wire: &str, operation: &str) -> bool {
    let lower = operation.to_ascii_lowercase();
    let wire: String = wire.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let rest = lower.strip_prefix(&wire).or_else(|| lower.strip_prefix("call")?.strip_prefix(&wire));
    rest.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit()))
}
