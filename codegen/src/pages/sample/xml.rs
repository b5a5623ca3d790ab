//! Reads XML samples leniently: only the names of elements and their nesting matter.

use super::{MAX_DEPTH, Shape};

/// The shape of a sample: the members of its root element.
pub(super) fn read(text: &str) -> Option<Shape> {
    let mut open: Vec<(&str, Shape, Vec<&str>)> =
        vec![("", Shape { may_be_list: true, ..Shape::default() }, Vec::new())];
    for part in text.split('<').skip(1) {
        let (tag, _) = part.split_once('>')?;
        if tag.starts_with(['?', '!']) || open.len() > MAX_DEPTH {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            // An element that was never opened is a typo for its opening.
            if open.iter().skip(1).any(|(known, ..)| *known == name.trim()) {
                while let Some(closed) = close(&mut open) {
                    if closed == name.trim() {
                        break;
                    }
                }
            }
            continue;
        }
        let name = tag.trim_end_matches('/').split_whitespace().next().unwrap_or_default();
        open.push((name, Shape { may_be_list: true, ..Shape::default() }, Vec::new()));
        if tag.ends_with('/') {
            close(&mut open);
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    let (_, document, _) = open.pop()?;
    document.members.into_iter().next().map(|(_, root)| root)
}

/// Closes the innermost element, and returns its name.
fn close<'t>(open: &mut Vec<(&'t str, Shape, Vec<&'t str>)>) -> Option<&'t str> {
    if open.len() < 2 {
        return None;
    }
    let (name, mut shape, _) = open.pop()?;
    let (_, parent, seen) = open.last_mut()?;
    if seen.contains(&name) {
        shape.is_list = true;
    }
    seen.push(name);
    parent.members.entry(name.to_owned()).or_default().merge(shape);
    Some(name)
}
