//! Cargo features: the operations that each of them enables.

use std::{collections::BTreeMap, path::Path, sync::OnceLock};

use ecs_codegen::{
    emit::Output,
    features::{self, Features},
    load::{self, Tree},
};

/// The specs of the SDK, and the source generated from them.
fn generated() -> &'static (Tree, Output) {
    static GENERATED: OnceLock<(Tree, Output)> = OnceLock::new();
    GENERATED.get_or_init(|| {
        let specs = load::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap();
        ecs_codegen::generate(specs).unwrap()
    })
}

/// The features that a feature enables, including itself.
fn closure(features: &Features, name: &str) -> Vec<String> {
    let mut all = vec![name.to_owned()];
    let mut next = 0;
    while let Some(name) = all.get(next).cloned() {
        all.extend(features.get(&name).into_iter().flatten().cloned());
        next += 1;
    }
    all
}

/// The gates of a service's operations: module → feature.
fn gates(text: &str) -> BTreeMap<&str, &str> {
    let mut gates = BTreeMap::new();
    let lines: Vec<&str> = text.lines().collect();
    for pair in lines.windows(2) {
        if let Some(gate) = pair[0].strip_prefix("#[cfg(feature = \"") {
            let module = pair[1].trim_start_matches("pub mod ").trim_end_matches(';');
            gates.insert(module, gate.trim_end_matches("\")]"));
        }
    }
    gates
}

#[test]
fn the_feature_deprecated_enables_exactly_the_deprecated_operations() {
    let (tree, output) = generated();
    let features = features::sdk(tree);
    let deprecated = closure(&features, "deprecated");
    let (_, text) = output.sdk.iter().find(|(path, _)| *path == "ecs/operation/mod.rs").unwrap();
    let gates = gates(text);
    let ecs = tree.services.iter().find(|service| service.name == "ecs").unwrap();
    assert_eq!(gates.len(), ecs.operations.len());
    let names = ecs_codegen::naming::Names::new(&ecs.service.words);
    let mut count = 0;
    for operation in &ecs.operations {
        let gate = gates[names.method(&operation.operation).as_str()].to_owned();
        assert_eq!(deprecated.contains(&gate), operation.deprecated, "{} is behind {gate}", operation.operation);
        assert_eq!(features["default"].contains(&gate), !operation.deprecated, "{}", operation.operation);
        count += usize::from(operation.deprecated);
        // The shared types that only the operation's family uses.
        if operation.deprecated {
            let types = format!("ecs-sdk-types/{}", operation.family);
            assert!(deprecated.contains(&types), "{types} for {}", operation.operation);
        }
    }
    assert!(count > 60, "{count}");
}

#[test]
fn the_feature_of_a_retired_family_enables_its_operations() {
    let (tree, output) = generated();
    let (_, text) = output.sdk.iter().find(|(path, _)| *path == "ecs/operation/mod.rs").unwrap();
    assert_eq!(gates(text)["allocate_eip_address"], "classic-network");
    assert!(closure(&features::sdk(tree), "deprecated").contains(&"classic-network".to_owned()));
}
