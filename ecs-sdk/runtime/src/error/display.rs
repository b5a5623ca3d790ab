//! How errors are printed, and which causes are part of the printed line.

use std::{error::Error as StdError, fmt};

use super::{Error, access_denied::AccessDenied};
use crate::text::contains;

// Longer than anything that the service sends; another server, such as a proxy, may send more.
const MAX_CODE_CHARS: usize = 200;
const MAX_MESSAGE_CHARS: usize = 2000;
const MAX_ID_CHARS: usize = 100;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        if !inner.operation.is_empty() {
            let separator = if self.is_dry_run_passed() { ": " } else { " failed: " };
            write!(f, "{} {}{separator}", inner.service, inner.operation)?;
        }
        if self.is_dry_run_passed() && !self.is_maybe_executed() {
            f.write_str("the dry run passed, and nothing was executed: ")?;
        }
        if let Some(code) = &inner.code {
            write!(f, "{}: ", one_line(code, MAX_CODE_CHARS))?;
        }
        f.write_str(&one_line(&inner.message, MAX_MESSAGE_CHARS))?;
        let mut details = Vec::new();
        let action = self.access_denied().and_then(AccessDenied::action);
        details.extend(action.map(|action| format!("lacks {}", one_line(action, MAX_ID_CHARS))));
        details.extend(inner.http_status.map(|status| format!("HTTP {status}")));
        details.extend(inner.request_id.as_ref().map(|id| format!("request id {}", one_line(id, MAX_ID_CHARS))));
        details.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }
}

/// Puts a string on one line of bounded length, without control characters that a terminal would interpret.
fn one_line(text: &str, max_chars: usize) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let mut line = line.collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(max_chars) {
        line.truncate(end);
        line.push('…');
    }
    line
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Error");
        out.field("kind", &self.kind()).field("message", &self.to_string());
        if let Some(source) = &self.0.source {
            out.field("source", source);
        }
        out.finish()
    }
}

impl StdError for Error {
    /// Returns the first cause that follows all causes contained in the message.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let mut uncontained = self.get_ref().map(|source| source as &(dyn StdError + 'static));
        let mut next = uncontained;
        while let Some(cause) = next {
            next = cause.source();
            if contains(self.message(), &cause.to_string()) {
                uncontained = next;
            }
        }
        uncontained
    }
}
