//! Names for new types.

use heck::ToSnakeCase;

use crate::{
    naming,
    spec::{Field, Type},
    validate::SCALARS,
};

/// Whether the name is reserved.
pub(super) fn is_reserved(name: &str, operation: &str) -> bool {
    naming::is_reserved_type(name)
        || SCALARS.iter().any(|scalar| scalar.eq_ignore_ascii_case(name))
        || name.strip_prefix(operation).is_some_and(|rest| matches!(rest, "" | "Request" | "Response"))
        || !name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// A wire name as the name of a type: letters and digits, starting with a capital.
pub(super) fn type_name(wire: &str) -> String {
    let words = wire.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

/// Singular of a name: `DataDisks` → `DataDisk`, `Entries` → `Entry`, `ActivationList` → `Activation`.
pub(crate) fn singular(name: &str) -> String {
    let strip = |suffix: &str| name.strip_suffix(suffix).filter(|rest| rest.len() > 1);
    if let Some(rest) = strip("List") {
        return singular(rest);
    }
    if let Some(rest) = strip("ies") {
        return format!("{rest}y");
    }
    for (plural, keep) in [("sses", 2), ("shes", 2), ("ches", 2), ("xes", 1), ("uses", 2)] {
        if strip(plural).is_some() {
            return name[..name.len() - plural.len() + keep].to_owned();
        }
    }
    if ["ss", "us", "is"].iter().any(|suffix| name.ends_with(suffix)) {
        return name.to_owned();
    }
    strip("s").unwrap_or(name).to_owned()
}

/// The name that a member suggests for its type: the wrapper's item, the singular of a list, or its own name.
pub(crate) fn base_name(field: &Field, is_list: bool) -> String {
    let item = field.wire.as_deref().and_then(|wire| wire.strip_prefix("wrapped:"));
    let wire = item.unwrap_or(&field.name);
    type_name(&if is_list { singular(wire) } else { wire.to_owned() })
}

/// Whether a struct is for members of this name.
pub(crate) fn is_for(ty: &Type, base: &str) -> bool {
    ty.serves.iter().any(|name| covers(name, base))
}

/// Whether an entry of a struct's `for` matches a member's name, singular or plural.
pub(crate) fn covers(name: &str, base: &str) -> bool {
    let covers = |base: &str| name.strip_prefix('*').map_or(name == base, |end| base.ends_with(end));
    covers(base) || covers(&singular(base))
}

/// The noun of an operation: `DescribeInstances` → `Instance`.
pub(super) fn noun(operation: &str) -> String {
    let verb_end = operation.char_indices().skip(1).find(|(_, c)| c.is_ascii_uppercase());
    singular(verb_end.map_or(operation, |(end, _)| &operation[end..]))
}

/// Whether a name is too general on its own: `Status`, `Type`.
pub(super) fn is_single_word(name: &str) -> bool {
    !name.to_snake_case().contains('_')
}

/// `name` prefixed with `owner`, unless the owner's name already ends with it: `Instance` + `Status`.
pub(super) fn prefixed(owner: &str, name: &str) -> String {
    if owner.ends_with(name) { owner.to_owned() } else { format!("{owner}{name}") }
}

/// A title in lower case with dashes: `cloud assistant` → `cloud-assistant`.
pub(crate) fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
