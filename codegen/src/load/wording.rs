//! The messages of serde in the words of this crate.

/// Describes an error in the syntax of a file.
pub(super) fn syntax(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or_default();
    match message {
        "recursion limit exceeded" => "the values are nested more than 127 levels deep".to_owned(),
        "expected value" => "a value is missing here".to_owned(),
        "trailing characters" => "there is text after the end of the value".to_owned(),
        "EOF while parsing a value" => "the file ends where a value should be".to_owned(),
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            "a string contains a control character; write it as an escape such as `\\n`".to_owned()
        }
        "key must be a string" => "a key must be a string in double quotes".to_owned(),
        "number out of range" => "a number has too many digits".to_owned(),
        "invalid escape" => "a string has an unknown escape".to_owned(),
        "lone leading surrogate in hex escape" | "unexpected end of hex escape" => {
            "a string has an incomplete `\\u` escape".to_owned()
        }
        _ => message.replace("EOF while parsing", "the file ends within"),
    }
}

/// Describes a value that cannot be read: `invalid value: integer `-1`, expected u32`.
pub(super) fn value(message: &str) -> String {
    if let Some(key) = message.strip_prefix("missing field ") {
        return format!("missing key {key}");
    }
    if let Some(key) = message.strip_prefix("unknown field ") {
        return format!("unknown key {key}");
    }
    if let Some(choice) = message.strip_prefix("unknown variant ") {
        return format!("unknown value {choice}");
    }
    let Some((found, expected)) = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .or_else(|| message.strip_prefix("invalid length "))
        .and_then(|rest| rest.split_once(", expected "))
    else {
        return message.to_owned();
    };
    if message.starts_with("invalid length ") {
        return format!("a list of {found} elements where {} is expected", wanted(expected));
    }
    format!("{} where {} is expected", seen(found), wanted(expected))
}

/// The value that was found.
fn seen(found: &str) -> String {
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    match kind {
        "null" | "unit" => "`null`".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "boolean" => value.to_owned(),
        "integer" => format!("the number {value}"),
        "floating" => format!("the number {}", value.trim_start_matches("point ")),
        "string" => format!("the string {value}"),
        _ => format!("the value {found}"),
    }
}

/// The value that was expected.
fn wanted(expected: &str) -> String {
    let whole = |max: &str| format!("a whole number from 0 to {max}");
    match expected.split_whitespace().next().unwrap_or_default() {
        "u8" => whole("255"),
        "u16" => whole("65535"),
        "u32" => whole("4294967295"),
        "u64" | "usize" => whole("18446744073709551615"),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "struct" | "map" => "an object".to_owned(),
        "sequence" | "tuple" => "a list".to_owned(),
        "array" | "an" if expected.starts_with("an array") => "a list with one element".to_owned(),
        "a" if expected == "a map" => "an object".to_owned(),
        "a" if expected == "a sequence" => "a list".to_owned(),
        "a" if expected == "a JSON number" => "a number".to_owned(),
        "string" if expected.starts_with("string or map") || expected.starts_with("variant") => "a string".to_owned(),
        "variant" => "a string".to_owned(),
        _ => expected.replace("a boolean", "`true` or `false`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{syntax, value};

    #[test]
    fn messages_have_no_words_of_serde() {
        for (serde, expected) in [
            (
                "invalid type: string \"403\", expected u16",
                "the string \"403\" where a whole number from 0 to 65535 is expected",
            ),
            (
                "invalid type: sequence, expected struct Operation with 17 elements",
                "a list where an object is expected",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "the number `-1` where a whole number from 0 to 4294967295 is expected",
            ),
            ("invalid type: null, expected a string", "`null` where a string is expected"),
            ("invalid type: map, expected a sequence", "an object where a list is expected"),
            (
                "invalid type: string \"yes\", expected a boolean",
                "the string \"yes\" where `true` or `false` is expected",
            ),
            ("missing field `type`", "missing key `type`"),
            (
                "unknown variant `pages`, expected one of `token`, `number`",
                "unknown value `pages`, expected one of `token`, `number`",
            ),
        ] {
            assert_eq!(value(serde), expected);
        }
        assert_eq!(
            syntax("recursion limit exceeded at line 1 column 9"),
            "the values are nested more than 127 levels deep"
        );
    }
}
