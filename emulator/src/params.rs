//! Converts flat parameters to typed arguments, and checks them against the spec of the operation.

use std::{collections::BTreeMap, ops::Bound};

use ecs_codegen::spec::{Field, Type};
use serde_json::{Map, Value};

use crate::{
    args::Args,
    error::{EcsError, Result},
    specs::OperationSpec,
    values::{self, json},
};

/// Reads the parameters of an operation. Parameters that the spec does not have are ignored, as in the service.
///
/// # Errors
///
/// Returns `MissingParameter` for the first missing required parameter, or else `InvalidParameter` for the first malformed
/// value.
pub(crate) fn read(operation: OperationSpec<'_>, flat: &BTreeMap<String, String>) -> Result<Args> {
    let reader = Reader { operation, flat };
    let fields = &operation.operation.request;
    if let Some(field) = fields.iter().find(|field| field.required && !reader.present(&field.name)) {
        return Err(EcsError::missing(&field.name));
    }
    // A request has few of the parameters of an operation. The others are skipped before their names are put together.
    let mut starts: Vec<&str> = flat.keys().map(|name| start(name)).collect();
    starts.dedup();
    let sent = fields.iter().filter(|field| {
        let own = start(&field.name);
        starts.iter().any(|sent| sent.eq_ignore_ascii_case(own))
    });
    Ok(Args::new(reader.members(sent, "")?))
}

/// Returns the part of a name before the first dot.
fn start(name: &str) -> &str {
    name.split_once('.').map_or(name, |(start, _)| start)
}

struct Reader<'a> {
    operation: OperationSpec<'a>,
    flat: &'a BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    /// Returns the value of the parameter with this name; an empty value is treated as absent. Programs send `RegionId` to the
    /// operations that call it `regionId` too, so that a name with a small letter has one with a capital besides.
    fn value(&self, path: &str) -> Option<&'a str> {
        let value = self.flat.get(path).or_else(|| {
            let (first, rest) = path.split_at_checked(1).filter(|(first, _)| *first != first.to_ascii_uppercase())?;
            self.flat.get(&format!("{}{rest}", first.to_ascii_uppercase()))
        });
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns the parameters whose names start with `path.`: the rest of the name, and the value.
    fn below(&self, path: &str) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let prefix = format!("{path}.");
        self.flat
            .range::<String, _>((Bound::Included(&prefix), Bound::Unbounded))
            .map_while(move |(name, value)| Some((name.strip_prefix(&prefix)?, value.as_str())))
    }

    fn present(&self, path: &str) -> bool {
        self.value(path).is_some() || self.below(path).any(|(_, value)| !value.is_empty())
    }

    fn members<'f>(&self, fields: impl IntoIterator<Item = &'f Field>, prefix: &str) -> Result<Map<String, Value>> {
        let mut members = Map::new();
        for field in fields {
            if let Some(value) = self.field(field, &format!("{prefix}{}", field.name))? {
                members.insert(field.name.clone(), value);
            }
        }
        Ok(members)
    }

    fn field(&self, field: &Field, path: &str) -> Result<Option<Value>> {
        if field.ty.is_list() {
            let Some(items) = self.list(field, path)? else { return Ok(None) };
            self.check_count(field, path, items.len())?;
            if matches!(path, "Tag" | "TemplateTag") && !self.operation.operation.read {
                values::check_tags(self.operation, path, &items)?;
            }
            return Ok(Some(Value::Array(items)));
        }
        if field.wire.as_deref() == Some("json") {
            return self.value(path).map(|text| json(path, text)).transpose();
        }
        if let Some(Type { fields: Some(fields), .. }) = self.operation.ty(field.ty.name()) {
            let members = self.members(fields, &format!("{path}."))?;
            return Ok((!members.is_empty()).then_some(Value::Object(members)));
        }
        if field.ty.name() == "map" {
            if let Some(text) = self.value(path) {
                return json(path, text).map(Some);
            }
            let members: Map<String, Value> =
                self.below(path).map(|(name, value)| (name.to_owned(), value.into())).collect();
            return Ok((!members.is_empty()).then_some(Value::Object(members)));
        }
        self.value(path).map(|text| values::scalar(self.operation, field, path, text)).transpose()
    }

    fn list(&self, field: &Field, path: &str) -> Result<Option<Vec<Value>>> {
        match field.wire.as_deref() {
            Some("json") => {
                let Some(text) = self.value(path) else { return Ok(None) };
                let Value::Array(items) = json(path, text)? else {
                    return Err(EcsError::invalid(path, format_args!("{text} is not a JSON list")));
                };
                let convert = |item: Value| match item {
                    Value::String(text) => values::scalar(self.operation, field, path, &text),
                    Value::Number(number) => values::scalar(self.operation, field, path, &number.to_string()),
                    Value::Object(_) => Ok(item),
                    other => Err(EcsError::invalid(path, format_args!("{other} cannot be an element of the list"))),
                };
                items.into_iter().map(convert).collect::<Result<_>>().map(Some)
            }
            Some("comma") => {
                let Some(text) = self.value(path) else { return Ok(None) };
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                items.map(|item| values::scalar(self.operation, field, path, item)).collect::<Result<_>>().map(Some)
            }
            _ => self.repeated(field, path),
        }
    }

    /// Reads `Name.1`, `Name.2`, … or `Name.1.Member`, numbered from 1 without a gap.
    fn repeated(&self, field: &Field, path: &str) -> Result<Option<Vec<Value>>> {
        if self.value(path).is_some() {
            return Err(EcsError::invalid(path, format_args!("its elements are named {path}.1, {path}.2 and so on")));
        }
        let mut indexes = BTreeMap::new();
        for (rest, _) in self.below(path) {
            let (index, member) = rest.split_once('.').unwrap_or((rest, ""));
            let number = index.parse::<usize>().ok().filter(|number| *number > 0);
            let number = number.ok_or_else(|| {
                EcsError::invalid(&format!("{path}.{rest}"), format_args!("{index:?} is not a number from 1"))
            })?;
            indexes.insert(number, member.is_empty());
        }
        if let Some((gap, _)) = (1..).zip(indexes.keys()).find(|(expected, index)| *expected != **index) {
            return Err(EcsError::invalid(
                path,
                format_args!("there is no {path}.{gap}; elements are numbered from 1 without a gap"),
            ));
        }
        if indexes.is_empty() {
            return Ok(None);
        }
        let fields = self.operation.ty(field.ty.name()).and_then(|ty| ty.fields.as_deref());
        let items = indexes.into_iter().map(|(index, bare)| {
            let path = format!("{path}.{index}");
            match (fields, bare) {
                (Some(_), true) => Err(EcsError::invalid(&path, "it has members, which are named after a further dot")),
                (Some(fields), false) => self.members(fields, &format!("{path}.")).map(Value::Object),
                (None, true) => values::scalar(self.operation, field, &path, self.value(&path).unwrap_or_default()),
                (None, false) => Err(EcsError::invalid(&path, "it has no members")),
            }
        });
        items.collect::<Result<_>>().map(Some)
    }

    fn check_count(&self, field: &Field, path: &str, count: usize) -> Result<()> {
        if let Some(max) = field.max_items.filter(|max| count > *max as usize) {
            return Err(values::too_many(self.operation, path, count, max));
        }
        if field.min_items.is_some_and(|min| count < min as usize) {
            let min = field.min_items.unwrap_or_default();
            return Err(EcsError::invalid(path, format_args!("{count} elements; at least {min} are required")));
        }
        Ok(())
    }
}
