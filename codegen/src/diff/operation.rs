//! Compares operations.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use indexmap::IndexMap;

use super::{
    Both,
    calls::{compare_paging, compare_waiters},
    change::{Change, Impact, Log, Spots},
    fields::{self, Members, docs},
    tree::Files,
    types::{self, Types, common_share},
    values::{changed, names},
};
use crate::{
    draft, features,
    spec::{Field, Operation, SharedTypes},
    suggest::count,
    type_graph::Scope,
};

/// Compares the operations of a service.
pub(super) fn compare_all(changes: &mut Vec<Change>, both: &Both<'_>) {
    let renamed = renamed(both);
    let operations = |files: &Files| -> BTreeSet<String> {
        files.tree.operations.iter().map(|operation| operation.operation.clone()).collect()
    };
    for name in operations(both.old).union(&operations(both.new)) {
        let mut log = both.log(changes, name, vec![name.clone()]);
        let old = renamed.get(name).map_or(name, |old| old);
        match (both.old.operation(old), both.new.operation(name)) {
            (Some(old), Some(new)) => compare(&mut log, both, old, new),
            (None, Some(new)) => {
                log.add("operation-added", Impact::Additive, "", "operation added")
                    .effect(contents(both.new, new))
                    .at(Spots::of("", &new.path).after("operation"));
            }
            (Some(old), None) if !renamed.values().any(|other| other == name) => {
                let method = both.old.names.method(name);
                log.add("operation-removed", Impact::Breaking, "", "operation removed")
                    .effect(format!("`{method}` of the client and the module `operation::{method}` are gone"))
                    .at(Spots::of(&old.path, "").before("operation"));
            }
            _ => {}
        }
    }
}

/// Finds operations with another name and nearly the same contents: new name → old name.
fn renamed(both: &Both<'_>) -> HashMap<String, String> {
    let mut pairs = Vec::new();
    for old in both.old.tree.operations.iter().filter(|old| both.new.operation(&old.operation).is_none()) {
        for new in both.new.tree.operations.iter().filter(|new| both.old.operation(&new.operation).is_none()) {
            let same_letters = old.operation.eq_ignore_ascii_case(&new.operation);
            let (a, b) = (parts(old), parts(new));
            let share = if same_letters { 2.0 } else { common_share(&a, &b) };
            // Opposites, such as attaching and detaching, have the same parameters but other docs.
            let same_docs = old.doc == new.doc && !old.doc.is_empty();
            let like_docs = same_docs || common_share(&words(&old.doc), &words(&new.doc)) > 0.6;
            // Operations with little content are similar by chance, unless they have the same docs. A single changed field
            // is much of them.
            let threshold = if same_docs { 0.5 } else { 0.8 };
            if same_letters || share >= threshold && like_docs && (same_docs || a.len() + b.len() >= 6) {
                pairs.push((share, &old.operation, &new.operation));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found: HashMap<String, String> = HashMap::new();
    for (_, old, new) in pairs {
        if !found.contains_key(new) && !found.values().any(|other| other == old) {
            found.insert(new.clone(), old.clone());
        }
    }
    found
}

/// The members of an operation, which identify its contents.
fn parts(operation: &Operation) -> HashSet<String> {
    let fields = |part: &'static str, fields: &[Field]| {
        fields.iter().map(move |field| format!("{part} {} {:?}", field.name, field.ty)).collect::<Vec<_>>()
    };
    fields("request", &operation.request).into_iter().chain(fields("response", &operation.response)).collect()
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A short description of an operation.
fn contents(files: &Files, operation: &Operation) -> String {
    let live = |fields: &[Field]| -> Vec<String> {
        fields.iter().filter(|field| field.skip.is_none()).map(|field| field.name.clone()).collect()
    };
    let required: Vec<&String> = operation
        .request
        .iter()
        .filter(|field| field.required && field.skip.is_none())
        .map(|field| &field.name)
        .collect();
    let mut parts = vec![format!("`client.{}()`", files.names.method(&operation.operation))];
    parts.push(if operation.read { "only reads" } else { "writes" }.to_owned());
    match live(&operation.request).as_slice() {
        [] => parts.push("no parameters".to_owned()),
        all => parts.push(format!("parameters {}", names(all))),
    }
    if !required.is_empty() {
        parts.push(format!("requires {}", names(&required)));
    }
    match live(&operation.response).as_slice() {
        [] => parts.push("no response fields".to_owned()),
        all => parts.push(format!("response {}", names(all))),
    }
    if let Some(pages) = &operation.pagination {
        parts.push(format!("pages by {} of `{}`", super::calls::style(pages), pages.items));
    }
    if !operation.waiters.is_empty() {
        let waiters: Vec<&String> = operation.waiters.iter().map(|waiter| &waiter.name).collect();
        parts.push(format!("waiters {}", names(&waiters)));
    }
    if !operation.errors.is_empty() {
        parts.push(count(operation.errors.len(), "error code"));
    }
    if draft::is_marked(operation) {
        parts.push("the docs are a draft".to_owned());
    }
    let features = features::of_operation(&files.tree, operation);
    if !features.is_empty() {
        parts.push(format!("feature {}", names(&features)));
    }
    parts.join("; ")
}

fn compare(log: &mut Log<'_>, both: &Both<'_>, old: &Operation, new: &Operation) {
    let spots = Spots::of(&old.path, &new.path);
    if old.operation != new.operation {
        let [from, to] = [&old.operation, &new.operation].map(|name| both.new.names.method(name));
        let asked = if wire_name(old) == wire_name(new) { "the same" } else { "another" };
        log.add("operation-renamed", Impact::Breaking, "", format!("operation renamed from `{}`", old.operation))
            .values(Some(old.operation.clone()), Some(new.operation.clone()))
            .effect(format!(
                "`client.{from}()` becomes `client.{to}()`, and the service is asked for {asked} operation"
            ))
            .at(spots.after("operation"));
    }
    compare_features(log, both, old, new, &spots);
    if old == new {
        return;
    }
    compare_facts(log, old, new, &spots);
    if old.doc != new.doc {
        docs(log, "", &old.doc, &new.doc).at(spots.after("doc"));
    }
    let renamed: HashMap<String, String> =
        both.renamed.clone().into_iter().chain(types::renamed(&old.types, &new.types)).collect();
    let scopes = [Scope::of(old, &both.old.tree.types), Scope::of(new, &both.new.tree.types)];
    for (part, lists, request) in
        [("request", [&old.request, &new.request], true), ("response", [&old.response, &new.response], false)]
    {
        let members = Members {
            label: format!("{part} "),
            lists: lists.map(Vec::as_slice),
            scopes,
            request,
            is_top_level: true,
            renamed: &renamed,
            spots: spots.part(part),
        };
        fields::compare(log, both, &members);
    }
    let no_shared = SharedTypes::new();
    let sent = [old, new].map(|operation| {
        let scope = Scope::of(operation, &no_shared);
        let names = |fields, sent| scope.reached(fields).into_iter().map(move |found| (found.name.to_owned(), sent));
        names(&operation.response, false).chain(names(&operation.request, true)).collect::<HashMap<_, _>>()
    });
    let own = Types {
        label: "types ",
        maps: [&old.types, &new.types],
        scopes,
        shared: Some([&both.old.tree.types, &both.new.tree.types]),
        sent: [&sent[0], &sent[1]],
        renamed: &renamed,
        spots: spots.part("types"),
    };
    types::compare(log, both, &own, |_| Vec::new());
    compare_paging(log, both, old, new, &spots);
    compare_waiters(log, old, new, &spots);
    compare_errors(log, both, old, new, &spots);
}

/// The Cargo features that the operation needs, its family and its deprecation.
fn compare_features(log: &mut Log<'_>, both: &Both<'_>, old: &Operation, new: &Operation, spots: &Spots<'_>) {
    let features =
        [(both.old, old), (both.new, new)].map(|(files, operation)| features::of_operation(&files.tree, operation));
    let same_gate = both.old.tree.service.gate == both.new.tree.service.gate;
    let differ = features[0] != features[1] && same_gate;
    let effect = format!("now requires the feature {} instead of {}", names(&features[1]), names(&features[0]));
    let class = |otherwise| if differ { Impact::Breaking } else { otherwise };
    if old.family != new.family {
        let change = log
            .add("family-changed", class(Impact::Docs), "family", format!("{} → {}", old.family, new.family))
            .values(Some(old.family.clone()), Some(new.family.clone()))
            .at(spots.after("family"));
        if differ {
            change.effect(&effect);
        }
    }
    if old.deprecated != new.deprecated {
        let (message, otherwise) = match new.deprecated {
            true => ("now deprecated", "callers get a compiler warning"),
            false => ("no longer deprecated", "callers get no compiler warning"),
        };
        let effect = if differ { effect.as_str() } else { otherwise };
        let impact = class(if new.deprecated { Impact::Behavior } else { Impact::Additive });
        log.add("operation-deprecated", impact, "", message).effect(effect).at(spots.key("deprecated", new.deprecated));
    }
    if differ && old.family == new.family && old.deprecated == new.deprecated {
        log.add("feature-changed", Impact::Breaking, "", "another feature").effect(effect).at(spots.after("family"));
    }
}

/// The name of an operation as the service spells it.
fn wire_name(operation: &Operation) -> &str {
    operation.wire.as_deref().unwrap_or(&operation.operation)
}

/// The keys that are not compared separately.
fn compare_facts(log: &mut Log<'_>, old: &Operation, new: &Operation, spots: &Spots<'_>) {
    let rest = |operation: &Operation| Operation {
        path: String::new(),
        schema: None,
        operation: String::new(),
        family: String::new(),
        deprecated: false,
        doc: String::new(),
        request: Vec::new(),
        response: Vec::new(),
        types: IndexMap::new(),
        pagination: None,
        waiters: Vec::new(),
        errors: Vec::new(),
        ..operation.clone()
    };
    let (from, to) = (wire_name(old), wire_name(new));
    let asked = format!("calls ask the service for another operation: `{to}` instead of `{from}`");
    for key in changed(&rest(old), &rest(new)) {
        let (rule, class, effect) = match key.key.as_str() {
            "read" if new.read => {
                let effect = "calls are now retried after any transient failure, even if they may have been executed";
                ("read-changed", Impact::Behavior, Some(effect))
            }
            "read" => {
                let effect = "calls are no longer retried after a failure if they may have been executed";
                ("read-changed", Impact::Behavior, Some(effect))
            }
            "slow" if new.slow => ("timeout-changed", Impact::Behavior, Some("calls get the longer default timeout")),
            "slow" => ("timeout-changed", Impact::Behavior, Some("calls get the usual, shorter default timeout")),
            "method" => ("method-changed", Impact::Behavior, Some("calls use another HTTP method")),
            "anonymous" if new.anonymous => {
                ("signature-changed", Impact::Behavior, Some("calls are no longer signed, and need no credentials"))
            }
            "anonymous" => ("signature-changed", Impact::Behavior, Some("calls are signed, and need credentials")),
            "wire" if from != to => ("wire-name-changed", Impact::Behavior, Some(asked.as_str())),
            "examples" => ("fact-changed", Impact::Docs, Some("examples become tests")),
            _ => ("fact-changed", Impact::Docs, None),
        };
        let message = match key.key.as_str() {
            "read" if new.read => "now only reads".to_owned(),
            "read" => "no longer only reads".to_owned(),
            "examples" => "examples changed".to_owned(),
            "docs" if draft::is_marked(new) => "the docs are now a draft".to_owned(),
            "docs" => "the docs are no longer a draft".to_owned(),
            _ => key.sentence(),
        };
        let change = log.add(rule, class, "", message).values(Some(key.old_text()), Some(key.new_text()));
        change.at(spots.key(&key.key, key.new.is_some()));
        if let Some(effect) = effect {
            change.effect(effect);
        }
    }
}

/// Documented codes. A code with another status is one change.
fn compare_errors(log: &mut Log<'_>, both: &Both<'_>, old: &Operation, new: &Operation, spots: &Spots<'_>) {
    let statuses = |operation: &Operation| {
        let mut codes: BTreeMap<String, (BTreeSet<u16>, usize)> = BTreeMap::new();
        for (index, error) in operation.errors.iter().enumerate() {
            codes.entry(error.code.clone()).or_insert((BTreeSet::new(), index)).0.insert(error.http);
        }
        codes
    };
    let shown = |statuses: &BTreeSet<u16>| statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let (before, after) = (statuses(old), statuses(new));
    let codes: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for code in codes {
        let path = format!("error `{code}`");
        match (before.get(code), after.get(code)) {
            (Some((from, _)), Some((to, index))) if from != to => {
                log.add("status-changed", Impact::Docs, path, format!("HTTP {} → {}", shown(from), shown(to)))
                    .values(Some(shown(from)), Some(shown(to)))
                    .at(spots.after(&format!("errors.{index}")));
            }
            (None, Some((to, index))) => {
                let is_new = !both.codes[0].values().any(|known| known == code);
                let class = if is_new { Impact::Additive } else { Impact::Docs };
                let change = log.add("error-added", class, path, format!("added, HTTP {}", shown(to)));
                if let Some((constant, _)) =
                    both.codes[1].iter().find(|(path, known)| is_new && *known == code && !path.contains("::"))
                {
                    change.effect(format!("new constant `codes::{constant}`"));
                }
                change.at(spots.after(&format!("errors.{index}")));
            }
            (Some((from, index)), None) => {
                log.add("error-removed", Impact::Docs, path, format!("removed, HTTP {}", shown(from)))
                    .at(spots.before(&format!("errors.{index}")));
            }
            _ => {}
        }
    }
}
