//! Passages: pieces of prose that know where in the file each part of them is.

/// A paragraph, a message or a name, as one line.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Passage {
    text: String,
    /// Where parts of the text start, and where they are in the file.
    parts: Vec<(usize, usize)>,
}

impl Passage {
    /// Adds words, after a space if there are others.
    pub(super) fn add(&mut self, words: &str, offset: usize) {
        let trimmed = words.trim_start();
        if trimmed.is_empty() {
            return;
        }
        if !self.text.is_empty() && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.join(trimmed.trim_end(), offset + words.len() - trimmed.len());
    }

    /// Adds a piece as it is, directly after what there is.
    pub(super) fn join(&mut self, piece: &str, offset: usize) {
        self.parts.push((self.text.len(), offset));
        self.text.push_str(piece);
    }

    /// Adds a piece like [`Self::join`], with a space for a line break and the indentation after it.
    fn join_lines(&mut self, piece: &str, offset: usize) {
        for (index, (start, line)) in pieces(piece).enumerate() {
            if index == 0 {
                self.join(line, offset);
            } else {
                let words = line.trim_start();
                self.join(" ", offset + start);
                self.join(words, offset + start + line.len() - words.len());
            }
        }
    }

    /// The text, with a backtick for every byte of code between backticks.
    pub(super) fn prose(&self) -> String {
        let mut prose = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some((before, code)) = rest.split_once('`') {
            prose.push_str(before);
            let end = code.find('`').map_or(0, |end| end + 1);
            prose.push_str(&"`".repeat(end + 1));
            rest = &code[end..];
        }
        prose.push_str(rest);
        prose
    }

    /// The text itself.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where in the file a byte of the text is.
    pub(super) fn offset(&self, at: usize) -> usize {
        let part = self.parts.partition_point(|(start, _)| *start <= at).saturating_sub(1);
        self.parts.get(part).map_or(0, |(start, offset)| offset + at - start)
    }
}

/// The passages of lines of Markdown: paragraphs, list items and rows of tables. Of code blocks, only comments.
pub(super) fn markdown<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut open = Passage::default();
    let mut in_code = false;
    for (offset, line) in lines {
        let trimmed = line.trim_start();
        let mut offset = offset + line.len() - trimmed.len();
        if trimmed.starts_with("```") {
            in_code = !in_code;
        }
        let starts_item = is_item(trimmed);
        if in_code || starts_item || trimmed.is_empty() || trimmed.starts_with(['|', '#', '`']) {
            passages.push(std::mem::take(&mut open));
        }
        let words = if trimmed.starts_with("```") {
            ""
        } else if in_code {
            let comment = ["// ", "# "].iter().filter_map(|mark| trimmed.find(mark)).min();
            offset += comment.unwrap_or_default();
            comment.map_or("", |start| &trimmed[start..])
        } else {
            trimmed
        };
        let words = if starts_item || in_code {
            let rest = words.split_once(' ').map_or("", |(_, rest)| rest);
            offset += words.len() - rest.len();
            rest
        } else {
            words
        };
        open.add(words, offset);
    }
    passages.push(open);
    passages.retain(|passage| !passage.text.is_empty());
    passages
}

/// Returns the lines of a file with their offsets.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = offset;
        offset += line.len();
        (start, line.trim_end())
    })
}

/// Returns the lines of a piece with their offsets. Only line breaks are left out.
fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split('\n').map(move |line| {
        let start = offset;
        offset += line.len() + 1;
        (start, line)
    })
}

/// Whether a line starts an item of a list.
fn is_item(line: &str) -> bool {
    let mark = line.split(' ').next().unwrap_or_default();
    let number = mark.strip_suffix('.').unwrap_or_default();
    ["-", "*", ">"].contains(&mark) || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The strings of JSON that have several words. Other values are names and examples.
pub(super) fn json_strings(text: &str, start: usize) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut rest = 0;
    while let Some(open) = text[rest..].find('"').map(|open| rest + open + 1) {
        let close = end_of_string(text, open);
        if text[open..close].contains(' ') {
            passages.extend(escaped(&text[open..close], start + open));
        }
        rest = (close + 1).min(text.len());
    }
    passages
}

/// Where the string that starts at `open` ends, without its closing quote.
pub(super) fn end_of_string(text: &str, open: usize) -> usize {
    let mut at = open;
    while let Some(found) = text[at..].find(['"', '\\']) {
        at += found;
        if text.as_bytes()[at] == b'"' {
            return at;
        }
        // The character after a backslash may have several bytes.
        at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
    }
    text.len()
}

/// The passages of a string with escapes, one per line of its value. Line breaks of the source are spaces.
pub(super) fn escaped(text: &str, offset: usize) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut open = Passage::default();
    let mut at = 0;
    while let Some(found) = text[at..].find('\\').map(|found| at + found) {
        open.join_lines(&text[at..found], offset + at);
        let escape = text[found + 1..].chars().next().unwrap_or_default();
        at = found + 1 + escape.len_utf8().min(text.len() - found - 1);
        match escape {
            'n' => passages.push(std::mem::take(&mut open)),
            't' => open.join(" ", offset + found),
            // A line break in the source only.
            '\n' => at = text.len() - text[at..].trim_start().len(),
            '"' | '\\' | '\'' => open.join(&text[at - 1..at], offset + at - 1),
            'u' => {
                let (character, length) = code_point(&text[at..]);
                open.join(character.encode_utf8(&mut [0; 4]), offset + found);
                at += length;
            }
            _ => {}
        }
    }
    open.join_lines(&text[at..], offset + at);
    passages.push(open);
    passages.retain(|passage| !passage.text.trim().is_empty());
    passages
}

/// The character of an escape without its `\u`, and the length of the rest: `{2013}` in Rust, `2013` in JSON.
fn code_point(rest: &str) -> (char, usize) {
    let (digits, length) = match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
        Some((digits, _)) => (digits, digits.len() + 2),
        None => (rest.get(..4).unwrap_or_default(), rest.get(..4).map_or(0, str::len)),
    };
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    (character.unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

/// The passages of TOML and of shell scripts: comments, and strings of several words.
pub(super) fn toml(text: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut comments = Vec::new();
    for (offset, line) in lines(text) {
        let start = if line.starts_with('#') { Some(0) } else { line.find(" #").map(|space| space + 1) };
        match start {
            Some(0) => comments.push((offset + 1, &line[1..])),
            _ => {
                passages.extend(markdown(comments.drain(..)));
                passages.extend(json_strings(line, offset));
                comments.extend(start.map(|start| (offset + start + 1, &line[start + 1..])));
            }
        }
    }
    passages.extend(markdown(comments.into_iter()));
    passages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(passages: &[Passage]) -> Vec<&str> {
        passages.iter().map(Passage::text).collect()
    }

    #[test]
    fn markdown_is_split_into_paragraphs_items_and_rows() {
        let text = "# Top\nOne\n  two.\n\n- three\n  four\n1. five\n| six | seven |\n| eight | |\n\n```rust\nlet x = 1; // nine\n\
                    eight();\n```\nten\n";
        let passages = markdown(lines(text));
        let expected = ["# Top One two.", "three four", "five", "| six | seven |", "| eight | |", "nine", "ten"];
        assert_eq!(texts(&passages), expected);
        assert_eq!(passages[1].offset(6), text.find("four").unwrap());
        assert_eq!(passages[5].offset(0), text.find("nine").unwrap());
    }

    #[test]
    fn code_between_backticks_is_left_out() {
        let mut passage = Passage::default();
        passage.add("a `variable` – `x", 0);
        assert_eq!(passage.prose(), "a `````````` – `x");
        assert_eq!(passage.prose().len(), passage.text().len());
    }

    #[test]
    fn json_strings_of_several_words_are_read() {
        assert_eq!(texts(&json_strings(r#""a \u2013 b""#, 0)), ["a – b"]);
        let text = "{ \"doc\": \"One\\n\\ntwo \\\"three\\\".\", \"name\": \"four\", \"é\": \"a\\\\\" }";
        let passages = json_strings(text, 0);
        assert_eq!(texts(&passages), ["One", "two \"three\"."]);
        assert_eq!(passages[1].offset(5), text.find("three").unwrap());
    }

    #[test]
    fn comments_and_strings_of_toml_are_read() {
        let text = "# One\n# two.\na = \"three four\" # five\n\nb = \"six\"\n";
        assert_eq!(texts(&toml(text)), ["One two.", "three four", "five"]);
    }
}
