//! The Cargo features of ecs-sdk and of its types, which follow the specs' families.

use std::collections::BTreeMap;

use toml_edit::{Array, DocumentMut, Item, TomlError, value};

use crate::{load::Tree, spec::Gate};

/// Features that are written by hand.
const BY_HAND: &[&str] = &["gzip", "http2", "native-tls", "rustls", "socks", "test-util"];

/// Those of them that are on by default.
const DEFAULT: &[&str] = &["gzip", "rustls"];

/// Feature → what it turns on.
pub type Features = BTreeMap<String, Vec<String>>;

/// The manifest with such features. Features written by hand stay as they are.
///
/// # Errors
///
/// Fails when the manifest is no TOML.
pub fn update(manifest: &str, generated: Features) -> Result<String, TomlError> {
    let mut document: DocumentMut = manifest.parse()?;
    let features = document["features"].or_insert(Item::Table(toml_edit::Table::new()));
    let Some(features) = features.as_table_mut() else { return Ok(manifest.to_owned()) };
    let stale: Vec<String> = features
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !BY_HAND.contains(&name.as_str()) && !generated.contains_key(name))
        .collect();
    for name in stale {
        features.remove(&name);
    }
    for (name, parts) in generated {
        let parts: Array = parts.into_iter().collect();
        let same = features.get(&name).and_then(Item::as_array).is_some_and(|old| same(old, &parts));
        if !same {
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

/// The features of the types: the families.
pub fn types(tree: &Tree) -> Features {
    let services = tree.services.iter().filter(|service| service.service.gate.has_types_crate());
    let families = services.flat_map(|service| service.operations.iter().map(|operation| operation.family.clone()));
    families.map(|family| (family, Vec::new())).collect()
}

/// The features of ecs-sdk.
pub fn sdk(tree: &Tree) -> Features {
    let mut features = Features::new();
    let mut default: Vec<String> = DEFAULT.iter().map(|&name| name.to_owned()).collect();
    for service in &tree.services {
        let name = &service.service.service;
        match service.service.gate {
            Gate::None | Gate::Runtime => {}
            Gate::Service => {
                features.insert(name.clone(), Vec::new());
                default.push(name.clone());
                if service.operations.iter().any(|operation| operation.deprecated) {
                    features.insert("deprecated".to_owned(), Vec::new());
                }
            }
            Gate::Families => {
                for operation in &service.operations {
                    let family = &operation.family;
                    features.insert(family.clone(), vec![format!("ecs-sdk-types/{family}")]);
                    if operation.deprecated {
                        features.insert("deprecated".to_owned(), Vec::new());
                    } else if !default.contains(&operation.family) {
                        default.push(operation.family.clone());
                    }
                }
            }
        }
    }
    default.sort();
    features.insert("default".to_owned(), default);
    features
}

fn same(a: &Array, b: &Array) -> bool {
    let texts = |array: &Array| array.iter().filter_map(|part| part.as_str().map(str::to_owned)).collect::<Vec<_>>();
    texts(a) == texts(b)
}

/// Names of a manifest's features.
///
/// # Errors
///
/// Fails when the manifest is no TOML.
pub fn names(manifest: &str) -> Result<Vec<String>, TomlError> {
    let document: DocumentMut = manifest.parse()?;
    let features = document.get("features").and_then(Item::as_table);
    Ok(features.into_iter().flatten().map(|(name, _)| name.to_owned()).collect())
}
