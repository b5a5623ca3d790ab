//! Reads JSON samples leniently: they lack commas and quotes, have too many of them, and leave parts out (`…`).

use super::{MAX_DEPTH, Shape};

/// What a sample shows, if it can be read to its end.
pub(super) fn read(text: &str) -> Option<Shape> {
    let mut reader = Reader { text, at: 0 };
    reader.value(0)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn peek(&mut self) -> Option<char> {
        let rest = self.text.get(self.at..)?;
        let skipped = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || "…,".contains(c)).len();
        self.at += skipped;
        self.text.get(self.at..)?.chars().next()
    }

    fn skip(&mut self) {
        self.at += self.text.get(self.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    }

    fn value(&mut self, depth: usize) -> Option<Shape> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            '{' => self.object(depth),
            '[' => self.list(depth),
            '"' | '“' => self.string().map(|_| Shape::default()),
            _ => {
                let word = self.word();
                let is_bare = word.parse::<f64>().is_ok() || matches!(word, "true" | "false");
                (!word.is_empty()).then(|| Shape { is_bare, ..Shape::default() })
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Shape> {
        self.skip();
        let mut shape = Shape::default();
        loop {
            let name = match self.peek()? {
                '}' => {
                    self.skip();
                    return Some(shape);
                }
                // A closing bracket too many.
                ']' => {
                    self.skip();
                    continue;
                }
                '"' | '“' => self.string()?,
                _ => self.word().to_owned(),
            };
            match self.peek()? {
                ':' | '：' => self.skip(),
                '}' => continue,
                _ if name.is_empty() => {
                    self.skip();
                    continue;
                }
                _ => continue,
            }
            if self.peek()? == '}' {
                continue;
            }
            let value = self.value(depth + 1)?;
            shape.members.entry(name.trim().to_owned()).or_default().merge(value);
        }
    }

    fn list(&mut self, depth: usize) -> Option<Shape> {
        self.skip();
        let mut shape = Shape { is_list: true, ..Shape::default() };
        loop {
            match self.peek()? {
                ']' => {
                    self.skip();
                    return Some(shape);
                }
                // The bracket that closes the list is missing.
                '}' => return Some(shape),
                ':' => self.skip(),
                _ => {
                    let element = self.value(depth + 1)?;
                    shape.merge(Shape { is_list: true, ..element });
                }
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.skip();
        let rest = self.text.get(self.at..)?;
        let mut is_escaped = false;
        for (offset, c) in rest.char_indices() {
            match c {
                '"' | '”' if !is_escaped => {
                    self.at += offset + c.len_utf8();
                    return Some(rest.get(..offset)?.to_owned());
                }
                // No string of a sample continues on the next line: its quote is missing.
                '\n' => {
                    self.at += offset;
                    return Some(rest.get(..offset)?.trim_end_matches([',', ' ']).to_owned());
                }
                _ => is_escaped = c == '\\' && !is_escaped,
            }
        }
        None
    }

    fn word(&mut self) -> &'t str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"“”：".contains(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }
}
