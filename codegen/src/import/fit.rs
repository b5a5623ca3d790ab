//! Removes from a field the facts that do not fit its type or each other, so that specs comply with the rules. Published files
//! state such facts, and facts of the specs no longer fit when a type or a limit follows the API.

use serde::Serialize;
use serde_json::{Number, Value};

use super::api::Schema;
use super::decision::Decision;
use super::facts::{DECIDABLE, display};
use super::member::{Direction, Member, Shape};
use super::schema_facts::{self, convert};
use crate::spec::{Field, Type, is_time_name, time_form};
use crate::validate::{SCALARS, fits_scalar, is_invisible, is_undecided_batch, pattern_error, violated_limit};

/// The type that the facts of a field have to fit.
#[derive(Clone, Copy)]
pub(super) struct Kind<'t> {
    /// Name of a scalar or of a type; `enum` or `struct` for a type that has no name yet.
    pub(super) name: &'t str,
    pub(super) is_list: bool,
    /// The enum or struct, if it has a name.
    pub(super) ty: Option<&'t Type>,
}

/// A fact that does not fit.
pub(super) struct Misfit {
    /// Its key in specs.
    fact: &'static str,
    value: Value,
    /// The value in its place, if it could be converted.
    converted: Option<Value>,
    problem: String,
}

impl Misfit {
    /// The line about a fact of the specs.
    fn in_specs(&self) -> String {
        let Misfit { fact, value, converted, problem } = self;
        match converted {
            Some(converted) => format!("{fact} {value} → {converted}"),
            None if *value == Value::Bool(true) => format!("{fact} removed: {problem}"),
            None => format!("{fact} {value} removed: {problem}"),
        }
    }

    /// The line about a fact of a published file.
    pub(super) fn published(&self) -> String {
        let fact = match self.fact {
            "min" => "minimum",
            "max" => "maximum",
            "min_length" => "minLength",
            "max_length" => "maxLength",
            "min_items" => "minItems",
            "max_items" => "maxItems",
            "replaced_by" => "replacedBy",
            "values" => "enum",
            fact => fact,
        };
        format!("`{fact}` {}: {}", display(&self.value), self.problem)
    }
}

/// Removes or converts the facts that do not fit a field that follows the API. Facts that `imported` states are overridden, so
/// that another import does not add them again. Returns a line about each change.
pub(super) fn fit(field: &mut Field, imported: &Field, ty: Option<&Type>, direction: Direction) -> Vec<String> {
    let name = field.ty.name().to_owned();
    let kind = Kind { name: &name, is_list: field.ty.is_list(), ty };
    let mut misfits = remove_misfits(field, kind, imported);
    if direction == Direction::Request
        && field.required
        && let Some(value) = field.default.take()
    {
        let problem = "the member is required".to_owned();
        misfits.push(Misfit { fact: "default", value, converted: None, problem });
    }
    let stated = serde_json::to_value(imported).unwrap_or_default();
    for misfit in misfits.iter().filter(|misfit| misfit.converted.is_none() && DECIDABLE.contains(&misfit.fact)) {
        let is_stated = match &stated[misfit.fact] {
            Value::Array(values) if misfit.fact == "values" => values.contains(&misfit.value),
            value => !value.is_null(),
        };
        if is_stated {
            let reason = "The API states it, but it contradicts the type, the limits or the use of the member.";
            field.decided.entry(misfit.fact.to_owned()).or_insert_with(|| reason.into());
        }
    }
    misfits.iter().map(Misfit::in_specs).collect()
}

/// Removes facts that do not fit a member, and returns what was decided.
pub(super) fn settle(member: &mut Member, schema: &Schema, direction: Direction) -> Vec<(Decision, String)> {
    if member.shape == Shape::Builtin("time") && direction == Direction::Request && member.field.time.is_none() {
        member.shape = Shape::Builtin("string");
    }
    let name = member.shape.name();
    let field = &mut member.field;
    if name != "time" {
        field.time = None;
    }
    let stated = field.clone();
    let misfits = remove_misfits(field, Kind { name, is_list: member.list, ty: None }, &stated);
    let lines = schema_facts::unreadable(schema).into_iter().chain(misfits.iter().map(Misfit::published));
    let mut notes: Vec<(Decision, String)> = lines.map(|line| (Decision::Fact, line)).collect();
    if name == "string" && is_time_name(&field.name) {
        let reason = match (direction, schema_facts::example(schema).is_empty()) {
            (Direction::Request, true) => "The published API states no format.",
            _ => "The published sample is not a point in time.",
        };
        field.plain = Some(reason.to_owned());
        notes.push((Decision::Time, format!("a string: {}", reason.to_lowercase().trim_end_matches('.'))));
    }
    notes
}

/// Removes or converts the facts that do not fit the type of a field, or each other. Of two limits that contradict each other,
/// the one that `stated` does not have is removed; if it has both, neither can be trusted.
pub(super) fn remove_misfits(field: &mut Field, kind: Kind<'_>, stated: &Field) -> Vec<Misfit> {
    let mut fit = Fit { kind, misfits: Vec::new() };
    let is_scalar = SCALARS.contains(&kind.name);
    let is_string = kind.name == "string";
    let other_type = match kind.name {
        "enum" | "struct" => format!("the member is {} {}", if kind.name == "enum" { "an" } else { "a" }, kind.name),
        name => format!("the type is {name}"),
    };
    if field.replaced_by.as_ref().is_some_and(|by| by.contains(is_invisible)) {
        fit.remove("replaced_by", &mut field.replaced_by, INVISIBLE);
    }
    if !is_string {
        fit.remove("pattern", &mut field.pattern, &other_type);
        fit.remove("min_length", &mut field.min_length, &other_type);
        fit.remove("max_length", &mut field.max_length, &other_type);
        fit.remove("plain", &mut field.plain, &other_type);
    }
    if field.pattern.as_ref().is_some_and(|pattern| pattern.contains(is_invisible)) {
        fit.remove("pattern", &mut field.pattern, INVISIBLE);
    }
    if let Some(cause) = field.pattern.as_deref().and_then(pattern_error) {
        fit.remove("pattern", &mut field.pattern, &format!("it is not a regular expression: {cause}"));
    }
    if !is_string || kind.is_list {
        let problem = if kind.is_list { "the member is a list" } else { &other_type };
        fit.remove("encoded_by", &mut field.encoded_by, problem);
        fit.remove("max_bytes", &mut field.max_bytes, problem);
        fit.unset("base64", &mut field.base64, problem);
    }
    if !matches!(kind.name, "i32" | "i64" | "f32" | "f64" | "string") {
        fit.remove("min", &mut field.min, &other_type);
        fit.remove("max", &mut field.max, &other_type);
    }
    if kind.name != "time" {
        fit.remove("time", &mut field.time, &other_type);
    }
    if !kind.is_list {
        fit.remove("min_items", &mut field.min_items, "the member is not a list");
        fit.remove("max_items", &mut field.max_items, "the member is not a list");
    }
    fit.limits(field, stated);
    let is_batch = kind.is_list && is_string && field.max_items.is_some() && field.undivided.is_none();
    if field.batch && !is_batch {
        fit.unset("batch", &mut field.batch, "the member is not a limited list of strings");
    }
    let could_be_batch = is_undecided_batch(&Field { undivided: None, ..field.clone() });
    if field.undivided.is_some() && !could_be_batch {
        fit.remove("undivided", &mut field.undivided, "the member is not a limited list of IDs");
    }
    let unlimited = Field { values: Vec::new(), ..field.clone() };
    let is_allowed = |value: &Value| {
        is_scalar && kind.name != "map" && fits_scalar(kind.name, value) && violated_limit(&unlimited, value).is_none()
    };
    let (kept, lost) = std::mem::take(&mut field.values).into_iter().partition(is_allowed);
    field.values = kept;
    for value in lost {
        fit.remove("values", &mut Some(value), UNFIT);
    }
    field.default = fit.value("default", field, field.default.clone());
    field.example = fit.value("example", field, field.example.clone());
    fit.misfits
}

const INVISIBLE: &str = "it contains an invisible character";
const UNFIT: &str = "it does not fit the type and the limits";

struct Fit<'t> {
    kind: Kind<'t>,
    misfits: Vec<Misfit>,
}

impl Fit<'_> {
    fn remove<T: Serialize>(&mut self, fact: &'static str, value: &mut Option<T>, problem: &str) {
        let Some(value) = value.take() else { return };
        let value = serde_json::to_value(value).unwrap_or_default();
        self.misfits.push(Misfit { fact, value, converted: None, problem: problem.to_owned() });
    }

    fn unset(&mut self, fact: &'static str, flag: &mut bool, problem: &str) {
        self.remove(fact, &mut std::mem::take(flag).then_some(true), problem);
    }

    /// Removes limits that contradict each other.
    fn limits(&mut self, field: &mut Field, stated: &Field) {
        let float = |limit: &Option<Number>| limit.as_ref().and_then(Number::as_f64);
        if let (Some(min), Some(max)) = (float(&field.min), float(&field.max)) {
            let is_stated = (stated.min.is_some(), stated.max.is_some());
            self.pair(min > max, ("min", &mut field.min), ("max", &mut field.max), is_stated);
        }
        if let (Some(min), Some(max)) = (field.min_length, field.max_length) {
            let is_stated = (stated.min_length.is_some(), stated.max_length.is_some());
            let limits = (("min_length", &mut field.min_length), ("max_length", &mut field.max_length));
            self.pair(min > max, limits.0, limits.1, is_stated);
        }
        if let (Some(min), Some(max)) = (field.min_items, field.max_items) {
            let is_stated = (stated.min_items.is_some(), stated.max_items.is_some());
            let limits = (("min_items", &mut field.min_items), ("max_items", &mut field.max_items));
            self.pair(min > max, limits.0, limits.1, is_stated);
        }
    }

    fn pair<T: Serialize>(
        &mut self,
        contradict: bool,
        (min, least): (&'static str, &mut Option<T>),
        (max, most): (&'static str, &mut Option<T>),
        (states_min, states_max): (bool, bool),
    ) {
        if contradict && (states_max || !states_min) {
            self.remove(min, least, "it is greater than the maximum");
        }
        if contradict && (states_min || !states_max) {
            self.remove(max, most, "it is less than the minimum");
        }
    }

    /// The value of a default or an example, converted to the type of the field. It is removed if it does not fit.
    fn value(&mut self, fact: &'static str, field: &Field, value: Option<Value>) -> Option<Value> {
        let value = value?;
        let Some(problem) = self.problem(field, &value) else { return Some(value) };
        let Kind { name, is_list, .. } = self.kind;
        let converted = Some(&value).filter(|value| SCALARS.contains(&name) && !value.is_array() && !is_list);
        let converted = converted.and_then(|value| convert(value, name));
        let converted = converted.filter(|converted| self.problem(field, converted).is_none());
        self.misfits.push(Misfit { fact, value, converted: converted.clone(), problem: problem.to_owned() });
        converted
    }

    /// Why a default or an example is not a value of the field; `None` if it is one.
    fn problem(&self, field: &Field, value: &Value) -> Option<&'static str> {
        let Kind { name, is_list, ty } = self.kind;
        let elements = match value {
            Value::Array(elements) if is_list => elements.as_slice(),
            value => std::slice::from_ref(value),
        };
        let is_above = field.max_items.is_some_and(|max| elements.len() > max as usize);
        let is_below = value.is_array() && field.min_items.is_some_and(|min| elements.len() < min as usize);
        let form = field.time.as_deref().filter(|_| name == "time");
        let is_one = |value: &Value| match ty {
            Some(Type { values: Some(values), .. }) => value.as_str().is_some_and(|text| values.contains_key(text)),
            Some(Type { fields: Some(fields), .. }) => {
                value.as_object().is_some_and(|map| map.keys().all(|key| fields.iter().any(|field| field.name == *key)))
            }
            _ => {
                fits_scalar(name, value)
                    && violated_limit(field, value).is_none()
                    && (form.is_none() || value.as_str().and_then(time_form) == form)
            }
        };
        let any = |fits: &dyn Fn(&str) -> bool| elements.iter().filter_map(Value::as_str).any(fits);
        if any(&|text| text.contains(is_invisible)) {
            Some(INVISIBLE)
        } else if is_list && (is_above || is_below) || !elements.iter().all(is_one) {
            Some(UNFIT)
        } else if name == "string" && field.values.is_empty() && any(&|text| matches!(text, "true" | "false")) {
            Some("it is a Boolean, but the parameter is a string that may have other values")
        } else {
            None
        }
    }
}
