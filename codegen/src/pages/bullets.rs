//! Lists of members: `- **WidgetId** (String, required): the widget.`

use super::cell::{Name, is_placeholder, required};
use super::cells::TableRow;
use super::head::{Column, Head, Section};
use super::loose::{Loose, is_end, is_type};

/// Marks that begin an item.
const BULLETS: [&str; 5] = ["- ", "* ", "+ ", "• ", "· "];

/// Items that state facts about one member, such as `Required: Yes`.
const MAX_FACTS: usize = 8;

/// An item that states a type.
struct Item {
    indent: usize,
    name: String,
    kind: String,
    /// `required`, `optional` or nothing.
    mark: String,
    description: String,
}

/// The list of members that begins at a line of a section.
pub(super) fn read(lines: &[&str], at: usize, section: Section) -> Option<Loose> {
    if !section.has_table()
        || section == Section::Errors
        || bullet(lines.get(at)?).and_then(|(indent, text)| item(indent, text)).is_none()
    {
        return None;
    }
    let facts = lines[at..].iter().take(MAX_FACTS).map_while(|line| bullet(line));
    if facts.into_iter().any(|(_, text)| states_mark(text)) {
        return None;
    }
    let end = (at..lines.len()).find(|at| is_end(lines, *at)).unwrap_or(lines.len());
    let mut items: Vec<(usize, Item)> = Vec::new();
    // Items before the first one that states a type.
    let before = lines[..at].iter().enumerate().rev().filter(|(_, line)| !line.trim().is_empty());
    let before = before.map_while(|(at, line)| Some((at, bullet(line)?.1)));
    let names_member =
        |text: &str| text.split([':', '：']).next().is_some_and(|word| word.len() < text.len() && is_member(word));
    let mut flaws: Vec<(usize, String)> =
        before.filter(|(_, text)| names_member(text)).map(|(at, text)| (at + 1, untyped(text))).collect();
    for (at, line) in lines.iter().enumerate().take(end).skip(at) {
        let found = bullet(line);
        if let Some(item) = found.and_then(|(indent, text)| item(indent, text)) {
            items.push((at + 1, item));
            continue;
        }
        let first = items.first().map_or(0, |(_, item)| item.indent);
        if let Some((_, text)) = found.filter(|(indent, _)| *indent <= first) {
            flaws.push((at + 1, untyped(text)));
        } else if let Some((_, item)) = items.last_mut() {
            item.description.push('\n');
            item.description.push_str(line.trim());
        }
    }
    if section == Section::Request
        && let Some((line, _)) = items.iter().find(|(_, item)| item.mark.is_empty())
    {
        flaws
            .push((*line, "this list does not mark all parameters; those without a mark are taken as optional".into()));
    }
    let titles = ["Name", "Type", "Required", "Description"].map(str::to_owned);
    let mut open: Vec<usize> = Vec::new();
    let rows = items.into_iter().map(|(line, item)| {
        open.retain(|indent| *indent < item.indent);
        let name = "└".repeat(open.len()) + &item.name;
        open.push(item.indent);
        let mark = if item.mark.is_empty() { "optional".to_owned() } else { item.mark };
        TableRow { line, cells: vec![name, item.kind, mark, item.description.trim().to_owned()] }
    });
    Some(Loose { rows: rows.collect(), head: Head::of(&titles), end, flaws })
}

fn untyped(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!("the item `{shown}` of a list of members states no type; it is left out")
}

/// The indentation of an item, and its text.
fn bullet(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start();
    let number = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.strip_prefix(". ").filter(|_| number.len() < text.len());
    let rest = BULLETS.iter().find_map(|bullet| text.strip_prefix(bullet)).or(numbered)?;
    Some((line.len() - text.len(), rest.trim()))
}

/// Whether a word can be the name with which an item begins.
pub(super) fn is_member(word: &str) -> bool {
    let is_name = word.starts_with(|c: char| c.is_ascii_uppercase() || "*`".contains(c));
    is_name && !word.contains(' ') && Name::read(word).is_some_and(|name| name.depth == 0)
}

/// The parts of an item that names a member and its type.
fn item(indent: usize, text: &str) -> Option<Item> {
    let is_delimiter = |c: char| c.is_whitespace() || "(（:：–—,，".contains(c);
    let end = text.find(is_delimiter)?;
    let (name, mut rest) = text.split_at(end);
    let name = Name::read(name).filter(|_| is_member(name))?.text;
    let (mut kind, mut mark) = (None, String::new());
    // The words behind the name, up to the first one that is neither a type nor a mark.
    loop {
        let piece = rest.trim_start_matches(|c: char| is_delimiter(c) || "-;；)）.。*`、|/".contains(c));
        let end = piece.find(|c| "(（)）:：,，;；.。–—、|/".contains(c) || c == '-').unwrap_or(piece.len());
        let words = piece[..end].trim().trim_matches(['*', '`']).trim();
        let (mut states_kind, mut states_mark) = (None, None);
        match words {
            "" => {}
            _ if is_type(words, false) => states_kind = Some(words),
            _ if is_mark(words) => states_mark = Some(words),
            _ => {
                // `String required`, `required String` and `String The widget`.
                let word = words.split_whitespace().next().unwrap_or_default();
                let others = words.get(word.len()..).unwrap_or_default().trim();
                let is_pair = is_type(word, false) && is_mark(others) || is_mark(word) && is_type(others, false);
                if is_pair {
                    let (a, b) = if is_mark(word) { (others, word) } else { (word, others) };
                    (states_kind, states_mark) = (Some(a), Some(b));
                }
            }
        }
        let is_new = states_kind.is_some() && kind.is_none() || states_mark.is_some() && mark.is_empty();
        if !is_new {
            break;
        }
        kind = kind.or(states_kind.map(str::to_owned));
        if mark.is_empty() {
            mark = states_mark.unwrap_or_default().to_owned();
        }
        rest = piece.get(end..).unwrap_or_default();
    }
    let description = rest.trim_start_matches(|c: char| is_delimiter(c) || "-;；)）.。*`".contains(c));
    Some(Item { indent, name, kind: kind?, mark, description: description.to_owned() })
}

/// Whether an item such as `Required: Yes` states a fact about a member and is none itself.
fn states_mark(text: &str) -> bool {
    let (title, value) = text.split_once([':', '：']).unwrap_or_default();
    Head::of(&[title.to_owned()]).has(Column::Required) && is_mark(value.trim())
}

/// Whether words mark a parameter as required or optional.
fn is_mark(words: &str) -> bool {
    words.chars().count() <= 20 && !is_placeholder(words) && required(words).is_some()
}
