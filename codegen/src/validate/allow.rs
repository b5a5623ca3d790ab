//! Accepted violations: `"allow": { "rule": "reason" }` of a field, a type, an entry of the glossary, an operation or a
//! service.

use indexmap::IndexMap;

use super::Mistake;
use crate::{
    load::{ServiceTree, Tree},
    rules::{self, Level},
    spec::{AllowingEntry, Field, GlossaryEntry, Type},
};

/// An entry of `allow`.
struct Allowed<'t> {
    rule: &'t str,
    reason: &'t str,
    file: String,
    /// Path of the value that has `allow`; empty for a whole file.
    at: String,
    /// Folder of the service whose files are all covered.
    service: Option<&'t str>,
    used: bool,
}

/// Removes the violations that are allowed, and reports entries that are invalid or have no effect.
pub(super) fn apply(tree: &Tree, found: &mut Vec<Mistake>) {
    let mut allowed: Vec<Allowed<'_>> = tree.services.iter().flat_map(of_service).collect();
    found.retain(|mistake| {
        let is_allowed = |one: &&mut Allowed<'_>| mistake.rule.level < Level::Error && one.covers(mistake);
        match allowed.iter_mut().filter(is_allowed).max_by_key(|one| (one.service.is_none(), one.at.len())) {
            Some(one) => {
                one.used = true;
                !one.has_reason()
            }
            None => true,
        }
    });
    for one in &allowed {
        let own = if one.at.is_empty() { "allow".to_owned() } else { format!("{}.allow", one.at) };
        let at = format!("{own}.{}", one.rule);
        let (rule, message, help) = match rules::find(one.rule) {
            Err(unknown) => {
                let (message, help) = unknown.split_once("; ").unwrap_or((&unknown, "name a rule"));
                (&rules::ALLOW, message.to_owned(), help.to_owned())
            }
            Ok(rule) if rule.level == Level::Error => {
                let message = format!("the error `{}` cannot be allowed", rule.id);
                let help = format!("correct it; `cargo xtask spec lint --explain {}` shows how", rule.id);
                (&rules::ALLOW, message, help)
            }
            Ok(_) if !one.has_reason() => {
                let message = format!("`{}` is allowed without a reason", one.rule);
                (&rules::ALLOW, message, "state the reason in three words or more".to_owned())
            }
            Ok(_) if one.used => continue,
            Ok(_) => {
                let message = format!("`{}` is allowed here, but nothing violates it", one.rule);
                (&rules::UNUSED_ALLOW, message, "remove the entry".to_owned())
            }
        };
        let mut mistake = Mistake::new(rule, &one.file, &format!("{at}#"), message, help);
        if *rule == rules::UNUSED_ALLOW {
            mistake.fix_by_removing(at);
        }
        found.push(mistake);
    }
}

impl Allowed<'_> {
    fn covers(&self, mistake: &Mistake) -> bool {
        let at = mistake.at.trim_end_matches('#');
        let is_inside = || at.strip_prefix(&self.at).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.rule == mistake.rule.id
            && match self.service {
                Some(service) => mistake.file.split('/').next() == Some(service),
                None => self.file == mistake.file && (self.at.is_empty() || is_inside()),
            }
    }

    fn has_reason(&self) -> bool {
        self.reason.split_whitespace().count() >= 3
    }
}

/// All entries of a service.
fn of_service(tree: &ServiceTree) -> Vec<Allowed<'_>> {
    let mut all = Vec::new();
    let name = tree.name.as_str();
    add(&mut all, &tree.service.allow, &format!("{name}/service.json"), "", Some(name));
    let shared = format!("{name}/types.json");
    for (name, ty) in &tree.types {
        of_type(&mut all, ty, &shared, name);
    }
    for (name, entry) in &tree.glossary {
        if let GlossaryEntry::Allowing(AllowingEntry { allow, .. }) = entry {
            add(&mut all, allow, &format!("{}/glossary.json", tree.name), name, None);
        }
    }
    for operation in &tree.operations {
        let file = &operation.path;
        add(&mut all, &operation.allow, file, "", None);
        of_fields(&mut all, &operation.request, file, "request");
        of_fields(&mut all, &operation.response, file, "response");
        for (name, ty) in &operation.types {
            of_type(&mut all, ty, file, &format!("types.{name}"));
        }
    }
    all
}

fn of_type<'t>(all: &mut Vec<Allowed<'t>>, ty: &'t Type, file: &str, at: &str) {
    add(all, &ty.allow, file, at, None);
    of_fields(all, ty.fields.as_deref().unwrap_or_default(), file, &format!("{at}.fields"));
}

fn of_fields<'t>(all: &mut Vec<Allowed<'t>>, fields: &'t [Field], file: &str, at: &str) {
    for (index, field) in fields.iter().enumerate() {
        add(all, &field.allow, file, &format!("{at}.{index}"), None);
    }
}

fn add<'t>(
    all: &mut Vec<Allowed<'t>>,
    allow: &'t IndexMap<String, String>,
    file: &str,
    at: &str,
    service: Option<&'t str>,
) {
    all.extend(allow.iter().map(|(rule, reason)| Allowed {
        rule,
        reason,
        file: file.to_owned(),
        at: at.to_owned(),
        service,
        used: false,
    }));
}
