//! Names of members that are indented below the row whose members they are. Markdown keeps no plain blanks at the start of a
//! cell, so pages indent with blanks that it keeps, as characters or as entities.

use super::entities::entities;

/// Entities of blanks, with their widths.
const ENTITIES: [(&str, usize); 12] = [
    ("&nbsp;", 1),
    ("&#160;", 1),
    ("&#xa0;", 1),
    ("&#xA0;", 1),
    ("&thinsp;", 1),
    ("&ensp;", 2),
    ("&#8194;", 2),
    ("&emsp;", 2),
    ("&#8195;", 2),
    ("&#12288;", 2),
    ("&#x3000;", 2),
    ("&#X3000;", 2),
];

/// Width of the least indentation. A single blank that cannot break is often left over from copying.
const MIN_WIDTH: usize = 2;

/// The mark of one unit of width in cells that were read.
const UNIT: char = '\u{a0}';

/// The text of a cell with a name, with a [`UNIT`] for each unit of its indentation.
pub(super) fn cell(text: &str) -> String {
    // Some pages have the blanks inside the marks of bold text or code.
    let bare = text.trim_start().trim_start_matches(['*', '`']);
    let (mut rest, mut width) = (if starts_with_blank(bare) { bare } else { text }, 0);
    loop {
        if let Some((entity, of)) = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)) {
            width += of;
            rest = &rest[entity.len()..];
            continue;
        }
        let Some(c) = rest.chars().next().filter(|c| c.is_whitespace()) else { break };
        width += match c {
            '\u{2002}' | '\u{2003}' | '\u{3000}' => 2,
            c if c.is_ascii() => 0,
            _ => 1,
        };
        rest = &rest[c.len_utf8()..];
    }
    let mark = UNIT.to_string().repeat(if width < MIN_WIDTH { 0 } else { width });
    mark + entities(rest).trim()
}

/// Whether a cell starts with a blank that Markdown keeps.
fn starts_with_blank(text: &str) -> bool {
    text.starts_with(|c: char| c.is_whitespace() && !c.is_ascii())
        || ENTITIES.iter().any(|(entity, _)| text.starts_with(entity))
}

/// The width of the indentation of a cell that was read.
pub(super) fn width(cell: &str) -> usize {
    cell.chars().take_while(|c| *c == UNIT).count()
}

/// The levels of rows, found from their widths one after the other.
#[derive(Default)]
pub(super) struct Levels {
    open: Vec<usize>,
}

impl Levels {
    /// The level of the next row: the number of rows before it that are around it.
    pub(super) fn next(&mut self, width: usize) -> usize {
        self.open.retain(|around| *around < width);
        self.open.push(width);
        self.open.len() - 1
    }
}
