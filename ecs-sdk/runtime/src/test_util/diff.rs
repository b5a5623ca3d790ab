//! The difference between the parameters that were expected and those that were received.

use std::fmt;

use super::{received::natural_order, secrets};

/// Parameters of a request, sorted.
pub(super) type Parameters = Vec<(String, String)>;

/// Longest value that is shown. The start of a longer one identifies it.
const MAX_SHOWN_CHARS: usize = 300;

/// A parameter that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    name: String,
    expected: Option<String>,
    received: Option<String>,
}

/// The parameters of a request compared with those that were expected.
#[derive(Debug, Clone, Default)]
pub(super) struct Diff {
    same: Parameters,
    pub(super) differences: Vec<Difference>,
}

impl Diff {
    /// Compares all parameters.
    pub(super) fn between(expected: &[(String, String)], received: &[(String, String)]) -> Self {
        let mut diff = Self::default();
        let find = |parameters: &[(String, String)], name: &str| {
            parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
        };
        let mut names: Vec<&String> = expected.iter().chain(received).map(|(name, _)| name).collect();
        names.sort_by(|one, other| natural_order(one, other));
        names.dedup();
        for name in names {
            match (find(expected, name), find(received, name)) {
                (Some(expected), Some(received)) if expected == received => diff.same.push((name.clone(), received)),
                (expected, received) => diff.differences.push(Difference { name: name.clone(), expected, received }),
            }
        }
        diff
    }

    /// Returns one line about what differs.
    pub(super) fn summary(&self) -> String {
        let parts = self.differences.iter().map(|Difference { name, expected, received }| {
            let shown = |value: &str| shown(name, value);
            match (expected, received) {
                (Some(expected), Some(received)) if secrets::is_secret_parameter(name) => {
                    let _ = (expected, received);
                    format!("`{name}` has another value")
                }
                (Some(expected), Some(received)) => {
                    format!("`{name}` is {} instead of {}", shown(received), shown(expected))
                }
                (Some(expected), None) => format!("`{name}` is absent instead of {}", shown(expected)),
                (None, Some(received)) => format!("`{name}` is {} instead of absent", shown(received)),
                (None, None) => format!("`{name}` differs"),
            }
        });
        parts.collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Diff {
    /// Writes a line for each parameter: `-` is expected, `+` was received, and the others are the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<(&str, char, &str)> =
            self.same.iter().map(|(name, value)| (name.as_str(), ' ', value.as_str())).collect();
        for Difference { name, expected, received } in &self.differences {
            lines.extend(expected.iter().map(|value| (name.as_str(), '-', value.as_str())));
            lines.extend(received.iter().map(|value| (name.as_str(), '+', value.as_str())));
        }
        // Expected values precede received ones, and the sort is stable.
        lines.sort_by(|(one, ..), (other, ..)| natural_order(one, other));
        for (name, sign, value) in lines {
            writeln!(f, "      {sign} {name} = {}", shown(name, value))?;
        }
        Ok(())
    }
}

/// A value as a report shows it.
fn shown(name: &str, value: &str) -> String {
    let value = secrets::masked_parameter(name, value);
    match value.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{:?}…", &value[..end]),
        None => format!("{value:?}"),
    }
}

/// Writes parameters, one a line.
pub(super) fn listed(parameters: &[(String, String)]) -> String {
    parameters.iter().map(|(name, value)| format!("        {name} = {}\n", shown(name, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_diff_shows_each_parameter_in_the_order_of_its_number() {
        let expected = parameters(&[("Status", "Running"), ("Tag.2.Key", "a"), ("Tag.10.Key", "b"), ("ZoneId", "z")]);
        let received =
            parameters(&[("PageSize", "100"), ("Status", "Stopped"), ("Tag.2.Key", "a"), ("Tag.10.Key", "c")]);
        let diff = Diff::between(&expected, &received);
        let lines = [
            "      + PageSize = \"100\"\n",
            "      - Status = \"Running\"\n",
            "      + Status = \"Stopped\"\n",
            "        Tag.2.Key = \"a\"\n",
            "      - Tag.10.Key = \"b\"\n",
            "      + Tag.10.Key = \"c\"\n",
            "      - ZoneId = \"z\"\n",
        ];
        assert_eq!(diff.to_string(), lines.concat());
        assert_eq!(
            diff.summary(),
            "`PageSize` is \"100\" instead of absent, `Status` is \"Stopped\" instead of \"Running\", \
             `Tag.10.Key` is \"c\" instead of \"b\", `ZoneId` is absent instead of \"z\""
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let diff = Diff::between(&parameters(&[("Password", "one-1")]), &parameters(&[("Password", "two-2")]));
        for text in [diff.to_string(), diff.summary()] {
            assert!(text.contains("Password") && !text.contains("one-1") && !text.contains("two-2"), "{text}");
        }
    }
}
