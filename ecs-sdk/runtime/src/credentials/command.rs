//! Splits command lines into program and arguments, without a shell.

use crate::identity::secret::Secret;

/// Splits a line at white space, except inside quotes. Outside of Windows, where it separates directories, a backslash
/// makes the next character literal: any outside of quotes, one of `"\$` and a backtick in double quotes, none in single
/// quotes. A backslash at the end of a line continues it in the next one.
pub(super) fn split(line: &str, windows: bool) -> Result<(String, Vec<Secret>), &'static str> {
    let mut words = Vec::new();
    // `None` between words. `""` is an empty word.
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
            (None | Some('"'), '\\') if !windows && characters.peek() == Some(&'\n') => drop(characters.next()),
            (None, '\\') if !windows => {
                word.get_or_insert_default().push(characters.next().ok_or("it ends with a backslash")?);
            }
            (Some('"'), '\\')
                if characters.peek().is_some_and(|&next| next == '"' || !windows && r"\$`".contains(next)) =>
            {
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
    fn splits_at_white_space_outside_quotes_and_expands_nothing() {
        for (line, expected) in [
            ("acs-sso login --profile me", &["acs-sso", "login", "--profile", "me"][..]),
            ("  a\t b\n", &["a", "b"]),
            (r#"'/opt/my tools/get' "a b" c\ d"#, &["/opt/my tools/get", "a b", "c d"]),
            (r#"a "" '' b"#, &["a", "", "", "b"]),
            (r#"a "q \" \\ \n" 'q \'"#, &["a", r#"q " \ \n"#, r"q \"]),
            ("a $HOME ~ *.json | b > c; d", &["a", "$HOME", "~", "*.json", "|", "b", ">", "c;", "d"]),
            ("a --x='1 2'3", &["a", "--x=1 23"]),
            ("a b \\\n c", &["a", "b", "c"]),
            ("a \"b\\\nc\" d\\\ne", &["a", "bc", "de"]),
            (r#"a "\$HOME \`b\` \n""#, &["a", r"$HOME `b` \n"]),
        ] {
            assert_eq!(words(line, false).unwrap(), expected, "{line}");
        }
        let line = r#""C:\Program Files\get.exe" D:\keys\me "say \"hi\"""#;
        assert_eq!(words(line, true).unwrap(), [r"C:\Program Files\get.exe", r"D:\keys\me", r#"say "hi""#]);
    }

    #[test]
    fn rejects_empty_lines_unclosed_quotes_and_trailing_backslashes() {
        for (line, error) in [
            ("", "it is empty"),
            ("   ", "it is empty"),
            ("''", "it is empty"),
            ("a 'b", "a quote is not closed"),
            ("a \"b", "a quote is not closed"),
            ("a b\\", "it ends with a backslash"),
        ] {
            assert_eq!(words(line, false).unwrap_err(), error, "{line}");
        }
    }
}
