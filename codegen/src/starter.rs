//! The first version of an operation's spec.

use crate::{
    Diagnostics,
    diagnostic::Source,
    draft, fmt,
    load::{Folder, ServiceTree, Tree},
    naming::Names,
    rules::Level,
    spec::{DocsState, Field, Operation},
    suggest::{list, remedy},
    validate::visible,
};

/// Writes the first version of an operation's spec, as it can be known from its name and from the other operations of the
/// service. Its docs are a draft. `place` is a service and a family, such as `ecs/instances`.
///
/// # Errors
///
/// Returns a message with a remedy if the linter would reject the operation.
pub fn starter(folder: &Folder, place: &str, operation: &str) -> Result<Source, String> {
    let (tree, _) = crate::lint(folder.clone());
    let (service, family) = find(&tree, place)?;
    name(service, operation)?;
    let spec = Operation {
        schema: Some("../../schema.json".to_owned()),
        operation: operation.to_owned(),
        family: family.to_owned(),
        read: tree.rpc.is_read(operation),
        docs: (!draft::is_draft(service)).then_some(DocsState::Draft),
        docs_url: own_url(service),
        request: vec![first_field(service)],
        ..Operation::default()
    };
    let path = format!("{}/{family}/{operation}.json", service.name);
    let source = Source { path: path.clone(), text: fmt::operation(&spec) };
    let mut with = folder.clone();
    with.sources.push(source.clone());
    let (_, found) = crate::lint(with);
    let others: Diagnostics = found.filter(|one| one.path == path && one.level == Level::Error);
    if others.is_empty() { Ok(source) } else { Err(others.to_string()) }
}

/// Finds the service and the family of a place.
fn find<'t>(tree: &'t Tree, place: &str) -> Result<(&'t ServiceTree, &'t str), String> {
    let expected = "expected `<service>/<family>` such as `ecs/instances`";
    let Some((service, family)) = place.trim_end_matches('/').split_once('/') else {
        return Err(format!("invalid place `{place}`: {expected}"));
    };
    let services: Vec<&String> = tree.services.iter().map(|service| &service.name).collect();
    let Some(service) = tree.services.iter().find(|one| one.name == service) else {
        let otherwise = format!("use {}, or create the service with `cargo xtask service new`", list(&services));
        return Err(format!("unknown service `{service}` in `{place}`; {}", remedy(service, &services, &otherwise)));
    };
    let families: Vec<&String> = service.service.families.keys().collect();
    match families.iter().find(|one| **one == family) {
        Some(family) => Ok((service, family)),
        None if family.contains(['/', '\\', '.']) => Err(format!("invalid place `{place}`: {expected}")),
        None => {
            let file = format!("specs/{}/service.json", service.name);
            let otherwise = format!("use {}, or add it to `families` in {file}", list(&families));
            Err(format!("unknown family `{family}` of {}; {}", service.name, remedy(family, &families, &otherwise)))
        }
    }
}

/// Checks that the name is one of an operation, and is not taken.
fn name(service: &ServiceTree, operation: &str) -> Result<(), String> {
    let is_capital = operation.starts_with(|c: char| c.is_ascii_uppercase());
    if !is_capital || !operation.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(format!(
            "invalid operation name `{}`; use letters and digits, starting with a capital, as the service spells it",
            visible(operation)
        ));
    }
    let names = Names::new(&service.service.words);
    let method = names.method(operation);
    let taken = |other: &&Operation| {
        other.operation.eq_ignore_ascii_case(operation) || names.method(&other.operation) == method
    };
    match service.operations.iter().find(taken) {
        Some(other) if other.operation == operation => {
            Err(format!("`{operation}` already exists in specs/{}; edit that file", other.path))
        }
        Some(other) if other.operation.eq_ignore_ascii_case(operation) => Err(format!(
            "`{operation}` differs from `{}` in specs/{} in letter case only, and some file systems ignore letter case; \
             correct the spelling, or add a number and spell it as the service does in `wire`",
            other.operation, other.path
        )),
        Some(other) => Err(format!(
            "`{operation}` would have the same method `{method}` as `{}` in specs/{}; correct the spelling, or add a word to \
             `words` in specs/{}/service.json",
            other.operation, other.path, service.name
        )),
        None => Ok(()),
    }
}

/// The URL of the operation's page, if it does not follow from that of the service.
fn own_url(service: &ServiceTree) -> Option<String> {
    let url = &service.service.docs_url;
    (!url.to_lowercase().contains("{operation}")).then(|| url.clone())
}

/// The parameter with which most operations of the service begin.
fn first_field(service: &ServiceTree) -> Field {
    let mut first: Vec<&Field> = service.operations.iter().filter_map(|operation| operation.request.first()).collect();
    first.retain(|field| field.skip.is_none() && service.glossary.contains_key(&field.name));
    let count = |field: &Field| first.iter().filter(|other| other.name == field.name).count();
    let usual = first.iter().max_by_key(|field| count(field));
    let name = usual.map_or("RegionId", |field| field.name.as_str());
    Field { name: name.to_owned(), required: true, ..Field::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> Folder {
        let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
        vec![
            file("rpc.json", include_str!("../tests/diagnostics/base/rpc.json")),
            file("ecs/service.json", include_str!("../tests/diagnostics/base/ecs/service.json")),
            file("ecs/glossary.json", r#"{ "ThingId": "ID of the thing." }"#),
            file(
                "ecs/things/DeleteThing.json",
                r#"{ "operation": "DeleteThing", "family": "things", "doc": "Deletes a thing for good.",
                     "request": [{ "name": "ThingId", "type": "string" }], "response": [] }"#,
            ),
        ]
        .into()
    }

    #[test]
    fn a_first_version_has_what_is_known() {
        let source = starter(&folder(), "ecs/boxes", "DescribeBox").unwrap();
        assert_eq!(source.path, "ecs/boxes/DescribeBox.json");
        let expected = r#"{
  "$schema": "../../schema.json",
  "operation": "DescribeBox",
  "family": "boxes",
  "read": true,
  "docs": "draft",
  "doc": "",
  "request": [
    { "name": "ThingId", "type": "string", "required": true }
  ],
  "response": []
}
"#;
        assert_eq!(source.text, expected);
        assert!(!starter(&folder(), "ecs/boxes", "DeleteBox").unwrap().text.contains("read"));
    }

    #[test]
    fn a_url_is_written_if_that_of_the_service_has_no_placeholder() {
        let mut folder = folder();
        folder.sources[1].text =
            folder.sources[1].text.replace("https://example.com/{operation}", "https://example.com/api");
        assert!(
            starter(&folder, "ecs/boxes", "GetBox").unwrap().text.contains("\"docs_url\": \"https://example.com/api\"")
        );
    }

    #[test]
    fn what_the_linter_would_reject_is_rejected_with_a_remedy() {
        for (place, operation, expected) in [
            ("ecs", "GetBox", "invalid place `ecs`"),
            ("../../tmp/x", "GetBox", "unknown service `..`"),
            ("ecs/../../tmp", "GetBox", "invalid place"),
            ("ecs/boxes/deep", "GetBox", "invalid place"),
            ("eccs/boxes", "GetBox", "did you mean `ecs`?"),
            ("ecs/box", "GetBox", "unknown family `box`"),
            ("ecs/boxes", "getBox", "starting with a capital"),
            ("ecs/boxes", "../GetBox", "invalid operation name"),
            ("ecs/boxes", "", "invalid operation name"),
            ("ecs/boxes", "DeleteThing", "already exists in specs/ecs/things/DeleteThing.json"),
            (
                "ecs/boxes",
                "DELETEThing",
                "differs from `DeleteThing` in specs/ecs/things/DeleteThing.json in letter case",
            ),
            (
                "ecs/boxes",
                "Deletething",
                "differs from `DeleteThing` in specs/ecs/things/DeleteThing.json in letter case",
            ),
        ] {
            let error = starter(&folder(), place, operation).unwrap_err();
            assert!(error.contains(expected), "{place} {operation}: {error}");
        }
    }
}
