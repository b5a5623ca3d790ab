//! The conditions of `#[cfg(…)]` in a build without tests.

use std::collections::BTreeSet;

use quote::ToTokens;
use syn::{Attribute, Meta, Token, punctuated::Punctuated};

/// Conditions that must all hold.
pub(super) type Gates = BTreeSet<String>;

enum Condition {
    Always,
    Never,
    When(String),
}

use Condition::{Always, Never, When};

/// Returns the conditions of an item; `None` if it exists only in tests or docs.
pub(super) fn gates(attributes: &[Attribute]) -> Option<Gates> {
    let mut gates = Gates::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        for part in attribute.parse_args::<Meta>().map_or_else(|_| vec![attribute.meta.clone()], parts) {
            match evaluate(&part) {
                Always => {}
                Never => return None,
                When(gate) => _ = gates.insert(gate),
            }
        }
    }
    Some(gates)
}

/// Returns the parts of `all`, or the condition itself.
fn parts(meta: Meta) -> Vec<Meta> {
    match &meta {
        Meta::List(list) if list.path.is_ident("all") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            parts.map_or_else(|_| vec![meta.clone()], |parts| parts.into_iter().flat_map(self::parts).collect())
        }
        _ => vec![meta],
    }
}

fn evaluate(meta: &Meta) -> Condition {
    match meta {
        Meta::Path(path) if ["test", "doc", "doctest"].iter().any(|name| path.is_ident(name)) => Never,
        Meta::List(list) => {
            let Ok(parts) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
                return When(text(meta));
            };
            let parts: Vec<Condition> = parts.iter().map(evaluate).collect();
            let name = list.path.to_token_stream().to_string();
            match name.as_str() {
                "not" => match parts.into_iter().next() {
                    Some(Never) => Always,
                    Some(When(gate)) => When(format!("not({gate})")),
                    Some(Always) | None => Never,
                },
                "any" if parts.iter().any(|part| matches!(part, Always)) => Always,
                "any" => join(&name, parts, Never),
                "all" if parts.iter().any(|part| matches!(part, Never)) => Never,
                "all" => join(&name, parts, Always),
                _ => When(text(meta)),
            }
        }
        meta => When(text(meta)),
    }
}

/// Joins the undecided conditions of `any` or `all`; `empty` if there are none.
fn join(name: &str, parts: Vec<Condition>, empty: Condition) -> Condition {
    let mut open: Vec<String> =
        parts.into_iter().filter_map(|part| if let When(gate) = part { Some(gate) } else { None }).collect();
    match open.len() {
        0 => empty,
        1 => When(open.remove(0)),
        _ => When(format!("{name}({})", open.join(", "))),
    }
}

fn text(meta: &Meta) -> String {
    meta.to_token_stream().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(attributes: &str) -> Option<Vec<String>> {
        let item: syn::ItemStruct = syn::parse_str(&format!("{attributes} struct A;")).unwrap();
        gates(&item.attrs).map(|gates| gates.into_iter().collect())
    }

    #[test]
    fn conditions_are_evaluated_without_tests() {
        assert_eq!(of(""), Some(vec![]));
        assert_eq!(of("#[cfg(test)]"), None);
        assert_eq!(of("#[cfg(not(test))]"), Some(vec![]));
        assert_eq!(of("#[cfg(any(doc, doctest))]"), None);
        assert_eq!(of("#[cfg(any(test, feature = \"x\"))]"), Some(vec!["feature = \"x\"".to_owned()]));
        assert_eq!(
            of("#[cfg(all(feature = \"x\", not(unix)))]"),
            Some(vec!["feature = \"x\"".to_owned(), "not(unix)".to_owned()])
        );
        assert_eq!(of("#[cfg(unix)] #[cfg(windows)]"), Some(vec!["unix".to_owned(), "windows".to_owned()]));
    }
}
