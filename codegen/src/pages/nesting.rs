//! Finds the nesting of the rows of a table that does not show it.
//!
//! Every row is a member of the structure itself, of the last row before it that has members, or of one around that. Of
//! all readings, the one that costs least is taken: it costs something to contradict the sample, the alphabetical order
//! of a struct's members, or a mark of depth. Rows that another reading as good places elsewhere are doubtful.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::cell::Kind;
use super::sample::Shape;

/// Readings that are kept for each row of a table of a usual size.
const MAX_READINGS: usize = 256;

/// Readings that are kept for all rows together: of larger tables than any published one, fewer are kept for each row.
const MAX_ALL_READINGS: usize = 50_000;

/// Structs around a row.
const MAX_DEPTH: usize = 24;

/// Difference in cost above which a reading is no alternative to the best one.
const MARGIN: u32 = 1;

/// A row of a table of responses, or of nested parameters.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Number of marks such as `└`.
    pub(super) depth: usize,
    /// Name of a list's elements, if the table states it.
    pub(super) item: Option<String>,
    /// Whether that name is also the one of their type, so that the wrapper may have another.
    pub(super) is_item_type: bool,
    /// Index of the row whose member this is, if its dotted name states it.
    pub(super) within: Option<usize>,
    /// Whether other rows are `within` this one.
    pub(super) has_dotted: bool,
    pub(super) required: bool,
    pub(super) example: String,
    pub(super) description: String,
}

/// A member with its members.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) row: Row,
    pub(super) children: Vec<Node>,
}

/// A row that may be a member of something else.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) line: usize,
    pub(super) name: String,
    /// Names of the parent that was chosen, and of the alternative; empty for the structure itself.
    pub(super) chosen: String,
    pub(super) other: String,
}

/// Other facts about the table.
pub(super) struct Context<'a> {
    pub(super) sample: &'a Shape,
    /// Whether `sample` has only some of the members.
    pub(super) is_partial: bool,
    /// Whether members are sorted by name.
    pub(super) is_sorted: bool,
    /// Whether a type has a table of its own.
    pub(super) is_described: &'a dyn Fn(&str) -> bool,
}

/// The meaning of the marks before names, or of their indentation.
#[derive(Debug, Clone, Copy)]
enum Marks {
    None,
    /// Whether a row is a member of another one, and not how deep it is: every member has one mark.
    Members,
    /// How deep a row is.
    Levels,
}

/// Members that are rarely those of a struct.
const USUAL_AT_TOP: [&str; 8] =
    ["RequestId", "TotalCount", "Total", "PageNumber", "PageSize", "NextToken", "MaxResults", "RegionId"];

/// The member that every response has, and hardly any struct.
pub(super) const ALWAYS_AT_TOP: &str = "RequestId";

/// The rows as a tree, and the rows whose place is doubtful.
pub(super) fn nest(rows: &[Row], context: &Context<'_>) -> (Vec<Node>, Vec<Doubt>) {
    let marks = match rows.iter().map(|row| row.depth).max() {
        None | Some(0) => Marks::None,
        Some(1) => Marks::Members,
        Some(_) => Marks::Levels,
    };
    let of_name: HashMap<&str, usize> = rows.iter().enumerate().map(|(at, row)| (row.name.as_str(), at)).collect();
    let last_use: Vec<usize> = rows.iter().map(|row| of_name.get(row.name.as_str()).copied().unwrap_or(0)).collect();
    let max_readings = (MAX_ALL_READINGS / rows.len().max(1)).clamp(8, MAX_READINGS);
    let mut readings = vec![Reading::new(context.sample, context.is_partial)];
    for at in 0..rows.len() {
        let mut next: HashMap<Key, Reading<'_>> = HashMap::new();
        for reading in &readings {
            for placed in reading.places(rows, at, last_use[at] > at, marks, context) {
                match next.entry(placed.key(|row| last_use[row] > at)) {
                    Entry::Occupied(mut known) => known.get_mut().keep_better(placed),
                    Entry::Vacant(entry) => drop(entry.insert(placed)),
                }
            }
        }
        readings = next.into_values().collect();
        readings.sort_by(|a, b| a.rank().cmp(&b.rank()));
        readings.truncate(max_readings);
    }
    let mut all = readings.into_iter();
    let Some(mut best) = all.next() else { return (Vec::new(), Vec::new()) };
    for other in all {
        if other.cost <= best.cost + MARGIN {
            best.doubt(&other.parents);
        }
    }
    let name = |parent: usize| parent.checked_sub(1).map_or(String::new(), |row| rows[row].name.clone());
    let doubts = best.doubts.iter().filter(|(row, other)| best.parents[**row] != **other).map(|(row, other)| Doubt {
        line: rows[*row].line,
        name: rows[*row].name.clone(),
        chosen: name(best.parents[*row]),
        other: name(*other),
    });
    let doubts = doubts.filter(|doubt| is_usual(&doubt.chosen, &doubt.name) != Some(true)).collect();
    (tree(rows, &best.parents, 0), doubts)
}

/// The members of a parent: 0 for the structure itself, or else the index of a row plus 1.
fn tree(rows: &[Row], parents: &[usize], parent: usize) -> Vec<Node> {
    let of_parent = parents.iter().enumerate().skip(parent).filter(|(_, of)| **of == parent);
    of_parent.map(|(at, _)| Node { row: rows[at].clone(), children: tree(rows, parents, at + 1) }).collect()
}

/// All that the cost of further rows depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Key {
    levels: Vec<(usize, Option<usize>)>,
    /// Rows with names that are stated again, with their parents.
    repeated: Vec<(usize, usize)>,
}

/// An assumption about the first rows.
#[derive(Debug, Clone)]
struct Reading<'s> {
    /// The structs that can have further members, the innermost last.
    levels: Vec<Level<'s>>,
    /// Parent of each row.
    parents: Vec<usize>,
    cost: u32,
    /// Other parents that rows have in readings as good.
    doubts: BTreeMap<usize, usize>,
}

#[derive(Debug, Clone)]
struct Level<'s> {
    parent: usize,
    /// Its shape in the sample.
    sample: Option<&'s Shape>,
    is_partial: bool,
    /// Name of the list in the wrapper that the row stands for.
    item: Option<&'s str>,
    /// Its members so far: indices of rows.
    members: Vec<usize>,
}

impl<'s> Reading<'s> {
    fn new(sample: &'s Shape, is_partial: bool) -> Self {
        let top = Level { parent: 0, sample: Some(sample), is_partial, item: None, members: Vec::new() };
        Reading { levels: vec![top], parents: Vec::new(), cost: 0, doubts: BTreeMap::new() }
    }

    fn key(&self, is_repeated: impl Fn(usize) -> bool) -> Key {
        let levels = self.levels.iter().map(|level| (level.parent, level.last())).collect();
        let members = self.levels.iter().flat_map(|level| level.members.iter().map(|row| (*row, level.parent)));
        Key { levels, repeated: members.filter(|(row, _)| is_repeated(*row)).collect() }
    }

    /// Orders readings: the cheapest first, and of those the one with members in the innermost structs.
    fn rank(&self) -> (u32, Reverse<&[usize]>) {
        (self.cost, Reverse(&self.parents))
    }

    /// Keeps the better of two readings after which the same is possible.
    fn keep_better(&mut self, mut other: Reading<'s>) {
        if other.rank() < self.rank() {
            std::mem::swap(self, &mut other);
        }
        if other.cost <= self.cost + MARGIN {
            self.doubt(&other.parents);
        }
    }

    fn doubt(&mut self, parents: &[usize]) {
        for (row, parent) in parents.iter().enumerate() {
            if self.parents[row] != *parent {
                self.doubts.entry(row).or_insert(*parent);
            }
        }
    }

    /// The readings in which the row has its place: the one that its dotted name states, or any level.
    fn places(&self, rows: &[Row], at: usize, is_stated_again: bool, marks: Marks, context: &Context<'_>) -> Vec<Self> {
        let place = |level| self.place(rows, at, level, is_stated_again, marks, context);
        let Some(parent) = rows[at].within.map(|row| row + 1) else {
            return (0..self.levels.len()).map(place).collect();
        };
        if let Some(level) = self.levels.iter().position(|level| level.parent == parent) {
            return vec![place(level)];
        }
        // The struct has ended before; its members are stated apart.
        let mut placed = self.clone();
        placed.parents.push(parent);
        if placed.levels.len() <= MAX_DEPTH && opens(rows, at, None, context) {
            let (sample, is_partial, item) = (None, context.is_partial, None);
            placed.levels.push(Level { parent: at + 1, sample, is_partial, item, members: Vec::new() });
        }
        vec![placed]
    }

    /// The reading in which the row is a member of a level.
    fn place(
        &self,
        rows: &[Row],
        at: usize,
        level: usize,
        is_stated_again: bool,
        marks: Marks,
        context: &Context<'_>,
    ) -> Self {
        let mut placed = self.clone();
        let row = &rows[at];
        let has = |level: &Level<'_>, name: &str| level.members.iter().any(|member| rows[*member].name == name);
        // The sample shows it in a struct that does not have it yet.
        let lacks = |level: &Level<'_>| level.shows(&row.name) && !has(level, &row.name);
        let is_dotted = |parent: usize| parent.checked_sub(1).is_some_and(|row| rows[row].has_dotted);
        for closed in placed.levels.drain(level + 1..) {
            placed.cost += if lacks(&closed) { 3 } else { 0 };
            if closed.members.is_empty() && !is_dotted(closed.parent) {
                // A struct without members.
                let is_struct = closed.parent.checked_sub(1).is_none_or(|parent| rows[parent].kind != Kind::Unset);
                placed.cost += if is_struct { 9 } else { 4 };
            }
        }
        // A later row of this name can still be the one that the sample shows.
        let is_elsewhere = !is_stated_again && placed.levels.iter().rev().skip(1).any(lacks);
        let Some(owner) = placed.levels.last_mut() else { return placed };
        placed.parents.push(owner.parent);
        if owner.members.is_empty() && owner.is_element(row) {
            return placed;
        }
        let sample = owner.sample.filter(|sample| !sample.members.is_empty());
        let member = sample.and_then(|sample| sample.meant(&row.name)).map(|(_, member)| member);
        placed.cost += match (sample, member) {
            (Some(_), Some(_)) => 0,
            (Some(_), None) if !owner.is_partial => 3,
            _ => 2,
        };
        // The sample lacks the struct, but shows the row around it: that weighs almost as much as a struct without members.
        placed.cost += match (member, sample) {
            (None, None) if is_elsewhere => 8,
            (None, Some(_)) if is_elsewhere => 3,
            _ => 0,
        };
        // All members of such a struct have dotted names.
        placed.cost += if row.within.is_none() && is_dotted(owner.parent) { 8 } else { 0 };
        if let Some(last) = owner.last().filter(|_| context.is_sorted) {
            placed.cost += if is_ordered(&rows[last].name, &row.name) {
                0
            } else if level == 0 {
                1
            } else {
                3
            };
        }
        if level > 0 && member.is_none() && USUAL_AT_TOP.contains(&row.name.as_str()) {
            placed.cost += if row.name == ALWAYS_AT_TOP { 8 } else { 1 };
        }
        if has(owner, &row.name) {
            placed.cost += 60;
        }
        // All that the sample shows of the struct has been stated before.
        let is_complete = |sample: &Shape| sample.members.keys().all(|name| has(owner, name));
        let was_shown = owner.last().is_none_or(|last| owner.shows(&rows[last].name));
        let is_beyond = context.is_sorted && member.is_none() && !owner.is_partial && level > 0 && was_shown;
        placed.cost += u32::from(is_beyond && sample.is_some_and(is_complete));
        placed.cost +=
            if level > 0 && is_usual(&rows[owner.parent - 1].name, &row.name) == Some(false) { 2 } else { 0 };
        let is_as_marked = match marks {
            Marks::None => true,
            Marks::Members => (level == 0) == (row.depth == 0),
            Marks::Levels => level == row.depth,
        };
        placed.cost += if row.within.is_some() || is_as_marked { 0 } else { 40 };
        owner.members.push(at);
        let content = member.map(|member| match row.kind {
            Kind::List(_) => member.elements(),
            _ => member.content(),
        });
        let is_deep = placed.levels.len() > MAX_DEPTH;
        if !is_deep && opens(rows, at, content, context) {
            let item = member.and_then(Shape::wrapped).map(|(item, _)| item);
            let sample = content.filter(|content| !content.members.is_empty());
            placed.levels.push(Level {
                parent: at + 1,
                sample,
                is_partial: context.is_partial,
                item,
                members: Vec::new(),
            });
        }
        placed
    }
}

impl Level<'_> {
    fn last(&self) -> Option<usize> {
        self.members.last().copied()
    }

    fn shows(&self, name: &str) -> bool {
        self.sample.is_some_and(|sample| sample.member(name).is_some())
    }

    /// Whether a row only names the elements of the list that the level is.
    fn is_element(&self, row: &Row) -> bool {
        let is_bare = matches!(row.kind, Kind::Unset | Kind::Struct);
        is_bare && self.item.is_some_and(|item| item.eq_ignore_ascii_case(&row.name)) && !self.shows(&row.name)
    }
}

/// Whether two names are in alphabetical order, by which pages put capitals first or ignore case.
pub(super) fn is_ordered(a: &str, b: &str) -> bool {
    a <= b || a.to_lowercase() <= b.to_lowercase()
}

/// Whether a struct has a member, if it is one that has the same members everywhere.
pub(super) fn is_usual(owner: &str, name: &str) -> Option<bool> {
    match owner {
        "Tag" | "Tags" => Some(["Key", "Value", "TagKey", "TagValue", "key", "value"].contains(&name)),
        "OperationLocks" => Some(["LockReason", "LockMsg"].contains(&name)),
        _ => None,
    }
}

/// Whether rows that follow can be members of this one.
fn opens(rows: &[Row], at: usize, content: Option<&Shape>, context: &Context<'_>) -> bool {
    let Row { kind, depth, example, has_dotted, .. } = &rows[at];
    if *has_dotted {
        return true;
    }
    let is_next_deeper = rows.get(at + 1).is_some_and(|next| next.within.is_none() && next.depth > *depth)
        || *kind == Kind::Unset && example.is_empty();
    let has_members = content.is_some_and(|content| !content.members.is_empty());
    match kind {
        Kind::Struct => true,
        Kind::List(Some(element)) => match element.as_ref() {
            Kind::Struct | Kind::Unset => true,
            Kind::Named(name) => !(context.is_described)(name) && (is_next_deeper || has_members),
            _ => false,
        },
        Kind::Unset | Kind::List(None) => is_next_deeper || has_members,
        Kind::Named(name) => !(context.is_described)(name) && is_next_deeper,
        Kind::Json | Kind::JsonList | Kind::Scalar(_) => false,
    }
}
