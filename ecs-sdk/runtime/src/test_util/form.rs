//! Converts requests to the parameters of their forms, and back.

use std::collections::BTreeMap;

use crate::{
    decode, encode,
    form::Form,
    model::{List, Model, Slot, Style, table, write},
};

/// Largest gap in the numbers of a list's elements that is filled with empty elements.
const MAX_GAP: u64 = 1000;

/// The parameters of a request.
type Parameters = [(String, String)];

/// Returns the parameters of a request, in order.
pub(super) fn encode(request: &dyn Model) -> Vec<(String, String)> {
    let mut form = Form::default();
    encode::form(request, &mut form, &mut encode::FormErrors::default());
    form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Sets the members of an empty request from its parameters. Returns the names of parameters that it does not have.
///
/// # Errors
///
/// Returns the name of a parameter whose value does not have the type of the member, and the expected type.
pub(super) fn decode(parameters: &Parameters, model: &mut dyn Model) -> Result<Vec<String>, String> {
    let mut reader = FormReader { parameters, read: vec![false; parameters.len()] };
    reader.model("", model)?;
    let unread = parameters.iter().zip(&reader.read).filter(|(_, read)| !**read);
    Ok(unread.map(|((name, _), _)| name.clone()).collect())
}

struct FormReader<'a> {
    parameters: &'a Parameters,
    read: Vec<bool>,
}

impl<'a> FormReader<'a> {
    /// The value of a parameter, which is read.
    fn take(&mut self, name: &str) -> Option<&'a str> {
        let position = self.parameters.iter().position(|(other, _)| other == name)?;
        self.read[position] = true;
        Some(&self.parameters[position].1)
    }

    /// The rest of the names of parameters with this prefix.
    fn inside(&self, prefix: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let (prefix, parameters) = (format!("{prefix}."), self.parameters);
        parameters.iter().filter_map(move |(name, _)| name.strip_prefix(&prefix))
    }

    fn model(&mut self, prefix: &str, model: &mut dyn Model) -> Result<(), String> {
        let table = table(model);
        write(model, |members| {
            for (name, member) in table.names.iter().zip(members) {
                let key = if prefix.is_empty() { (*name).to_owned() } else { format!("{prefix}.{name}") };
                self.slot(&key, member.slot(), table.style(name))?;
            }
            Ok(())
        })
    }

    fn slot(&mut self, key: &str, slot: Slot<'_>, style: Style) -> Result<(), String> {
        let failed = |error: serde_json::Error| format!("`{key}`: {error}");
        if let Style::Json = style {
            let Some(json) = self.take(key) else { return Ok(()) };
            return match slot {
                Slot::Model(model) => decode::request(json, model),
                Slot::OptionModel(model) => decode::request(json, model.fill()),
                Slot::Map(map) => serde_json::from_str(json).map(|read: BTreeMap<_, _>| *map = read),
                slot => decode::set_text(slot, json),
            }
            .map_err(failed);
        }
        match slot {
            Slot::Model(model) => self.model(key, model),
            Slot::OptionModel(model) if self.inside(key).next().is_some() => self.model(key, model.fill()),
            Slot::Map(map) => {
                for name in self.inside(key) {
                    if let Some(value) = self.take(&format!("{key}.{name}")) {
                        map.insert(name.to_owned(), value.to_owned());
                    }
                }
                Ok(())
            }
            Slot::List(list) => self.list(key, list, style),
            Slot::OptionList(list) if self.is_given(key) => self.list(key, list.fill(), style),
            Slot::OptionModel(_) | Slot::OptionList(_) | Slot::Meta(_) => Ok(()),
            slot => match self.take(key) {
                Some(text) => decode::set_text(slot, text).map_err(failed),
                None => Ok(()),
            },
        }
    }

    fn is_given(&self, key: &str) -> bool {
        self.parameters.iter().any(|(name, _)| name == key) || self.inside(key).next().is_some()
    }

    fn list(&mut self, key: &str, list: &mut dyn List, style: Style) -> Result<(), String> {
        if let Style::Comma = style {
            let parts = self.take(key).into_iter().flat_map(|text| text.split(','));
            let mut parts = parts.map(|part| decode::set_text(list.push(), part));
            return parts.try_for_each(|result| result.map_err(|error| format!("`{key}`: {error}")));
        }
        let number = |rest: &str| rest.split('.').next().and_then(|number| number.parse::<u64>().ok());
        let mut numbers: Vec<u64> = self.inside(key).filter_map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut next = 1_u64;
        for number in numbers {
            // An element without any member is not sent, but counts.
            for _ in next..number.min(next.saturating_add(MAX_GAP)) {
                list.push();
            }
            self.slot(&format!("{key}.{number}"), list.push(), style.of_elements())?;
            next = number.saturating_add(1);
        }
        Ok(())
    }
}
