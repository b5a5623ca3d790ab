//! Rules about structs and enums.

use std::collections::{HashMap, HashSet};

use super::{Checker, Direction, SCALARS};
use crate::{
    naming, rules,
    spec::{EnumValue, Operation, Type},
};

impl<'a> Checker<'a> {
    /// Checks a type's definition, except its members.
    pub(super) fn definition(&mut self, file: &str, at: &str, name: &str, ty: &'a Type) {
        self.doc(file, &format!("{at}.doc"), name, &ty.doc);
        let scalar = SCALARS.iter().find(|scalar| scalar.eq_ignore_ascii_case(name));
        // The Rust type of a `time` is imported by this name.
        if let Some(scalar) = scalar.or((name == "Timestamp").then_some(&"time")) {
            let message = format!("type `{name}` shadows the scalar `{scalar}`");
            self.mistake(
                &rules::TYPE_NAME,
                file,
                &format!("{at}#"),
                message,
                "choose a name that describes its meaning",
            );
        } else if !name.starts_with(|c: char| c.is_ascii_uppercase())
            || !name.chars().all(|c| c.is_ascii_alphanumeric())
        {
            let message = format!("invalid type name `{name}`");
            self.mistake(&rules::TYPE_NAME, file, &format!("{at}#"), message, "use UpperCamelCase letters and digits");
        }
        match (&ty.fields, &ty.values) {
            (Some(_), Some(_)) | (None, None) => {
                let message = format!("type `{name}` must be either a struct or an enum");
                self.mistake(&rules::STRUCT_OR_ENUM, file, &format!("{at}#"), message, "add either `fields` or `enum`");
            }
            (None, Some(values)) => {
                self.values(file, &format!("{at}.enum"), values);
                if !ty.serves.is_empty() {
                    let message = format!("enum `{name}` has `for`, which only structs can have");
                    self.mistake(&rules::STRUCT_OR_ENUM, file, &format!("{at}.for"), message, "remove it");
                }
            }
            (Some(_), None) => {}
        }
    }

    fn values(&mut self, file: &str, at: &str, values: &indexmap::IndexMap<String, EnumValue>) {
        let mut variants: HashMap<String, &str> = HashMap::new();
        for (value, meaning) in values {
            let at = format!("{at}.{value}");
            let variant = match meaning {
                EnumValue::Doc(doc) => {
                    self.doc(file, &at, value, doc);
                    self.names.variant(value)
                }
                EnumValue::Named(named) => {
                    self.doc(file, &format!("{at}.doc"), value, &named.doc);
                    if !naming::is_variant(&named.rust) {
                        let message = format!("invalid variant name `{}`", named.rust);
                        let help =
                            format!("use UpperCamelCase letters and digits, but not `Self` or `{}`", naming::CATCH_ALL);
                        self.mistake(&rules::ENUM_VARIANT, file, &format!("{at}.rust"), message, help);
                    }
                    named.rust.clone()
                }
            };
            if let Some(other) = variants.insert(variant.clone(), value) {
                let message = format!("values `{other}` and `{value}` would have the same variant `{variant}`");
                self.mistake(
                    &rules::ENUM_VARIANT,
                    file,
                    &format!("{at}#"),
                    message,
                    "name one of them: { \"rust\": \"…\", \"doc\": \"…\" }",
                );
            }
        }
    }

    /// Rejects unused types, and structs that are both sent and received.
    pub(super) fn usage(&mut self, file: &str, at: &str, name: &str, ty: &Type, used: &[(Direction, &str)]) {
        let Some((first, one)) = used.first() else {
            self.mistake(
                &rules::UNUSED_TYPE,
                file,
                &format!("{at}#"),
                format!("type `{name}` is never used"),
                "remove it",
            );
            return;
        };
        if ty.fields.is_some()
            && let Some((_, other)) = used.iter().find(|(direction, _)| direction != first)
        {
            let users = if one == other { (*one).to_owned() } else { format!("{one}, {other}") };
            let message = format!("struct `{name}` is used by requests and by responses ({users})");
            let help = "define two structs: members of requests are optional, members of responses are not";
            self.mistake(&rules::STRUCT_DIRECTION, file, &format!("{at}#"), message, help);
        }
    }

    /// Rejects structs that contain themselves without a list in between, because their size would be infinite.
    pub(super) fn recursion(&mut self, file: &str, at: &str, name: &'a str, ty: &'a Type, own: Option<&'a Operation>) {
        let mut seen = HashSet::new();
        for (index, field) in ty.fields.iter().flatten().enumerate() {
            if field.skip.is_some() || field.ty.is_list() {
                continue;
            }
            let mut path = vec![name];
            if self.contains(field.ty.name(), name, own, &mut seen, &mut path) {
                let message = format!("struct `{name}` contains itself: {}", path.join(" → "));
                let help = "make the type a list, or leave the member out with \"skip\": \"…\"";
                self.mistake(&rules::RECURSIVE_STRUCT, file, &format!("{at}.fields.{index}.type"), message, help);
            }
        }
    }

    /// Whether a type contains another one, directly or through others, without a list in between.
    fn contains(
        &self,
        from: &'a str,
        to: &str,
        own: Option<&'a Operation>,
        seen: &mut HashSet<&'a str>,
        path: &mut Vec<&'a str>,
    ) -> bool {
        path.push(from);
        if from == to {
            return true;
        }
        if seen.insert(from)
            && let Some(ty) = self.resolve(from, own)
        {
            for field in ty.fields.iter().flatten().filter(|field| field.skip.is_none() && !field.ty.is_list()) {
                if self.contains(field.ty.name(), to, own, seen, path) {
                    return true;
                }
            }
        }
        path.pop();
        false
    }

    /// Checks the Rust names in the module of an operation.
    pub(super) fn own_names(&mut self, operation: &Operation) {
        let name = &operation.operation;
        let file = operation.path.as_str();
        let given = [self.names.operation(name), format!("{name}Request"), format!("{name}Response")];
        for own in operation.types.keys() {
            let rust = self.names.type_name(own);
            let waiter = operation.waiters.iter().any(|waiter| self.names.waiter(&waiter.name) == rust);
            if given.contains(&rust) || waiter {
                let message = format!("type `{own}` has the name of a type that is generated for the operation");
                self.mistake(&rules::TYPE_NAME, file, &format!("types.{own}#"), message, "choose another name");
            }
        }
        let own: Vec<_> = operation.types.keys().map(|name| (name.clone(), format!("types.{name}"))).collect();
        self.unique(file, own);
        for own in operation.types.keys() {
            let rust = self.names.type_name(own);
            if let Some(other) = self.shared_names.get(&rust).filter(|other| *other != own) {
                let message =
                    format!("type `{own}` and the shared type `{other}` would have the same Rust name `{rust}`");
                self.mistake(&rules::TYPE_NAME, file, &format!("types.{own}#"), message, "rename one of them");
            }
        }
        for rust in given {
            if let Some(other) = self.shared_names.get(&rust) {
                let message = format!("`{name}` and the shared type `{other}` would have the same Rust name `{rust}`");
                self.mistake(&rules::TYPE_NAME, file, "operation", message, "give the type another name");
            }
        }
    }

    /// Rejects types of a module that have the same Rust name. Takes names and their positions.
    pub(super) fn unique(&mut self, file: &str, types: impl IntoIterator<Item = (String, String)>) {
        let mut rust_names: HashMap<String, String> = HashMap::new();
        for (name, at) in types {
            let rust = self.names.type_name(&name);
            if let Some(other) = rust_names.insert(rust.clone(), name.clone()) {
                let message = format!("types `{other}` and `{name}` would have the same Rust name `{rust}`");
                self.mistake(&rules::TYPE_NAME, file, &format!("{at}#"), message, "rename one of them");
            }
        }
    }
}
