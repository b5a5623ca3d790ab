//! Headings and fences of Markdown.

use std::borrow::Cow;

use super::head::Section;

/// The page, with `#` before headings that are underlined instead.
pub(super) fn with_marks(text: &str) -> Cow<'_, str> {
    let lines: Vec<&str> = text.lines().collect();
    let mut out = String::new();
    let mut fences = Fences::default();
    let mut is_underline = false;
    let mut is_changed = false;
    for (at, line) in lines.iter().enumerate() {
        let is_code = fences.include(line);
        let level = underlined(&lines, at).filter(|_| !is_code);
        if let Some(level) = level {
            out.push_str(&"#".repeat(level));
            out.push(' ');
        }
        if !is_underline {
            out.push_str(line);
        }
        out.push('\n');
        is_underline = level.is_some();
        is_changed |= is_underline;
    }
    if is_changed { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

/// The level of a heading that the next line underlines with `===` or `---`.
pub(super) fn underlined(lines: &[&str], at: usize) -> Option<usize> {
    let title = lines.get(at)?;
    let line = lines.get(at + 1)?.trim_end();
    let is_single = at.checked_sub(1).is_none_or(|before| lines[before].trim().is_empty());
    let is_text = title.starts_with(|c: char| c.is_alphanumeric() || c == '`') && !title.contains('|');
    if !is_single || !is_text || line.len() < 3 {
        return None;
    }
    let all = |mark: char| line.chars().all(|c| c == mark);
    if all('=') {
        Some(1)
    } else if all('-') {
        Some(2)
    } else {
        None
    }
}

/// The marks that open a fenced block.
pub(super) fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|fence| line.trim_start().starts_with(fence))
}

/// Tells the lines of fenced blocks from others. The marks that open a block also end it, and others are part of it.
#[derive(Debug, Default)]
pub(super) struct Fences {
    open: Option<&'static str>,
}

impl Fences {
    /// Whether the next line is part of a block, or opens or ends one.
    pub(super) fn include(&mut self, line: &str) -> bool {
        let mark = fence(line);
        let is_code = self.open.is_some() || mark.is_some();
        self.open = match self.open {
            Some(_) if self.open == mark => None,
            Some(open) => Some(open),
            None => mark,
        };
        is_code
    }
}

/// Level and title of a heading, without its anchor: `## Errors {#errors .section}`, or `<h2>Errors</h2>`.
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    if let Some((level, title)) = tagged(line) {
        return Some((level, title.trim()));
    }
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let title = line.get(level..).filter(|rest| (1..=6).contains(&level) && rest.starts_with(' '))?;
    let title = title.split(" {").next().unwrap_or(title);
    Some((level, title.trim().trim_end_matches('#').trim()))
}

/// Level and text of a heading in HTML.
fn tagged(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start().strip_prefix("<h").or_else(|| line.trim_start().strip_prefix("<H"))?;
    let level = rest.chars().next()?.to_digit(10).filter(|level| (1..=6).contains(level))?;
    let (_, rest) = rest.split_once('>')?;
    Some((level as usize, rest.split('<').next().unwrap_or(rest)))
}

/// Whether a page has the heading of a section that is read.
pub(super) fn has_sections(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let is_section = |title: &str| Section::of(title) != Section::Other;
    let is_underlined = |at: usize| underlined(&lines, at).is_some() && is_section(lines[at]);
    lines.iter().any(|line| heading(line).is_some_and(|(_, title)| is_section(title)))
        || (0..lines.len()).any(is_underlined)
}

/// The words of letters and digits.
pub(super) fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

/// Whether a word can be the name of an operation or a type.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether this is a name of several words, as those of operations are, and not one word of a sentence.
pub(super) fn is_compound(text: &str) -> bool {
    let bytes = text.as_bytes();
    let humps = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    is_name(text) && humps.count() > 0 && bytes.get(1).is_some_and(u8::is_ascii_lowercase)
}

/// Whether the name of an operation or a type occurs.
pub(super) fn has_compound(text: &str) -> bool {
    words(text).any(is_compound)
}
