//! Rules about waiters.

use super::{
    Checker,
    calls::{parameter, parameters},
    is_lower,
};
use crate::{
    rules,
    spec::{Field, Operation, Waiter},
    suggest::{list, remedy},
};

impl<'a> Checker<'a> {
    /// Checks a waiter.
    pub(super) fn waiter(&mut self, operation: &'a Operation, at: &str, waiter: &'a Waiter) {
        let file = operation.path.as_str();
        let doc = if waiter.doc.is_empty() { format!("{at}.name") } else { format!("{at}.doc") };
        self.doc(file, &doc, &waiter.name, &waiter.doc);
        if !is_lower(&waiter.name, '_') {
            let message = format!("waiter `{}` is not in snake_case", waiter.name);
            self.mistake(&rules::WAITER, file, &format!("{at}.name"), message, "use lower-case letters, digits and _");
        }
        self.waiter_request(operation, at, waiter);
        self.waiter_end(operation, at, waiter);
        self.waiter_items(operation, at, waiter);
    }

    /// Checks the parameters that a waiter sets.
    fn waiter_request(&mut self, operation: &'a Operation, at: &str, waiter: &Waiter) {
        let file = operation.path.as_str();
        let set = waiter.set.keys().map(|name| (name, format!("{at}.set.{name}#")));
        let ids = self.follow(operation, &operation.request, &waiter.ids, false);
        for (name, at) in set.chain([(&waiter.ids, format!("{at}.ids"))]) {
            if parameter(operation, name).is_none() && (*name != waiter.ids || ids.is_none()) {
                let message = format!("the waiter uses `{name}`, which is not a parameter of {}", operation.operation);
                let help = remedy(name, &parameters(operation), "name a parameter, or add this one to `request`");
                self.mistake(&rules::WAITER, file, &at, message, help);
            }
        }
        let outer = waiter.ids.split('.').next();
        let is_set = |field: &Field| {
            field.name == "RegionId" || outer == Some(&field.name) || waiter.set.contains_key(&field.name)
        };
        if let Some(missing) = operation.request.iter().find(|field| field.required && !is_set(field)) {
            let message = format!("the waiter does not set `{}`, which {} requires", missing.name, operation.operation);
            self.mistake(
                &rules::WAITER,
                file,
                &format!("{at}.name"),
                message,
                "add it to `set`, or poll another operation",
            );
        }
        let Some(ids) = ids else { return };
        if ids.ty.name() != "string" {
            let message =
                format!("`ids` of the waiter is `{}`, which is neither a string nor a list of strings", ids.name);
            self.mistake(&rules::WAITER, file, &format!("{at}.ids"), message, "name the parameter that takes the IDs");
        }
        let chunk = waiter.ids_per_request(ids);
        if chunk == 0 || ids.max_items.is_some_and(|max| u64::from(chunk) > max as u64) {
            let message = format!("`chunk` of the waiter is {chunk}, which `{}` does not allow", ids.name);
            self.mistake(
                &rules::WAITER,
                file,
                &format!("{at}.chunk"),
                message,
                "remove it, or use a number within the limits",
            );
        }
        for (key, given) in [("items", &waiter.items), ("id", &waiter.id)] {
            if given.is_none() && chunk > 1 {
                let message = format!("the waiter has no `{key}`, but sends up to {chunk} IDs in a request");
                let help = format!("add `{key}`, or \"chunk\": 1");
                self.mistake(&rules::WAITER, file, &format!("{at}.ids"), message, help);
            }
        }
    }

    /// Checks that a waiter can end, and that its lists of states do not contradict each other.
    fn waiter_end(&mut self, operation: &'a Operation, at: &str, waiter: &Waiter) {
        let file = operation.path.as_str();
        if !waiter.gone && (waiter.state.is_none() || waiter.success.is_empty() && waiter.target.is_none()) {
            let message = format!("waiter `{}` has no end condition", waiter.name);
            self.mistake(
                &rules::WAITER,
                file,
                &format!("{at}.name"),
                message,
                "set `state` and `success`, or \"gone\": true",
            );
        }
        if let Some(target) = waiter.target.as_deref().filter(|target| !is_lower(target, '_')) {
            let message = format!("`target` of the waiter is `{target}`, which is not in snake_case");
            self.mistake(
                &rules::WAITER,
                file,
                &format!("{at}.target"),
                message,
                "use lower-case letters, digits and _",
            );
        }
        let mut known: Vec<(&str, &str)> = Vec::new();
        for (key, states) in states(waiter) {
            if waiter.state.is_none() && !states.is_empty() {
                let message = format!("`{key}` of the waiter lists states, but the waiter has no `state`");
                self.mistake(
                    &rules::WAITER,
                    file,
                    &format!("{at}.{key}"),
                    message,
                    "name the member of an item that has its state",
                );
            }
            for (index, state) in states.iter().enumerate() {
                if let Some((other, _)) = known.iter().find(|(_, known)| known.eq_ignore_ascii_case(state)) {
                    let message = format!("`{key}` of the waiter lists `{state}`, which `{other}` lists too");
                    self.mistake(&rules::WAITER, file, &format!("{at}.{key}.{index}"), message, "list each state once");
                }
                known.push((key, state));
            }
        }
    }

    /// Checks the fields that a waiter reads from the response.
    fn waiter_items(&mut self, operation: &'a Operation, at: &str, waiter: &'a Waiter) {
        let file = operation.path.as_str();
        let (members, owner) = match &waiter.items {
            None => (operation.response.as_slice(), "the response".to_owned()),
            Some(path) => {
                let items = self.follow(operation, &operation.response, path, true);
                let is_list = |field: &&Field| field.ty.is_list() && !self.members_of(operation, field).is_empty();
                let Some(items) = items.filter(is_list) else {
                    let message =
                        format!("`items` of the waiter is `{path}`, which is not a list of structs in the response");
                    self.mistake(
                        &rules::WAITER,
                        file,
                        &format!("{at}.items"),
                        message,
                        "name the list with the resources",
                    );
                    return;
                };
                (self.members_of(operation, items), format!("the elements of `{path}`"))
            }
        };
        let known: Vec<&String> = members.iter().map(|field| &field.name).collect();
        for (key, path) in [("id", &waiter.id), ("state", &waiter.state)] {
            let Some(path) = path else { continue };
            match self.follow(operation, members, path, key == "state") {
                None => {
                    let message = format!("`{key}` of the waiter is `{path}`, which is not a member of {owner}");
                    let help = remedy(path, &known, &format!("name a member of {owner}"));
                    self.mistake(&rules::WAITER, file, &format!("{at}.{key}"), message, help);
                }
                Some(field) if !self.members_of(operation, field).is_empty() => {
                    let message = format!("`{key}` of the waiter is `{path}`, which is a struct");
                    self.mistake(
                        &rules::WAITER,
                        file,
                        &format!("{at}.{key}"),
                        message,
                        format!("name one of its members: `{path}.<Name>`"),
                    );
                }
                Some(_) => {}
            }
        }
        let state = waiter.state.as_deref().and_then(|path| self.follow(operation, members, path, true));
        let state = state.and_then(|field| self.resolve(field.ty.name(), Some(operation)));
        let Some(values) = state.and_then(|ty| ty.values.as_ref()) else { return };
        for (key, states) in states(waiter) {
            for (index, state) in states.iter().enumerate().filter(|(_, state)| !values.contains_key(*state)) {
                let message = format!("`{key}` of the waiter lists `{state}`, which is not a value of the enum");
                let help = format!("use {}, or add the value to the enum", list(values.keys()));
                self.mistake(&rules::WAITER, file, &format!("{at}.{key}.{index}"), message, help);
            }
        }
    }

    /// Finds a field by a dotted path of wire names. The path leads through lists only if `lists`; the last field may be
    /// one in any case.
    fn follow(&self, operation: &'a Operation, from: &'a [Field], path: &str, lists: bool) -> Option<&'a Field> {
        let mut fields = from;
        let mut found: Option<&Field> = None;
        for name in path.split('.') {
            if found.is_some_and(|field| field.ty.is_list() && !lists) {
                return None;
            }
            let field = fields.iter().find(|field| field.name == name && field.skip.is_none())?;
            fields = self.members_of(operation, field);
            found = Some(field);
        }
        found
    }
}

/// The lists of states of a waiter, with their keys.
fn states(waiter: &Waiter) -> [(&'static str, &[String]); 3] {
    [("success", &waiter.success), ("failure", &waiter.failure), ("transient", &waiter.transient)]
}
