//! Members of a response.

use indexmap::IndexMap;

use super::cell::{Kind, Scalar, is_index};
use super::dotted;
use super::doubt;
use super::lines::Lines;
use super::nesting::{self, Context, Node, Row};
use super::notes::Notes;
use super::sample::Shape;
use super::schema;
use super::stated::{states_list, with_linked_type};
use crate::import::{Schema, singular};

/// The members of a type that a page describes apart.
#[derive(Debug, Clone)]
pub(super) struct Described {
    pub(super) rows: Vec<Row>,
    /// Name of the member that has the type, if the page states it.
    pub(super) node: Option<String>,
    /// The page.
    pub(super) path: String,
}

/// Reads the members of structs.
pub(super) struct Members<'a> {
    /// The type with this name.
    pub(super) describe: &'a dyn Fn(&str) -> Option<Described>,
    pub(super) is_sorted: bool,
    pub(super) notes: &'a mut Notes,
    /// The shape of the whole response in the samples.
    pub(super) sample: &'a Shape,
    /// The types around the one that is read, to detect recursion.
    pub(super) around: Vec<String>,
    /// The members around those that are read.
    pub(super) path: Vec<String>,
    pub(super) lines: &'a mut Lines,
}

impl Members<'_> {
    /// The members that the rows state.
    pub(super) fn read(&mut self, rows: Vec<Row>, sample: &Shape) -> IndexMap<String, Schema> {
        let describe = self.describe;
        let is_described = |name: &str| describe(name).is_some();
        let rows: Vec<Row> = rows.into_iter().map(|row| with_linked_type(row, &is_described)).collect();
        let rows = dotted::resolve(rows, sample, self.notes);
        let context = Context { sample, is_partial: false, is_sorted: self.is_sorted, is_described: &is_described };
        let (nodes, doubts) = nesting::nest(&rows, &context);
        doubt::report(doubts, &nodes, &context, "the response", self.notes);
        self.nodes(nodes, sample)
    }

    fn nodes(&mut self, nodes: Vec<Node>, sample: &Shape) -> IndexMap<String, Schema> {
        let nothing = Shape::default();
        let mut members: IndexMap<String, Schema> = IndexMap::new();
        for mut node in nodes {
            let line = node.row.line;
            let mut name = node.row.name.clone();
            let mut path = Vec::new();
            // `EventType.Code` is a member of a struct, unless the sample has a member with a dot in its name.
            if let Some((meant, _)) = sample.meant(&name) {
                if meant != name && !meant.eq_ignore_ascii_case(&name) {
                    let message = format!("`{name}` is taken as `{meant}`, the list of such elements in the sample");
                    self.notes.decided(line, message);
                    name = meant.to_owned();
                }
            } else {
                path = name.split('.').map(str::to_owned).collect();
            }
            let (mut inner, mut owner) = (sample, &mut members);
            let is_list = path.last().is_some_and(|word| is_index(word));
            let mut words = path.iter().enumerate().filter(|(_, word)| !is_index(word)).peekable();
            while let Some((at, word)) = words.next() {
                if words.peek().is_none() {
                    name.clone_from(word);
                    node.row.name.clone_from(word);
                    break;
                }
                let is_list = path.get(at + 1).is_some_and(|next| is_index(next));
                let meant = inner.meant(word);
                let parent = meant.map_or(word.as_str(), |(meant, _)| meant);
                if !owner.contains_key(parent) {
                    let schema = self.parent(line, word, is_list, meant.map(|(_, shown)| shown));
                    owner.insert(parent.to_owned(), schema);
                }
                let is_wrapper = meant.is_some_and(|(_, shown)| shown.wrapped().is_some());
                inner = meant.map_or(&nothing, |(_, shown)| shown.content());
                owner = content(owner.entry(parent.to_owned()).or_default(), is_wrapper);
            }
            let shown = inner.member(&name);
            let depth = self.path.len();
            let parents = path.iter().filter(|word| !is_index(word) && **word != name).cloned();
            self.path.extend(parents.chain([name.clone()]));
            self.lines.add(format!("response {}", self.path.join(".")), &self.notes.path, line);
            let mut schema = self.schema(node, shown);
            self.path.truncate(depth);
            if is_list && schema.kind.as_deref() != Some("array") && shown.is_none_or(|shown| !shown.is_list) {
                schema = schema::list(schema);
            }
            if owner.contains_key(&name) {
                self.notes.decided(line, format!("`{name}` is stated twice in one structure; the first is taken"));
            } else {
                owner.insert(name, schema);
            }
        }
        members
    }

    /// A struct or list that only the dotted names of its members state: `Disk.N.Size`.
    fn parent(&mut self, line: usize, name: &str, is_list: bool, shown: Option<&Shape>) -> Schema {
        let members = schema::object(IndexMap::new());
        if let Some((item, _)) = shown.and_then(Shape::wrapped) {
            return schema::wrapped(item, members);
        }
        if is_list && shown.is_none() {
            self.notes.undecided(line, format!("no sample shows the list `{name}`, taken as one without a wrapper"));
        }
        if is_list || shown.is_some_and(|shown| shown.is_list) { schema::list(members) } else { members }
    }

    /// The type of a member. `shown` is what the sample shows of it.
    fn schema(&mut self, node: Node, shown: Option<&Shape>) -> Schema {
        let Node { row, mut children } = node;
        // A row that only names the elements of the list in the wrapper.
        let item = shown.and_then(Shape::wrapped).map(|(item, _)| item);
        if let (Some(item), Some(first)) = (item, children.first()) {
            let is_bare = matches!(first.row.kind, Kind::Unset | Kind::Struct) && first.children.is_empty();
            if is_bare && first.row.name.eq_ignore_ascii_case(item) {
                children.remove(0);
            }
        }
        let mut schema = match row.kind.clone() {
            Kind::Scalar(scalar) => schema::scalar(scalar),
            Kind::Json => schema::object(IndexMap::new()),
            Kind::JsonList => schema::list(schema::scalar(Scalar::String)),
            Kind::List(Some(element)) if children.is_empty() && self.describes(&element) => {
                self.named(&row, element.reference().unwrap_or_default(), children, shown)
            }
            Kind::List(element) => {
                let schema = self.element(&row, element.as_deref(), children, shown);
                self.listed(&row, schema, shown)
            }
            Kind::Struct => {
                if children.is_empty() {
                    self.notes
                        .undecided(row.line, format!("`{}` is a struct without members, taken as a map", row.name));
                }
                // A row of its own for the list in a wrapper: `Parts` has `Part`, which has the members.
                let is_list =
                    |node: &Node| matches!(node.row.kind, Kind::List(_)) && Some(node.row.name.as_str()) == item;
                let is_wrapper = children.len() == 1 && children.first().is_some_and(is_list);
                let content = if is_wrapper { shown } else { shown.map(Shape::content) };
                schema::object(self.nodes(children, content.unwrap_or(&Shape::default())))
            }
            Kind::Named(name) => self.named(&row, &name, children, shown),
            Kind::Unset
                if children.is_empty()
                    && shown.is_none_or(|shown| shown.is_unknown() || shown.scalar == Some(Scalar::String))
                    && states_list(&row) =>
            {
                self.listed(&row, schema::scalar(Scalar::String), shown.filter(|shown| !shown.members.is_empty()))
            }
            Kind::Unset => self.unset(&row, children, shown),
        };
        super::facts::add(&mut schema, &row, false);
        if let Kind::Scalar(_) = row.kind {
            schema.example = (!row.example.is_empty()).then(|| row.example.clone().into());
        }
        schema
    }

    fn describes(&self, kind: &Kind) -> bool {
        kind.reference().is_some_and(|name| (self.describe)(name).is_some())
    }

    /// The elements of a list.
    fn element(&mut self, row: &Row, kind: Option<&Kind>, children: Vec<Node>, shown: Option<&Shape>) -> Schema {
        let nothing = Shape::default();
        let content = shown.map_or(&nothing, Shape::elements);
        if !children.is_empty() {
            return schema::object(self.nodes(children, content));
        }
        match kind {
            Some(Kind::Scalar(scalar)) => schema::scalar(*scalar),
            _ => self.strings(row, content),
        }
    }

    /// Elements of a list whose type the page does not state.
    fn strings(&mut self, row: &Row, content: &Shape) -> Schema {
        let name = &row.name;
        if !content.members.is_empty() {
            let message = format!("no table has the members of `{name}`; taken as the sample shows them");
            self.notes.undecided(row.line, message);
            return Shape { is_list: false, ..content.clone() }.schema();
        }
        if content.is_unknown() {
            self.notes.undecided(row.line, format!("the elements of `{name}` have no known type, taken as strings"));
        }
        schema::scalar(content.scalar.unwrap_or(Scalar::String))
    }

    /// A list with such elements, in its wrapper.
    fn listed(&mut self, row: &Row, element: Schema, shown: Option<&Shape>) -> Schema {
        if let Some(shown) = shown {
            if let Some(item) = shown.wrapped().map(|(item, _)| item).or(shown.wrapper.as_deref()) {
                self.check_item(row, item);
                return schema::wrapped(item, element);
            }
            // A row of its own states the elements.
            let is_stated = row.item.is_some() && row.kind.reference().is_none();
            if shown.is_list && !shown.may_be_list {
                let Some(item) = row.item.as_deref().filter(|_| is_stated) else { return schema::list(element) };
                let message = format!(
                    "samples show no `{item}` in the list `{0}`, but the table has a row for it; taken as `{0}.{item}`",
                    row.name
                );
                self.notes.decided(row.line, message);
                return schema::wrapped(item, element);
            }
            if let Some((item, _)) = shown.only() {
                return schema::wrapped(item, element);
            }
        }
        // Other lists of the sample may show the item: `PublicIpAddress.IpAddress`.
        let alike = || {
            let alike = self.sample.wrappers().into_iter().find(|(list, item)| {
                *item != singular(list) && list.ends_with(item) && row.name.ends_with(item) && row.name != *item
            });
            alike.map_or_else(|| singular(&row.name), |(_, item)| item.to_owned())
        };
        let item = row.item.clone().unwrap_or_else(alike);
        // `Array of Widget` names the type of the elements, which need not be the name in the wrapper.
        let of_type = row.kind.reference().filter(|_| matches!(row.kind, Kind::List(_)));
        let is_stated = row.item.is_some() && of_type != Some(item.as_str()) && !row.is_item_type;
        let is_struct = shown.is_some_and(|shown| shown.members.len() > 1 && !shown.is_list && !shown.may_be_list);
        if is_struct {
            let message = format!("samples show no list in `{0}`; taken as the list `{0}.{item}`", row.name);
            self.notes.undecided(row.line, message);
        } else if !is_stated {
            let message = format!("no sample shows the list `{0}`, taken as `{0}.{item}`", row.name);
            self.notes.undecided(row.line, message);
        }
        schema::wrapped(&item, element)
    }

    /// Reports a row for the elements of a list that has another name than the sample shows.
    fn check_item(&mut self, row: &Row, shown: &str) {
        let has_row = matches!(&row.kind, Kind::List(Some(element)) if element.reference().is_none());
        if let Some(item) = row.item.as_ref().filter(|item| has_row && *item != shown) {
            let message = format!(
                "the table names the elements of `{}` `{item}`, the sample `{shown}`, which is taken",
                row.name
            );
            self.notes.undecided(row.line, message);
        }
    }

    /// A member of a type that has a table or a page of its own.
    fn named(&mut self, row: &Row, name: &str, children: Vec<Node>, shown: Option<&Shape>) -> Schema {
        let nothing = Shape::default();
        let described = (self.describe)(name);
        let Some(described) = described.filter(|_| children.is_empty()) else {
            if !children.is_empty() {
                return self.unset(row, children, shown);
            }
            self.notes.undecided(
                row.line,
                format!("no page describes the type `{name}` of `{}`, taken as the sample shows it", row.name),
            );
            return self.as_shown(row, shown);
        };
        let is_list = matches!(row.kind, Kind::List(_));
        // The table may describe the wrapper of a list, or the elements in it.
        let only = described.rows.first().filter(|_| described.rows.len() == 1);
        let item = shown.and_then(|shown| shown.wrapped().or_else(|| shown.only()));
        let is_wrapper = match (only, item) {
            (Some(only), Some((item, _))) => only.name.eq_ignore_ascii_case(item),
            (Some(only), None) => match shown {
                Some(shown) => shown.member(&only.name).is_some(),
                None => is_set(name) || matches!(only.kind, Kind::List(_)),
            },
            (None, _) => false,
        };
        if is_wrapper {
            let members = self.described(name, shown.unwrap_or(&nothing)).unwrap_or_default();
            // Its table states the list, so it is in this wrapper and no further one.
            let is_list = only.is_some_and(|only| matches!(only.kind, Kind::List(_)));
            let list = members.first().filter(|(item, _)| {
                let inner = shown.and_then(|shown| shown.member(item));
                is_list && inner.is_none_or(|inner| inner.wrapped().is_none())
            });
            if let Some((item, list)) = list.and_then(|(item, schema)| Some((item, only_list(schema)?))) {
                return schema::object(IndexMap::from([(item.clone(), list.clone())]));
            }
            return match (members.first(), item) {
                (Some((item, schema)), _)
                    if schema.kind.as_deref() != Some("array") && is_list_in(shown, item, name) =>
                {
                    schema::wrapped(&item.clone(), schema.clone())
                }
                _ => schema::object(members),
            };
        }
        let content = shown.map_or(&nothing, if is_list { Shape::elements } else { Shape::content });
        let mut members = self.described(name, content).unwrap_or_default();
        // The table may describe a single value, which the sample shows as such.
        let is_single = members.len() == 1 && content.members.is_empty() && content.scalar.is_some();
        let element = match members.pop().filter(|_| is_single) {
            Some((member, schema)) => {
                let message =
                    format!("`{name}` has the member `{member}`, but samples show single values, which are taken");
                self.notes.undecided(row.line, message);
                schema
            }
            None => schema::object(self.described(name, content).unwrap_or_default()),
        };
        if is_list {
            return self.listed(row, element, shown);
        }
        match shown {
            Some(shown) if shown.wrapped().is_some() || shown.is_list => self.listed(row, element, Some(shown)),
            Some(_) => element,
            None if row.name.ends_with('s') && !row.name.ends_with("ss") => {
                let item = described.node.filter(|node| *node != row.name).unwrap_or_else(|| singular(&row.name));
                self.notes
                    .undecided(row.line, format!("no sample shows `{0}`, taken as the list `{0}.{item}`", row.name));
                schema::wrapped(&item, element)
            }
            None => {
                self.notes.undecided(row.line, format!("no sample shows `{}`, taken as a struct", row.name));
                element
            }
        }
    }

    /// The members of a type that is described apart.
    fn described(&mut self, name: &str, sample: &Shape) -> Option<IndexMap<String, Schema>> {
        let described = (self.describe)(name)?;
        if self.around.iter().any(|around| around == name) {
            return Some(IndexMap::new());
        }
        self.around.push(name.to_owned());
        let path = std::mem::replace(&mut self.notes.path, described.path);
        let members = self.read(described.rows, sample);
        self.notes.path = path;
        self.around.pop();
        Some(members)
    }

    /// A member whose type the table leaves out.
    fn unset(&mut self, row: &Row, children: Vec<Node>, shown: Option<&Shape>) -> Schema {
        if children.is_empty() {
            if shown.is_none() {
                self.notes
                    .undecided(row.line, format!("`{}` has neither a type nor members, taken as a string", row.name));
            }
            return self.as_shown(row, shown);
        }
        let nothing = Shape::default();
        let members = schema::object(self.nodes(children, shown.map_or(&nothing, Shape::content)));
        match shown {
            Some(shown) if shown.wrapped().is_some() || shown.is_list => self.listed(row, members, Some(shown)),
            Some(_) => members,
            None if row.name.ends_with('s') && !row.name.ends_with("ss") => {
                let item = singular(&row.name);
                self.notes
                    .undecided(row.line, format!("no sample shows `{0}`, taken as the list `{0}.{item}`", row.name));
                schema::wrapped(&item, members)
            }
            None => {
                self.notes.undecided(row.line, format!("no sample shows `{}`, taken as a struct", row.name));
                members
            }
        }
    }

    /// A member of which only the sample shows anything.
    fn as_shown(&mut self, row: &Row, shown: Option<&Shape>) -> Schema {
        let Some(shown) = shown else { return schema::scalar(Scalar::String) };
        let is_list = shown.wrapped().is_some() || shown.is_list;
        if is_list {
            let element = self.strings(row, shown.content());
            return self.listed(row, element, Some(shown));
        }
        if shown.members.is_empty() { schema::scalar(Scalar::String) } else { schema::object(IndexMap::new()) }
    }
}

/// The members of a struct, or of the elements of a list, which can be in a wrapper.
fn content(schema: &mut Schema, is_wrapper: bool) -> &mut IndexMap<String, Schema> {
    if is_wrapper {
        let item = schema.properties.keys().next().cloned().unwrap_or_default();
        return content(schema.properties.entry(item).or_default(), false);
    }
    match schema.kind.as_deref() {
        Some("array") => &mut schema.items.get_or_insert_default().properties,
        _ => &mut schema.properties,
    }
}

/// The list that is the only member of a struct.
fn only_list(schema: &Schema) -> Option<&Schema> {
    let (_, list) = schema.properties.first().filter(|_| schema.properties.len() == 1)?;
    Some(list).filter(|list| list.kind.as_deref() == Some("array"))
}

/// Whether a type is named like the wrapper of a list.
fn is_set(name: &str) -> bool {
    name.ends_with("SetType") || name.ends_with("Set")
}

/// Whether the only member of a wrapper is a list, although its table says otherwise.
fn is_list_in(shown: Option<&Shape>, item: &str, name: &str) -> bool {
    match shown.and_then(|shown| shown.member(item)) {
        Some(shown) => shown.is_list || shown.may_be_list && is_set(name),
        None => is_set(name),
    }
}
