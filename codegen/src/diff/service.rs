//! Compares the facts of a service, and those that all services share.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexmap::IndexMap;

use super::{
    Both,
    change::{Change, Impact, Log, Spots},
    fields::docs,
    operation,
    tree::{Files, Specs},
    types::{self, Types},
    values::{changed, names},
    words,
};
use crate::{
    spec::{Endpoints, ErrorClasses, Gate, GlossaryEntry, Rpc, Service},
    suggest::count,
    type_graph::{Reached, Scope},
};

/// Reports `rpc.json`, and `service.json` of services with other files, if one side lacks them.
pub(super) fn compare_files(changes: &mut Vec<Change>, old: &Specs, new: &Specs) {
    let facts = "the parameters of every request, the operations that are retried, and the classes of error codes";
    // Without services, there is nothing that the file changes.
    let class = |other: &Specs| if other.services.is_empty() { Impact::Additive } else { Impact::Behavior };
    let kinds = [
        (class(old), format!("the file decides {facts}")),
        (Impact::Behavior, format!("the file no longer decides {facts}")),
    ];
    compare_file(changes, ["", "rpc.json"], [&old.rpc_path, &new.rpc_path], kinds);
    for (name, old) in &old.services {
        let Some(new) = new.services.get(name) else { continue };
        let kinds = [
            (Impact::Additive, "a client of the service can be generated".to_owned()),
            (Impact::Breaking, "no client of the service can be generated".to_owned()),
        ];
        compare_file(changes, [name, "service.json"], [&old.service_path, &new.service_path], kinds);
    }
}

/// Reports a file that one side lacks. `kinds` has the class and effect of a new file, and those of a removed one.
fn compare_file(
    changes: &mut Vec<Change>,
    [service, subject]: [&str; 2],
    paths: [&str; 2],
    [added, removed]: [(Impact, String); 2],
) {
    let (is_new, rule, message, (class, effect)) = match paths.map(str::is_empty) {
        [true, false] => (true, "file-added", "file added", added),
        [false, true] => (false, "file-removed", "file removed", removed),
        _ => return,
    };
    let (service, subject) = (service.to_owned(), subject.to_owned());
    let mut log = Log { changes, service, subject, operations: Vec::new() };
    log.add(rule, class, "", message).effect(effect).at(Spots::of(paths[0], paths[1]).key("", is_new));
}

/// Compares `rpc.json`.
pub(super) fn compare_rpc(changes: &mut Vec<Change>, old: &Specs, new: &Specs) {
    let (Some(before), Some(after)) = (&old.rpc, &new.rpc) else { return };
    let mut log = Log { changes, service: String::new(), subject: "rpc.json".to_owned(), operations: Vec::new() };
    let spots = Spots::of(&old.rpc_path, &new.rpc_path);
    let plain = |rpc: &Rpc| Rpc { schema: None, ..rpc.clone() };
    for key in changed(&plain(before), &plain(after)) {
        let (class, effect) = match (key.root(), &key.old, &key.new) {
            ("parameters", None, _) => {
                (Impact::Breaking, Some("the SDK sets it in every request, so callers can no longer set it"))
            }
            ("parameters", _, None) => (Impact::Behavior, Some("the SDK no longer sets it")),
            ("read_verbs", ..) => {
                (Impact::Behavior, Some("decides which calls by name are retried after any transient failure"))
            }
            ("dry_run_codes", ..) => (Impact::Behavior, Some("decides when `check` succeeds")),
            ("error_classes", ..) => (
                Impact::Behavior,
                Some("decides the class of codes; known codes in another class are listed by service"),
            ),
            _ => (Impact::Docs, None),
        };
        let (path, message) = match (&key.old, &key.new) {
            (None, Some(_)) => (key.key.clone(), format!("added: {}", key.new_text())),
            (Some(_), None) => (key.key.clone(), "removed".to_owned()),
            _ => (key.key.clone(), key.message()),
        };
        let change = log.add("rpc-changed", class, path, message);
        change.values(Some(key.old_text()), Some(key.new_text())).at(spots.key(&key.key, key.new.is_some()));
        if let Some(effect) = effect {
            change.effect(effect);
        }
    }
}

/// A service that is in one tree only.
pub(super) fn added_or_removed(changes: &mut Vec<Change>, name: &str, files: &Files, is_new: bool) {
    let mut log = Log { changes, service: name.to_owned(), subject: String::new(), operations: Vec::new() };
    let service = &files.tree.service;
    let spots = Spots::of(&files.service_path, &files.service_path);
    let size = count(files.tree.operations.len(), "operation");
    let (rule, class, message) = match is_new {
        true => ("service-added", Impact::Additive, "service added"),
        false => ("service-removed", Impact::Breaking, "service removed"),
    };
    let change = log.add(rule, class, "", message);
    change.effect(format!("{} {}, {size}", service.product, service.version));
    if !files.service_path.is_empty() {
        change.at(spots.key("service", is_new));
    }
}

/// Compares a service.
pub(super) fn compare(changes: &mut Vec<Change>, both: &Both<'_>) {
    let spots = Spots::of(&both.old.service_path, &both.new.service_path);
    let mut log = both.log(changes, "service.json", Vec::new());
    compare_facts(&mut log, both, &spots);
    compare_features(&mut log, both, &spots);
    compare_endpoints(
        &mut log,
        &both.old.tree.service.endpoints,
        &both.new.tree.service.endpoints,
        &spots.part("endpoints"),
    );
    words::compare(&mut log, both, &spots.part("words"));
    compare_classes(&mut log, both, &spots);
    compare_shared_types(changes, both);
    compare_glossary(changes, both);
    super::codes::compare(changes, both);
    operation::compare_all(changes, both);
}

fn compare_facts(log: &mut Log<'_>, both: &Both<'_>, spots: &Spots<'_>) {
    let rest = |service: &Service| Service {
        schema: None,
        words: IndexMap::new(),
        codes: IndexMap::new(),
        error_classes: ErrorClasses::new(),
        endpoints: Endpoints::default(),
        ..service.clone()
    };
    for key in changed(&rest(&both.old.tree.service), &rest(&both.new.tree.service)) {
        let leaf = key.key.split_once('.').map_or("", |(_, leaf)| leaf);
        let (rule, class, effect) = match (key.root(), &key.old, &key.new) {
            ("gate", ..) => ("gate-changed", Impact::Breaking, Some("operations are behind other Cargo features")),
            ("service", ..) => {
                ("service-renamed", Impact::Breaking, Some("the module of the service has another name"))
            }
            ("version", ..) => {
                ("version-changed", Impact::Behavior, Some("every call asks for this version of the API"))
            }
            ("product", ..) => {
                ("product-changed", Impact::Docs, Some("the docs name another product, and requests stay the same"))
            }
            ("default_feature", _, None) => {
                ("feature-changed", Impact::Breaking, Some("programs that use it have to turn its feature on"))
            }
            ("default_feature", ..) => ("feature-changed", Impact::Additive, Some("its feature is on by default")),
            ("errors", None, Some(_)) if !both.documented(0).contains(leaf) => {
                ("error-added", Impact::Additive, Some("any operation can return it; a new constant"))
            }
            ("errors", None, Some(_)) => ("error-added", Impact::Docs, Some("any operation can return it")),
            ("errors", Some(_), None) => ("error-removed", Impact::Docs, None),
            _ => ("fact-changed", Impact::Docs, None),
        };
        let (path, message) = match (leaf, &key.old, &key.new) {
            _ if key.key == "docs" => {
                (String::new(), format!("the docs are {} a draft", if key.new.is_some() { "now" } else { "no longer" }))
            }
            (_, None, Some(_)) => (key.key.replacen('.', " ", 1), format!("added: {}", key.new_text())),
            (_, Some(_), None) => (key.key.replacen('.', " ", 1), "removed".to_owned()),
            _ => (key.key.replacen('.', " ", 1), key.message()),
        };
        let change = log.add(rule, class, path, message);
        change.values(Some(key.old_text()), Some(key.new_text())).at(spots.key(&key.key, key.new.is_some()));
        if let Some(effect) = effect {
            change.effect(effect);
        }
    }
}

/// Families that are features: those with an operation.
fn compare_features(log: &mut Log<'_>, both: &Both<'_>, spots: &Spots<'_>) {
    let [old, new] = [both.old, both.new].map(|files| {
        let gated = files.tree.service.gate == Gate::Families;
        let families = files.tree.operations.iter().filter(|_| gated).map(|operation| operation.family.as_str());
        families.collect::<BTreeSet<_>>()
    });
    // The change of the gate says it for all.
    if both.old.tree.service.gate != both.new.tree.service.gate {
        return;
    }
    for family in old.difference(&new) {
        log.add(
            "feature-removed",
            Impact::Breaking,
            format!("feature {family}"),
            "removed: the family has no operations",
        )
        .effect("programs that name the Cargo feature no longer build")
        .at(spots.before(&format!("families.{family}#")));
    }
    for family in new.difference(&old) {
        log.add("feature-added", Impact::Additive, format!("feature {family}"), "added")
            .at(spots.after(&format!("families.{family}#")));
    }
}

fn compare_endpoints(log: &mut Log<'_>, old: &Endpoints, new: &Endpoints, spots: &Spots<'_>) {
    let rest = |endpoints: &Endpoints| Endpoints { regions: Vec::new(), ..endpoints.clone() };
    for key in changed(&rest(old), &rest(new)) {
        let (class, effect) = match key.root() {
            "decisions" => (Impact::Docs, None),
            "default" => (Impact::Behavior, Some("clients without a region send their calls to this host")),
            "location" => (Impact::Behavior, Some("lookups of endpoints ask for this code")),
            "public_exceptions" | "vpc_exceptions" if key.new.is_none() => {
                (Impact::Behavior, Some("calls in this region are sent to the host of the pattern"))
            }
            "public_exceptions" | "vpc_exceptions" => {
                (Impact::Behavior, Some("calls in this region are sent to this host"))
            }
            _ => (Impact::Behavior, Some("calls are sent to another host")),
        };
        let path = format!("endpoints {}", key.key.replacen('.', " ", 1));
        let change = log.add("endpoint-changed", class, path, key.message());
        change.values(Some(key.old_text()), Some(key.new_text())).at(spots.key(&key.key, key.new.is_some()));
        if let Some(effect) = effect {
            change.effect(effect);
        }
    }
    let less = |from: &Endpoints, to: &Endpoints| -> Vec<String> {
        from.regions.iter().filter(|region| !to.regions.contains(region)).cloned().collect()
    };
    for (what, class, regions) in
        [("added", Impact::Additive, less(new, old)), ("removed", Impact::Behavior, less(old, new))]
    {
        if !regions.is_empty() {
            log.add("regions-changed", class, "endpoints regions", format!("{what}: {}", names(&regions)))
                .at(spots.after("regions#"));
        }
    }
}

/// Codes in another class than before.
fn compare_classes(log: &mut Log<'_>, both: &Both<'_>, spots: &Spots<'_>) {
    let [old, new] = [both.old, both.new].map(|files| &files.tree.service.error_classes);
    let own = changed(old, new);
    let mut moves: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let known: BTreeSet<&str> = both.documented(0).intersection(&both.documented(1)).copied().collect();
    let classes = [0, 1].map(|side| both.classes(side));
    for code in known {
        let [before, after] = classes.each_ref().map(|classes| classes.of(code));
        if before != after {
            let show =
                |class: Option<crate::spec::Class>| class.map_or_else(|| "none".to_owned(), |class| class.to_string());
            moves.entry((show(before), show(after))).or_default().push(code.to_owned());
        }
    }
    let place = || {
        let key = own.first().map(|key| format!("error_classes.{}", key.key));
        match (key, both.rpc_paths) {
            (Some(key), _) => spots.key(&key, own[0].new.is_some()),
            (None, [old, new]) => Spots::of(old, new).after("error_classes#"),
        }
    };
    for ((from, to), codes) in &moves {
        let message = format!("{}: {from} → {to}", names(codes));
        log.add("class-changed", Impact::Behavior, "error classes", message)
            .values(Some(from.clone()), Some(to.clone()))
            .effect("predicates of errors such as `is_not_found`, and the retries that follow from the class, change")
            .at(place());
    }
    if moves.is_empty() {
        for key in &own {
            log.add("class-changed", Impact::Behavior, format!("error_classes {}", key.key), key.message())
                .effect("no documented code is in another class")
                .at(spots.key(&format!("error_classes.{}", key.key), key.new.is_some()));
        }
    }
}

fn compare_shared_types(changes: &mut Vec<Change>, both: &Both<'_>) {
    let mut log = both.log(changes, "types.json", Vec::new());
    let users = [both.old, both.new].map(shared_users);
    let sent = [&users[0], &users[1]]
        .map(|users| users.iter().map(|(name, (sent, _))| (name.clone(), *sent)).collect::<HashMap<_, _>>());
    let shared = [both.old, both.new].map(|files| &files.tree.types);
    let types = Types {
        label: "",
        maps: shared,
        scopes: shared.map(Scope::shared),
        shared: None,
        sent: [&sent[0], &sent[1]],
        renamed: &both.renamed,
        spots: Spots::of(&both.old.types_path, &both.new.types_path),
    };
    types::compare(&mut log, both, &types, |name| {
        let users = users.iter().rev().find_map(|users| users.get(name));
        users.map(|(_, users)| users.iter().cloned().collect()).unwrap_or_default()
    });
}

/// Shared types: whether requests use them, and the operations that use them.
fn shared_users(files: &Files) -> HashMap<String, (bool, BTreeSet<String>)> {
    let mut users: HashMap<String, (bool, BTreeSet<String>)> = HashMap::new();
    for operation in &files.tree.operations {
        let scope = Scope::of(operation, &files.tree.types);
        for (fields, sent) in [(&operation.request, true), (&operation.response, false)] {
            for reached in scope.reached(fields).into_iter().filter(Reached::is_shared) {
                let entry = users.entry(reached.name.to_owned()).or_default();
                entry.0 |= sent;
                entry.1.insert(operation.operation.clone());
            }
        }
    }
    users
}

fn compare_glossary(changes: &mut Vec<Change>, both: &Both<'_>) {
    let mut log = both.log(changes, "glossary.json", Vec::new());
    let spots = Spots::of(&both.old.glossary_path, &both.new.glossary_path);
    let [old, new] = [both.old, both.new].map(|files| &files.tree.glossary);
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in all {
        let text = |entry: Option<&GlossaryEntry>| entry.map(|entry| entry.doc().to_owned()).unwrap_or_default();
        let [before, after] = [old, new].map(|glossary| text(glossary.get(name)));
        if before != after {
            log.operations = glossary_users(both.new, name);
            docs(&mut log, name, &before, &after).at(spots.key(name, new.contains_key(name)));
        }
    }
}

/// The operations with a field that takes its docs from the glossary.
fn glossary_users(files: &Files, name: &str) -> Vec<String> {
    let uses = |fields: &[crate::spec::Field]| fields.iter().any(|field| field.name == name && field.doc.is_none());
    let operations = files.tree.operations.iter().filter(|operation| {
        let own = operation.types.values().filter_map(|ty| ty.fields.as_deref());
        uses(&operation.request) || uses(&operation.response) || own.into_iter().any(uses)
    });
    operations.map(|operation| operation.operation.clone()).collect()
}
