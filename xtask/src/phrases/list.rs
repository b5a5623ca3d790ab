//! The list of phrases, and the exceptions from it.

use regex::Regex;
use toml_edit::{DocumentMut, Table};

use super::passage::Passage;

/// The group of a pattern that makes a match acceptable.
const ACCEPTED_GROUP: &str = "fine";

/// A longer match is shown cut off.
const MAX_SHOWN_CHARACTERS: usize = 50;

/// Phrases and exceptions.
#[derive(Debug)]
pub(super) struct List {
    phrases: Vec<Phrase>,
    exceptions: Vec<Exception>,
}

#[derive(Debug)]
struct Phrase {
    name: String,
    pattern: Regex,
    say: String,
}

/// A place where a phrase may stay.
#[derive(Debug)]
struct Exception {
    file: String,
    phrase: String,
    /// Words of the passage.
    words: String,
    used: bool,
}

/// A phrase that was found.
#[derive(Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) say: String,
    /// Where it is in the file, in bytes.
    pub(super) offset: usize,
}

impl List {
    /// Reads a list, and checks that it is complete and that exceptions name phrases.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
        let mut list = Self { phrases: Vec::new(), exceptions: Vec::new() };
        for table in tables(&document, "phrase") {
            let name = string(table, "name")?;
            let pattern =
                Regex::new(&string(table, "pattern")?).map_err(|error| format!("phrase `{name}`: {error}"))?;
            string(table, "reason").map_err(|error| format!("phrase `{name}`: {error}"))?;
            let example = string(table, "example").map_err(|error| format!("phrase `{name}`: {error}"))?;
            if pattern.captures(&example).is_none_or(|captures| captures.name(ACCEPTED_GROUP).is_some()) {
                return Err(format!("phrase `{name}`: the pattern does not find the example `{example}`"));
            }
            list.phrases.push(Phrase { pattern, say: string(table, "say")?, name });
        }
        for table in tables(&document, "allow") {
            let phrase = string(table, "phrase")?;
            if !list.phrases.iter().any(|known| known.name == phrase) {
                return Err(format!("`allow` names the unknown phrase `{phrase}`"));
            }
            string(table, "reason")?;
            let (file, words) = (string(table, "file")?, string(table, "words")?);
            list.exceptions.push(Exception { file, phrase, words, used: false });
        }
        Ok(list)
    }

    /// The number of phrases.
    pub(super) fn len(&self) -> usize {
        self.phrases.len()
    }

    /// The phrases in a passage that no exception allows.
    pub(super) fn findings(&mut self, file: &str, passage: &Passage) -> Vec<Finding> {
        let prose = passage.prose();
        let mut findings = Vec::new();
        for phrase in &self.phrases {
            for captures in
                phrase.pattern.captures_iter(&prose).filter(|captures| captures.name(ACCEPTED_GROUP).is_none())
            {
                let Some(found) = captures.get(0) else { continue };
                let exception = self.exceptions.iter_mut().find(|exception| {
                    exception.file == file
                        && exception.phrase == phrase.name
                        && passage.text().contains(&exception.words)
                });
                if let Some(exception) = exception {
                    exception.used = true;
                    continue;
                }
                findings.push(Finding {
                    name: phrase.name.clone(),
                    words: shortened(&passage.text()[found.range()]),
                    say: phrase.say.clone(),
                    offset: passage.offset(found.start()),
                });
            }
        }
        findings
    }

    /// The exceptions that allowed nothing.
    pub(super) fn unused_exceptions(&self) -> Vec<String> {
        let unused = self.exceptions.iter().filter(|exception| !exception.used);
        unused.map(|exception| format!("{}: {} in “{}”", exception.file, exception.phrase, exception.words)).collect()
    }
}

fn tables<'a>(document: &'a DocumentMut, name: &str) -> impl Iterator<Item = &'a Table> {
    document.get(name).and_then(|item| item.as_array_of_tables()).into_iter().flat_map(|tables| tables.iter())
}

fn string(table: &Table, key: &str) -> Result<String, String> {
    let value = table.get(key).and_then(|item| item.as_str()).filter(|value| !value.is_empty());
    Ok(value
        .ok_or_else(|| format!("`{key}` is missing in {}", table.to_string().trim().replace('\n', ", ")))?
        .to_owned())
}

fn shortened(words: &str) -> String {
    let words = words.replace('`', "'");
    match words.char_indices().nth(MAX_SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"
        [[phrase]]
        name = "no-fruit"
        pattern = '\b(?P<fine>there )?is no fruit\b'
        example = "It is no fruit."
        say = "invalid …"
        reason = "plain"
    "#;

    const ALLOW: &str = r#"
        [[allow]]
        file = "a.rs"
        phrase = "no-fruit"
        words = "this one"
        reason = "quoted"
    "#;

    fn passage(text: &str) -> Passage {
        let mut passage = Passage::default();
        passage.add(text, 100);
        passage
    }

    #[test]
    fn findings_have_place_and_remedy_and_acceptable_forms_are_none() {
        let mut list = List::parse(LIST).unwrap();
        let found = list.findings("a.rs", &passage("Here there is no fruit, and `kale` is no fruit. `is no fruit`"));
        let expected =
            Finding { name: "no-fruit".into(), words: "is no fruit".into(), say: "invalid …".into(), offset: 135 };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn an_exception_allows_one_place_and_is_reported_when_unused() {
        let mut list = List::parse(&format!("{LIST}{ALLOW}")).unwrap();
        assert_eq!(list.findings("b.rs", &passage("this one is no fruit")).len(), 1);
        assert_eq!(list.findings("a.rs", &passage("that one is no fruit")).len(), 1);
        assert_eq!(list.unused_exceptions(), ["a.rs: no-fruit in “this one”"]);
        assert_eq!(list.findings("a.rs", &passage("this one is no fruit")), []);
        assert!(list.unused_exceptions().is_empty());
    }

    #[test]
    fn an_incomplete_list_is_an_error() {
        let error = List::parse(&LIST.replace("reason", "why")).unwrap_err();
        assert!(error.contains("`no-fruit`") && error.contains("`reason` is missing"), "{error}");
        let error = List::parse(&LIST.replace("It is", "there is")).unwrap_err();
        assert_eq!(error, "phrase `no-fruit`: the pattern does not find the example `there is no fruit.`");
        let error = List::parse(ALLOW).unwrap_err();
        assert_eq!(error, "`allow` names the unknown phrase `no-fruit`");
        let error = List::parse(&LIST.replace(")?is", "?is")).unwrap_err();
        assert!(error.contains("phrase `no-fruit`"), "{error}");
    }
}
