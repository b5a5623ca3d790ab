//! Decides the class of an error code. The runtime does the same at run time (`error/class.rs`), with the same tables.

use crate::spec::{Class, ErrorClasses};

/// The class of a code: that of the service's own table if it decides, or else that of the common table.
pub fn class_of(code: &str, own: &ErrorClasses, common: &ErrorClasses) -> Option<Class> {
    let class = decide(code, own).or_else(|| decide(code, common));
    class.filter(|class| *class != Class::None)
}

/// The decision of a table; `None` if it contains no rule for the code.
pub(crate) fn decide(code: &str, table: &ErrorClasses) -> Option<Class> {
    listed(code, table).next().or_else(|| matched(code, table).next().map(|(class, _)| class))
}

/// The classes that list a code by name.
pub(crate) fn listed(code: &str, table: &ErrorClasses) -> impl Iterator<Item = Class> {
    table
        .iter()
        .filter(move |(_, rule)| rule.codes.iter().any(|listed| listed.eq_ignore_ascii_case(code)))
        .map(|(class, _)| *class)
}

/// The classes whose patterns, less their exceptions, match a code, each with the first pattern that does.
pub(crate) fn matched<'t>(code: &str, table: &'t ErrorClasses) -> impl Iterator<Item = (Class, &'t str)> {
    let code = letters(code);
    table.iter().filter_map(move |(class, rule)| {
        let pattern = rule.patterns.iter().find(|pattern| is_match(pattern, &code))?;
        let excepted = rule.except.iter().any(|pattern| is_match(pattern, &code));
        (!excepted).then_some((*class, pattern.as_str()))
    })
}

/// Whether a pattern matches a code of which only the [`letters`] are left.
pub(crate) fn is_match(pattern: &str, code: &str) -> bool {
    let pattern = letters(pattern);
    let mut parts = pattern.split('*');
    let Some(mut rest) = code.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The letters and digits in lower case, and the `*` of a pattern.
pub(crate) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '*').map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::ClassRule;

    fn rule(patterns: &[&str], except: &[&str], codes: &[&str]) -> ClassRule {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        ClassRule { patterns: owned(patterns), except: owned(except), codes: owned(codes) }
    }

    #[test]
    fn patterns_ignore_case_and_punctuation() {
        for (pattern, code, expected) in [
            ("*.Not.Found", "INSTANCE_NOT_FOUND", true),
            ("*NotFound", "Instance.NotFound.Here", false),
            ("*Not*Found*", "NotXFoundY", true),
            ("Quota*", "MyQuota", false),
            ("Quota*", "quota", true),
            ("*a*a", "a", false),
            ("*a*a", "aXa", true),
            ("Same", "SAME", true),
            ("Same", "SameNot", false),
            ("*", "anything", true),
        ] {
            assert_eq!(is_match(pattern, &letters(code)), expected, "{pattern} {code}");
        }
    }

    #[test]
    fn listed_codes_come_before_patterns_and_the_table_of_the_service_before_the_common_one() {
        let common = ErrorClasses::from([
            (Class::NotFound, rule(&["*NotFound"], &["*Region*"], &[])),
            (Class::InUse, rule(&["*InUse"], &[], &["Name.NotFound"])),
            (Class::None, rule(&[], &[], &["Memory.InUse"])),
        ]);
        let own = ErrorClasses::from([
            (Class::Conflict, rule(&["Disk.*"], &[], &[])),
            (Class::None, rule(&[], &[], &["Odd.NotFound"])),
        ]);
        for (code, in_common, in_own) in [
            ("Disk.NotFound", Some(Class::NotFound), Some(Class::Conflict)),
            ("Region.NotFound", None, None),
            ("name.notfound", Some(Class::InUse), Some(Class::InUse)),
            ("Memory.InUse", None, None),
            ("Odd.NotFound", Some(Class::NotFound), None),
            ("Other", None, None),
        ] {
            assert_eq!(class_of(code, &ErrorClasses::default(), &common), in_common, "{code}");
            assert_eq!(class_of(code, &own, &common), in_own, "{code}");
        }
    }

    #[test]
    fn classes_have_words_predicates_and_variants() {
        assert_eq!(Class::NotFound.to_string(), "not found");
        assert_eq!(Class::InProgress.predicate(), "is_in_progress");
        assert_eq!(Class::InUse.variant().as_deref(), Some("InUse"));
        assert_eq!(Class::None.variant(), None);
    }
}
