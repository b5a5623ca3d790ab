//! Rows that could be members of something else than what they are taken as.

use super::cell::Kind;
use super::nesting::{Context, Doubt, Node, is_ordered, is_usual};
use super::notes::Notes;
use super::sample::Shape;

/// Names that are listed in one note.
const MAX_LISTED: usize = 8;

/// Adds the last members of structs that the sample lacks, if nothing shows that they are not members of the structure around
/// it: a struct ends where the sample, the order of names or a repeated name contradicts further members.
fn add_ends(doubts: &mut Vec<Doubt>, nodes: &[Node], context: &Context<'_>) {
    if nodes.iter().all(|node| !is_marked(node)) {
        add_ends_in(doubts, nodes, Some(context.sample), "", context.is_sorted);
        doubts.sort_by_key(|doubt| doubt.line);
    }
}

/// Whether marks or dotted names show the place of the row, or of one of its members.
fn is_marked(node: &Node) -> bool {
    node.row.depth > 0 || node.row.within.is_some() || node.children.iter().any(is_marked)
}

fn add_ends_in(doubts: &mut Vec<Doubt>, nodes: &[Node], shape: Option<&Shape>, name: &str, is_sorted: bool) {
    for (at, node) in nodes.iter().enumerate() {
        let shown = shape.and_then(|shape| shape.meant(&node.row.name)).map(|(_, shown)| match node.row.kind {
            Kind::List(_) => shown.elements(),
            _ => shown.content(),
        });
        let shown = shown.filter(|shown| !shown.members.is_empty());
        add_ends_in(doubts, &node.children, shown, &node.row.name, is_sorted);
        let next = nodes.get(at + 1).map(|next| next.row.name.as_str());
        let can_follow = |child: &Node, next: Option<&str>| {
            let child = &child.row.name;
            if is_usual(&node.row.name, child) == Some(true) {
                return false;
            }
            let is_in_order = is_ordered(&node.row.name, child) && next.is_none_or(|next| is_ordered(child, next));
            let is_repeated = nodes.iter().any(|sibling| sibling.row.name == *child);
            !is_repeated && (!is_sorted || is_in_order)
        };
        let mut next = next;
        for child in node.children.iter().skip(1).rev().take_while(|_| shown.is_none()) {
            if !can_follow(child, next) {
                break;
            }
            next = Some(&child.row.name);
            if doubts.iter().all(|known| known.line != child.row.line) {
                let (chosen, other) = (node.row.name.clone(), name.to_owned());
                doubts.push(Doubt { line: child.row.line, name: child.row.name.clone(), chosen, other });
            }
        }
    }
}

/// Reports the rows that are marked as deeper than their place.
fn add_marks(nodes: &[Node], level: usize, notes: &mut Notes) {
    for Node { row, children } in nodes {
        if row.depth > level && row.within.is_none() {
            let message = format!(
                "`{}` is marked or indented to level {}, but is taken as a member at level {level}",
                row.name, row.depth
            );
            notes.undecided(row.line, message);
        }
        add_marks(children, level + 1, notes);
    }
}

/// Reports the rows, those of one place in one note. `whole` names the structure itself.
pub(super) fn report(mut doubts: Vec<Doubt>, nodes: &[Node], context: &Context<'_>, whole: &str, notes: &mut Notes) {
    add_ends(&mut doubts, nodes, context);
    add_marks(nodes, 0, notes);
    let mut places: Vec<Vec<Doubt>> = Vec::new();
    for doubt in doubts {
        match places.last_mut() {
            Some(place) if place[0].chosen == doubt.chosen && place[0].other == doubt.other => place.push(doubt),
            _ => places.push(vec![doubt]),
        }
    }
    for place in &places {
        let (first, last) = (&place[0], &place[place.len() - 1]);
        let parent = |name: &str| if name.is_empty() { whole.to_owned() } else { format!("`{name}`") };
        let (chosen, other) = (parent(&first.chosen), parent(&first.other));
        let mut names: Vec<String> = place.iter().take(MAX_LISTED).map(|doubt| format!("`{}`", doubt.name)).collect();
        if place.len() > MAX_LISTED {
            names.push(format!("{} more rows", place.len() - MAX_LISTED));
        }
        let message = match names.split_last() {
            Some((last_name, names)) if !names.is_empty() => format!(
                "{} and {last_name}, up to line {}, are taken as members of {chosen}; they could be those of {other}",
                names.join(", "),
                last.line
            ),
            _ => format!("`{}` is taken as a member of {chosen}; it could be one of {other}", first.name),
        };
        notes.undecided(first.line, message);
    }
}
