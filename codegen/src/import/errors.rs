//! Error codes of published files.

use super::api::Api;
use super::decision::Decision;
use super::shape::Reader;
use crate::spec::ErrorCode;
use crate::validate::{code_problem, is_invisible, visible};

impl Reader<'_> {
    /// The error codes of an operation that a service can send.
    pub(super) fn errors(&mut self, api: &Api) -> Vec<ErrorCode> {
        let mut errors = Vec::new();
        for (status, documented) in &api.error_codes {
            let Some(http) = http_status(status) else {
                let detail = "left out with its codes: it is not an HTTP status".to_owned();
                self.note(Decision::Fact, &format!("errors {status}"), &format!("errorCodes.{status}#"), detail);
                continue;
            };
            for (index, error) in documented.iter().enumerate() {
                let at = format!("errorCodes.{status}.{index}.errorCode");
                let published = error.error_code.trim();
                // Some rows of tables were pasted as a whole: a status, a tab and the code.
                let code = published.split(is_invisible).map(str::trim).rfind(|part| !part.is_empty());
                let code = code.unwrap_or_default();
                if let Some(problem) = code_problem(code) {
                    let detail = match published {
                        "" => "an error without a code is left out".to_owned(),
                        published => format!("the code `{}` is left out: it {problem}", visible(published)),
                    };
                    self.note(Decision::Fact, &format!("error {http}"), &at, detail);
                    continue;
                }
                if code != published {
                    let detail = format!("the code `{}` is taken as `{code}`", visible(published));
                    self.note(Decision::Fact, &format!("error {http} {code}"), &at, detail);
                }
                errors.push(ErrorCode { code: code.to_owned(), http });
            }
        }
        errors.sort_by(|a, b| (a.http, &a.code).cmp(&(b.http, &b.code)));
        errors.dedup();
        errors
    }
}

/// The status of a key such as `404`; published files have typos such as `4003` for 400.
fn http_status(key: &str) -> Option<u16> {
    key.get(..3)?.parse().ok().filter(|status| (200..600).contains(status))
}
