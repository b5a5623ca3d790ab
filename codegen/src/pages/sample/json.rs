//! Reads JSON samples leniently: they lack commas and quotes, have too many of them, and leave parts out (`…`).

use super::{MAX_DEPTH, Shape};
use crate::pages::cell::Scalar;

/// The shape of a sample, or of its part before the first mistake that cannot be skipped.
pub(super) fn read(text: &str) -> Option<Shape> {
    let mut reader = Reader { text, at: 0 };
    reader.value(0)
}

fn of_scalar(scalar: Scalar) -> Shape {
    Shape { scalar: Some(scalar), ..Shape::default() }
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
            '"' | '“' => self.string().map(|_| of_scalar(Scalar::String)),
            _ => {
                let word = self.word();
                let scalar = match word {
                    "true" | "false" => Scalar::Bool,
                    _ if word.parse::<i64>().is_ok() => Scalar::Long,
                    _ if word.parse::<f64>().is_ok() => Scalar::Double,
                    _ => Scalar::String,
                };
                (!word.is_empty()).then(|| of_scalar(scalar))
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Shape> {
        self.skip();
        let mut shape = Shape::default();
        loop {
            // A sample whose end is missing shows what it has.
            let Some(next) = self.peek() else { return Some(shape) };
            let name = match next {
                '}' => {
                    self.skip();
                    return Some(shape);
                }
                // A brace in the place of the bracket that opens a list.
                '{' => {
                    let Some(element) = self.value(depth + 1) else { return Some(shape) };
                    shape.merge(Shape { is_list: true, ..element });
                    continue;
                }
                ']' if shape.is_list => {
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
            match self.peek() {
                None => return Some(shape),
                Some(':' | '：') => self.skip(),
                Some('}') => continue,
                _ if name.is_empty() => {
                    self.skip();
                    continue;
                }
                _ => continue,
            }
            if self.peek()? == '}' {
                continue;
            }
            let Some(value) = self.value(depth + 1) else { return Some(shape) };
            shape.members.entry(name.trim().to_owned()).or_default().merge(value);
        }
    }

    fn list(&mut self, depth: usize) -> Option<Shape> {
        self.skip();
        let mut shape = Shape { is_list: true, ..Shape::default() };
        loop {
            let Some(next) = self.peek() else { return Some(shape) };
            match next {
                ']' => {
                    self.skip();
                    return Some(shape);
                }
                // The bracket that closes the list is missing.
                '}' => return Some(shape),
                ':' => self.skip(),
                _ => {
                    let Some(element) = self.value(depth + 1) else { return Some(shape) };
                    shape.merge(Shape { is_list: true, ..element });
                }
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let is_curly = self.peek()? == '“';
        self.skip();
        let rest = self.text.get(self.at..)?;
        let mut is_escaped = false;
        for (offset, c) in rest.char_indices() {
            match c {
                '"' | '”' if !is_escaped && (c == '"' || is_curly) => {
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
