//! Constants of error codes: each code has exactly one, with a stable name.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::OnceLock,
};

use ecs_codegen::{
    Source,
    emit::Output,
    load::{self, Tree},
};

fn specs() -> Vec<Source> {
    load::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap()
}

/// The specs of the SDK, and the source generated from them.
fn generated() -> &'static (Tree, Output) {
    static GENERATED: OnceLock<(Tree, Output)> = OnceLock::new();
    GENERATED.get_or_init(|| ecs_codegen::generate(specs()).unwrap())
}

/// The constants that generated files declare, with their values.
fn constants<'t>(files: impl Iterator<Item = (&'t str, &'t str)>, service: &str) -> BTreeMap<&'t str, &'t str> {
    let mut constants = BTreeMap::new();
    let folder = format!("{service}/codes");
    for (path, text) in files.filter(|(path, _)| path.starts_with(&folder)) {
        let text = text.split("pub const ").skip(1);
        for (name, rest) in text.map(|text| text.split_once(": &str").unwrap()) {
            let value = rest.split('"').nth(1).unwrap();
            assert_eq!(constants.insert(name, value), None, "{path}: {name}");
        }
    }
    constants
}

#[test]
fn each_code_has_one_constant() {
    let (tree, output) = generated();
    for service in &tree.services {
        let files =
            output.sdk.iter().chain(output.types.iter()).chain(output.companions.iter()).chain(output.runtime.iter());
        let constants = constants(files, &service.name);
        let own = service.operations.iter().flat_map(|operation| &operation.errors).map(|error| error.code.as_str());
        let codes: BTreeSet<&str> = own.chain(service.service.errors.keys().map(String::as_str)).collect();
        assert_eq!(constants.values().copied().collect::<BTreeSet<_>>(), codes, "{}", service.name);
        assert_eq!(constants.len(), codes.len(), "{}", service.name);
        for (name, value) in constants {
            assert!(!name.ends_with('_') && !name.contains("__"), "{}: {name} = {value}", service.name);
        }
    }
}

#[test]
fn the_code_that_most_operations_document_keeps_the_derived_name() {
    let (_, output) = generated();
    let constants = constants(output.types.iter(), "ecs");
    for (name, value) in [
        ("INVALID_INSTANCE_ID_NOT_FOUND", "InvalidInstanceId.NotFound"),
        ("INVALID_DOT_INSTANCE_ID_NOT_FOUND", "Invalid.InstanceId.NotFound"),
        ("INVALID_PARAMETER", "InvalidParameter"),
        ("INVALID_RESOURCE_TYPE_NOT_FOUND", "InvalidResourceType.NotFound"),
        ("INVALID_SPOT_STRATEGY", "InvalidSpotStrategy"),
    ] {
        assert_eq!(constants[name], value, "{name}");
    }
}

#[test]
fn a_code_whose_constant_name_is_taken_is_a_mistake() {
    let mut sources = specs();
    let path = "ecs/instances/RebootInstance.json";
    let source = sources.iter_mut().find(|source| source.path == path).unwrap();
    let code = r#"{ "code": "Invalid.VSwitchId.NotFound", "http": 404 }"#;
    source.text = source.text.replacen(r#""errors": ["#, &format!("\"errors\": [\n    {code},"), 1);
    let shown = ecs_codegen::check(sources).unwrap_err().to_string();
    assert!(shown.contains(path) && shown.ends_with("1 error in the specs\n"), "{shown}");
    let remedy =
        r#"add "Invalid.VSwitchId.NotFound": "INVALID_DOT_VSWITCH_ID_NOT_FOUND" to `codes` in ecs/service.json"#;
    assert!(shown.contains(remedy), "{shown}");
}
