//! Command lines → program and arguments, without a shell.

use crate::identity::secret::Secret;

/// Splits a line at blanks. Quotes keep blanks; a backslash takes the next character as it is, except in single quotes
/// and, because paths are written with it, on Windows.
pub(super) fn split(line: &str, windows: bool) -> Result<(String, Vec<Secret>), &'static str> {
    let mut words = Vec::new();
    // `None` between words; `""` is a word.
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            (None, '\\') if !windows => {
                word.get_or_insert_default().push(characters.next().ok_or("it ends with a backslash")?);
            }
            (Some('"'), '\\') if characters.peek().is_some_and(|&next| next == '"' || next == '\\' && !windows) => {
                word.get_or_insert_default().extend(characters.next());
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    words.extend(word);
    let mut words = words.into_iter();
    let program = words.next().filter(|program| !program.is_empty()).ok_or("it is empty")?;
    Ok((program, words.map(Secret::new).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str, windows: bool) -> Result<Vec<String>, &'static str> {
        let (program, arguments) = split(line, windows)?;
        Ok(std::iter::once(program).chain(arguments.iter().map(|word| word.as_str().to_owned())).collect())
    }

    #[test]
    fn lines_are_split_as_people_expect_and_nothing_is_expanded() {
        for (line, expected) in [
            ("acs-sso login --profile me", &["acs-sso", "login", "--profile", "me"][..]),
            ("  a\t b\n", &["a", "b"]),
            (r#"'/opt/my tools/get' "a b" c\ d"#, &["/opt/my tools/get", "a b", "c d"]),
            (r#"a "" '' b"#, &["a", "", "", "b"]),
            (r#"a "q \" \\ \n" 'q \'"#, &["a", r#"q " \ \n"#, r"q \"]),
            ("a $HOME ~ *.json | b > c; d", &["a", "$HOME", "~", "*.json", "|", "b", ">", "c;", "d"]),
            ("a --x='1 2'3", &["a", "--x=1 23"]),
        ] {
            assert_eq!(words(line, false).unwrap(), expected, "{line}");
        }
        let line = r#""C:\Program Files\get.exe" D:\keys\me "say \"hi\"""#;
        assert_eq!(words(line, true).unwrap(), [r"C:\Program Files\get.exe", r"D:\keys\me", r#"say "hi""#]);
    }

    #[test]
    fn lines_that_make_no_sense_are_refused() {
        for (line, why) in [
            ("", "it is empty"),
            ("   ", "it is empty"),
            ("''", "it is empty"),
            ("a 'b", "a quote is not closed"),
            ("a \"b", "a quote is not closed"),
            ("a b\\", "it ends with a backslash"),
        ] {
            assert_eq!(words(line, false).unwrap_err(), why, "{line}");
        }
    }
}
