//! Parameters of a request, whose dotted names state their nesting: `Disk.N.Size`.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::cell::{Kind, Scalar, is_index};
use super::nesting::Row;
use super::notes::Notes;
use super::response::Described;
use super::rpc::COMMON_PARAMETERS;
use super::schema;
use crate::import::{Parameter, Schema};

/// Depth beyond which the members of types are not read.
const MAX_DEPTH: usize = 8;

/// A parameter, or a part of its name that others share.
#[derive(Debug, Default)]
struct Part {
    is_list: bool,
    row: Option<Row>,
    parts: IndexMap<String, Part>,
    /// The names of `parts`, by their form in lower case.
    names: HashMap<String, String>,
}

/// The parameters that the rows state. `sample` has the parameters of the sample request.
pub(super) fn parameters(rows: Vec<Row>, sample: &IndexMap<String, String>, notes: &mut Notes) -> Vec<Parameter> {
    let mut root = Part::default();
    for row in rows {
        if !COMMON_PARAMETERS.contains(&row.name.as_str()) {
            root.insert(row, notes);
        }
    }
    let reader = Reader { sample };
    let parts = root.parts.into_iter();
    parts
        .map(|(name, part)| {
            let schema = reader.schema(&name, part, true, notes);
            Parameter { name, style: schema.style.clone(), schema, ..Parameter::default() }
        })
        .collect()
}

impl Part {
    fn insert(&mut self, row: Row, notes: &mut Notes) {
        let mut part = self;
        let name = row.name.clone();
        for word in name.split('.') {
            if is_index(word) {
                part.is_list = true;
                continue;
            }
            let twin = part.names.insert(word.to_ascii_lowercase(), word.to_owned());
            if let Some(twin) = twin.filter(|twin| twin != word) {
                let is_capital = word.starts_with(|c: char| c.is_ascii_uppercase());
                let (kept, left_out) = if is_capital { (word, twin.as_str()) } else { (twin.as_str(), word) };
                notes.decided(
                    row.line,
                    format!("`{left_out}` is left out, since `{kept}` differs from it only by case"),
                );
                if !is_capital {
                    part.names.insert(word.to_ascii_lowercase(), twin);
                    return;
                }
                part.parts.shift_remove(&twin);
            }
            part = part.parts.entry(word.to_owned()).or_default();
        }
        match &part.row {
            Some(known) if known.kind != row.kind || known.required != row.required => {
                notes.decided(
                    row.line,
                    format!("`{name}` is stated again with other facts; line {} is taken", known.line),
                );
            }
            // `Filter.1.Key` and `Filter.2.Key` are the same member.
            Some(_) => {}
            None => part.row = Some(row),
        }
    }
}

/// A parameter with the members of its type, if that is described apart.
pub(super) fn with_members(row: Row, describe: &dyn Fn(&str) -> Option<Described>, depth: usize) -> Vec<Row> {
    let described = row.kind.reference().filter(|_| depth < MAX_DEPTH).and_then(describe);
    let Some(described) = described else { return vec![row] };
    let is_list = matches!(row.kind, Kind::List(_)) && !row.name.rsplit('.').next().is_some_and(is_index);
    let prefix = format!("{}{}.", row.name, if is_list { ".N" } else { "" });
    let members = described.rows.into_iter().flat_map(|member| {
        let name = format!("{prefix}{}", member.name);
        with_members(Row { name, ..member }, describe, depth + 1)
    });
    let members: Vec<Row> = members.collect();
    let kind = if matches!(row.kind, Kind::List(_)) { Kind::List(None) } else { Kind::Struct };
    std::iter::once(Row { kind, ..row }).chain(members).collect()
}

struct Reader<'a> {
    sample: &'a IndexMap<String, String>,
}

impl Reader<'_> {
    fn schema(&self, path: &str, part: Part, is_top: bool, notes: &mut Notes) -> Schema {
        let Part { is_list, row, parts, .. } = part;
        let is_numbered =
            row.as_ref().is_some_and(|row| row.name.split('.').any(|word| word.parse::<u8>().is_ok_and(|n| n > 1)));
        let row = row.unwrap_or_default();
        let mut schema = if parts.is_empty() {
            let example = if row.example.is_empty() && is_top { self.sample.get(path) } else { None };
            leaf(&row, example.unwrap_or(&row.example), is_list, notes)
        } else {
            let members = parts.into_iter().map(|(name, part)| {
                let schema = self.schema(&format!("{path}.{name}"), part, false, notes);
                (name, schema)
            });
            let object = schema::object(members.collect());
            if let Kind::Scalar(_) = row.kind
                && row.line > 0
            {
                notes.decided(row.line, format!("`{path}` has members, so that it is not taken as a single value"));
            }
            let is_list = is_list || matches!(row.kind, Kind::List(_));
            let example = if row.example.is_empty() { self.sample.get(path) } else { None };
            let is_json = example.unwrap_or(&row.example).trim_start().starts_with(['[', '{']);
            let style = |style: &str| Some(style.to_owned());
            match (is_list, is_json) {
                (true, true) => Schema { style: style("json"), ..schema::list(object) },
                (true, false) => Schema { style: style("repeatList"), ..schema::list(object) },
                (false, true) => Schema { style: style("json"), ..object },
                (false, false) => object,
            }
        };
        super::facts::add(&mut schema, &row, true);
        schema.required = schema::required(row.required && !is_numbered);
        schema.example = (!row.example.is_empty()).then(|| Value::String(row.example.clone()));
        schema
    }
}

/// A parameter without members.
fn leaf(row: &Row, example: &str, is_list: bool, notes: &mut Notes) -> Schema {
    let element = |kind: &Kind, notes: &mut Notes| match kind {
        Kind::Scalar(scalar) => schema::scalar(*scalar),
        _ => {
            let message = match kind {
                Kind::Named(name) => {
                    format!("no table describes the type `{name}` of `{}`, taken as a string", row.name)
                }
                Kind::Struct | Kind::Json => format!("no table has the members of `{}`, taken as a string", row.name),
                Kind::List(Some(_)) | Kind::JsonList => {
                    format!("`{}` is a list of lists, taken as one of strings", row.name)
                }
                Kind::List(None) | Kind::Scalar(_) | Kind::Unset => return schema::scalar(Scalar::String),
            };
            notes.undecided(row.line, message);
            schema::scalar(Scalar::String)
        }
    };
    let json = |schema| Schema { style: Some("json".to_owned()), ..schema };
    let repeat = |schema| Schema { style: Some("repeatList".to_owned()), ..schema };
    let is_json = is_json_list(example);
    let is_comma = !is_list && !is_json && is_comma_list(&row.description);
    match &row.kind {
        // `Ids.N` of type "array of strings" is one list, not a list of lists.
        Kind::List(Some(inner)) => {
            let list = schema::list(element(inner, notes));
            if is_json && !is_list { json(list) } else { repeat(list) }
        }
        Kind::List(None) | Kind::Unset if is_list && is_integer(&row.name, example) => {
            notes.decided(
                row.line,
                format!("the elements of `{}` have no type, taken as integers as in the example", row.name),
            );
            repeat(schema::list(schema::scalar(Scalar::Long)))
        }
        kind if is_list => repeat(schema::list(element(kind, notes))),
        Kind::List(None) if is_json || states_json_list(&row.description) => {
            json(schema::list(schema::scalar(Scalar::String)))
        }
        Kind::List(None) => repeat(schema::list(schema::scalar(Scalar::String))),
        Kind::Scalar(Scalar::String) if is_comma => {
            Schema { style: Some("simple".to_owned()), ..schema::list(schema::scalar(Scalar::String)) }
        }
        Kind::Scalar(Scalar::String) if is_json || !is_list && states_json_list(&row.description) => {
            json(schema::list(schema::scalar(Scalar::String)))
        }
        Kind::JsonList => json(schema::list(schema::scalar(Scalar::String))),
        // Pages write so for maps of strings, such as the parameters of a command.
        Kind::Json | Kind::Struct => {
            let values = Some(serde_json::json!({ "type": "string" }));
            json(Schema { additional_properties: values, ..schema::object(IndexMap::new()) })
        }
        Kind::Unset => {
            notes.undecided(row.line, format!("`{}` has no type, taken as a string", row.name));
            schema::scalar(Scalar::String)
        }
        kind => element(kind, notes),
    }
}

/// Whether an example is a JSON list: `["i-1", "i-2"]`.
fn is_json_list(example: &str) -> bool {
    let inner = example.trim().strip_prefix('[').map(str::trim_start);
    inner.is_some_and(|inner| inner.starts_with(['"', '“', '\'']))
}

/// Whether a description states that the value is a JSON list.
fn states_json_list(description: &str) -> bool {
    let text = description.to_lowercase();
    let is_list = ["array", "数组", "[\""].iter().any(|word| text.contains(word));
    text.contains("json") && is_list
}

/// Whether a description states that commas separate several values.
fn is_comma_list(description: &str) -> bool {
    let text = description.to_lowercase();
    let is_json = text.contains("json") || text.contains("[\"");
    let english = text.split(['.', '\n']).any(|sentence| {
        let words = || sentence.split(|c: char| !c.is_ascii_alphanumeric());
        words().any(|word| word == "comma" || word == "commas") && words().any(|word| word.starts_with("separate"))
    });
    let chinese = text.split(['。', '；']).any(|sentence| {
        let is_separator = ["分隔", "隔开", "间隔"].iter().any(|word| sentence.contains(word));
        sentence.contains("逗号") && is_separator
    });
    !is_json && (english || chinese)
}

/// Whether an example is an integer, and not one of several IDs that happens to consist of digits.
fn is_integer(name: &str, example: &str) -> bool {
    let name = name.trim_end_matches(".N").trim_end_matches(".n");
    let is_id = ["Ids", "IDs"].iter().any(|end| name.ends_with(end));
    !is_id && example.trim().len() < 10 && example.trim().parse::<i64>().is_ok()
}
