//! Decides the class of an error code. The runtime does the same at run time (`error/class.rs`), with the same tables.

use memchr::memmem::Finder;

use crate::spec::{Class, ErrorClasses};

/// The classes of the error codes of a service, prepared to decide about many codes.
pub struct Classes<'t> {
    own: Table<'t>,
    common: Table<'t>,
}

impl<'t> Classes<'t> {
    /// Prepares the service's own table, and the common one for codes about which it has no rule.
    pub fn new(own: &'t ErrorClasses, common: &'t ErrorClasses) -> Self {
        Self { own: Table::new(own), common: Table::new(common) }
    }

    /// The class of a code.
    pub fn of(&self, code: &str) -> Option<Class> {
        let class = self.own.decide(code).or_else(|| self.common.decide(code));
        class.filter(|class| *class != Class::None)
    }
}

/// A table of classes with prepared patterns.
pub(crate) struct Table<'t> {
    rules: Vec<Rule<'t>>,
}

struct Rule<'t> {
    class: Class,
    patterns: Vec<Pattern<'t>>,
    except: Vec<Pattern<'t>>,
    codes: &'t [String],
}

impl<'t> Table<'t> {
    pub(crate) fn new(table: &'t ErrorClasses) -> Self {
        let rules = table.iter().map(|(class, rule)| Rule {
            class: *class,
            patterns: rule.patterns.iter().map(|pattern| Pattern::new(pattern)).collect(),
            except: rule.except.iter().map(|pattern| Pattern::new(pattern)).collect(),
            codes: &rule.codes,
        });
        Self { rules: rules.collect() }
    }

    /// The decision of the table; `None` if it contains no rule for the code.
    pub(crate) fn decide(&self, code: &str) -> Option<Class> {
        let listed = self.listed(code).next();
        listed.or_else(|| self.matched(&letters(code)).next().map(|(class, _)| class))
    }

    /// The classes that list a code by name.
    pub(crate) fn listed(&self, code: &str) -> impl Iterator<Item = Class> {
        let lists = move |rule: &&Rule<'_>| rule.codes.iter().any(|listed| listed.eq_ignore_ascii_case(code));
        self.rules.iter().filter(lists).map(|rule| rule.class)
    }

    /// The classes whose patterns, less their exceptions, match a code of which only the [`letters`] are left, each with the
    /// first pattern that does.
    pub(crate) fn matched(&self, code: &str) -> impl Iterator<Item = (Class, &'t str)> {
        self.rules.iter().filter_map(move |rule| {
            let pattern = rule.patterns.iter().find(|pattern| pattern.is_match(code))?;
            let excepted = rule.except.iter().any(|pattern| pattern.is_match(code));
            (!excepted).then_some((rule.class, pattern.text))
        })
    }
}

/// A pattern of codes: its letters, split at each `*`.
pub(crate) struct Pattern<'t> {
    text: &'t str,
    start: String,
    middle: Vec<Finder<'static>>,
    /// `None` without a `*`.
    end: Option<String>,
}

impl<'t> Pattern<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let letters = letters(text);
        let mut parts = letters.split('*');
        let start = parts.next().unwrap_or_default().to_owned();
        let end = parts.next_back().map(str::to_owned);
        Self { text, start, middle: parts.map(|part| Finder::new(part).into_owned()).collect(), end }
    }

    /// Whether the pattern matches a code of which only the [`letters`] are left.
    pub(crate) fn is_match(&self, code: &str) -> bool {
        let Some(end) = &self.end else { return code == self.start };
        let find = |rest: &'_ [u8], part: &Finder<'_>| part.find(rest).map(|at| at + part.needle().len());
        let inner = strip(code, &self.start, str::strip_prefix).and_then(|rest| strip(rest, end, str::strip_suffix));
        let found = inner.and_then(|inner| {
            self.middle.iter().try_fold(inner.as_bytes(), |rest, part| rest.get(find(rest, part)?..))
        });
        found.is_some()
    }
}

/// Strips a part that may be empty. Most patterns start with `*`, and the comparison with an empty `String` is slow: it has
/// no memory, and loads from its address cost the processor a fault, even if they are masked.
fn strip<'c>(code: &'c str, part: &'c str, strip: fn(&'c str, &'c str) -> Option<&'c str>) -> Option<&'c str> {
    if part.is_empty() { Some(code) } else { strip(code, part) }
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
            assert_eq!(Pattern::new(pattern).is_match(&letters(code)), expected, "{pattern} {code}");
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
            assert_eq!(Classes::new(&ErrorClasses::default(), &common).of(code), in_common, "{code}");
            assert_eq!(Classes::new(&own, &common).of(code), in_own, "{code}");
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
