//! State of an import: the operation, the shared types, and the owners of members and values.

use std::collections::{HashMap, HashSet};

use super::decision::{Decision, Note};
use super::policy::Policy;
use super::report::{Entry, Kind, Report};
use super::shape::Direction;
use crate::spec::{Field, Operation, SharedTypes, Type};
use crate::type_graph::Scope;

/// Owner of report entries about shared types.
pub(super) const TYPES_FILE: &str = "types.json";

/// The shared types of a service while its operations are imported.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) types: SharedTypes,
    /// The direction of each struct that an operation uses.
    pub(super) directions: HashMap<String, Direction>,
    /// Members and values of shared types that the API has.
    pub(super) seen: HashSet<(Owner, String)>,
    /// Decided facts of members that the API states differently.
    pub(super) overridden: HashSet<(Owner, String, String)>,
}

impl Shared {
    pub(super) fn new<'o>(types: &SharedTypes, operations: impl Iterator<Item = &'o Operation>) -> Shared {
        let mut directions = HashMap::new();
        for operation in operations {
            note_directions(operation, types, &mut directions);
        }
        directions.retain(|name, _| types.contains_key(name));
        Shared { types: types.clone(), directions, seen: HashSet::new(), overridden: HashSet::new() }
    }

    /// Records the direction of a struct and of its nested structs.
    fn mark(&mut self, name: &str, direction: Direction) {
        let Some(ty) = self.types.get(name) else { return };
        let Some(fields) = &ty.fields else { return };
        let below = Scope::shared(&self.types).reached(fields);
        let below = below.into_iter().filter(|reached| reached.ty.fields.is_some()).map(|reached| reached.name);
        for name in below.chain([name]) {
            self.directions.entry(name.to_owned()).or_insert(direction);
        }
    }
}

/// Records the direction of each struct that an operation uses.
fn note_directions(operation: &Operation, types: &SharedTypes, directions: &mut HashMap<String, Direction>) {
    for (direction, fields) in [(Direction::Request, &operation.request), (Direction::Response, &operation.response)] {
        for reached in Scope::of(operation, types).reached(fields) {
            if reached.ty.fields.is_some() {
                directions.entry(reached.name.to_owned()).or_insert(direction);
            }
        }
    }
}

/// A list of fields, or the values of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Request,
    Response,
    Local(String),
    Shared(String),
}

/// Location of a member: its owner, and the path that reports show.
pub(super) struct Place<'a> {
    pub(super) owner: &'a Owner,
    pub(super) direction: Direction,
    pub(super) path: &'a str,
}

/// Updates one operation.
pub(super) struct Merger<'a> {
    pub(super) operation: Operation,
    /// The direction of each of the operation's structs.
    pub(super) directions: HashMap<String, Direction>,
    pub(super) shared: &'a mut Shared,
    pub(super) report: &'a mut Report,
    pub(super) policy: Policy,
    pub(super) is_new: bool,
    /// The operation's structs that are already updated. Further uses must agree with them.
    pub(super) updated_structs: HashSet<String>,
    /// Members of the API, and values of its enums in lower case.
    pub(super) seen: HashSet<(Owner, String)>,
    /// Decided facts of members that the API states differently.
    pub(super) overridden: HashSet<(Owner, String, String)>,
    pub(super) decisions: Vec<Note>,
}

impl<'a> Merger<'a> {
    pub(super) fn new(
        operation: Operation,
        old: Option<&Operation>,
        policy: Policy,
        shared: &'a mut Shared,
        report: &'a mut Report,
    ) -> Self {
        let mut directions = HashMap::new();
        note_directions(&operation, &SharedTypes::new(), &mut directions);
        let (updated_structs, seen, overridden, decisions) = Default::default();
        Merger {
            operation,
            directions,
            shared,
            report,
            policy,
            is_new: old.is_none(),
            updated_structs,
            seen,
            overridden,
            decisions,
        }
    }

    /// The type with this name, and its owner.
    pub(super) fn find_type(&self, name: &str) -> Option<(Owner, &Type)> {
        let local = self.operation.types.get(name).map(|ty| (Owner::Local(name.to_owned()), ty));
        local.or_else(|| self.shared.types.get(name).map(|ty| (Owner::Shared(name.to_owned()), ty)))
    }

    /// The enum with this name.
    pub(super) fn enum_of(&self, name: &str) -> Option<Owner> {
        self.find_type(name).filter(|(_, ty)| ty.values.is_some()).map(|(owner, _)| owner)
    }

    pub(super) fn direction(&self, owner: &Owner) -> Option<Direction> {
        match owner {
            Owner::Request => Some(Direction::Request),
            Owner::Response => Some(Direction::Response),
            Owner::Local(name) => self.directions.get(name).copied(),
            Owner::Shared(name) => self.shared.directions.get(name).copied(),
        }
    }

    pub(super) fn owner_name(&self, owner: &Owner) -> Option<String> {
        match owner {
            Owner::Request | Owner::Response => None,
            Owner::Local(name) | Owner::Shared(name) => Some(name.clone()),
        }
    }

    /// Records the direction of a shared struct that an operation uses, and of its nested structs.
    pub(super) fn mark_shared(&mut self, name: &str, direction: Direction) {
        self.shared.mark(name, direction);
    }

    pub(super) fn note(&mut self, kind: Kind, path: &str, detail: impl Into<String>) {
        self.report.push(kind, &self.operation.operation, path, detail);
    }

    /// Reports a decision about a fact of a member.
    pub(super) fn decide_fact(&mut self, path: &str, detail: String) {
        let path = path.trim_end_matches("[]").to_owned();
        self.decisions.push(Note { decision: Decision::Fact, path, at: String::new(), detail });
    }

    /// Reports a fact that the API states differently and that the spec keeps.
    pub(super) fn note_kept_difference(&mut self, path: &str, detail: String) {
        let entry = Entry::new(Kind::Kept, self.operation.operation.clone(), path.to_owned(), detail);
        self.report.add(Entry { is_difference: true, ..entry });
    }

    pub(super) fn note_unless_new(&mut self, kind: Kind, path: &str, detail: String) {
        if !self.is_new {
            self.note(kind, path, detail);
        }
    }

    /// The fields of a request, a response or a struct.
    pub(super) fn fields_of(&mut self, owner: &Owner) -> &mut Vec<Field> {
        match owner {
            Owner::Request => &mut self.operation.request,
            Owner::Response => &mut self.operation.response,
            Owner::Local(name) => self.operation.types.entry(name.clone()).or_default().fields.get_or_insert_default(),
            Owner::Shared(name) => self.shared.types.entry(name.clone()).or_default().fields.get_or_insert_default(),
        }
    }

    pub(super) fn type_mut(&mut self, owner: &Owner) -> Option<&mut Type> {
        match owner {
            Owner::Local(name) => self.operation.types.get_mut(name),
            Owner::Shared(name) => self.shared.types.get_mut(name),
            Owner::Request | Owner::Response => None,
        }
    }
}

impl Owner {
    pub(super) fn name(&self) -> &str {
        match self {
            Owner::Request => "request",
            Owner::Response => "response",
            Owner::Local(name) | Owner::Shared(name) => name,
        }
    }
}
