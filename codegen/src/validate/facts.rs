//! Rules about the values that fields state: defaults, examples, allowed values, and patterns.

use fancy_regex::Regex;
use serde_json::{Number, Value};

use super::{
    Checker, Direction,
    values::{fits, violated_limit},
};
use crate::{
    diagnostic::Fix,
    rules,
    spec::{self, Field, Operation},
    suggest::{closest, list},
};

impl<'a> Checker<'a> {
    /// Checks that default, example and values fit the type.
    pub(super) fn facts(&mut self, file: &str, at: &str, field: &'a Field, own: Option<&'a Operation>) {
        for (key, value) in [("default", &field.default), ("example", &field.example)] {
            let Some(value) = value else { continue };
            let at = format!("{at}.{key}");
            let elements = match value {
                Value::Array(elements) if field.ty.is_list() => elements.as_slice(),
                value => std::slice::from_ref(value),
            };
            let too_many = field.max_items.is_some_and(|max| elements.len() > max as usize);
            let too_few = value.is_array() && field.min_items.is_some_and(|min| elements.len() < min as usize);
            if field.ty.is_list() && (too_many || too_few) {
                let message = format!("the {key} of `{}` has {} elements", field.name, elements.len());
                self.mistake(&rules::VALUE, file, &at, message, "use `min_items` to `max_items` elements");
            }
            for value in elements {
                self.fact(file, &at, (key, field), value, own);
            }
        }
        self.allowed_values(file, at, field, own);
    }

    /// Checks one value of a field. `key` names where it is from.
    fn fact(
        &mut self,
        file: &str,
        at: &str,
        (key, field): (&str, &'a Field),
        value: &Value,
        own: Option<&'a Operation>,
    ) {
        let name = &field.name;
        let ty = field.ty.name();
        let definition = self.resolve(ty, own);
        if let Some(values) = definition.and_then(|ty| ty.values.as_ref()) {
            let Some(text) = value.as_str() else {
                let message = format!("the {key} of `{name}` is not a string, but `{ty}` is an enum");
                self.mistake(&rules::VALUE, file, at, message, format!("use {}", list(values.keys())));
                return;
            };
            if !values.contains_key(text) {
                let known: Vec<&String> = values.keys().collect();
                let help = match closest(text, &known) {
                    Some(close) => format!("did you mean `{close}`? if not, add the value to the enum"),
                    None => format!("use {}, or add the value to the enum", list(known)),
                };
                self.mistake(&rules::VALUE, file, at, format!("`{text}` is not a value of `{ty}`"), help);
            }
        } else if let Some(members) = definition.and_then(|ty| ty.fields.as_deref()) {
            let Some(object) = value.as_object() else {
                let message = format!("the {key} of `{name}` is not an object, but `{ty}` is a struct");
                self.mistake(&rules::VALUE, file, at, message, format!("write it with the members of `{ty}`"));
                return;
            };
            for (inner, value) in object {
                match members.iter().find(|member| member.name == *inner) {
                    Some(member) if member.ty.is_list() => {}
                    Some(member) => self.fact(file, at, (key, member), value, own),
                    None => {
                        let known: Vec<&String> = members.iter().map(|member| &member.name).collect();
                        let message = format!("the {key} of `{name}` has the unknown member `{inner}`");
                        let help = format!("use {}", list(known));
                        self.mistake(&rules::VALUE, file, at, message, help);
                    }
                }
            }
        } else if let Some(form) = field.time.as_deref().filter(|_| ty == "time")
            && value.as_str().and_then(spec::time_form) != Some(form)
        {
            let message = format!("the {key} of `{name}` does not have the format `{form}`");
            self.mistake(&rules::VALUE, file, at, message, "use that format, or correct `time`");
        } else if !fits(ty, value) {
            let message = format!("the {key} of `{name}` is not of type `{ty}`");
            self.mistake(&rules::VALUE, file, at, message, format!("write a value of type `{ty}`"));
        } else if let Some(help) = violated_limit(field, value) {
            self.mistake(&rules::VALUE, file, at, format!("the {key} of `{name}` violates the limits"), help);
        }
    }

    /// Checks the elements of `values`.
    fn allowed_values(&mut self, file: &str, at: &str, field: &'a Field, own: Option<&'a Operation>) {
        let (name, ty) = (&field.name, field.ty.name());
        let is_scalar = super::SCALARS.contains(&ty) && ty != "map";
        if !field.values.is_empty() && !is_scalar {
            if self.resolve(ty, own).is_some() || ty == "map" {
                let message = format!("`{name}` of type `{ty}` has `values`");
                let help = "remove them; only scalars have `values`, and an enum lists its own";
                self.mistake(&rules::ALLOWED_VALUES, file, &format!("{at}.values"), message, help);
            }
            return;
        }
        for (index, value) in field.values.iter().enumerate() {
            let at = format!("{at}.values.{index}");
            let limits = Field { values: Vec::new(), ..field.clone() };
            let (message, help) = if !fits(ty, value) {
                (
                    format!("the allowed value {value} of `{name}` is not of type `{ty}`"),
                    format!("write a value of type `{ty}`"),
                )
            } else if field.values[..index].contains(value) {
                (format!("the allowed value {value} of `{name}` is listed twice"), "remove one of the two".to_owned())
            } else if let Some(help) = violated_limit(&limits, value) {
                (format!("the allowed value {value} of `{name}` violates the limits"), help)
            } else {
                continue;
            };
            self.mistake(&rules::ALLOWED_VALUES, file, &at, message, help);
        }
    }

    /// Checks that the pattern is valid.
    pub(super) fn patterns(&mut self, file: &str, at: &str, field: &Field) {
        if let Some(cause) = field.pattern.as_deref().and_then(pattern_error) {
            let message = format!("the pattern of `{}` is not a regular expression: {cause}", field.name);
            let help = "correct it, or describe the format in `doc`";
            self.mistake(&rules::PATTERN, file, &format!("{at}.pattern"), message, help);
        }
    }

    /// Reports facts that contradict each other, and numbers in an unusual form.
    pub(super) fn contradictions(&mut self, file: &str, at: &str, field: &Field, direction: Direction) {
        let name = &field.name;
        if direction == Direction::Request && field.required && field.default.is_some() {
            let message = format!("`{name}` is required, but has a default");
            let help = "remove `required` if the service accepts requests without it, otherwise `default`";
            self.mistake(&rules::REQUIRED_DEFAULT, file, &format!("{at}.default"), message, help);
        }
        if field.sensitive && field.ty.name() == "bool" {
            let message = format!("the Boolean `{name}` is marked as secret");
            let at = format!("{at}.sensitive");
            self.mistake(&rules::SENSITIVE_TYPE, file, &at, message, "remove `sensitive`").fix_by_removing(at);
        }
        for (key, limit) in [("min", &field.min), ("max", &field.max)] {
            let Some(whole) = limit.as_ref().and_then(as_whole) else { continue };
            let at = format!("{at}.{key}");
            let message = format!("`{key}` of `{name}` is a whole number with a fraction or exponent");
            let help = format!("write {whole}");
            let fix = Fix::Set(at.clone(), whole.into());
            self.mistake(&rules::NUMBER_FORM, file, &at, message, help).fix = Some(fix);
        }
    }
}

/// Why a pattern is not a regular expression; `None` if it is one.
pub(crate) fn pattern_error(pattern: &str) -> Option<String> {
    let error = Regex::new(pattern).err()?.to_string();
    Some(error.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned())
}

/// A number that is written with a fraction or exponent, as the whole number that it is.
fn as_whole(number: &Number) -> Option<i64> {
    let value = number.as_f64().filter(|value| number.is_f64() && value.fract() == 0.0 && value.abs() < 1e15)?;
    // Exact, because of the check above.
    #[allow(clippy::cast_possible_truncation)]
    Some(value as i64)
}
