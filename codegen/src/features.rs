//! The Cargo features of ecs-sdk, ecs-sdk-types and ecs-sdk-companions, which follow the families and services of the specs.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, DocumentMut, Item, TomlError, value};

use crate::{
    load::{ServiceTree, Tree},
    naming,
    spec::{Gate, Operation},
};

/// Features that are maintained by hand.
const HAND_MAINTAINED: &[&str] =
    &["chrono", "gzip", "http2", "jiff", "native-tls", "rustls", "socks", "test-util", "time"];

/// Hand-maintained features that are enabled by default.
const HAND_MAINTAINED_DEFAULTS: &[&str] = &["gzip", "rustls"];

/// The feature of deprecated operations.
const DEPRECATED: &str = "deprecated";

/// Names that a family cannot have, because other features have them.
pub(crate) fn reserved() -> impl Iterator<Item = &'static str> + Clone {
    ["default", DEPRECATED].into_iter().chain(HAND_MAINTAINED.iter().copied())
}

/// Whether a family cannot have this name: it is that of another feature, or Windows reserves it for a device.
pub(crate) fn is_reserved(name: &str) -> bool {
    naming::is_reserved_file(name) || reserved().any(|reserved| reserved == name)
}

/// Feature → features that it enables.
pub type Features = BTreeMap<String, Vec<String>>;

/// Updates the generated features of a manifest. Features maintained by hand are not changed.
///
/// # Errors
///
/// Returns an error if the manifest is not valid TOML.
pub fn update(manifest: &str, generated: Features) -> Result<String, TomlError> {
    let mut document: DocumentMut = manifest.parse()?;
    let features = document["features"].or_insert(Item::Table(toml_edit::Table::new()));
    let Some(features) = features.as_table_mut() else { return Ok(manifest.to_owned()) };
    let stale: Vec<String> = features
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !HAND_MAINTAINED.contains(&name.as_str()) && !generated.contains_key(name))
        .collect();
    for name in stale {
        features.remove(&name);
    }
    for (name, parts) in generated {
        let parts: Array = parts.into_iter().collect();
        let current = features.get(&name).and_then(Item::as_array);
        if !current.is_some_and(|current| has_same_elements(current, &parts)) {
            let mut parts = parts;
            if parts.len() > 3 {
                parts.iter_mut().for_each(|part| part.decor_mut().set_prefix("\n    "));
                parts.set_trailing("\n");
                parts.set_trailing_comma(true);
            }
            features[&name] = value(parts);
        }
    }
    Ok(document.to_string())
}

/// The features of ecs-sdk-types: one per family.
pub fn types(tree: &Tree) -> Features {
    let with_types = tree.services.iter().filter(|service| service.service.gate.has_types_crate());
    let families = with_types.flat_map(|service| &service.operations).map(|operation| &operation.family);
    families.map(|family| (family.clone(), Vec::new())).collect()
}

/// The features of ecs-sdk-companions: one per service.
pub fn companions(tree: &Tree) -> Features {
    let mut features = Features::new();
    for service in tree.services.iter().filter(|service| service.service.gate.is_companion()) {
        features.insert(service.service.service.clone(), Vec::new());
        if has_deprecated(service) {
            features.insert(DEPRECATED.to_owned(), Vec::new());
        }
    }
    features
}

/// Whether any operation needs the feature of deprecated ones.
fn has_deprecated(service: &ServiceTree) -> bool {
    service.operations.iter().any(|operation| of_operation(service, operation).iter().any(|name| name == DEPRECATED))
}

/// The features of ecs-sdk.
pub fn sdk(tree: &Tree) -> Features {
    let mut features = Features::new();
    let mut default: Vec<String> = HAND_MAINTAINED_DEFAULTS.iter().map(|&name| name.to_owned()).collect();
    let mut deprecated = BTreeSet::new();
    for service in &tree.services {
        let name = &service.service.service;
        match service.service.gate {
            Gate::None | Gate::Runtime | Gate::Crate => {}
            Gate::Service => {
                let parts = vec!["dep:ecs-sdk-companions".to_owned(), format!("ecs-sdk-companions/{name}")];
                features.insert(name.clone(), parts);
                if has_deprecated(service) {
                    deprecated.insert(format!("ecs-sdk-companions?/{DEPRECATED}"));
                }
                if service.service.default_feature {
                    default.push(name.clone());
                }
            }
            Gate::Families => {
                let families: BTreeSet<&String> =
                    service.operations.iter().map(|operation| &operation.family).collect();
                for family in families {
                    let types = format!("ecs-sdk-types/{family}");
                    if is_retired(service, family) {
                        deprecated.insert(family.clone());
                    } else {
                        default.push(family.clone());
                        if service
                            .operations
                            .iter()
                            .any(|operation| operation.deprecated && operation.family == *family)
                        {
                            deprecated.insert(types.clone());
                        }
                    }
                    features.insert(family.clone(), vec![types]);
                }
            }
        }
        if has_deprecated(service) {
            features.entry(DEPRECATED.to_owned()).or_default();
        }
    }
    if !deprecated.is_empty() {
        features.insert(DEPRECATED.to_owned(), deprecated.into_iter().collect());
    }
    default.sort();
    features.insert("default".to_owned(), default);
    features
}

/// The features that an operation needs, except its service's own. All of them must be enabled.
///
/// A family's feature includes the family's live operations, and `deprecated` includes all deprecated ones. A retired
/// family, which has no live operations, keeps its feature, and `deprecated` enables it.
pub(crate) fn of_operation(service: &ServiceTree, operation: &Operation) -> Vec<String> {
    let is_family = service.service.gate == Gate::Families;
    let is_gated = is_family || service.service.gate == Gate::Service;
    if is_gated && operation.deprecated && !(is_family && is_retired(service, &operation.family)) {
        vec![DEPRECATED.to_owned()]
    } else if is_family {
        vec![operation.family.clone()]
    } else {
        Vec::new()
    }
}

/// Whether all operations of a family are deprecated.
fn is_retired(service: &ServiceTree, family: &str) -> bool {
    service.operations.iter().filter(|operation| operation.family == family).all(|operation| operation.deprecated)
}

fn has_same_elements(a: &Array, b: &Array) -> bool {
    let strings = |array: &Array| array.iter().filter_map(|part| part.as_str().map(str::to_owned)).collect::<Vec<_>>();
    strings(a) == strings(b)
}

/// Returns the features of a manifest.
///
/// # Errors
///
/// Returns an error if the manifest is not valid TOML.
pub fn read(manifest: &str) -> Result<Features, TomlError> {
    let document: DocumentMut = manifest.parse()?;
    let features = document.get("features").and_then(Item::as_table);
    let parts = |item: &Item| {
        let array = item.as_array().into_iter().flatten();
        array.filter_map(|part| part.as_str().map(str::to_owned)).collect()
    };
    Ok(features.into_iter().flatten().map(|(name, item)| (name.to_owned(), parts(item))).collect())
}
