//! Facts that descriptions state unmistakably: listed values, limits and defaults. Sentences are not kept.

use serde_json::Value;

use super::nesting::Row;
use crate::import::Schema;
use crate::spec::{TIME_FORMS, is_time_name};

/// Words before listed values.
const LISTS: [&str; 8] =
    ["valid values", "valid value", "possible values", "取值范围", "可能值", "返回值", "取值", "可选值"];

/// Adds the facts in a description to the schema of a parameter or a field.
pub(super) fn add(schema: &mut Schema, row: &Row, is_request: bool) {
    let lines: Vec<&str> = row.description.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let kind = schema.kind.as_deref().unwrap_or_default().to_owned();
    let values = values(&lines);
    if kind == "string" && is_time_name(&row.name) {
        let text = row.description.replace("YYYY-MM-DD", "yyyy-MM-dd").replace("Thh", "THH");
        let forms = TIME_FORMS.into_iter().filter(|form| text.contains(form));
        schema.time_pattern = forms.max_by_key(|form| form.len()).map(str::to_owned);
    }
    match kind.as_str() {
        "string" if !values.is_empty() => schema.values = values.into_iter().map(Value::from).collect(),
        "array" if !values.is_empty() => {
            if let Some(items) = schema.items.as_deref_mut().filter(|items| items.kind.as_deref() == Some("string")) {
                items.values = values.into_iter().map(Value::from).collect();
            }
        }
        "integer" if is_request => {
            if let Some((min, max)) = range(&lines) {
                (schema.minimum, schema.maximum) = (Some(min.into()), Some(max.into()));
            }
        }
        _ => {}
    }
    if is_request {
        let fits = |default: &String| match kind.as_str() {
            "integer" => default.parse::<i64>().is_ok_and(|number| {
                let limit = |limit: &Option<Value>| limit.as_ref().and_then(Value::as_i64);
                limit(&schema.minimum).is_none_or(|min| min <= number)
                    && limit(&schema.maximum).is_none_or(|max| number <= max)
            }),
            "boolean" => ["true", "false"].contains(&default.to_lowercase().as_str()),
            "string" => schema.values.iter().any(|value| value.as_str() == Some(default)),
            _ => false,
        };
        let default = default(&lines).filter(fits);
        schema.default = default.map(|default| match kind.as_str() {
            "boolean" => Value::from(default.eq_ignore_ascii_case("true")),
            "integer" => default.parse::<i64>().map_or(Value::Null, Value::from),
            _ => Value::from(default),
        });
    }
}

/// The values of a list below words such as "Valid values:", if every item begins with one.
fn values(lines: &[&str]) -> Vec<String> {
    let Some(start) = lines.iter().position(|line| introduces(line)) else { return Vec::new() };
    // Chinese pages begin the list on the same line: `取值范围：-   true`.
    let first = lines[start].rsplit(['：', ':']).find_map(|rest| item(rest.trim()));
    let first = first.or_else(|| lines[start].split_once("-   ").map(|(_, rest)| rest));
    let rest = lines[start + 1..].iter().map_while(|line| item(line));
    let items: Vec<&str> = first.into_iter().chain(rest).collect();
    let values: Vec<Option<String>> = items.iter().map(|item| value(item)).collect();
    // A single value, or one with a condition, does not list all values.
    if values.len() < 2 || values.iter().any(Option::is_none) {
        return Vec::new();
    }
    values.into_iter().flatten().collect()
}

/// Whether a line ends with words before listed values, or has them before the first item.
fn introduces(line: &str) -> bool {
    let line = line.to_lowercase();
    let head = line.split_once("-   ").map_or(line.as_str(), |(head, _)| head);
    let head = head.trim().trim_end_matches([':', '：']);
    let is_open = line.contains([':', '：']);
    is_open && LISTS.iter().any(|words| head.ends_with(words))
}

fn item(line: &str) -> Option<&str> {
    let bullet = ["-   ", "- ", "• ", "* "].iter().find_map(|bullet| line.strip_prefix(bullet));
    bullet.map(str::trim)
}

/// The value with which an item begins: `PrePaid: subscription`.
fn value(item: &str) -> Option<String> {
    let item = item.trim_matches('`');
    let end = item.find(|c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c)).unwrap_or(item.len());
    let (word, rest) = item.split_at(end);
    let word = word.trim_end_matches('.');
    let rest = rest.trim_start_matches('`').trim_start();
    let is_end = rest.is_empty() || rest.starts_with([':', '：', '（', '(', '。', ';', '；', '，']);
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.len() < 64;
    (is_word && is_end).then(|| word.to_owned())
}

/// Limits such as "Valid values: 1 to 100" or "取值范围：1~100", apart from those of an index.
fn range(lines: &[&str]) -> Option<(i64, i64)> {
    lines.iter().find_map(|line| {
        let words = ["Valid values: ", "取值范围：", "取值范围:"];
        let (head, rest) = words.iter().find_map(|words| line.split_once(words))?;
        // "Valid values of N", and limits that depend on something.
        let is_whole = head.is_empty() || head.ends_with(['.', '。', ' ', '\u{a0}']);
        let rest = rest.trim_start_matches(['[', ' ', '［']);
        let (min, rest) = number(rest)?;
        let rest = rest.trim_start();
        let rest = [" to ", "to ", "~", "～", ",", "，", "-"].iter().find_map(|mark| rest.strip_prefix(mark))?;
        let (max, rest) = number(rest.trim_start())?;
        let rest = rest.trim_start_matches([']', '］']).trim_start();
        let is_end = rest.is_empty() || rest.starts_with(['.', '。', '，', '；']) || rest.starts_with("默认值");
        (is_whole && is_end && min < max).then_some((min, max))
    })
}

fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
    // "1, 100" is a range, and "1,000" a number.
    let digits = &text[..end];
    let parts: Vec<&str> = digits.split(',').collect();
    let is_grouped = parts.len() > 1 && parts.iter().skip(1).all(|part| part.len() == 3);
    let end = if is_grouped || parts.len() == 1 { end } else { parts[0].len() };
    let number = text[..end].replace(',', "").parse().ok()?;
    Some((number, &text[end..]))
}

/// A default that is a single word at the end of its sentence, and stated once.
fn default(lines: &[&str]) -> Option<String> {
    let mut found = Vec::new();
    for line in lines {
        for words in ["Default value: ", "Default value：", "默认值：", "默认值:"] {
            for (_, rest) in line.match_indices(words).map(|(at, words)| line.split_at(at + words.len())) {
                found.push(word(rest));
            }
        }
    }
    match &found[..] {
        [Some(default)] => Some(default.clone()),
        _ => None,
    }
}

fn word(text: &str) -> Option<String> {
    let text = text.trim().trim_matches('`');
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim_start_matches('`').trim_start();
    let is_end = rest.is_empty() || rest.starts_with('。') || rest == "." || rest.starts_with(". ");
    (!word.is_empty() && is_end).then(|| word.to_owned())
}
