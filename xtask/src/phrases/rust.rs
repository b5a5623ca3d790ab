//! The passages of Rust source: comments, string literals, and the names of functions as words.

use super::passage::{Passage, end_of_string, escaped, lines, markdown};

/// Names with fewer words than this are not sentences.
const MIN_WORDS_OF_NAME: usize = 3;

/// The passages of Rust source.
pub(super) fn passages(text: &str) -> Vec<Passage> {
    let mut scanner = Scanner { text, at: 0, passages: Vec::new(), comment: None };
    while scanner.at < text.len() {
        scanner.next();
    }
    scanner.end_comment();
    scanner.passages
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    passages: Vec<Passage>,
    comment: Option<Comment<'a>>,
}

/// Consecutive line comments with the same marker.
struct Comment<'a> {
    marker: &'static str,
    lines: Vec<(usize, &'a str)>,
}

impl<'a> Scanner<'a> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        if rest.starts_with("//") {
            return self.line_comment(rest);
        }
        if first.is_whitespace() {
            self.at += first.len_utf8();
            return;
        }
        self.end_comment();
        if rest.starts_with("/*") {
            self.block_comment(rest);
        } else if first == '"' {
            self.string(rest);
        } else if first == '\'' {
            self.at += character(rest);
        } else if first.is_alphabetic() || first == '_' {
            self.word(rest);
        } else {
            self.at += first.len_utf8();
        }
    }

    fn line_comment(&mut self, rest: &'a str) {
        let line = rest.lines().next().unwrap_or_default();
        let marker = ["//!", "///"].into_iter().find(|marker| line.starts_with(marker)).unwrap_or("//");
        if self.comment.as_ref().is_some_and(|comment| comment.marker != marker) {
            self.end_comment();
        }
        let comment = self.comment.get_or_insert_with(|| Comment { marker, lines: Vec::new() });
        comment.lines.push((self.at + marker.len(), &line[marker.len()..]));
        self.at += line.len();
    }

    fn end_comment(&mut self) {
        if let Some(comment) = self.comment.take() {
            self.passages.extend(markdown(comment.lines.into_iter()));
        }
    }

    fn block_comment(&mut self, rest: &str) {
        let (mut depth, mut end) = (0, 0);
        while end < rest.len() {
            if rest[end..].starts_with("/*") {
                depth += 1;
                end += 2;
            } else if rest[end..].starts_with("*/") {
                depth -= 1;
                end += 2;
            } else {
                end += rest[end..].chars().next().map_or(1, char::len_utf8);
            }
            if depth == 0 {
                break;
            }
        }
        let inner = rest[..end].trim_end_matches("*/");
        let words = lines(inner).map(|(offset, line)| {
            let words = line.trim_start().trim_start_matches(['/', '*', '!']);
            (self.at + offset + line.len() - words.len(), words)
        });
        self.passages.extend(markdown(words));
        self.at += end;
    }

    fn string(&mut self, rest: &str) {
        let end = end_of_string(rest, 1);
        // A single word is a name.
        if rest[1..end].trim().contains(char::is_whitespace) {
            self.passages.extend(escaped(&rest[1..end], self.at + 1));
        }
        self.at += (end + 1).min(rest.len());
    }

    /// A name or keyword, or a raw string: `r#"…"#`.
    fn word(&mut self, rest: &str) {
        let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(rest.len());
        let after = &rest[end..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        if ["r", "br", "cr"].contains(&&rest[..end]) && after[hashes..].starts_with('"') {
            let open = end + hashes + 1;
            let closing = format!("\"{}", "#".repeat(hashes));
            let close = rest[open..].find(&closing).map_or(rest.len(), |close| open + close);
            self.passages.extend(markdown(lines(&rest[open..close]).map(|(at, line)| (self.at + open + at, line))));
            self.at += (close + closing.len()).min(rest.len());
            return;
        }
        self.at += end;
        if &rest[..end] == "fn" {
            let name = after.trim_start();
            let length = name.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(0);
            if name[..length].split('_').count() >= MIN_WORDS_OF_NAME {
                let mut passage = Passage::default();
                passage.join(&name[..length].replace('_', " "), self.at + after.len() - name.len());
                self.passages.push(passage);
            }
        }
    }
}

/// The length of a character literal, or of the quote of a lifetime.
fn character(rest: &str) -> usize {
    let mut characters = rest[1..].chars();
    match (characters.next(), characters.next()) {
        // `'\''`, `'\u{1F600}'`
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            rest[from..].find('\'').map_or(rest.len(), |end| from + end + 1)
        }
        (Some(first), Some('\'')) => 2 + first.len_utf8(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        passages(text).iter().map(|passage| passage.text().to_owned()).collect()
    }

    #[test]
    fn comments_are_joined_into_paragraphs() {
        let text = "//! Top\n//! line.\n\n/// One\n    /// two.\n///\n/// three\n// four\nlet a = 1; // five\n";
        assert_eq!(texts(text), ["Top line.", "One two.", "three", "four", "five"]);
        assert_eq!(texts("/* One /* two */\n * three */ a"), ["One /* two */ three"]);
    }

    #[test]
    fn strings_are_read_and_characters_are_not_taken_for_them() {
        let text = "f(\"one \\\n      two\\nthree\", b\"word\", r#\"five \"six\"\"#, '\"', '\\'', '\\u{22}', b'\"'); x::<'a>(\"seven eight\")";
        assert_eq!(texts(text), ["one two", "three", "five \"six\"", "seven eight"]);
        assert_eq!(texts("r#type; r\"eight\""), ["eight"]);
        assert_eq!(texts("f(\"one\n      two \\u{2013} three\", r\"four\n  five\")"), ["one two – three", "four five"]);
    }

    #[test]
    fn a_quote_in_a_comment_opens_no_string() {
        assert_eq!(texts("// it's \"one\nlet a = \"two three\";"), ["it's \"one", "two three"]);
    }

    #[test]
    fn names_of_functions_are_read_as_words() {
        let text = "fn a_test_with_words() {} fn two_words() {}";
        let passages = passages(text);
        assert_eq!(texts(text), ["a test with words"]);
        assert_eq!(passages[0].offset(2), text.find("test").unwrap());
    }
}
