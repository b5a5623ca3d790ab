//! The response of a fault that is an error with any code, and its text form.

use std::{fmt, str::FromStr as _, time::Duration};

/// Longest time of a fault in text form: longer than every timeout, and far from overflowing a clock.
pub(super) const MAX_TIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Form of the text of a [`FaultError`].
pub(super) const FORM: &str = ":CODE[:STATUS[+MS]][:MESSAGE]";

/// Characters that separate the parts of faults, so that a message with one of them needs quotation marks.
const SEPARATORS: [char; 5] = [',', '=', '*', '@', '"'];

/// The response of [`Fault::Error`](crate::Fault::Error).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct FaultError {
    /// Error code.
    pub code: String,
    /// HTTP status from 200 to 599; `None` for the status that the operation documents for the code, or 400.
    pub status: Option<u16>,
    /// Error message; `None` for a message that names the fault.
    pub message: Option<String>,
    /// Value of the header `x-acs-retry-after`, in whole milliseconds, and of `Retry-After`, in seconds, rounded up. Without
    /// the headers if `None`.
    pub retry_after: Option<Duration>,
}

impl FaultError {
    /// Parses the part after `error:`. The error is the reason alone.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (code, rest) = text.split_once(':').map_or((text, None), |(code, rest)| (code, Some(rest)));
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ');
        if code.is_empty() || !code.chars().all(letter) {
            return Err(format!(
                "expected an error code, as in `error:OperationDenied.NoStock:403`; the form is `error{FORM}`"
            ));
        }
        let mut error = FaultError { code: code.to_owned(), ..FaultError::default() };
        let Some(rest) = rest else { return Ok(error) };
        let has_status = rest.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == ':');
        let (status, message) = match rest.split_once(':') {
            _ if !has_status => ("", Some(rest)),
            Some((status, message)) => (status, Some(message)),
            None => (rest, None),
        };
        let (status, wait) = status.split_once('+').map_or((status, None), |(status, wait)| (status, Some(wait)));
        if !status.is_empty() {
            let number = u16::from_str(status).ok().filter(|status| (200..600).contains(status));
            let wanted = || "expected a status from 200 to 599 after the code, as in `error:Throttling:429`".to_owned();
            error.status = Some(number.ok_or_else(wanted)?);
        }
        if let Some(wait) = wait {
            let time = wait.parse().ok().map(Duration::from_millis).filter(|time| *time <= MAX_TIME);
            let wanted = || format!("expected milliseconds after the `+`, at most {}", MAX_TIME.as_millis());
            error.retry_after = Some(time.ok_or_else(wanted)?);
        }
        error.message = message.map(unquoted).transpose()?;
        Ok(error)
    }

    /// Returns the HTTP status; `documented` is the status that the operation documents for the code.
    pub(crate) fn status(&self, documented: Option<u16>) -> u16 {
        self.status.or(documented).filter(|status| (200..600).contains(status)).unwrap_or(400)
    }
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ":{}", self.code)?;
        if self.status.is_some() || self.retry_after.is_some() || self.message.is_some() {
            f.write_str(":")?;
        }
        if let Some(status) = self.status {
            write!(f, "{status}")?;
        }
        if let Some(wait) = self.retry_after {
            write!(f, "+{}", wait.as_millis())?;
        }
        match &self.message {
            None => Ok(()),
            Some(message) if message.contains(SEPARATORS) || message.trim() != message => {
                write!(f, ":\"{}\"", message.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Some(message) => write!(f, ":{message}"),
        }
    }
}

/// Returns a message without its quotation marks, if it has any.
fn unquoted(text: &str) -> Result<String, String> {
    let Some(inner) = text.strip_prefix('"') else { return Ok(text.to_owned()) };
    let mut message = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => message.extend(characters.next()),
            '"' if characters.as_str().is_empty() => return Ok(message),
            '"' => return Err("nothing can follow the quotation marks of the message but `@`, `*` or `=`".to_owned()),
            c => message.push(c),
        }
    }
    Err("the message lacks its second quotation mark".to_owned())
}

/// Splits a string at the first separator that is not within quotation marks.
pub(super) fn split_outside_quotes(text: &str, separator: char) -> Option<(&str, &str)> {
    let (mut quoted, mut escaped) = (false, false);
    let place = text.char_indices().find(|(_, c)| {
        match *c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c => return !quoted && c == separator,
        }
        false
    });
    place.map(|(place, _)| (&text[..place], &text[place + separator.len_utf8()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written() {
        let error = |status: Option<u16>, wait: Option<u64>, message: Option<&str>| FaultError {
            code: "A.B".to_owned(),
            status,
            message: message.map(str::to_owned),
            retry_after: wait.map(Duration::from_millis),
        };
        for (text, expected) in [
            ("A.B", error(None, None, None)),
            ("A.B:403", error(Some(403), None, None)),
            ("A.B:429+1500", error(Some(429), Some(1500), None)),
            ("A.B:+1500", error(None, Some(1500), None)),
            ("A.B:403:no stock: try later", error(Some(403), None, Some("no stock: try later"))),
            ("A.B::no stock", error(None, None, Some("no stock"))),
            (r#"A.B:403:"a, b=c*2@d \"e\" \\""#, error(Some(403), None, Some(r#"a, b=c*2@d "e" \"#))),
        ] {
            assert_eq!(FaultError::read(text), Ok(expected.clone()), "{text}");
            assert_eq!(expected.to_string(), format!(":{text}"));
        }
        assert_eq!(FaultError::read(r#"A.B:"x""#), Ok(error(None, None, Some("x"))));
        assert_eq!(FaultError::read("A.B:sold out: all"), Ok(error(None, None, Some("sold out: all"))));
    }

    #[test]
    fn errors_name_the_remedy() {
        for (text, reason) in [
            ("", "expected an error code"),
            (":403", "expected an error code"),
            ("A/B", "expected an error code"),
            ("A:40", "expected a status from 200 to 599"),
            ("A:600", "expected a status from 200 to 599"),
            ("A:18446744073709551616", "expected a status from 200 to 599"),
            ("A:403+soon", "expected milliseconds after the `+`, at most 86400000"),
            ("A:403+18446744073709551615", "expected milliseconds after the `+`, at most 86400000"),
            (r#"A:403:"x"#, "the message lacks its second quotation mark"),
            (r#"A:403:"x"y"#, "nothing can follow the quotation marks"),
        ] {
            let error = FaultError::read(text).unwrap_err();
            assert!(error.starts_with(reason), "{text}: {error}");
        }
    }

    #[test]
    fn separators_within_quotation_marks_do_not_split() {
        assert_eq!(split_outside_quotes(r#"a:"b,\",c",d,e"#, ','), Some((r#"a:"b,\",c""#, "d,e")));
        assert_eq!(split_outside_quotes(r#""a,b"#, ','), None);
    }
}
