//! Rules about the classes of error codes: every code is in at most one class, and every entry has an effect.

use std::collections::{BTreeMap, BTreeSet};

use super::Mistake;
use crate::{
    classes::{self, Classes, Pattern, letters},
    codes,
    load::{RPC, RpcState, Tree},
    rules,
    spec::{Class, ClassRule, ErrorClasses},
    suggest::{list, remedy},
};

/// Checks the common table and those of the services, which depend on it.
pub(super) fn check(tree: &Tree, found: &mut Vec<Mistake>) {
    if tree.rpc_state != RpcState::Read {
        return;
    }
    let complete = !tree.services.iter().any(|service| service.gaps.service || service.gaps.operations);
    let of_service: Vec<BTreeSet<&str>> = tree
        .services
        .iter()
        .map(|service| codes::documented(&service.service, &service.operations).into_keys().collect())
        .collect();
    let documented: BTreeSet<&str> = of_service.iter().flatten().copied().collect();
    let mut known = documented.clone();
    known.extend(tree.rpc.undocumented_codes.values().flatten().map(String::as_str));

    if !tree.borrows_rpc {
        undocumented(tree, &documented, found);
        dry_runs(tree, found);
        Table::new(RPC.to_owned(), &tree.rpc.error_classes, &ErrorClasses::default(), known, complete).check(found);
    }
    for (service, mut known) in tree.services.iter().zip(of_service) {
        known.extend(tree.rpc.undocumented_codes.values().flatten().map(String::as_str));
        let file = format!("{}/service.json", service.name);
        let (own, below) = (&service.service.error_classes, &tree.rpc.error_classes);
        Table::new(file, own, below, known, complete).check(found);
    }
}

/// Rejects undocumented codes that are documented, or are listed twice.
fn undocumented(tree: &Tree, documented: &BTreeSet<&str>, found: &mut Vec<Mistake>) {
    let mut seen = BTreeSet::new();
    for (source, codes) in &tree.rpc.undocumented_codes {
        for (index, code) in codes.iter().enumerate() {
            let message = if documented.contains(code.as_str()) {
                format!("the code `{code}` is documented")
            } else if !seen.insert(code) {
                format!("the undocumented code `{code}` is listed twice")
            } else {
                continue;
            };
            let at = format!("undocumented_codes.{source}.{index}");
            let mut mistake = Mistake::new(&rules::UNUSED_CODE, RPC, &at, message, "remove the entry");
            mistake.fix_by_removing(at);
            found.push(mistake);
        }
    }
}

/// Rejects codes of passed dry runs that are in a class: the call did not fail.
fn dry_runs(tree: &Tree, found: &mut Vec<Mistake>) {
    let common = &tree.rpc.error_classes;
    for code in tree.rpc.dry_run_codes.keys() {
        let tables = tree.services.iter().map(|service| &service.service.error_classes).chain([common]);
        let class = tables.into_iter().find_map(|own| Classes::new(own, common).of(code));
        if let Some(class) = class {
            let message = format!("the code `{code}` of dry runs is in the class `{}`", key(class));
            let help = "list the code in `codes` of the class `none`";
            let at = format!("dry_run_codes.{code}#");
            found.push(Mistake::new(&rules::ERROR_CLASS, RPC, &at, message, help));
        }
    }
}

/// A table of classes.
struct Table<'t> {
    file: String,
    own: &'t ErrorClasses,
    prepared: classes::Table<'t>,
    /// The table that decides if this one does not.
    below: classes::Table<'t>,
    /// The codes to which the table applies.
    known: BTreeSet<&'t str>,
    /// The letters of each of them, with which patterns are compared.
    letters: Vec<String>,
    /// Whether all codes could be read.
    complete: bool,
}

impl<'t> Table<'t> {
    fn new(
        file: String,
        own: &'t ErrorClasses,
        below: &'t ErrorClasses,
        known: BTreeSet<&'t str>,
        complete: bool,
    ) -> Self {
        let letters = known.iter().map(|code| letters(code)).collect();
        Self {
            file,
            own,
            prepared: classes::Table::new(own),
            below: classes::Table::new(below),
            known,
            letters,
            complete,
        }
    }

    fn check(&self, found: &mut Vec<Mistake>) {
        let mut listed = BTreeMap::new();
        for (class, rule) in self.own {
            self.patterns(*class, rule, found);
            for (index, code) in rule.codes.iter().enumerate() {
                let at = format!("error_classes.{}.codes.{index}", key(*class));
                let mut mistake = |rule, message: String, help: String| {
                    found.push(Mistake::new(rule, &self.file, &at, message, help));
                };
                if code.contains('*') {
                    let message = format!("the code `{code}` is a pattern");
                    mistake(&rules::ERROR_CLASS, message, "move it to `patterns`".to_owned());
                } else if let Some(other) = listed.insert(code.to_ascii_lowercase(), *class) {
                    let (other, class) = (key(other), key(*class));
                    let message = format!("the code `{code}` is listed in the classes `{other}` and `{class}`");
                    mistake(&rules::ERROR_CLASS, message, "remove one of the two".to_owned());
                } else if let Some((message, help)) = self.listing(*class, code) {
                    mistake(&rules::UNUSED_CODE, message, help);
                }
            }
        }
        self.overlaps(found);
    }

    /// The mistake of listing a code in a class.
    fn listing(&self, class: Class, code: &str) -> Option<(String, String)> {
        if self.complete && !self.known.iter().any(|known| known.eq_ignore_ascii_case(code)) {
            let known: Vec<&&str> = self.known.iter().collect();
            let help = remedy(code, &known, "remove the entry, or add the code to `undocumented_codes` in rpc.json");
            return Some((format!("no operation documents the code `{code}`"), help));
        }
        let letters = letters(code);
        let mut matched = self.prepared.matched(&letters).map(|(class, _)| class);
        let otherwise = match (matched.next(), matched.next()) {
            (None, _) => self.below.decide(code).unwrap_or(Class::None),
            (Some(one), None) => one,
            (Some(_), Some(_)) => return None,
        };
        (class == otherwise).then(|| match class {
            Class::None => (format!("no pattern matches the code `{code}`"), "remove the entry".to_owned()),
            _ => {
                let class = key(class);
                let message = format!("the code `{code}` is in the class `{class}` even if it is not listed");
                (message, "remove the entry".to_owned())
            }
        })
    }

    /// Rejects patterns that match nothing and exceptions that change nothing.
    fn patterns(&self, class: Class, table: &ClassRule, found: &mut Vec<Mistake>) {
        let key = key(class);
        let wanted: Vec<Pattern<'_>> = table.patterns.iter().map(|pattern| Pattern::new(pattern)).collect();
        for (group, patterns) in [("patterns", &table.patterns), ("except", &table.except)] {
            for (index, pattern) in patterns.iter().enumerate() {
                let prepared = Pattern::new(pattern);
                let mut codes = self.letters.iter();
                let mut rule = &rules::ERROR_CLASS;
                let (message, help) = if class == Class::None {
                    let message = format!("the pattern `{pattern}` is in the class `none`");
                    (message, "add it to `except` of the class whose patterns match too much".to_owned())
                } else if !pattern.contains('*') {
                    let help = match group {
                        "except" => "list the code in `codes` of the class `none`",
                        _ => "move it to `codes`",
                    };
                    (format!("the pattern `{pattern}` has no `*`"), help.to_owned())
                } else if !pattern.chars().all(|c| c.is_ascii_alphanumeric() || c == '*') {
                    let plain: String = pattern.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '*').collect();
                    let message = format!("the pattern `{pattern}` has more than letters, digits and `*`");
                    (message, format!("write `{plain}`, because nothing else is compared"))
                } else if !self.complete {
                    continue;
                } else if !codes.any(|code| {
                    prepared.is_match(code)
                        && (group == "patterns" || wanted.iter().any(|pattern| pattern.is_match(code)))
                }) {
                    rule = &rules::UNUSED_CODE;
                    let message = match group {
                        "except" => {
                            format!("the exception `{pattern}` matches no code that a pattern of its class matches")
                        }
                        _ => format!("the pattern `{pattern}` matches no documented code"),
                    };
                    let help = "correct or remove it; codes that no operation documents belong in `undocumented_codes` in rpc.json";
                    (message, help.to_owned())
                } else {
                    continue;
                };
                let at = format!("error_classes.{key}.{group}.{index}");
                found.push(Mistake::new(rule, &self.file, &at, message, help));
            }
        }
    }

    /// Rejects codes that the patterns of several classes match, unless a class lists them.
    fn overlaps(&self, found: &mut Vec<Mistake>) {
        for (code, letters) in self.known.iter().zip(&self.letters) {
            let matched: Vec<_> = self.prepared.matched(letters).collect();
            let [.., (class, pattern)] = matched[..] else { continue };
            if matched.len() < 2 || self.prepared.listed(code).next().is_some() {
                continue;
            }
            let classes = list(matched.iter().map(|(class, _)| key(*class)));
            let message = format!("the code `{code}` is in several classes: {}", classes.replace(" or ", " and "));
            let help = "list the code in `codes` of the right class, or add an exception to the others";
            let patterns = &self.own[&class].patterns;
            let index = patterns.iter().position(|other| other == pattern).unwrap_or_default();
            let at = format!("error_classes.{}.patterns.{index}", key(class));
            found.push(Mistake::new(&rules::ERROR_CLASS, &self.file, &at, message, help));
        }
    }
}

/// The key of a class in a table.
fn key(class: Class) -> String {
    class.to_string().replace(' ', "_")
}
