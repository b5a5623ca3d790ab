//! Rules about operations as a whole: their names, files and families.

use std::collections::HashMap;

use super::Checker;
use crate::{
    naming, rules,
    spec::Operation,
    suggest::{closest, list, remedy},
};

impl Checker<'_> {
    /// Checks that file and folder match the operation's name and family.
    pub(super) fn location(&mut self, operation: &Operation) {
        let file = operation.path.as_str();
        let parts: Vec<&str> = file.split('/').collect();
        let stem = parts[2].trim_end_matches(".json");
        let name = &operation.operation;
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            let message = format!("invalid operation name `{name}`");
            self.mistake(
                &rules::OPERATION_NAME,
                file,
                "operation",
                message,
                "use letters and digits, starting with a capital, as the service spells it",
            );
        } else if naming::is_reserved_file(name) {
            let message = format!("Windows cannot create a file named `{name}.json`");
            let help = format!("rename the operation and its file to `Call{name}`, and add \"wire\": \"{name}\"");
            self.mistake(&rules::RESERVED_FILE_NAME, file, "operation", message, help);
        } else if naming::is_reserved_file(&self.names.method(name)) {
            let method = self.names.method(name);
            let message = format!("Windows cannot create the file `{method}.rs` of `{name}`");
            let help = format!("correct its words in `words` in {}/service.json", self.tree.name);
            self.mistake(&rules::RESERVED_FILE_NAME, file, "operation", message, help);
        } else if name != stem {
            let message = format!("operation `{name}` is in a file named `{stem}.json`");
            let help = format!("rename the file to `{name}.json`, or correct the operation's name");
            self.mistake(&rules::OPERATION_NAME, file, "operation", message, help);
        }
        self.spelling(operation);
        let family = &operation.family;
        let families = &self.tree.service.families;
        if families.is_empty() || families.contains_key(family) {
            if family != parts[1] {
                let message = format!("family `{family}` is in folder `{}`", parts[1]);
                let help = format!("move the file to {}/{family}/, or correct the family", parts[0]);
                self.mistake(&rules::FAMILY, file, "family", message, help);
            }
        } else {
            let known: Vec<&String> = families.keys().collect();
            let otherwise = match closest(family, &known) {
                Some(_) => format!("add it to `families` in {}/service.json", self.tree.name),
                None => format!("use {}, or add it to `families` in {}/service.json", list(&known), self.tree.name),
            };
            let help = remedy(family, &known, &otherwise);
            self.mistake(&rules::FAMILY, file, "family", format!("unknown family `{family}`"), help);
        }
    }

    /// Finds operations and waiters whose names clash.
    pub(super) fn clashes(&mut self) {
        let mut methods: HashMap<String, &Operation> = HashMap::new();
        let mut lowers: HashMap<String, &Operation> = HashMap::new();
        let mut waiters: HashMap<&str, &Operation> = HashMap::new();
        let mut sent: HashMap<&str, &str> = HashMap::new();
        for operation in &self.tree.operations {
            let (name, file) = (&operation.operation, &operation.path);
            let wire = operation.wire.as_ref().unwrap_or(name);
            if let Some(other) = sent.insert(wire, name).filter(|other| other != name) {
                let message = format!("operations `{other}` and `{name}` would both be sent as `{wire}`");
                self.mistake(&rules::OPERATION_NAME, file, "wire", message, "correct `wire` of one of them");
            }
            // Some file systems ignore letter case, and so do pages of documentation.
            let lower = name.to_ascii_lowercase();
            let other = *lowers.entry(lower).or_insert(operation);
            if other.operation != *name {
                let message =
                    format!("operations `{}` and `{name}` have names that differ in letter case only", other.operation);
                let help = "add a number to one of them and to its file, and spell it as the service does in `wire`";
                self.mistake(&rules::OPERATION_NAME, file, "operation", message, help);
                continue;
            }
            let method = self.names.method(name);
            match methods.get(&method) {
                Some(other) if other.operation == *name => {
                    let message = format!("operation `{name}` is also in {}", other.path);
                    self.mistake(&rules::OPERATION_NAME, file, "operation", message, "remove one of the two files");
                }
                Some(other) => {
                    let message =
                        format!("operations `{}` and `{name}` would have the same method `{method}`", other.operation);
                    let help =
                        format!("add a word to `words` in {}/service.json that distinguishes them", self.tree.name);
                    self.mistake(&rules::RUST_NAME, file, "operation", message, help);
                }
                None => {
                    methods.insert(method, operation);
                }
            }
            for (index, waiter) in operation.waiters.iter().enumerate() {
                if let Some(other) = waiters.insert(&waiter.name, operation) {
                    let message = format!("{} also has a waiter `{}`", other.operation, waiter.name);
                    self.mistake(
                        &rules::WAITER,
                        file,
                        &format!("waiters.{index}.name"),
                        message,
                        "give one of them another name",
                    );
                }
            }
        }
    }
}
